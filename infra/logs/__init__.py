"""Log lines of attempts: how they are packed, written, and dropped when they are old.

Stored apart from the events, in the schema ``logs``. ``docs/logs.md`` tells the rules.
"""

from datetime import timedelta

LATE = timedelta(hours=1)
"""Lines are taken so long after an attempt's end: what was still on its way, and what
a worker whose lease was lost has to tell when it is back."""
