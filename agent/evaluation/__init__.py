"""Evaluation outside the loop: hidden-test verdicts, statistics, selection on recorded samples."""
