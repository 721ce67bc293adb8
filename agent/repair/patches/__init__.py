"""Patches: edits of failing programs that make the docstring examples pass, without a model."""
