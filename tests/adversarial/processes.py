"""Programs that start processes and threads, or try to reach other processes."""

from __future__ import annotations

from sandbox.checks.registry import SYSCALLS
from tests.adversarial.case import FAILS, WRONG, Case, cheat, hang, mixed, wall

CASES: tuple[Case, ...] = (
    cheat(
        "fork-and-the-parent-ends",
        "import os\ndef add(a, b):\n    if os.fork(): os._exit(0)\n    return 0",
    ),
    cheat(
        "fork-and-both-answer",
        "import os\ndef add(a, b):\n    os.fork()\n    return 0",
    ),
    cheat(
        "fork-while-loading",
        "import os\ntry: os.fork()\nexcept OSError: pass\ndef add(a, b): return 0",
        expected=WRONG,
    ),
    cheat(
        "double-fork-into-a-session-of-its-own",
        """
import os, time
def add(a, b):
    if not os.fork():
        os.setsid()
        if not os.fork(): time.sleep(3)
        os._exit(0)
    return 0
""",
    ),
    cheat(
        "fork-by-c",
        """
import ctypes
libc = ctypes.CDLL(None)
def add(a, b):
    libc.fork()
    libc.vfork()
    libc.syscall(57, 0)
    libc.syscall(56, 17, 0, 0, 0, 0)
    libc.syscall(435, 0, 0)
    return 0
""",
    ),
    cheat(
        "multiprocessing",
        "import multiprocessing, time\ndef add(a, b):\n"
        "    multiprocessing.Process(target=time.sleep, args=(3,)).start()\n    return 0",
    ),
    hang("fork-bomb", "import os\ndef add(a, b):\n    while True: os.fork()", expected=FAILS),
    hang(
        "stubborn-fork-bomb",
        "import os\ndef add(a, b):\n    while True:\n        try: os.fork()\n"
        "        except OSError: pass",
        expected=FAILS,
    ),
    hang(
        "thread-bomb",
        "import threading, time\ndef add(a, b):\n    while True:\n"
        "        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        expected=FAILS,
    ),
    hang(
        "stubborn-thread-bomb",
        """
import _thread, time
def more():
    while True:
        try: _thread.start_new_thread(more, ())
        except BaseException: pass
def add(a, b): more()
""",
        expected=FAILS,
    ),
    hang(
        "threads-that-spin",
        """
import threading
def spin():
    while True: pass
for _ in range(8): threading.Thread(target=spin, daemon=True).start()
def add(a, b): spin()
""",
    ),
    cheat(
        "threads-that-are-left-behind",
        """
import threading
def spin():
    while True:
        with open('left', 'a') as file: file.write('x')
def add(a, b):
    for _ in range(4): threading.Thread(target=spin).start()
    return 0
""",
    ),
    hang("stops-itself", "import os, signal\ndef add(a, b): os.kill(os.getpid(), signal.SIGSTOP)"),
    hang(
        "stops-itself-while-loading",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\ndef add(a, b): return 0",
    ),
    hang("stops-its-group", "import os, signal\ndef add(a, b): os.kill(0, 19)", expected=FAILS),
    cheat(
        "kills-its-parent-and-is-wrong",
        """
import os
def add(a, b):
    for pid in {os.getppid(), 1, 2, -1} - {0}:
        for number in (19, 9):
            try: os.kill(pid, number)
            except OSError: pass
    return 0
""",
    ),
    cheat(
        "kills-by-every-number-but-its-own",
        """
import os
def add(a, b):
    for pid in range(1, 5000):
        if pid != os.getpid():
            try: os.kill(pid, 9)
            except OSError: pass
    return 0
""",
        expected=WRONG,
    ),
    mixed(
        "limits-of-its-own",
        """
import resource
for name in dir(resource):
    if name.startswith('RLIMIT_'):
        try: resource.setrlimit(getattr(resource, name), (0, 0))
        except (OSError, ValueError): pass
def f(): return 0
""",
        ("assert f() == 1", FAILS),
    ),
    wall(
        "no-limit-is-raised",
        """
import resource
FREE = resource.RLIM_INFINITY
for name in 'AS', 'CPU', 'NOFILE', 'FSIZE', 'CORE':
    number = getattr(resource, 'RLIMIT_' + name)
    if resource.getrlimit(number)[1] == FREE: continue
    def action(number=number):
        try: return resource.setrlimit(number, (FREE, FREE))
        except ValueError as error: raise OSError from error
    ACTIONS[name] = action
""",
        *SYSCALLS,
    ),
    wall(
        "no-child-by-any-call",
        """
import multiprocessing, pty, subprocess
libc = ctypes.CDLL(None, use_errno=True)
def process():
    child = multiprocessing.get_context('fork').Process(target=int)
    child.start()
ACTIONS = {
    'fork': lambda: os.fork() or os._exit(0),
    'forkpty': lambda: os.forkpty(),
    'popen': lambda: os.popen('true').read(),
    'run': lambda: subprocess.run(['/bin/true']),
    'shell': lambda: subprocess.check_output('true', shell=True),
    'spawn': lambda: os.posix_spawn('/bin/true', ['true'], {}),
    'spawnp': lambda: os.posix_spawnp('true', ['true'], {}),
    'exec': lambda: os.execve('/bin/true', ['true'], {}),
    'process': process,
}
""",
        *SYSCALLS,
    ),
    wall(
        "no-shell",
        """
def system():
    if os.system('true') != 0: raise OSError
ACTIONS = {'system': system}
""",
        *SYSCALLS,
    ),
    wall(
        "no-signal-to-anyone",
        """
parent = os.getppid()
for number in 0, signal.SIGSTOP, signal.SIGKILL, signal.SIGTERM, signal.SIGCONT:
    for pid in {parent, 1, 2, -1} - {0, os.getpid()}:
        ACTIONS[f'kill {pid} by {number}'] = lambda p=pid, n=number: os.kill(p, n)
    ACTIONS[f'group of parent by {number}'] = lambda n=number: os.killpg(parent or 1, n)
""",
        *SYSCALLS,
    ),
    wall(
        "no-signal-to-any-number",
        """
def action():
    found = []
    for pid in range(1, 40_000):
        if pid == os.getpid(): continue
        try: os.kill(pid, signal.SIGKILL)
        except OSError: continue
        found.append(pid)
    if not found: raise OSError
    return found
ACTIONS = {'kill': action}
""",
        *SYSCALLS,
    ),
    wall(
        "no-signal-by-other-calls",
        """
libc = ctypes.CDLL(None, use_errno=True)
parent = os.getppid() or 1
x86 = os.uname().machine == 'x86_64'
def call(*numbers):
    if libc.syscall(*numbers) < 0: raise OSError
    return numbers
info = ctypes.create_string_buffer(128)
ACTIONS = {
    'tkill': lambda: call(200 if x86 else 130, parent, 9),
    'tgkill': lambda: call(234 if x86 else 131, parent, parent, 9),
    'rt_sigqueueinfo': lambda: call(129 if x86 else 138, parent, 9, info),
    'rt_tgsigqueueinfo': lambda: call(297 if x86 else 240, parent, parent, 9, info),
    'pidfd_open': lambda: call(434, parent, 0),
}
""",
        *SYSCALLS,
    ),
    wall(
        "no-memory-of-others",
        """
libc = ctypes.CDLL(None, use_errno=True)
parent = os.getppid() or 1
def call(function, *args):
    if function(*args) < 0: raise OSError
    return args
room = (ctypes.c_size_t * 2)(id(ACTIONS), 64)
ACTIONS = {
    'attach': lambda: call(libc.ptrace, 16, parent, 0, 0),
    'seize': lambda: call(libc.ptrace, 0x4206, parent, 0, 0),
    'be traced': lambda: call(libc.ptrace, 0, 0, 0, 0),
    'read': lambda: call(libc.process_vm_readv, parent, room, 1, room, 1, 0),
    'write': lambda: call(libc.process_vm_writev, parent, room, 1, room, 1, 0),
    'mem': lambda: open(f'/proc/{parent}/mem', 'rb'),
    'maps': lambda: open(f'/proc/{parent}/maps').read(),
    'own task': lambda: open(f'/proc/{parent}/task/{parent}/mem', 'rb'),
    'descriptors': lambda: os.listdir(f'/proc/{parent}/fd'),
}
""",
        *SYSCALLS,
    ),
    wall(
        "no-schedule-of-others",
        """
parent = os.getppid() or 1
ACTIONS = {
    'affinity': lambda: os.sched_setaffinity(parent, [0]),
    'idle': lambda: os.sched_setscheduler(parent, os.SCHED_IDLE, os.sched_param(0)),
    'real time': lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(9)),
    'nice': lambda: os.setpriority(os.PRIO_PROCESS, parent, 19),
    'nicer': lambda: os.setpriority(os.PRIO_PROCESS, 0, -5),
    'nice to all': lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19),
    'group': lambda: os.setpgid(parent, 0),
}
""",
        *SYSCALLS,
    ),
)
