"""Inputs: calls of the entry point without expected values, for comparing programs."""
