"""A sandbox that is not ours: bubblewrap, around the process that runs notebooks.

Inside there is no network, only the system, Python and a course without its answers, all
read-only; `course.teach.zygote` gives each notebook a home, processes and limits of its own.
"""

import ast
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
from pathlib import Path
from random import Random
from typing import Any

import psutil

import course
from course.errors import CourseError
from course.lessons import EXPLORERS, lessons, room
from course.paths import data_dir, lessons_dir
from course.words import _

SEED = 11  # of the inputs that functions are tried with: the same for all, and again
_TMP = Path("/") / "tmp"  # inside
_LOOK = 0.2  # seconds between two looks at the memory
_CONTAINER = os.environ.get("COURSE_SANDBOX") == "container"


@dataclass(frozen=True)
class Limits:
    """What one notebook may use.

    Attributes:
        cell: seconds that a cell may run.
        seconds: for all cells.
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


# --- a course without its answers -----------------------------------------------------


def stripped(tree: Path) -> Path:
    """Copy the course, its data and its lessons, without solutions and right answers.

    Args:
        tree: an empty folder.

    Returns:
        The folder. ``tasks.json`` in it has, for each exercise, its kind and the inputs
        that a function is tried with.
    """
    package = Path(course.__file__).parent
    ignore = shutil.ignore_patterns("__pycache__", "*.md", "_locale")
    shutil.copytree(package, tree / "course", ignore=ignore)
    for source, name in ((data_dir(), "data"), (lessons_dir(), "lessons")):
        if source.parent != package:
            shutil.copytree(source, tree / name, ignore=ignore)
    _without_answers(tree / "course")
    (tree / "tasks.json").write_text(json.dumps(tasks()), encoding="utf-8")
    for path in [tree, *tree.rglob("*")]:  # another user reads it
        path.chmod(0o755 if path.is_dir() else 0o644)
    return tree


def tasks() -> dict[str, tuple[str, list[Any]]]:
    """Return, for each exercise, its kind and the inputs that a function is tried with."""
    every = [task for lesson in lessons() for task in room(lesson).EXERCISES]
    return {one.id: (one.kind, list(one.inputs(Random(SEED)))) for one in every}


def _without_answers(package: Path) -> None:
    """Empty each ``EXERCISES``, then drop what nothing mentions any more."""
    rooms = sorted((package / "lessons").rglob("lesson_*.py"))
    rooms += sorted((package / "lessons").glob("lesson_*/__init__.py"))
    every = {path: ast.parse(path.read_text(encoding="utf-8")) for path in rooms}
    others = set(package.rglob("*.py")) - every.keys()
    words = {w for path in others for w in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    for tree in every.values():
        for node in tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and "EXERCISES" in _names(node):
                node.value = ast.List([], ast.Load())
    before = -1
    while before != (before := sum(len(tree.body) for tree in every.values())):
        for tree in every.values():
            used = words | set(EXPLORERS) | {"EXERCISES"}
            for node in tree.body:
                used |= _mentions(node) - _names(node)
            tree.body = [node for node in tree.body if not _names(node) or _names(node) & used]
    for path, tree in every.items():
        path.write_text(ast.unparse(tree), encoding="utf-8")


def _names(node: ast.stmt) -> set[str]:
    """Return the names that a statement of a module gives."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {
        one.id for top in targets if top for one in ast.walk(top) if isinstance(one, ast.Name)
    }


def _mentions(node: ast.stmt) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


# --- the wall -----------------------------------------------------------------------


def _wall(tree: Path, hidden: Iterable[Path]) -> list[str]:
    """Return the command line before that of Python."""
    root = os.geteuid() == 0
    line = ["bwrap", "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net"]
    line += ["--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    if root:  # in a user namespace it would still be root to the kernel; zygote leaves it
        line += ["--cap-drop", "ALL"]
        line += [
            w for c in ("SETUID", "SETGID", "SYS_ADMIN") for w in ("--cap-add", f"CAP_{c}")
        ]
    else:
        line += ["--unshare-user"]
    packages = {p for p in map(Path, sys.path) if p.name.endswith("-packages") and p.is_dir()}
    python = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent}
    system = {
        Path("/etc") / one for one in ("ld.so.cache", "localtime", "fonts", "alternatives")
    }
    binds = {one.absolute() for one in {Path("/usr"), *python, *packages, *system}}
    made: set[Path] = set()
    for path in map(Path, ("/bin", "/sbin", "/lib", "/lib32", "/lib64")):
        if path.is_symlink():
            line += ["--symlink", str(path.readlink()), str(path)]
        else:
            binds.add(path)
    for path in sorted(one for one in binds if one.exists()):
        for above in [*path.parents][-2::-1]:
            if above not in made and not any(
                one in above.parents or one == above for one in binds
            ):
                line += ["--perms", "0755", "--dir", str(above)]
                made.add(above)
        line += ["--ro-bind", str(path), str(path)]
    for path in {Path(course.__file__).parent, *hidden}:
        if any(one in path.absolute().parents for one in binds):
            line += ["--tmpfs", str(path.absolute())]
    line += ["--perms", "0755", "--dir", "/dev"]
    for device in ("null", "zero", "full", "random", "urandom"):
        line += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    line += ["--perms", "0755", "--dir", "/proc"] if root else ["--proc", "/proc"]
    line += [
        "--perms",
        "1777",
        "--size",
        "9999999",
        "--tmpfs",
        str(_TMP),
        "--symlink",
        str(_TMP),
        "/dev" + "/shm",
    ]
    return [*line, "--ro-bind", str(tree), "/course", "--chdir", "/", "--remount-ro", "/"]


