"""The probe: a short greedy request, whose answer tells models of the same name apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from agent.errors import ModelError, TransientError
from agent.models.fingerprint import PROBE, PROBE_SAMPLING, probe_hash
from agent.models.served.server import Server
from agent.models.served.server_pool import ServerPool
from agent.models.served.wire import PATHS, read_response, request_body
from agent.types import Completion, Endpoint, Usage


@dataclass(frozen=True)
class Probed:
    """The result of a probe."""

    hash: str | None = None
    usage: Usage = field(default_factory=Usage)
    missing: str = ""
    """Reason why there is no hash."""


async def probe(pool: ServerPool, server: Server, name: str, retries: int, *, vllm: bool) -> Probed:
    """Send the probe to one server: as a chat, and as a text if the server refuses chats.

    A server that refuses both, or answers without text, has no hash. Raises TransientError if no
    retry helps.
    """
    reason = ""
    for endpoint in ("chat", "completions"):
        try:
            answer = await _ask(pool, server, name, endpoint, retries, vllm=vllm)
        except TransientError:
            raise
        except ModelError as error:
            reason = reason or str(error)
            continue
        # Chat templates differ in the tokens that they add, and vLLM counts them exactly.
        facts = (endpoint, answer.usage.prompt_tokens) if vllm else (endpoint,)
        found = probe_hash(answer, facts)
        return Probed(found, answer.usage, "" if found else "it is empty")
    return Probed(missing=reason)


async def _ask(
    pool: ServerPool, server: Server, name: str, endpoint: Endpoint, retries: int, *, vllm: bool
) -> Completion:
    sampling = PROBE_SAMPLING.model_copy(update={"endpoint": endpoint})
    body = request_body(name, PROBE, 1, sampling, vllm=vllm)
    del body["logprobs"]
    read = partial(read_response, prefix="", max_tokens=sampling.max_tokens, n=1)
    (answer, *_) = await pool.ask_alone(server, PATHS[endpoint], body, read, retries)
    return answer
