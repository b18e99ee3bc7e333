"""Copies brought up to date, and no line of a student lost. Cases are numbered."""

import errno
import json
import os
import shutil
import signal
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import sign

from course import CourseError, cli
from course.start import copies, lab, merge, stamps, update

OLD = Path(__file__).parents[1] / "fixtures" / "folder_2026_11_0"
ONE, TWO = "01_one.ipynb", "02_two.ipynb"
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
A, B, C, D = (
    ("u1-title", "# One"),
    ("u1-load", "import math\n"),
    ("u1-ask", "## Exercise 1\n\nAsk"),
    ("u1-try", "answer = ..."),
)
LESSON = [A, B, C, D]


def cell(name: str, text: str, **metadata) -> dict:
    """A cell of the course; code unless it looks like prose."""
    made = {"id": name, "metadata": metadata, "source": text.splitlines(keepends=True)}
    if text[:1] == "#" or "Ask" in text or name[0] == "p":
        return made | {"cell_type": "markdown"}
    return made | {"cell_type": "code", "outputs": [], "execution_count": None}


def notebook(cells, **metadata) -> dict:
    """A lesson of cells, each a name and a text."""
    made = [cell(*one) for one in cells]
    return {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def put(path: Path, cells, **metadata) -> None:
    """Write a lesson."""
    book = notebook(cells, **{"course": {"id": path.name[:2]}, **metadata})
    path.write_text(json.dumps(book, ensure_ascii=False), encoding="utf-8")


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    """A course of three files."""
    folder = tmp_path / "course"
    folder.mkdir()
    put(folder / copies.FIRST, [("u0-a", "# Start")])
    put(folder / ONE, LESSON)
    put(folder / TWO, [("u2-a", "# Two"), ("u2-b", "x = 2")])
    monkeypatch.setattr(copies, "lessons_dir", lambda: folder)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    return folder


@pytest.fixture
def mine(lessons, tmp_path):
    """The folder of a student, after the first start."""
    folder = tmp_path / "мои 课 x"
    folder.mkdir()
    copies.copy_lessons(folder)
    return folder


def edit(folder: Path, change, name: str = ONE) -> None:
    """Let the student change a notebook; all of its cells are handed over."""
    book = json.loads((folder / name).read_text(encoding="utf-8"))
    change(book["cells"])
    (folder / name).write_text(json.dumps(book), encoding="utf-8")


def read(folder: Path, name: str = ONE) -> list[tuple[str, str]]:
    """Kind and text of each cell of a valid notebook."""
    book = nbformat.read(folder / name, as_version=4)
    nbformat.validate(book)
    return [(cell["cell_type"], cell["source"]) for cell in book["cells"]]


def texts(folder: Path, name: str = ONE) -> list[str]:
    """What the cells say."""
    return [text for _kind, text in read(folder, name)]


def bring(folder: Path, name: str = ONE, **options) -> update.Outcome:
    """Update; what was done about one lesson. Said once more, it changes nothing."""
    first = update.update(folder, **options)
    before = snapshot(folder)
    again = update.update(folder, **options)
    assert {one.state for one in again} <= {"kept", "unreadable", "foreign", "ahead"}
    assert snapshot(folder) == before
    return next(one for one in first if one.lesson == name)


def done(outcome: update.Outcome) -> dict[str, str]:
    """Cell to what was done about it; what was kept apart."""
    return {change.cell: change.what for change in outcome.changes if change.what != "kept"}


def snapshot(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, to the byte."""
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def text_of(number: int, text: str):
    """Return a change: a cell says something else."""
    return lambda cells: cells[number].update(source=text)


# --- what the student did, what the course did --------------------------------


def test_01_a_cell_edited_stays_and_all_else_is_renewed(mine, lessons):
    edit(mine, text_of(1, "import cmath\n"))  # so will the course
    edit(mine, text_of(3, "answer = 42"))
    asks = ("u1-ask", "## Exercise 1\n\nAsk again")
    put(lessons / ONE, [("u1-title", "# First"), ("u1-load", "import cmath\n"), asks, D])
    found = bring(mine)
    assert texts(mine) == [
        "# First",
        "import cmath\n",
        "## Exercise 1\n\nAsk again",
        "answer = 42",
    ]
    assert found.state == "updated"
    assert done(found) == {"u1-title": "updated", "u1-ask": "updated"}
    assert [change.place for change in found.changes] == ["One", "Exercise 1", "Exercise 1"]


def test_02_a_cell_deleted_stays_away_and_a_changed_one_is_told(mine, lessons):
    edit(mine, lambda cells: cells.pop(0) and cells.pop(0))
    put(lessons / ONE, [A, ("u1-load", "import cmath\n"), ("u1-new", "new = 1"), C, D])
    found = bring(mine)
    assert texts(mine) == ["new = 1", "## Exercise 1\n\nAsk", "answer = ..."]
    assert done(found) == {"u1-load": "deleted", "u1-new": "new"}


def test_03_a_cell_moved_stays_there_and_is_renewed(mine, lessons):
    edit(mine, lambda cells: cells.append(cells.pop(1)))
    put(lessons / ONE, [A, ("u1-load", "import cmath\n"), ("u1-new", "new = 1"), C, D])
    bring(mine)
    asked = "## Exercise 1\n\nAsk"
    assert texts(mine) == ["# One", asked, "answer = ...", "import cmath\n", "new = 1"]


def test_04_a_cell_added_stays_below_its_neighbour(mine, lessons):
    own = [cell("x1", "top"), cell("x2", "scratch"), cell("x3", "import math\n")]
    edit(
        mine, lambda cells: (cells.insert(0, own[0]), cells[3:3] == [], cells.insert(3, own[1]))
    )
    edit(mine, lambda cells: cells.append(own[2]))  # says what a cell of the course says
    put(lessons / ONE, [("u1-pre", "pre = 0"), A, C, ("u1-new", "new = 1"), D])
    found = bring(mine)
    asked = "## Exercise 1\n\nAsk"
    assert texts(mine) == [
        "top",
        "pre = 0",
        "# One",
        "scratch",
        asked,
        "new = 1",
        "answer = ...",
        "import math\n",
    ]
    assert done(found) == {"u1-load": "gone", "u1-pre": "new", "u1-new": "new"}


def split(cells, number: int, at: int) -> None:
    """Split a cell as JupyterLab does: both halves carry its metadata."""
    whole = "".join(cells[number]["source"])
    first = cells[number] | {"id": f"half-{number}-{len(cells)}", "source": whole[:at]}
    cells[number : number + 1] = [first, cells[number] | {"source": whole[at:]}]


def test_05_a_cell_split_keeps_both_halves_and_gets_one_offer(mine, lessons):
    edit(mine, lambda cells: split(cells, 3, 7))
    edit(mine, lambda cells: cells.append(cells.pop(0)))  # so the course's order is not theirs
    put(lessons / ONE, [A, B, C, ("u1-try", "answer = None"), ("u1-end", "end = 1")])
    found = bring(mine)
    *_rest, one, two, offer, end, _title = texts(mine)
    assert (one, two, end) == ("answer ", "= ...", "end = 1")
    assert offer.endswith("\nanswer = None")
    assert sorted(change.what for change in found.changes) == ["kept", "new", "offered"]


def test_06_cells_merged_are_one_and_nothing_comes_twice(mine, lessons):
    def join(cells):
        cells[2]["source"] = "## Exercise 1\n\nAsk\n\nanswer = 3"
        del cells[3]

    edit(mine, join)
    put(lessons / ONE, [("u1-title", "# First"), B, C, D])
    assert done(bring(mine)) == {"u1-title": "updated"}
    assert texts(mine) == ["# First", "import math\n", "## Exercise 1\n\nAsk\n\nanswer = 3"]


def test_07_a_copy_of_a_cell_is_judged_by_what_it_says(mine, lessons):
    """Even where a clumsy tool copied the id."""
    edit(mine, lambda cells: cells.append({**cells[3], "source": "answer = 9"}))
    put(lessons / ONE, [A, B, C, ("u1-try", "answer = None")])
    found = bring(mine)
    assert texts(mine)[3:] == ["answer = None", "answer = 9"], "the course's version is there"
    assert done(found) == {"u1-try": "updated"}


def test_08_outputs_stay_where_the_text_does(mine, lessons):
    hidden = {"jupyter": {"source_hidden": True}}
    book = notebook([A, B, C, D, ("u1-more", "1 + 1")], course={"id": "01"})
    book["cells"][3]["metadata"] = hidden
    (lessons / ONE).write_text(json.dumps(book), encoding="utf-8")
    bring(mine)
    out = [{"output_type": "stream", "name": "stdout", "text": "2"}]

    def ran(cells):
        for one in cells:
            if one["cell_type"] == "code":
                one.update(outputs=out, execution_count=4)
                one["metadata"]["jupyter"] = {"source_hidden": False}

    edit(mine, ran)
    before = (mine / ONE).read_bytes()
    assert bring(mine).state == "kept" and (mine / ONE).read_bytes() == before
    book["cells"][4]["source"] = "1 + 2"
    (lessons / ONE).write_text(json.dumps(book), encoding="utf-8")
    bring(mine)
    made = json.loads((mine / ONE).read_text(encoding="utf-8"))["cells"]
    assert [(c["outputs"], c["execution_count"]) for c in made if c["cell_type"] == "code"] == [
        (out, 4),
        (out, 4),
        ([], None),
    ]


def test_08b_what_jupyter_trusted_it_trusts_again(mine, lessons, tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    put(lessons / ONE, [A, B, C, ("u1-try", "answer = x")])
    put(lessons / TWO, [("u2-a", "# Zwei"), ("u2-b", "x = 2")])

    def trusted(name):
        return sign.NotebookNotary().check_signature(nbformat.read(mine / name, as_version=4))

    sign.NotebookNotary().sign(nbformat.read(mine / ONE, as_version=4))
    assert (trusted(ONE), trusted(TWO)) == (True, False)
    bring(mine)
    assert texts(mine)[3] == "answer = x" and (trusted(ONE), trusted(TWO)) == (True, False)


@pytest.mark.parametrize("file", ["01_other.ipynb", "05_one.ipynb"])
def test_09_a_lesson_renamed_or_renumbered_is_the_same_lesson(mine, lessons, file):
    edit(mine, text_of(3, "answer = 42"))
    (lessons / ONE).unlink()
    put(lessons / file, [("u1-title", "# Elsewhere"), B, C, D])
    assert copies.copy_lessons(mine)[file] == "updated", "start makes no second copy"
    found = bring(mine, file)
    assert not (mine / ONE).exists()
    assert texts(mine, file)[::3] == ["# Elsewhere", "answer = 42"]
    assert (found.state, done(found)) == ("updated", {"u1-title": "updated"})
    assert update.report(mine, [found])[1] == f"{file} (its new name; until now {ONE})"
    edit(mine, lambda cells: cells.extend(cell(f"x{n}", f"{n}") for n in range(9)), file)
    put(lessons / "07_one.ipynb", [A, B, C, D])
    (lessons / file).unlink()
    assert bring(mine, "07_one.ipynb").state == "updated", "more of theirs than of ours"
    (mine / "07_one.ipynb").rename(mine / "05_my own.ipynb")  # the student's name for it
    assert bring(mine, "07_one.ipynb").state == "added"
    assert texts(mine, "05_my own.ipynb")[3] == "answer = 42"


def test_09a_a_lesson_that_cannot_be_written_keeps_its_name(mine, lessons, monkeypatch):
    (lessons / ONE).rename(lessons / "05_one.ipynb")
    before, real = (mine / ONE).read_bytes(), update.write_whole

    def full(path, content, **options):
        if path == mine / "05_one.ipynb":
            raise OSError(errno.ENOSPC, "No space left on device")
        real(path, content, **options)

    monkeypatch.setattr(update, "write_whole", full)
    found = update.update(mine)
    assert update.report(mine, found)[1].endswith(f"and stays as it was: {ONE}.")
    assert (mine / ONE).read_bytes() == before and not (mine / "05_one.ipynb").exists()
    monkeypatch.setattr(update, "write_whole", real)

    @contextmanager
    def wait(folder):  # for another update that is through first
        monkeypatch.undo()
        monkeypatch.setattr(copies, "lessons_dir", lambda: lessons)
        update.update(folder)
        yield

    monkeypatch.setattr(update, "one_at_a_time", wait)
    assert update.update(mine)[2].state == "kept" and not (mine / ONE).exists()


def test_09b_a_lesson_that_is_no_more_becomes_no_other(mine, lessons):
    (lessons / ONE).unlink()
    put(lessons / "03_three.ipynb", [("u3-a", "# Three"), ("u3-b", "import math\n")])
    before = (mine / ONE).read_bytes()
    assert bring(mine, "03_three.ipynb").state == "added"
    assert (mine / ONE).read_bytes() == before


def test_10_both_changed_the_new_version_is_offered_below(mine, lessons):
    edit(mine, text_of(2, "## Mine"))
    edit(mine, text_of(3, "answer = 42"))
    book = notebook([A, B, ("u1-ask", "## Exercise 1\n\nAsk anew"), ("u1-try", "answer = x")])
    book["metadata"]["course"] = {"id": "01"}
    book["cells"][3]["metadata"] = {"jupyter": {"source_hidden": True}}
    (lessons / ONE).write_text(json.dumps(book), encoding="utf-8")
    found = bring(mine)
    (_c, own), (kind, ask), (_c, answer), (raw, offer) = read(mine)[2:]
    assert (own, answer) == ("## Mine", "answer = 42")
    assert kind == "markdown" and ask.splitlines()[2:] == ["## Exercise 1", "", "Ask anew"]
    assert raw == "raw", "run from top to bottom, it undoes no answer"
    assert offer.startswith("# New version") and offer.splitlines()[1:] == ["answer = x"]
    compile(offer, "cell", "exec")
    last = json.loads((mine / ONE).read_text(encoding="utf-8"))["cells"][-1]
    assert last["metadata"]["raw_mimetype"] == "text/x-python", "it stays out of exported pages"
    assert "jupyter" not in last["metadata"], "folded, nobody would see it"
    assert done(found) == {"u1-ask": "offered", "u1-try": "offered"}
    says = update.report(mine, [found])
    assert "    yours, the new version below (2): Mine" in says


def test_10b_code_that_uses_what_the_course_no_longer_makes_is_told(mine, lessons):
    edit(mine, text_of(3, "answer = math.pi\nown = [math for math in 'x']"))
    own = [
        cell("x1", "f = lambda math: math"),
        cell("x2", "%time math.e"),
        cell("x3", "math.e"),
    ]
    edit(mine, lambda cells: cells.extend(own))
    tries = [("u1-try", "math.inf\n'\\d'"), ("u1-more", "math.tau")]  # the course's, not theirs
    put(lessons / ONE, [A, ("u1-load", "import cmath as m"), C, *tries])
    found = bring(mine)
    news = {"u1-load": "updated", "u1-try": "offered", "u1-more": "new"}
    assert done(found) == news, "each makes its own"
    edit(mine, lambda cells: cells.pop(6))
    put(lessons / ONE, [A, ("u1-load", "import math as n, os.path as m"), C, D])
    edit(mine, text_of(3, "answer = m.pi"))
    put(lessons / ONE, [A, ("u1-load", "from math import pi"), C, D])
    found = bring(mine)
    assert found.changes[-1] == ("stale", "u1-try", "Exercise 1 (m)")
    assert "a name the lesson no longer makes (1): Exercise 1 (m)" in "".join(
        update.report(mine, [found])
    )


def test_11_an_offer_is_made_once_replaced_or_taken_over(mine, lessons):
    edit(mine, text_of(3, "answer = 42"))
    put(lessons / ONE, [A, B, C, ("u1-try", "answer = x")])
    bring(mine)
    offered = (mine / ONE).read_bytes()
    assert copies.copy_lessons(mine)[ONE] == "kept", "start has no news either"
    put(lessons / ONE, [A, B, C, ("u1-try", "answer = y")])
    bring(mine)  # the older offer goes
    assert [text.splitlines()[-1] for text in texts(mine)[3:]] == ["answer = 42", "answer = y"]
    edit(mine, lambda cells: cells.pop(4))
    assert bring(mine).state == "kept", "thrown away, it stays away"
    (mine / ONE).write_bytes(offered)
    edit(mine, lambda cells: cells.pop(3))  # the student's own: so the offer is wanted
    bring(mine)
    assert read(mine)[3:] == [("code", "answer = y")]
    (mine / ONE).write_bytes(offered)
    bring(mine)
    edit(mine, text_of(3, "answer = y"))  # written over the student's own
    found = bring(mine)
    assert done(found) == {"u1-try": "taken"} and read(mine)[3:] == [("code", "answer = y")]
    assert "offer that is no longer needed" in update.report(mine, [found])[2]
    (mine / ONE).write_bytes(offered)
    edit(mine, text_of(4, "answer = x + 1"))  # what the student wrote into it stays
    bring(mine)
    assert texts(mine)[3:5] == ["answer = 42", "answer = x + 1"]
    for cells_of_mine in (5, 4):
        (mine / ONE).write_bytes(offered)
        edit(mine, lambda cells, n=cells_of_mine: cells.pop(3) if n == 4 else None)
        put(lessons / ONE, [A, B, C])
        assert done(bring(mine)) == {"u1-try": "gone"}, "with its cell of the course it goes"
        assert texts(mine)[3:] == ["answer = 42"][: cells_of_mine - 4]


def test_12_the_order_of_the_course_and_what_left_it(mine, lessons):
    edit(mine, lambda cells: cells.insert(2, cell("x1", "scratch")))
    edit(mine, text_of(4, "answer = 42"))
    put(lessons / ONE, [A, C, B])
    found = bring(mine)
    asked = "## Exercise 1\n\nAsk"
    assert texts(mine) == ["# One", asked, "answer = 42", "import math\n", "scratch"]
    assert [change.what for change in found.changes] == ["kept", "moved"]
    assert "    moved, as in the lesson (1): Exercise 1" in update.report(mine, [found])
    assert (mine / update.BEFORE / ONE).exists()
    put(lessons / ONE, [A, C, B, ("u1-try", "answer = again")])  # it comes back
    assert done(bring(mine)) == {"u1-try": "offered"}


def test_13_what_was_pasted_from_another_lesson_is_the_students(mine, lessons):
    two = json.loads((mine / TWO).read_text(encoding="utf-8"))["cells"]
    edit(mine, lambda cells: cells.append(two[1]))
    put(lessons / TWO, [("u2-a", "# Two"), ("u2-b", "x = 3")])
    put(lessons / ONE, [A, B, C])
    bring(mine)
    assert texts(mine)[3:] == ["x = 2"] and texts(mine, TWO)[1] == "x = 3"
    put(lessons / TWO, [("u2-a", "# Two")])
    put(lessons / ONE, [A, C])
    bring(mine)  # also when it is gone where it came from
    assert texts(mine)[2:] == ["x = 2"] and texts(mine, TWO) == ["# Two"]


def test_14_the_contract_is_renewed_and_what_the_student_added_stays(mine, lessons):
    book = json.loads((mine / ONE).read_text(encoding="utf-8"))
    book["metadata"] |= {"authors": ["me"], "kernelspec": {"name": "k", "display_name": "K"}}
    (mine / ONE).write_text(json.dumps(book), encoding="utf-8")
    put(lessons / ONE, LESSON, course={"id": "01", "minutes": 5})
    bring(mine)
    about = json.loads((mine / ONE).read_text(encoding="utf-8"))["metadata"]
    assert about["course"] == {"id": "01", "minutes": 5}
    assert about["authors"] == ["me"] and about["kernelspec"]["name"] == "k"


# --- older releases, tools ------------------------------------------------------


def test_15_a_folder_of_2026_11_0(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    old, fresh = shutil.copytree(OLD, tmp_path / "old"), tmp_path / "fresh"
    fresh.mkdir()
    copies.copy_lessons(fresh)
    found = {one.lesson[:2]: one for one in update.update(old)}
    assert {one.state for one in update.update(old)} == {"kept"}
    assert [found[n].state for n in ("00", "01", "08", "gl")] == ["updated"] * 2 + ["added"] * 2
    offered = {
        n: [c.cell for c in one.changes if c.what == "offered"] for n, one in found.items()
    }
    assert {n: names for n, names in offered.items() if names} == {
        "01": ["l01-try-9"],
        "06": ["l06-try-9"],
    }
    for file in sorted(fresh.glob("*.ipynb")):
        now, theirs = texts(old, file.name), texts(fresh, file.name)
        if file.name[:2] not in ("00", "01", "06"):
            assert now == theirs, "untouched, it is the lesson of today, in its order"
            continue
        solved = {c.cell for c in found[file.name[:2]].changes if c.what in ("kept", "offered")}
        tries = range(1, 3 if file.name[:2] == "00" else 10)
        if file.name[:2] == "06":
            tries = [1, 2, 9]
        assert solved == {f"l{file.name[:2]}-try-{n}" for n in tries}
        for one in copies.read_notebook(OLD / file.name)["cells"]:
            assert one["id"] not in solved or "".join(one["source"]) in now
        assert len(now) == len(theirs) + len(offered[file.name[:2]])
    kept = (old / update.BEFORE / "01_reading_the_article.ipynb").read_bytes()
    assert kept == (OLD / "01_reading_the_article.ipynb").read_bytes()
    for name in ("course_progress.json", ".course_progress.lock"):
        assert (old / name).read_bytes() == (OLD / name).read_bytes()


def strip(folder: Path, *, ids: bool, cells: bool = True) -> None:
    """Take the stamps away as a tool does, or what newer courses write; and the ids."""
    book = json.loads((folder / ONE).read_text(encoding="utf-8"))
    if cells:
        del book["metadata"]["course_copy"]
    else:
        for key in ("cells", "file"):
            del book["metadata"]["course_copy"][key]
    for one in book["cells"]:
        if cells:
            one["metadata"] = {}
        if ids:
            del one["id"]
            book["nbformat_minor"] = 4
    (folder / ONE).write_text(json.dumps(book), encoding="utf-8")


def test_15b_a_file_of_an_older_release_that_the_student_renamed_is_left_alone(tmp_path):
    old, theirs = tmp_path / "01_моя работа.ipynb", OLD / "01_reading_the_article.ipynb"
    shutil.copy(theirs, old)
    shutil.copy(OLD / copies.FIRST, tmp_path)
    found = {one.lesson[:2]: one.state for one in update.update(tmp_path, closed=True)}
    assert found["01"] == "added" and old.read_bytes() == theirs.read_bytes()


def test_16b_stamps_of_cells_taken_away_the_copy_still_lists_them(mine, lessons):
    edit(mine, text_of(3, "answer = 42"))

    def strip_cells(cells):
        for n, one in enumerate(cells):
            one |= {"metadata": {}, "id": f"other-{n}"}

    edit(mine, strip_cells)
    put(lessons / ONE, [("u1-title", "# First"), C, D])
    assert done(bring(mine)) == {"u1-title": "updated", "u1-load": "gone"}
    assert texts(mine)[::2] == ["# First", "answer = 42"]


@pytest.mark.parametrize("ids", [False, True])
def test_16_stamps_and_ids_taken_away_by_a_tool(mine, lessons, ids):
    edit(mine, text_of(3, "answer = 42"))
    if ids:
        edit(mine, lambda cells: cells.append(cell("x1", "import math\n")))
    strip(mine, ids=ids)
    assert bring(mine).state == "kept"
    if not ids:  # they are back, and the next news comes
        put(lessons / ONE, [("u1-title", "# First"), B, C, ("u1-try", "answer = x")])
        assert done(bring(mine)) == {"u1-title": "updated", "u1-try": "offered"}
    else:  # each text of the course was taken for one cell: the same once more is theirs
        put(lessons / ONE, [A, C, D])
        assert done(bring(mine)) == {"u1-load": "gone"}
    assert texts(mine).count("import math\n") == 1 and "answer = 42" in texts(mine)


def test_17_a_copy_of_the_course_before_this_one(mine, lessons):
    """It stamped cells and listed none: what is gone is known while the lesson is the same."""
    edit(mine, lambda cells: cells.pop(1))
    edit(mine, text_of(2, "answer = 42"))
    strip(mine, ids=False, cells=False)
    assert bring(mine).state == "kept" and len(texts(mine)) == 3
    put(lessons / ONE, [("u1-title", "# First"), B, C, ("u1-new", "new = 1"), D])
    assert done(bring(mine)) == {"u1-title": "updated", "u1-new": "new"}
    assert texts(mine) == ["# First", "## Exercise 1\n\nAsk", "new = 1", "answer = 42"]


def test_18_a_copy_of_the_course_before_this_one_after_a_change(mine, lessons):
    edit(mine, text_of(3, "answer = 42"))
    two = json.loads((mine / TWO).read_text(encoding="utf-8"))["cells"]
    edit(mine, lambda cells: cells.append(two[1]))
    strip(mine, ids=False, cells=False)
    put(lessons / ONE, [("u1-title", "# First"), C, D, ("u1-new", "new = 1")])
    assert done(bring(mine)) == {"u1-title": "updated", "u1-load": "gone", "u1-new": "new"}
    assert texts(mine)[2:] == ["answer = 42", "x = 2", "new = 1"]


def test_19_a_newer_copy_is_left_alone(mine, lessons):
    text = (mine / ONE).read_text(encoding="utf-8").replace(stamps.__version__, "2099.1.0")
    (mine / ONE).write_text(text, encoding="utf-8")
    assert bring(mine).state == "kept", "the same lesson"
    put(lessons / ONE, [("u1-title", "# First"), B, C, D])
    before = (mine / ONE).read_bytes()
    found = bring(mine)
    assert found.state == "ahead" and (mine / ONE).read_bytes() == before
    assert copies.copy_lessons(mine)[ONE] == "ahead"
    for say in (update.report(mine, [found]), copies.report(mine, {ONE: "ahead"})):
        assert "newer course" in say[1]


def test_20_windows_line_ends_are_no_change(mine, lessons):
    edit(
        mine,
        lambda cells: [
            c.update(source="".join(c["source"]).replace("\n", "\r\n")) for c in cells
        ],
    )
    content = (mine / ONE).read_bytes().replace(b"\n", b"\r\n")
    (mine / ONE).write_bytes(content)
    put(lessons / ONE, [("u1-title", "# First"), B, ("u1-ask", "## Exercise 1\n\nAsk anew"), D])
    found = bring(mine)
    assert done(found) == {"u1-title": "updated", "u1-ask": "updated"}
    assert found.changes[1].place == "Exercise 1", "no sign that moves the terminal's cursor"


# --- files and disks ------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (b"", "unreadable"),
        (b'{"cells": [', "unreadable"),
        (b"\xff\xfe", "unreadable"),
        (b"[" * 100_000, "unreadable"),
        (b'{"cells": [], "nbformat": 3, "nbformat_minor": 0}', "unreadable"),
        (b'{"cells": [], "nbformat": 4}', "unreadable"),
        (b'{"cells": [{"cell_type": "code", "source": "", "metadata": 1}]}', "unreadable"),
        (json.dumps(notebook([("x1", "mine")])).encode(), "foreign"),
        (json.dumps(notebook([("u2-a", "# Two"), ("u2-b", "x")])).encode(), "foreign"),
    ],
)
def test_21_a_broken_notebook_or_one_that_is_no_lesson_is_left_alone(
    mine, lessons, content, state
):
    put(lessons / ONE, [("u1-title", "# First"), B, C, D])
    (mine / ONE).write_bytes(content)
    found = bring(mine)
    assert found.state == state and (mine / ONE).read_bytes() == content
    assert ONE in update.report(mine, [found])[1]


def test_22_forged_stamps_spoil_nothing(mine, lessons):
    def forge(cells):
        for one, mark in zip(
            cells, ["", [1], {"cell": 5, "from": []}, {"cell": "x"}], strict=True
        ):
            one["metadata"]["course"] = mark
        cells[3]["source"] = "answer = '\ud800'"

    edit(mine, forge)
    put(lessons / ONE, [A, B, C, ("u1-try", "answer = x")])
    bring(mine)
    assert "answer = x" in texts(mine)[4] and texts(mine)[3][-2] == "\ud800"


@POSIX
def test_23_a_link_is_followed_and_stays(mine, lessons, tmp_path):
    (mine / ONE).rename(tmp_path / "stick.ipynb")
    (mine / ONE).symlink_to(tmp_path / "stick.ipynb")
    (mine / TWO).unlink()
    (mine / TWO).symlink_to(tmp_path / "nowhere")
    put(lessons / ONE, [("u1-title", "# First"), B, C, D])
    assert bring(mine).state == "updated"
    assert (mine / ONE).is_symlink() and texts(tmp_path, "stick.ipynb")[0] == "# First"
    assert bring(mine, TWO).state == "unreadable" and not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("spoilt", [update.BEFORE, "мои 课 x"])
def test_24_a_full_disk_leaves_all_as_it_was_and_says_so(mine, lessons, monkeypatch, spoilt):
    edit(mine, text_of(3, "answer = 42"))
    put(lessons / ONE, [("u1-title", "# First"), B, C, D])
    before, real = (mine / ONE).read_bytes(), update.write_whole

    def full(path, content, **options):
        if path.parent.name == spoilt and path.name == ONE:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(path, content, **options)

    monkeypatch.setattr(update, "write_whole", full)
    (mine / TWO).unlink()
    found = update.update(mine)
    assert [one.state for one in found] == ["kept", "failed", "added"]
    assert (mine / ONE).read_bytes() == before
    assert (
        "(No space left on device), and stays as it was: " + ONE
        in update.report(mine, found)[2]
    )
    monkeypatch.setattr(update, "write_whole", real)
    assert bring(mine).state == "updated"


@POSIX
def test_25_read_only(mine, lessons):
    put(lessons / ONE, [("u1-title", "# First"), B, C, D])
    (mine / TWO).unlink()
    before = snapshot(mine)
    for folder in [one for one in mine.parents if "pytest-" in str(one)]:
        folder.chmod(0o755)
    for place in (mine, mine / ONE):
        place.chmod(0o555)
    root = os.geteuid() == 0  # it may write anywhere
    try:
        if root:
            os.seteuid(65534)
        found = update.update(mine)
    finally:
        if root:
            os.seteuid(0)
        mine.chmod(0o755)
    assert snapshot(mine) == before
    say = f"Cannot be written (Permission denied), and stays as it was: {ONE}, {TWO}."
    assert say in update.report(mine, found)


@POSIX
def test_26_killed_at_any_point(mine, lessons, tmp_path):
    """Each file is the old one or the new one, and the next run ends what was begun."""
    edit(mine, text_of(3, "answer = 42"))
    (mine / TWO).unlink()
    (lessons / ONE).unlink()
    put(lessons / "01_new.ipynb", [("u1-title", "# First"), B, C, ("u1-try", "answer = x")])
    old = (mine / ONE).read_bytes()
    want = shutil.copytree(mine, tmp_path / "want")
    update.update(want)
    new = {path.name: path.read_bytes() for path in want.glob("*.ipynb")}
    assert sorted(new) == ["00_start_here.ipynb", "01_new.ipynb", TWO]
    deaths, met = 0, set()
    while True:
        folder = shutil.copytree(mine, tmp_path / str(deaths))
        if (child := os.fork()) == 0:
            left = iter(range(deaths, -1, -1))
            for name in ("fsync", "replace", "unlink", "mkdir", "link", "rename"):
                setattr(os, name, mortal(getattr(os, name), left))
            update.update(folder)
            os._exit(0)
        code = os.waitpid(child, 0)[1]
        for file in folder.glob("*.ipynb"):
            content = file.read_bytes()
            assert content in (old, new.get(file.name), new["01_new.ipynb"])
            met.add(content == old)
        update.update(folder)
        assert {path.name: path.read_bytes() for path in folder.glob("*.ipynb")} == new
        if code == 0:
            break
        deaths += 1
    assert deaths > 8 and met == {True, False}


def mortal(real, left):
    """Return a function that kills its process before it does the last of its deeds."""

    def do(*words, **options):
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*words, **options)

    return do


# --- JupyterLab -------------------------------------------------------------------


class Server:
    """What a JupyterLab says about itself, and what it answers."""

    def __init__(self, runtime: Path, root: Path, answers: dict, monkeypatch) -> None:
        about = {"root_dir": str(root), "hostname": "127.0.0.1", "port": 1, "base_url": "/"}
        runtime.mkdir()
        text = json.dumps(about | {"token": "t", "pid": os.getpid()})
        (runtime / "jpserver-1.json").write_text(text, encoding="utf-8")
        self.answers = {"api/status": {"started": "2026-11-29T05:00:00.1Z"}, **answers}
        monkeypatch.setattr(lab, "_ask", lambda _server, path: self.answers[path])


def tabs(name: str, when: str) -> dict:
    """A workspace of JupyterLab, saved at a time."""
    data = {f"notebook:{name}": {"data": {"path": name}}, "layout-restorer:data": {"main": {}}}
    metadata = {"id": "default", "last_modified": f"2026-11-29T{when}:00.5+00:00"}
    return {"workspaces": {"values": [{"data": data, "metadata": metadata}]}}


@pytest.mark.parametrize("root", [".", "..", pytest.param("../in", marks=POSIX)])
@pytest.mark.parametrize(
    ("sessions", "space", "when", "state"),
    [
        ([ONE], None, "06:00", "open"),
        ([], ONE, "06:00", "open"),
        ([], ONE, "04:00", "updated"),  # a tab of days gone by
        ([TWO], TWO, "06:00", "updated"),
    ],
)
def test_27_a_lesson_open_in_jupyterlab_waits(
    mine, lessons, tmp_path, monkeypatch, root, sessions, space, when, state
):
    (mine.parent / "in").mkdir()
    prefix = {".": "", "..": f"{mine.name}/", "../in": "link/"}[root]
    if root == "../in":
        (mine.parent / "in" / "link").symlink_to(mine)
    answers = {
        "api/sessions": [{"path": prefix + name} for name in sessions],
        "lab/api/workspaces": tabs(prefix + space, when) if space else {"message": "Not found"},
    }
    Server(tmp_path / "runtime", mine / root, answers, monkeypatch)
    put(lessons / ONE, [("u1-title", "# First"), B, C, D])
    before = (mine / ONE).read_bytes()
    assert update.update(mine)[1].state == state
    assert ((mine / ONE).read_bytes() == before) is (state == "open")
    if state == "open":
        found = update.update(mine, dry_run=True)
        assert found[1].state == "open" and done(found[1]) == {"u1-title": "updated"}
        assert "File > Close and Shut Down Notebook" in update.report(mine, found)[1]
    assert update.update(mine, closed=True)[1].state == (
        "updated" if state == "open" else "kept"
    )


def test_28_a_jupyterlab_that_does_not_tell_has_all_open(mine, lessons, tmp_path, monkeypatch):
    Server(tmp_path / "runtime", mine, {"api/status": {"message": "Forbidden"}}, monkeypatch)
    put(lessons / ONE, [("u1-title", "# First"), B, C, D])
    assert [one.state for one in update.update(mine)] == ["kept", "open", "kept"]

    def dead(*_):
        raise ConnectionRefusedError

    monkeypatch.setattr(lab, "_ask", dead)
    assert update.update(mine)[1].state == "updated"


def test_29_saved_in_the_last_moment_it_waits(mine, lessons, monkeypatch):
    put(lessons / ONE, [("u1-title", "# First"), B, C, D])
    real = update.write_whole

    def save(path, content, **options):
        real(path, content, **options)
        edit(mine, text_of(3, "answer = 42"))

    monkeypatch.setattr(update, "write_whole", save)
    assert update.update(mine)[1].state == "open"
    monkeypatch.setattr(update, "write_whole", real)
    bring(mine)
    assert texts(mine)[::3] == ["# First", "answer = 42"]


# --- the command ------------------------------------------------------------------


def test_30_the_command(mine, lessons, capsys, monkeypatch):
    put(lessons / ONE, [("u1-title", "# First"), B, C, D])
    (mine / TWO).unlink()
    before = snapshot(mine)
    monkeypatch.chdir(mine)
    assert cli.main(["update", "--dry-run", "--json"]) == 0 and snapshot(mine) == before
    said = json.loads(capsys.readouterr().out)
    assert [one["state"] for one in said] == ["kept", "updated", "added"]
    assert said[1]["changes"] == [{"what": "updated", "cell": "u1-title", "place": "One"}]
    assert cli.main(["update", "--dry-run"]) == 0 and snapshot(mine) == before
    assert "Nothing is changed yet" in capsys.readouterr().out
    assert cli.main(["update"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Your lessons are in {mine}",
        ONE,
        "    brought up to date (1): One",
        f"New in your folder: {TWO}.",
        f"As they were before: {mine / update.BEFORE}",
    ]
    assert cli.main(["update", str(mine)]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["Everything is up to date."]
    (mine / ONE).write_text("{", encoding="utf-8")
    assert cli.main(["update"]) == 1


@pytest.mark.parametrize("place", ["empty", "missing", "course"])
def test_31_a_folder_without_copies_is_a_sentence(lessons, tmp_path, capsys, place):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("mine", encoding="utf-8")
    before = snapshot(tmp_path)
    assert cli.main(["update", str(tmp_path / place)]) == 2
    assert "course update" in (said := capsys.readouterr().err) and said.count("\n") == 1
    assert snapshot(tmp_path) == before and not (tmp_path / "missing").exists()


@pytest.mark.parametrize("damage", ["{", '"id": "u1-load"', '"id": "u1-load", '])
def test_32_a_damaged_course_changes_nothing(mine, lessons, damage):
    """Or one that its teacher edited with a tool that drops ids, or has one twice."""
    text = (lessons / ONE).read_text(encoding="utf-8")
    other = {"{": "{", '"id": "u1-load"': text.replace(damage, '"id": "u1-title"')}
    (lessons / ONE).write_text(other.get(damage, text.replace(damage, "")), encoding="utf-8")
    before = snapshot(mine)
    with pytest.raises(CourseError, match=f"{ONE}.*course doctor"):
        update.update(mine)
    assert snapshot(mine) == before


# --- no line of a student is ever lost ----------------------------------------------

LINES = st.sampled_from(["x = 1", "import math", "# note", "Ask", "", "для себя", "answer = 7"])
STUDENT = st.tuples(
    st.sampled_from(
        "edit delete move add split merge copy retype same-ids line-ends take-offer".split()
    ),
    st.integers(0, 30),
    st.integers(0, 30),
    st.lists(LINES, min_size=1, max_size=3).map("\n".join),
)
COURSE = st.tuples(
    st.sampled_from(["edit", "delete", "move", "add", "split", "merge", "retype"]),
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 5).map(lambda n: f"# edition {n}\nline {n}"),
)


def student(cells: list[dict], what: str, at: int, to: int, text: str, n: int) -> None:
    """Work on a notebook as JupyterLab lets one."""
    text = text + f"\nown line {n}"
    if what == "add" or not cells:
        cells.insert(to % (len(cells) + 1), cell(f"own-{n}", text))
        return
    at %= len(cells)
    one = cells[at]
    if what == "edit":
        one["source"] = "".join(one["source"]) + "\n" + text
    elif what == "delete":
        cells.remove(one)
    elif what == "move":
        cells.insert(to % len(cells), cells.pop(at))
    elif what == "split":
        split(cells, at, to % (len("".join(one["source"])) + 1))
        cells[at]["id"] = f"half-{n}"
    elif what == "copy":
        cells.insert(to % (len(cells) + 1), json.loads(json.dumps(one)) | {"id": f"copy-{n}"})
    elif what == "merge" and at + 1 < len(cells):
        below = cells.pop(at + 1)
        one["source"] = "".join(one["source"]) + "\n\n" + "".join(below["source"])
    elif what == "retype":
        retype(one, ["code", "markdown", "raw"][to % 3])
    elif what == "take-offer" and (offer := stamps.stamp(one)).get("offered"):
        says = "".join(one["source"]).partition("\n")[2].lstrip()
        for own in [c for c in cells if stamps.stamp(c).get("cell") == offer["cell"]][:1]:
            own["source"] = says
    for each in cells:
        if what == "same-ids":
            each["id"] = "same"
        elif what == "line-ends":
            each["source"] = "\r\n".join("".join(each["source"]).split("\n"))


def retype(one: dict, kind: str) -> None:
    """Make a cell one of another kind."""
    one["cell_type"] = kind
    for key in ("outputs", "execution_count"):
        one.pop(key, None)
    one |= {"outputs": [], "execution_count": None} if kind == "code" else {}


def teach(cells: list[dict], what: str, at: int, to: int, text: str, n: int) -> None:
    """Change a lesson."""
    if what == "add" or len(cells) < 2:
        cells.insert(to % (len(cells) + 1), cell(f"u1-new-{n}", text))
    elif what == "edit":
        cells[at % len(cells)]["source"] = text
    elif what == "delete":
        cells.pop(at % len(cells))
    elif what == "split":
        split(cells, at % len(cells), 3)
        cells[at % (len(cells) - 1)]["id"] = f"u1-half-{n}"
    elif what == "merge":
        gone, one = cells.pop(at % len(cells)), cells[at % len(cells)]
        one["source"] = "".join([*one["source"], "\n", *gone["source"]])
    elif what == "retype":
        retype(cells[at % len(cells)], ["code", "markdown"][to % 2])
    else:
        cells.insert(to % len(cells), cells.pop(at % len(cells)))


def lines(book: dict) -> list[str]:
    """All lines of a notebook."""
    return [line for one in book["cells"] for line in "".join(one["source"]).splitlines()]


def said(book: dict) -> Counter:
    """What the cells say, in their order; offers of the course apart."""
    texts = [(stamps.text_hash(one), stamps.stamp(one)) for one in book["cells"]]
    return Counter(text for text, mark in texts if text != mark.get("offered"))


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(st.lists(STUDENT, max_size=6), st.lists(COURSE, max_size=4)), max_size=3)
)
def test_33_no_line_of_a_student_is_lost(terms):
    lesson = notebook(
        [*LESSON, ("u1-a", "a = 1"), ("p1-b", "words\nmore")], course={"id": "01"}
    )
    mine = json.loads(json.dumps(stamps.stamped(lesson, ONE)))
    n = 0
    for works, lectures in terms:
        for work in works:
            n += 1
            student(mine["cells"], *work, n)
        before = json.loads(json.dumps(mine))
        for lecture in lectures:
            n += 1
            teach(lesson["cells"], *lecture, n)
        original = stamps.stamped(lesson, ONE)
        now = stamps.hashes(lesson)
        mine, changes = merge.merge(mine, original)
        nbformat.validate(mine)
        kept = {stamps.text_hash(one) for one in mine["cells"]}
        for one in before["cells"]:  # the student's: what no stamp vouches for
            mark, text = stamps.stamp(one), stamps.text_hash(one)
            if text not in (mark.get("from"), mark.get("offered")):
                assert text in kept, "whole, in a cell of its own"
        for one in mine["cells"]:
            mark = stamps.stamp(one)
            if stamps.text_hash(one) == mark.get("from"):
                assert mark["from"] == now[mark["cell"]], "out of date"
        counts = [
            Counter(stamps.stamp(one).get("cell") for one in book["cells"])
            for book in (before, mine)
        ]
        listed = before["metadata"]["course_copy"]["cells"]
        for name in listed:
            assert name in counts[0] or name not in counts[1], "deleted, it stays away"
        offers = Counter(c.cell for c in changes if c.what == "offered")
        for name in now:
            most = max(1, counts[0][name]) + offers[name]
            assert counts[1][name] <= most, "comes twice"
        told, was, are = Counter(change.what for change in changes), said(before), said(mine)
        assert (are - was).total() <= told["updated"] + told["new"], "untold"
        assert (was - are).total() <= told["updated"] + told["gone"], "untold"
        assert not {*now} & {change.cell for change in changes if change.what == "gone"}
        # one of two cells with the same text goes, and another comes: that is no move
        if not told["moved"] + told["updated"] + min(told["gone"], told["new"]):
            assert [x for x in was if was[x] == 1 == are[x]] == [
                x for x in are if was[x] == 1 == are[x]
            ], "moved untold"
        again, nothing = merge.merge(json.loads(json.dumps(mine)), original)
        assert again == mine and {change.what for change in nothing} <= {"kept"}
        own = {line for line in lines(before) if line.startswith("own line")}
        assert own <= {*lines(mine)}
