"""Recorded samples through the tables of a study and of an analysis, beside published figures.

DATA is the folder of recorded sets that `experiments.recorded.parity` reads. Each set is a study of
one arm whose model is the file of samples, so that every figure is made as it would be with a
server. OUT keeps the studies: a second start continues there. --readme writes the tables to their
page.
"""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import NamedTuple

import yaml

from agent.errors import DatasetError
from agent.report.markdown import table
from agent.support.command import command
from agent.support.files import write_atomically
from agent.support.options import CommandParser
from experiments.analyses.analysis_table import AnalysedRun, read_runs
from experiments.analyses.by_category import read_categories, tables
from experiments.analyses.failures import RUNTIME, programs_of
from experiments.studies.cells import NONE, with_interval
from experiments.studies.markers import pages_with, write_block
from experiments.studies.results import ArmResult, StudyResult
from experiments.study import main as study

NAME = "experiments.recorded.sample_studies"
MARKERS = "<!-- sample_studies: begin -->", "<!-- sample_studies: end -->"
KS = (1, 5, 10)
CATEGORIES = "humaneval"


class PublishedSet(NamedTuple):
    """A recorded set, the number of samples to take, and the figures of its author in percent."""

    folder: str
    draws: int
    published: dict[str, float]
    own_problems: bool = False
    file: str = "samples.jsonl.gz"

    @property
    def label(self) -> str:
        """The folder, and the file if the folder has several."""
        name = self.file.partition(".")[0]
        return self.folder if name == "samples" else f"{self.folder}/{name}"


SETS = (
    PublishedSet(
        "qwen3-0.6b-humaneval-evanzhangxin",
        10,
        {"pass@1": 32.743902, "pass@5": 54.321525, "pass@10": 62.804878},
    ),
    PublishedSet(
        "qwen3-0.6b-humaneval-mengyahu-completion1",
        10,
        {"pass@1": 14.756098, "pass@5": 28.656117, "pass@10": 35.97561},
    ),
    PublishedSet(
        "qwen3-0.6b-humaneval-mengyahu-completion1",
        10,
        {"pass@1": 16.402439, "pass@5": 30.952381, "pass@10": 38.414634},
        file="samples_postprocessed.jsonl.gz",
    ),
    PublishedSet("jamesmurdza-gpt35-0613-humaneval", 10, {"pass@1": 77.0}),
    PublishedSet("mapcoder-gpt35-cot-humaneval", 1, {"pass@1": 68.9}),
    PublishedSet("qwen25coder-0.5b-humaneval-evalplus", 1, {"pass@1": 100 * 99 / 164}),
    PublishedSet("qwen25coder-0.5b-humaneval-xysun", 1, {"pass@1": 100 * 2 / 164}),
    PublishedSet("qwen25coder-0.5b-humaneval-ymcidence", 1, {}),
    PublishedSet("qwen25coder-1.5b-humaneval-vsattamini-temp", 8, {}),
    PublishedSet("torek-7b-humaneval", 12, {}),
    PublishedSet("ldb-gpt35-humaneval", 1, {"pass@1": 73.8}, True, "seed.jsonl.gz"),
    PublishedSet("ldb-starcoder-humaneval", 1, {"pass@1": 39.0}, True, "seed.jsonl.gz"),
    PublishedSet("reflexion-gpt4-humaneval", 1, {"pass@1": 91.0}),
    PublishedSet("mistral7b-humaneval-bdytx5", 10, {}),
    PublishedSet("codet-codegen16b-humaneval", 10, {}, own_problems=True),
)
"""Files of HumanEval; figures are those that their READMEs or result files
name. CodeGen's 100 samples are cut to 10."""


def study_of(data: Path, recorded: PublishedSet) -> dict[str, object]:
    """Return the study of a set, as its file."""
    problems = data / recorded.folder / "problems.jsonl.gz"
    return {
        "name": recorded.label.replace(".", "_").replace("/", "-"),
        "description": f"Recorded samples of {recorded.label}",
        "draws": recorded.draws,
        "curves": list(KS),
        "base": {
            "dataset": str(problems) if recorded.own_problems else "humaneval",
            "rounds": 0,
            "selector": "first",
            "draft": {"n": 1, "first": "sampled"},
            "tests": {"n": 0, "docstring": False},
            "inputs": {"mutations": 0, "edges": 0},
            "model": {
                "backend": "recorded",
                "extractor": "none",  # the file has what its author scored
                "path": str(data / recorded.folder / recorded.file),
            },
        },
        "arms": [{"name": "recorded", "selector": "first"}],
        "published": [
            {"arm": "recorded", "figure": figure, "percent": percent, "source": recorded.folder}
            for figure, percent in recorded.published.items()
        ],
    }


