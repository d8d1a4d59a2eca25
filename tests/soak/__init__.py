"""The soak: hours of work in minutes, with a kill each 20 s, and what it does to memory, files and rows.

`python -m soak --help` (with tests/ on the path) or `make soak`; see docs/reliability.md.
"""
