"""The warm process inside the sandbox: it imports once, and forks a child for each notebook.

Why the child makes its own namespaces, and no process outside joins them to it: so all that
is warm lies behind bubblewrap's wall, what crosses it is one socket and one pipe, and what
has to be read to trust it is `_apart`. In a descendant user namespace, with no capability,
behind a fresh /proc, a child cannot trace, signal or even name the process it came from.

It runs from the tree that `course.teach.sandbox.stripped` makes: no right answer is in it.
"""

import ctypes
import gc
import json
import os
import random
import resource
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

NOBODY = 65534
_LIBC = ctypes.CDLL(None, use_errno=True)
_OPTIONS = {
    "deathsig": 1,
    "dumpable": 4,
    "seccomp": 22,
    "drop": 24,
    "subreaper": 36,
    "no_new_privs": 38,
}
_NAMESPACES = 0x10000000 | 0x20000000 | 0x40000000 | 0x08000000 | 0x04000000 | 0x00020000
_NOSUID_NODEV, _PRIVATE = 2 | 4, 0x4000 | 1 << 18


def main(number: str, apart: str) -> None:
    """Wait for jobs on a socket, and fork a child for each.

    Args:
        number: of the socket's descriptor. A message carries two more: of a file with the
            job as JSON, and of the door.
        apart: "apart" if each child makes namespaces of its own; "" if there is another
            wall, or none.
    """
    if os.getuid() == 0:
        _leave_root(apart)
    _option("subreaper", 1)
    _option("no_new_privs", 1)
    _option("deathsig", signal.SIGKILL)  # after the change of user, which clears it
    channel = socket.socket(fileno=int(number))
    if apart:  # a refusal is told now, by the exit code
        _job(_try, apart)
    book = _warm()
    channel.send(b"ready")
    while True:
        _message, descriptors, *_rest = socket.recv_fds(channel, 16, 2)
        if not descriptors:
            return  # the grader has ended
        file, door = descriptors
        _job(book.work, apart, file, door)
        os.close(file)
        os.close(door)


def _leave_root(apart: str) -> None:
    if apart:  # a /proc of its own, of which nothing is covered: the child needs another
        _call("mount", b"proc", b"/proc", b"proc", _NOSUID_NODEV, None)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    _option("dumpable", 1)  # else its own /proc/self would belong to root


def _job(work: Any, apart: str, *descriptors: int) -> None:
    child = os.fork()
    if child == 0:
        try:
            _option("deathsig", signal.SIGKILL)
            if apart:
                _apart(*descriptors)
            work(*descriptors)
            os._exit(0)
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    if work is _try and status:
        sys.exit(3)


def _try() -> None:
    """Do nothing: the namespaces could be made."""


def _call(name: str, *arguments: Any) -> None:
    if getattr(_LIBC, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _option(name: str, value: int) -> None:
    if sys.platform == "linux":
        _LIBC.prctl(_OPTIONS[name], value, 0, 0, 0)


def _apart(*descriptors: int) -> None:
    """Go on as process 1 of new namespaces: its end is the end of all that it started."""
    user, group = os.getuid(), os.getgid()
    _call("unshare", _NAMESPACES)
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny", "ascii")
    (own / "uid_map").write_text(f"{user} {user} 1", "ascii")
    (own / "gid_map").write_text(f"{group} {group} 1", "ascii")
    Path("/proc/sys/user/max_user_namespaces").write_text("0", "ascii")
    inner = os.fork()
    if inner:
        for number in descriptors:
            os.close(number)
        os.waitpid(inner, 0)
        os._exit(0)
    _option("deathsig", signal.SIGKILL)
    os.setsid()  # a signal to its group would reach the process that is warm
    _call("mount", None, b"/", None, _PRIVATE, None)
    _call("mount", b"proc", b"/proc", b"proc", _NOSUID_NODEV | 8, None)
    size = f"size={os.environ['COURSE_DISK']},nr_inodes=8192,mode=700".encode("ascii")
    _call("mount", b"tmpfs", b"/tmp", b"tmpfs", _NOSUID_NODEV, size)
    for number in range(64):
        _option("drop", number)
    _call("capset", (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)())


def _warm() -> "_Notebook":
    """Import what notebooks use, read all tables, and make a shell."""
    from importlib import import_module

    from IPython.core.history import HistoryManager

    for name in json.loads(os.environ["COURSE_IMPORTS"]):
        import_module(name)
    from course.data import read, resources

    for name in resources():
        read(name)
    HistoryManager.enabled = False  # its thread would not live through a fork
    book = _Notebook()
    gc.collect()
    gc.freeze()
    return book


def _limit(limits: dict[str, Any], apart: bool) -> None:
    bounds = {"DATA": limits["memory"], "FSIZE": limits["disk"], "CORE": 0, "NOFILE": 256}
    bounds["CPU"] = int(limits["seconds"]) + 5
    if apart or os.getuid() == NOBODY:  # else it would count the other processes of a person
        bounds["NPROC"] = limits["processes"]
    for name, bound in bounds.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        _soft, hard = resource.getrlimit(kind)
        most = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (most, most))


