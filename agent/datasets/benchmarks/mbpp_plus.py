"""MBPP+ v0.2.0: 378 problems of MBPP with EvalPlus' added inputs."""

from __future__ import annotations

from agent.datasets.downloads import BenchmarkFile
from agent.datasets.jsonl import read_objects as records

__all__ = ["locate", "records"]

locate = BenchmarkFile(
    name="MbppPlus.jsonl",
    sha256="b54e762755248ca411b523c917fa9f93c07b5ff2966bf60b3917b853926a3dad",
    url="https://github.com/evalplus/mbppplus_release/releases/download/v0.2.0/MbppPlus.jsonl.gz",
).locate
