"""The student's copies of the lessons: never lost, never overwritten. Cases are numbered."""

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from course import CourseError, __version__
from course.start import copies

OLD = Path(__file__).parents[1] / "fixtures" / "folder_2026_11_0"
NAMES = ["00_start_here.ipynb", "01_one.ipynb", "02_two.ipynb"]
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")


def put(path: Path, *texts: str, **metadata) -> None:
    """Write a notebook with a cell for each text."""
    cells = [
        {
            "id": f"{path.stem[:2]}-{n}",
            "cell_type": "markdown",
            "metadata": {"x": n},
            "source": [text],
        }
        for n, text in enumerate(texts)
    ]
    book = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(book, ensure_ascii=False), encoding="utf-8")


def edit(path: Path, change) -> None:
    """Change a notebook as a program would that knows nothing of the course."""
    book = json.loads(path.read_text(encoding="utf-8"))
    change(book)
    path.write_text(json.dumps(book), encoding="utf-8")


def say(text: str, cell: int = 0):
    """Return a change: a cell says something else."""
    return lambda book: book["cells"][cell].update(source=[text])


def snapshot(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, to the byte."""
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def states(folder: Path) -> list[str]:
    """Copy; what is said of each lesson."""
    return [*copies.copy_lessons(folder).values()]


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    """A course of three lessons, the words in three scripts."""
    folder = tmp_path / "course"
    folder.mkdir()
    for name, text in zip(NAMES, ("Start", "Амур", "黑龙江"), strict=True):
        put(folder / name, f"{text}\nsecond line", "same", course={"id": name[:2]})
    monkeypatch.setattr(copies, "lessons_dir", lambda: folder)
    return folder


@pytest.fixture
def mine(tmp_path):
    """An empty folder of a student."""
    folder = tmp_path / "мои 课"
    folder.mkdir()
    return folder


@pytest.fixture
def copied(lessons, mine):
    """The folder after the first start."""
    assert states(mine) == ["added"] * 3
    return mine


@pytest.fixture(params=["links", "no links"])
def disk(request, monkeypatch):
    """A disk, and a memory stick that knows no links."""

    def refuse(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    if request.param == "no links":
        monkeypatch.setattr(os, "link", refuse)


# --- copying ----------------------------------------------------------------


def test_01_a_copy_is_the_lesson_and_its_stamps(copied, lessons):
    for name in NAMES:
        copy = nbformat.read(copied / name, as_version=4)
        nbformat.validate(copy)
        stamp = copy["metadata"].pop("course_copy")
        assert (stamp["lesson"], stamp["version"]) == (name[:2], __version__)
        assert stamp["file"] == name and [*stamp["cells"]] == [c["id"] for c in copy["cells"]]
        for cell in copy["cells"]:
            assert cell["metadata"].pop("course")["cell"] == cell["id"]
        assert copy == nbformat.read(lessons / name, as_version=4)


def test_02_the_second_time_changes_nothing(copied):
    edit(copied / NAMES[1], say("my own words"))  # an edit of theirs is no news
    (copied / "notes.txt").write_text("mine", encoding="utf-8")
    before = snapshot(copied)
    done = copies.copy_lessons(copied)
    assert set(done.values()) == {"kept"} and snapshot(copied) == before
    assert copies.report(copied, done)[1:] == ["Everything is as you left it."]


def test_03_a_lesson_that_is_new_or_renamed_is_added(copied, lessons):
    put(lessons / "03_three.ipynb", "new")
    (copied / NAMES[1]).rename(copied / "01_mine.ipynb")
    done = copies.copy_lessons(copied)
    assert [*done.values()] == ["kept", "added", "kept", "added"]
    new = f"New in your folder: {NAMES[1]}, 03_three.ipynb."
    assert copies.report(copied, done)[1:] == [new]


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (lambda book: None, "updated"),
        (say("mine", 1), "updated"),
        (lambda book: book["cells"].append({"cell_type": "raw", "source": "x"}), "updated"),
        (lambda book: book["metadata"].pop("course_copy"), "kept"),
    ],
)
def test_04_a_lesson_changed_by_the_course_is_left_alone(copied, lessons, change, state):
    edit(copied / NAMES[1], change)
    before = snapshot(copied)
    if state != "kept":
        put(lessons / NAMES[1], "second edition", "same", course={"id": "01"})
    done = copies.copy_lessons(copied)
    assert snapshot(copied) == before and done[NAMES[1]] == state
    report = copies.report(copied, done)
    assert ("course update" in report[-1]) is (state != "kept")
    said = [line for line in report if NAMES[1] in line]
    assert len(said) == (state != "kept")


@pytest.mark.parametrize("text", ["Амур\nsecond line", "mine"])
def test_05_a_copy_without_stamps_is_no_other_version(lessons, mine, text):
    put(mine / NAMES[1], text)  # handed out by a teacher, or stripped by a tool
    assert states(mine) == ["added", "kept", "added"]


def test_05b_a_copy_that_may_not_be_read_is_left_alone(copied, monkeypatch):
    real = Path.read_bytes

    def read(path):
        if path == copied / NAMES[1]:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    assert states(copied) == ["kept", "unreadable", "kept"]


@pytest.mark.parametrize(
    "damage", [b"", b'{"cells": [', b"[1]", b"\xff\xfe", b'{"cells": [1]}']
)
def test_06_a_damaged_copy_is_left_alone(copied, damage):
    (copied / NAMES[1]).write_bytes(damage)
    done = copies.copy_lessons(copied)
    assert (copied / NAMES[1]).read_bytes() == damage
    assert done[NAMES[1]] == "unreadable"
    assert "left alone" in "\n".join(copies.report(copied, done))


@POSIX
def test_07_a_link_that_leads_nowhere_is_not_followed(lessons, mine, tmp_path):
    (mine / NAMES[1]).symlink_to(tmp_path / "nowhere.ipynb")
    assert states(mine) == ["added", "unreadable", "added"]
    assert not (tmp_path / "nowhere.ipynb").exists()


def test_08_a_file_made_in_the_last_moment_wins(lessons, mine, monkeypatch, disk):
    real = os.fsync

    def late(handle):
        real(handle)
        if (mine / NAMES[0]).exists():
            (mine / NAMES[1]).write_text("theirs", encoding="utf-8")

    monkeypatch.setattr(os, "fsync", late)
    assert states(mine) == ["added", "unreadable", "added"]
    assert (mine / NAMES[1]).read_text(encoding="utf-8") == "theirs"
    assert sorted(snapshot(mine)) == NAMES


def test_09_a_full_disk_leaves_nothing_half_written(lessons, mine, monkeypatch, disk):
    real = os.fsync

    def full(handle):
        if (mine / NAMES[0]).exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CourseError, match="No space left.*or disk: course start FOLDER"):
        copies.copy_lessons(mine)
    assert list(snapshot(mine)) == [NAMES[0]]
    monkeypatch.setattr(os, "fsync", real)
    assert states(mine) == ["kept", "added", "added"]


@POSIX
def test_10_killed_at_any_point(tmp_path):
    """The real lessons, a process killed; whole or not there, and in the end no litter."""
    code = "import sys; from pathlib import Path; from course.start import copies; print('go', "
    code += "flush=True); copies.copy_lessons(Path(sys.argv[1]))"
    chance, met = random.Random(7), set()
    for n in range(12):
        folder = tmp_path / str(n)
        folder.mkdir()
        process = subprocess.Popen([sys.executable, "-c", code, folder], stdout=-1, text=True)
        process.stdout.readline()
        while n % 4 and process.poll() is None and not any(folder.iterdir()):
            pass  # most kills meet a copy, on a slow machine too
        time.sleep(chance.uniform(0, 0.06))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        for file in folder.glob("[0-9]*"):
            nbformat.validate(nbformat.read(file, as_version=4))
        met |= {"part" in file.name for file in folder.iterdir()}
        copies.copy_lessons(folder)
        assert sorted(snapshot(folder)) == [lesson.name for lesson in copies.lessons()]
    assert met, "no kill met a copy"


def test_11_what_killed_starts_of_2026_11_0_left_is_swept(copied):
    for name in (f".{NAMES[1]}.0a1b2c3d.copying", ".my.copying"):
        (copied / name).write_text("half", encoding="utf-8")
    copies.copy_lessons(copied)
    assert sorted(snapshot(copied)) == [".my.copying", *NAMES]


def test_12_two_at_once_copy_each_lesson_once(tmp_path):
    for n in range(5):
        folder = tmp_path / str(n)
        folder.mkdir()
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(copies.copy_lessons, [folder] * 4))
        for name in done[0]:
            assert sorted(d[name] for d in done) == ["added", "kept", "kept", "kept"]
        assert sorted(snapshot(folder)) == sorted(done[0])


@pytest.mark.parametrize("damage", [lambda p: p.write_text("{", encoding="utf-8"), Path.unlink])
def test_13_a_damaged_course_sends_to_the_doctor(lessons, mine, damage):
    damage(lessons / NAMES[0])
    with pytest.raises(CourseError, match=f"{NAMES[0]}.*course doctor"):
        copies.copy_lessons(mine)


# --- older copies -------------------------------------------------------------


def test_15_a_folder_of_the_last_release_stays_as_it_is(tmp_path):
    folder = shutil.copytree(OLD, tmp_path / "old")
    before = snapshot(folder)
    done = copies.copy_lessons(folder)
    assert snapshot(folder).items() >= before.items()
    found = {name[:2]: state for name, state in done.items()}
    assert (found["01"], found["02"], found["06"]) == ("updated",) * 3


# --- the folder ---------------------------------------------------------------


def test_18_the_default_folder(copied, mine, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert copies.find_folder(None) == tmp_path / "amur-course"
    assert not (tmp_path / "amur-course").exists()
    assert copies.make_folder(None).is_dir()
    monkeypatch.chdir(copied)  # inside your copies they are opened
    assert copies.make_folder(None) == copied
    # the same command said once more makes no course in the course
    assert copies.make_folder(Path(copied.name)) == copied
    assert copies.make_folder(Path("other")) == copied / "other"


def test_19_the_originals_are_no_working_copy(lessons, monkeypatch):
    before = snapshot(lessons)
    with pytest.raises(CourseError, match="own lessons.*course start FOLDER"):
        copies.make_folder(lessons)
    assert snapshot(lessons) == before
    monkeypatch.chdir(lessons)
    assert copies.find_folder(None) == lessons / "amur-course"


@POSIX
@pytest.mark.parametrize(
    "odd",
    ["essay", "essay/below", "x" * 300, "ring", "ring/x", "~no-such-user/x", "a\0b", "/proc/x"],
)
def test_20_an_odd_path_is_a_sentence(mine, monkeypatch, odd):
    (mine / "essay").write_text("text", encoding="utf-8")
    (mine / "ring").symlink_to(mine / "ring")
    monkeypatch.chdir(mine)
    before = sorted(os.listdir(mine))
    with pytest.raises(CourseError, match=r"cannot be used: .*[^.]\. .*course start FOLDER"):
        copies.make_folder(Path(odd))
    assert sorted(os.listdir(mine)) == before


@POSIX
def test_21_a_place_that_is_gone_or_takes_no_files(mine, monkeypatch):
    monkeypatch.chdir(mine)
    mine.chmod(0o555)
    if os.geteuid():  # root may write anywhere
        with pytest.raises(CourseError, match="Permission denied"):
            copies.make_folder(mine)
    mine.rmdir()
    with pytest.raises(CourseError, match="cannot be used"):
        copies.make_folder(None)


# --- one lesson anew -----------------------------------------------------------


@pytest.mark.parametrize("number", ["01", "1", "01_one", "01_one.ipynb"])
def test_22_one_lesson_anew_keeps_what_was_there(copied, number):
    edit(copied / NAMES[1], say("my work"))
    edit(copied / NAMES[2], say("my work"))
    before = snapshot(copied)
    (copied / NAMES[0]).unlink()
    fresh, old = copies.reset_lesson(number, copied)
    after = snapshot(copied)
    assert fresh.name == NAMES[1] and "my work" not in fresh.read_text(encoding="utf-8")
    assert after[old.name] == before[NAMES[1]]
    assert after[NAMES[2]] == before[NAMES[2]] and NAMES[0] not in after
    assert old.stem.startswith("01_one_until_2")
    old.rename(copied / "elsewhere.ipynb")
    assert copies.reset_lesson(number, copied)[1], "an untouched copy is kept too"


def test_23_two_at_once_keep_both(copied):
    (copied / NAMES[1]).write_text("my work", encoding="utf-8")
    kept = [copies.reset_lesson("01", copied)[1] for _ in range(20)]
    assert kept[0].read_text(encoding="utf-8") == "my work"
    assert len(set(kept)) == 20 and all(path.is_file() for path in kept)


@pytest.mark.parametrize("number", ["77", "", "lesson", "012", "None"])
def test_23_no_such_lesson(copied, number):
    before = snapshot(copied)
    with pytest.raises(CourseError, match=r"no lesson .* 00, 01, 02"):
        copies.reset_lesson(number, copied)
    assert snapshot(copied) == before


def test_24_one_lesson_anew_on_a_full_disk(copied, monkeypatch):
    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    before = snapshot(copied)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CourseError, match="No space left"):
        copies.reset_lesson("01", copied)
    assert snapshot(copied) == before
