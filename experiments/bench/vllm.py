"""`experiments.bench.loop --server URL --vllm EXECUTABLE`: the loop beside `vllm bench serve`.

The two take turns at one real server. After each run, the bench sends the prompts that the run
sent, one request per answer, with the temperature of the sampled ones; each answer is made as long
as the run's own. `--concurrency` limits the answers in flight of both.

The run's rate is its answers' tokens over the time in which the server's own token count grew, read
four times a second; the bench's rate is the one that it reports. Each turn begins with an empty
prefix cache if the server can empty it, which takes VLLM_SERVER_DEV_MODE=1; the table says whether
it could.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from aiohttp import ClientSession
from pydantic import BaseModel

from agent.models.served.metrics import total
from agent.support.files import dump_lines
from agent.types import Trace
from experiments.bench.contest import ratio
from experiments.bench.footprint import machine
from experiments.bench.loop_runs import LABEL, RunError, options, run_once
from experiments.bench.sandbox import SandboxFigure

LOOK_SECONDS = 0.25
MISCOUNT = 0.01
"""Share of tokens that the bench may be off by: a text may have fewer tokens than were sampled."""


class BenchReport(BaseModel):
    """The result that `vllm bench serve` writes."""

    completed: int
    failed: int
    total_output_tokens: int
    output_throughput: float


class InterleavedRun(NamedTuple):
    """One run and the bench that followed it."""

    answers: int
    prompt_tokens: int
    """Tokens of the prompts, counted once per answer."""
    completion_tokens: int
    seconds: float
    """Length of the run's generation phase."""
    wall: float
    cpu: float
    bench: BenchReport
    emptied: bool
    """Whether both began with an empty prefix cache."""
    backend: str


class TokenCounter:
    """Readings of a server's own count of the tokens that it has written."""

    def __init__(self) -> None:
        self.looks: list[tuple[float, float]] = []

    def look(self, metrics: str, now: float) -> None:
        """Add the reading of the server's metrics at the time `now`."""
        self.looks.append((now, total(metrics, "generation_tokens")))

    @property
    def seconds(self) -> float:
        """Seconds from the last reading of the first count to the first reading of the last one."""
        first, last = self.looks[0][1], self.looks[-1][1]
        begin = max((t for t, count in self.looks if count == first), default=0.0)
        end = min((t for t, count in self.looks if count == last), default=0.0)
        return end - begin


@asynccontextmanager
async def metered(session: ClientSession, root: str) -> AsyncIterator[TokenCounter]:
    """Read the server's token count every LOOK_SECONDS, and a last time at the end."""
    meter = TokenCounter()

    async def look() -> None:
        async with session.get(f"{root}/metrics") as answer:
            meter.look(await answer.text(), time.monotonic())

    async def watch() -> None:
        while True:
            await look()
            await asyncio.sleep(LOOK_SECONDS)

    await look()
    task = asyncio.create_task(watch())
    try:
        yield meter
    finally:
        task.cancel()
        await look()


def prompts(traces: Sequence[Trace]) -> Iterator[dict[str, object]]:
    """Yield one line of the bench's data set for each answer of a run."""
    for trace in traces:
        for call in trace.calls:
            text = call.messages[-1].content
            for answer in call.completions:
                yield {"prompt": text, "output_tokens": answer.usage.completion_tokens}


