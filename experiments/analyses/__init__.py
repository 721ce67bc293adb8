"""Analyses of finished runs: one file a question, each a function from runs to tables."""
