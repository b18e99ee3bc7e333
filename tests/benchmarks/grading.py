"""Measure `course grade` against otter-grader, nbgrader, nbconvert and the bare code.

    sudo python tests/benchmarks/grading.py --peers FOLDER

(root may make control groups, which count the time) makes an environment for each peer in FOLDER if there is
none, and prints a table in markdown. README.md beside this file says what is measured and how.
"""

from __future__ import annotations

import argparse
import csv
import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO))

from tests.submissions.corpus import code, lesson, short  # noqa: E402

BLOCK = 5  # notebooks that a peer gets before the next one's turn
ANSWERS = {  # exercise -> what a peer's test asks; cheap, and exact enough
    "03.1": "bool(round(float(chukotka_per_head), -3) == 1469000)",
    "03.2": "bool(round(float(percent_of_russia)) == 105)",
    "03.3": "bool(abs(lead[2014] - 25.2) < 0.05 and abs(lead[2019] + 10.1) < 0.06)",
    "03.4": "bool(abs(real_growth - 0.5) < 0.05)",
    "03.5": "bool(abs(jump_2016['growth'] - 3.7) < 0.05)",
    "03.6": "bool(border_and_people['border'] == 2078128)",
    "03.7": "bool(set(more_worn) == {'RU-CHU'})",
    "03.8": "bool('FeatureGroup' in str([type(c) for c in port_map._children.values()]))",
}


def notebooks(full: bool, count: int) -> list[tuple[dict, int]]:
    """Return notebooks of one lesson, and how many of `ANSWERS` each has right.

    Every third answer is left as the starter, another third each time.
    """
    from course.exercises.verbs import exercises

    tasks, made = exercises("03"), []
    starters = {c["metadata"].get("exercise"): c["source"] for c in _cells(lesson("03"))}
    for n in range(count):
        book, right = json.loads(lesson("03")) if full else short(), 0
        for cell in book["cells"]:
            if name := cell["metadata"].get("exercise"):
                solved = (n + int(name[-1])) % 3 != 0
                right += solved and name in ANSWERS
                cell["source"] = tasks[name].solution if solved else starters[name]
        book["cells"].append(code(f"print('student {n}')", f"student-{n}"))
        made.append((book, right))
    return made


def _cells(book: str) -> list[dict]:
    return json.loads(book)["cells"]


def measured(command: list, core: int, **more) -> tuple[float, float]:
    """Run a command on one core; return its seconds by the clock and of the processor.

    A control group counts: of a process that is killed, nobody else learns what it took.
    """
    old = Path("/sys/fs/cgroup/cpuacct")
    group = (
        old if old.is_dir() else old.parent
    ) / f"grading-{os.getpid()}-{time.monotonic_ns()}"
    group.mkdir()
    enter = ["sh", "-c", 'echo $$ > "$0"/cgroup.procs && exec "$@"', group]
    command = [*enter, "taskset", "-c", core, *command]
    start = time.monotonic()
    run = subprocess.run(list(map(str, command)), capture_output=True, check=False, **more)
    wall = time.monotonic() - start
    if run.returncode:
        sys.exit(f"{command} failed:\n{run.stderr.decode(errors='replace')[-3000:]}")
    while (group / "cgroup.procs").read_text():  # what it has killed is about to end
        time.sleep(0.01)
    if old.is_dir():
        cpu = int((group / "cpuacct.usage").read_text()) / 1e9
    else:
        cpu = int((group / "cpu.stat").read_text().split()[1]) / 1e6
    group.rmdir()
    return wall, cpu


