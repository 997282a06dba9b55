"""Benchmarks: ratios side by side, each beside its bare limit of the same run."""
