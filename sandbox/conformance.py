"""What a backend enforces on this machine, check by check: `python -m sandbox.conformance`.

Exit code 0 where every promise is kept, 1 where one is not, 2 where the command or the backend
cannot be used.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NoReturn

from sandbox.base import BACKENDS, Sandbox, open_sandbox
from sandbox.checks import CHECKS, CheckError, not_promised
from sandbox.types import PYTHONS, SandboxConfig, SandboxInfo, SandboxUnavailable

KEPT, BROKEN, NOT_PROMISED = "kept", "BROKEN", "not promised here"


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    name: str
    result: str
    detail: str = ""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Answer bad usage in one line."""
        self.exit(2, f"sandbox.conformance: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the checks and print what they found."""
    parser = _Parser(prog="python -m sandbox.conformance", description=__doc__)
    backends = [name for name in BACKENDS if name != "fake"]
    parser.add_argument("backend", nargs="?", default="auto", choices=backends)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.add_argument("--python", default="3.12", choices=PYTHONS, help="the Docker image's")
    parser.add_argument("--base-image", help="what the Docker image is built on")
    parser.add_argument("--packages", default="", help="what pip installs into it: A,B")
    parser.add_argument("--runtime", help="of the containers: runsc, for one")
    parser.add_argument("--sockets", help="folder of the socket backend's sockets")
    parser.add_argument("--allow-weak", action="store_true", help="check a weak machine too")
    options = parser.parse_args(arguments)
    try:
        config = SandboxConfig(
            backend=options.backend,
            python=options.python,
            base_image=options.base_image,
            packages=tuple(options.packages.split(",")) if options.packages else (),
            runtime=options.runtime,
            sockets=options.sockets,
            allow_weak=options.allow_weak,
        )
    except ValueError as error:
        parser.error(str(error))
    try:
        return asyncio.run(_report(config, as_json=options.json))
    except SandboxUnavailable as error:
        print(f"sandbox.conformance: {error}", file=sys.stderr)
        return 2


async def _report(config: SandboxConfig, *, as_json: bool) -> int:
    async with open_sandbox(config) as box:
        if not as_json:
            _print_info(box.info)
        findings = []
        for number in range(len(CHECKS)):
            finding = await _find(box, number)
            findings.append(finding)
            if not as_json:
                _print(f"{finding.result:>17}  {finding.name}  {finding.detail}".rstrip())
        broken = sum(finding.result == BROKEN for finding in findings)
        if as_json:
            checks = [asdict(finding) for finding in findings]
            _print(json.dumps({**asdict(box.info), "checks": checks, "broken": broken}))
        else:
            _print(f"{len(findings)} checks, {broken} broken")
    return 1 if broken else 0


async def _find(box: Sandbox, number: int) -> Finding:
    item = CHECKS[number]
    if not_promised(item, box.info):
        return Finding(item.name, NOT_PROMISED)
    try:
        await item.run(box)
    except CheckError as error:
        return Finding(item.name, BROKEN, str(error))
    return Finding(item.name, KEPT)


def _print(line: str) -> None:
    """Print a line. A reader that leaves, as `head` does, changes neither checks nor exit code."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_info(info: SandboxInfo) -> None:
    _print(f"{info.backend}, Python {info.python} {info.image}".rstrip())
    for word, layers in (("enforced", info.enforced), ("missing", info.missing)):
        for layer in layers:
            _print(f"{word:>17}  {layer}")


if __name__ == "__main__":
    sys.exit(main())
