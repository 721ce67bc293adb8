"""Recorded samples, tests and rounds of real models."""
