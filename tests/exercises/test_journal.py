"""Progress survives damage, full disks, and several notebooks at once."""

import errno
import json
import multiprocessing
import os
import re
import time

import pytest

import course.exercises.journal as module
from course.exercises.journal import NAME, Change, ProgressFile


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    return tmp_path


def saved(folder):
    return json.loads((folder / NAME).read_text(encoding="utf-8"))["exercises"]


def test_an_entry_says_what_happened(folder):
    file = ProgressFile()
    assert file.record(Change("01.1", "not yet", time="2026-01-01T00:00:00Z")) == ()
    file.record(Change("01.1", hints=2))
    file.record(Change("01.1", "passed"))
    file.record(Change("01.1", "not yet", time="2026-01-02T00:00:00Z"))
    assert saved(folder) == {
        "01.1": {
            "status": "passed",
            "tries": 2,
            "hints": 2,
            "first": "2026-01-01T00:00:00Z",
            "last": "2026-01-02T00:00:00Z",
        }
    }
    assert ProgressFile().entries() == saved(folder)


def test_untouched_starters_are_no_tries(folder):
    ProgressFile().record(Change("01.1", "not attempted"))
    entry = saved(folder)["01.1"]
    assert (entry["status"], entry["tries"]) == ("not attempted", 0)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry["first"])


def test_every_text_is_kept_once(folder):
    file = ProgressFile()
    for text in ("first", "второй", "first", "第三 \ud800"):
        file.record(Change("01.9", "not yet", text=text))
    texts = [kept["text"] for kept in saved(folder)["01.9"]["texts"]]
    assert texts == ["first", "второй", "第三 ?"]


def test_nothing_but_the_file_and_its_lock_is_left(folder):
    ProgressFile().record(Change("01.1", "passed"))
    assert {p.name for p in folder.iterdir()} == {NAME, ".course_progress.lock"}


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such modes")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o007, 0o660), (0o077, 0o600)])
def test_who_may_read_it_is_left_to_the_umask(folder, mask, mode):
    before = os.umask(mask)
    try:
        ProgressFile().record(Change("01.1", "passed"))
        assert (folder / NAME).stat().st_mode & 0o777 == mode
        ProgressFile().record(Change("01.2", "passed"))
        assert (folder / NAME).stat().st_mode & 0o777 == mode
    finally:
        os.umask(before)


def test_with_nothing_to_save_nothing_is_written(folder, monkeypatch):
    file = ProgressFile()
    assert file.save() == () and list(folder.iterdir()) == []
    file.record(Change("01.1", "passed"))
    with monkeypatch.context() as patch:
        patch.setattr(module, "_replace", full)
        assert file.save() == ()
    (folder / NAME).write_text("{", encoding="utf-8")
    assert "damaged" in file.save()[0]  # what is damaged is said all the same


def test_what_others_wrote_stays(folder):
    (folder / NAME).write_text(
        '{"format": 1, "by": "a newer version", "exercises": {"07.1": {"x": 1}}}',
        encoding="utf-8",
    )
    ProgressFile().record(Change("01.1", "passed"))
    content = json.loads((folder / NAME).read_text(encoding="utf-8"))
    assert content["by"] == "a newer version"
    assert content["exercises"]["07.1"] == {"x": 1}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b'{"exercises": []}', b'{"exercises": {"01.1": 5}}',
        b"\xff\xfe\x00", b'{"exercises": {"01.1": {"status": "won"}}}', b"[" * 100_000,
        b'{"exercises": {"01.1": {"texts": 3}}}', b'{"exercises": {"01.1": {"status": []}}}',
    ],
)  # fmt: skip
def test_a_damaged_file_is_set_aside(folder, content):
    (folder / NAME).write_bytes(content)
    notes = ProgressFile().record(Change("01.1", "passed"))
    aside = [p for p in folder.iterdir() if "damaged" in p.name]
    assert len(aside) == 1 and aside[0].read_bytes() == content
    assert re.fullmatch(r"course_progress\.damaged-[\dTZ]+\.json", aside[0].name)
    assert "damaged" in notes[0] and aside[0].name in notes[0]
    assert saved(folder)["01.1"]["status"] == "passed"
    assert ProgressFile().entries()["01.1"]["status"] == "passed"


