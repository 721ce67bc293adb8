"""Tests that a model wrote, parsed from its answer without executing it."""
