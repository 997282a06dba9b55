"""The routes of a table of operations: one look at each part of the path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Match, NoMatchFound

from infra.web import problems
from infra.web.operations import Operation, Reply, write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.datastructures import URLPath
    from starlette.types import Receive, Scope, Send


class _Node:
    """A place in a path: what may follow, and what answers if nothing does."""

    __slots__ = ("literals", "methods", "name", "wildcard")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.wildcard: _Node | None = None
        self.name = ""
        """What the part that led here by wildcard is called."""
        self.methods: dict[str, Operation] = {}


def _straight(
    node: _Node, parts: list[str], values: dict[str, str]
) -> dict[str, Operation] | None:
    """``_find`` where it never has to turn back: nearly always, and quicker."""
    following: _Node | None
    for part in parts[1:]:
        following = node.literals.get(part)
        if following is None:
            following = node.wildcard
            if following is None or not part:
                return None
            values[following.name] = part
        node = following
    return node.methods or None


def _find(
    node: _Node, parts: list[str], index: int, values: dict[str, str]
) -> dict[str, Operation] | None:
    """The methods at the end of the path; a literal goes before a wildcard."""
    if index == len(parts):
        return node.methods or None
    part = parts[index]
    literal = node.literals.get(part)
    if literal is not None:
        found = _find(literal, parts, index + 1, values)
        if found is not None:
            return found
    wildcard = node.wildcard
    if wildcard is None or not part:
        return None
    values[wildcard.name] = part
    return _find(wildcard, parts, index + 1, values)


class Table(BaseRoute):
    """All operations of an API as one route of Starlette's.

    A list of routes is searched one regular expression after the other, and the first
    of a path answers 405 for all methods of the others; this does neither.

    Raises:
        ValueError: two operations have one method and path, or name a part differently.
    """

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.operations = tuple(operations)
        self._root = _Node()
        for operation in self.operations:
            self._add(operation)

    def _add(self, operation: Operation) -> None:
        node = self._root
        for part in operation.path.split("/")[1:]:
            if part.startswith("{"):
                name = part[1:-1]
                if node.wildcard is None:
                    node.wildcard = _Node()
                    node.wildcard.name = name
                node = node.wildcard
                if node.name != name:
                    raise ValueError(f"{operation.path}: {name} is {node.name} too.")
            else:
                node = node.literals.setdefault(part, _Node())
        if node.methods.setdefault(operation.method, operation) is not operation:
            raise ValueError(f"{operation.method} {operation.path} stands twice.")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http":
            return Match.NONE, {}
        path: str = scope["path"]
        root: str = scope.get("root_path", "")
        if root and path.startswith(root):
            path = path[len(root) :]
        if "\0" in path:
            return Match.NONE, {}
        parts = path.split("/")
        values: dict[str, str] = {}
        methods = _straight(self._root, parts, values)
        if methods is None:
            values = {}
            methods = _find(self._root, parts, 1, values)
            if methods is None:
                return Match.NONE, {}
        return Match.FULL, {"path_params": values, "methods": methods}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        methods: dict[str, Operation] = scope["methods"]
        method = scope["method"]
        operation = methods.get(method)
        if operation is None and method == "HEAD":
            operation = methods.get("GET")
        if operation is None:
            allowed = [*methods, *(["HEAD"] if "GET" in methods else [])]
            allow = ", ".join(sorted(allowed))
            problem = problems.Problem(
                "method-not-allowed",
                f"Use {allow} at this address.",
                headers={"Allow": allow},
            )
            await write(Reply.problem(problem, scope["path"]), scope, send)
            return
        await operation(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        raise NoMatchFound(name, dict(path_params))