def full(*args, **kwargs):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("name", ["fsync", "replace", "open"])
def test_a_full_disk_is_told_once_and_made_good(folder, monkeypatch, name):
    file = ProgressFile()
    file.record(Change("01.1", "passed"))
    before = (folder / NAME).read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, name, full)
        notes = file.record(Change("01.2", "passed"))
        assert len(notes) == 1 and "No space left" in notes[0]
        assert file.record(Change("01.3", "not yet")) == ()
        assert file.entries()["01.2"]["status"] == "passed"
    assert (folder / NAME).read_bytes() == before
    assert [p.name for p in folder.iterdir() if p.suffix == ".tmp"] == []
    assert file.record(Change("01.4", "passed")) == ()
    assert set(saved(folder)) == {"01.1", "01.2", "01.3", "01.4"}
    monkeypatch.setattr(os, name, full)
    assert file.record(Change("01.5", "passed"))  # trouble again: said again


def test_a_folder_that_is_gone_is_told(folder, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(folder / "gone"))
    file = ProgressFile()
    assert "could not be saved" in file.record(Change("01.1", "passed"))[0]
    assert file.entries()["01.1"]["status"] == "passed"
    (folder / "gone").mkdir()
    assert file.save() == ()
    assert saved(folder / "gone")["01.1"]["tries"] == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_told(folder):
    folder.chmod(0o500)
    try:
        assert "Permission denied" in ProgressFile().record(Change("01.1", "passed"))[0]
    finally:
        folder.chmod(0o700)


def test_a_folder_in_place_of_the_file_is_told(folder):
    (folder / NAME).mkdir()
    assert "could not be saved" in ProgressFile().record(Change("01.1", "passed"))[0]


def test_a_missing_working_directory_is_told(monkeypatch):
    def gone():
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    monkeypatch.setattr(module, "student_dir", gone)
    file = ProgressFile()
    assert "could not be saved" in file.record(Change("01.1", "passed"))[0]
    assert file.entries()["01.1"]["status"] == "passed"


def write_many(folder, kernel, count):
    os.environ["COURSE_FOLDER"] = folder
    module.PATIENCE = 60.0  # a slow machine must not fail this test
    file = ProgressFile()
    for number in range(count):
        assert file.record(Change(f"{kernel:02}.{number}", "passed", text=f"{number}")) == ()
        file.record(Change("00.1", "not yet"))


def test_kernels_writing_at_once_lose_nothing(folder):
    context = multiprocessing.get_context("spawn")
    kernels = [
        context.Process(target=write_many, args=(str(folder), k, 25)) for k in range(1, 5)
    ]
    for kernel in kernels:
        kernel.start()
    for kernel in kernels:
        kernel.join(120)
        assert kernel.exitcode == 0
    entries = saved(folder)
    assert len(entries) == 4 * 25 + 1
    assert entries["00.1"]["tries"] == 4 * 25


def hold(folder, ready):
    os.environ["COURSE_FOLDER"] = folder
    with module._locked(ProgressFile().path()):
        ready.set()
        time.sleep(600)


def test_a_lock_held_by_another_kernel_never_hangs(folder, monkeypatch):
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    other = context.Process(target=hold, args=(str(folder), ready), daemon=True)
    other.start()
    try:
        assert ready.wait(60)
        monkeypatch.setattr(module, "PATIENCE", 0.2)
        file = ProgressFile()
        began = time.monotonic()
        assert "another notebook" in file.record(Change("01.1", "passed"))[0]
        assert time.monotonic() - began < 2
    finally:
        other.kill()
        other.join(30)
    # the lock died with its process, although the lock file is still there
    assert file.record(Change("01.2", "passed")) == ()
    assert set(saved(folder)) == {"01.1", "01.2"}


def test_a_disk_without_locks_will_do(folder, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def unsupported(*_):
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    assert ProgressFile().record(Change("01.1", "passed")) == ()
    assert saved(folder)["01.1"]["status"] == "passed"


def test_a_crash_before_the_replace_keeps_the_old_file(folder, monkeypatch):
    ProgressFile().record(Change("01.1", "passed"))

    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            ProgressFile().record(Change("01.2", "passed"))
    assert set(saved(folder)) == {"01.1"}
    assert [p.name for p in folder.iterdir() if p.suffix == ".tmp"] == []
