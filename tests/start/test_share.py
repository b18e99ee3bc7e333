"""What a student shares: said before, small, fresh, and no burden to any check."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import course
from course import cli
from course.exercises import journal
from course.start import share as room

SIGNED = {
    "word": "mixed", "confidence": "low", "says": "My own words.", "would_change": "Own words.",
    "evidence": [{"what": "rows", "table": "t", "sources": [], "columns": ["x"], "rows": [[1]]}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch):
    """A student's folder."""
    (tmp_path / "Анна").mkdir()
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "Анна"))
    return tmp_path / "Анна"


@pytest.fixture
def to(tmp_path):
    """A folder that the teacher can open."""
    (tmp_path / "for the class").mkdir()
    return tmp_path / "for the class"


def soon(holds):
    """Wait until the thread is through."""
    for _ in range(3_000):
        if holds():
            return True
        time.sleep(0.01)
    return False


def tries(file):
    lines, reason = journal.read_file(file)
    assert reason == ""
    return journal.merged(lines).get("01.1", journal.Entry()).tries


def test_it_is_said_and_asked_before(own, to, monkeypatch, capsys):
    monkeypatch.setattr("builtins.input", lambda _: "n")
    with pytest.raises(course.CourseError, match="Nothing is shared"):
        course.share(to)
    said = capsys.readouterr().out
    assert "Everybody" in said or "All who can open" in said
    assert "course share --stop" in said and str(to) in said
    assert list(to.iterdir()) == list(own.iterdir()) == []
    monkeypatch.setattr("builtins.input", lambda _: " Y ")
    assert "Анна.jsonl" in course.share(to)  # the folder's name
    assert [path.name for path in to.iterdir()] == ["Анна.jsonl"]


@pytest.mark.parametrize("nobody", [EOFError, NotImplementedError])
def test_where_nobody_answers_nothing_is_shared(to, monkeypatch, nobody):
    def asked(_):
        raise nobody

    monkeypatch.setattr("builtins.input", asked)
    with pytest.raises(course.CourseError, match="--yes"):
        course.share(to, "A")
    assert list(to.iterdir()) == []


