"""Tests that the loop may run: docstring examples and asserts that the model wrote."""

from __future__ import annotations

from agent.visible_tests.docstring import Example, docstring_examples, docstring_tests
from agent.visible_tests.generated import merge, parse_tests

__all__ = ["Example", "docstring_examples", "docstring_tests", "merge", "parse_tests"]
