"""Exporters, one per file. Each writes a run in another tool's format."""