def test_it_holds_no_path_and_no_text_of_the_student(own, to):
    home = (
        "It stops at `open('/home/student/Anna Ivanova/x.csv')`, `C:\\Users\\Анна\\y.csv` "
        "or 'D:\\mine.csv' or ~/mine.csv or ~mine/x or \"/a/O'mine\", and/or 5 km/h."
    )
    journal.record("check", "01.1", status="not yet", mistake=home)
    journal.record("verdict", "c42", status="written", verdict=SIGNED)
    course.share(to, "A", yes=True)
    text = (to / "A.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(row) for row in text.splitlines() if row]
    for word in (
        "/home",
        "student/",
        "Users",
        "Анна",
        "Ivanova",
        "mine",
        "own words",
        str(own),
        "'rows': [[1",
    ):
        assert word not in str(lines)
    assert "and/or 5 km/h" in lines[0]["mistake"]
    assert lines[1]["verdict"] == SIGNED | {"says": "", "would_change": "", "evidence": []}
    assert journal.merged(journal.read_file(to / "A.jsonl")[0])["c42"].status == "written"


def test_each_check_renews_it_until_it_is_stopped(own, to):
    usual = os.umask(0o077)  # as on a hub: the teacher may read it all the same
    course.share(to, "A", yes=True)
    os.umask(usual)
    for number in (1, 2, 3):
        assert journal.record("check", "01.1", status="not yet") == ()
        assert soon(lambda number=number: tries(to / "A.jsonl") == number)
    assert os.name == "nt" or (to / "A.jsonl").stat().st_mode & 0o044 == 0o044
    assert "You share" in course.share() and "A.jsonl" in course.share()
    assert "You share nothing" in course.share(stop=True)
    assert list(to.iterdir()) == []
    journal.record("check", "01.1", status="not yet")
    assert "You share nothing" in course.share(stop=True)
    course.share(to, "B", yes=True)
    assert tries(to / "B.jsonl") == 4 and len(list(to.iterdir())) == 1


def test_a_kernel_that_is_slow_does_not_put_back_what_is_older(own, to, monkeypatch):
    course.share(to, "A", yes=True)
    write, row = room.write_whole, []

    def slow(*args):
        if not row:  # meanwhile another kernel has checked, and shared that
            row.append(next((own / journal.FOLDER).glob("*.jsonl")).read_text("ascii"))
            other = row[0].replace('"session": "', '"session": "other-')
            (own / journal.FOLDER / "other.jsonl").write_text(other, encoding="ascii")
        write(*args)

    monkeypatch.setattr(room, "write_whole", slow)
    journal.record("check", "01.1", status="not yet")
    assert soon(lambda: tries(to / "A.jsonl") == 2)


def test_the_last_check_of_a_notebook_is_shared_and_leaves_nothing_beside(own, to):
    course.share(to, "A", yes=True)
    last = (
        "from course.exercises.journal import record; record('check', '01.1', status='passed')"
    )
    subprocess.run([sys.executable, "-c", last], check=True)
    assert tries(to / "A.jsonl") == 1 and os.listdir(to) == ["A.jsonl"]
    (to / ".A.jsonl.999999999-0f0f.part").write_text("half of it, from a kill", "utf-8")
    course.share(stop=True)
    assert os.listdir(to) == []


def test_a_file_that_was_deleted_by_hand_does_not_come_back(own, to):
    course.share(to, "A", yes=True)
    (to / "A.jsonl").unlink()
    journal.record("check", "01.1", status="passed")
    assert soon(lambda: "was deleted" in room._job["trouble"])
    assert os.listdir(to) == []
    with pytest.raises(course.CourseError, match="was deleted"):
        course.share(to)
    assert "You share nothing" in course.share(stop=True)


def test_a_stop_while_it_is_written_leaves_nothing(own, to, monkeypatch):
    course.share(to, "A", yes=True)
    write = room.write_whole

    def late(*args):
        course.share(stop=True)
        write(*args)

    monkeypatch.setattr(room, "write_whole", late)
    journal.record("check", "01.1", status="passed")
    assert soon(lambda: not room._job["since"] and not room._due.is_set())
    assert list(to.iterdir()) == []


def test_a_folder_that_is_gone_is_said_once_and_caught_up(own, to):
    course.share(to, "A", yes=True)
    away = to.rename(to.with_name("away"))
    said = []
    for _ in range(4):
        said += journal.record("check", "01.1", status="not yet")
        assert soon(lambda: room._job["trouble"])
    (words,) = said
    assert "No such file" in words and "Your own progress is kept" in words
    assert journal.entries()["01.1"].tries == 4
    away.rename(to)
    journal.record("check", "01.1", status="not yet")
    assert soon(lambda: tries(to / "A.jsonl") == 5)
    assert soon(lambda: not room._job["trouble"])
    assert journal.record("check", "01.1", status="not yet") == ()


def test_a_full_disk_spoils_no_check(own, to, monkeypatch):
    course.share(to, "A", yes=True)

    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(room, "write_whole", full)
    told = journal.record("check", "01.1", status="not yet")
    assert soon(lambda: room._job["trouble"])
    told += journal.record("check", "01.1", status="passed")
    assert len(told) == 1 and "No space left" in told[0]  # once, however fast it is
    assert journal.entries()["01.1"].status == "passed" and journal.notes() == ()
    monkeypatch.undo()


def test_a_disk_that_hangs_delays_no_check(own, to, monkeypatch):
    course.share(to, "A", yes=True)
    freed, write, began = threading.Event(), room.write_whole, threading.Event()

    def hangs(*args):
        began.set()
        assert freed.wait(600)
        write(*args)

    monkeypatch.setattr(room, "write_whole", hangs)
    assert journal.record("check", "01.1", status="not yet") == ()  # would wait ten minutes
    assert began.wait(600)
    later = time.monotonic() + 31
    monkeypatch.setattr(room.time, "monotonic", lambda: later)
    said = [*journal.record("check", "01.1", status="not yet"),
            *journal.record("check", "01.1", status="not yet")]  # fmt: skip
    assert len(said) == 1 and "does not answer" in said[0]
    freed.set()
    assert soon(lambda: tries(to / "A.jsonl") == 3)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=62) | st.sampled_from(["哈尔滨 同学", "Мөнх-Эрдэнэ", "O'Neil & Co"]))
def test_any_name_is_that_of_a_file_there_or_gets_a_sentence(own, to, name):
    try:
        course.share(to, name, yes=True)
        assert os.listdir(to) == [f"{name.strip() or own.name}.jsonl"]
    except course.CourseError as refused:
        assert "--as NAME" in str(refused) and re.search(r"\W|\w{60}", name)
    course.share(stop=True)
    assert os.listdir(to) == [] and sorted(os.listdir(to.parent)) == [to.name, own.name]


@pytest.mark.parametrize("name", ["../up", "a/b", "a\\b", ".hidden", "x" * 61, "C:", "a\nb"])
def test_what_is_no_name_is_said(own, to, name):
    with pytest.raises(course.CourseError, match="--as NAME"):
        course.share(to, name, yes=True)
    assert list(to.iterdir()) == list(own.iterdir()) == []


