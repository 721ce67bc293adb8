"""Helpers that know nothing of the loop."""
