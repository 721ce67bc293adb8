"""The system call prctl, and the options of it that the judge uses."""

from __future__ import annotations

import ctypes

SET_PDEATHSIG, SET_DUMPABLE, SET_SECCOMP, SET_CHILD_SUBREAPER, SET_NO_NEW_PRIVS = 1, 4, 22, 36, 38
call = ctypes.CDLL(None, use_errno=True).prctl
"""The function of the C library. Every use is of this one object, since a first use after a fork
copies the pages that it writes to."""
_ZERO = ctypes.c_ulong(0)


def prctl(option: int, value: int) -> None:
    """Make the call. Raises OSError if the kernel refuses."""
    if call(option, value, _ZERO, _ZERO, _ZERO) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")
