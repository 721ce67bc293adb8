"""Check what a backend enforces on this machine: `python -m sandbox.conformance`.

Exit code 0 if every promised protection holds, 1 if one does not, 2 if the arguments are wrong or
the backend cannot run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

from sandbox.base import BACKENDS, Sandbox, open_sandbox
from sandbox.checks import CHECKS, Check, CheckError, not_promised
from sandbox.checks.files import private_paths
from sandbox.types import PYTHONS, SandboxConfig, SandboxInfo, SandboxUnavailable

KEPT, BROKEN, NOT_PROMISED = "kept", "BROKEN", "not promised here"


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    name: str
    result: str
    detail: str = ""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Answer bad usage in one line."""
        self.exit(2, f"sandbox.conformance: {message.removeprefix('argument ')}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the checks, print their results and return the exit code."""
    parser = _Parser(prog="python -m sandbox.conformance", description=__doc__, allow_abbrev=False)
    backends = [name for name in BACKENDS if name != "fake"]
    parser.add_argument("backend", nargs="?", default="auto", choices=backends)
    parser.add_argument("--json", action="store_true", help="print one JSON object, not lines")
    parser.add_argument("--python", default="3.12", choices=PYTHONS, help="version in the image")
    parser.add_argument("--base-image", help="base image of the Docker image")
    parser.add_argument("--packages", default="", help="packages to import: A,B")
    parser.add_argument("--runtime", help="container runtime, such as runsc")
    parser.add_argument("--sockets", help="folder with the sockets of the socket backend")
    parser.add_argument("--private", default="", help="files, folders not to be readable: A,B")
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
        private = [Path(path) for path in options.private.split(",") if path]
        return asyncio.run(_report(config, private, as_json=options.json))
    except SandboxUnavailable as error:
        print(f"sandbox.conformance: {error}", file=sys.stderr)
        return 2


async def _report(config: SandboxConfig, private: list[Path], *, as_json: bool) -> int:
    checks = [*CHECKS, *([private_paths(private)] if private else [])]
    async with open_sandbox(config) as box:
        if not as_json:
            _print_info(box.info)
        findings = []
        for check in checks:
            finding = await _run_check(box, check)
            findings.append(finding)
            if not as_json:
                _print(f"{finding.result:>17}  {finding.name}  {finding.detail}".rstrip())
        broken = sum(finding.result == BROKEN for finding in findings)
        if as_json:
            report = {"checks": [asdict(finding) for finding in findings], "broken": broken}
            _print(json.dumps({**asdict(box.info), **report}))
        else:
            _print(f"{len(findings)} checks, {broken} broken")
    return 1 if broken else 0


async def _run_check(box: Sandbox, item: Check) -> Finding:
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
