"""A sandbox that is not ours: bubblewrap, around the process that runs notebooks.

Inside there is no network, only the system, Python and a course without its answers, all
read-only; `course.teach.zygote` gives each notebook a home, processes and limits of its own.
"""

import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import psutil

import course
from course.errors import CourseError
from course.lessons import lessons, room
from course.paths import data_dir, lessons_dir
from course.words import _

SEED = 11  # of the inputs that functions are tried with: the same for all, and again
_LOOK = 0.2  # seconds between two looks at the memory
_THINGS = re.compile(rb"[\[{,]")
_TMP = "/tmp"  # noqa: S108 - inside
_WALL = f"""bwrap --die-with-parent --new-session --unshare-pid --unshare-net --unshare-ipc
    --unshare-uts --unshare-cgroup-try --perms 0755 --dir /dev --perms 1777 --size 9999999
    --tmpfs {_TMP} --symlink {_TMP} /dev/shm"""
_SYSTEM = "/usr /bin /sbin /lib /lib32 /lib64 /etc/ld.so.cache /etc/localtime /etc/fonts"


@dataclass(frozen=True)
class Limits:
    """What one notebook may use.

    Attributes:
        cell: seconds that a cell may run.
        seconds: for all cells of one run; what ends a run is left out, in three at most.
        memory: bytes, of all its processes together.
        disk: bytes, of all that it writes.
        processes: and threads, at a time.
        answers: bytes that it may hand out.
    """

    cell: float = 20.0
    seconds: float = 120.0
    memory: int = 2 << 30
    disk: int = 64 << 20
    processes: int = 64
    answers: int = 8 << 20

    @classmethod
    def named(cls, text: str) -> "Limits":
        """Read limits such as ``cell=5,memory=1e9``, as COURSE_GRADE_LIMITS has them.

        Raises:
            CourseError: there is no such limit, or it is no number.
        """
        try:
            pairs = (one.split("=") for one in text.split(",") if one)
            kinds = {key: type(value) for key, value in asdict(cls()).items()}
            return cls(**{key.strip(): kinds[key.strip()](float(n)) for key, n in pairs})
        except (ValueError, LookupError, OverflowError) as error:
            say = _("COURSE_GRADE_LIMITS is like cell=20,memory=2e9. Its names: {names}.")
            raise CourseError(say.format(names=", ".join(asdict(cls())))) from error


