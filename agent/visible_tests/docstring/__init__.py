"""Docstring examples: one reader for each notation that examples are written in."""
