"""The draft-test-repair-select loop on one problem."""
