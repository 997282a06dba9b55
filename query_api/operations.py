"""Every address of the query API."""

from __future__ import annotations

from infra.web.operations import Answer, Header, Operation
from query_api import answers
from query_api.addresses import NS, RUN, WORKFLOW
from query_api.addresses import get as _get
from query_api.approvals import ApprovalsQuery, list_approvals
from query_api.bulk import OPERATIONS as BULK_OPERATIONS
from query_api.contents import ContentPath, show_content
from query_api.events import (
    EventPath,
    EventsQuery,
    PositionsQuery,
    list_events,
    list_run_events,
    list_topics,
    show_event,
)
from query_api.logs import AttemptPath, DownloadQuery, LogQuery, download_log, show_log
from query_api.matrix import MatrixQuery, show_matrix
from query_api.parameters import (
    Fresh,
    FreshPage,
    NumberPath,
    Paged,
    RunPath,
    StepPath,
    WorkflowPath,
)
from query_api.preview import PreviewQuery, show_preview
from query_api.refusals import RefusalsQuery, list_refusals, list_run_refusals
from query_api.review import ReviewQuery, show_review
from query_api.run import HistoryQuery, show_run, show_run_by_number, show_step
from query_api.runs import RunsQuery, list_runs
from query_api.stream import StreamQuery, follow_events
from query_api.system import list_parked, show_system
from query_api.versions import list_versions
from query_api.work_operations import WORK_OPERATIONS
from query_api.workflows import (
    DaysQuery,
    WorkflowQuery,
    WorkflowsQuery,
    list_days,
    list_workflows,
    show_workflow,
)

LOG = RUN + "/steps/{step}/attempts/{attempt}/log"

ETAG = {"ETag": "The run's version, for If-Match."}


