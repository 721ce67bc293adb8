"""`python -m experiments.ablate CONFIG`: the arms of a study, beside each other and beside draws.

Further options are settings of `agent.run`, for all arms: --model.base-url URL, --limit 20. All
arms share drafts, generated tests and every identical request through the store. Started again, a
study goes on where it was; one that is finished asks nothing and gives the same tables.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.settings import ConfigError, differences, read_yaml
from experiments.arms import Arm, Study, config_of, drawing, read_study

if TYPE_CHECKING:
    from agent.config import RunConfig
    from agent.runner import Say, Watch, Workshop
    from agent.types import Report, Trace
    from experiments.study import ArmSpending, StudyResult

DRAWS = "draws"
"""The run that only draws: what every arm is compared with is taken from it."""
Arms = Sequence[tuple[Arm, "RunConfig"]]


async def perform(
    study: Study, arms: Arms, out: Path, say: Say, watch: Watch
) -> tuple[StudyResult, tuple[ArmSpending, ...]]:
    """Run the arms that are not finished, and compare all; the first of them only draws.

    `watch` is told how many problems are to be done. Raises what `agent.runner.run` raises.
    """
    from agent.runner import choose, open_workshop
    from experiments.analysis import ArmRun, analyse, detectable_text
    from experiments.memo import Memo

    async with open_workshop([config for _, config in arms], say) as workshop:
        problems = len(choose(workshop.dataset, arms[0][1]))
        say(detectable_text(problems))
        todo = [pair for pair in arms if not is_finished(workshop, pair[1], folder(out, pair[0]))]
        progress = watch(problems * len(todo))
        for arm, config in todo:
            say(f"arm {arm.name}")
            await run_arm(workshop, config, folder(out, arm), say, lambda _: progress)
        found = [(arm, config, *read_run(folder(out, arm))) for arm, config in arms]
        say("comparing with draws at equal cost")
        (_, _, _, drafts), *others = found
        runs = [
            ArmRun(arm, config, folder(out, arm).relative_to(out).as_posix(), report, traces)
            for arm, config, report, traces in others
        ]
        result = await analyse(study, runs, drafts, workshop.sandbox, Memo(out / "expected.json"))
    return result, tuple(_spending(arm.name, report) for arm, _, report, _ in found)


def folder(out: Path, arm: Arm) -> Path:
    """The run folder of an arm."""
    return out / "arms" / arm.name


def is_finished(workshop: Workshop, config: RunConfig, path: Path) -> bool:
    """Whether a run is done, with all problems scored.

    Raises ConfigError where the folder has a run with other settings, and RunFolderError where one
    of another model, dataset or other prompts.
    """
    from agent.provenance import build_manifest
    from agent.runner import choose, open_folder, pin_model

    if not (path / "manifest.json").exists():
        return False
    config = pin_model(config, workshop.opened).model_copy(update={"resume": path})
    if changed := differences(read_yaml(path / "config.yaml"), config):
        raise ConfigError(f"{path} was made with other settings: {'; '.join(changed)}")
    identity, info = workshop.opened.model.identity, workshop.sandbox.info
    problems = choose(workshop.dataset, config)
    manifest = build_manifest(config, workshop.dataset, problems, identity, info)
    report = open_folder(config, manifest).report()
    return report is not None and not report.unscored


async def run_arm(
    workshop: Workshop, config: RunConfig, path: Path, say: Say, watch: Watch
) -> None:
    """Do a run in its folder, or go on with it.

    Raises RunFolderError where not one problem could be scored: the next arm would fare no better.
    """
    from agent.runner import run_in
    from agent.trace import RunFolderError

    place = "resume" if (path / "manifest.json").exists() else "out"
    finished = await run_in(workshop, config.model_copy(update={place: path}), say, watch)
    if not finished.report.final.total:
        why = finished.report.unscored[0].error if finished.report.unscored else "it has none"
        raise RunFolderError(f"{path}: no problem could be scored: {why}")


def read_run(path: Path) -> tuple[Report, dict[str, Trace]]:
    """A finished run: its report, and its scored traces by task."""
    from agent.trace import RunFolder, RunFolderError

    run = RunFolder.open(path)
    report = run.report()
    if report is None:
        raise RunFolderError(f"{path}: not finished; the same command goes on")
    return report, {t.problem.task_id: t for t in run.traces() if t.score is not None}


def _spending(name: str, report: Report) -> ArmSpending:
    from experiments.study import ArmSpending

    return ArmSpending(
        name=name,
        asked=report.asked,
        prompt_tokens=report.spent.prompt_tokens,
        completion_tokens=report.spent.completion_tokens,
        seconds=report.seconds,
    )


def write(result: StudyResult, spending: Sequence[ArmSpending], out: Path) -> None:
    """The study's tables, plots and page."""
    from agent.trace import dump_json, write_atomically
    from experiments import page, plots, tables
    from experiments.csv_table import csv_table

    write_atomically(out / "table.md", tables.markdown(result))
    write_atomically(out / "table.csv", csv_table(result))
    write_atomically(out / "table.json", dump_json(result.model_dump(mode="json")))
    write_atomically(out / "spending.md", tables.spending(spending))
    plots.draw(result, out / "plots")
    write_atomically(out / "index.html", page.page(result, spending, out))


def read_arms(path: Path, argv: list[str]) -> tuple[Study, Arms]:
    """A study's arms with their settings, the run that only draws first.

    Raises ConfigError for a broken file or setting.
    """
    if banned := [word for word in argv if word.partition("=")[0] in ("--config", "--resume")]:
        raise ConfigError(f"{banned[0]}: a study's settings are its file and single options")
    study, arms = read_study(path)
    if any(arm.name == DRAWS for arm in arms):
        raise ConfigError(f"{path}: no arm may be called {DRAWS}")
    draws = Arm(name=DRAWS, settings={}), drawing(config_of(study, {}, argv), study.draws)
    return study, [draws, *((arm, config_of(study, arm.settings, argv)) for arm in arms)]


def main(argv: list[str]) -> int:
    """The command: 0 where every problem of every arm was scored, 1 where not, 2 for bad input."""
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
    os.environ.setdefault("LANGSMITH_TRACING", "false")
    parser = argparse.ArgumentParser(
        prog="python -m experiments.ablate", description=__doc__, allow_abbrev=False
    )
    parser.add_argument("config", type=Path, help="a study: configs/ablations/repair.yaml")
    parser.add_argument("--out", type=Path, help="its folder; by default runs/ablations/NAME")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments, settings = parser.parse_known_args(argv)
    from agent.run import expected_errors

    try:
        study, arms = read_arms(arguments.config, settings)
        out = arguments.out or Path("runs/ablations") / study.name
        return report(study, arms, out, as_json=arguments.json)
    except expected_errors() as error:
        print(f"experiments.ablate: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; the same command goes on", file=sys.stderr)
        return 130


def report(study: Study, arms: Arms, out: Path, *, as_json: bool) -> int:
    """Do a study, with progress on stderr, and print its tables."""
    from rich.console import Console

    from agent.progress import Watcher

    with Watcher(Console(stderr=True)) as watcher:
        result, spending = asyncio.run(perform(study, arms, out, watcher.say, watcher.watch))
    write(result, spending, out)
    text = (out / ("table.json" if as_json else "table.md")).read_text("utf-8")
    print(text if as_json else f"{text}\n{(out / 'spending.md').read_text('utf-8')}", end="")
    print(f"study: {out}/index.html", file=sys.stderr)
    return 1 if any(arm.unscored for arm in result.arms) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
