"""A batch: what is read, what counts, what is kept, what a teacher gets."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from concurrent.futures import Executor, Future
from contextlib import nullcontext
from pathlib import Path

import pandas as pd
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

import course
from course.cli import main
from course.errors import CourseError
from course.exercises.exercise import Exercise
from course.exercises.verbs import exercise, exercises
from course.lessons import lessons
from course.paths import lessons_dir
from course.teach import grade as room
from course.teach.grade import grade
from course.teach.judge import _decided, _lines, judge, own_tree
from course.teach.sandbox import SEED, Limits

missing = not shutil.which("bwrap") and not os.environ.get("CI")
pytestmark = pytest.mark.skipif(missing, reason="needs bubblewrap")
LIMITS = Limits(cell=100, seconds=300)


@pytest.fixture
def here(setting, monkeypatch):
    """An executor in this process, with one warm sandbox for all tests."""

    class Here(Executor):
        def __init__(self):
            self.jobs, self.before = [], lambda: None

        def submit(self, fn, content, given):
            job = Future()
            try:
                self.before()
                self.jobs.append(hashlib.sha256(content).hexdigest())
                job.set_result(fn(content, given))
            except Exception as error:
                job.set_exception(error)
            return job

    monkeypatch.setattr(room, "own_tree", lambda: nullcontext(setting["tree"]))
    return Here()


def book(*cells, lesson="03", **metadata):
    """A notebook; a cell is code, or a pair of its type and source."""
    pairs = [one if isinstance(one, tuple) else ("code", one) for one in cells]
    cells = [
        {"cell_type": kind, "source": text, "metadata": {}, "outputs": []}
        for kind, text in pairs
    ]
    about = {"course": {"id": lesson}} if lesson else {}
    made = {"cells": cells, "metadata": about | metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made, ensure_ascii=False).encode("utf-8")


def solved(lesson):
    (path,) = lessons_dir().glob(f"{lesson}_*.ipynb")
    found = json.loads(path.read_text(encoding="utf-8"))
    for cell in found["cells"]:
        if "exercise" in cell["metadata"]:
            cell["source"] = exercise(cell["metadata"]["exercise"]).solution
    return json.dumps(found).encode("utf-8")


def judged(setting, *cells, **more):
    found = judge(book(*cells, **more), setting)
    return found, {one["exercise"]: one for one in found["exercises"]}


RIGHT = {name: repr(exercise(name).answer()) for name in ("03.3", "03.7")}
IMPORT = "import course"


# --- one notebook ------------------------------------------------------------------------


EVERY = lessons() if "COURSE_TEST_ALL" in os.environ else ["02", "06"]  # 02: maps with layers


@pytest.mark.parametrize("lesson", EVERY)
def test_a_solved_lesson_has_all_points_and_a_verdict_to_judge(setting, lesson):
    found = judge(solved(lesson), setting)
    assert found["lesson"] == lesson and not found["problems"]
    for one in found["exercises"]:
        task = exercise(one["exercise"])
        assert one["status"] == ("to judge" if task.kind == "verdict" else "passed"), one
        assert one["points"] == (None if task.kind == "verdict" else 1)
        assert one["flag"] == "as course.solution"


def test_the_words_are_those_of_the_check_in_the_notebook(setting):
    wrong = {"03.3": "'RU-KHA'", "03.7": "[1, 2]", "03.8": "42", "03.1": "'two'", "03.9": "..."}
    cells = [IMPORT, *(f"course.check('{name}', {code})" for name, code in wrong.items())]
    _found, by = judged(setting, *cells)
    for name, code in wrong.items():
        direct = exercise(name).judge(eval(code))
        assert (by[name]["status"], by[name]["words"]) == (direct.status, direct.message)


@pytest.mark.parametrize("lesson", EVERY)
def test_the_door_changes_no_judgement(lesson):
    for task in exercises(lesson).values():
        if task.kind == "verdict":
            continue
        made = [task.answer, *task.mistakes.values(), *(one.example for one in task.checks)]
        for answer in [make() for make in made]:
            line = json.dumps({"cell": 0, "check": task.id, "plain": task.read(answer, SEED)})
            (line,) = _lines(line.encode(), {0})
            status, words, _signed = _decided(task.id, json.dumps(line))
            found = task.judge(answer, SEED)
            assert (status, words) == (found.status, found.message), task.id


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        (["check(X)", "check(R)"], "passed"),
        (["check(R)", "check(X)"], "passed"),  # of cells the best
        (["check(R)\ncheck(X)"], "not yet"),  # in a cell the last
        (["check(X)\ncheck(R)"], "passed"),
        (["check(R)", "check(...)"], "passed"),
        (["course.hint('03.7'); course.solution('03.7')\ncheck(R)"], "passed"),
        (["assert 'while grading' in course.doctor.main().message\ncheck(R)"], "passed"),
        (["check(R)\ncheck(...)"], "passed"),  # untouched is no answer
        (["check(...)"], "not attempted"),
        (["for one in (X, R, 3): check(one)"], "not yet"),
    ],
)
def test_which_answer_counts(setting, cells, status):
    begin = f"{IMPORT}\ndef check(x): course.check('03.7', x)\nR, X = {RIGHT['03.7']}, [1]"
    assert judged(setting, begin, *cells)[1]["03.7"]["status"] == status


def test_a_flood_of_answers_is_not_all_judged(setting, monkeypatch):
    asked = []
    monkeypatch.setattr(
        Exercise, "decide", lambda self, plain: asked.append(plain) or ("not yet", "")
    )
    flood = "for n in range(3000): course.check('03.7', [n, 'flood'])"
    one = "\n".join(f"course.check('03.7', [{n}, 'other'])" for n in range(60))
    judged(setting, IMPORT, flood, *one.splitlines())
    assert len(asked) <= 30


def test_many_tries_are_flagged(setting):
    guesses = [f"course.check('03.7', [{n}])" for n in range(6)]
    assert judged(setting, IMPORT, *guesses)[1]["03.7"]["flag"] == "answered in 6 cells"
    assert not judged(setting, IMPORT, *guesses[:5])[1]["03.7"]["flag"]


def test_no_forgery_scores(setting):
    send = (
        "import course, json, os\ndef send(**x): os.write(3, json.dumps(x).encode() + b'\\n')"
    )
    forged = [
        "send(cell=1, check='03.7', status='passed', message='passed')",
        "send(cell=1, check='03.3', plain={'form': 'choice', 'value': True})",
        "send(cell=1, check='03.1', plain={'form': 'number', 'value': None})",
        "send(cell=1, check='03.8', plain={'form': 'map', 'value': {'marks': 'x'}})",
        "v = {'claim': 'c33', 'status': 'written', 'message': ''}\n"
        "send(cell=1, check='03.9', plain={'form': 'verdict', 'value': v})",
        "s = dict(word='mixed', confidence='low', says='a', would_change='b', evidence=[])\n"
        "send(cell=1, check='03.9', plain={'form': 'verdict', 'value': {**v, 'signed': s}})",
        "os.write(3, b'[' * 99999 + b'\\n' + b'\\xff\\n{}\\n1\\n{\"cell\": 1e999}\\n')",
        "send(cell=99, check='03.2', plain={'form': 'number', 'value': 1.0})",
        "from course.exercises.exercise import Exercise\n"
        "Exercise.decide = Exercise.judge = lambda *a: ('passed', '')\ncourse.check('03.4', 1)",
        "course.exercises.verbs.check = course.check = lambda *a: print('passed')",
    ]
    found, by = judged(setting, send, *forged)
    assert not sum(one["points"] or 0 for one in by.values())
    assert {one["status"] for one in by.values()} <= {"not yet", "cannot tell", "not attempted"}
    assert found["flags"] == ["course.check was replaced"]


@pytest.mark.parametrize(
    "runs", ["[]", "[{'input': [1, 1, 1], 'returned': N}]", "[{}]", "[N] * 99"]
)
def test_runs_of_a_function_are_held_to_the_inputs_that_were_sent(setting, runs):
    code = (
        "import course, json, os\nN = {'form': 'number', 'value': 0.0}\n"
        f"v = {{'runs': {runs}, 'bare': False}}\n"
        "line = dict(cell=0, check='06.3', plain={'form': 'function', 'value': v})\n"
        "os.write(3, json.dumps(line).encode() + b'\\n')"
    )
    assert judged(setting, code, lesson="06")[1]["06.3"]["status"] == "cannot tell"


@pytest.mark.parametrize(
    "code",
    [
        "course.check = print",
        "course.exercises.verbs.check = print",
        "import sys, types; course = types.SimpleNamespace(check=print)",
        "import sys; sys.modules['course'] = None",
    ],
)
def test_a_check_that_was_replaced_is_flagged(setting, code):
    found, _by = judged(setting, IMPORT, "course.check('03.7', 1)", code)
    assert found["flags"] == ["course.check was replaced"]


def test_what_a_notebook_says_of_itself_counts_for_nothing(setting):
    cell = json.loads(book(IMPORT))["cells"][0]
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "Passed 03.7"}]
    made = {
        "cells": [cell],
        "metadata": {"course": {"id": "03"}, "points": 9, "widgets": {"a": 1}},
    }
    found = judge(json.dumps(made).encode(), setting)
    assert found["lesson"] == "03" and not sum(one["points"] for one in found["exercises"])


def test_a_failing_cell_does_not_void_the_rest(setting):
    cells = [
        IMPORT,
        "1 / 0",
        "if",
        "import os; os._exit(0)",
        f"course.check('03.7', {RIGHT['03.7']})",
        "course.check('03.3', no_such_name)",
        ("markdown", "course.check('03.2', 1)"),
        "import ctypes; ctypes.string_at(0); course.check('03.1', 1)",
    ]
    found, by = judged(setting, *cells)
    assert by["03.7"]["status"] == "passed"
    assert found["problems"] == [
        "Cell 4 was stopped: it ends the whole notebook.",
        "Cell 8 was stopped: it ends the whole notebook.",
    ]
    assert "NameError: name 'no_such_name'" in by["03.3"]["words"]
    assert "no code cell" in by["03.2"]["words"] and "Cell 8" in by["03.1"]["words"]
    assert by["03.4"]["words"] == 'No cell has course.check("03.4", ...) in it.'


@pytest.mark.parametrize(
    ("content", "lesson", "problem"),
    [
        (book(f"{IMPORT}\ncourse.check('03.7', 1)", lesson=""), "03", ""),
        (book("course.check('04.1', 1)", lesson="03"), "04", ""),  # a stamp alone is no proof
        (book(IMPORT, course_copy={"lesson": "05"}, lesson=""), "05", ""),
        (book(IMPORT, lesson=""), "", ""),
        (book(*["1"] * 1001), "03", "first 1,000 cells"),
        (b"\xef\xbb\xbf" + book(IMPORT), "03", ""),
        (book(IMPORT).decode().encode("utf-16"), "03", ""),
        (book("x = 'Амур'").decode().encode("cp1251"), "03", "not in UTF-8"),
        (b"", "", "cannot be read"),
        (b"{" * 100_000, "", "cannot be read"),
        (b'{"cells": 1}', "", "cannot be read"),
        (b'{"cells": [{"cell_type": 1, "source": [1]}]}', "", "cannot be read"),
        (b"[" + b"1" * 10_000 + b"]", "", "cannot be read"),
    ],
)
def test_any_file_is_read_or_told_in_a_sentence(setting, content, lesson, problem):
    found = judge(content, setting)
    assert found["lesson"] == lesson
    assert problem in " ".join(found["problems"]) and bool(problem) == bool(found["problems"])


# --- a batch -----------------------------------------------------------------------------


def handed_in(folder):
    """A class: good ones, clumsy ones, hostile ones."""
    one = book(IMPORT, f"course.check('03.7', {RIGHT['03.7']})")
    for name in ("Анна Иванова", "王 伟", "=cmd|' calc'!A0", "Bat-Erdene <b>"):
        (folder / name / "deep").mkdir(parents=True)
        (folder / name / "deep" / "03_мой.ipynb").write_bytes(one)
    (folder / "empty").mkdir()
    os.mkdir(os.fsencode(folder) + b"/\xff\nodd")
    (folder / "__MACOSX").mkdir()
    (folder / ".other_work").mkdir()  # graded before, with another --out
    (folder / "other_feedback").mkdir()
    (folder / "Bare Name_03_the_far_east.ipynb").write_bytes(one)
    (folder / "essay.docx").write_bytes(b"x")
    (folder / ".hidden").write_bytes(b"x")
    (folder / "linked.ipynb").symlink_to(folder / "Bare Name_03_the_far_east.ipynb")
    (folder / "damaged.zip").write_bytes(b"PK\3\4")
    os.mkfifo(folder / "pipe.ipynb")
    with zipfile.ZipFile(folder / "nothing.zip", "w"):
        pass
    with zipfile.ZipFile(folder / "zipped.zip", "w") as packed:
        packed.writestr("../../../escaped/03.ipynb", one)
        link = zipfile.ZipInfo("link.ipynb")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, "/etc/passwd")
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        with packed.open("03.ipynb", "w") as member:
            for _n in range(70):
                member.write(b" " * (1 << 20))
    (folder / "two").mkdir()
    (folder / "two" / "first.ipynb").write_bytes(one)
    (folder / "two" / "second.ipynb").write_bytes(book(IMPORT, "course.check('03.7', 1)"))
    (folder / "two" / "notes.ipynb").write_bytes(book("1", lesson=""))
    return folder


def test_no_two_students_become_one_and_no_archive_is_passed_over(tmp_path):
    bare = [
        "hw_03_anna",
        "hw_03_bat",
        "student 12 03_the_far_east",
        "student 13 03_the_far_east",
    ]
    bare += ["Copy_03_my", "03_the_far_east (1)", "Cara - 03_the_far_east"]
    bare += ["hw_03_the_far_east_anna", "eve_03_the_far_east-1", "Fay 03_the_far_east (2)"]
    bare += ["gil_03_the_far_east-Copy1"]
    for name in bare:
        (tmp_path / f"{name}.ipynb").write_bytes(b"x")
    (tmp_path / "dora_03_the_far_east.ipynb.txt").write_bytes(b"x")
    for name in ("a.rar", "b/b.tar.gz", "c/venv/lib/site-packages/c.gz", "d/D.IPYNB.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as packed:
        for name in ("in.zip", "e.ipynb", "node_modules/f.ipynb", "../__MACOSX/._e.ipynb"):
            packed.writestr(name, "x")
    entries = room._entries(tmp_path, tmp_path / "grades.csv")
    found = [
        (one.student, one.name, one.problem) for each in entries for one in room._files(each)
    ]
    assert {student for student, _name, problem in found if not problem} == {
        "hw_03_anna", "hw_03_bat", "student 12", "student 13", "Copy_03_my",
        "03_the_far_east (1)", "Cara", "dora", "d", "e", "hw_03_the_far_east_anna", "eve",
        "Fay", "gil",
    }  # fmt: skip
    told = {name: problem for _student, name, problem in found if problem}
    assert {*told} == {"a.rar", "b/b.tar.gz", "c", "e.zip/in.zip"}
    assert told.pop("c").startswith("No notebook was found")
    assert {*told.values()} == {"Of archives, only a .zip of notebooks is opened."}


def test_what_a_killed_grader_left_goes_and_what_another_uses_stays(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("course.teach.judge.stripped", lambda folder: folder / "tree")
    for name in ("killed", "alive", "begun"):
        (tmp_path / f"course-grade-{name}").mkdir()
        (tmp_path / f"course-grade-{name}" / "lock").touch()
        if name != "begun":
            (tmp_path / f"course-grade-{name}" / "tree").mkdir()
    (tmp_path / "course-grade-link").symlink_to(tmp_path / "course-grade-killed")
    with (tmp_path / "course-grade-alive" / "lock").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with own_tree() as tree:
            tree.mkdir()
            with own_tree():  # another grader
                left = {one.name for one in tmp_path.iterdir()} - {"course-grade-link"}
                assert "course-grade-killed" not in left and tree.is_dir()
    assert {"course-grade-alive", "course-grade-begun"} <= left and not tree.exists()


def all_bytes(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_batch_of_all_kinds(here, tmp_path):
    (class_ := tmp_path / "class").mkdir()
    handed_in(class_)
    before = all_bytes(tmp_path)
    out = class_ / "grades.csv"  # in the very folder of the class
    table = grade(class_, out, executor=here, limits=LIMITS).set_index("student")
    good = {"Анна Иванова", "王 伟", "=cmd|' calc'!A0", "Bat-Erdene <b>", "Bare Name", "zipped"}
    good |= {"two"}
    assert set(table.index[table["points"] == 1]) == good
    bad = {"empty", "essay", "linked", "damaged", "pipe", "nothing", "bomb", r"\xff?odd"}
    assert set(table.index) - good == bad
    assert table.loc["two", "flags"] == "2 notebooks of this lesson: the best counts"
    assert table.loc["two", "file"] == "two/first.ipynb"
    assert all(table.loc[list(set(table.index) - good), "problem"].str.endswith("."))
    assert len(here.jobs) == len(set(here.jobs))  # the same notebook is run once
    first = all_bytes(tmp_path)
    assert first | before == first and not (tmp_path / "escaped").exists()

    grade(class_, out, executor=here, limits=LIMITS)
    assert all_bytes(tmp_path) == first and len(here.jobs) == len(set(here.jobs))
    sheet = pd.read_csv(out)
    assert "'=cmd|' calc'!A0" in set(sheet["student"])
    page = (class_ / "grades_feedback" / "Bat-Erdene _b_.html").read_text(encoding="utf-8")
    assert "Bat-Erdene &lt;b&gt;" in page and "<b>" not in page
    assert "✓ passed" in page and "course.solution" not in page


def test_stopped_and_started_again_nothing_is_lost_and_nothing_done_twice(here, tmp_path):
    for n in range(4):
        (tmp_path / "class" / f"s{n}").mkdir(parents=True)
        text = book(IMPORT, f"course.check('03.7', [{n}])")
        (tmp_path / "class" / f"s{n}" / "a.ipynb").write_bytes(text)
    grade(tmp_path / "class", tmp_path / "whole" / "grades.csv", executor=here, limits=LIMITS)
    here.jobs.clear()

    def stop():
        if len(here.jobs) == 2:
            raise KeyboardInterrupt

    here.before = stop
    out = tmp_path / "stopped" / "grades.csv"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "_WINDOW", 1)
        with pytest.raises(CourseError, match="goes on from there"):
            grade(tmp_path / "class", out, executor=here, limits=LIMITS)
    here.before = lambda: None
    (next(out.parent.glob(".grades_work/*"))).write_bytes(b'{"half')  # the disk was full
    grade(tmp_path / "class", out, executor=here, limits=LIMITS)
    assert sorted(map(here.jobs.count, set(here.jobs))) == [1, 1, 1, 2]
    assert all_bytes(out.parent) == all_bytes(tmp_path / "whole")
    here.jobs.clear()
    with pytest.MonkeyPatch.context() as patch:  # a number in the data was mended
        patch.setattr(room, "data_dir", lambda: tmp_path / "class" / "s0")
        grade(tmp_path / "class", out, executor=here, limits=LIMITS)
    assert len(here.jobs) == 4


def test_a_job_that_ends_its_worker_twice_is_a_problem_of_that_student(here, tmp_path):
    for name, text in (("good", "1"), ("bad", "2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.ipynb").write_bytes(book(text))

    def submit(fn, content, given):
        if b'"2"' in content:
            here.jobs.append("bad")
            job = Future()
            job.set_exception(EOFError("killed"))
            return job
        return type(here).submit(here, fn, content, given)

    here.submit = submit
    table = grade(tmp_path, tmp_path / "grades.csv", executor=here, limits=LIMITS)
    assert here.jobs.count("bad") == 2
    assert list(table["problem"]) == ["It ended the grader itself (EOFError).", ""]


def test_points_that_a_person_gave_count_and_stay(here, tmp_path):
    student, out = tmp_path / "class" / "=007", tmp_path / "grades.csv"
    student.mkdir(parents=True)
    (student / "06.ipynb").write_bytes(solved("06"))
    table = grade(tmp_path / "class", out, executor=here, limits=LIMITS)
    assert list(table.loc[0, ["points", "of", "to_judge"]]) == [8, 9, 1]
    assert ",passed,1," in (tmp_path / "grades_exercises.csv").read_text(encoding="utf-8")
    path = tmp_path / "grades_verdicts.csv"
    sheet = pd.read_csv(path, dtype=str).fillna("")
    assert list(sheet["exercise"]) == ["06.9"] and sheet.loc[0, "course"]
    assert "bilateral_trade: " in sheet.loc[0, "evidence"]
    assert "\n· reporter: CHN, " in sheet.loc[0, "evidence"]  # the rows themselves

    def save(points):  # as a spreadsheet does: 06.9 is a number to it, and ; stands between
        sheet["exercise"], sheet["student"] = "6.9", "7"
        sheet.loc[0, ["points", "comment"]] = points, "Good, but whose figure?"
        more = sheet.assign(points="", comment="")  # a row copied, or added, says nothing
        pd.concat([sheet, more]).to_csv(path, index=False, sep=";", encoding="utf-8-sig")

    save("0,5")
    for _again in range(2):
        table = grade(tmp_path / "class", out, executor=here, limits=LIMITS)
        assert list(table.loc[0, ["points", "to_judge"]]) == [8.5, 0]
        assert "whose figure?" in path.read_text(encoding="utf-8")
    assert "kept" not in table.attrs
    page = next((tmp_path / "grades_feedback").glob("*.html")).read_text(encoding="utf-8")
    assert "whose figure?" in page and "✎ judged: 0.5 of 1" in page
    for points in ("1/2", "5", "nan", "01.05.2026"):
        save(points)
        with pytest.raises(CourseError, match=f"{points} are no points"):
            grade(tmp_path / "class", out, executor=here, limits=LIMITS)
    save("1")
    table = grade(tmp_path / "class", out, executor=here, limits=LIMITS)
    assert ",to judge,1," in (tmp_path / "grades_exercises.csv").read_text(encoding="utf-8")
    old, new = b'\\"supported in part', b'\\"contradicted'  # in the same words
    assert old in solved("06")
    (student / "06.ipynb").write_bytes(solved("06").replace(old, new))
    table = grade(tmp_path / "class", out, executor=here, limits=LIMITS)
    assert list(table.loc[0, ["points", "to_judge"]]) == [8, 1] and table.attrs["kept"]
    (old,) = (tmp_path / ".grades_work").glob("verdicts_*.csv")
    assert "whose figure?" in old.read_text(encoding="utf-8")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CourseError, match="grades_verdicts.csv cannot be read"):
        grade(tmp_path / "class", out, executor=here, limits=LIMITS)


@given(st.text("=+-@＝＋－＠\t\r\n;x1' ", max_size=9))
def test_no_text_is_a_formula_to_a_spreadsheet(text):
    safe = room._safe(text)
    assert not re.match(r"[=+\-@＝＋－＠\t\r]", safe)
    assert not re.search(r"[;\t\r\n][=+\-@＝＋－＠\t\r]", safe)
    assert safe.replace("'", "") == text.replace("'", "")  # and nothing else is changed


def test_without_a_sandbox_it_says_so_and_what_to_do(tmp_path, monkeypatch, capsys):
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "anna.ipynb").write_bytes(book(IMPORT))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main(["grade", "class"]) == 2
    said = capsys.readouterr().err
    assert (
        "bubblewrap is not installed" in said and "container" in said and "--no-sandbox" in said
    )
    with pytest.raises(SystemExit):
        main(["grade", "class", "--no-sand"])


def test_no_sandbox_runs_and_warns(tmp_path, monkeypatch, capsys):
    (tmp_path / "class").mkdir()
    cells = [
        IMPORT,
        f"course.check('03.7', {RIGHT['03.7']})",
        "import os; os.fork() or os._exit(0)",
    ]
    (tmp_path / "class" / "anna.ipynb").write_bytes(book(*cells))
    monkeypatch.chdir(tmp_path)
    assert main(["grade", "class", "--no-sandbox", "--json", "--workers", "1"]) == 0
    said = capsys.readouterr()
    assert "can read, change and send all that you can" in said.err
    assert json.loads(said.out)[0]["points"] == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere"], "nowhere cannot be used: No such file"),
        (["empty"], "nothing to grade in empty"),
        (["class", "--out", "."], "ends in .csv"),
        (["class", "--out", "a.txt"], "ends in .csv"),
        (["class", "--workers", "-3"], "1 or more"),
        (["class", "--out", "file/grades.csv"], "cannot be used"),
        (["file"], "file is no folder. Unpack it"),
    ],
)
def test_a_slip_gets_a_sentence(tmp_path, monkeypatch, capsys, words, says):
    (tmp_path / "empty").mkdir()
    (tmp_path / "class" / "anna").mkdir(parents=True)
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    assert main(["grade", *words]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.skipif("COURSE_TEST_ALL" not in os.environ, reason="slow: COURSE_TEST_ALL=1")
def test_a_killed_worker_costs_nothing(tmp_path):
    import multiprocessing
    import threading

    for n in range(4):
        (tmp_path / "class" / f"s{n}").mkdir(parents=True)
        text = book(IMPORT, "import time; time.sleep(2)", f"course.check('03.7', [{n}])")
        (tmp_path / "class" / f"s{n}" / "a.ipynb").write_bytes(text)

    def kill():
        while not multiprocessing.active_children() or not list(
            tmp_path.glob("a/.grades_work/*")
        ):
            threading.Event().wait(0.1)
        os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    found = grade(tmp_path / "class", tmp_path / "a" / "grades.csv", workers=2)
    killer.join()
    assert not any(found["problem"]) and not multiprocessing.active_children()
    grade(tmp_path / "class", tmp_path / "b" / "grades.csv", workers=1)
    assert all_bytes(tmp_path / "a") == all_bytes(tmp_path / "b")


@pytest.mark.skipif("COURSE_TEST_ALL" not in os.environ, reason="slow: COURSE_TEST_ALL=1")
def test_ctrl_c_gets_a_sentence_however_early_it_comes(tmp_path):
    (tmp_path / "class").mkdir()
    for n in range(3):
        (tmp_path / "class" / f"s{n}.ipynb").write_bytes(book(IMPORT, str(n)))
    line = [sys.executable, "-m", "course", "grade", "class", "--workers", "2"]
    with subprocess.Popen(
        line, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(Path(course.__file__).parents[1])},
        # a shell has what it runs in the background ignore Ctrl+C, and that is inherited
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as grader:  # fmt: skip
        while len(workers := psutil.Process(grader.pid).children()) < 3:  # one counts files
            assert grader.poll() is None
        status = [Path(f"/proc/{one.pid}/status").read_text("utf-8") for one in workers[1:]]
        os.killpg(grader.pid, signal.SIGINT)
        said = grader.stderr.read()
    assert said.count("\n") == 1 and "goes on from there" in said
    for one in status:  # from the first moment: else it would say KeyboardInterrupt
        (blocked,) = re.findall(r"SigBlk:\s*(\w+)", one)
        assert int(blocked, 16) >> signal.SIGINT - 1 & 1
