"""The warm process inside the sandbox: it imports once, and forks a child for each notebook.

The child makes its namespaces itself, rather than joins some that were made outside: so all
that is warm lies behind bubblewrap's wall, what crosses that is a socket and a pipe, and what
must be read to trust it is `_apart`. With no capability, in a user and process namespace
below, a child cannot trace, signal or even name the process it came from.

It runs from the tree that `course.teach.sandbox.stripped` makes: no right answer is in it.
"""

import ctypes
import errno
import gc
import json
import os
import platform
import random
import resource
import signal
import socket
import struct
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

NOBODY = 65534
_DEATHSIG, _DUMPABLE, _SECCOMP, _DROP, _SUBREAPER, _NO_NEW_PRIVS = 1, 4, 22, 24, 36, 38
_NAMESPACES = 0x10000000 | 0x20000000 | 0x40000000 | 0x08000000 | 0x04000000 | 0x00020000
_NOSUID_NODEV, _NOEXEC, _PRIVATE = 2 | 4, 8, 0x4000 | 1 << 18
# machine -> its number for seccomp, and calls that no notebook needs. Of memory that no process
# has mapped, so that nobody counts it: memfd_create, memfd_secret, shmget, semget, msgget, and
# setsockopt, by which a socket holds megabytes. Doors through which kernels were broken:
# ptrace, keyctl, add_key, bpf, userfaultfd, perf_event_open and io_uring_setup.
_REFUSED = {
    "x86_64": (0xC000003E, [319, 447, 29, 64, 68, 54, 101, 250, 248, 321, 323, 298, 425]),
    "aarch64": (0xC00000B7, [279, 447, 194, 190, 186, 208, 117, 219, 217, 280, 282, 241, 425]),
}
# machine -> calls refused by an argument: (call, place of the argument, bits of it, least).
# mmap, if shared and of no file: its pages stay when they are no longer mapped. socket, of a
# family after netlink: a virtual machine's (vsock) leads out of any network namespace.
_REFUSED_BY = {
    "x86_64": [(9, 40, 0x21, 0x21), (41, 16, 0xFF, 17)],
    "aarch64": [(222, 40, 0x21, 0x21), (198, 16, 0xFF, 17)],
}
_BLANK = '<svg xmlns="http://www.w3.org/2000/svg"/>'
_LIBC = ctypes.CDLL(None, use_errno=True)


def main(number: str, user: str) -> None:
    """Wait for jobs on a socket, and fork a child for each.

    Args:
        number: of the socket's descriptor. A message carries two more: of a file with the
            job as JSON, and of the door.
        user: "apart" if each child makes namespaces; "nobody" if a container is the wall;
            "ours" if nothing is.
    """
    apart = user == "apart"
    if os.getuid() == 0 and user != "ours":
        if apart:  # a /proc of which nothing is covered: the kernel asks it of the child
            _call("mount", b"proc", b"/proc", b"proc", _NOSUID_NODEV, None)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        # a child apart writes its own /proc/self; any other could trace the warm process
        _option(_DUMPABLE, apart)
    _option(_SUBREAPER, 1)
    _option(_NO_NEW_PRIVS, 1)
    die_with_parent()
    channel = socket.socket(fileno=int(number))
    _fork(lambda _job: None, apart, None)  # says now if there can be no sandbox
    book = _Notebook()
    gc.collect()
    gc.freeze()
    channel.send(b"ready")
    while descriptors := socket.recv_fds(channel, 16, 2)[1]:
        with os.fdopen(descriptors[0], "rb") as file, os.fdopen(descriptors[1], "wb") as door:
            book.door = door
            _fork(book.work, apart, file)


def _fork(work: Any, apart: bool, file: BinaryIO | None) -> None:
    if child := os.fork():
        if os.waitpid(child, 0)[1] and not file:
            sys.exit(1)
        return
    try:
        job = {"disk": 1 << 20}
        if file:  # read here: what the warm process read, the next child could find in memory
            file.seek(0)
            job = json.load(file)
        die_with_parent()
        os.setsid()  # a signal to its group would reach the process that is warm
        if apart:
            _apart(f"size={job['disk']},nr_inodes=8192,mode=700".encode("ascii"))
        work(job)
        os._exit(0)
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}".encode())
        os._exit(1)


