"""Numbers of the system calls that a program may make: `name:x86_64:aarch64`, `-` if missing.

The lists contain the calls that CPython, its threads and its standard library need. They do not
contain calls that start a process, open a connection, affect another process or change the machine.
"""

from __future__ import annotations

ARCHITECTURES = ("x86_64", "aarch64")

_ALLOWED = """
    read:0:63 write:1:64 close:3:57 fstat:5:80 lseek:8:62 mmap:9:222 mprotect:10:226 munmap:11:215
    brk:12:214 rt_sigaction:13:134 rt_sigprocmask:14:135 rt_sigreturn:15:139 rt_sigpending:127:136
    rt_sigtimedwait:128:137 sigaltstack:131:132 pread64:17:67 pwrite64:18:68 readv:19:65
    writev:20:66 preadv:295:69 pwritev:296:70 preadv2:327:286 pwritev2:328:287 access:21:-
    faccessat:269:48 faccessat2:439:439 pipe:22:- pipe2:293:59 select:23:- pselect6:270:72 poll:7:-
    ppoll:271:73 sched_yield:24:124 mremap:25:216 msync:26:227 madvise:28:233 dup:32:23 dup2:33:-
    dup3:292:24 pause:34:- nanosleep:35:101 getitimer:36:102 alarm:37:- setitimer:38:103
    timerfd_create:283:85 timerfd_settime:286:86 timerfd_gettime:287:87 getpid:39:172 gettid:186:178
    getppid:110:173 getuid:102:174 geteuid:107:175 getgid:104:176 getegid:108:177 getresuid:118:148
    getresgid:120:150 getgroups:115:158 getpgid:121:155 getpgrp:111:- getsid:124:156 setsid:112:157
    setpgid:109:154 sendfile:40:71 copy_file_range:326:285 splice:275:76 uname:63:160 flock:73:32
    fsync:74:82 fdatasync:75:83 truncate:76:45 ftruncate:77:46 fallocate:285:47 fadvise64:221:223
    getdents64:217:61 getcwd:79:17 chdir:80:49 fchdir:81:50 rename:82:- renameat:264:38
    renameat2:316:276 mkdir:83:- mkdirat:258:34 rmdir:84:- open:2:- openat:257:56 link:86:-
    linkat:265:37 unlink:87:- unlinkat:263:35 symlink:88:- symlinkat:266:36 readlink:89:-
    readlinkat:267:78 chmod:90:- fchmod:91:52 fchmodat:268:53 umask:95:166 stat:4:- lstat:6:-
    newfstatat:262:79 statx:332:291 statfs:137:43 fstatfs:138:44 utimensat:280:88
    gettimeofday:96:169 time:201:- times:100:153 getrlimit:97:163 setrlimit:160:164 getrusage:98:165
    sysinfo:99:179 getpriority:140:141 getcpu:309:168 getrandom:318:278 sched_getaffinity:204:123
    sched_getparam:143:121 sched_getscheduler:145:120 sched_get_priority_max:146:125
    sched_get_priority_min:147:126 sched_rr_get_interval:148:127 futex:202:98 set_robust_list:273:99
    set_tid_address:218:96 rseq:334:293 membarrier:324:283 restart_syscall:219:128 arch_prctl:158:-
    exit:60:93 exit_group:231:94 epoll_create1:291:20 epoll_ctl:233:21 epoll_wait:232:-
    epoll_pwait:281:22 eventfd2:290:19 close_range:436:436 recvfrom:45:207 recvmsg:47:212
    shutdown:48:210 getsockname:51:204 getpeername:52:205 getsockopt:55:209 setsockopt:54:208
"""

# Extended attributes: code that copies a file asks for them, and accepts "not supported".
_UNSUPPORTED = """
    setxattr:188:5 lsetxattr:189:6 fsetxattr:190:7 getxattr:191:8 lgetxattr:192:9 fgetxattr:193:10
    listxattr:194:11 llistxattr:195:12 flistxattr:196:13 removexattr:197:14 lremovexattr:198:15
    fremovexattr:199:16
"""

# Allowed for some arguments only, which are in `seccomp.py`.
_FILTERED = """
    clone3:435:435 socketpair:53:199 sendto:44:206 clone:56:220 fcntl:72:25 ioctl:16:29
"""

# A child may make them for its own clocks only.
_CLOCKS = """
    clock_gettime:228:113 clock_getres:229:114 clock_nanosleep:230:115
"""

# Calls that the zygote needs, and that its children lose or keep for some arguments only.
_ZYGOTE = """
    fork:57:- wait4:61:260 waitid:247:95 prctl:157:167 seccomp:317:277 kill:62:129 tgkill:234:131
    prlimit64:302:261 sched_setaffinity:203:122
"""


def allowed(machine: str) -> list[int]:
    """Return the numbers of calls that the zygote may make with any arguments."""
    return sorted(_column(_ALLOWED + _CLOCKS + _ZYGOTE, machine).values())


def withdrawn(machine: str) -> dict[str, int]:
    """Return the numbers of calls, by name, that a child loses, for all or some arguments."""
    return {**_column(_ZYGOTE, machine), "clone": _column(_FILTERED, machine)["clone"]}


def of_clocks(machine: str) -> list[int]:
    """Return the numbers of the calls that a program may make for its own clocks only."""
    return sorted(_column(_CLOCKS, machine).values())


def unsupported(machine: str) -> list[int]:
    """Return the numbers of calls that fail with ENOTSUP."""
    return sorted(_column(_UNSUPPORTED, machine).values())


def filtered(machine: str) -> dict[str, int]:
    """Return the numbers of calls, by name, that are allowed for some arguments."""
    return _column(_FILTERED, machine)


def _column(table: str, machine: str) -> dict[str, int]:
    column = 1 + ARCHITECTURES.index(machine)
    rows = [row.split(":") for row in table.split()]
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}