OPERATIONS: tuple[Operation, ...] = (
    *BULK_OPERATIONS,
    *WORK_OPERATIONS,
    _get(
        NS + "/workflows",
        list_workflows,
        "Workflows and how many of their runs are in which state",
        "workflows",
        query=WorkflowsQuery,
        answer=Answer(answers.WorkflowList),
    ),
    _get(
        WORKFLOW,
        show_workflow,
        "A version of a workflow",
        "workflows",
        path_model=WorkflowPath,
        query=WorkflowQuery,
        answer=Answer(answers.WorkflowAnswer),
        problems=("unknown-workflow",),
    ),
    _get(
        WORKFLOW + "/versions",
        list_versions,
        "The versions of a workflow, the newest first",
        "workflows",
        path_model=WorkflowPath,
        query=FreshPage,
        answer=Answer(answers.VersionList),
        problems=("unknown-workflow",),
        description="Read from the log: a new one is there at once.",
    ),
    _get(
        WORKFLOW + "/matrix",
        show_matrix,
        "The steps of a workflow's last runs, a column per run",
        "workflows",
        path_model=WorkflowPath,
        query=MatrixQuery,
        answer=Answer(answers.Matrix),
        problems=("unknown-workflow",),
    ),
    _get(
        WORKFLOW + "/days",
        list_days,
        "What became of a workflow's runs, by day",
        "workflows",
        path_model=WorkflowPath,
        query=DaysQuery,
        answer=Answer(answers.Days),
        problems=("unknown-workflow",),
    ),
    _get(
        WORKFLOW + "/runs/{number}",
        show_run_by_number,
        "A run by its number",
        "runs",
        path_model=NumberPath,
        query=Fresh,
        answer=Answer(answers.RunAnswer, headers=ETAG),
        problems=("unknown-run",),
    ),
    _get(
        NS + "/runs",
        list_runs,
        "Runs, the newest first",
        "runs",
        query=RunsQuery,
        answer=Answer(answers.RunList),
    ),
    _get(
        RUN,
        show_run,
        "A run as it is, or as it was",
        "runs",
        path_model=RunPath,
        query=HistoryQuery,
        answer=Answer(answers.RunAnswer, headers=ETAG),
        problems=("unknown-run",),
        description=(
            "With `at_version` or `at` it is folded from the log as it was then, and "
            "`as_of` says what its last event was."
        ),
    ),
    _get(
        RUN + "/steps/{step}",
        show_step,
        "A step of a run as it is, or as it was",
        "runs",
        path_model=StepPath,
        query=HistoryQuery,
        answer=Answer(answers.StepAnswer),
        problems=("unknown-run", "unknown-step"),
    ),
    _get(
        LOG,
        show_log,
        "Lines of an attempt's log",
        "logs",
        path_model=AttemptPath,
        query=LogQuery,
        answer=Answer(answers.LogPage),
        problems=("unknown-run", "unknown-step", "not-found"),
        description=(
            "To follow it ask again with `after`, at once where there is `more`, and "
            "until it has `ended`."
        ),
    ),
    _get(
        LOG + "/download",
        download_log,
        "All of an attempt's log",
        "logs",
        path_model=AttemptPath,
        query=DownloadQuery,
        answer=Answer(
            description="The lines that are there, as text.",
            content_type="text/plain",
        ),
        problems=("unknown-run", "unknown-step", "not-found"),
    ),
    _get(
        RUN + "/events",
        list_run_events,
        "Events of a run",
        "events",
        path_model=RunPath,
        query=PositionsQuery,
        answer=Answer(answers.EventList),
    ),
    _get(
        RUN + "/refusals",
        list_run_refusals,
        "Commands on a run that were refused",
        "audit",
        path_model=RunPath,
        query=Paged,
        answer=Answer(answers.RefusalList),
    ),
    _get(
        NS + "/approvals",
        list_approvals,
        "Approvals: with mine=true and state=open the caller's inbox",
        "approvals",
        query=ApprovalsQuery,
        answer=Answer(answers.ApprovalList),
    ),
    _get(
        RUN + "/steps/{step}/approval",
        show_review,
        "What a step asks people, with all that a reviewer needs",
        "approvals",
        path_model=StepPath,
        query=ReviewQuery,
        answer=Answer(answers.Review, headers=ETAG),
        problems=("unknown-run", "unknown-step", "not-found"),
        description=(
            "Subject and digest, inputs, policy and form, decisions so far, and "
            "earlier iterations with their feedback. Read from the log: it is never "
            "behind."
        ),
    ),
    _get(
        RUN + "/steps/{step}/preview",
        show_preview,
        "A string of an approval's subject, or of a step's output, as a page",
        "approvals",
        path_model=StepPath,
        query=PreviewQuery,
        answer=Answer(
            description="The string, in a sandbox: for an iframe.",
            content_type="text/html",
        ),
        problems=("unknown-run", "unknown-step", "not-found"),
        description=(
            "Whoever wrote it is not trusted: by its headers the page runs no script, "
            "loads nothing, and only pages of this origin may frame it."
        ),
    ),
    _get(
        NS + "/events",
        list_events,
        "Events of the log, by position",
        "events",
        query=EventsQuery,
        answer=Answer(answers.EventList),
        description=(
            "With `after` upwards from there, otherwise the newest first. Positions "
            "have no gaps over all namespaces; one namespace sees its own."
        ),
    ),
    _get(
        NS + "/events/stream",
        follow_events,
        "Events as they happen, as server-sent events",
        "events",
        query=StreamQuery,
        headers=(
            Header(
                "Last-Event-ID",
                "Position of the last event that was seen: go on after it.",
                {"type": "string", "pattern": "^[0-9]{1,18}$"},
            ),
        ),
        answer=Answer(
            description="The id of each is its position, its data an EventItem.",
            content_type="text/event-stream",
        ),
    ),
    _get(
        NS + "/events/{position}",
        show_event,
        "One event, by its position",
        "events",
        path_model=EventPath,
        answer=Answer(answers.EventItem),
        problems=("not-found",),
    ),
    _get(
        NS + "/refusals",
        list_refusals,
        "Commands that were refused",
        "audit",
        query=RefusalsQuery,
        answer=Answer(answers.RefusalList),
        action="auditor",
    ),
    _get(
        NS + "/contents/{digest}",
        show_content,
        "A value that was too large for its event",
        "runs",
        path_model=ContentPath,
        answer=Answer(description="The value, as JSON."),
        problems=("not-found",),
    ),
    _get(
        NS + "/parked",
        list_parked,
        "Runs whose newest events could not be applied",
        "system",
        query=Paged,
        answer=Answer(answers.ParkedList),
    ),
    _get(
        "/v1/topics",
        list_topics,
        "Every kind of event",
        "events",
        path_model=None,
        answer=Answer(answers.TopicList),
    ),
    _get(
        "/v1/system",
        show_system,
        "How far publisher and projectors are",
        "system",
        path_model=None,
        answer=Answer(answers.System),
    ),
)
