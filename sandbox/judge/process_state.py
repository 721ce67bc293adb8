"""The state of a tests' process that jobs share: no job may affect the next one.

It is checked after each job. Tests that can do more than call, compute and compare have a process
of their own anyway; this finds what others left, such as data of a program that fill the memory.
"""

from __future__ import annotations

import ctypes
import decimal
import gc
import os
import signal
import sys
import warnings
from typing import Any

_MOST_NEW_BLOCKS = 200_000  # of up to 512 bytes each
_MOST_NEW_BYTES = 16 << 20


_FIELDS = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"


class _MallocInfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in _FIELDS.split()]


_mallinfo: Any = getattr(ctypes.CDLL(None), "mallinfo2", None)  # of glibc, from 2.33 on
if _mallinfo is not None:
    _mallinfo.restype = _MallocInfo


class ProcessState:
    """The state of this process as it was when this object was made."""

    def __init__(self) -> None:
        self._settings = _settings()
        self._blocks, self._bytes = _memory()

    def is_clean(self) -> bool:
        """Collect garbage, and return whether the state is as before and the memory free again."""
        gc.collect()
        blocks, size = _memory()
        grown = blocks - self._blocks > _MOST_NEW_BLOCKS or size - self._bytes > _MOST_NEW_BYTES
        return not grown and _settings() == self._settings


def _settings() -> tuple[Any, ...]:
    digits = getattr(sys, "get_int_max_str_digits", None)  # from Python 3.11 on
    return (
        digits and digits(),
        sys.getswitchinterval(),
        sys.gettrace(),
        sys.getprofile(),
        id(sys.stdout),
        gc.isenabled(),
        gc.get_threshold(),
        repr(decimal.getcontext()),
        len(warnings.filters),
        signal.getsignal(signal.SIGALRM),
        signal.getitimer(signal.ITIMER_REAL),
        os.getcwd(),
        len(os.environ),
    )


def _memory() -> tuple[int, int]:
    """Return the number of small blocks in use, and the bytes of large ones."""
    if _mallinfo is None:
        return sys.getallocatedblocks(), 0
    found = _mallinfo()
    return sys.getallocatedblocks(), found.uordblks + found.hblkhd
