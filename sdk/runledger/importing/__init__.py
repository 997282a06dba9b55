"""Import of history: WfFormat instances and XES logs, as observed runs."""