def stripped(folder: Path) -> Path:
    """Copy the course, its data and its lessons, without solutions and right answers.

    Args:
        folder: of our own; other users come to read it.

    Returns:
        ``tree`` in it. Its ``tasks.json`` has, for each exercise, its kind and the inputs
        that a function is tried with.
    """
    package, tree = Path(course.__file__).parent, folder / "tree"
    ignore = shutil.ignore_patterns("__pycache__", "*.md", "_locale", "server")
    shutil.copytree(package, tree / "course", ignore=ignore)
    for source, name in ((data_dir(), "data"), (lessons_dir(), "lessons")):
        if source.parent != package:
            shutil.copytree(source, tree / name, ignore=ignore)
    for path in (tree / "course" / "lessons").rglob("*.py"):
        if path.name == "shared.py" or "\nEXERCISES = [" in path.read_text(encoding="utf-8"):
            path.write_text("EXERCISES = []\n", encoding="utf-8")  # all of a room knows answers
    (tree / "tasks.json").write_text(json.dumps(tasks()), encoding="utf-8")
    for path in [folder, tree, *tree.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return tree


@cache
def tasks() -> dict[str, tuple[str, list[Any]]]:
    """Return, for each exercise, its kind and the inputs that a function is tried with."""
    every = [task for lesson in lessons() for task in room(lesson).EXERCISES]
    return {one.id: (one.kind, list(one.inputs(Random(SEED)))) for one in every}


def _refusal(why: str) -> CourseError:
    say = _(
        "There is no sandbox here ({why}), and notebooks of others can do all that you can. "
        "Grade in the container of the course, which is a wall too (INSTRUCTORS.md says "
        "how). Or say --no-sandbox, if you trust every student."
    )
    return CourseError(say.format(why=why))


def _open(path: Path, bits: int) -> bool:
    """Whether any user comes to a path, and finds it as open as ``bits`` say."""
    modes = [one.stat().st_mode for one in path.resolve().parents]
    return path.stat().st_mode & bits == bits and all(mode & 1 for mode in modes)


def _in_container(hidden: Iterable[Path], *, nobody: bool) -> None:
    """Make sure that it is a wall: by users, for all of them are inside."""
    if not nobody:
        say = _(
            "In a container the grader is root, and notebooks a user without rights who can "
            "run its Python. Here they would run as you: take the command in INSTRUCTORS.md."
        )
        raise CourseError(say)
    for path in hidden:
        if _open(path, 4) or _open(path, 1):
            say = _(
                "Notebooks could look into {path}, as any user can. Mount it in /root, as the "
                "command in INSTRUCTORS.md does, or say: chmod 700 {path}"
            )
            raise CourseError(say.format(path=path))


def _packages() -> list[str]:
    return [one for one in sys.path if one.endswith("-packages")]


def _python() -> set[Path]:
    """Return the folders that Python runs from."""
    folders = [sys.prefix, sys.base_prefix, *_packages()]
    return {Path(sys.executable).resolve().parent, *(Path(one).absolute() for one in folders)}


def _disk() -> str:
    """Name what is a disk of each notebook's own: not what Python would be hidden by."""
    return "/mnt" if any(Path(_TMP) in one.parents for one in _python()) else _TMP


def _wall(tree: Path, hidden: Iterable[Path]) -> list[str]:
    """Return the command line before that of Python."""
    line, root = _WALL.replace(_TMP, _disk()).split(), os.geteuid() == 0
    if root:  # in a user namespace it would still be root to the kernel: zygote leaves it
        line += ["--perms", "0755", "--dir", "/proc", "--cap-drop", "ALL"]
        for each in ("SETUID", "SETGID", "SYS_ADMIN"):
            line += ["--cap-add", f"CAP_{each}"]
    else:
        line += ["--unshare-user", "--proc", "/proc"]
    wanted = {*map(Path, _SYSTEM.split()), *_python()}
    for link in [one for one in wanted if one.is_symlink() and one.parent == Path("/")]:
        line += ["--symlink", str(link.readlink()), str(link)]  # /lib is in /usr
        wanted.remove(link)
    binds = [one for one in sorted(wanted) if one.exists() and not wanted & {*one.parents}]
    for above in sorted({one for path in binds for one in path.parents}):
        line += ["--perms", "0755", "--dir", str(above)]
    for path in binds:
        line += ["--ro-bind", str(path), str(path)]
    courses = {Path(one, "course") for one in _packages()} | {Path(course.__file__).parent}
    for path in courses | {*hidden}:
        if path.is_dir() and {*binds} & {*path.absolute().parents}:
            line += ["--tmpfs", str(path.absolute())]
    for device in ("null", "random", "urandom"):  # zero: memory that nobody counts
        line += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    return [*line, "--ro-bind", str(tree), "/course", "--chdir", "/", "--remount-ro", "/"]


class Sandbox:
    """A warm process behind the wall, for one notebook at a time.

    Args:
        tree: what `stripped` made.
        wall: whether bubblewrap stands around it, or the container that COURSE_SANDBOX
            names; if not, the limits that any process can have are all there is.
        hidden: folders that nothing inside may see, such as other submissions.

    Raises:
        CourseError: it cannot be started.
    """

    def __init__(self, tree: Path, *, wall: bool = True, hidden: Iterable[Path] = ()) -> None:
        container = wall and os.environ.get("COURSE_SANDBOX") == "container"
        python = Path(sys.prefix), Path(os.__file__).parent
        nobody = os.geteuid() == 0 and all(_open(one, 5) for one in python)
        if container:
            _in_container(hidden, nobody=nobody)
        self._wall = wall and not container
        if self._wall and not shutil.which("bwrap"):
            raise _refusal(_("bubblewrap is not installed; it is for Linux only"))
        self._home = "" if self._wall else tempfile.mkdtemp(dir=tree.parent)
        temporary = self._home or _disk()
        if self._home and nobody:
            os.chown(self._home, 65534, 65534)
        env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": f"{temporary}/home"}
        env |= {"TMPDIR": temporary, "IPYTHONDIR": f"{temporary}/ipython", "PYTHONUTF8": "1"}
        env |= {"PYTHONPATH": "/course" if self._wall else str(tree), "PYTHONHASHSEED": "0"}
        env |= {"PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
        env |= {"OMP_NUM_THREADS": "1", "COURSE_IMPORTS": json.dumps(_imports())}
        env |= {"COURSE_LANGUAGE": os.environ.get("COURSE_LANGUAGE", "")}
        self._channel, theirs = socket.socketpair()
        line = [sys.executable, "-m", "course.teach.zygote", str(theirs.fileno())]
        line = [*(_wall(tree, hidden) if self._wall else []), *line]
        line += ["apart" if self._wall else "nobody" if nobody else "ours"]
        with tempfile.TemporaryFile() as log:
            with theirs:
                self._process = subprocess.Popen(
                    line, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    pass_fds=[theirs.fileno()], cwd="/", start_new_session=True,
                )  # fmt: skip
            if self._channel.recv(16) != b"ready":
                self.close()
                log.seek(0)
                why = log.read().decode("utf-8", "replace").strip()[-300:]
                say = _("What runs the notebooks cannot be started: {why}", why=why)
                raise _refusal(why) if self._wall else CourseError(say)
        started = psutil.Process(self._process.pid)
        self._warm = [started, *started.children(recursive=True)][-1]

    def run(self, cells: list[tuple[int, str]], limits: Limits) -> tuple[bytes, str]:
        """Run cells in a child of the warm process.

        Returns:
            What came out of the door, at most ``limits.answers`` bytes and no more to be
            trusted than its author; and why it was stopped: "" (it ended by itself), "time"
            (of the last cell), "seconds" (of all cells), "memory" or "answers".
        """
        job = {"cells": cells, "apart": self._wall, **asdict(limits)}
        reading, writing = os.pipe()
        with tempfile.TemporaryFile() as file, os.fdopen(reading, "rb"):
            file.write(json.dumps(job).encode("ascii"))
            file.flush()
            try:
                socket.send_fds(self._channel, [b"job"], [file.fileno(), writing])
            finally:
                os.close(writing)
            try:
                return self._listen(reading, limits)
            finally:
                self._sweep()

    def _listen(self, door: int, limits: Limits) -> tuple[bytes, str]:
        came, cost, poll, now = bytearray(), 0, select.poll(), time.monotonic()
        poll.register(door, select.POLLIN)
        end, late, look = now + limits.seconds, now + limits.cell, now + _LOOK
        # what cannot be interrupted ends a little later
        while (now := time.monotonic()) < min(end, late + 9):
            if poll.poll(1000 * _LOOK):
                if not (more := os.read(door, 1 << 16)):
                    return bytes(came), ""
                came += more
                # small things take long to read; honest maps of a whole lesson cost 0.5 MB
                cost += len(more) + 100 * more.count(b"\n") + 10 * len(_THINGS.findall(more))
                if cost > limits.answers:
                    return bytes(came[: limits.answers]), "answers"
                if b'"begins"' in more:
                    late = now + limits.cell
            if now > look:
                look = now + _LOOK
                if all(self._memory(of) > limits.memory for of in ("rss", "pss")):
                    return bytes(came), "memory"
        return bytes(came), "time" if now > late else "seconds"

    def _memory(self, of: str) -> int:
        """Sum up memory: "rss"; or "pss", which is dear and counts what is shared once."""
        found = 0
        for one in self._inside():
            with suppress(psutil.NoSuchProcess):
                told = one.memory_info()
                with suppress(psutil.AccessDenied):  # in a container, even to root
                    told = one.memory_full_info() if of == "pss" else told
                found += getattr(told, of, told.rss)
        return found

    def _inside(self) -> Iterator[psutil.Process]:
        """Yield what runs of the notebook's."""
        with suppress(psutil.Error):
            for one in self._warm.children(recursive=True):
                with suppress(psutil.Error):
                    if one.status() != psutil.STATUS_ZOMBIE:
                        yield one

    def _sweep(self) -> None:
        """Kill what is left: with its process 1 the kernel ends all of a namespace."""
        end = time.monotonic() + 10
        while left := [*self._inside()]:
            for one in left:
                with suppress(psutil.Error):
                    one.kill()
            if time.monotonic() > end:
                return self.close()
            time.sleep(0.002)
        for path in Path(self._home).iterdir() if self._home else ():
            shutil.rmtree(path, ignore_errors=True)
        return None

    @property
    def alive(self) -> bool:
        """Whether it takes another notebook."""
        return self._process.poll() is None and self._warm.is_running()

    def close(self) -> None:
        """End it, and all that runs inside."""
        self._channel.close()
        self._process.kill()
        self._process.wait()
        if self._home:
            shutil.rmtree(self._home, ignore_errors=True)


def _imports() -> list[str]:
    """List what notebooks import, so that it is paid once."""
    first = ["course", "course.data", "course.exercises.verbs", "course.exercises.verdict"]
    first += ["course.exercises.on_map"]
    names = {f"course.{home}" for home in course._HOME.values()}
    for path in lessons_dir().glob("*.ipynb"):
        names |= {*re.findall(r'"import ([a-z_.]+)', path.read_text(encoding="utf-8"))}
    return first + sorted(names - {*first})