class Tool:
    """One way to grade: gets a block of notebooks, or all of them at once."""

    name, version = "", ""
    bin = Path(sys.executable).parent

    def __init__(self, home: Path, books: list[tuple[dict, int]], core: int) -> None:
        self.home, self.books, self.core = home, books, core
        # a peer calls its own programs by name
        self.env = os.environ | {"PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}"}
        self.wall: list[float] = []  # seconds per notebook
        self.cpu: list[float] = []
        home.mkdir(parents=True)
        self.prepare()

    def prepare(self) -> None:
        """Do what a teacher does once per assignment."""
        for n, (book, _right) in enumerate(self.books):
            (self.home / f"s{n:02}.ipynb").write_text(json.dumps(book), encoding="utf-8")

    def once(self, *command: str | Path) -> None:
        """Run a command that is not measured."""
        subprocess.run(command, cwd=self.home, env=self.env, check=True, capture_output=True)

    def run(self, count: int, *command: str | Path) -> None:
        """Run a command that grades a number of notebooks, and note what it took."""
        self.note(count, measured(command, self.core, cwd=self.home, env=self.env))

    def note(self, count: int, seconds: tuple[float, float]) -> None:
        """Note what a number of notebooks took."""
        self.wall.append(seconds[0] / count)
        self.cpu.append(seconds[1] / count)

    def grade(self, numbers: range) -> None:
        """Grade some of the notebooks."""
        raise NotImplementedError

    def points(self) -> dict[int, float]:
        """Return what each notebook got."""
        return {}


