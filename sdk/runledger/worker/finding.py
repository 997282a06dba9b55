"""Workflows by the name of a module or the path of a file, as commands are given it."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from runledger.errors import NotConfigured
from runledger.worker.workflow import Workflow

if TYPE_CHECKING:
    from types import ModuleType


def workflows(said: str) -> list[Workflow]:
    """Those that ``MODULE``, ``MODULE:NAME`` or ``FILE.py[:NAME]`` holds.

    Raises:
        NotConfigured: there is no such module, or no workflow in it; an error of the
            module's own comes out as it is.
    """
    module_said, _, name = said.partition(":")
    found = module(module_said)
    here = [value for value in vars(found).values() if isinstance(value, Workflow)]
    here = list(dict.fromkeys(here))
    if name:
        chosen = getattr(found, name, None)
        if isinstance(chosen, Workflow):
            return [chosen]
        has = ", ".join(
            key for key, value in vars(found).items() if isinstance(value, Workflow)
        )
        raise NotConfigured(
            f"{module_said} has no workflow {name!r}; it has {has or 'none'}."
        )
    if not here:
        raise NotConfigured(
            f"{module_said} has no workflow: declare one with "
            "`from runledger.worker import Workflow`."
        )
    return here


def module(said: str) -> ModuleType:
    """A module by its name, or by the path of its file.

    Raises:
        NotConfigured: there is none.
    """
    if said.endswith(".py") or "/" in said:
        return _of_file(Path(said))
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        # As with python -m: a command that pip installed does not look here by itself.
        sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(said)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if said != missing and not said.startswith(f"{missing}."):
            raise  # one that the module itself imports
        near = Path(said.replace(".", "/")).with_suffix(".py")
        raise NotConfigured(
            f"There is no module {missing!r} in {Path.cwd()} or among the installed "
            f"ones: go to the folder of {near}, or give the file's path."
        ) from None


def _of_file(file: Path) -> ModuleType:
    if not file.is_file():
        raise NotConfigured(f"There is no file {file}.")
    sys.path.insert(0, str(file.resolve().parent))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = made
    spec.loader.exec_module(made)
    return made
