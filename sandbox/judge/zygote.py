"""The zygote: forks the processes of programs and of tests, and never sees a program or a test.

A fork inherits all data of its parent, so jobs do not pass through the zygote. It is confined
before its first fork, and each child adds its own confinement. The zygote does little work per job:
after a fork, each page that it or its child writes to is copied.
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import NoReturn

from . import cleanup, processes, rehearsal, tester
from .candidate import MODULE, CandidateProgram
from .capture import Streams
from .channel import Channel, ClosedError
from .confine import Confinement
from .prctl import SET_CHILD_SUBREAPER, prctl

EXIT_JUDGE_BROKEN = 70
_EXIT_GRACE_SECONDS = 0.5
_ONE_FD, _TWO_FDS = struct.Struct("=i"), struct.Struct("=2i")
_ANCILLARY_BYTES = socket.CMSG_SPACE(_TWO_FDS.size)
_NULL, _OUTPUT, _CHANNEL = 0, 1, 3  # descriptors of a program
_FD_LIMIT = 64  # all descriptors of the zygote are below this
_exit = os._exit


class Zygote:
    """The zygote: takes orders from the supervisor, one at a time, and answers each.

    It prepares for a program all that is the same for the next one too.
    """

    def __init__(self, orders: socket.socket, output: int, confinement: Confinement) -> None:
        self._orders, self._confinement = orders, confinement
        os.dup2(output, _OUTPUT)
        self._streams = Streams()
        self._streams.install()
        self._candidate = CandidateProgram(self._streams.output, Channel(_CHANNEL))

    def serve(self) -> NoReturn:
        """Answer orders until the supervisor ends."""
        rehearsal.run(self._streams.output)
        self._confinement.rehearse()
        random.seed(0)  # all forks inherit this state
        kept: list[int] = []
        gc.collect()
        gc.freeze()
        receive, send = self._orders.recvmsg, self._orders.send
        unpack, pack = processes.ORDER.unpack, processes.ANSWER.pack
        while True:
            order, carried, _, _ = receive(processes.ORDER.size, _ANCILLARY_BYTES)
            if not order:
                _exit(0)
            kind, *numbers = unpack(order)
            if kind <= processes.TOGETHER:
                of_program = kind == processes.PROGRAM
                fds = (_ONE_FD if of_program else _TWO_FDS).unpack(carried[0][2])
                if of_program and numbers[2:] != kept:
                    kept = numbers[2:]
                    self._candidate.prepare(*kept)
                pid = os.fork()
                if pid == 0:
                    self._become_child(kind, numbers, fds)
                for fd in fds:
                    os.close(fd)
                send(pack(processes.DONE, pid))
            elif kind == processes.END:
                os.kill(numbers[0], signal.SIGKILL)
                os.waitpid(numbers[0], 0)
                send(pack(processes.DONE, 0))
            else:
                send(pack(*(_wait(numbers[0]) if kind == processes.WAIT else _reap())))

    def _become_child(self, kind: int, numbers: list[int], fds: tuple[int, ...]) -> NoReturn:
        """Become the process of a program or of tests.

        If confinement fails, answer WEAK and exit.
        """
        try:
            os.setsid()
            seconds = numbers[1] if kind != processes.TESTS else None
            try:
                self._confinement.apply(numbers[0], seconds)
            except OSError as error:
                self._orders.send(processes.ANSWER.pack(processes.WEAK, error.errno or 0))
                _exit(EXIT_JUDGE_BROKEN)
            if kind == processes.PROGRAM:
                os.dup2(fds[0], _CHANNEL)
                os.closerange(_CHANNEL + 1, _FD_LIMIT)
                self._candidate.serve()
            if kind == processes.TESTS:
                os.dup2(_NULL, _OUTPUT)
            sys.modules.pop(MODULE, None)
            low, high = sorted(fds)
            os.closerange(_CHANNEL, low)
            os.closerange(low + 1, high)
            os.closerange(high + 1, _FD_LIMIT)
            tester.serve(socket.socket(fileno=fds[0]), fds[1], self._streams.output)
        except ClosedError:
            _exit(0)
        finally:
            _exit(EXIT_JUDGE_BROKEN)


def _wait(pid: int) -> tuple[int, int]:
    """Return how a child ended, or NOTHING if it still runs after _EXIT_GRACE_SECONDS."""
    deadline = time.monotonic() + _EXIT_GRACE_SECONDS
    while time.monotonic() < deadline:
        found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found is not None:
            return processes.DONE, found.si_code << 32 | found.si_status
        time.sleep(0.001)
    return processes.NOTHING, 0


def _reap() -> tuple[int, int]:
    """Reap exited orphans. The answer is DONE if no children are left, else NOTHING."""
    return (processes.DONE if cleanup.reap() else processes.NOTHING), 0


def start(output: int, prepare: Callable[[], Confinement]) -> processes.Processes:
    """Fork a zygote, which first sends the layers of confinement that are in force."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid:
        theirs.close()
        return processes.Processes(pid, ours)
    try:
        ours.close()
        prctl(SET_CHILD_SUBREAPER, 1)
        confinement = prepare()
        confinement.apply_once()
        theirs.send(json.dumps(confinement.layers).encode())
        Zygote(theirs, output, confinement).serve()
    finally:
        _exit(EXIT_JUDGE_BROKEN)
