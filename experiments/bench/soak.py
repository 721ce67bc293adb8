"""`python -m experiments.bench.soak`: a leak test of one sandbox, one program in three hostile.

Every verdict is checked; one kind of program checks that its folder is empty. Processes,
descriptors and memory are counted when the sandbox is warm and at the end. A figure that grew is a
leak, and the command then fails.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from typing import NamedTuple

from agent.support.command import command
from agent.support.options import CommandParser
from experiments.bench.footprint import Footprint, footprint
from sandbox import Job, Limits, SandboxConfig, Status, open_sandbox
from sandbox.base import Sandbox

NAME = "experiments.bench.soak"
GROWTH = 1.25
"""Factor by which memory may grow, since it is noisy; no other figure may grow at all."""
LIMITS = Limits(cpu_seconds=0.25, budget_seconds=0.5, wall_seconds=2.0, memory_mb=256)
GOOD = "def f(x):\n    return x + 1"
CLEAN = "import os; assert os.listdir('.') == [] and f(1) == 2"
PASSED, WRONG, CRASHED = Status.PASSED, Status.WRONG_ANSWER, Status.CRASHED
EXCEPTION, TIMEOUT, MEMORY = Status.EXCEPTION, Status.TIMEOUT, Status.OUT_OF_MEMORY


class ProgramKind(NamedTuple):
    """A program, its tests with their expected statuses, and its number in a thousand programs."""

    program: str
    tests: tuple[tuple[str, Status], ...]
    weight: int
    isolation: str = "split"


TURN = 50
"""Jobs whose tests are equally trusted, one after another, so that they can share a process."""
ONE = (("assert f(1) == 2", PASSED),)
BAD = "def f(x):\n    "
KINDS = (
    ProgramKind(GOOD, (("assert f(1) == 2", PASSED), ("assert f(2) == 2", WRONG)), 340),
    ProgramKind(GOOD, (("assert f(1) == 2", PASSED), ("f(2) / 0", EXCEPTION)), 20, "shared"),
    ProgramKind(BAD + "x = ['a' * 300_000]; x.append(x); return x", ((ONE[0][0], WRONG),), 20),
    ProgramKind(
        "kept = []\n" + BAD + "kept.append(x)\n    yield from kept\n    return kept",
        (("g = f(1); assert next(g) == 1 and list(g) == []", PASSED), ("f(kept)", PASSED)),
        20,
    ),
    ProgramKind(GOOD, ((CLEAN, PASSED),), 200),
    ProgramKind(BAD + "return x / 0", (("f(1)", EXCEPTION), ("f(2)", EXCEPTION)), 60),
    ProgramKind("def f(:", (("f(1)", Status.SYNTAX_ERROR),), 40),
    ProgramKind("import os\n" + BAD + "os._exit(0)", (("f(1)", CRASHED),), 60),
    ProgramKind("import os\nos._exit(0)", (("f(1)", CRASHED),), 20),
    ProgramKind("import sys\n" + BAD + "sys.exit(0)", (("f(1)", EXCEPTION),), 20),
    ProgramKind("import os\n" + BAD + "os.kill(os.getpid(), 9)", (("f(1)", CRASHED),), 20),
    ProgramKind("import os\n" + BAD + "os.closerange(0, 99)", (("f(1)", CRASHED),), 10),
    ProgramKind("import os\n" + BAD + "os.kill(os.getppid(), 9)", (("f(1)", EXCEPTION),), 20),
    ProgramKind("import os\n" + BAD + "os.fork()", (("f(1)", EXCEPTION),), 20),
    ProgramKind(BAD + "return bytearray(10**9)", (("f(1)", MEMORY),), 20),
    ProgramKind(BAD + "return f(x)", (("f(1)", EXCEPTION),), 20),
    ProgramKind("import os\nos.mkdir('d'); open('d/e', 'w').write('e')\n" + GOOD, ONE, 20),
    ProgramKind("import os\nfor i in range(99): os.symlink('/', f'l{i}')\n" + GOOD, ONE, 10),
    ProgramKind("import os\nos.chmod('.', 0)\n" + GOOD, ONE, 10),
    ProgramKind("print('x' * 100_000)\n" + GOOD, ONE, 10),
    ProgramKind(
        "import threading, time\n"
        "for _ in range(9): threading.Thread(target=time.sleep, args=(99,), daemon=True).start()\n"
        + GOOD,
        ONE,
        10,
    ),
    ProgramKind(
        "import os\n"
        + BAD
        + "for fd in range(64):\n        try: os.write(fd, b'\\0\\0\\0\\2[]' * 9)\n"
        + "        except OSError: pass",
        (("assert f(1) == 2", CRASHED),),
        10,
    ),
    ProgramKind(BAD + "open('big', 'wb').write(bytes(10**7)); return x + 1", ONE, 5),
    ProgramKind(
        "class E:\n    __eq__ = lambda *a: True\n" + BAD + "return E()", ((ONE[0][0], WRONG),), 14
    ),
    ProgramKind(BAD + "while True: pass", (("f(1)", TIMEOUT),), 1),
)


LAST = (Job(GOOD, ("assert f(1) == 2",), LIMITS, entry_point="f"), (PASSED,))


def jobs() -> Iterator[tuple[Job, tuple[Status, ...]]]:
    """Yield jobs without end, in an order that mixes the kinds, with their expected statuses."""
    turns = sorted(
        ((turn + 0.5) / kind.weight, number)
        for number, kind in enumerate(KINDS)
        for turn in range(kind.weight)
    )
    for count, (_, number) in enumerate(cycle(turns)):
        program, tests, _, isolation = KINDS[number]
        sources = tuple(source for source, _ in tests)
        found = tuple(status for _, status in tests)
        trusted = count // TURN % 2 == 0
        job = Job(program, sources, LIMITS, "f", trusted=trusted, isolation=isolation)
        yield job, found


async def _run(box: Sandbox, chosen: list[tuple[Job, tuple[Status, ...]]]) -> list[str]:
    """Run all jobs. Return one line for each wrong result."""

    async def one(job: Job, expected: tuple[Status, ...]) -> str:
        found = tuple(outcome.status for outcome in (await box.run(job)).outcomes)
        return "" if found == expected else f"{job.program!r}: {found} and not {expected}"

    return [text for text in await asyncio.gather(*(one(*pair) for pair in chosen)) if text]


async def soak(backend: str, slots: int, programs: int, size: int) -> int:
    """Run the programs and print the resources in use after each round.

    The first round is the warm-up. Returns 1 if a verdict was wrong or a figure grew, else 0.
    """
    source, start, first = jobs(), time.monotonic(), None
    async with open_sandbox(SandboxConfig(backend=backend, slots=slots)) as box:
        print("programs | programs/s | processes | descriptors | ours, MB | sandbox, MB")
        for done in range(size, programs + size, size):
            wrong = await _run(box, list(islice(source, size)))
            wrong += await _run(box, [LAST] * (4 * slots))  # the same last job in each slot
            now = await asyncio.to_thread(footprint, box.info.backend)
            first = first or now
            rate = done / (time.monotonic() - start)
            print(f"{done} | {rate:.0f} | {now}", flush=True)
            if wrong:
                print("\n".join(wrong[:5]), file=sys.stderr)
                return 1
    return _verdict(first, now) if first else 0


def _verdict(first: Footprint, last: Footprint) -> int:
    for name, before, after in zip(Footprint._fields, first, last, strict=True):
        if after > before * (GROWTH if name.endswith("bytes") else 1):
            print(f"experiments.bench.soak: {name} grew from {before} to {after}", file=sys.stderr)
            return 1
    return 0


@command(NAME)
def main(argv: list[str]) -> int:
    """Return 0 if nothing went wrong, else 1."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument("--slots", type=int, default=max(2, os.cpu_count() or 2))
    parser.add_argument("--programs", type=int, default=200_000)
    parser.add_argument("--round", type=int, default=3_000, help="programs per measurement")
    arguments = parser.parse_args(argv)
    return asyncio.run(
        soak(arguments.sandbox, arguments.slots, arguments.programs, arguments.round)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
