"""Studies: run the arms in run folders, compare them, and write the results.

All arms share drafts, generated tests and every identical request through the store. Arms that
draft in the same way are compared with the same draws. A study that is started again continues
where it stopped. A finished study sends no requests and writes the same tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from agent.config import RunConfig
from agent.datasets import Dataset, load
from agent.datasets.records import source_of
from agent.errors import ConfigError, PluginError, RunFolderError
from agent.models.opening import OpenedModel
from agent.report.summary import Report
from agent.runner.folder import RunFolder
from agent.runner.lock import locked
from agent.runner.progress import Watcher
from agent.runner.resources import (
    Resources,
    check_plugins,
    choose_problems,
    facts_to_match,
    open_judge,
    open_model_of,
    open_resources,
)
from agent.runner.resume import check_made_with
from agent.runner.run import ENDING, Watch, run_in
from agent.runner.versions import settings_of
from agent.settings import differences
from agent.support.activity import Say
from agent.support.files import dump_json, write_atomically
from agent.types import Trace
from experiments.studies import html_report as page
from experiments.studies import plots, tables
from experiments.studies.analysis import ArmRun, analyse
from experiments.studies.arms import Arm, Study, config_of, drawing, read_study, rehearsed
from experiments.studies.csv_table import csv_table
from experiments.studies.disk_cache import DiskCache
from experiments.studies.draws import is_known
from experiments.studies.plot_data import plot_data
from experiments.studies.problem_grid import GridRow, problem_grid
from experiments.studies.results import ArmSpending, StudyResult

DRAWS = "draws"
"""The run that only draws for the baseline, and the first part of the name of others."""
STOPPED = "stopped; repeat the command to continue"
"""The line to say when a study ends early."""


@dataclass(frozen=True)
class PlannedRun:
    """A run of a study: an arm, or a run that only draws."""

    arm: Arm
    config: RunConfig
    draws: str = ""
    """Name of the run whose drafts the arm's draws are taken from; empty for such a run itself."""


@dataclass(frozen=True)
class StudyPlan:
    """A study and its runs: those that only draw first, then the arms, the baseline first."""

    study: Study
    runs: tuple[PlannedRun, ...]

    @property
    def arms(self) -> tuple[PlannedRun, ...]:
        """The runs that do more than draw for others."""
        return tuple(run for run in self.runs if run.draws)


@dataclass(frozen=True)
class FinishedStudy:
    """The results of a study, and the resources that it took."""

    result: StudyResult
    spending: tuple[ArmSpending, ...]
    lost: tuple[str, ...]
    """Arms without a scored problem: the tables do not contain them."""


def unfinished(plan: StudyPlan, out: Path) -> list[PlannedRun]:
    """Return the runs that still have to ask. Raises what `is_finished` raises."""
    dataset = load(plan.arms[0].config.dataset)
    return [run for run in plan.runs if not is_finished(run.config, dataset, folder(out, run.arm))]


async def run_study(
    plan: StudyPlan,
    todo: Sequence[PlannedRun],
    out: Path,
    watcher: Watcher,
    environ: Mapping[str, str] | None = None,
) -> FinishedStudy:
    """Do the runs of `todo`, those that are not finished, and compare all arms.

    `environ` is the environment of a command. Raises what `agent.runner.run.run` raises, and
    RunFolderError if another process works on the study, or if the draws or the baseline do not
    have a scored problem.
    """
    config = plan.arms[0].config
    waits = any((folder(out, run.arm) / "manifest.json").exists() for run in plan.runs)
    async with AsyncExitStack() as stack:
        if todo:
            problems = len(choose_problems(load(config.dataset), config))
            progress = watcher.watch(problems * len(todo))
        groups = [*_by_model(todo)]
        opened = await _open_models(groups, watcher.say, environ, stack, waits=waits)
        for group, model in zip(groups, opened, strict=True):
            configs = [run.config for run in group]
            async with open_resources(
                configs, watcher.say, environ, waits=waits, opened=model
            ) as resources:
                if group[0] is todo[0]:
                    stack.enter_context(locked(out))
                for run in group:
                    watcher.say(f"arm {run.arm.name}")
                    path = folder(out, run.arm)
                    await run_arm(resources, run.config, path, watcher, lambda _: progress)
        if not todo:
            stack.enter_context(locked(out))
        drafts, runs, lost = read_runs(plan, out)
        watcher.say("comparing with draws at equal cost")
        private = (source_of(config.dataset).path, out)
        async with open_judge(config, private, watcher.say) as sandbox:
            cache = DiskCache(out / "expected.json")
            result = await analyse(plan.study, runs, sandbox, cache)
        spending = tuple(_spending(run.arm.name, run.report) for run in (*drafts, *runs))
        write(result, spending, out, problem_grid(runs))
    return FinishedStudy(result, spending, lost)


async def _open_models(
    groups: Sequence[Sequence[PlannedRun]],
    say: Say,
    environ: Mapping[str, str] | None,
    stack: AsyncExitStack,
    *,
    waits: bool,
) -> list[OpenedModel | None]:
    """Open the model of each group, so that none is refused after others were asked.

    A single one is None: it is opened with the other resources. Raises ModelError.
    """
    if len(groups) < 2:
        return [None] * len(groups)
    for run in chain.from_iterable(groups):
        check_plugins(run.config)
    problems = load(groups[0][0].config.dataset).problems
    opened: list[OpenedModel | None] = []
    for group in groups:
        configs = [run.config for run in group]
        model = await open_model_of(configs, problems, say, environ, waits=waits)
        stack.push_async_callback(model.aclose)
        opened.append(model)
    return opened


