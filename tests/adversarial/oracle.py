"""Plain Python as the judge: each source runs alone in a forked process, program and test together.

`verdicts` starts this file as a script, so that the forks are small. It has no protection at all:
it is for the corpus only.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import types
from collections.abc import Sequence
from importlib import import_module

SECONDS = 5
MEMORY = 1 << 31
WARM = ("asyncio", "dataclasses", "decimal", "enum", "inspect", "typing", "unittest.mock")
"""Modules that are imported before the forks, which many cases use and which load slowly."""


def verdicts(sources: Sequence[str]) -> list[bool]:
    """Return whether each source ends without an exception."""
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps(sources),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    found: list[bool] = json.loads(done.stdout)
    return found


def _passes(source: str) -> bool:
    folder = tempfile.mkdtemp()
    child = os.fork()
    if not child:
        _run(source, folder)
    _, status = os.waitpid(child, 0)
    shutil.rmtree(folder, ignore_errors=True)
    return status == 0


def _run(source: str, folder: str) -> None:
    """Run a source as a module and end the process with 0 if it raises nothing, else with 1."""
    os.chdir(folder)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1) if os.environ.get("ORACLE_TRACE") else (0, 1, 2):
        os.dup2(null, descriptor)
    module = types.ModuleType("program")
    sys.modules["program"] = module
    code = 1
    try:
        exec(compile(source, "program", "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - our own corpus
        code = 0
    except BaseException:  # noqa: BLE001 - any exception is the verdict
        if os.environ.get("ORACLE_TRACE"):
            import traceback

            traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    for name in WARM:
        import_module(name)
    given = json.load(sys.stdin)
    found = [_passes(source) for source in given]
    json.dump(found, sys.stdout)
