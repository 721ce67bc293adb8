"""Tests that a model wrote, read from its text without running it."""
