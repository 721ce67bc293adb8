"""Docstring examples: one reader for each form they are written in."""
