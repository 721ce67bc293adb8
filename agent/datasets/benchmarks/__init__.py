"""Benchmarks, one a file: each says where its problems are and reads them."""
