"""The student's copies of the lessons: never lost, never overwritten."""

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from course.start import copies

LESSONS = ("00_start_here.ipynb", "01_one.ipynb", "02_two.ipynb")
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")


def notebook(text: str) -> dict:
    """A minimal notebook that says ``text``."""
    cell = {"id": "a", "cell_type": "markdown", "metadata": {}, "source": [text]}
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def put(path: Path, content: dict) -> None:
    """Write a notebook."""
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    """A course of three lessons, the words in three scripts."""
    folder = tmp_path / "course"
    folder.mkdir()
    for name, text in zip(LESSONS, ("Start", "Амур", "黑龙江"), strict=True):
        put(folder / name, notebook(text))
    monkeypatch.setattr(copies, "lessons_dir", lambda: folder)
    return folder


@pytest.fixture
def mine(tmp_path):
    """An empty folder of a student."""
    folder = tmp_path / "мои 课"
    folder.mkdir()
    return folder


def snapshot(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, to the byte."""
    return {p.name: p.read_bytes() for p in folder.iterdir()}


# --- copies -----------------------------------------------------------------


def test_the_originals_are_left_alone(lessons):
    before = snapshot(lessons)
    with pytest.raises(copies.StartError, match="stay as they are. Name another folder"):
        copies.choose_folder(lessons)
    assert snapshot(lessons) == before


def test_first_time_copies_every_lesson(lessons, mine):
    done = copies.copy_lessons(mine)
    assert tuple(done.added) == LESSONS
    assert sorted(p.name for p in mine.iterdir()) == list(LESSONS)
    copied = json.loads((mine / LESSONS[2]).read_text(encoding="utf-8"))
    assert copied["cells"] == notebook("黑龙江")["cells"]
    assert copies.STAMP in copied["metadata"]
    assert "3 lessons copied" in "\n".join(copies.report(mine, done))


def test_second_time_changes_nothing(lessons, mine):
    copies.copy_lessons(mine)
    before = snapshot(mine)
    done = copies.copy_lessons(mine)
    assert snapshot(mine) == before
    assert done == copies.Copies(kept=list(LESSONS))
    assert copies.report(mine, done)[1:] == ["Everything is as you left it."]


def test_edited_copies_and_other_files_survive(lessons, mine):
    copies.copy_lessons(mine)
    edited = json.loads((mine / LESSONS[1]).read_text(encoding="utf-8"))
    edited["cells"][0]["source"] = ["my own words"]
    put(mine / LESSONS[1], edited)
    (mine / "notes.txt").write_text("mine", encoding="utf-8")
    before = snapshot(mine)
    done = copies.copy_lessons(mine)
    assert snapshot(mine) == before
    assert done.newer == []  # an edit of theirs is no news from the course


def test_lesson_added_to_the_course_is_added_and_said(lessons, mine):
    copies.copy_lessons(mine)
    put(lessons / "03_three.ipynb", notebook("new"))
    done = copies.copy_lessons(mine)
    assert done.added == ["03_three.ipynb"]
    assert "New in your folder: 03_three.ipynb." in copies.report(mine, done)


def test_lesson_changed_by_the_course_is_left_alone_and_listed(lessons, mine):
    copies.copy_lessons(mine)
    before = snapshot(mine)
    put(lessons / LESSONS[1], notebook("Амур, second edition"))
    done = copies.copy_lessons(mine)
    assert snapshot(mine) == before
    assert done.newer == [LESSONS[1]]
    said = [line for line in copies.report(mine, done) if LESSONS[1] in line]
    assert len(said) == 1 and "stays as it is" in said[0]


def test_renaming_the_copy_brings_the_new_lesson(lessons, mine):
    copies.copy_lessons(mine)
    put(lessons / LESSONS[1], notebook("second edition"))
    (mine / LESSONS[1]).rename(mine / "01_one_mine.ipynb")
    assert copies.copy_lessons(mine).added == [LESSONS[1]]
    assert (mine / "01_one_mine.ipynb").exists()


def test_copy_handed_out_by_hand_is_recognised(lessons, mine):
    for name in LESSONS:
        shutil.copy(lessons / name, mine)
    given = json.loads((mine / LESSONS[0]).read_text(encoding="utf-8"))
    given["metadata"]["widgets"] = {}  # saved by JupyterLab, nothing else
    put(mine / LESSONS[0], given)
    assert copies.copy_lessons(mine) == copies.Copies(kept=list(LESSONS))


@pytest.mark.parametrize("damage", [b"", b'{"cells": [', b"[1]", b"\xff\xfe", b"{}"])
def test_damaged_copy_is_left_alone_and_said(lessons, mine, damage):
    copies.copy_lessons(mine)
    (mine / LESSONS[1]).write_bytes(damage)
    done = copies.copy_lessons(mine)
    assert (mine / LESSONS[1]).read_bytes() == damage
    assert done.unreadable == [LESSONS[1]]
    assert "left alone" in "\n".join(copies.report(mine, done))


@POSIX
def test_dangling_link_is_not_followed(lessons, mine, tmp_path):
    (mine / LESSONS[1]).symlink_to(tmp_path / "nowhere.ipynb")
    assert LESSONS[1] in copies.copy_lessons(mine).kept
    assert not (tmp_path / "nowhere.ipynb").exists()


def test_file_made_in_the_last_moment_wins(lessons, mine, monkeypatch):
    real = os.link

    def late(source, target):
        if Path(target).name == LESSONS[1]:
            Path(target).write_text("theirs", encoding="utf-8")
        real(source, target)

    monkeypatch.setattr(os, "link", late)
    done = copies.copy_lessons(mine)
    assert (mine / LESSONS[1]).read_text(encoding="utf-8") == "theirs"
    assert LESSONS[1] in done.kept
    assert len(list(mine.iterdir())) == 3


# EINVAL: Windows' "Incorrect function" (WinError 1) of exFAT sticks and mapped shares
@pytest.mark.parametrize("code", [errno.EPERM, errno.EINVAL, errno.ENOTSUP])
def test_disk_without_links_works_and_never_overwrites(lessons, mine, monkeypatch, code):
    def no_links(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", no_links)
    (mine / LESSONS[1]).write_text("theirs", encoding="utf-8")
    assert copies.copy_lessons(mine).added == [LESSONS[0], LESSONS[2]]
    assert (mine / LESSONS[1]).read_text(encoding="utf-8") == "theirs"
    assert len(list(mine.iterdir())) == 3


@pytest.mark.parametrize("links", [True, False])
def test_full_disk_leaves_nothing_half_written(lessons, mine, monkeypatch, links):
    real, calls = os.fsync, []

    def full(handle):
        calls.append(handle)
        if len(calls) > 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    def no_links(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fsync", full)
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    put(lessons / "03_three.ipynb", notebook("more"))
    with pytest.raises(copies.StartError, match="disk is full.*course start FOLDER"):
        copies.copy_lessons(mine)
    for path in mine.iterdir():
        json.loads(path.read_text(encoding="utf-8"))  # whole, or not there
    assert not list(mine.glob(".*"))
    monkeypatch.setattr(os, "fsync", real)
    copies.copy_lessons(mine)
    assert len(list(mine.iterdir())) == 4


def test_course_without_lessons_or_with_a_damaged_one(lessons, mine):
    (lessons / LESSONS[1]).write_text("{", encoding="utf-8")
    with pytest.raises(copies.StartError, match=f"{LESSONS[1]}.*course doctor"):
        copies.copy_lessons(mine)
    for name in LESSONS:
        (lessons / name).unlink()
    with pytest.raises(copies.StartError, match="course doctor"):
        copies.copy_lessons(mine)


# --- the folder -------------------------------------------------------------


def test_default_folder_is_made_where_you_are(lessons, mine, monkeypatch):
    monkeypatch.chdir(mine)
    folder = copies.choose_folder(None)
    assert folder == mine / "amur-course" and folder.is_dir()


def test_inside_your_copies_they_are_opened(lessons, mine, monkeypatch):
    copies.copy_lessons(mine)
    monkeypatch.chdir(mine)
    assert copies.choose_folder(None) == mine


def test_the_courses_own_lessons_are_not_a_working_copy(lessons, monkeypatch):
    with pytest.raises(copies.StartError, match="own lessons"):
        copies.choose_folder(lessons)
    monkeypatch.chdir(lessons)
    assert copies.choose_folder(None) == lessons / "amur-course"


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_folder_is_a_file(lessons, mine, below):
    (mine / "essay").write_text("text", encoding="utf-8")
    with pytest.raises(copies.StartError, match="is a file.*course start FOLDER"):
        copies.choose_folder(mine / "essay" / below)
    assert (mine / "essay").read_text(encoding="utf-8") == "text"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "may not write"),
        (errno.EROFS, "may not write"),
        (errno.ENOSPC, "disk is full"),
        (errno.EIO, "cannot be written"),
    ],
)
def test_folder_that_takes_no_files(lessons, mine, monkeypatch, number, words):
    def refuse(**_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(copies.tempfile, "TemporaryFile", refuse)
    with pytest.raises(copies.StartError, match=f"{words}.*course start FOLDER"):
        copies.choose_folder(mine)


@POSIX
@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may write anywhere")
def test_read_only_folder_for_real(lessons, mine):
    mine.chmod(0o555)
    try:
        with pytest.raises(copies.StartError, match="may not write"):
            copies.choose_folder(mine)
    finally:
        mine.chmod(0o755)
