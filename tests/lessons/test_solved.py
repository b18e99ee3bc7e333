"""Every lesson, untouched and solved, on a fresh kernel; widget errors included."""

import ast
import os
import shutil
import time

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError

from course.exercises.journal import entries
from course.exercises.verbs import exercise
from course.paths import lessons_dir
from tests.lessons import design

TIMEOUT = 240  # seconds a cell may take before it is stopped
SLOW = 200  # a cell that takes longer has most likely hung (see nbclient#312)
LESSONS = sorted(lessons_dir().glob("[0-9][0-9]_*.ipynb"))
WIDGETS = "application/vnd.jupyter.widget-state+json"
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem[:2])


def solve(book, find=exercise):
    """Put the solutions in place of the starter cells."""
    for cell in book.cells:
        if "exercise" in cell.metadata:
            cell.source = find(cell.metadata["exercise"]).solution
    return book


def run(book, folder, timeout=TIMEOUT):
    """Run a notebook on a fresh kernel and return what went wrong.

    What hung is run once more: nbclient may miss the message that a cell is done. A
    cell that hangs by itself does so again.
    """
    hung, found = run_once(book, folder, timeout)
    if hung:
        hung, found = run_once(book, folder, timeout)
    return hung + found


def run_once(book, folder, timeout):
    """Run a notebook; return which cells hung, and what else went wrong."""
    seconds: dict[int, float] = {}

    def begin(cell_index, **_):
        seconds[cell_index] = -time.monotonic()

    def end(cell_index, **_):
        seconds[cell_index] += time.monotonic()

    client = NotebookClient(
        book,
        timeout=timeout,
        startup_timeout=60,
        kernel_name="python3",
        allow_errors=True,
        store_widget_state=True,
        resources={"metadata": {"path": str(folder)}},
        on_cell_execute=begin,
        on_cell_executed=end,
    )
    try:
        client.execute(env=os.environ | {"COURSE_FOLDER": str(folder)})
    except CellTimeoutError as error:
        return [f"timeout: {str(error)[:200]}"], []
    slow = [f"cell {n} took {s:.0f} s" for n, s in seconds.items() if abs(s) > SLOW]
    return slow, cell_troubles(book) + widget_troubles(book)


def cell_troubles(book):
    """List errors and warnings in the outputs of cells."""
    found = []
    for cell in book.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                found.append(f"{cell.id}: {output.ename}: {output.evalue}")
            elif output.get("name") == "stderr":
                found.append(f"{cell.id}: stderr: {output.text[:200]}")
    return found


def widget_troubles(book):
    """List errors that hide in the state of widgets."""
    models = book.metadata.get("widgets", {}).get(WIDGETS, {}).get("state", {})
    found = []
    for name, model in models.items():
        state = model.get("state", {})
        for output in state.get("outputs") or []:
            if output["output_type"] == "error" or output.get("name") == "stderr":
                found.append(f"widget {name}: {output.get('evalue', output.get('text'))}")
        if 'role="alert"' in str(state.get("value", "")):
            found.append(f"widget {name}: {state['value'][:200]}")
    return found


def verdicts(book):
    """Exercise id -> what its check said, in words."""
    found = {}
    for cell in book.cells:
        if "exercise" in cell.metadata:
            texts = [o.data.get("text/plain", "") for o in cell.outputs if "data" in o]
            found[cell.metadata["exercise"]] = texts[-1] if texts else "no output"
    return found


@pytest.fixture
def folder(tmp_path):
    """A student's folder with copies of all lessons."""
    return shutil.copytree(lessons_dir(), tmp_path / "lessons")


@pytest.mark.slow
@every_lesson
def test_solved_lesson_passes(path, folder, monkeypatch):
    book = solve(nbformat.read(folder / path.name, as_version=4))
    assert run(book, folder) == []
    good = ("✓ Passed", "✎ Written")
    bad = {k: v for k, v in verdicts(book).items() if not v.startswith(good)}
    assert bad == {}
    monkeypatch.setenv("COURSE_FOLDER", str(folder))
    assert {entries()[name].status for name in verdicts(book)} <= {"passed", "written"}


@pytest.mark.slow
@every_lesson
def test_untouched_lesson_runs(path, folder):
    book = nbformat.read(folder / path.name, as_version=4)
    assert run(book, folder) == []
    bad = {k: v for k, v in verdicts(book).items() if not v.startswith("… Not attempted")}
    assert bad == {}
    lesson = design.Lesson.read(path)
    assert design.values_in_outputs(lesson, book.cells) == []


@every_lesson
def test_starters_and_solutions_fit(path):
    book = nbformat.read(path, as_version=4)
    assert drift(book) == []


