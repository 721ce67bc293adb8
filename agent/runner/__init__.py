"""Many problems at once, and the run folder that they end in."""
