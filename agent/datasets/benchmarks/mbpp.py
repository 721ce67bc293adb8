"""MBPP: 974 problems of Google Research, each with three asserts."""

from __future__ import annotations

from agent.datasets.downloads import BenchmarkFile
from agent.datasets.jsonl import read_objects as records

__all__ = ["locate", "records"]

locate = BenchmarkFile(
    name="mbpp.jsonl",
    sha256="ccf64ceae9c5403bf50a044cb6d505bfd2a2963ee58338ba268fd65beab92a9f",
    url="https://raw.githubusercontent.com/patdfb/TPC-EES/30c8c572bfcd0fc5fa537210710d7fde134e4868/mbpp/mbpp.jsonl",
).locate
