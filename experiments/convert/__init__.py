"""Converters of other benchmarks' files to HumanEval's format, one module for each benchmark."""