def refusal() -> str:
    """Say why there can be no sandbox here; "" if there can."""
    if not hasattr(os, "fork"):
        return _("grading needs Linux or macOS (on Windows, WSL or the container)")
    if _CONTAINER:
        return ""
    if not shutil.which("bwrap"):
        return _("bubblewrap is not installed (its command is bwrap; it is for Linux only)")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        room = Path(folder) / "course" / "teach"
        room.mkdir(parents=True)
        shutil.copy(Path(__file__).with_name("zygote.py"), room)
        code = "import sys; sys.path[:0] = ['/course/course/teach']; import zygote as z\n"
        code += "import os; os.getuid() or z._leave_root('apart'); z._job(z._try, 'apart')"
        line = [*_wall(Path(folder), ()), sys.executable, "-I", "-c", code]
        env = {"PATH": os.environ.get("PATH", os.defpath), "COURSE_DISK": "9999999"}
        tried = subprocess.run(line, env=env, capture_output=True, text=True, check=False)
    return " ".join(tried.stderr.split())[-300:] if tried.returncode else ""


class Sandbox:
    """A warm process behind the wall, for one notebook at a time.

    Args:
        tree: what `stripped` made.
        wall: whether bubblewrap stands around it; if not, the limits that any process can
            have are all there is.
        hidden: folders that nothing inside may see, such as other submissions.

    Raises:
        CourseError: it cannot be started.
    """

    def __init__(self, tree: Path, *, wall: bool = True, hidden: Iterable[Path] = ()) -> None:
        self.tree, self.wall = tree, wall and not _CONTAINER
        self._home = tempfile.mkdtemp(prefix="course-grade-") if not self.wall else ""
        place = "/course" if self.wall else str(tree)
        temporary = self._home or str(_TMP)
        if self._home and os.geteuid() == 0:
            os.chown(self._home, 65534, 65534)
        env = {
            "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": f"{temporary}/home",
            "TMPDIR": temporary, "PYTHONPATH": place, "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1", "COURSE_DISK": str(Limits.disk),
            "IPYTHONDIR": f"{temporary}/ipython", "COURSE_IMPORTS": json.dumps(_imports()),
            "COURSE_LANGUAGE": os.environ.get("COURSE_LANGUAGE", ""),
        }  # fmt: skip
        self._channel, theirs = socket.socketpair()
        line = [sys.executable, "-m", "course.teach.zygote", str(theirs.fileno())]
        line = [
            *(_wall(tree, hidden) if self.wall else []),
            *line,
            "apart" if self.wall else "",
        ]
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as this
        with theirs:
            self._process = subprocess.Popen(
                line, env=env, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
                pass_fds=[theirs.fileno()], cwd="/", start_new_session=True,
            )  # fmt: skip
        if self._channel.recv(16) != b"ready":
            self.close()
            self._log.seek(0)
            why = self._log.read().decode("utf-8", "replace").strip()[-300:]
            raise CourseError(_("The sandbox cannot be started: {why}", why=why))
        started = psutil.Process(self._process.pid)
        self._warm = [started, *started.children(recursive=True)][-1]

    def run(self, cells: list[tuple[int, str]], limits: Limits) -> tuple[bytes, str]:
        """Run cells in a child of the warm process.

        Returns:
            What came out of the door, at most ``limits.answers`` bytes and no more to be
            trusted than its author; and why it was stopped: "" (it ended by itself),
            "time", "memory" or "answers".
        """
        job = {"cells": cells, "limits": asdict(limits), "apart": self.wall}
        reading, writing = os.pipe()
        with tempfile.TemporaryFile() as file, os.fdopen(reading, "rb") as door:
            file.write(json.dumps(job).encode("ascii"))
            file.flush()
            try:
                socket.send_fds(self._channel, [b"job"], [file.fileno(), writing])
            finally:
                os.close(writing)
            try:
                return self._listen(door.fileno(), limits)
            finally:
                self._sweep()

    def _listen(self, door: int, limits: Limits) -> tuple[bytes, str]:
        came, poll = bytearray(), select.poll()
        poll.register(door, select.POLLIN)
        end, look = time.monotonic() + limits.seconds, time.monotonic() + _LOOK
        while time.monotonic() < end:
            if poll.poll(1000 * _LOOK):
                more = os.read(door, 1 << 16)
                came += more
                if not more:
                    return bytes(came), ""
                if len(came) > limits.answers:
                    return bytes(came[: limits.answers]), "answers"
            if time.monotonic() > look:
                look = time.monotonic() + _LOOK
                if sum(_resident(one) for one in self._inside()) > limits.memory:
                    return bytes(came), "memory"
        return bytes(came), "time"

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
                self.close()
                return
            time.sleep(0.002)
        if self._home:
            for path in Path(self._home).iterdir():
                shutil.rmtree(path, ignore_errors=True)

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


def _resident(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _imports() -> list[str]:
    """List what notebooks import, so that it is paid once."""
    names = {"course." + room for room in course._HOME.values()}
    for path in lessons_dir().glob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        names |= set(re.findall(r'"import ([a-z_.]+)', text))
    return sorted({*names, *(f"course.lessons.lesson_{one}" for one in lessons())})
