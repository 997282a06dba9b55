"""What is answered, as models: for the OpenAPI document and for whoever types clients.

Answers are not made through them (a matrix has thousands of cells); the tests hold
every kind of answer against its model.
"""

from __future__ import annotations

from query_api.answers.approvals import ApprovalList, Review
from query_api.answers.bulk import BulkDetail, BulkItemList, BulkList
from query_api.answers.events import EventItem, EventList, RefusalList, TopicList
from query_api.answers.jobs import JobList, QueueList, WorkerList
from query_api.answers.logs import LogPage
from query_api.answers.runs import RunAnswer, RunList, StepAnswer
from query_api.answers.safety import RedoSafety, RetrySafety
from query_api.answers.system import ParkedList, System
from query_api.answers.workflows import (
    Days,
    Matrix,
    VersionList,
    WorkflowAnswer,
    WorkflowList,
)

__all__ = [
    "ApprovalList",
    "BulkDetail",
    "BulkItemList",
    "BulkList",
    "Days",
    "EventItem",
    "EventList",
    "JobList",
    "LogPage",
    "Matrix",
    "ParkedList",
    "QueueList",
    "RedoSafety",
    "RefusalList",
    "RetrySafety",
    "Review",
    "RunAnswer",
    "RunList",
    "StepAnswer",
    "System",
    "TopicList",
    "VersionList",
    "WorkerList",
    "WorkflowAnswer",
    "WorkflowList",
]
