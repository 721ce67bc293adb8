"""Repair strategies, one per file."""
