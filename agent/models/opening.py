"""Opening of the model backend that the settings name."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from agent.config import DraftConfig, ModelConfig, PromptConfig
from agent.datasets.samples import read_samples
from agent.errors import ModelError
from agent.models.base import Backend, CacheUse, Model, WaitsUntil, no_cache, no_wait
from agent.models.fingerprint import ServedIdentity
from agent.models.recorded import SAMPLES, RecordedModel
from agent.models.store import Store
from agent.prompts.drafts import messages_for_draft
from agent.support.activity import Say, silent
from agent.types import Completion, Message, Problem

__all__ = ["Model", "ModelError", "OpenedModel", "open_model"]

DEFAULT_URL = "http://localhost:8000/v1"
_PROBE_RETRIES = 3


class OpenedModel:
    """A model that is ready, the stores that it answers from, and a line that describes it."""

    def __init__(
        self,
        model: Backend,
        line: str,
        stores: Sequence[Store] = (),
        context: int | None = None,
        facts: Mapping[str, object] | None = None,
        cache_use: CacheUse = no_cache,
        known: ServedIdentity | None = None,
        waits_until: WaitsUntil = no_wait,
        stop_retrying: Callable[[], None] = no_wait,
    ):
        self.model = model
        self.line = line
        self.stores = tuple(stores)
        self.context = context
        """The model's context in tokens, prompt and answer together; None if unknown."""
        self.facts = facts or {}
        """Facts about the model and its servers, for the manifest."""
        self.cache_use = cache_use
        """Queries the use of its servers' prefix caches."""
        self.known = known
        """The identity of a served model, fact by fact."""
        self.is_introduced = False
        """Whether the store that runs share has been told of the identity."""
        self.waits_until = waits_until
        """Tells whether requests wait for a server."""
        self.stop_retrying = stop_retrying
        """Lets requests in flight finish, and sends no request again."""

    async def aclose(self) -> None:
        """Close the model and its stores."""
        await self.model.aclose()
        for store in self.stores:
            store.close()


async def open_model(
    config: ModelConfig,
    problems: Sequence[Problem],
    seed: int,
    *,
    draft: DraftConfig = DraftConfig(),  # noqa: B008 - frozen
    loops: bool = False,
    waits: bool = False,
    say: Say = silent,
    environ: Mapping[str, str] | None = None,
) -> OpenedModel:
    """Open the backend that the settings name. `loops`: whether it is asked for more than drafts.

    `draft`: how a run drafts, for a file of samples, which answers its prompts.

    `waits`: whether to wait `patience` seconds for a server that does not answer, as a resumed run
    does.

    `say` receives one line per event on a server that the user should know about. `environ` may
    name servers and a key, but the settings take precedence; the command line passes the process
    environment, callers from Python pass nothing. Raises ModelError if the backend is not
    available, and DatasetError if the samples file is broken.
    """
    config = with_environment(config, environ or {})
    match config.backend:
        case "auto":
            return await _auto(config, say)
        case "served":
            return await _served(config, 10.0, say, config.patience if waits else 0.0)
        case "embedded":
            return _embedded(config, "asked for by name")
        case "recorded":
            return _recorded(config, problems, seed, draft, loops=loops)


def with_environment(config: ModelConfig, environ: Mapping[str, str]) -> ModelConfig:
    """Return the settings, with $OPENAI_BASE_URL and $OPENAI_API_KEY for unset fields."""
    found = {
        "base_url": config.base_url or environ.get("OPENAI_BASE_URL") or None,
        "api_key": config.api_key or environ.get("OPENAI_API_KEY") or None,
    }
    return config.model_copy(update=found)


def base_urls(config: ModelConfig) -> list[str]:
    """Return the base URLs of the servers. Raises ModelError if one is not a URL of HTTP."""
    named = config.base_url or DEFAULT_URL
    urls = [url.strip() for url in named.split(",") if url.strip()]
    for url in urls:
        if complaint := _url_complaint(url):
            raise ModelError(f"model.base_url: {url} {complaint}")
    if not urls:
        raise ModelError(f"model.base_url: {named!r} names no server; give a URL: {DEFAULT_URL}")
    return list(dict.fromkeys(url.rstrip("/") for url in urls))


