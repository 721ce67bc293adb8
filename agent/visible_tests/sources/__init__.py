"""Sources of visible tests, one per file."""
