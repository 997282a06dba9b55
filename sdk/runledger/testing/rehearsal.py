"""A workflow's steps, run in process against the service's own rules."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from runledger import errors
from runledger.testing import seen
from runledger.testing.claims import Claims
from runledger.testing.rules import RULES
from runledger.worker.calling import call, called_async
from runledger.worker.capture import captured
from runledger.worker.job import Job
from runledger.worker.outcomes import encoded
from runledger.worker.workflow import Step, is_async

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from runledger.worker.context import Context, Level, Stream
    from runledger.worker.outcomes import Report
    from runledger.worker.workflow import Function, Workflow

MOST_JOBS = 10_000
WORKER = "worker"


@contextmanager
def rehearse(
    workflow: Workflow,
    *,
    inputs: Any = None,
    by: str = "author",
    instead: Mapping[str, Function] | None = None,
    start: bool = True,
) -> Iterator[Rehearsal]:
    """A run of the workflow, from its creation on.

        with rehearse(pages, inputs={"title": "Notes"}) as run:
            run.work()
            run.assert_waiting("review")
            run.approve("review", by="ada")
            run.work()
            run.assert_completed()

    Needs no server, only that runledger-server is installed. ``instead``: functions for
    steps whose own one a test must not call. ``by``: who creates the run.

    Raises:
        Invalid: the definition or the inputs do not fit.
    """
    made = RULES.ask("begin", definition=workflow.definition)["rehearsal"]
    try:
        stage = _Stage(made, workflow, dict(instead or {}))
        with captured(True):
            yield Rehearsal(stage, stage.create(inputs, by, start))
    finally:
        RULES.ask("end", rehearsal=made)


class _Stage:
    """What the runs of one rehearsal share."""

    def __init__(
        self, number: int, workflow: Workflow, instead: dict[str, Function]
    ) -> None:
        unknown = instead.keys() - workflow.steps.keys()
        if unknown:
            raise errors.NotConfigured(f"{sorted(unknown)[0]!r} is no step.")
        self.number = number
        self.workflow = workflow
        self.steps = {
            name: Step(step.definition, instead.get(name, step.function))
            for name, step in workflow.steps.items()
        }

    def ask(self, asked: str, run: str, **members: Any) -> dict[str, Any]:
        found: dict[str, Any] = RULES.ask(
            asked, rehearsal=self.number, run=run, **members
        )
        return found

    def create(self, inputs: Any, by: str, start: bool) -> dict[str, Any]:
        command = {"workflow": self.workflow.name, "inputs": _plain(inputs)}
        found: dict[str, Any] = RULES.ask(
            "create",
            rehearsal=self.number,
            command={**command, "start": start},
            actor=by,
        )
        return found


class Rehearsal(Claims):
    """One run. Its steps are called when ``work`` is; time passes when it is told to.

    Commands raise ``Refused`` where the rules do not allow them.
    """

    def __init__(self, stage: _Stage, found: dict[str, Any]) -> None:
        super().__init__(found)
        self._stage = stage
        self._before: dict[str, Callable[[Context], object]] = {}
        self._at_work: list[Job] = []

    # What happens.

    def work(self, *, skip_waits: bool = True) -> Self:
        """Carry out what is due, and what follows from that, until nothing is.

        The wait before another attempt passes at once (the clock goes on by so much),
        unless ``skip_waits`` is False.
        """
        for _ in range(MOST_JOBS):
            waits = [job["wait_s"] for job in self._found["jobs"] if "wait_s" in job]
            if not waits:
                return self
            if (wait := min(waits)) > 0:
                if not skip_waits:
                    return self
                self.pass_time(wait)
                continue
            self._carry_out(self._ask("lease")["job"])
        raise AssertionError(f"{MOST_JOBS} jobs, and no end.\n{self.story()}")

    def before(self, step: str, do: Callable[[Context], object]) -> Self:
        """Have something done each time when the step is leased and not called yet: a
        cancel, a redo, an approval at the wrong moment."""
        self._before[step] = do
        return self

    def lose(self, step: str) -> Self:
        """A worker takes the step's job and is never heard of again."""
        self._ask("lease", step=step)
        self._ask("lose", step=step)
        return self

    def pass_time(self, seconds: float) -> Self:
        """Time passes: what expires or times out meanwhile does. Nobody works."""
        self._ask("pass", seconds=seconds)
        return self

    def expire(self, step: str) -> Self:
        """So much time passes that the open approval expires."""
        approval = self.step(step).approval
        if approval is None:
            raise errors.Refused(f"Nothing is asked about step {step!r}.")
        if approval.policy.get("expires_s") is None:
            raise errors.Refused(f"The approval of step {step!r} never expires.")
        for _ in range(MOST_JOBS):
            after = self.step(step).approval
            due = self._found["timer_s"]
            if after is None or after.iteration != approval.iteration or due is None:
                return self
            self.pass_time(due)
        return self

    # What people do.

    def approve(
        self,
        step: str,
        *,
        by: str = "ada",
        groups: Sequence[str] = (),
        comment: str = "",
        form: Any = None,
        subject_digest: str | None = None,
    ) -> Self:
        """Decide about what is asked now; ``subject_digest``: of what was shown."""
        return self._decide("approve", step, by, groups, comment, form, subject_digest)

    def reject(
        self,
        step: str,
        *,
        by: str = "ada",
        groups: Sequence[str] = (),
        comment: str = "",
        form: Any = None,
        subject_digest: str | None = None,
    ) -> Self:
        return self._decide("reject", step, by, groups, comment, form, subject_digest)

    def delegate(
        self, step: str, *, to: str, by: str = "ada", groups: Sequence[str] = ()
    ) -> Self:
        command = {"type": "delegate_approval", "step": step, "to": to}
        return self._command(command, by, groups)

    def redo(
        self,
        step: str,
        *,
        feedback: str = "",
        by: str = "ada",
        accept_unsafe: bool = False,
    ) -> Self:
        command = {"type": "redo_step", "step": step, "feedback": feedback}
        return self._command({**command, "accept_unsafe": accept_unsafe}, by)

    def start(self, *, by: str = "author") -> Self:
        return self._command({"type": "start_run"}, by)

    def pause(self, *, reason: str = "", by: str = "operator") -> Self:
        return self._command({"type": "pause_run", "reason": reason}, by)

    def unpause(self, *, reason: str = "", by: str = "operator") -> Self:
        return self._command({"type": "continue_run", "reason": reason}, by)

    def cancel(
        self, *, reason: str = "", force: bool = False, by: str = "operator"
    ) -> Self:
        command = {"type": "cancel_run", "reason": reason, "force": force}
        return self._command(command, by)

    def retry(
        self,
        *,
        retry_from: str = "failed",
        reason: str = "",
        accept_unsafe: bool = False,
        by: str = "operator",
    ) -> Rehearsal:
        """A new run linked to this finished one."""
        command = {
            "type": "retry_run",
            "retry_from": retry_from,
            "reason": reason,
            "accept_unsafe": accept_unsafe,
        }
        found = self._stage.ask("command", self.id, command=command, actor=by)
        self._ask("see")
        return Rehearsal(self._stage, found)

    def report(self, step: str, **members: Any) -> Self:
        """What a service tells of a step without a queue: ``type`` and its members."""
        return self._command({**members, "step": step}, WORKER)

    # How it works.

    def _ask(self, asked: str, **members: Any) -> dict[str, Any]:
        self._found = self._stage.ask(asked, self.id, **members)
        for job in self._at_work:
            self._heartbeat(job)
        return self._found

    def _command(self, command: Report, actor: str, groups: Sequence[str] = ()) -> Self:
        self._ask("command", command=command, actor=actor, groups=list(groups))
        return self

    def _decide(
        self,
        kind: str,
        step: str,
        by: str,
        groups: Sequence[str],
        comment: str,
        form: Any,
        digest: str | None,
    ) -> Self:
        command: Report = {"type": kind, "step": step, "comment": comment}
        command |= {"form": _plain(form), "subject_digest": digest}
        return self._command(command, by, groups)

    def _carry_out(self, found: dict[str, Any]) -> None:
        name = found["step"]
        step = self._stage.steps[name]
        if step.function is None:
            raise errors.NotConfigured(
                f"Step {name!r} has no function: give one in rehearse(instead=...)."
            )
        job = Job(found, self._stage.workflow, step, self)
        self._at_work.append(job)
        try:
            if (before := self._before.get(name)) is not None:
                before(job.context)
            report = _called(job)
        finally:
            self._at_work.remove(job)
        if report is None:
            return
        report |= {"step": name, "attempt": found["attempt"], "lease": job.lease}
        # As a worker writes it: what JSON cannot say fails here as it does there.
        sent = json.loads(encoded(job.run_id, report))["report"]
        self._ask("command", command=sent, actor=WORKER)

    def _heartbeat(self, job: Job) -> None:
        for each in self._found["jobs"]:
            if each.get("lease") == job.lease:
                if each["canceling"]:
                    job.end("stop", "The run is canceled.")
                return
        job.end("gone", "The job was given up.")

    # What a job needs of its worker.

    def line(self, job: Job, text: str, level: Level, stream: Stream) -> None:
        attempt = job.found["attempt"]
        for part in text.splitlines() or ("",):
            self._lines.append(seen.Line(job.step_name, attempt, level, stream, part))

    def progressed(self) -> None:
        for job in self._at_work:
            if job.progressed is not None:
                fraction, message = job.progressed
                self._progress[job.step_name] = fraction, message

    def stopping(self) -> bool:
        return False


def _called(job: Job) -> Report | None:
    """The function's report. An async one has a loop of its own, in a thread where the
    test has a loop already."""
    assert job.step.function is not None
    report = call(job) if not is_async(job.step.function) else _in_a_loop(job)
    job.ended = True
    return report


def _in_a_loop(job: Job) -> Report | None:
    async def run() -> Report | None:
        job.task = asyncio.current_task()
        if job.ending:
            # Told before it began.
            asyncio.get_running_loop().call_soon(job.task.cancel)  # type: ignore[union-attr]  # it is one
        return await called_async(job)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(run())
    reports: list[Report | None] = []
    thread = threading.Thread(target=lambda: reports.append(asyncio.run(run())))
    thread.start()
    thread.join()
    return reports[0]


def _plain(value: Any) -> Any:
    """Models and dataclasses as JSON."""
    return json.loads(json.dumps(value, default=_jsonable))


def _jsonable(value: Any) -> Any:
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(value)
