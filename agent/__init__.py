"""The loop: draft, test, repair, select, and only then score."""
