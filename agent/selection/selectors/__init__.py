"""Selectors, one per file."""
