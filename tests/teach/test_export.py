"""Papers for a class: solutions, slides and handouts from one lesson."""

import os
import re

import nbclient
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course.cli import main
from course.errors import CourseError
from course.exercises.verbs import exercise, exercises
from course.lessons import lessons
from course.teach import export as module
from course.teach.export import export
from course.teach.notes import notes

ALL = os.environ.get("COURSE_TEST_ALL")
STARTER = 'hours_at_least = ...\n\ncourse.check("00.1", hours_at_least)'
OUTSIDE = r"""<(?:script|link|img|iframe)[^>]*\b(?:src|href)=["'](?!data:)[^>]*>|@import|url\(["']?http"""


def small(ran):
    """A lesson with one of each: prose, formula, table, map, chart, exercise, sources."""
    return [
        new_markdown_cell("# A small lesson"),
        new_markdown_cell(
            "## Hours\n\nA share is $s_i = x_i / 2$, see the [glossary](glossary.ipynb#Share).\n\n"
            "$$\\frac{a}{b}$$"
        ),
        new_code_cell(f"import course\nopen({str(ran)!r}, 'a').write('x')"),
        new_code_cell("course.table(course.load('claims').head(40)[['claim_id', 'claim']])"),
        new_code_cell(
            "m = course.area_map('far_east', alt='A map.')\nm",
            metadata={"jupyter": {"source_hidden": True}},
        ),
        new_markdown_cell("### Exercise 00.1 · Add up\n\nHow many hours are twelve lessons?"),
        new_code_cell(STARTER, metadata={"exercise": "00.1"}),
        new_markdown_cell("## Key points\n\n- One.\n\n## How far are you?"),
        new_code_cell('course.progress("00")'),
        new_code_cell("course.cite(course.load('claims').head(40))"),
    ]


def write_lesson(folder, *cells):
    """A folder of lessons with one lesson in it."""
    folder.mkdir()
    book = new_notebook(cells=list(cells))
    book.metadata["course"] = {"id": "00", "title": "A small <lesson>"}
    nbformat.write(book, folder / "00_small.ipynb")
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where the small lesson and its papers are; the former is the course's only one."""
    place = tmp_path_factory.mktemp("Лекция 课 1")
    with pytest.MonkeyPatch.context() as patch:
        write_lesson(place / "lessons", *small(place / "ran"))
        patch.setattr(module, "lessons_dir", lambda: place / "lessons")
        export(["handout", "slides", "slides"], ["0"], place / "papers")
        export(["solutions"], ["00"], place / "papers", solved=True)
    return place


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """Make a lesson of these cells the course's only one; return where papers may go."""

    def written(*cells):
        folder = write_lesson(tmp_path / "lessons", *cells)
        monkeypatch.setattr(module, "lessons_dir", lambda: folder)
        return tmp_path / "papers"

    return written


def text(place, end):
    return (place / "papers" / f"00_small_{end}").read_text(encoding="utf-8")


# --- pages ----------------------------------------------------------------------


def test_one_run_serves_slides_and_handout(place):
    assert (place / "ran").read_text(encoding="utf-8") == "xx"  # the solutions are the other
    assert len(list((place / "papers").iterdir())) == 3


@pytest.mark.parametrize("end", ["slides.html", "handout.html"])
def test_a_page_is_one_file_without_solutions(place, end):
    page = text(place, end)
    assert re.findall(OUTSIDE, page) == []
    assert "<title>00 · A small &lt;lesson&gt; · " in page
    task = exercise("00.1")
    code = task.solution.strip().splitlines()[0]
    for secret in (code, task.after, *task.hints, "Not attempted", "exercises done"):
        assert secret not in page
    assert "hours_at_least" in page and "How many hours are twelve lessons?" in page
    assert "area_map(" not in page, "a cell that only draws shows its code"
    assert "<mfrac>" in page and "$$" not in page and "<msub>" in page
    assert "glossary.ipynb" not in page and "see the glossary" in page
    assert "¶" not in page
    assert "Key points" in page and "How far are you" not in page and "progress(" not in page


def test_slides_keep_maps_for_their_slide(place):
    page = text(place, "slides.html")
    assert len(re.findall(r"<iframe[^>]* data-srcdoc=", page)) == 1
    assert not re.search(r"<iframe[^>]* srcdoc=", page)


def test_a_handout_is_paper(place):
    page = text(place, "handout.html")
    assert "<iframe" not in page and "<script" not in page
    assert re.search(r'<img[^>]*alt="A map."[^>]*src="data:image/svg', page) or re.search(
        r'<img[^>]*src="data:image/svg[^>]*alt="A map."', page
    )
    assert page.count('class="room"') == 1
    assert "<details>" not in page and page.count("<details open") > 1
    assert "counter(page)" in page


# --- solutions ------------------------------------------------------------------


