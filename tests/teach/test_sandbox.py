"""Each wall and each limit of the sandbox, from inside, as the user that runs the tests."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest.mock import Mock

import psutil
import pytest

from course.errors import CourseError
from course.exercises.verbs import exercises
from course.lessons import lessons
from course.teach.judge import _sandbox, judge
from course.teach.sandbox import Limits, Sandbox, _wall

missing = not shutil.which("bwrap") and not os.environ.get("CI")
pytestmark = pytest.mark.skipif(missing, reason="needs bubblewrap")
LIMITS = Limits(cell=60, seconds=120, memory=700 << 20, disk=20 << 20, processes=20)


@pytest.fixture
def box(setting):
    return _sandbox(setting)


def run(box, *cells, **limits):
    """Run cells; return what each of `say(...)` in them said, the rest, and why it ended."""
    say = "import course\ndef say(x): course.check('00.1', repr(x))"
    limits = Limits(**{**vars(LIMITS), **limits})
    came, why = box.run(list(enumerate([say, *cells])), limits)
    lines = [json.loads(line) for line in came.splitlines() if line[:1] == b"{"]
    said = [line["plain"]["value"] for line in lines if "plain" in line]
    return [eval(one) for one in said], lines, why


def said(box, *cells, **limits):
    found, lines, _why = run(box, *cells, **limits)
    assert "ends" in lines[-1], lines[-1]
    assert not [line for line in lines if "error" in line]
    return found


def test_never_root_and_no_way_to_become_it(box):
    cell = """
import ctypes, os
status = dict(l.split(":\\t", 1) for l in open("/proc/self/status").read().splitlines())
say([os.getuid(), status["CapEff"], status["CapBnd"], status["NoNewPrivs"]])
libc = ctypes.CDLL(None)
say([libc.setuid(0), libc.unshare(0x10000000), libc.mount(b"t", b"/tmp", b"tmpfs", 0, None),
     libc.umount2(b"/tmp", 2), libc.chroot(b"/tmp"), libc.syscall(101, 16, 1, 0, 0)])
"""
    (user, *held), tried = said(box, cell)
    assert user != 0
    assert held == ["0" * 16, "0" * 16, "1"]
    assert tried == [-1] * 6


def test_no_network(box):
    cell = """
import socket
def tried(family, address):
    try:
        with socket.socket(family) as one:
            one.settimeout(1)
            one.connect(address)
        return "reached"
    except OSError as error:
        return "refused"
say([tried(socket.AF_INET, (host, port)) for host in ("1.1.1.1", "127.0.0.1")
     for port in (53, 80, 22, %d)])
say(socket.if_nameindex())
try:
    say(socket.getaddrinfo("example.org", 80))
except OSError:
    say("no name")
"""
    import socket

    families = """
import socket
made = []
for family in range(17, 64):
    for kind in (1, 2, 3, 5):
        try: socket.socket(family, kind).close(); made.append(family)
        except OSError: pass
say(made)
"""
    assert said(box, families) == [[]]  # vsock, for one, leads out of any network namespace
    with socket.create_server(("127.0.0.1", 0)) as ours:
        tried, devices, name = said(box, cell % ours.getsockname()[1])
    assert set(tried) == {"refused"}
    assert devices == [(1, "lo")] and name == "no name"


def test_what_is_not_its_own_is_read_only(box):
    cell = """
import os, sys, course, pandas
def tried(path):
    try:
        open(path, "ab").close()
        return path
    except OSError:
        return ""
folders = ["/", "/usr", "/etc", "/dev", "/proc", "/var", "/opt", sys.prefix, sys.base_prefix,
           os.path.dirname(course.__file__), os.path.dirname(pandas.__file__), "/course/data"]
say([tried(f"{f}/new") for f in folders] + [tried("/course/data/claims.csv"),
    tried(course.__file__), tried(pandas.__file__), tried("/proc/sys/kernel/core_pattern")])
"""
    (written,) = said(box, cell)
    assert not any(written)


def test_a_home_of_its_own_each_time(box):
    cell = """
import os, pathlib, tempfile
home = pathlib.Path.home()
say([sorted(os.listdir(home)), sorted(os.listdir("/tmp")), sorted(os.listdir("/dev/shm"))])
for place in (home, pathlib.Path("/tmp"), pathlib.Path("/dev/shm"), pathlib.Path()):
    (place / "mine").write_text("x")
"""
    first, second = said(box, cell), said(box, cell)
    assert first == second and "mine" not in str(second)


def test_the_disk_is_small(box):
    cell = """
