"""Workflows whose definition is YAML and whose functions are Python, bound by name.

    name: pages
    queue: default            # of every task that names none
    steps:
      - name: fetch
        effects: none
      - name: render-html     # def render_html(context): ...
        needs: [fetch]
        backoff_s: 1
      - name: review
        kind: approval
        needs: [render-html]
        approval: {groups: [editors]}
        on_reject: redo

Members are those of the definition that the API takes; ``queue`` of the whole,
``backoff_s`` and ``on_reject`` as text are the short forms that Python has too. A task
with ``queue: null`` is reported by a service and needs no function here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from runledger.errors import NotConfigured
from runledger.worker.policy import on_reject_of
from runledger.worker.workflow import Function, Step, Workflow


def read(file: Path | str, functions: object) -> Workflow:
    """The workflow of a file. ``functions``: a module, or a mapping by step.

    Raises:
        NotConfigured: the file cannot be read, is no definition, or a step that workers
            carry out has no function; says which.
    """
    file = Path(file)
    definition = _load(file)
    queue = str(definition.pop("queue", "default"))
    steps: list[Step] = []
    missing: list[str] = []
    for given in definition["steps"]:
        if not isinstance(given, dict) or not isinstance(given.get("name"), str):
            raise NotConfigured(f"{file}: each step is a mapping with a name.")
        try:
            members = _members(given, queue)
        except ValueError as error:
            raise NotConfigured(f"{file}: step {given['name']!r}: {error}.") from error
        function = None
        if members.get("queue") is not None:
            function = find(functions, members["name"])
            if function is None:
                missing.append(members["name"])
        steps.append(Step(members, function))
    if missing:
        names = ", ".join(f"def {identifier(name)}(context)" for name in missing)
        where = getattr(functions, "__name__", "the functions given")
        raise NotConfigured(f"{file}: there is no {names} in {where}.")
    return Workflow._of_definition(definition, steps, queue)


def find(functions: object, step: str) -> Function | None:
    """The function of a step: of its name, written as Python writes names."""
    for name in (step, identifier(step)):
        found = (
            functions.get(name)
            if isinstance(functions, Mapping)
            else getattr(functions, name, None)
        )
        if callable(found):
            return cast("Function", found)
    return None


def identifier(step: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in step)


def _load(file: Path) -> dict[str, Any]:
    try:
        import yaml
    except ImportError as error:
        raise NotConfigured(
            "Workflows in YAML need PyYAML: pip install 'runledger[yaml]'."
        ) from error
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotConfigured(f"{file} cannot be read ({error.strerror}).") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())
        raise NotConfigured(f"{file} is not YAML: {said}.") from error
    if not isinstance(found, dict) or not isinstance(found.get("steps"), list):
        raise NotConfigured(f"{file}: a workflow is a mapping with a name and steps.")
    if not isinstance(found.get("name"), str):
        raise NotConfigured(f"{file}: the workflow has no name.")
    return found


def _members(given: Mapping[str, Any], queue: str) -> dict[str, Any]:
    members = dict(given)
    if members.get("kind", "task") == "task":
        members.setdefault("queue", queue)
        if members["queue"] is None:
            del members["queue"]
    if isinstance(members.get("on_reject"), str):
        members["on_reject"] = on_reject_of(members["on_reject"])
    if "backoff_s" in members:
        members["backoff"] = {"first_s": members.pop("backoff_s")}
    return members
