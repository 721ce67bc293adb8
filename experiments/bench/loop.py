"""`python -m experiments.bench.loop`: the time that the loop adds to its server's own time.

A real run, `agent.run` in a separate process with a new store, asks a stand-in server that has a
model's latency but no model (`experiments.bench.latency`; `--hardware` sets its speed). The answers
are programs that do nothing, so that most problems go through all rounds; the sandbox is real. The
client, the judges and the stand-in share the machine. With `--patch on` every problem is searched
for patches before each round, which is their cost at its worst.

- bound: the shortest time in which that server can answer the requests of the finished run,
  simulated with the same scheduler and limit of answers in flight, and a client that takes no time.
- no order can beat: all tokens in full batches, or the longest chain of requests.
- wall: from the start of the run's Python to its end, including the time before the server's first
  request and after its last answer.
- all else: CPU time of the machine that neither the run's own process nor the stand-in used: the
  run's judges, and any other load. Compare repetitions by it: it is higher on a busy machine.
- server lag: the delay between the time an answer was due and the time the stand-in had sent it. It
  is part of the wall time.

`--server URL --vllm EXECUTABLE --tokenizer MODEL` measures a real server instead; see
`experiments.bench.vllm`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from aiohttp import ClientSession
from pydantic import ValidationError

from agent.support.command import command
from agent.support.options import CommandParser
from agent.types import Record
from experiments.bench.footprint import busy_seconds, machine
from experiments.bench.latency import Hardware
from experiments.bench.loop_runs import ObservedRun, RunError, open_standin, options, run_once
from experiments.bench.makespan import least, makespan, work_of
from experiments.bench.sandbox import SandboxFigure, positive, table
from experiments.bench.standin import ServerReport
from experiments.bench.vllm import against_vllm
from experiments.studies.markers import pages_with, write_block

NAME = "experiments.bench.loop"
MARKERS = ("<!-- bench_loop: begin -->", "<!-- bench_loop: end -->")
VLLM_MARKERS = ("<!-- bench_loop vllm: begin -->", "<!-- bench_loop vllm: end -->")
MILLISECONDS = 1e3


class Repetition(Record):
    """The figures of one run against a new stand-in: times in seconds, lags in milliseconds."""

    requests: int
    answers: int
    prompt_tokens: int
    completion_tokens: int
    executions: int
    least: float
    bound: float
    wall: float
    before: float
    after: float
    cpu: float
    others: float
    lag: float
    most_lag: float


async def repetition(
    hardware: Hardware, concurrency: int, arguments: Sequence[str]
) -> tuple[Repetition, str]:
    """Run once. Return the figures and the sandbox's backend. Raises RunError."""
    busy, used = busy_seconds(), children_seconds()
    with TemporaryDirectory() as folder:
        async with open_standin(hardware) as url:
            done = await run_once(Path(folder), f"{url}/v1", arguments)
            async with ClientSession() as session, session.get(f"{url}/report") as answer:
                seen = ServerReport.model_validate_json(await answer.read())
    if done.report.unscored:
        raise RunError(f"{len(done.report.unscored)} problems are unscored")
    others = busy_seconds() - busy - (children_seconds() - used)
    return measured(done, seen, others, hardware, concurrency), done.report.sandbox