import errno
full = []
for n in range(9):
    try:
        with open(f"big{n}", "wb") as file:
            file.write(bytes(8 << 20))
    except OSError as error:
        full.append(errno.errorcode[error.errno])
say(full)
"""
    (full,) = said(box, cell)
    assert len(full) >= 6 and set(full) == {"ENOSPC"}


def test_nothing_of_the_teachers_is_in_sight(box, setting):
    cell = """
import os
say(os.path.exists(%r))
say([d for d in os.listdir("/proc") if d.isdigit()])
say(sorted(os.environ.items()))
found = []
for top, folders, files in os.walk("/"):
    folders[:] = [f for f in folders if os.path.join(top, f) not in ("/proc", "/usr", "/dev")]
    found += [os.path.join(top, f) for f in files if f == "secret.txt" or f.endswith("grade.csv")]
say(found)
say([os.path.exists(p) for p in ("/etc/shadow", "/etc/passwd", "/run", "/sys", "/var/lib")])
say(os.listdir("/proc/self/fd"))
"""
    secret = Path(setting["hidden"][0], "secret.txt").read_text("utf-8")
    there, processes, env, found, system, files = said(box, cell % setting["hidden"][0])
    assert not there and processes == ["1"] and secret not in str(env)
    assert not [one for one in found if "site-packages" not in one and "lib/python" not in one]
    assert not any(system)
    assert len(files) <= 7  # three of nothing, the door, what lists them


def test_nothing_of_the_notebook_before_is_in_memory(box):
    cell = """
letters = (ord(c) for c in "%s"[::-1])
def count():
    mark, found = bytes(letters), 0
    for line in open("/proc/self/maps"):
        low, high = (int(one, 16) for one in line.split()[0].split("-"))
        try:
            with open("/proc/self/mem", "rb", 0) as memory:
                memory.seek(low)
                found += memory.read(high - low).count(mark)
        except (OSError, OverflowError, ValueError): pass
    return found
say(count())
"""
    mark = "answer of the one before"
    fresh = said(box, cell % mark[::-1].swapcase())  # its own copies, of another mark
    said(box, *[f"x = '{mark}'  # {'y' * 3000}"] * 3)
    assert said(box, cell % mark[::-1]) == fresh


def test_a_course_that_is_installed_beside_is_hidden(box, setting, tmp_path, monkeypatch):
    (other := tmp_path / "site-packages" / "course").mkdir(parents=True)
    monkeypatch.syspath_prepend(other.parent)
    line = _wall(Path(setting["tree"]), [])
    assert line[line.index(str(other)) - 1] == "--tmpfs"


def test_a_python_in_tmp_is_not_hidden_by_the_disk_of_a_notebook(setting, monkeypatch):
    """Else what is imported late is missing, and all of a class fail without a word."""
    (late := Path(tempfile.mkdtemp(dir="/tmp"), "a-packages")).mkdir()
    (late / "late.py").write_text("x = 1", encoding="ascii")
    Path(late.parent).chmod(0o755)
    monkeypatch.setattr("sys.path", [*sys.path, str(late)])
    box = Sandbox(Path(setting["tree"]))
    cell = f"import os, sys; sys.path.append('{late}'); import late; open('a', 'w')"
    assert said(box, f"{cell}; say(os.getcwd())") == ["/mnt/home"]
    box.close()
    shutil.rmtree(late.parent)


def test_no_right_answer_lies_inside(box, setting):
    solutions = [
        task.solution
        for lesson in lessons()
        for task in exercises(lesson).values()
        if len(task.solution) > 60
    ]
    files = [p for p in Path(setting["tree"]).rglob("*") if p.is_file()]
    inside = "\n".join(p.read_text("utf-8", "replace") for p in files)
    assert not [one for one in solutions if one in inside]
    cell = """
import os, sys
from course.lessons import lessons, room
from course.exercises import verbs
course.explore.far_east()
say([[k for k, v in vars(room(n)).items() if v and k[:2] != "__"
      and k not in ("board", "briefing")] for n in lessons()])
def tried(call):
    try:
        return call().message
    except Exception as error:
        return str(error)
say([tried(lambda: course.solution("03.1")), tried(lambda: course.hint("03.1")),
     tried(verbs.exercise("03.1").answer), verbs.exercise("03.1").solution])
copies = [os.path.join(t, f) for p in {sys.prefix, sys.base_prefix} for t, _d, files in os.walk(p)
          for f in files if f.startswith("lesson_0")]
