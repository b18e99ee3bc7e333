"""The corpus of submissions, graded once: what each earns, and that nothing else was touched."""

import csv
import ctypes
import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.submissions.corpus import CASES, ENVIRONMENT, HONEST, Host, build, dump, knows, short

ROOT = Path(__file__).parents[2]
BY_NAME = {case.name: case for case in CASES}
TABLES = ["grades.csv", "grades_exercises.csv", "grades_verdicts.csv"]
SOME = {"ada", "李 明", "=cmd|' !A0", "split", "duplicated", "failing", "both", "no_zip",
        "evil_float", "evil_dict", "forges_journal", "exits", "unknown_exercises"}  # fmt: skip
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not shutil.which("bwrap") and os.environ.get("CI") != "true", reason="no bubblewrap"
    ),
]


@dataclass
class Batch:
    """A graded class, and what was to be seen around it."""

    out: Path
    code: int
    said: str
    before: dict[str, str]
    after: dict[str, str]
    left: list[str]
    tables: dict[str, list[dict[str, str]]]

    def rows(self, table: str, name: str) -> list[dict[str, str]]:
        """Return the rows of a student."""
        return [row for row in self.tables[table] if row["student"].lstrip("'") == name]


class Teacher:
    """A teacher's machine: folders, a port and sockets that no notebook may reach."""

    def __init__(self, root: Path) -> None:
        self.root, self.called = root, []
        for name in ["teacher", "submissions", "home", "tmp", "package"]:
            (root / name).mkdir(parents=True)
        for name in ["course", "data", "lessons"]:
            hidden = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, root / "package" / name, ignore=hidden)
        (root / "teacher" / "secret.ipynb").write_bytes(dump(short()))
        (root / "home" / ".profile").write_text("# mine", encoding="utf-8")
        abstract = f"amur-{os.getpid()}-{time.monotonic_ns()}"
        tcp = socket.create_server(("127.0.0.1", 0))
        path = os.path.relpath(root / "teacher" / "s")  # a socket's path is short
        self.servers = [tcp, self._unix(path), self._unix("\0" + abstract)]
        port = tcp.getsockname()[1]
        self.host = Host(root / "teacher", port, str(root / "teacher" / "s"), abstract)
        for server in self.servers:
            threading.Thread(target=self._listen, args=(server,), daemon=True).start()

    def _unix(self, name: str) -> socket.socket:
        server = socket.socket(socket.AF_UNIX)
        server.bind(name)
        server.listen()
        return server

    def _listen(self, server: socket.socket) -> None:
        while True:
            try:
                call, _address = server.accept()
                # a port may be tried by anybody; our name is known to notebooks only
                if server.family == socket.AF_UNIX or self.host.abstract.encode() in call.recv(
                    99
                ):
                    self.called.append(f"{server}")
            except OSError:
                return

    def state(self) -> dict[str, str]:
        """Return file -> hash of all that must stay as it is."""
        found = {}
        for part in ["teacher", "submissions", "home", "package"]:
            for path in sorted((self.root / part).rglob("*")):
                plain = path.is_file() and not path.is_symlink()
                data = path.read_bytes() if plain else b""
                found[str(path)] = f"{path.lstat().st_mode} {hashlib.sha256(data).hexdigest()}"
        return found

    def grade(self, submissions: str, out: str, limits: str = "", *more: str) -> Batch:
        """Grade in a process of its own, as a teacher does, and look around."""
        before, known = self.state(), _children()
        env = {name: os.environ[name] for name in ("PATH", "LANG", "CI") if name in os.environ}
        env |= {"HOME": f"{self.root}/home", "TMPDIR": f"{self.root}/tmp", ENVIRONMENT: "x"}
        env |= {"PYTHONPATH": f"{self.root}/package", "PYTHONDONTWRITEBYTECODE": "1"}
        table = self.root / out / "grades.csv"
        table.parent.mkdir(exist_ok=True)
        env |= {"COURSE_GRADE_LIMITS": limits}
        command = ["-m", "course", "grade", submissions, "--out", table, *more]
        run = subprocess.run(
            [sys.executable, *command], cwd=self.root, env=env, capture_output=True, text=True
        )
        time.sleep(0.2)  # what was killed is gone a moment later
        left = [f"process {pid}" for pid in _children() - known]
        left += map(str, (self.root / "tmp").rglob("*"))
        left += map(str, Path("/tmp").glob("amur_corpus*"))
        tables = {name: _read(table.with_name(name)) for name in TABLES}
        said = run.stdout + run.stderr
        return Batch(table, run.returncode, said, before, self.state(), left, tables)


# so that what runs into them does so soon
TIGHT = f"cell=1.5,seconds=6,memory={1200 << 20},disk={16 << 20},answers={2 << 20}"


