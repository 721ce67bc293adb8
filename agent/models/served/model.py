"""Any server that speaks OpenAI's protocol; vLLM is the one it is built for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from agent.config import ModelConfig
from agent.errors import ServerError
from agent.models.served.metrics import cache_use
from agent.models.served.server import Server, ServerInfo
from agent.models.served.server_pool import ServerPool
from agent.models.served.wire import PATHS, begun_with, read_response, request_body
from agent.support.activity import Say
from agent.types import Completion, Message, Sampling

_HOME_CHARACTERS = 256
"""All prompts of a problem share this much, and those of hardly two problems do."""


class ServedModel:
    """One model of one server or of several.

    No answer is streamed: that costs the client many times the CPU.
    """

    def __init__(self, servers: ServerPool, name: str, info: Sequence[ServerInfo]):
        self.servers = servers
        self.name = name
        self.info = tuple(info)
        """One of each server that answered at the start."""
        self.vllm = all(server.vllm for server in info)
        contexts = [server.models.get(name) for server in info]
        self.context = min((c for c in contexts if c is not None), default=None)
        """Tokens of prompt and answer together, where the server says so: vLLM does."""

    @property
    def identity(self) -> str:
        """The model's name: two servers of one model are the same model."""
        return f"served/{self.name}"

    @property
    def line(self) -> str:
        """Which model this is, and where."""
        kind = f" (vLLM {self.info[0].version})" if self.vllm else ""
        return f"{self.name} at {', '.join(info.url for info in self.info)}{kind}"

    @classmethod
    async def connect(
        cls, config: ModelConfig, urls: Sequence[str], key: str, seconds: float, say: Say
    ) -> ServedModel:
        """Ask the servers for their models, and take the one configured or the first.

        Of several servers one has to answer within `seconds`. Raises ServerError if none does, one
        lacks the model, or vLLM alone has what the settings ask for.
        """
        servers = [Server(url, key, config.timeout) for url in urls]
        pool = ServerPool(servers, config.retries, config.patience, say)
        try:
            info = await _facts(servers, seconds, say)
            name = _choose(config.name, info)
            model = cls(pool, name, info)
            if not model.vllm and (asked := config.of_vllm()):
                raise ServerError(f"{urls[0]} is not vLLM, which alone has {', '.join(asked)}")
        except ServerError:
            await pool.aclose()
            raise
        return model

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        """One request for all `n` answers, with every sampling parameter sent.

        Raises ServerError with the server's own words.
        """
        body = request_body(self.name, messages, n, sampling, vllm=self.vllm)
        read = partial(read_response, prefix=begun_with(messages), max_tokens=sampling.max_tokens)
        home = messages[0].content[:_HOME_CHARACTERS]
        return await self.servers.ask(PATHS[sampling.endpoint], body, home, read)

    def provenance(self) -> Mapping[str, Any]:
        """What was found at the start, for the manifest."""
        return {
            "context": self.context,
            "servers": [
                {"url": info.url, "vllm": info.version} if info.vllm else {"url": info.url}
                for info in self.info
            ],
        }

    async def cache_use(self) -> tuple[float, float] | None:
        """Tokens looked up and found in the servers' prefix caches, where they are vLLM."""
        if not self.vllm:
            return None
        try:
            uses = [cache_use(await server.metrics()) for server in self.servers]
        except ServerError:
            return None
        return sum(looked for looked, _ in uses), sum(found for _, found in uses)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.servers.aclose()


async def _facts(servers: Sequence[Server], seconds: float, say: Say) -> list[ServerInfo]:
    """Of all servers that answer. Raises ServerError where none does."""
    found, errors = [], []
    for server in servers:
        try:
            found.append(await server.facts(seconds))
        except ServerError as error:
            errors.append(error)
    if not found:
        raise errors[0]
    for missing in errors:
        say(f"model: {missing}; the others are asked")
    return found


def _choose(wanted: str | None, info: Sequence[ServerInfo]) -> str:
    """The model to ask for. Raises ServerError where a server lists others, or none."""
    name = wanted or next(iter(info[0].models), "")
    for server in info:
        if not name or (server.models and name not in server.models):
            raise ServerError(
                f"{server.url} does not serve {name or 'any model'}; "
                f"it serves {', '.join(server.models) or 'none'}"
            )
    return name