def _url_complaint(url: str) -> str:
    """Return the fault of a base URL and what would be right, or "" if it has none."""
    if "://" not in url:
        return f"does not begin with http:// or https://; give http://{url.lstrip('/')}"
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        return f"is not a URL: {error}; give one such as {DEFAULT_URL}"
    if parts.scheme.lower() not in ("http", "https"):
        return f"begins with {parts.scheme}://, not with http:// or https://"
    return "" if has_host else f"names no host; give a URL such as {DEFAULT_URL}"


async def _served(
    config: ModelConfig, seconds: float, say: Say, patience: float = 0.0
) -> OpenedModel:
    from agent.models.served.model import ServedModel

    # Local servers need no key, but the client does not start without one.
    key = config.api_key or "none"
    model = await ServedModel.connect(config, base_urls(config), key, seconds, say, patience)
    try:
        await model.check_penalty(config)
        await model.identify(config.label, min(config.retries, _PROBE_RETRIES), say)
    except ModelError:
        await model.aclose()
        raise
    return OpenedModel(
        model,
        model.line,
        (),
        model.context,
        model.provenance(),
        model.cache_use,
        model.known,
        lambda: model.servers.waits_until,
        model.servers.stop_retrying,
    )


async def _auto(config: ModelConfig, say: Say) -> OpenedModel:
    """Open a server if one answers, else the synthesiser; a configured server must answer."""
    if config.base_url or config.name:
        return await _served(config, 10.0, say)
    if await _listens(DEFAULT_URL):  # a client takes long to import
        with suppress(ModelError):
            return await _served(config, 1.0, say)
    reason = f"no server answers at {DEFAULT_URL}; give one with --model.base-url URL"
    return _embedded(config, reason)


async def _listens(url: str) -> bool:
    """Whether something accepts connections at a URL."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(1.0):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    except OSError:
        return False
    writer.close()
    return True


def _embedded(config: ModelConfig, reason: str) -> OpenedModel:
    from agent.synthesiser import EmbeddedModel

    if asked := config.of_server():
        names = ", ".join(asked)
        raise ModelError(f"{names}: needs a server, not the embedded synthesiser ({reason})")
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
    line = f"the embedded synthesiser, which is not a language model ({reason})"
    return OpenedModel(EmbeddedModel(workers=workers), line)


def _recorded(
    config: ModelConfig, problems: Sequence[Problem], seed: int, draft: DraftConfig, *, loops: bool
) -> OpenedModel:
    path = config.path
    if path is None or not path.is_file():
        raise ModelError(f"the recorded backend needs --model.path FILE: {path} is not a file")
    if path.read_bytes()[:15] == b"SQLite format 3":
        return _from_store(path, config.name)
    if loops:
        raise ModelError(
            f"{path} holds only drafts: also give --tests.n 0 --inputs.n 0, --rounds 0 or"
            " --repair.strategy patch, a selector that does not ask the model, and a prompt without"
            " a plan"
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    identity, answers = f"{SAMPLES}{digest[:16]}", _drafts(config, draft.prompt, path, problems)
    model = RecordedModel(identity, str(path), answers, seed)
    return OpenedModel(model, f"the samples in {path}: drafts only")


def _from_store(path: Path, name: str | None) -> OpenedModel:
    store = Store(path)
    held = store.models()
    chosen = [one for one in held if one == name] or [
        one for one in held if name is None or _is_named(one, name, store)
    ]
    if len(chosen) != 1:
        models = ", ".join(held) or "no model"
        store.close()
        raise ModelError(f"{path} holds answers of {models}; choose one with --model.name")
    (identity,) = chosen
    model, line = RecordedModel(identity, str(path)), f"the answers of {identity} in {path}"
    return OpenedModel(model, line, [store], known=store.known(identity))


def _is_named(identity: str, name: str, store: Store) -> bool:
    """Whether `name` is a model's identity in a store, or the name that it was served by."""
    known = store.known(identity)
    plain = known.plain if known else identity
    return name in (identity, plain, plain.removeprefix("served/"))


def _drafts(
    config: ModelConfig, prompt: PromptConfig, path: Path, problems: Sequence[Problem]
) -> Mapping[tuple[Message, ...], Sequence[Completion]]:
    by_id = {problem.task_id: problem for problem in problems}
    drafts: dict[tuple[Message, ...], list[Completion]] = {
        messages_for_draft(problem, config, prompt): [] for problem in problems
    }
    for sample in read_samples(path, by_id):
        messages = messages_for_draft(by_id[sample.task_id], config, prompt)
        drafts[messages].append(Completion(text=sample.text))
    return drafts