def _read(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _children() -> set[int]:
    """Return the processes whose parent is this one."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and fields[0] != "Z":
            found.add(int(status.parent.name))
    return found


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    adopt = ctypes.CDLL(None).prctl
    adopt(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: whatever loses its parent becomes ours
    yield (made := Teacher(tmp_path_factory.mktemp("class Ж") / "a b"))
    adopt(36, 0, 0, 0, 0)
    for server in made.servers:
        server.close()


@pytest.fixture(scope="module")
def batches(teacher):
    """The whole corpus, graded once: what takes its time with tight limits, the rest as usual."""
    found = {}
    for slow, limits in ((True, TIGHT), (False, "")):
        name = "slow" if slow else "usual"
        (folder := teacher.root / "submissions" / name).mkdir()
        build(folder, teacher.host, {case.name for case in CASES if case.slow == slow})
        found[slow] = teacher.grade(f"submissions/{name}", f"out_{name}", limits)
    return found


@pytest.mark.parametrize("slow", [True, False])
def test_the_batch_ends_and_says_so_in_words(slow, batches):
    batch = batches[slow]
    assert batch.code == 0, batch.said[-3000:]
    assert "Traceback" not in batch.said
    assert not [row for table in batch.tables.values() for row in table
                if "Traceback" in "".join(row.values())]  # fmt: skip


@pytest.mark.parametrize("name", BY_NAME)
def test_each_earns_what_honest_answers_earn(name, batches):
    case = BY_NAME[name]
    batch = batches[case.slow]
    rows = batch.rows("grades.csv", name)
    assert rows, "it has no row"
    marks = {(row["lesson"], row["exercise"]): row
             for row in batch.rows("grades_exercises.csv", name)}  # fmt: skip
    words = "\n".join(row["problem"] + " " + row["flags"] for row in rows).strip()
    if not case.told:
        assert words == ""
    assert re.search(case.told, words), words
    assert re.search(case.says, "\n".join(row["words"] for row in marks.values()))
    if not case.graded:
        assert not [row for row in marks.values() if row["status"] == "passed"]
        assert {row["points"] for row in rows} <= {"", "0"}
        return
    assert {row["lesson"] for row in rows} == {case.lesson}
    for exercise, wanted in case.earns.items():
        status = marks[case.lesson, exercise]["status"]
        assert status in ({wanted} if isinstance(wanted, str) else wanted), (exercise, words)
    passed = {key for key, row in marks.items() if row["status"] == "passed"}
    assert passed <= {(case.lesson, one) for one, w in case.earns.items() if "passed" in w}
    assert {int(row["points"]) for row in rows} == {len(passed)}


def test_nothing_outside_the_out_folder_changed(batches):
    for batch in batches.values():
        assert batch.before == batch.after


def test_nothing_is_left_running_or_lying_about(batches):
    assert [batch.left for batch in batches.values()] == [[], []]


def test_nobody_called_the_teachers_machine(teacher, batches):
    assert teacher.called == []


def test_pages_run_no_code_of_students(batches):
    pages = [page for batch in batches.values() for page in batch.out.parent.rglob("*.html")]
    assert len(pages) > len(CASES)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"<script>alert|<img src=x|<b>&amp;|onerror=alert\(1\)>", text)


def test_no_cell_is_a_formula(batches):
    for batch in batches.values():
        for name, rows in batch.tables.items():
            cells = [cell for row in rows for cell in row.values()]
            assert not [c for c in cells if re.match(r"[=+@\t\r]|-(?![\d.]+$)", c)], name
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", "".join(cells)), name


def _files(out: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in out.parent.rglob("*") if path.is_file()}


def test_a_second_run_writes_the_same_bytes(teacher, batches):
    first = _files(batches[True].out)
    again = teacher.grade("submissions/slow", "out_slow", TIGHT)
    assert again.code == 0, again.said[-3000:]
    assert _files(batches[True].out) == first


def test_rows_do_not_depend_on_who_stands_beside(teacher, batches):
    """A few, graded anew: the same rows, whoever else hands in."""
    (some := teacher.root / "submissions" / "some").mkdir()
    build(some, teacher.host, SOME)
    alone = teacher.grade("submissions/some", "out_some", "", "--workers", "1")
    assert alone.code == 0, alone.said[-3000:]
    for table in TABLES:
        for name in SOME:
            assert alone.rows(table, name) == batches[False].rows(table, name), (table, name)


@pytest.mark.skipif("COURSE_TEST_ALL" not in os.environ, reason="takes as long again")
def test_the_whole_class_anew_gets_the_same_bytes(teacher, batches):
    for slow, limits in ((True, TIGHT), (False, "")):
        name = "slow" if slow else "usual"
        anew = teacher.grade(f"submissions/{name}", f"anew_{name}", limits).out
        for table in TABLES:
            found = batches[slow].out.with_name(table).read_bytes()
            assert anew.with_name(table).read_bytes() == found


HARMLESS = ["network", "unix_socket", "reads_answers", "asks_solution", "asks_hints",
            "reads_package", "reads_own_memory", "reads_environment", "sees_processes",
            "opens_descriptors", "becomes_root", "reads_others"]  # fmt: skip


def test_without_a_wall_the_attacks_succeed(teacher):
    """Else they would prove nothing: those that do no harm, in a plain process."""
    cells = "\n".join(
        f"space = {{'course': course}}\n"
        f"exec({knows(teacher.host) + chr(10) + 'wall, breach = True, False'!r}, space)\n"
        f"exec({BY_NAME[name].attack!r}, space)\nprint({name!r} if space['breach'] else '')"
        for name in HARMLESS
    )
    folder = teacher.root / "submissions"
    (folder / "ada").mkdir(exist_ok=True)
    with (folder / "held.json").open("w+b") as held:
        run = subprocess.run(
            [sys.executable, "-c", f"import course\n{cells}", "submissions"], text=True,
            capture_output=True, cwd=folder.parent, pass_fds=[held.fileno()],
            env=os.environ | {ENVIRONMENT: "x", "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    (folder / "held.json").unlink()
    teacher.called.clear()
    assert run.stdout.split() == HARMLESS, run.stderr[-2000:]


def test_the_corpus_is_as_large_as_it_should_be():
    assert len(CASES) > 100 and len(BY_NAME) == len(CASES)
    assert set(HONEST.values()) == {"passed", "not yet", "not attempted"}