class _TooLong(BaseException):
    """The time of a cell is over."""


class _Notebook:
    """A shell in which cells run; what they check goes out of the door."""

    out: BinaryIO
    cell = -1

    def __init__(self) -> None:
        from IPython.core.interactiveshell import InteractiveShell

        import course
        from course.errors import CourseError
        from course.exercises import verbs
        from course.exercises.exercise import Exercise
        from course.exercises.journal import SIGNED
        from course.exercises.show import Feedback
        from course.exercises.verdict import Verdict

        self.shell = InteractiveShell.instance()
        self.shell.display_formatter.active_types = []
        self.shell.display_formatter.ipython_display_formatter.enabled = False
        self.shell.showtraceback = self.shell.showsyntaxerror = lambda *_a, **_k: None
        tell = self.tell

        class Task(Exercise):
            def decide(self, plain: Any) -> tuple[str, str]:
                tell(check=self.id, plain=plain)
                return "handed in", ""

        plainly = Verdict.plain

        def signed(verdict: Verdict) -> Any:
            plain = plainly(verdict)
            plain["value"]["signed"] = {name: getattr(verdict, name) for name in SIGNED}
            return plain

        def refuse(*_arguments: Any) -> Any:
            raise CourseError("Not while grading.")

        def made(name: str, kind: str, inputs: list[Any]) -> Exercise:
            blank: dict[str, Any] = {"ask": "", "solution": "", "hints": (), "after": ""}
            blank |= {"objective": 0, "mistakes": {}, "answer": refuse}
            return Task(name, kind=kind, inputs=lambda _: inputs, **blank)

        tree = Path(course.__file__).parents[1]
        kinds = json.loads((tree / "tasks.json").read_text(encoding="utf-8"))
        tasks = {name: made(name, *of) for name, of in kinds.items()}
        verbs.exercises = lambda of: {k: one for k, one in tasks.items() if k[:2] == of}

        def check(exercise_id: str, answer: Any = ...) -> Feedback:
            task = verbs.exercise(exercise_id)
            found = task.judge(answer)
            if found.status != "handed in":
                tell(check=task.id, status=found.status, message=found.message)
            return Feedback(task.id, "not attempted", "", title="Handed in")

        Verdict.plain = signed  # type: ignore[method-assign]
        course.check = verbs.check = self.check = check
        course.hint = course.solution = verbs.hint = verbs.solution = refuse

    def tell(self, **what: Any) -> None:
        """Send a line out of the door."""
        self.out.write(json.dumps({"cell": self.cell, **what}).encode("ascii") + b"\n")
        self.out.flush()

    def work(self, file: int, door: int) -> None:
        """Do a job in a process of its own."""
        with os.fdopen(file, "rb", closefd=False) as job:
            job.seek(0)
            work = json.load(job)
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nothing, number)
        os.dup2(door, 3)
        os.closerange(4, 65536)
        home = Path(os.environ["HOME"])
        home.mkdir(parents=True, exist_ok=True)
        os.chdir(home)
        random.seed(0)
        sys.modules["numpy"].random.seed(0)
        limits = work["limits"]
        _limit(limits, bool(work["apart"]))
        with os.fdopen(3, "wb") as self.out:
            self.run(work["cells"], limits["cell"])

    def run(self, cells: list[tuple[int, str]], seconds: float) -> None:
        """Run cells in order; the end of one is not the end of the rest."""

        def ring(_number: int, _frame: FrameType | None) -> None:
            raise _TooLong

        for self.cell, source in cells:
            self.tell(begins=True)
            error: BaseException | None = None
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
                late = isinstance(error, _TooLong)
                self.tell(error="" if late else _said(error), late=late)
        import course
        from course.exercises import verbs

        self.tell(ends=True, ours=course.check is verbs.check is self.check)


def _said(error: BaseException) -> str:
    name = type.__getattribute__(type(error), "__name__")
    words = error.args[0] if error.args and type(error.args[0]) is str else ""
    return f"{name}: {words}"[:200]


if __name__ == "__main__":
    main(*sys.argv[1:])
