"""Verdicts, statistics, and selection on recorded samples: all that happens outside the loop."""
