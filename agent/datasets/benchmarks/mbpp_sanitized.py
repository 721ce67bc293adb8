"""MBPP, the 427 problems that its authors verified by hand."""

from __future__ import annotations

from agent.datasets.downloads import BenchmarkFile
from agent.datasets.jsonl import read_objects as records

__all__ = ["locate", "records"]

locate = BenchmarkFile(
    name="sanitized-mbpp.json",
    sha256="7fec016546acaee11dbe14f9f0bb670e59f41919f7b522a59fba34871da78551",
    url="https://raw.githubusercontent.com/patdfb/TPC-EES/30c8c572bfcd0fc5fa537210710d7fde134e4868/mbpp/sanitized-mbpp.json",
).locate
