"""What happens between fork and end in a program's process.

Each result is written to the pipe behind a nonce that the supervisor drew for this process alone.
The nonce is in no namespace that the program is given. That stops exits, forged frames and luck; it
does NOT stop a program that searches frames, `gc` or its own memory, since program and tests share
this process. Part 2's separate judge process is what closes that.
"""

from __future__ import annotations

import builtins
import gc
import os
import random
import time
from json.encoder import encode_basestring_ascii as _quote
from typing import Any, NoReturn

from .capture import Capture
from .confine import Confinement
from .trial import Trial

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))

EXIT_JUDGE_BROKEN = 70
_cpu_ns, _write, _exit = time.process_time_ns, os.write, os._exit


class Reporter:
    """Writes results to the supervisor's pipe."""

    def __init__(self, pipe: int, nonce: bytes) -> None:
        self.pipe = pipe
        self._nonce = nonce

    def send(self, text: str) -> None:
        """Write one message, whole."""
        payload = text.encode("ascii")
        data = self._nonce + len(payload).to_bytes(4, "big") + payload
        while data:
            data = data[_write(self.pipe, data) :]


def main(
    job: dict[str, Any],
    first: int,
    reporter: Reporter,
    capture: Capture,
    confinement: Confinement,
    cpu_seconds: int,
) -> NoReturn:
    """Run the program and the tests from `first` on, and report each; never returns."""
    try:
        _isolate(capture)
        try:
            confinement.apply(job["limits"]["memory_mb"], cpu_seconds)
        except OSError as error:
            reporter.send(f'["weak",{_quote(str(error))}]')
            _exit(EXIT_JUDGE_BROKEN)
        os.closerange(3, reporter.pipe)
        os.closerange(reporter.pipe + 1, 1024)
        _run(job, first, reporter, capture)
    finally:
        _exit(EXIT_JUDGE_BROKEN)


def _isolate(capture: Capture) -> None:
    os.setsid()
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    capture.streams.install()
    random.seed(0)
    gc.enable()


def _run(job: dict[str, Any], first: int, reporter: Reporter, capture: Capture) -> NoReturn:
    trial = Trial(job["limits"]["evidence_chars"])
    tests = job["tests"]
    failure = trial.load(job["program"])
    if failure is not None:
        reporter.send(f'["failed",{_fields(failure)},{_cpu_ns()}]')
        _exit(0)
    reporter.send(f'["loaded",{capture.used},{_cpu_ns()}]')
    for index in range(first, len(tests)):
        outcome = trial.test(tests[index])
        reporter.send(f'["test",{_fields(outcome)},{_cpu_ns()}]')
    _exit(0)


def _fields(outcome: dict[str, Any]) -> str:
    """An outcome as JSON, by hand: the json module is within the program's reach."""
    parts = []
    for name, value in outcome.items():
        text = "null" if value is None else str(value) if type(value) is int else _quote(value)
        parts.append(f'"{name}":{text}')
    return "{" + ",".join(parts) + "}"


def preload() -> None:
    """Import what programs usually need, so that it costs a fork and not a start."""
    names = (
        "abc array base64 bisect calendar cmath collections collections.abc contextlib copy csv "
        "dataclasses datetime decimal enum fractions functools hashlib heapq inspect io itertools "
        "json keyword math numbers operator os pprint queue random re secrets string struct "
        "statistics sys tempfile textwrap threading time typing unicodedata uuid warnings"
    )
    for name in names.split():
        __import__(name)
    import site
    import warnings

    site.setquit()  # `exit` and `quit`, which -S leaves out
    warnings.simplefilter("ignore")
