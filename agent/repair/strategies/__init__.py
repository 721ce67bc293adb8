"""Repair strategies, one a file."""