class Course(Tool):
    """The course's own grader, all notebooks in one command, one worker."""

    name = "course grade"
    version = importlib.metadata.version("amur-course")

    def grade(self, numbers: range) -> None:
        """Grade all of them anew."""
        self.out = self.home.with_name(f"{self.home.name}-out-{len(self.wall)}")
        self.out.mkdir()
        self.env |= {"PYTHONPATH": str(REPO)}
        command = [sys.executable, "-m", "course", "grade", self.home, "--workers", "1"]
        self.run(len(self.books), *command, "--out", self.out / "grades.csv")

    def points(self) -> dict[int, float]:
        """Return what the sheet says."""
        with (self.out / "grades_exercises.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["exercise"] in ANSWERS]
        return {n: sum(row["status"] == "passed" for row in rows if row["student"] == f"s{n:02}")
                for n in range(len(self.books))}  # fmt: skip


class Otter(Tool):
    """`otter run`, once per notebook: it takes one."""

    name = "otter run"

    def prepare(self) -> None:
        """Write the tests in otter's own format, and pack them as otter does."""
        super().prepare()
        (self.home / "tests").mkdir()
        names = {c["metadata"].get("exercise") for c in self.books[0][0]["cells"]}
        for name, test in ANSWERS.items():
            if name in names:
                title = f"q{name[-1]}"
                case = {"code": f">>> {test}\nTrue", "hidden": False, "locked": False}
                suite = {"cases": [case], "scored": True, "setup": "", "teardown": "",
                         "type": "doctest"}  # fmt: skip
                told = {"name": title, "points": 1, "suites": [suite]}
                text = f"OK_FORMAT = True\ntest = {told!r}\n"
                (self.home / "tests" / f"{title}.py").write_text(text, encoding="utf-8")
        self.once(self.bin / "otter", "generate", "-t", "tests", "-o", "ag.zip")

    def grade(self, numbers: range) -> None:
        """Grade one after the other."""
        for n in numbers:
            out = self.home / f"out{n}"
            out.mkdir(exist_ok=True)
            run = [self.bin / "otter", "run", f"s{n:02}.ipynb", "-a", "ag.zip", "-o", out]
            self.run(1, *run, "--no-logo")

    def points(self) -> dict[int, float]:
        """Return what its results say."""
        found = {}
        for n in range(len(self.cpu)):
            file = self.home / f"out{n}" / "results.json"
            tests = json.loads(file.read_text(encoding="utf-8"))["tests"]
            found[n] = sum(test.get("score", 0) for test in tests)
        return found


class Nbgrader(Tool):
    """`nbgrader autograde`, a block of notebooks in one command."""

    name = "nbgrader autograde"

    def prepare(self) -> None:
        """Make the assignment as a teacher does, then hand in."""
        kinds = {"grade": False, "locked": False, "schema_version": 3, "solution": True,
                 "task": False}  # fmt: skip
        source = [*self.books[0][0]["cells"]]
        for name, test in ANSWERS.items():
            at = next((n for n, c in enumerate(source)
                       if c["metadata"].get("exercise") == name), None)  # fmt: skip
            if at is not None:
                asks = code(f"assert {test}", f"test-{name[-1]}")
                asks["metadata"]["nbgrader"] = kinds | {
                    "grade": True, "locked": True, "solution": False, "points": 1,
                    "grade_id": f"t{name[-1]}"}  # fmt: skip
                source.insert(at + 1, asks)
                about = source[at]["metadata"] | {"nbgrader": kinds | {"grade_id": name[-1]}}
                source[at] = source[at] | {"metadata": about}
        folder = self.home / "source" / "ps1"
        folder.mkdir(parents=True)
        book = self.books[0][0] | {"cells": source}
        (folder / "lesson.ipynb").write_text(json.dumps(book), encoding="utf-8")
        (self.home / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
        self.once(self.bin / "nbgrader", "generate_assignment", "ps1", "--force")
        release = (self.home / "release" / "ps1" / "lesson.ipynb").read_text(encoding="utf-8")
        for n, (book, _right) in enumerate(self.books):
            given = {c["metadata"].get("exercise"): c["source"] for c in book["cells"]}
            handed = json.loads(release)
            for cell in handed["cells"]:
                if name := cell["metadata"].get("exercise"):
                    cell["source"] = given[name]
            at = self.home / "submitted" / f"b{n // BLOCK}-{n:02}" / "ps1"
            at.mkdir(parents=True)
            (at / "lesson.ipynb").write_text(json.dumps(handed), encoding="utf-8")

    def grade(self, numbers: range) -> None:
        """Grade a block."""
        block = f"--student=b{numbers[0] // BLOCK}-*"
        run = [self.bin / "nbgrader", "autograde", "ps1", block, "--force"]
        self.run(min(BLOCK, len(self.books) - numbers[0]), *run)  # the block is whole

    def points(self) -> dict[int, float]:
        """Return what its own export says."""
        self.once(self.bin / "nbgrader", "export", "--to=grades.csv")
        with (self.home / "grades.csv").open(encoding="utf-8", newline="") as file:
            return {int(row["student_id"][-2:]): float(row["score"])
                    for row in csv.DictReader(file)}  # fmt: skip


class Nbconvert(Tool):
    """`jupyter nbconvert --execute`: runs, does not grade."""

    name = "nbconvert --execute"

    def grade(self, numbers: range) -> None:
        """Run one after the other."""
        for n in numbers:
            run = [self.bin / "jupyter-nbconvert", "--to", "notebook", "--execute"]
            self.run(1, *run, f"s{n:02}.ipynb", "--output", f"x{n}")


class Warm(Tool):
    """The code alone, in forks of a warm process: no wall, no shell, nothing drawn."""

    name = "the code itself, warm"

    def grade(self, numbers: range) -> None:
        """Run all; the imports are not counted."""
        run = ["taskset", "-c", f"{self.core}", sys.executable, __file__, "--warm", self.home]
        env = os.environ | {"PYTHONPATH": str(REPO)}
        said = subprocess.run(run, check=True, capture_output=True, text=True, env=env).stdout
        for line in said.splitlines():
            self.note(1, tuple(map(float, line.split())))


def run_cells(cells: list[dict]) -> None:
    """Run the code of a notebook; a cell that fails is left behind."""
    space: dict = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            try:
                exec("".join(cell["source"]), space)
            except Exception as error:
                print(error)


def warm(folder: Path) -> None:
    """Run each notebook of a folder in a fork of this process; print its seconds."""
    import builtins

    import altair  # noqa: F401
    import folium  # noqa: F401
    import ipywidgets  # noqa: F401
    import pandas  # noqa: F401
    import vl_convert

    import course  # noqa: F401

    vl_convert.vegalite_to_svg = lambda *_args, **_more: "<svg/>"  # its threads bear no fork
    files = sorted(folder.glob("*.ipynb"))
    builtins.display = lambda *_args, **_more: None
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    run_cells(
        _cells(files[0].read_text(encoding="utf-8"))
    )  # the first chart and the first map take longer: that is paid, too
    for file in files:
        cells = _cells(file.read_text(encoding="utf-8"))
        start = time.monotonic()
        if (pid := os.fork()) == 0:
            run_cells(cells)
            os._exit(0)
        used = os.wait4(pid, 0)[2]
        seconds = time.monotonic() - start, used.ru_utime + used.ru_stime
        os.write(out, b"%f %f\n" % seconds)


def peer(folder: Path, *packages: str) -> Path:
    """Return the ``bin`` of an environment with a peer and this course, made if need be."""
    home = folder.resolve() / packages[0].split("-")[0]
    if not home.exists():
        venv.create(home, with_pip=True)
        pip = [home / "bin" / "python", "-m", "pip", "install", "-q", *packages, "-e", REPO]
        subprocess.run(pip, check=True)
    return home / "bin"


def compare(home: Path, full: bool, args: argparse.Namespace) -> None:
    """Let each tool grade the same notebooks, in turn, and print a table."""
    books = notebooks(full, args.count)
    tools = [one(home / f"{int(full)}-{one.__name__}", books, args.core)
             for one in (Course, Otter, Nbgrader, Nbconvert, Warm)]  # fmt: skip
    most = min(args.hurry or args.count, args.count)
    for start in range(0, most, BLOCK):
        for tool in tools:
            tool.grade(range(start, min(start + BLOCK, most)))
            print(f"{tool.name}, from {start}: {tool.cpu[-1]:.2f} s", file=sys.stderr)
    right = {n: points for n, (_book, points) in enumerate(books)}
    ours = statistics.median(tools[0].cpu), statistics.median(tools[0].wall)
    print(f"\n{args.count} notebooks of {len(books[0][0]['cells'])} cells; load "
          f"{os.getloadavg()[1]:.1f} on {os.cpu_count()} cores\n")  # fmt: skip
    print("| | ratio to `course grade` | s of processor | s by the clock | a minute | points |")
    print("|---|---|---|---|---|---|")
    for tool in tools:
        cpu, wall = statistics.median(tool.cpu), statistics.median(tool.wall)
        points = tool.points()
        agree = "not given"
        if points:
            wrong = {n: one for n, one in points.items() if one != right[n]}
            agree = f"wrong: {wrong}" if wrong else f"{len(points)} of {len(points)} right"
        print(f"| {tool.name} {tool.version} | {cpu / ours[0]:.2f} (clock {wall / ours[1]:.2f}) "
              f"| {cpu:.2f} | {wall:.2f} | {60 / cpu:.0f} | {agree} |")  # fmt: skip


def main() -> None:
    """Take the options, make the environments, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, default=Path("peers"))
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--hurry", type=int, help="how many of them the peers get")
    parser.add_argument("--only", choices=["short", "full"])
    parser.add_argument("--warm", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ.pop("VIRTUAL_ENV", None)
    if args.warm:
        return warm(args.warm)
    Otter.bin = Nbconvert.bin = peer(args.peers, "otter-grader")
    Nbgrader.bin = peer(args.peers, "nbgrader")
    for tool, name in [
        (Otter, "otter-grader"),
        (Nbgrader, "nbgrader"),
        (Nbconvert, "nbconvert"),
    ]:
        ask = f"import importlib.metadata as m; print(m.version('{name}'))"
        run = [tool.bin / "python", "-c", ask]
        tool.version = subprocess.run(run, capture_output=True, text=True).stdout.strip()
    print(f"Python {platform.python_version()}, one core of {os.cpu_count()}")
    home = Path(tempfile.mkdtemp(prefix="grading-"))
    try:
        for full in {"short": [False], "full": [True], None: [False, True]}[args.only]:
            compare(home, full, args)
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