def _by_model(runs: Sequence[PlannedRun]) -> Iterator[list[PlannedRun]]:
    """Yield the runs that have the same settings of the model, in the order of their first."""
    for one in dict.fromkeys(run.config.model for run in runs):
        yield [run for run in runs if run.config.model == one]


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


def read_runs(plan: StudyPlan, out: Path) -> tuple[list[ArmRun], list[ArmRun], tuple[str, ...]]:
    """Return the runs that only draw, the runs of the arms, and the arms without a scored problem.

    Raises RunFolderError if draws or the baseline have no scored problem, or if the same settings
    of the model have led to different models.
    """
    found: dict[str, ArmRun] = {}
    for one in plan.runs:
        report, traces = read_run(folder(out, one.arm))
        path = folder(Path(), one.arm).as_posix()
        drawn = found[one.draws] if one.draws else None
        drafts = (traces, path) if drawn is None else (drawn.traces, drawn.folder)
        found[one.arm.name] = ArmRun(one.arm, one.config, path, report, traces, *drafts)
    for group in _by_model(plan.runs):
        _check_model({found[one.arm.name].report.model for one in group}, out)
    needed = [found[one.arm.name] for one in plan.runs if not one.draws]
    arms = [found[one.arm.name] for one in plan.arms]
    for run in (*needed, arms[0]):
        if not run.traces:
            reasons = [u.error for u in run.report.unscored]
            reasons += [f"{u.task_id} is unjudged: {u.reason}" for u in run.report.unjudged]
            why = reasons[0] if reasons else "there are none"
            raise RunFolderError(f"{out / run.folder}: no problem could be scored: {why}")
    lost = tuple(run.arm.name for run in arms if not run.traces)
    return needed, [run for run in arms if run.traces], lost


def _check_model(models: set[str], out: Path) -> None:
    # Runs of former versions know a served model by its name only.
    known = {one for one in models if not any(two.startswith(f"{one}#") for two in models)}
    if len(known) > 1:
        raise RunFolderError(f"{out}: runs of different models: {', '.join(sorted(known))}")


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
        patch_seconds=report.patches.seconds if report.patches else 0.0,
    )


def write(
    result: StudyResult, spending: Sequence[ArmSpending], out: Path, problems: Sequence[GridRow]
) -> None:
    """Write the study's tables, plots and page."""
    write_atomically(out / "table.md", tables.markdown(result))
    write_atomically(out / "table.csv", csv_table(result))
    write_atomically(out / "table.json", dump_json(result.model_dump(mode="json")))
    write_atomically(out / "spending.md", tables.spending(spending))
    plots.draw(result, out / "plots")
    for name, text in plot_data(result).items():
        write_atomically(out / "plots" / f"{name}.csv", text)
    write_atomically(out / "index.html", page.page(result, spending, out, problems))


def read_plan(
    path: Path, argv: list[str], draws: int | None = None, rehearse: bool = False
) -> StudyPlan:
    """Return a study with its runs and their settings.

    `draws` replaces the number of drafts in the file. A rehearsal is with the embedded model in
    place of every other. Arms that differ only in what it ignores are then the same.

    Raises ConfigError for a broken file or setting, and for two arms with the same settings.
    """
    if banned := [word for word in argv if word.partition("=")[0] in ("--config", "--resume")]:
        raise ConfigError(f"{banned[0]}: not for a study; use its file and single options")
    study, arms = read_study(path)
    name = f"{study.name}-rehearsal" if rehearse else study.name
    if draws is not None and draws < 1:
        raise ConfigError(f"draws: must be at least 1, not {draws}")
    study = study.model_copy(update={"name": name, "draws": draws or study.draws})
    if any(arm.name.startswith(DRAWS) for arm in arms):
        raise ConfigError(f"{path}: an arm must not be named {DRAWS}")
    base = config_of(study, {}, argv)
    kinds: dict[RunConfig, str] = {}
    names: dict[RunConfig, str] = {}
    planned: list[PlannedRun] = []
    for arm in arms:
        try:
            config = config_of(study, arm.settings, argv)
        except ConfigError as error:
            raise ConfigError(f"{path}: {arm.name}: {'; '.join(str(error).splitlines())}") from None
        check_plugins(config)
        if (same := names.setdefault(config, arm.name)) != arm.name:
            raise ConfigError(f"{path}: arms {same} and {arm.name} have the same settings")
        config = rehearsed(config) if rehearse else config
        drafting = base.model_copy(update={"model": config.model, "draft": config.draft})
        name = DRAWS if not kinds else f"{DRAWS},{arm.name}"
        name = kinds.setdefault(drawing(drafting, study.draws), name)
        planned.append(PlannedRun(arm, config, name))
    most = max(c.draft.n + c.rounds * c.repair.width for c in names)
    if study.draws < most:
        raise ConfigError(f"{path}: draws: at least {most}, since an arm can make {most} programs")
    first = [PlannedRun(Arm(name=name, settings={}), config) for config, name in kinds.items()]
    return StudyPlan(study, (*first, *planned))
