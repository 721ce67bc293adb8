"""The system-call filter of a program: an allow-list in classic BPF, made by hand.

A call that is not on the list fails with EPERM (ENOSYS where the C library knows a fallback).
It does NOT look behind pointers: paths are Landlock's part.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from . import syscalls

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000
_FIRST_UNKNOWN = 452  # calls newer than this list: the C library falls back on ENOSYS
_LOAD, _JUMP_EQ, _JUMP_GT, _JUMP_GE, _JUMP_SET, _RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARGS = 0, 4, 16
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_CLONE_THREAD = 0x00010000
_AF_UNIX = 1
_OWN_PID = 0x7EADBEEF  # stands in the template where the process's own id goes
_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, operand


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def for_process(template: bytes, pid: int) -> bytes:
    """Fill a template in for a process that may signal nobody but itself."""
    return template.replace(struct.pack("I", _OWN_PID), struct.pack("I", pid))


def build(machine: str | None = None) -> bytes:
    """Assemble the template of the filter, once.

    Raises OSError on an architecture without a table.
    """
    machine = machine or os.uname().machine
    if machine not in _AUDIT_ARCH:
        raise OSError(errno.ENOSYS, f"no system-call table for {machine}")
    code = [
        (_LOAD, 0, 0, _ARCH),
        (_JUMP_EQ, 1, 0, _AUDIT_ARCH[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        code += [(_JUMP_GE, 0, 1, _X32_BIT), _fail(errno.ENOSYS)]
    for first, last in _runs(syscalls.allowed(machine)):
        code += [(_JUMP_GE, 0, 2, first), (_JUMP_GT, 1, 0, last), (_RETURN, 0, 0, _ALLOW)]
    for first, last in _runs(syscalls.unsupported(machine)):
        code += [(_JUMP_GE, 0, 2, first), (_JUMP_GT, 1, 0, last), _fail(errno.ENOTSUP)]
    for name, number in syscalls.filtered(machine).items():
        body = _rule(name)
        code += [(_JUMP_EQ, 0, len(body), number), *body]
    code += [(_JUMP_GE, 0, 1, _FIRST_UNKNOWN), _fail(errno.ENOSYS), _fail(errno.EPERM)]
    return b"".join(struct.pack("HBBI", *step) for step in code)


def install(program: bytes) -> None:
    """Put the filter on this thread and all that it starts. Needs no-new-privileges set before."""
    buffer = ctypes.create_string_buffer(program, len(program))
    header = _Program(len(program) // 8, ctypes.addressof(buffer))
    if _libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(header), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


def _rule(name: str) -> list[Instruction]:
    """The block that decides a call by its arguments; each block ends in a return."""
    if name == "clone":
        return [(_LOAD, 0, 0, _ARGS), (_JUMP_SET, 0, 1, _CLONE_THREAD), *_allow_or_fail()]
    if name == "clone3":  # its flags lie behind a pointer: make the C library use clone
        return [_fail(errno.ENOSYS)]
    if name in ("kill", "tgkill"):
        return _first_argument_is(_OWN_PID)
    if name in ("prlimit64", "sched_setaffinity"):
        own = [(_LOAD, 0, 0, _ARGS), (_JUMP_EQ, 0, 1, 0), (_RETURN, 0, 0, _ALLOW)]
        return own + _first_argument_is(_OWN_PID)
    if name == "socketpair":
        return _first_argument_is(_AF_UNIX)
    if name == "sendto":  # to the connected end only: no address
        low, high = _ARGS + 8 * 4, _ARGS + 8 * 4 + 4
        return [
            (_LOAD, 0, 0, low),
            (_JUMP_EQ, 0, 3, 0),
            (_LOAD, 0, 0, high),
            (_JUMP_EQ, 0, 1, 0),
            *_allow_or_fail(),
        ]
    raise ValueError(f"no rule for {name}")


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Ranges of neighbours: the shorter the filter, the sooner the kernel has compiled it."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _first_argument_is(value: int) -> list[Instruction]:
    return [(_LOAD, 0, 0, _ARGS), (_JUMP_EQ, 0, 1, value), *_allow_or_fail()]


def _allow_or_fail() -> list[Instruction]:
    return [(_RETURN, 0, 0, _ALLOW), _fail(errno.EPERM)]


def _fail(error: int) -> Instruction:
    return (_RETURN, 0, 0, _ERRNO | error)