def _call(name: str, *arguments: Any) -> None:
    if getattr(_LIBC, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that started it ends."""
    _option(_DEATHSIG, signal.SIGKILL)


def _option(name: int, value: int) -> None:
    if sys.platform == "linux":
        _LIBC.prctl(name, value, 0, 0, 0)


def _apart(disk: bytes) -> None:
    """Go on as process 1 of new namespaces: its end is the end of all that it started."""
    ids = {"uid_map": os.getuid(), "gid_map": os.getgid()}
    _call("unshare", _NAMESPACES)
    Path("/proc/self/setgroups").write_text("deny", "ascii")
    for name, one in ids.items():
        Path("/proc/self", name).write_text(f"{one} {one} 1", "ascii")
    for limit in Path("/proc/sys/user").iterdir():  # namespaces below; what watches files
        limit.write_text("0", "ascii")  # counts for the teacher as well
    if inner := os.fork():
        os.closerange(3, 65536)
        os.waitpid(inner, 0)
        os._exit(0)
    die_with_parent()
    os.setsid()
    _call("mount", None, b"/", None, _PRIVATE, None)
    _call("mount", b"proc", b"/proc", b"proc", _NOSUID_NODEV | _NOEXEC, None)
    own = os.environ["TMPDIR"].encode("ascii")
    _call("mount", b"tmpfs", own, b"tmpfs", _NOSUID_NODEV, disk)
    for number in range(64):
        _option(_DROP, number)
    _call("capset", (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)())


def _refuse_calls() -> None:
    machine, refused = _REFUSED.get(platform.machine(), (0, []))
    if sys.platform != "linux" or not machine:
        return
    no, yes = 0x50000 | errno.EPERM, 0x7FFF0000
    load, mask, equal, least, give = 0x20, 0x54, 0x15, 0x35, 0x06
    steps = [(load, 0, 0, 4), (equal, 1, 0, machine), (give, 0, 0, no), (load, 0, 0, 0)]
    steps += [(least, 0, 1, 0x40000000), (give, 0, 0, no)]  # another way to number calls
    for number in refused:
        steps += [(equal, 0, 1, number), (give, 0, 0, no)]
    for number, place, bits, limit in _REFUSED_BY[platform.machine()]:
        steps += [(equal, 0, 5, number), (load, 0, 0, place), (mask, 0, 0, bits)]
        steps += [(least, 0, 1, limit), (give, 0, 0, no), (give, 0, 0, yes)]
    code = b"".join(struct.pack("HBBI", *step) for step in [*steps, (give, 0, 0, yes)])
    held = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(steps) + 1, ctypes.addressof(held))
    _call("prctl", _SECCOMP, 2, program, 0, 0)


def _limit(job: dict[str, Any]) -> None:
    bounds = {"DATA": job["memory"], "AS": job["memory"] + (1 << 30), "FSIZE": job["disk"]}
    bounds |= {"CORE": 0, "NOFILE": 64, "SIGPENDING": 64, "MSGQUEUE": 0}
    if job["apart"] or os.getuid() == NOBODY:  # else the teacher's other processes count
        bounds["NPROC"] = job["processes"]
    for name, bound in bounds.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)  # noqa: PLW2901
        resource.setrlimit(kind, (bound, bound))


class _TooLong(BaseException):
    """The time of a cell is over."""


def _warm() -> list[Any]:
    """Import what notebooks use, and do once what is slow the first time."""
    every: list[Any] = [*map(import_module, json.loads(os.environ["COURSE_IMPORTS"]))]
    course, data = every[0], every.pop(1)
    for name in data.resources():
        data.read(name)
    sys.modules["course.charts"].__dict__["_svg"] = lambda _text: _BLANK
    course.exercises.on_map.read_map(course.area_map("far_east"))
    course.LiveMap("population", area="far_east")
    course.exercises.numbers.numbers("")
    return every[:3]


class _Notebook:
    """A shell in which cells run; what they check goes out of the door."""

    door: BinaryIO
    cell = -1

    def __init__(self) -> None:
        """Warm up, and put the graded check into place."""
        from IPython.core.history import HistoryManager
        from IPython.core.interactiveshell import InteractiveShell

        from course.exercises.exercise import Exercise
        from course.exercises.journal import SIGNED
        from course.exercises.show import Feedback
        from course.words import _

        course, verbs, verdict = _warm()
        setattr(HistoryManager, "enabled", False)  # noqa: B010 - its thread dies in a fork
        self.shell = shell = getattr(InteractiveShell, "instance")()  # noqa: B009 - not typed
        shell.display_formatter.format = lambda *_a, **_k: ({}, {})  # nobody looks
        shell.showtraceback = shell.showsyntaxerror = lambda *_a, **_k: None
        tell, plainly = self.tell, verdict.Verdict.plain

        class Task(Exercise):
            def decide(self, plain: Any) -> tuple[str, str]:
                tell(check=self.id, plain=plain)
                return "handed in", ""

        def refuse(*_arguments: Any) -> Feedback:  # what stands below it still counts
            return Feedback("", "not attempted", _("Not while grading."))

        def made(name: str, kind: str, inputs: list[Any]) -> Exercise:
            blank: dict[str, Any] = dict.fromkeys(("ask", "solution", "after"), "")
            blank |= {"mistakes": {}, "hints": (), "objective": 0, "answer": refuse}
            return Task(name, kind=kind, inputs=lambda _: inputs, **blank)

        def signed(given: Any) -> Any:
            plain = plainly(given)
            plain["value"]["signed"] = {name: getattr(given, name) for name in SIGNED}
            return plain

        def check(exercise_id: str, answer: Any = ...) -> Feedback:
            task = verbs.exercise(exercise_id)
            found = task.judge(answer)
            if found.status != "handed in":
                tell(check=task.id, status=found.status, message=found.message)
            return Feedback(task.id, "not attempted", "", title=_("Handed in"))

        kinds = Path(course.__file__).parents[1].joinpath("tasks.json")
        tasks = {k: made(k, *of) for k, of in json.loads(kinds.read_text("utf-8")).items()}
        verbs.exercises = lambda of: {k: one for k, one in tasks.items() if k[:2] == of}
        verdict.Verdict.plain = signed
        course.check = verbs.check = check
        course.hint = course.solution = verbs.hint = verbs.solution = refuse
        course.doctor.main = refuse  # it looks at the student's machine, and takes long
        for name in course.lessons.EXPLORERS:  # they stand in the rooms
            setattr(course.explore, name, refuse)
        named = self.shell.user_ns.get
        self.ours = lambda: (
            course.check is verbs.check is check
            and sys.modules.get("course") is course is named("course", course)
        )

    def tell(self, **what: Any) -> None:
        """Send a line out of the door."""
        self.door.write(json.dumps({"cell": self.cell, **what}).encode("ascii") + b"\n")
        self.door.flush()

    def work(self, job: dict[str, Any]) -> None:
        """Run the cells of a job in a process of its own, with limits and nothing open."""
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nothing, number)
        os.dup2(self.door.fileno(), 3)
        os.closerange(4, 65536)
        self.door = os.fdopen(3, "wb")
        os.makedirs(os.environ["HOME"], exist_ok=True)  # noqa: PTH103
        os.chdir(os.environ["HOME"])
        random.seed(0)
        sys.modules["numpy"].random.seed(0)
        _limit(job)
        _refuse_calls()
        self.run(job["cells"], job["cell"])

    def run(self, cells: list[tuple[int, str]], seconds: float) -> None:
        """Run cells in order; the end of one is not the end of the rest."""

        def ring(*_arguments: Any) -> None:
            raise _TooLong

        for self.cell, source in cells:
            self.tell(begins=True)
            error: Any = None
            try:
                signal.signal(signal.SIGALRM, ring)
                signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
                done = self.shell.run_cell(source, store_history=True)
                error = done.error_before_exec or done.error_in_exec
            except BaseException as raised:
                error = raised
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            if error is not None:
                # not what the class of a student says that these are
                held = vars(BaseException)["args"].__get__(error)
                first = held[0] if held and type(held[0]) is str else ""
                words = f"{vars(type)['__name__'].__get__(type(error))}: {first}"[:200]
                late = type(error) is _TooLong
                self.tell(error=words, late=late)
                with suppress(ChildProcessError, ProcessLookupError):
                    while late and os.getpid() == 1:  # what it forked would starve the rest
                        os.kill(-1, signal.SIGKILL)
                        os.waitpid(-1, 0)
        self.tell(ends=True, ours=self.ours())


if __name__ == "__main__":
    main(*sys.argv[1:])
