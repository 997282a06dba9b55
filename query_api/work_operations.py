"""The addresses of jobs, of those who carry them out, and of what may run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.web.operations import Answer
from query_api import answers
from query_api.addresses import NS, RUN, get
from query_api.jobs import JobsQuery, RunJobsQuery, list_jobs, list_run_jobs
from query_api.parameters import RunPath, StepPath
from query_api.safety import RetrySafetyQuery, show_redo_safety, show_retry_safety
from query_api.workers import WorkersQuery, list_queues, list_workers

if TYPE_CHECKING:
    from infra.web.operations import Operation

WORK_OPERATIONS: tuple[Operation, ...] = (
    get(
        NS + "/jobs",
        list_jobs,
        "Jobs, the newest first",
        "jobs",
        query=JobsQuery,
        answer=Answer(answers.JobList),
    ),
    get(
        RUN + "/jobs",
        list_run_jobs,
        "Jobs of a run, the newest first",
        "jobs",
        path_model=RunPath,
        query=RunJobsQuery,
        answer=Answer(answers.JobList),
    ),
    get(
        NS + "/workers",
        list_workers,
        "Workers and the jobs that they have",
        "jobs",
        query=WorkersQuery,
        answer=Answer(answers.WorkerList),
        description=(
            "As it is at this moment. A worker that was not heard of for long is "
            "forgotten."
        ),
    ),
    get(
        NS + "/queues",
        list_queues,
        "What waits in each queue, and who serves it",
        "jobs",
        answer=Answer(answers.QueueList),
        description="As it is at this moment.",
    ),
    get(
        RUN + "/retry-safety",
        show_retry_safety,
        "Whether a retry of a run is safe",
        "runs",
        path_model=RunPath,
        query=RetrySafetyQuery,
        answer=Answer(answers.RetrySafety),
        problems=("unknown-run", "unknown-step", "unknown-workflow"),
        description=(
            "For each step that would run again whether that does harm, and why we "
            "think so; which steps would be carried over. Nothing is done."
        ),
    ),
    get(
        RUN + "/steps/{step}/redo-safety",
        show_redo_safety,
        "Whether a redo of a step is safe",
        "runs",
        path_model=StepPath,
        answer=Answer(answers.RedoSafety),
        problems=("unknown-run", "unknown-step"),
        description="The same of a redo, and of all that is built on the step.",
    ),
)
