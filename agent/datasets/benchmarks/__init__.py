"""Benchmarks, one per file. Each locates its records and reads them."""
