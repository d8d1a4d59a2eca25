"""Mutants: Summitry broken on purpose, one way at a time, to see that a check fails for each.

`python -m mutants --help` (with tests/ on the path) or `make mutants`; see docs/reliability.md.
"""
