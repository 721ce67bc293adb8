"""The backend for machines without Docker: one jail process per slot.

A jail uses every protection that the kernel provides: namespaces, its own root file system, an
unprivileged user, Landlock, seccomp, rlimits. Without namespaces it does NOT limit the memory or
disk of a whole slot. Slots share the host's kernel and its CPUs, without weights.

Programs read the host's standard library and the packages that the config names, no other files.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox.container import ONE_THREAD
from sandbox.judge import confine, jail, library
from sandbox.judge_pool import JudgePool, Link, PooledSandbox
from sandbox.packages import check_private, find_packages
from sandbox.types import SandboxConfig, SandboxInfo, SandboxUnavailable

_PREFIX = "sandbox-host-"

BOOT = (
    "import sys; sys.path.append(sys.argv[1]); from judge import main; sys.path.pop(); "
    "main.run(*sys.argv[2:])"
)
PYTHON_OPTIONS = ("-s", "-S", "-B")  # not -I: it would ignore the hash seed below
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "PYTHONSAFEPATH": "1",
    "MALLOC_ARENA_MAX": "2",  # threads reserve little address space, which is limited
}


@asynccontextmanager
async def open_local(
    config: SandboxConfig, reason: str = "", private: Iterable[Path] = ()
) -> AsyncIterator[PooledSandbox]:
    """Start the jails.

    Raises SandboxUnavailable if this is not Linux, if a package is not installed, if programs could
    read a private path, or if the kernel provides only resource limits and the config does not set
    `allow_weak`.
    """
    if not sys.platform.startswith("linux"):
        raise SandboxUnavailable("the local sandbox needs Linux; use --sandbox docker")
    links = {**library.standard(), **find_packages(config.packages)}
    check_private(private, (*links.values(), *library.system()))
    scratch = _make_scratch()
    environment = {**ENVIRONMENT, **(ONE_THREAD if config.packages else {})}
    pool = JudgePool(lambda index: _start(scratch, index, environment), config.slots)
    try:
        _make_links(scratch / library.FOLDER, links)
        hello = await pool.open()
        if hello["weak"] and not config.allow_weak:
            raise SandboxUnavailable(
                "this machine provides only resource limits, which do not contain a hostile "
                "program: use Docker, or accept the risk with --sandbox.allow-weak"
            )
        closed = {jail.OWN_ROOT, confine.FILES} & set(hello["enforced"])
        if not closed and not config.allow_weak and (first := next(iter(private), None)):
            raise SandboxUnavailable(
                f"this machine does not keep programs from reading {first}: use Docker, or accept "
                "the risk with --sandbox.allow-weak"
            )
        info = SandboxInfo(
            backend="local",
            python=hello["python"],
            enforced=tuple(hello["enforced"]),
            missing=tuple(hello["missing"]),
            reason=reason,
        )
        yield PooledSandbox(pool, info)
    finally:
        await pool.close()
        shutil.rmtree(scratch, ignore_errors=True)


def _make_scratch() -> Path:
    """Make the directory in which each judge gets a subdirectory.

    A judge mounts its root there or, without namespaces, writes there.
    """
    _remove_leftovers()
    scratch = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    scratch.chmod(0o711)
    return scratch


def _make_links(folder: Path, links: Mapping[str, str]) -> None:
    """Make the folder that programs import from, as `judge.library` describes it."""
    folder.mkdir()
    made: set[str] = set()
    for name in sorted(links, key=lambda name: name.count("/")):
        parts = name.split("/")
        if not made & {"/".join(parts[:end]) for end in range(1, len(parts))}:  # not in a package
            if len(parts) > 1:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.symlink(links[name], f"{folder}/{name}")
            made.add(name)
    for place, _, _ in os.walk(folder):
        os.chmod(place, 0o755)  # noqa: S103 - another user reads it


def _remove_leftovers() -> None:
    """Remove directories that killed processes of this user left behind."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = path.name.removeprefix(_PREFIX).split("-")[0]
        with contextlib.suppress(FileNotFoundError):
            mine = path.lstat().st_uid == os.getuid() and path.is_dir() and not path.is_symlink()
            if mine and owner.isdecimal() and not Path(f"/proc/{owner}").exists():
                shutil.rmtree(path, ignore_errors=True)


async def _start(scratch: Path, index: int, environment: Mapping[str, str]) -> Link:
    directory = Path(tempfile.mkdtemp(prefix=f"slot-{index}-", dir=scratch))  # never used before
    process = await asyncio.create_subprocess_exec(
        getattr(sys, "_base_executable", sys.executable),
        *PYTHON_OPTIONS,
        "-c",
        BOOT,
        str(Path(__file__).parent),
        "local",
        str(directory),
        str(scratch / library.FOLDER),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
        cwd="/",
        start_new_session=True,  # only the host handles Ctrl-C
    )
    if process.stdin is None or process.stdout is None:
        raise SandboxUnavailable("the judge process has no standard input or output")

    async def end() -> None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        shutil.rmtree(directory, ignore_errors=True)

    return Link(process.stdout, process.stdin, end)
