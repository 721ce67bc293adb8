"""Parsing of text by models and benchmarks: source, statements and fenced blocks."""
