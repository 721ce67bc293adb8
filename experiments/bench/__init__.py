"""Benchmarks of the sandbox and of the loop."""
