"""The floor of `experiments.bench.fork`: a preloaded Python that forks once for each job.

`python experiments/bench/fork_floor.py MODULE...` imports the modules, runs as many jobs as each
input line says, and answers with a line. A job is a fork that compiles the program, runs its
asserts, answers by a pipe and exits: without a wall around it, limits, a channel of calls, or a
report. It imports no other file of this repository.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

PROGRAM = "def f(x: int) -> int:\n    return x + 1\n"
TESTS = tuple(f"assert f({number}) == {number + 1}" for number in range(5))


def run() -> None:
    """Run one job. Raises RuntimeError if its child does not answer."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        names: dict[str, object] = {}
        for source in (PROGRAM, *TESTS):
            exec(compile(source, "<job>", "exec"), names)  # noqa: S102 - our own texts, above
        os.write(writer, b"passed")
        os._exit(0)
    os.close(writer)
    answer = os.read(reader, 100)
    os.close(reader)
    os.waitpid(pid, 0)
    if answer != b"passed":
        raise RuntimeError(f"a job answered {answer!r}")


def main() -> None:
    """Answer lines until the input ends."""
    for name in sys.argv[1:]:
        import_module(name)
    gc.collect()
    gc.freeze()
    gc.disable()
    for line in sys.stdin:
        for _ in range(int(line)):
            run()
        print("done", flush=True)


if __name__ == "__main__":
    main()