say(copies)
"""
    empty, asked, copies = said(box, cell)
    assert not any(empty) and not copies
    assert asked == ["Not while grading."] * 3 + [""]


def test_a_cell_that_runs_too_long_is_stopped_and_the_rest_runs(box):
    cells = ["while True: pass", "import time; time.sleep(99)", "say('after')"]
    found, lines, why = run(box, *cells, cell=2)
    assert found == ["after"] and not why
    assert [line["cell"] for line in lines if line.get("late")] == [1, 2]


def test_a_cell_that_will_not_stop_ends(box):
    cell = """
import signal
signal.setitimer(signal.ITIMER_REAL, 0)
while True:
    try:
        while True: pass
    except BaseException: pass
"""
    _found, lines, why = run(box, cell, cell=2, seconds=5)
    assert why == "time" and lines[-1] == {"cell": 1, "begins": True}


def test_cells_that_together_run_too_long_are_not_blamed_one_by_one(setting):
    cells = ["import course\ncourse.check('03.7', 1)", *["import time; time.sleep(2)"] * 9]
    limits = vars(Limits(cell=60, seconds=3))
    metadata = {"course": {"id": "03"}}
    book = [{"cell_type": "code", "source": one} for one in cells]
    content = json.dumps({"cells": book, "metadata": metadata}).encode("ascii")
    runs, box = [], _sandbox(setting)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sandbox, "run", lambda *a, run=Sandbox.run: runs.append(1) or run(*a))
        found = judge(content, setting | {"limits": limits})
    (problem,) = found["problems"]
    assert re.fullmatch(r"Cell \d was stopped: all cells together run too long.", problem)
    assert len(runs) == 1 and box.alive


def test_memory_of_one_process(box):
    found, lines, why = run(box, "x = [0] * (10 << 30)", "say('after')")
    assert found == ["after"] and not why
    assert "MemoryError" in str(lines)


def test_memory_of_all_processes_together(box):
    cell = """
import os, time
for n in range(8):
    if os.fork() == 0:
        held = bytearray(250 << 20)
        for at in range(0, len(held), 4096): held[at] = 1
        time.sleep(60)
time.sleep(60)
"""
    assert run(box, cell)[2] == "memory"
    with pytest.MonkeyPatch.context() as patch:  # in a container not even root may ask more
        patch.setattr(psutil.Process, "memory_full_info", Mock(side_effect=psutil.AccessDenied))
        assert run(box, cell, cell=9)[2] == "memory"


def test_memory_that_no_process_has_mapped(box):
    """Of files in memory, of System V, of pages that are shared and then let go."""
    cell = """
import ctypes, mmap, os
libc = ctypes.CDLL(None, use_errno=True)
say([libc.memfd_create(b"x", 0), libc.shmget(0, 1 << 26, 0o1600),
     libc.semget(0, 32000, 0o1600), libc.msgget(0, 0o1600)])
try: say(mmap.mmap(-1, 4096))
except OSError: say("refused")
say([os.path.exists("/dev/zero"), len(mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANON))])
"""
    assert said(box, cell) == [[-1] * 4, "refused", [False, 4096]]


def test_what_a_kernel_holds_for_a_notebook_is_little(box):
    """Buffers of sockets, tables of pages and waiting signals: in no process's memory."""
    cell = """
import ctypes, mmap, os, resource, signal, socket
one, other = socket.socketpair()
try: one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
except OSError: say("refused")
held = []
try:
    while True: held.append(os.dup(0))
except OSError: say(len(held) < 64)
for fd in held: os.close(fd)
try: mmap.mmap(-1, 1 << 40, mmap.MAP_PRIVATE | mmap.MAP_ANON | 0x4000, mmap.PROT_READ)
except OSError: say("refused")
signal.pthread_sigmask(signal.SIG_BLOCK, {40})
libc, n = ctypes.CDLL(None), 0
while libc.sigqueue(os.getpid(), 40, None) == 0 and n < 999: n += 1
say(n < 99)
say(libc.inotify_init())  # they are few for all that the teacher runs
"""
    assert said(box, cell) == ["refused", True, "refused", True, -1]


def test_processes_are_few_and_a_fork_bomb_ends(box):
    count = """
import os, time
n = 0
try:
    while n < 500:
        if os.fork() == 0: time.sleep(5); os._exit(0)
        n += 1
except OSError: say(n)
"""
    (n,) = said(box, count)
    assert 5 < n <= LIMITS.processes
    bomb = "import os\nwhile True:\n try: os.fork()\n except BaseException: pass"
    assert run(box, bomb, seconds=3)[2] == "seconds"
    assert said(box, "say(1)") == [1]


