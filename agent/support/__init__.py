"""Helpers that are independent of the loop."""
