"""Rules that the code of the sandbox keeps."""

from __future__ import annotations

import ast
import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sandbox
from sandbox.judge import seccomp, syscalls

FOLDER = Path(sandbox.__file__).parent
JUDGE = sorted((FOLDER / "judge").glob("*.py"))
INSIDE = FOLDER.parent / "agent" / "repair" / "watch" / "inside.py"
"""The module that watches a program from inside the program's process."""
SOURCES = sorted(FOLDER.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_nothing_imports_the_agent(path: Path) -> None:
    assert not [name for name in imported(path) if name.split(".")[0] in ("agent", "experiments")]


@pytest.mark.parametrize("path", [*JUDGE, INSIDE], ids=lambda path: path.name)
def test_the_judge_is_standard_library_for_old_pythons(path: Path) -> None:
    ast.parse(path.read_text(), feature_version=(3, 9))
    assert {name.split(".")[0] for name in imported(path)} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("machine", syscalls.ARCHITECTURES)
def test_the_filter_is_well_formed(machine: str) -> None:
    code = seccomp.build(machine)
    steps = [code[start : start + 8] for start in range(0, len(code), 8)]
    assert len(code) % 8 == 0
    assert len(steps) < 4096
    for index, step in enumerate(steps):
        kind = int.from_bytes(step[:2], sys.byteorder)
        furthest = index + 1 + max(step[2], step[3])
        assert furthest < len(steps) or kind == 0x06, "a jump out of the filter"
    assert steps[-1][:2] == (0x06).to_bytes(2, sys.byteorder)


def test_the_filter_is_built_for_one_process() -> None:
    blank = seccomp.Filter(seccomp.build_for_child("x86_64"))
    with pytest.raises(OSError, match="seccomp"):
        seccomp.Filter(b"").install(4711)
    assert len(blank._own) == 4  # kill, tgkill, prlimit64, sched_setaffinity
    assert len(blank._own_clock) == 1
    assert not seccomp.Filter(seccomp.build_for_child("x86_64", clocks=True))._own_clock


def test_the_containers_profile_allows_what_programs_may_do() -> None:
    profile = json.loads((FOLDER / "seccomp.json").read_text())
    named = {name for rule in profile["syscalls"] for name in rule["names"]}
    tables = (syscalls._ALLOWED + syscalls._FILTERED + syscalls._ZYGOTE).split()
    assert {row.split(":")[0] for row in tables} - named <= {"epoll_ctl_old"}
    forbidden = {"ptrace", "mount", "bpf", "io_uring_setup", "unshare", "setns", "keyctl"}
    forbidden |= {"process_vm_readv", "userfaultfd", "connect"}
    assert not named & forbidden
    (sockets,) = (rule for rule in profile["syscalls"] if "socket" in rule["names"])
    only_unix = {"index": 0, "value": socket.AF_UNIX, "op": "SCMP_CMP_EQ"}
    assert (sockets["names"], sockets["args"]) == (["socket"], [only_unix])
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"


def test_every_check_has_a_docstring_and_a_unique_name() -> None:
    from sandbox.checks import CHECKS

    assert all(check.run.__doc__ for check in CHECKS)
    assert len({check.name for check in CHECKS}) == len(CHECKS) > 40
