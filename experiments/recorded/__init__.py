"""Experiments on recorded samples, tests and repair rounds of real models."""
