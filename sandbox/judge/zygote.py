"""Forks the processes of programs and of tests; has never seen either.

A fork inherits whatever its parent holds, so that the parent holds nothing: no job passes through
here. It is confined before its first fork, and its children add what is each one's own. What it
does for a job is kept short: after a fork, each page that it or its child writes to is copied.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import random
import signal
import socket
import struct
import time
from collections.abc import Callable
from typing import NoReturn

from . import cleanup, processes, rehearsal, tester
from .candidate import CandidateProgram
from .capture import Streams
from .channel import Channel, ClosedError
from .confine import Confinement

EXIT_JUDGE_BROKEN = 70
_EXIT_GRACE_SECONDS = 0.5
_TWO_FDS = struct.Struct("=2i")
_ROOM = socket.CMSG_SPACE(_TWO_FDS.size)
_NOT_INHERITED = 64  # no descriptor here is above that
_PR_SET_CHILD_SUBREAPER = 36
_exit = os._exit


class Zygote:
    """Takes orders from the supervisor, one at a time, and answers each."""

    def __init__(self, orders: socket.socket, output: int, confinement: Confinement) -> None:
        self._orders, self._output, self._confinement = orders, output, confinement
        self._streams = Streams()
        self._streams.install()

    def serve(self) -> NoReturn:
        """Answer orders until the supervisor has gone."""
        rehearsal.run(self._streams.output)
        self._confinement.rehearse()
        random.seed(0)  # for all that it will fork
        gc.collect()
        gc.freeze()
        gc.disable()
        receive, send = self._orders.recvmsg, self._orders.send
        unpack, pack = processes.ORDER.unpack, processes.ANSWER.pack
        while True:
            order, carried, _, _ = receive(processes.ORDER.size, _ROOM)
            if not order:
                _exit(0)
            what, *numbers = unpack(order)
            if what <= processes.TESTS:
                fds = _TWO_FDS.unpack(carried[0][2])
                pid = os.fork()
                if pid == 0:
                    self._be_child(what, numbers, fds)
                os.close(fds[0])
                os.close(fds[1])
                send(pack(processes.DONE, pid))
            elif what == processes.END:
                os.kill(numbers[0], signal.SIGKILL)
                os.waitpid(numbers[0], 0)
                send(pack(processes.DONE, 0))
            else:
                send(pack(*(_wait(numbers[0]) if what == processes.WAIT else _reap())))

    def _be_child(self, what: int, numbers: list[int], fds: tuple[int, int]) -> NoReturn:
        """Become the process of a program or of tests; says so where it cannot be confined."""
        try:
            os.setsid()
            gc.enable()
            if what == processes.PROGRAM:
                os.dup2(self._output, 1)
            try:
                seconds = numbers[1] if what == processes.PROGRAM else None
                self._confinement.apply(numbers[0], seconds)
            except OSError as error:
                self._orders.send(processes.ANSWER.pack(processes.WEAK, error.errno or 0))
                _exit(EXIT_JUDGE_BROKEN)
            low, high = sorted(fds)
            os.closerange(3, low)
            os.closerange(low + 1, high)
            os.closerange(high + 1, _NOT_INHERITED)
            if what == processes.PROGRAM:
                self._run_program(fds[0], fds[1], numbers[2], numbers[3])
            tester.serve(socket.socket(fileno=fds[0]), fds[1])
        finally:
            _exit(EXIT_JUDGE_BROKEN)

    def _run_program(
        self, program: int, end: int, output_chars: int, evidence_chars: int
    ) -> NoReturn:
        source = os.pread(program, os.fstat(program).st_size, 0).decode("utf-8", "surrogatepass")
        os.close(program)
        self._streams.output.open(output_chars)
        candidate = CandidateProgram(Channel(end), self._streams.output, evidence_chars)
        try:
            candidate.serve(candidate.load(source))
        except ClosedError:
            _exit(0)


def _wait(pid: int) -> tuple[int, int]:
    """How a child ended, given a moment to do so."""
    deadline = time.monotonic() + _EXIT_GRACE_SECONDS
    while time.monotonic() < deadline:
        found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found is not None:
            return processes.DONE, found.si_code << 32 | found.si_status
        time.sleep(0.001)
    return processes.NOTHING, 0


def _reap() -> tuple[int, int]:
    """Take leave of orphans that have ended; whether there are no children left."""
    return (processes.DONE if cleanup.reap() else processes.NOTHING), 0


def start(output: int, prepare: Callable[[], Confinement]) -> processes.Processes:
    """Fork a zygote, which first says which layers hold."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid:
        theirs.close()
        return processes.Processes(pid, ours)
    try:
        ours.close()
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        confinement = prepare()
        confinement.apply_once()
        theirs.send(json.dumps(confinement.layers).encode())
        Zygote(theirs, output, confinement).serve()
    finally:
        _exit(EXIT_JUDGE_BROKEN)
