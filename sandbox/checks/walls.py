"""Programs that try to reach resources outside the sandbox."""

from __future__ import annotations

from sandbox.base import Sandbox
from sandbox.checks.registry import (
    FILES,
    NETWORK,
    SYSCALLS,
    USER,
    check,
    expect,
    expect_nothing,
)
from sandbox.types import Status

PASSED = Status.PASSED

TRY = """
import ctypes, os, signal, socket, sys
def attempts():
    done = []
    for name, action in ACTIONS.items():
        try:
            result = action()
        except (OSError, AttributeError):
            continue
        done.append((name, result))
    return done
"""


@check(*NETWORK)
async def no_network(box: Sandbox) -> None:
    """A program cannot connect, resolve a name, send a datagram or listen."""
    program = """
ACTIONS = {
    'connect': lambda: socket.create_connection(('1.1.1.1', 53), 0.2),
    'resolve': lambda: socket.getaddrinfo('example.org', 80),
    'send': lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('1.1.1.1', 53)),
    'listen': lambda: socket.create_server(('127.0.0.1', 0)).accept(),
}
"""
    await expect_nothing(box, TRY + program)


@check(*FILES)
async def no_writing_outside(box: Sandbox) -> None:
    """A program can write only to its private directory."""
    program = """
places = ('/', '/etc', '/dev/shm', '/var/tmp', '/opt', '/root', os.path.dirname(os.__file__), '..')
ACTIONS = {place: lambda place=place: open(place + '/planted', 'w') for place in places}
ACTIONS['link'] = lambda: (os.symlink('/planted', 'link'), open('link', 'w'))
"""
    await expect_nothing(box, TRY + program)


@check(*FILES)
async def no_reading_of_others(box: Sandbox) -> None:
    """A program cannot read secrets or other processes, or list system directories."""
    program = """
paths = ('/etc/passwd', '/etc/shadow', '/proc/1/environ', '/proc/1/mem', '/proc/1/cmdline',
         '/proc/self/environ', '/proc/meminfo', f'/proc/{os.getppid()}/mem')
ACTIONS = {path: lambda path=path: open(path, 'rb').read(1) for path in paths}
for path in ('/', '/root', '/home', '/proc', '/etc'):
    ACTIONS['list ' + path] = lambda path=path: os.listdir(path)
"""
    await expect_nothing(box, TRY + program)


@check(*SYSCALLS)
async def no_power_over_other_processes(box: Sandbox) -> None:
    """A program cannot signal another process, or change its limits, CPUs or priority."""
    program = """
import resource
parent = os.getppid()
ACTIONS = {
    'stop parent': lambda: os.kill(parent, signal.SIGSTOP),
    'probe first': lambda: os.kill(1, 0),
    'kill all': lambda: os.kill(-1, signal.SIGKILL),
    'kill group': lambda: os.killpg(0, signal.SIGKILL),
    'limit parent': lambda: resource.prlimit(parent or 1, resource.RLIMIT_CPU, (0, 0)),
    'pin parent': lambda: os.sched_setaffinity(parent or 1, [0]),
    'nice': lambda: os.setpriority(os.PRIO_USER, 0, 19),
    'pidfd': lambda: os.pidfd_open(parent or 1),
}
"""
    await expect_nothing(box, TRY + program)


@check(*SYSCALLS)
async def no_clocks_of_other_processes(box: Sandbox) -> None:
    """A program can read its own clocks, but not how long another process has computed."""
    program = """
import time
clocks = [(~pid << 3) | kind for pid in range(1, 300) if pid != os.getpid() for kind in (0, 1, 2)]
ACTIONS = {clock: lambda clock=clock: time.clock_gettime(clock) for clock in clocks}
ACTIONS.update({f'resolution {clock}': lambda c=clock: time.clock_getres(c) for clock in clocks})
def own():
    thread = time.pthread_getcpuclockid(threading.get_ident())
    clocks = (thread, (~os.getpid() << 3) | 2, time.CLOCK_PROCESS_CPUTIME_ID, time.CLOCK_BOOTTIME)
    time.sleep(0.001)
    return all(time.clock_gettime(clock) >= 0 < time.clock_getres(clock) for clock in clocks)
"""
    await expect_nothing(box, f"import threading\n{TRY}{program}")
    await expect(box, f"import threading\n{TRY}{program}", ("assert own()", PASSED))


@check(*SYSCALLS)
async def no_new_programs(box: Sandbox) -> None:
    """A program cannot execute a file, in its own process or in a new one."""
    program = """
ACTIONS = {
    'exec': lambda: os.execv('/bin/sh', ['sh']),
    'spawn': lambda: os.posix_spawn('/bin/sh', ['sh'], {}),
    'fork': lambda: os.fork() or os._exit(0),
    'pty': lambda: os.forkpty(),
    'memfd': lambda: os.memfd_create('x'),
}
"""
    await expect_nothing(box, TRY + program)


