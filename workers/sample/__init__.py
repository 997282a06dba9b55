"""A workflow that does something real, for whoever looks at Runledger first.

``flow.py`` is what a user writes; the rest is what ``infra/bin/up`` needs around it.
"""