def test_a_folder_that_says_nothing_is_no_name(tmp_path, to, monkeypatch):
    (tmp_path / "amur-course").mkdir()
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "amur-course"))
    with pytest.raises(course.CourseError, match="Give your file a name: .* --as NAME"):
        course.share(to, yes=True)
    monkeypatch.setenv("JUPYTERHUB_USER", "student007")  # on a hub the account has one
    assert "student007.jsonl" in course.share(to, yes=True)


def test_nobody_elses_file_is_replaced(own, to, tmp_path, monkeypatch):
    (to / "Anna.jsonl").write_text("of another Anna", encoding="utf-8")
    with pytest.raises(course.CourseError, match="another folder or --as NAME"):
        course.share(to, "Anna", yes=True)
    assert (to / "Anna.jsonl").read_text(encoding="utf-8") == "of another Anna"
    assert "You share nothing" in course.share()
    course.share(to, "Anna B", yes=True)
    assert "Anna B.jsonl" in course.share(to)  # the name need not be said again
    with pytest.raises(course.CourseError, match="--stop` first"):
        course.share(to, "Anna C", yes=True)


def test_what_is_no_place_is_said(own, to):
    (own / journal.FOLDER).mkdir()
    (to / "file").write_text("x", encoding="utf-8")
    for place in (own, own / journal.FOLDER, to / "nowhere", to / "file"):
        with pytest.raises(course.CourseError, match="share with your teacher"):
            course.share(place, "A", yes=True)
    assert list((own / journal.FOLDER).iterdir()) == []


def test_a_file_that_cannot_be_deleted_is_named(own, to):
    course.share(to, "A", yes=True)
    (to / "A.jsonl").unlink()
    to.rmdir()
    with pytest.raises(course.CourseError, match=r"A\.jsonl is renewed no more.*yourself"):
        course.share(stop=True)
    assert "You share nothing" in course.share()


def test_the_command_from_the_folder_of_the_copies_and_from_elsewhere(
    own, to, tmp_path, monkeypatch, capsys
):
    monkeypatch.delenv("COURSE_FOLDER")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["share", str(to), "--as", "A", "--yes"]) == 2
    assert "Go to the folder" in capsys.readouterr().err
    assert not Path("amur-course").exists()
    monkeypatch.delenv("COURSE_FOLDER")
    (own / "00_start_here.ipynb").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(own)
    assert cli.main(["share", str(to), "--as", "A", "--yes"]) == 0
    assert os.listdir(to) == ["A.jsonl"]
    assert cli.main(["share"]) == 0 and "A.jsonl" in capsys.readouterr().out
    assert cli.main(["share", "--stop"]) == 0 and os.listdir(to) == []
    monkeypatch.delenv("COURSE_FOLDER")
    (own / "00_start_here.ipynb").unlink()  # `course reset 03` alone made this folder
    (own / journal.FOLDER).mkdir(exist_ok=True)
    assert cli.main(["share", str(to), "--as", "A", "--yes"]) == 0


def test_a_copy_of_a_folder_shares_nothing(own, to, tmp_path, monkeypatch):
    course.share(to, "A", yes=True)
    shutil.copytree(own, tmp_path / "copy")
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "copy"))
    assert "You share nothing" in course.share()
    journal.record("check", "01.1", status="passed")
    assert soon(lambda: not room._job["since"] and not room._due.is_set())
    assert tries(to / "A.jsonl") == 0


@pytest.mark.skipif(os.name == "nt", reason="an open folder is not renamed")
def test_a_renamed_folder_goes_on_sharing_and_can_stop(own, to, tmp_path, monkeypatch):
    course.share(to, "A", yes=True)
    shutil.copytree(own, tmp_path / "copy")
    own.rename(tmp_path / "new name")
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "copy"))
    assert "You share nothing" in course.share()
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "new name"))
    journal.record("check", "01.1", status="passed")
    assert soon(lambda: tries(to / "A.jsonl") == 1)
    assert "You share nothing" in course.share(stop=True) and os.listdir(to) == []


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_a_link_that_somebody_put_there_is_not_followed(own, to, tmp_path):
    course.share(to, "A", yes=True)
    (tmp_path / "thesis").write_text("years of work", encoding="utf-8")
    (to / "A.jsonl").unlink()
    (to / "A.jsonl").symlink_to(tmp_path / "thesis")
    journal.record("check", "01.1", status="passed")
    assert soon(lambda: "link" in room._job["trouble"])
    assert (tmp_path / "thesis").read_text(encoding="utf-8") == "years of work"