async def bench(
    folder: Path, root: str, model: str, traces: Sequence[Trace], arguments: argparse.Namespace
) -> BenchReport:
    """Run `vllm bench serve` on the prompts of a run. Raises RunError if it fails."""
    lines = list(prompts(traces))
    data, result = folder / "prompts.jsonl", folder / "bench.json"
    data.write_text(dump_lines(lines), encoding="utf-8")
    sampling = max((call.sampling for call in traces[0].calls), key=lambda one: one.temperature)
    given = {
        "backend": "openai-chat",
        "base-url": root,
        "endpoint": "/v1/chat/completions",
        "model": model,
        "tokenizer": arguments.tokenizer,
        "dataset-name": "custom",
        "dataset-path": data,
        "custom-output-len": -1,
        "num-prompts": len(lines),
        "max-concurrency": arguments.concurrency,
        "temperature": sampling.temperature,
        "top-p": sampling.top_p,
        "extra-body": arguments.bench_body,
        "result-dir": folder,
        "result-filename": result.name,
    }
    flags = ("--skip-chat-template", "--ignore-eos", "--disable-shuffle", "--disable-tqdm")
    process = await asyncio.create_subprocess_exec(
        *(str(arguments.vllm), "bench", "serve", *flags, "--save-result"),
        *(part for name, value in given.items() for part in (f"--{name}", str(value))),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise RunError(output.decode(errors="replace").strip()[-500:])
    found = BenchReport.model_validate_json(result.read_bytes())
    if found.failed:
        raise RunError(f"{found.failed} requests of the bench failed")
    asked = sum(call.usage.completion_tokens for trace in traces for call in trace.calls)
    if abs(found.total_output_tokens - asked) > MISCOUNT * asked:
        raise RunError(f"the bench received {found.total_output_tokens} tokens, not {asked}")
    return found


async def emptied(session: ClientSession, root: str) -> bool:
    """Empty the server's prefix cache. Return False if the server cannot."""
    async with session.post(f"{root}/reset_prefix_cache") as answer:
        return answer.status == 200


async def turn(
    session: ClientSession, root: str, arguments: argparse.Namespace, seed: int
) -> InterleavedRun:
    """Run the loop once, then the bench. Raises RunError if one of them fails."""
    with TemporaryDirectory() as folder:
        empty = [await emptied(session, root)]
        async with metered(session, root) as meter:
            done = await run_once(Path(folder), f"{root}/v1", options(arguments, seed))
        empty.append(await emptied(session, root))
        model = done.report.model.removeprefix("served/").removesuffix(f"#{LABEL}")
        found = await bench(Path(folder), root, model, done.traces, arguments)
    calls = [call for trace in done.traces for call in trace.calls]
    return InterleavedRun(
        answers=done.report.completions,
        prompt_tokens=sum(c.usage.prompt_tokens * len(c.completions) for c in calls),
        completion_tokens=done.report.usage.completion_tokens,
        seconds=meter.seconds,
        wall=done.end - done.begin,
        cpu=done.cpu,
        bench=found,
        emptied=all(empty),
        backend=done.report.sandbox,
    )


def figures(turns: Sequence[InterleavedRun]) -> list[SandboxFigure]:
    """Return the rows of the table."""
    ours = tuple(one.completion_tokens / one.seconds for one in turns)
    theirs = tuple(one.bench.output_throughput for one in turns)
    whole = tuple(one.completion_tokens / one.wall for one in turns)
    return [
        SandboxFigure("answers", "", tuple(float(one.answers) for one in turns)),
        SandboxFigure("tokens of a prompt", "", tuple(o.prompt_tokens / o.answers for o in turns)),
        SandboxFigure(
            "tokens of an answer", "", tuple(o.completion_tokens / o.answers for o in turns)
        ),
        SandboxFigure("wall", "", tuple(one.wall for one in turns), " s"),
        SandboxFigure("the run's own CPU time", "", tuple(one.cpu for one in turns), " s"),
        SandboxFigure("output tokens/s of the loop, whole wall", "", whole),
        SandboxFigure("output tokens/s of the loop, generation phase", "", ours),
        SandboxFigure("output tokens/s of vllm bench serve", "", theirs),
        SandboxFigure(
            "the loop against vllm bench serve", "at least 0.9x", ratio(ours, theirs), "x"
        ),
    ]


async def against_vllm(arguments: argparse.Namespace) -> tuple[list[SandboxFigure], str]:
    """Take the turns in order. Return the rows of the table and a description of the machine."""
    root = arguments.server.rstrip("/").removesuffix("/v1")
    async with ClientSession() as session:
        turns = [await turn(session, root, arguments, i) for i in range(arguments.repeat)]
    cache = "emptied" if all(one.emptied for one in turns) else "kept"
    where = machine(turns[0].backend, arguments.slots)
    body = "" if json.loads(arguments.bench_body) == {} else f", bench with {arguments.bench_body}"
    return figures(turns), (
        f"{where}; vLLM on the same cores, prefix cache {cache} before each turn, "
        f"{arguments.concurrency} in flight{body}"
    )
