"""Runs: the loop on many problems at once, and the run folder with its results."""
