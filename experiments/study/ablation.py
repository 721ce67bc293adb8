"""Studies: run the arms in run folders, compare them, and write the results.

All arms share drafts, generated tests and every identical request through the store. A study that
is started again continues where it stopped. A finished study sends no requests and writes the same
tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from agent.config import RunConfig
from agent.datasets import Dataset, load
from agent.errors import ConfigError, PluginError, RunFolderError
from agent.report.summary import Report
from agent.runner.folder import RunFolder
from agent.runner.lock import locked
from agent.runner.progress import Watcher
from agent.runner.resources import (
    Resources,
    check_plugins,
    choose_problems,
    facts_to_match,
    open_resources,
)
from agent.runner.resume import check_made_with
from agent.runner.run import ENDING, Watch, run_in
from agent.runner.versions import settings_of
from agent.settings import differences
from agent.support.files import dump_json, write_atomically
from agent.types import Trace
from experiments.study import html_report as page
from experiments.study import plots, tables
from experiments.study.analysis import ArmRun, analyse, detectable_text
from experiments.study.arms import Arm, Study, config_of, drawing, read_study
from experiments.study.csv_table import csv_table
from experiments.study.disk_cache import DiskCache
from experiments.study.draws import is_known
from experiments.study.study import ArmSpending, StudyResult
from sandbox import open_sandbox

DRAWS = "draws"
"""The run that only draws: every arm is compared with draws from its drafts."""
STOPPED = "stopped; repeat the command to continue"
"""The line to say when a study ends early."""
Arms = Sequence[tuple[Arm, RunConfig]]


@dataclass(frozen=True)
class FinishedStudy:
    """The results of a study, and the resources that it took."""

    result: StudyResult
    spending: tuple[ArmSpending, ...]
    lost: tuple[str, ...]
    """Arms without a scored problem: the tables do not contain them."""


async def run_study(
    study: Study,
    arms: Arms,
    out: Path,
    watcher: Watcher,
    environ: Mapping[str, str] | None = None,
) -> FinishedStudy:
    """Run the arms that are not finished, and compare all arms. The first arm only draws.

    `environ` is the environment of a command. Raises what `agent.runner.run.run` raises, and
    RunFolderError if another process works on the study, or if the draws or the baseline do not
    have a scored problem.
    """

    for _, one in arms:
        check_plugins(one)
    config = arms[0][1]
    dataset = load(config.dataset)
    problems = len(choose_problems(dataset, config))
    watcher.say(detectable_text(problems, len(arms) - 2))
    todo = [(arm, one) for arm, one in arms if not is_finished(one, dataset, folder(out, arm))]
    with ExitStack() as lock:
        if todo:
            progress = watcher.watch(problems * len(todo))
            configs = [one for _, one in arms]
            waits = any((folder(out, arm) / "manifest.json").exists() for arm, _ in arms)
            async with open_resources(configs, watcher.say, environ, waits=waits) as resources:
                lock.enter_context(locked(out))
                for arm, one in todo:
                    watcher.say(f"arm {arm.name}")
                    await run_arm(resources, one, folder(out, arm), watcher, lambda _: progress)
        else:
            lock.enter_context(locked(out))
        drafts, runs, lost = read_runs(arms, out)
        watcher.say("comparing with draws at equal cost")
        async with open_sandbox(config.sandbox.opening()) as sandbox:
            cache = DiskCache(out / "expected.json")
            result = await analyse(study, runs, drafts.traces, sandbox, cache)
        spending = tuple(_spending(run.arm.name, run.report) for run in (drafts, *runs))
        write(result, spending, out)
    return FinishedStudy(result, spending, lost)


def folder(out: Path, arm: Arm) -> Path:
    """Return the run folder of an arm."""
    return out / "arms" / arm.name


def is_finished(config: RunConfig, dataset: Dataset, path: Path) -> bool:
    """Whether a run is done, with all problems scored. A finished run does not need a model.

    Raises ConfigError if the run in the folder has other settings, and RunFolderError if it has
    other prompts or another dataset.
    """

    if not (path / "manifest.json").exists():
        return False
    run = RunFolder.open(path)
    made = settings_of(run)
    found = {
        name: getattr(made.model, name)
        for name, unset in (("backend", "auto"), ("name", None), ("context", None))
        if getattr(config.model, name) == unset
    }
    pinned = config.model_copy(update={"model": config.model.model_copy(update=found)})
    if changed := differences(made, pinned):
        raise ConfigError(
            f"{path} was made with other settings: {'; '.join(changed)}; give another --out"
        )
    check_made_with(run, facts_to_match(config, dataset, choose_problems(dataset, config)))
    report = run.report()
    return report is not None and not report.unscored


async def run_arm(
    resources: Resources, config: RunConfig, path: Path, watcher: Watcher, watch: Watch
) -> None:
    """Start a run in its folder, or resume it there."""

    place = "resume" if (path / "manifest.json").exists() else "out"
    config = config.model_copy(update={place: path})
    try:
        finished = await run_in(resources, config, watcher.say, watch, watcher.show, advice="")
    except PluginError:
        raise  # a fixed plug-in has another hash, and needs a new study
    except ENDING:
        watcher.say(STOPPED)  # of an interrupt, the command says it
        raise
    if finished.report.unscored:
        watcher.say(
            f"{len(finished.report.unscored)} unscored: {finished.report.unscored[0].error:.300}"
        )


def read_runs(arms: Arms, out: Path) -> tuple[ArmRun, list[ArmRun], tuple[str, ...]]:
    """Return the run that only draws, the runs of the arms, and the arms without a scored problem.

    Raises RunFolderError if the draws or the baseline have no scored problem, or if the runs used
    different models.
    """

    runs = [
        ArmRun(arm, config, folder(Path(), arm).as_posix(), *read_run(folder(out, arm)))
        for arm, config in arms
    ]
    models = {run.report.model for run in runs}
    # Runs of former versions know a served model by its name only.
    models = {one for one in models if not any(two.startswith(f"{one}#") for two in models)}
    if len(models) > 1:
        raise RunFolderError(f"{out}: runs of different models: {', '.join(sorted(models))}")
    for run in runs[:2]:
        if not run.traces:
            reasons = [u.error for u in run.report.unscored]
            reasons += [f"{u.task_id} is unjudged: {u.reason}" for u in run.report.unjudged]
            why = reasons[0] if reasons else "there are none"
            raise RunFolderError(f"{out / run.folder}: no problem could be scored: {why}")
    drafts, *others = runs
    lost = tuple(run.arm.name for run in others if not run.traces)
    return drafts, [run for run in others if run.traces], lost


def read_run(path: Path) -> tuple[Report, dict[str, Trace]]:
    """Return the report of a finished run, and its scored traces by task id."""

    run = RunFolder.open(path)
    report = run.report()
    if report is None:
        raise RunFolderError(f"{path}: the run is not finished; repeat the command to resume it")
    return report, {t.problem.task_id: t for t in run.traces() if is_known(t)}


def _spending(name: str, report: Report) -> ArmSpending:

    return ArmSpending(
        name=name,
        asked=report.asked,
        prompt_tokens=report.spent.prompt_tokens,
        completion_tokens=report.spent.completion_tokens,
        seconds=report.seconds,
    )


def write(result: StudyResult, spending: Sequence[ArmSpending], out: Path) -> None:
    """Write the study's tables, plots and page."""

    write_atomically(out / "table.md", tables.markdown(result))
    write_atomically(out / "table.csv", csv_table(result))
    write_atomically(out / "table.json", dump_json(result.model_dump(mode="json")))
    write_atomically(out / "spending.md", tables.spending(spending))
    plots.draw(result, out / "plots")
    write_atomically(out / "index.html", page.page(result, spending, out))


def read_arms(path: Path, argv: list[str]) -> tuple[Study, Arms]:
    """Return a study and its arms with their settings, the run that only draws first.

    Raises ConfigError for a broken file or setting.
    """
    if banned := [word for word in argv if word.partition("=")[0] in ("--config", "--resume")]:
        raise ConfigError(f"{banned[0]}: not for a study; use its file and single options")
    if not path.is_file():
        raise ConfigError(f"{path}: no such file; give the study's file first, then settings")
    study, arms = read_study(path)
    if any(arm.name == DRAWS for arm in arms):
        raise ConfigError(f"{path}: an arm must not be named {DRAWS}")
    draws = Arm(name=DRAWS, settings={}), drawing(config_of(study, {}, argv), study.draws)
    configs = [(arm, config_of(study, arm.settings, argv)) for arm in arms]
    most = max(c.draft.n + c.rounds * c.repair.width for _, c in configs)
    if study.draws < most:
        raise ConfigError(f"{path}: draws: at least {most}, since an arm can make {most} programs")
    return study, [draws, *configs]