def test_solutions_that_ran_pass(place):
    book = nbformat.reads(text(place, "for_teachers.ipynb"), as_version=4)
    [cell] = [cell for cell in book.cells if "exercise" in cell.metadata]
    assert "Passed" in cell.outputs[-1]["data"]["text/plain"]


def test_solutions_of_a_lesson(tmp_path):
    [file] = export(["solutions"], ["03"], tmp_path / "new" / "folder")
    assert file.name == "03_the_far_east_for_teachers.ipynb"
    book = nbformat.read(file, as_version=4)
    nbformat.validate(book)
    assert book.cells[0].source.startswith("> **For teachers: this file holds the answers.**")
    assert notes("03")["When late"].split("\n")[0] in book.cells[0].source
    told = {
        cell.metadata.get("exercise"): after for cell, after in zip(book.cells, book.cells[1:])
    }
    for task in exercises("03").values():
        at = [cell.metadata.get("exercise") for cell in book.cells].index(task.id)
        assert book.cells[at].source == task.solution
        assert told[task.id].source.startswith(f"> **For teachers: {task.id}.**")
        for said in (task.after, *task.hints):
            assert said in told[task.id].source.replace("\n> ", "\n")
    lesson = nbformat.read(next(module.lessons_dir().glob("03_*")), as_version=4)
    kept = [c for c in book.cells if not c.source.startswith("> **For teachers")]
    assert [c.id for c in kept] == [c.id for c in lesson.cells]
    assert all(len(line) == 0 or line[0] == ">" for line in told["03.1"].source.split("\n"))


# --- the command ----------------------------------------------------------------


def test_the_command_says_what_it_made_and_what_it_left(tmp_path, capsys):
    folder = tmp_path / "out"
    assert main(["export", "solutions", "3", "--out", str(folder)]) == 0
    [file] = folder.iterdir()
    assert capsys.readouterr().out.split() == [str(file)]
    file.write_bytes(b"my own notes")
    assert main(["export", "solutions", "03", "--out", str(folder)]) == 0
    said = capsys.readouterr()
    assert said.out == "" and f"{file} is there and stays" in said.err
    assert file.read_bytes() == b"my own notes"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["slide", "03"], "Did you mean 'slides'?"),
        (["slides,handout", "03,44"], "There is no lesson '44'"),
        (["slides", "03_the_far_east.ipynb"], "There is no lesson"),
    ],
)
def test_a_wrong_word_gets_a_sentence(tmp_path, capsys, words, says):
    assert main(["export", *words, "--out", str(tmp_path / "out")]) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_takes_no_files_is_told_before_any_work(tmp_path, alone):
    papers = alone(new_code_cell("1 / 0"))
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "in it", module.lessons_dir()):
        with pytest.raises(CourseError, match="Name another folder or disk"):
            export(["slides"], ["00"], folder)
    assert not papers.exists()


def test_a_disk_that_fills_up_leaves_no_half_a_file(monkeypatch, alone):
    papers = alone(new_markdown_cell("# Words"))

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CourseError, match=r"cannot be written \(No space left on device\)"):
        export(["solutions"], ["00"], papers)
    assert list(papers.iterdir()) == []


def test_a_lesson_that_fails_is_named(alone):
    papers = alone(new_markdown_cell("# T"), new_code_cell("raise ValueError('Ж\\nno disk')"))
    with pytest.raises(CourseError, match=r"Lesson 00 does not run \(no disk\)") as told:
        export(["handout"], ["00"], papers)
    assert "`course doctor`" in str(told.value)


@pytest.mark.parametrize("stopped", [KeyboardInterrupt, AssertionError])
def test_ctrl_c_gets_a_sentence(monkeypatch, tmp_path, capsys, stopped):
    def stop(*_args, **_more):
        raise stopped  # nbclient: the one on Windows, the other elsewhere

    monkeypatch.setattr(nbclient.NotebookClient, "execute", stop)
    out = str(tmp_path / "out")
    assert main(["export", "solutions", "handout", "00", "--out", out]) == 2
    assert "Stopped. What was made is whole" in capsys.readouterr().err
    assert [file.name for file in (tmp_path / "out").iterdir()] == [
        "00_start_here_for_teachers.ipynb"
    ]


@pytest.mark.skipif(not ALL, reason="only with .ci/run --all")
@pytest.mark.slow
@pytest.mark.parametrize("number", lessons())
def test_no_page_of_any_lesson_gives_an_answer_away(number, tmp_path):
    for file in export(["slides", "handout"], [number], tmp_path):
        page = file.read_text(encoding="utf-8")
        assert re.findall(OUTSIDE, page) == []
        for task in exercises(number).values():
            hints = task.hints if number != "00" else ()  # it shows what a hint looks like
            for secret in (task.after, *hints, "Not attempted"):
                assert secret not in page, task.id
