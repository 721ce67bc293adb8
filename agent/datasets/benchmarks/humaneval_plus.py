"""HumanEval+ v0.1.10: HumanEval with EvalPlus' added inputs."""

from __future__ import annotations

from agent.datasets.downloads import BenchmarkFile
from agent.datasets.jsonl import read_objects as records

__all__ = ["locate", "records"]

locate = BenchmarkFile(
    name="HumanEvalPlus.jsonl",
    sha256="42526ec0e7d5f3ee0b06d6ced98f8c8bae3d76519151bfb3d36f79010645bd7f",
    url="https://github.com/evalplus/humanevalplus_release/releases/download/v0.1.10/HumanEvalPlus.jsonl.gz",
).locate
