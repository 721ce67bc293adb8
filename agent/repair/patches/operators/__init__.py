"""Families of edit operators. Each module has a function `edits`."""