def test_output_is_bounded(box):
    assert said(box, "for n in range(300): print('x' * 1_000_000)\nsay(1)") == [1]
    for line in ("b'x' * 65536", "b'\\n' * 4096", "b'[],' * 4096"):
        flood = f"import os\nwhile True: os.write(3, {line})"
        came, why = box.run([(0, flood)], Limits(answers=1 << 20))
        assert why == "answers" and len(re.findall(rb"[\n\[]", came)) < 99_000  # slow to read


@pytest.mark.parametrize(
    "cell",
    [
        "import os; os._exit(0)",
        "import ctypes; ctypes.string_at(0)",
        "import os; os.abort()",
        "import os; os.kill(os.getppid(), 9); os.killpg(0, 9); os._exit(1)",
        "import os; os.kill(0, 9)\ntry: os.kill(-1, 9)\nfinally: os._exit(1)",
        "import os; os.closerange(0, 99)",
        "import os\nfor p in range(-99, 999):\n"
        " try: os.kill(p, 9)\n except OSError: pass\nos._exit(0)",
    ],
)
def test_a_cell_that_ends_all_ends_its_own_notebook_only(box, cell):
    warm = box._warm.pid
    _found, lines, _why = run(box, cell, "say('not reached')")
    assert lines[-1] == {"cell": 1, "begins": True}
    assert said(box, "say('next')") == ["next"] and box._warm.pid == warm


def test_an_error_that_a_student_made_ends_its_cell_only(box):
    made = ["class Evil(Exception): args = property(lambda self: 1 / 0)",
            "class Meta(type): __name__ = property(lambda cls: 1 / 0)\n"
            "class Evil(Exception, metaclass=Meta): pass",
            "class Evil(Exception):\n def __getattribute__(self, name): raise SystemExit"]  # fmt: skip
    found, lines, why = run(box, *[f"{one}\nraise Evil('x')" for one in made], "say('after')")
    assert found == ["after"] and not why
    assert [line["cell"] for line in lines if "error" in line] == [1, 2, 3]


def test_nothing_lives_on(box):
    cell = """
import os, subprocess, sys, threading, time
threading.Thread(target=time.sleep, args=(99,), daemon=False).start()
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(99)"], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(99)
    os._exit(0)
say(1)
"""
    assert said(box, cell) == [1]
    assert not [p for p in box._warm.children(recursive=True) if p.status() != "zombie"]


def test_runs_are_alike(box):
    cell = "import random, numpy; say([random.random(), numpy.random.rand(), hash('a')])"
    assert said(box, cell) == said(box, cell)


def test_a_notebook_has_what_a_notebook_has(box):
    cells = [
        "%time 1",
        "import asyncio; x = await asyncio.sleep(0, 5)",
        "get_ipython().run_line_magic('who', '')\ndisplay(x)\nx",
        "say([x, Out[3], _ip is get_ipython()]) if '_ip' in dir() else say([x, Out[4]])",
    ]
    assert said(box, *cells) == [[5, 5]]


def test_a_container_is_a_wall_only_between_users(setting, monkeypatch):
    tree, here = Path(setting["tree"]), Path(tempfile.mkdtemp(dir="/tmp"))
    monkeypatch.setenv("COURSE_SANDBOX", "container")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(CourseError, match="would run as you"):
        Sandbox(tree)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    for name, one in (("sys.prefix", here), ("os.__file__", here / "os.py")):
        monkeypatch.setattr(name, str(one))  # of mode 700: a Python of root's own
    with pytest.raises(CourseError, match="would run as you"):
        Sandbox(tree)
    here.chmod(0o755)
    with pytest.raises(CourseError, match=f"chmod 700 {here}$"):
        Sandbox(tree, hidden=[here])
    here.rmdir()


def test_the_end_of_the_grader_is_the_end_of_all(setting):
    code = (
        "import sys; from pathlib import Path; from course.teach.sandbox import *\n"
        "box = Sandbox(Path(sys.argv[1])); print(box._warm.pid, flush=True)\n"
        "box.run([(0, 'import time; time.sleep(99)')], Limits())"
    )
    line = [sys.executable, "-c", code, setting["tree"]]
    with subprocess.Popen(line, stdout=subprocess.PIPE) as grader:
        warm = psutil.Process(int(grader.stdout.readline()))
        while not warm.children():
            time.sleep(0.05)
        inside = [warm, *warm.children(recursive=True)]
        grader.kill()
    assert not psutil.wait_procs(inside, timeout=20)[1]