def run_set(
    data: Path, recorded: PublishedSet, out: Path, sandbox: str
) -> tuple[StudyResult, AnalysedRun]:
    """Run the study of a set, or continue it. Return its result and the run of its samples."""
    folder = out / recorded.label
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "study.yaml"
    write_atomically(path, yaml.safe_dump(study_of(data, recorded), sort_keys=False))
    words = [str(path), "--out", str(folder / "study"), "--store", str(folder / "store.sqlite")]
    with redirect_stdout(io.StringIO()):
        if study([*words, "--sandbox.backend", sandbox, "--quiet"]) != 0:
            raise DatasetError(f"{recorded.folder}: the study did not end; see {folder}")
    result = StudyResult.model_validate_json((folder / "study" / "table.json").read_text())
    (run,) = read_runs([folder / "study" / "arms" / "draws"])
    return result, run


def rates(found: Sequence[tuple[PublishedSet, ArmResult]]) -> str:
    """Return the table of pass@k, with the published figures in brackets."""
    lines = []
    for recorded, arm in found:
        points = {point.k: point for point in arm.sampled}
        cells = []
        for k in KS:
            published = recorded.published.get(f"pass@{k}")
            theirs = "" if published is None else f"; published {published:.1f}"
            cells.append(f"{with_interval(points[k])}{theirs}" if k in points else NONE)
        lines.append((recorded.label, recorded.draws, *cells))
    return table(("set", "samples", *(f"pass@{k} in %" for k in KS)), lines)


def classes(found: Sequence[tuple[PublishedSet, AnalysedRun]]) -> str:
    """Return the table of outcomes of all samples, and of the best and worst categories."""
    counted = [(recorded, run, _outcomes(run)) for recorded, run in found]
    used = [name for name in sorted({n for *_, c in counted for n in c}) if name != "passed"]
    lines = [
        (
            recorded.label,
            *(f"{100 * counts[name] / counts.total():.1f}" for name in used),
            f"{100 * counts['passed'] / _running(counts):.1f}",
            *_extremes(run),
        )
        for recorded, run, counts in counted
    ]
    head = ("set", *used, "right without runtime errors", "best category", "worst category")
    return table(head, lines)


def _outcomes(run: AnalysedRun) -> Counter[str]:
    programs = dict(programs_of(run.traces))["all drafts"]
    return Counter(trace.score.outcomes[i] for trace, i in programs if trace.score)


def _running(counts: Counter[str]) -> int:
    return counts.total() - sum(counts[status.value] for status in RUNTIME)


def _extremes(run: AnalysedRun) -> Iterator[str]:
    """Yield the best and the worst category, by the first sample."""
    (section,) = tables([run], read_categories(CATEGORIES))
    (note,) = section.notes
    best, _, rest = note.partition(" best ")[2].partition(", worst ")
    yield from (best, rest.partition(", of those")[0])


@command(NAME)
def main(argv: list[str]) -> int:
    """Run the studies and print the tables."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("data", type=Path, help="folder of recorded sets")
    parser.add_argument("--out", type=Path, default=Path("runs/recorded"), help="folder of studies")
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument("--only", default="", help="only sets whose folder name contains this text")
    parser.add_argument("--readme", action="store_true", help="write the tables to their page")
    arguments = parser.parse_args(argv)
    if arguments.readme:
        pages_with(MARKERS)  # fail before the work
    chosen = [recorded for recorded in SETS if arguments.only in recorded.folder]
    if not chosen:
        raise DatasetError(f"--only: no set's folder name contains {arguments.only!r}")
    found = []
    for recorded in chosen:
        found.append(
            (recorded, *run_set(arguments.data, recorded, arguments.out, arguments.sandbox))
        )
        print(f"{recorded.label}: done", file=sys.stderr)
    first = rates([(recorded, result.arms[0]) for recorded, result, _ in found])
    second = classes([(recorded, run) for recorded, _, run in found])
    text = f"{first}\n\n{second}\n\n*(`python -m {NAME} DATA --readme`)*"
    print(text)
    if arguments.readme:
        write_block(text, MARKERS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
