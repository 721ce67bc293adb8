"""Extractors, one per file. Each reads a program from a model's answer."""
