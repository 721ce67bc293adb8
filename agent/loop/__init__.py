"""The loop on one problem."""
