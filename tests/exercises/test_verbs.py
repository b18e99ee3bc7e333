"""check, hint, solution and progress, and what of them is remembered."""

import json
import re
import subprocess
import sys

import pandas as pd
import pytest

import course
import course.exercises.verbs as module
from course.errors import CourseError
from course.exercises import journal
from course.exercises.exercise import Exercise


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    monkeypatch.setattr(module, "_hints", {})
    return tmp_path


@pytest.fixture
def register(monkeypatch):
    """Put two exercises into a lesson 98 that does not exist."""

    def register(**changes):
        fields = {
            "ask": "Say the answer", "objective": 0, "answer": lambda: 42.0, "mistakes": {},
            "hints": ["Count.", "Count again."], "after": "So it is.",
            "solution": 'x = 42\ncourse.check("98.1", x)',
        }  # fmt: skip
        known = {name: Exercise(name, **(fields | changes)) for name in ("98.1", "98.2")}
        monkeypatch.setattr(module, "lessons", lambda: ["98"])
        monkeypatch.setattr(module, "exercises", lambda lesson: known)

    return register


def test_a_check_is_remembered(register, folder):
    register()
    assert module.progress().notes == () and list(folder.iterdir()) == []
    assert module.check("98.1").status == "not attempted"
    assert module.check("98.1", 17).status == "not yet"
    assert module.check("98.1", 42).status == "passed"
    assert module.check("98.1", 17).status == "not yet"
    shown = module.progress()
    assert list(shown.table.columns) == ["ask", "status", "tries", "saved"]
    assert shown.table.loc["98.1"].tolist() == ["Say the answer", "passed", 2, True]
    assert shown.table.loc["98.2", "status"] == "not attempted"
    assert shown.summary == "1 of 2 exercises done."
    (path,) = (folder / journal.FOLDER).iterdir()
    lines = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines() if row]
    assert [bool(line.get("mistake")) for line in lines] == [False, True, False, True]


def test_an_object_that_answers_no_question_leaves_no_check(register):
    register()

    class Silent:
        def __getattribute__(self, name):
            raise SystemExit

    assert module.check("98.1", Silent()).status == "cannot tell"


def test_trouble_with_saving_is_said_until_it_is_mended(register, folder, monkeypatch):
    register()
    monkeypatch.setenv("COURSE_FOLDER", str(folder / "gone"))
    for shown in (module.check("98.1", 42), module.check("98.1", 42), module.hint("98.1")):
        assert "not saved yet" in repr(shown) and "not saved yet" in shown._repr_html_()
    looked = module.progress()
    assert "1 is not saved yet" in looked.summary and len(looked.notes) == 1
    assert looked.table["saved"].tolist() == [False, True]
    (folder / "gone").mkdir()
    assert module.check("98.1", 42).notes == module.progress().notes == ()
    assert module.progress().table["saved"].all()


def test_what_cannot_be_read_is_said_by_progress(register, folder):
    register()
    (folder / journal.OLD).write_text("{", encoding="utf-8")
    assert "damaged" in repr(module.progress()) and "damaged" in module.progress()._repr_html_()


def test_hints_come_one_by_one(register):
    register()
    shown = [module.hint("98.1") for _ in range(3)]
    assert repr(shown[0]) == "Hint 1 of 2 · 98.1\nCount.\n1 more: run it again."
    assert [h.message for h in shown] == ["Count.", "Count again.", "Count again."]
    assert [h.title for h in shown[1:]] == ["Hint 2 of 2"] * 2
    assert 'course.solution("98.1") shows one way' in repr(shown[1])
    assert journal.entries()["98.1"].hints == 2


def test_a_solution_can_be_run(register):
    register()
    shown = module.solution("98.1")
    assert shown.code.startswith("x = 42") and shown.explanation == "So it is."
    assert "course.check(&quot;98.1&quot;, x)" in shown._repr_html_()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("98.3", "There is no exercise '98.3'. Did you mean '98.2'?"),
        ("98", "The exercises of this lesson are: 98.1, 98.2."),
        ("97.1", "The lessons are: 98."),
        ("8.1", "There is no exercise '8.1'. Did you mean '98.1'?"),
        (98.1, "There is no exercise 98.1. An id is the lesson and a number in quotes"),
        (pd.DataFrame([1] * 99), "There is no exercise 'DataFrame'."),
    ],
)
def test_an_unknown_id_is_answered_with_those_near(register, name, words):
    register()
    for verb in (module.check, module.hint, module.solution):
        with pytest.raises(CourseError, match=re.escape(words)):
            verb(name)


def test_an_unknown_lesson_is_answered():
    with pytest.raises(CourseError, match="There is no lesson '77'"):
        course.progress("77")
    with pytest.raises(CourseError, match="no lesson 1. Write two digits in quotes"):
        course.progress(1)


def test_the_package_keeps_its_verbs():
    # a module of the same name, once imported, would stand in the verb's place
    ask = (
        "import course; course.check; import course.exercises.journal; "
        "assert all(map(callable, (course.check, course.hint, course.solution, course.progress)))"
    )
    subprocess.run([sys.executable, "-c", ask], check=True)
