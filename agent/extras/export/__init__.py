"""Exporters, one a file: a run in the format of other tools."""
