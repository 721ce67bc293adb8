"""Model, sandbox, store and dataset, opened once for the runs of one model on one dataset."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from agent.answers import EXTRACTORS
from agent.config import RunConfig
from agent.datasets import BENCHMARKS, Dataset, load
from agent.datasets.base import random_part
from agent.datasets.records import source_of
from agent.errors import DatasetError, UnknownProblemError
from agent.evaluation.scoring import Scorer
from agent.models.opening import OpenedModel, open_model
from agent.models.store import Store
from agent.models.stored import StoredModel, introduce
from agent.prompts import prompt_hashes
from agent.prompts.drafts import check_examples, load_prompt
from agent.repair import STRATEGIES, most_calls
from agent.runner.folder import RunFolder
from agent.runner.lookup import find_task
from agent.runner.provenance import dataset_facts
from agent.runner.resume import check_made_with
from agent.runner.retrying_sandbox import RetryingSandbox
from agent.selection import SELECTORS, asks_model, load_selector, selector_parts
from agent.support.activity import Activity, Say, silent
from agent.support.plugins import PluginKind, file_hashes, is_path
from agent.types import Problem
from agent.visible_tests import SOURCES
from sandbox import open_sandbox
from sandbox.base import Sandbox


@dataclass(frozen=True)
class Backends:
    """The open model and sandbox, the store that all runs share, and the counts of their use."""

    opened: OpenedModel
    sandbox: Sandbox
    shared: Store
    activity: Activity

    def stored_model(self, config: RunConfig, say: Say, own: Sequence[Store] = ()) -> StoredModel:
        """Return the model behind a run's own store, if any, and the store that all runs share.

        `say` gets a line on answers in the shared store that may be those of another model.
        """
        opened = self.opened
        if opened.known is not None:
            for store in own:
                introduce(opened.known, store, silent)
            introduce(opened.known, self.shared, silent if opened.is_introduced else say)
            opened.is_introduced = True
        stores = (*own, self.shared, *opened.stores)
        limit, context = config.model.concurrency, opened.context
        return StoredModel(opened.model, stores, limit, self.activity, context)


@dataclass(frozen=True)
class Resources:
    """The open backends, the dataset, and the scorer with its hidden tests."""

    dataset: Dataset
    scorer: Scorer
    backends: Backends


@asynccontextmanager
async def open_resources(
    configs: Sequence[RunConfig],
    say: Say,
    environ: Mapping[str, str] | None = None,
    *,
    waits: bool = False,
    opened: OpenedModel | None = None,
) -> AsyncIterator[Resources]:
    """Open the resources that the runs of `configs` share.

    The runs may differ in the settings of the loop, but not in dataset, model, sandbox and store.
    `environ` is the environment of the command; it may name servers and API keys. `waits`: whether
    to wait for a server that does not answer, as for the server of a resumed run. `opened`: the
    model, if the caller has opened it, and closes it. Raises what `agent.runner.run.run` raises.
    """
    config = configs[0]
    for each in configs:
        check_plugins(each)
    dataset = load(config.dataset)
    problems = choose_problems(dataset, config)
    if config.resume is not None:
        check_made_with(RunFolder.open(config.resume), facts_to_match(config, dataset, problems))
    scorer = Scorer(config.dataset, config.store.parent)
    private = (source_of(config.dataset).path, config.resume or config.out or Path("runs"))
    waits = waits or config.resume is not None
    async with open_backends(
        configs, dataset.problems, say, environ, private, waits=waits, opened=opened
    ) as backends:
        yield Resources(dataset, scorer, backends)


@asynccontextmanager
async def open_backends(
    configs: Sequence[RunConfig],
    problems: Sequence[Problem],
    say: Say,
    environ: Mapping[str, str] | None = None,
    private: Iterable[Path] = (),
    *,
    waits: bool = False,
    opened: OpenedModel | None = None,
) -> AsyncIterator[Backends]:
    """Open the model that the settings name, then the sandbox, which hides the `private` paths.

    `waits` and `opened` are those of `open_resources`.

    Raises ModelError, SandboxUnavailable or StoreError if one of them cannot be opened.
    """
    activity = Activity()
    async with AsyncExitStack() as stack:
        if opened is None:
            opened = await open_model_of(configs, problems, say, environ, waits=waits)
            stack.push_async_callback(opened.aclose)
        say(f"model: {opened.line}")
        judge = open_judge(configs[0], private, say, activity)
        sandbox = await stack.enter_async_context(judge)
        name, reason = sandbox.info.backend, sandbox.info.reason
        say(f"sandbox: {reason or f'{name}, set by sandbox.backend'}")
        yield Backends(
            opened, sandbox, stack.enter_context(closing(Store(configs[0].store))), activity
        )


async def open_model_of(
    configs: Sequence[RunConfig],
    problems: Sequence[Problem],
    say: Say,
    environ: Mapping[str, str] | None = None,
    *,
    waits: bool = False,
) -> OpenedModel:
    """Open the model that runs share, for all that any of them asks. Raises ModelError."""
    for each in configs:
        check_examples(each.draft.prompt, problems)
    config = configs[0]
    return await open_model(
        *(config.model, problems, config.seed),
        draft=config.draft,
        loops=any(has_requests_beyond_drafts(each) for each in configs),
        waits=waits,
        say=say,
        environ=environ,
    )


@asynccontextmanager
async def open_judge(
    config: RunConfig, private: Iterable[Path], say: Say, activity: Activity | None = None
) -> AsyncIterator[Sandbox]:
    """Open the sandbox, which hides the store and the `private` paths, and is waited for if lost.

    Raises SandboxUnavailable.
    """
    async with open_sandbox(config.sandbox.opening(), [config.store, *private]) as inner:
        slots, patience = config.sandbox.slots, config.sandbox.patience
        yield RetryingSandbox(inner, slots, patience, say, activity or Activity())


def named_plugins(config: RunConfig) -> dict[PluginKind, tuple[str, ...]]:
    """Return the plug-ins that the settings name. A dataset is a plug-in if it is a .py file."""
    return {
        BENCHMARKS: tuple(filter(is_path, (config.dataset,))),
        SELECTORS: selector_parts(config.selector),
        STRATEGIES: (config.repair.strategy,),
        SOURCES: config.tests.sources,
        EXTRACTORS: (config.model.extractor,),
    }


def check_plugins(config: RunConfig) -> None:
    """Load the plug-ins and the prompt that the settings name; load files again, even if loaded.

    Raises PluginError, SelectorError or ConfigError.
    """
    for kind, names in named_plugins(config).items():
        for name in names:
            kind.load(name, fresh=True)
    load_selector(config.selector)  # raises for a selector that cannot be used in a run
    load_prompt.cache_clear()
    load_prompt(config.draft.prompt)


def plugin_hashes(config: RunConfig) -> dict[str, str]:
    """Return the hash of each plug-in and file of the prompt that the settings name by path.

    Raises UnknownPluginError or ConfigError.
    """
    plugins = file_hashes(*chain.from_iterable(named_plugins(config).values()))
    return plugins | load_prompt(config.draft.prompt).hashes


def facts_to_match(
    config: RunConfig, dataset: Dataset, problems: Sequence[Problem]
) -> dict[str, object]:
    """Return the manifest entries that a resumed run must share, and that need no open model."""
    return {
        "dataset": dataset_facts(dataset),
        "prompts": prompt_hashes(),
        "plugins": plugin_hashes(config),
        "tasks": [problem.task_id for problem in problems],
    }


def has_requests_beyond_drafts(config: RunConfig) -> bool:
    """Whether a run asks a model for more than drafts."""
    writes_tests = config.tests.n and "written" in config.tests.sources
    repairs = config.rounds and most_calls(config.repair.strategy)
    asking = (writes_tests, repairs, config.inputs.n, asks_model(config.selector))
    plans = load_prompt(config.draft.prompt).is_planned
    return any(asking) or plans or any(map(is_path, config.tests.sources))


def choose_problems(dataset: Dataset, config: RunConfig) -> tuple[Problem, ...]:
    """Return the problems that the settings select. `tasks` may name a task by its ending: 12.

    Raises DatasetError if the dataset does not have a task, or an ending is ambiguous.
    """
    ids = [problem.task_id for problem in dataset.problems]
    try:
        chosen = {find_task(ids, task, dataset.name) for task in config.tasks if task}
    except UnknownProblemError as error:
        raise DatasetError(f"tasks: {error}") from None
    wanted = [p for p in dataset.problems if not config.tasks or p.task_id in chosen]
    return random_part(wanted, config.sample, config.seed)[: config.limit]
