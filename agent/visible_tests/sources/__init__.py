"""Sources of visible tests, one a file."""