def drift(book, find=exercise):
    """List exercise cells whose starter and solution went different ways."""
    found = []
    for cell in book.cells:
        name = cell.metadata.get("exercise")
        if name is None:
            calls = [a[0] for a in calls_of(cell) if a]
            found += [f"{cell.id}: checks {n} without metadata" for n in calls]
            continue
        solution = find(name).solution
        starter, solved = checked(cell.source), checked(solution)
        if starter != solved or starter[0] != name:
            found.append(f"{name}: starter checks {starter}, solution {solved}")
        if starter[1] not in assigned(cell.source) or starter[1] not in assigned(solution):
            found.append(f"{name}: {starter[1]} is not assigned in both")
        if "..." not in cell.source or not last_is_check(cell.source):
            found.append(f"{name}: the starter lacks dots or does not end with the check")
    return found


def calls_of(cell):
    """Arguments of the check calls of a code cell."""
    if cell.cell_type != "code" or "course.check(" not in cell.source:
        return []
    return [checked(cell.source)]


def checked(source):
    """Id and variable of the first check call."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "course.check":
            return (ast.literal_eval(node.args[0]), *map(ast.unparse, node.args[1:]))
    return ("", "")


def assigned(source):
    """Names a cell assigns or defines at its top level."""
    names = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        for target in getattr(node, "targets", []):
            names.add(ast.unparse(target))
    return names


def last_is_check(source):
    """Whether the last statement shows what a check found."""
    last = ast.parse(source).body[-1]
    return isinstance(last, ast.Expr) and ast.unparse(last).startswith("course.check(")


# --- the machinery itself -----------------------------------------------------

_REGISTER = """
import course, course.exercises.verbs as verbs
from course.exercises.exercise import Exercise
task = Exercise(
    "98.1", ask="Say the answer", objective=0, answer=lambda: 42,
    mistakes={}, hints=["a", "b"], after="Done.", solution="")
verbs.exercise = lambda name: task
"""
_PAINTED = """
from ipywidgets import interact
@interact(x=(1, 3))
def show(x):
    print(WORDS)
"""


class _Task:
    solution = 'count = 42\n\ncourse.check("98.1", count)'


def lesson(*more):
    """A small lesson with one exercise."""
    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_code_cell(_REGISTER)]
    starter = nbformat.v4.new_code_cell('count = ...\n\ncourse.check("98.1", count)')
    starter.metadata["exercise"] = "98.1"
    book.cells += [starter, *map(nbformat.v4.new_code_cell, more)]
    return book


def test_a_good_lesson_runs_untouched_and_solved(tmp_path):
    book = lesson(_PAINTED.replace("WORDS", "'fine'"))
    assert run(book, tmp_path) == []
    assert verdicts(book)["98.1"].startswith("… Not attempted")
    assert book.metadata["widgets"][WIDGETS]["state"]
    solve(book, lambda name: _Task)
    assert run(book, tmp_path) == []
    assert verdicts(book)["98.1"].startswith("✓ Passed")
    assert any((tmp_path / "course_journal").iterdir())


def test_a_broken_widget_callback_is_found(tmp_path):
    book = lesson(_PAINTED.replace("WORDS", "1 / 0"))
    found = run(book, tmp_path)
    assert len(found) == 1 and "division by zero" in found[0]
    assert cell_troubles(book) == [], "nbclient alone does not see it"


def test_errors_warnings_and_alerts_are_found(tmp_path):
    alert = "from ipywidgets import HTML\nbox = HTML('<p role=\"alert\">⚠ broken</p>')\nbox"
    book = lesson("1 / 0", "import sys; print('careful', file=sys.stderr)", alert)
    found = " ".join(run(book, tmp_path))
    assert "ZeroDivisionError" in found and "careful" in found and "broken" in found


def test_a_hanging_cell_is_found(tmp_path):
    book = lesson("import time; time.sleep(30)")
    assert run(book, tmp_path, timeout=3)[0].startswith("timeout")


@pytest.mark.parametrize(
    "source",
    [
        'total = ...\n\ncourse.check("98.1", total)',
        'count = ...\n\ncourse.check("98.2", count)',
        'count = 0\n\ncourse.check("98.1", count)',
        'count = ...\ncourse.check("98.1", count)\ncount',
    ],
)
def test_drift_is_found(source):
    book = lesson()
    assert drift(book, lambda name: _Task) == []
    book.cells[1].source = source
    assert drift(book, lambda name: _Task)
    del book.cells[1].metadata["exercise"]
    assert drift(book, lambda name: _Task)
