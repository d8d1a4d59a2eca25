"""Benchmarks: speed, memory and latency of each part, on articles made here. Run: make bench."""
