"""What stands at the end of a notebook's cell although no line shows it."""

import nbformat
import pytest
from nbclient import NotebookClient

LESSON = 'import course\nx = 1\nwrong = lambda: course.check("01.1", -5)'


def shown(*cells):
    """Run cells after a first one; return what each shows: its results, displays and prints."""
    made = [nbformat.v4.new_code_cell(source) for source in (LESSON, *cells)]
    notebook = nbformat.v4.new_notebook(cells=made)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    for cell in notebook.cells[1:]:
        yield [out.get("text") or out["data"].get("text/plain", "") for out in cell.outputs]


def test_feedback_is_shown_once_wherever_the_check_stands(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    cells = {
        "wrong()": 1,
        "wrong();": 1,
        "if x:\n    wrong()": 1,
        "wrong()\nx = 2": 1,
        "for n in range(2):\n    wrong()": 2,
        "print(wrong())": 1,
        "kept = wrong()\nkept": 1,
        'course.hint("01.1");': 1,
        'course.solution("01.1");\nx = 3': 1,
        "course.progress();": 1,
        "x": 0,
    }
    for source, outs in zip(cells, shown(*cells), strict=True):
        said = [out for out in outs if "01.1" in out]
        assert len(said) == cells[source], (source, outs)


def test_a_feedback_is_seen_although_the_cell_fails_after_it(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    cells = [nbformat.v4.new_code_cell(s) for s in (LESSON, "wrong()\n1 / 0")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, allow_errors=True, kernel_name="python3").execute()
    kinds = [out.output_type for out in notebook.cells[1].outputs]
    assert sorted(kinds) == ["display_data", "error"]


@pytest.mark.parametrize("first", ['course = course.load("claims")', "course = 7"])
def test_a_lost_name_is_told_once_with_the_way_back(first, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    kept, again, back = shown(
        f"course.load\n{first}", "x", 'import course\ncourse.check("01.1")'
    )
    assert any("import course" in out for out in kept)
    assert not any("import course" in out for out in again)
    assert any("Not attempted" in out for out in back)
