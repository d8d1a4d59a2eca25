"""The fault runner: real processes, broken on a seeded schedule, and a checker of what they left.

`python -m faults --help` (with tests/ on the path) or `make faults`; see docs/reliability.md.
"""
