"""System-call filters in classic BPF, assembled here: an allow-list, and a filter for children.

The zygote installs the long allow-list once. Each child inherits it and adds a short filter, which
withdraws the calls that only the zygote needs. The second one is short because the kernel compiles
a filter each time it is installed.

A call that is not on the list fails with EPERM (with ENOSYS if the C library has a fallback).
Filters do NOT look behind pointers: Landlock restricts paths.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from . import syscalls
from .prctl import SET_SECCOMP, call

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000
_FIRST_UNKNOWN = 452  # for calls newer than this list the C library has a fallback on ENOSYS
_LOAD, _JUMP_EQ, _JUMP_GT, _JUMP_GE, _JUMP_SET, _RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARGS = 0, 4, 16
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_CLONE_THREAD = 0x00010000
_CLONE_NEW = 0x7E020080  # every kind of namespace
_AF_UNIX = 1
_F_SETFL, _O_ASYNC = 4, 0x2000
_FCNTL_OF_SIGNALS = (8, 10, 15, 1024, 1026)  # F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY
_IOCTL_OF_SIGNALS = (0x8901, 0x8902, 0x5452)  # FIOSETOWN, SIOCSPGRP, FIOASYNC
_OWN_PID, _OWN_CLOCK = 0x7EADBEEF, 0x7EADC10C  # placeholders in a filter for ids of the process
_CPU_CLOCK, _OF_THREAD, _OF_PROCESS = 0x80000000, 4, 2  # bits of a clock's id; the rest is ~pid
_MODE_FILTER = 2
_INSTALL = (ctypes.c_int(SET_SECCOMP), ctypes.c_ulong(_MODE_FILTER))

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, operand


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def build_for_child(machine: str | None = None, *, clocks: bool = False) -> bytes:
    """Assemble the filter that a child adds, which may only signal itself. Raises like `build`.

    Without `clocks` it may not read the CPU clocks of other processes either.
    """
    machine = _known(machine)
    code = [(_LOAD, 0, 0, _NUMBER)]
    for name, number in syscalls.withdrawn(machine).items():
        body = _rule_of_child(name)
        code += [(_JUMP_EQ, 0, len(body), number), *body]
    if not clocks:
        *others, last = syscalls.of_clocks(machine)
        steps = len(others)
        code += [(_JUMP_EQ, steps - i, 0, number) for i, number in enumerate(others)]
        code += [(_JUMP_EQ, 0, len(_OWN_CLOCKS), last), *_OWN_CLOCKS]
    return _assemble([*code, (_RETURN, 0, 0, _ALLOW)])


def build(machine: str | None = None) -> bytes:
    """Assemble the zygote's filter. Raises OSError if the architecture does not have a table."""
    machine = _known(machine)
    code = [
        (_LOAD, 0, 0, _ARCH),
        (_JUMP_EQ, 1, 0, _AUDIT_ARCH[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        code += [(_JUMP_GE, 0, 1, _X32_BIT), _fail(errno.ENOSYS)]
    for first, last in _ranges(syscalls.allowed(machine)):
        code += [(_JUMP_GE, 0, 2, first), (_JUMP_GT, 1, 0, last), (_RETURN, 0, 0, _ALLOW)]
    for first, last in _ranges(syscalls.unsupported(machine)):
        code += [(_JUMP_GE, 0, 2, first), (_JUMP_GT, 1, 0, last), _fail(errno.ENOTSUP)]
    for name, number in syscalls.filtered(machine).items():
        body = _rule(name)
        code += [(_JUMP_EQ, 0, len(body), number), *body]
    code += [(_JUMP_GE, 0, 1, _FIRST_UNKNOWN), _fail(errno.ENOSYS), _fail(errno.EPERM)]
    return _assemble(code)


def _known(machine: str | None) -> str:
    machine = machine or os.uname().machine
    if machine not in _AUDIT_ARCH:
        raise OSError(errno.ENOSYS, f"no system-call table for {machine}")
    return machine


def _assemble(code: list[Instruction]) -> bytes:
    return b"".join(struct.pack("HBBI", *step) for step in code)


class Filter:
    """A filter in the form that the kernel accepts, prepared before its use."""

    def __init__(self, program: bytes) -> None:
        self._buffer = ctypes.create_string_buffer(program, max(1, len(program)))
        header = _Program(len(program) // 8, ctypes.addressof(self._buffer))
        self._header, self._arguments = header, (*_INSTALL, ctypes.byref(header), 0, 0)
        words = (ctypes.c_uint32 * (len(program) // 4)).from_buffer(self._buffer)
        self._own, self._own_clock = (
            [
                ctypes.c_uint32.from_buffer(self._buffer, 4 * i)
                for i, word in enumerate(words)
                if word == own
            ]
            for own in (_OWN_PID, _OWN_CLOCK)
        )

    def install(self, pid: int = 0) -> None:
        """Apply the filter to this thread and all that it starts, which may signal only `pid`.

        The thread must have no-new-privileges set. Raises OSError if the kernel refuses.
        """
        for word in self._own:
            word.value = pid
        for word in self._own_clock:
            word.value = ~pid << 3 | _OF_PROCESS
        if call(*self._arguments) != 0:
            raise OSError(ctypes.get_errno(), "seccomp")


def _rule(name: str) -> list[Instruction]:
    """Return the instructions that decide a call by its arguments. They end in a return."""
    if name == "clone":  # no namespaces
        return [(_LOAD, 0, 0, _ARGS), (_JUMP_SET, 1, 0, _CLONE_NEW), *_allow_or_fail()]
    if name == "clone3":  # its flags lie behind a pointer: make the C library use clone
        return [_fail(errno.ENOSYS)]
    if name == "fcntl":  # no signals through a descriptor, to any process
        asynchronous = [(_LOAD, 0, 0, _ARGS + 16), (_JUMP_SET, 0, 1, _O_ASYNC), _fail(errno.EPERM)]
        set_flags = [(_JUMP_EQ, 0, len(asynchronous), _F_SETFL), *asynchronous]
        return [(_LOAD, 0, 0, _ARGS + 8), *_refuse(_FCNTL_OF_SIGNALS), *set_flags, _allow()]
    if name == "ioctl":
        return [(_LOAD, 0, 0, _ARGS + 8), *_refuse(_IOCTL_OF_SIGNALS), _allow()]
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


def _rule_of_child(name: str) -> list[Instruction]:
    """Return the instructions that decide a call that the zygote has and its children lose."""
    if name == "clone":  # threads only
        return [(_LOAD, 0, 0, _ARGS), (_JUMP_SET, 0, 1, _CLONE_THREAD), *_allow_or_fail()]
    if name in ("kill", "tgkill"):
        return _first_argument_is(_OWN_PID)
    if name in ("prlimit64", "sched_setaffinity"):
        own = [(_LOAD, 0, 0, _ARGS), (_JUMP_EQ, 0, 1, 0), (_RETURN, 0, 0, _ALLOW)]
        return own + _first_argument_is(_OWN_PID)
    return [_fail(errno.EPERM)]


def _ranges(numbers: list[int]) -> list[tuple[int, int]]:
    """Group consecutive numbers into ranges: the kernel compiles a shorter filter faster."""
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges


def _first_argument_is(value: int) -> list[Instruction]:
    return [(_LOAD, 0, 0, _ARGS), (_JUMP_EQ, 0, 1, value), *_allow_or_fail()]


def _refuse(values: tuple[int, ...]) -> list[Instruction]:
    """Return instructions that fail if the loaded value is one of `values`, else fall through."""
    return [step for value in values for step in ((_JUMP_EQ, 0, 1, value), _fail(errno.EPERM))]


def _allow_or_fail() -> list[Instruction]:
    return [_allow(), _fail(errno.EPERM)]


def _allow() -> Instruction:
    return (_RETURN, 0, 0, _ALLOW)


def _fail(error: int) -> Instruction:
    return (_RETURN, 0, 0, _ERRNO | error)


# The kernel opens the clocks of threads to their own process only.
_OWN_CLOCKS = [
    (_LOAD, 0, 0, _ARGS),
    (_JUMP_SET, 0, 1, _CPU_CLOCK),
    (_JUMP_SET, 0, 1, _OF_THREAD),
    _allow(),
    (_JUMP_EQ, 0, 1, _OWN_CLOCK),
    *_allow_or_fail(),
]
"""The instructions that decide a call by its clock."""
