"""The rules of the service, in a process beside the test's: ``runledger-server rules``.

One process answers for all tests of a session; it ends with them.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from runledger import errors

COMMAND = "runledger-server"


class Rules:
    """Questions and answers, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def ask(self, asked: str, **members: Any) -> Any:
        """
        Raises:
            Refused: the rules do not allow it; ``Invalid`` what is no command at all.
            NotConfigured: there is no service to ask.
        """
        with self._lock:
            answer = self._exchange(json.dumps({"ask": asked, **members}))
        if (problem := answer.get("problem")) is not None:
            kind = errors.Invalid if problem["code"] == "invalid" else errors.Refused
            raise kind(problem["detail"], code=problem["code"])
        return answer["answer"]

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.communicate()

    def _exchange(self, question: str) -> Any:
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(question + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            answer = ""
        if not answer:
            process.kill()
            said = process.communicate()[1]
            self._process = None
            raise errors.ServiceError(
                f"{COMMAND} rules ended: {said.strip() or 'it said nothing'}"
            )
        return json.loads(answer)

    def _start(self) -> subprocess.Popen[str]:
        self._process = subprocess.Popen(
            [_command(), "rules"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        atexit.register(self.close)
        return self._process


def _command() -> str:
    """The one of this environment first: its rules are those that are installed."""
    named = os.environ.get("RUNLEDGER_SERVER")
    beside = Path(sys.executable).parent / COMMAND
    found = named or (str(beside) if beside.exists() else shutil.which(COMMAND))
    if found is None:
        raise errors.NotConfigured(
            f"Workflows are rehearsed by the rules of the service, and there is no "
            f"{COMMAND} here: pip install runledger-server beside your tests, or name "
            "one in RUNLEDGER_SERVER."
        )
    return found


RULES = Rules()