@check(*SYSCALLS)
async def no_dangerous_system_calls(box: Sandbox) -> None:
    """System calls that have been used to escape from sandboxes fail, even if called directly."""
    program = """
column = 0 if os.uname().machine == 'x86_64' else 1
NUMBERS = {
    'ptrace': (101, 117), 'process_vm_readv': (310, 270), 'process_vm_writev': (311, 271),
    'bpf': (321, 280), 'keyctl': (250, 219), 'add_key': (248, 217), 'unshare': (272, 97),
    'mount': (165, 40), 'setns': (308, 268), 'perf_event_open': (298, 241), 'reboot': (169, 142),
    'userfaultfd': (323, 282), 'io_uring_setup': (425, 425), 'chroot': (161, 51),
    'pivot_root': (155, 41), 'clone3': (435, 435), 'open_by_handle_at': (304, 265),
    'kcmp': (312, 272), 'shmget': (29, 194), 'mq_open': (240, 180), 'personality': (135, 92),
    'fsopen': (430, 430), 'memfd_secret': (447, 447), 'seccomp': (317, 277), 'prctl': (157, 167),
}
libc = ctypes.CDLL(None, use_errno=True)
def call(number):
    ctypes.set_errno(0)
    libc.syscall(number, 0, 0, 0, 0, 0, 0)
    if ctypes.get_errno() in (1, 38): raise OSError
    return ctypes.get_errno()
ACTIONS = {name: lambda n=numbers[column]: call(n) for name, numbers in NUMBERS.items()}
"""
    await expect_nothing(box, TRY + program)


@check(*USER)
async def an_unprivileged_user(box: Sandbox) -> None:
    """Programs run as an unprivileged user and cannot become another one."""
    program = "ACTIONS = {'setuid': lambda: os.setuid(0), 'chown': lambda: os.chown('.', 0, 0)}"
    await expect_nothing(box, TRY + program)
    await expect(box, "import os", ("assert os.getuid() != 0 and os.geteuid() != 0", PASSED))


@check()
async def a_scrubbed_environment(box: Sandbox) -> None:
    """Programs and tests do not see the host's environment variables."""
    known = {"PATH", "LANG", "TZ", "PYTHONHASHSEED", "PYTHONSAFEPATH", "MALLOC_ARENA_MAX"}
    known |= {"TMPDIR", "HOME", "HOSTNAME", "LC_CTYPE"}
    container = "GPG_KEY PYTHON_VERSION PYTHON_SHA256 PYTHON_PIP_VERSION PYTHON_SETUPTOOLS_VERSION"
    known |= {*container.split(), "PYTHON_GET_PIP_URL", "PYTHON_GET_PIP_SHA256"}
    known |= {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "container", "TERM"}  # numpy, Podman
    program = "import os\ndef f(): return set(os.environ)"
    tests = (f"assert f() - {known!r} == set()", f"assert set(os.environ) - {known!r} == set()")
    await expect(box, program, *((test, PASSED) for test in tests))


@check()
async def no_files_stay(box: Sandbox) -> None:
    """Each program starts in an empty directory, even if the one before left files that resist."""
    program = """
import os
os.makedirs('a/b/c'); open('a/b/f', 'w').close(); os.chmod('a/b', 0); os.chmod('a', 0)
os.symlink('/', 'root'); os.symlink('missing', 'loose'); open('-rf *', 'w').close()
for _ in range(1500):
    os.mkdir('deep'); os.chdir('deep')
"""
    await expect(box, program, ("pass", PASSED))
    program = "import os\ndef f(): return os.listdir('.')"
    for _ in range(4):
        await expect(box, program, ("assert f() == os.listdir('.') == []", PASSED))


@check()
async def no_thread_stays(box: Sandbox) -> None:
    """A thread that still runs after the last test ends with its program."""
    program = """
import threading
def spin():
    while True:
        open('left', 'a').close()
threading.Thread(target=spin).start()
"""
    await expect(box, program, ("pass", PASSED))
    for _ in range(4):
        await expect(box, "import os", ("assert os.listdir('.') == []", PASSED))


@check()
async def the_next_program_is_unaffected(box: Sandbox) -> None:
    """Changes to builtins, modules, environment, limits and directory end with the program."""
    program = """
import builtins, math, os, sys, random, resource
math.sqrt = lambda x: 7
builtins.len = lambda x: 7
os.environ['PLANTED'] = '1'
os.umask(0o777); os.chdir('/')
sys.modules['json'] = None
sys.setrecursionlimit(50)
resource.setrlimit(resource.RLIMIT_NOFILE, (10, 10))
"""
    await expect(box, program + "def f(): return len([])", ("assert f() == 7", PASSED))
    after = "import math, os, json, sys; assert math.sqrt(4) == 2 and len([]) == 0"
    after += " and 'PLANTED' not in os.environ and sys.getrecursionlimit() in range(1000, 1100)"
    for _ in range(4):
        await expect(box, "", (after, PASSED), ("open('f', 'w').write('x')", PASSED))
