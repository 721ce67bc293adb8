"""Extractors, one a file: each reads a program from a model's answer."""
