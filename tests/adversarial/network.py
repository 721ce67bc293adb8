"""Programs that try to reach a network, or a socket of another process."""

from __future__ import annotations

from sandbox.checks.registry import NETWORK
from tests.adversarial.case import Case, cheat, wall

CASES: tuple[Case, ...] = (
    wall(
        "no-connection",
        """
for host in ('1.1.1.1', '127.0.0.1', '169.254.169.254', '10.0.0.1', '172.17.0.1'):
    for port in (80, 53, 22):
        ACTIONS[f'{host}:{port}'] = lambda a=(host, port): socket.create_connection(a, 0.05)
ACTIONS['version 6'] = lambda: socket.create_connection(('::1', 80), 0.05)
""",
        *NETWORK,
    ),
    wall(
        "no-name",
        """
ACTIONS = {
    'getaddrinfo': lambda: socket.getaddrinfo('example.org', 80),
    'gethostbyname': lambda: socket.gethostbyname('example.org'),
    'gethostbyaddr': lambda: socket.gethostbyaddr('1.1.1.1'),
}
""",
        *NETWORK,
    ),
    wall(
        "no-datagram",
        """
def send(family, address):
    with socket.socket(family, socket.SOCK_DGRAM) as end: return end.sendto(b'x', address)
ACTIONS = {
    'version 4': lambda: send(socket.AF_INET, ('1.1.1.1', 53)),
    'version 6': lambda: send(socket.AF_INET6, ('2606:4700:4700::1111', 53)),
    'broadcast': lambda: send(socket.AF_INET, ('255.255.255.255', 9)),
    'to itself': lambda: send(socket.AF_INET, ('127.0.0.1', 9)),
    'log': lambda: send(socket.AF_UNIX, '/dev/log'),
}
""",
        *NETWORK,
    ),
    wall(
        "no-raw-socket",
        """
ACTIONS = {
    'raw': lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
    'packet': lambda: socket.socket(17, socket.SOCK_RAW, 768),
    'netlink': lambda: socket.socket(16, socket.SOCK_RAW, 0),
    'vsock': lambda: socket.socket(40, socket.SOCK_STREAM),
    'kernel cryptography': lambda: socket.socket(38, 5, 0),
    'bluetooth': lambda: socket.socket(31, socket.SOCK_RAW, 1),
}
""",
        *NETWORK,
    ),
    wall(
        "no-listener",
        """
ACTIONS = {
    'version 4': lambda: socket.create_server(('127.0.0.1', 0)),
    'anywhere': lambda: socket.create_server(('', 0)),
    'version 6': lambda: socket.create_server(('::1', 0), family=socket.AF_INET6),
}
""",
        "seccomp",
    ),
    wall(
        "no-socket-of-others",
        """
def connect(path):
    end = socket.socket(socket.AF_UNIX)
    end.connect(path)
for path in ('/var/run/docker.sock', '/run/systemd/private', '/tmp/.X11-unix/X0',
             '/run/dbus/system_bus_socket', '\\0/tmp/.X11-unix/X0', '\\0judge'):
    ACTIONS[repr(path)] = lambda path=path: connect(path)
""",
        *NETWORK,
    ),
    wall(
        "no-socket-without-a-file",
        """
def bind(path):
    end = socket.socket(socket.AF_UNIX)
    end.bind(path)
    end.listen()
ACTIONS = {'abstract': lambda: bind('\\0planted'), 'file': lambda: bind('planted')}
""",
        "seccomp",
    ),
    wall(
        "no-page",
        """
import urllib.request
for address in ('http://example.org', 'http://127.0.0.1', 'file:///etc/passwd'):
    ACTIONS[address] = lambda a=address: urllib.request.urlopen(a, timeout=0.05).read(1)
""",
        *NETWORK,
    ),
    wall(
        "no-event-loop-that-connects",
        """
import asyncio
async def connect(): return await asyncio.wait_for(asyncio.open_connection('1.1.1.1', 80), 0.1)
def action():
    try: return asyncio.run(connect())
    except asyncio.TimeoutError as error: raise OSError from error
ACTIONS = {'open_connection': action}
""",
        *NETWORK,
    ),
    cheat(
        "asks-a-service-for-the-answer",
        """
import urllib.request
def add(a, b): return int(urllib.request.urlopen('http://1.1.1.1/add', timeout=0.1).read())
""",
    ),
)