def children_seconds() -> float:
    """Return the CPU seconds of this process' children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(
    done: ObservedRun, seen: ServerReport, others: float, hardware: Hardware, concurrency: int
) -> Repetition:
    """Return the figures of a run that the stand-in answered."""
    works = [work_of(trace) for trace in done.traces]
    asks = [ask for work in works for ask in work.asks]
    return Repetition(
        requests=seen.requests,
        answers=sum(len(ask.lengths) for ask in asks),
        prompt_tokens=sum(ask.prompt for ask in asks),
        completion_tokens=sum(sum(ask.lengths) for ask in asks),
        executions=done.executions,
        least=least(works, hardware),
        bound=makespan(works, hardware, concurrency),
        wall=done.end - done.begin,
        before=seen.first - done.begin,
        after=done.end - seen.last,
        cpu=done.cpu,
        others=others,
        lag=seen.lag * MILLISECONDS,
        most_lag=seen.most_lag * MILLISECONDS,
    )


def figures(runs: Sequence[Repetition], concurrency: int) -> list[SandboxFigure]:
    """Return the rows of the table."""

    def of(name: str) -> tuple[float, ...]:
        return tuple(float(getattr(run, name)) for run in runs)

    ratios = tuple(run.wall / run.bound for run in runs)
    return [
        SandboxFigure("requests", "", of("requests")),
        SandboxFigure("answers", "", of("answers")),
        SandboxFigure("prompt tokens", "", of("prompt_tokens")),
        SandboxFigure("completion tokens", "", of("completion_tokens")),
        SandboxFigure("sandbox executions", "", of("executions")),
        SandboxFigure("no order can beat", "", of("least"), " s"),
        SandboxFigure("bound", "", of("bound"), " s"),
        SandboxFigure("wall", "", of("wall"), " s"),
        SandboxFigure(
            f"wall over bound, {concurrency} answers in flight", "at most 1.10x", ratios, "x"
        ),
        SandboxFigure("before the first request", "", of("before"), " s"),
        SandboxFigure("after the last answer", "", of("after"), " s"),
        SandboxFigure("the run's own CPU time", "", of("cpu"), " s"),
        SandboxFigure("CPU time of all else", "", of("others"), " s"),
        SandboxFigure("server lag, median", "", of("lag"), " ms"),
        SandboxFigure("server lag, most", "", of("most_lag"), " ms"),
    ]


async def against_standin(arguments: argparse.Namespace) -> tuple[list[SandboxFigure], str]:
    """Run all repetitions. Return the rows of the table and a description of the machine."""
    hardware, concurrency = arguments.hardware, arguments.concurrency
    runs, backends = [], set()
    for seed in range(arguments.repeat):
        one, backend = await repetition(hardware, concurrency, options(arguments, seed))
        runs.append(one)
        backends.add(backend)
    where = machine(", ".join(sorted(backends)), arguments.slots)
    return figures(runs, concurrency), f"{where}; stand-in: {hardware}"


def hardware(text: str) -> Hardware:
    """Parse the value of `--hardware`: JSON."""
    try:
        return Hardware.model_validate_json(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError(error.errors()[0]["msg"]) from None


def command_line() -> argparse.ArgumentParser:
    """Return the command's parser."""
    parser = CommandParser(NAME, __doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--hardware", type=hardware, default=Hardware(), help="the stand-in's speed, as JSON"
    )
    parser.add_argument("--dataset", default="humaneval")
    parser.add_argument("--problems", type=positive, default=164, help="problems, all at once")
    parser.add_argument("--rounds", type=positive, default=3)
    parser.add_argument("--drafts", type=positive, default=10)
    parser.add_argument(
        "--concurrency", type=positive, default=512, help="answers in flight (two full batches)"
    )
    parser.add_argument("--max-tokens", type=positive, default=1024, help="limit of one answer")
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument("--slots", type=positive, default=3)
    parser.add_argument("--patch", default="off", choices=("on", "off"), help="repair.patch")
    parser.add_argument("--repeat", type=positive, default=3)
    parser.add_argument("--server", help="address of a real vLLM server, up to /v1")
    parser.add_argument("--vllm", type=Path, help="the executable that has `bench serve`")
    parser.add_argument("--tokenizer", help="the folder of that server's model")
    parser.add_argument("--bench-body", default="{}", help="JSON added to each bench request")
    parser.add_argument("--json", action="store_true", help="print all repetitions as JSON")
    parser.add_argument("--readme", action="store_true", help="also write the table to its page")
    return parser


@command(NAME)
def main(argv: list[str]) -> int:
    """Measure, and print the table."""
    parser = command_line()
    arguments = parser.parse_args(argv)
    if len({part is None for part in (arguments.server, arguments.vllm, arguments.tokenizer)}) > 1:
        parser.error("--server, --vllm and --tokenizer go together")
    markers = MARKERS if arguments.server is None else VLLM_MARKERS
    measure = against_standin if arguments.server is None else against_vllm
    if arguments.readme:
        pages_with(markers)  # fail before measuring
    found, where = asyncio.run(measure(arguments))
    text = table(found, where, NAME)
    if arguments.readme:
        write_block(text, markers)
    if arguments.json:
        rows = [figure._asdict() | {"median": median(figure.values)} for figure in found]
        print(json.dumps({"machine": where, "figures": rows}))
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
