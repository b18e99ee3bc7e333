"""Where files are found, whether they are whole, and how they are written."""

import hashlib
import os
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from course import paths
from course.errors import CourseError

REPO = Path(__file__).resolve().parent.parent


def test_bundled_folders_exist_and_hold_what_they_say():
    assert (paths.data_dir() / "datapackage.json").is_file()
    assert list(paths.lessons_dir().glob("[0-9][0-9]_*.ipynb"))


@pytest.mark.parametrize("folder", ["data", "lessons"])
def test_wheel_comes_before_clone(tmp_path, monkeypatch, folder):
    package = tmp_path / "course"
    (package / f"_{folder}").mkdir(parents=True)
    (tmp_path / folder).mkdir()
    monkeypatch.setattr(paths, "_HERE", package)
    ask = {"data": paths.data_dir, "lessons": paths.lessons_dir}[folder]
    assert ask() == package / f"_{folder}"
    (package / f"_{folder}").rmdir()
    assert ask() == tmp_path / folder


def test_student_folder_is_named_by_course_start(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "моя папка"))
    assert paths.student_dir() == tmp_path / "моя папка"


@pytest.mark.parametrize("unset", [None, ""])
def test_without_course_start_it_is_the_working_folder(tmp_path, monkeypatch, unset):
    if unset is None:
        monkeypatch.delenv("COURSE_FOLDER", raising=False)
    else:
        monkeypatch.setenv("COURSE_FOLDER", unset)
    monkeypatch.chdir(tmp_path)
    assert paths.student_dir() == tmp_path


# --- whether installed files are whole ------------------------------------------


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package with a RECORD as pip writes it, and a file that no record names."""
    package = tmp_path / "course"
    record = (
        "course/_data/t.csv,sha256={},4\ncourse/_data/p.pyc,,\n../../bin/course,sha256=x,3\n"
    )
    (package / "_data").mkdir(parents=True)
    (package / "_data" / "t.csv").write_bytes(b"a\n1\n")
    info = tmp_path / "amur_course-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: amur-course\nVersion: 1\n", encoding="utf-8")
    digest = urlsafe_b64encode(hashlib.sha256(b"a\n1\n").digest()).decode().rstrip("=")
    (info / "RECORD").write_text(record.format(digest), encoding="utf-8")
    (package / "_data" / "p.pyc").write_bytes(b"x")
    monkeypatch.setattr(paths, "_HERE", package)
    paths.recorded.cache_clear()
    yield paths.data_dir()
    paths.recorded.cache_clear()


def test_an_installed_file_is_held_to_the_record(installed):
    assert not paths.altered(installed / "t.csv")
    assert not paths.altered(installed / ".." / "_data" / "t.csv")
    for content in (b"a\n2\n", b"a\n", b""):
        (installed / "t.csv").write_bytes(content)
        assert paths.altered(installed / "t.csv"), content
    (installed / "t.csv").unlink()
    assert paths.altered(installed / "t.csv")
    (installed / "t.csv").mkdir()
    assert paths.altered(installed / "t.csv")


def test_what_no_record_names_is_not_judged(installed, tmp_path):
    (tmp_path / "mine.csv").write_bytes(b"x")
    for path in (installed / "p.pyc", installed / "nowhere.csv", tmp_path / "mine.csv"):
        assert not paths.altered(path), path


@pytest.mark.parametrize(
    "content", [None, b"\xff\xfe\x00", b"", b'"course\n,sha256', b"a,md17=x,1"]
)
def test_without_a_readable_record_nothing_is_judged(installed, tmp_path, content):
    record = tmp_path / "amur_course-1.dist-info" / "RECORD"
    record.unlink() if content is None else record.write_bytes(content)
    paths.recorded.cache_clear()
    (installed / "t.csv").write_bytes(b"other")
    assert not paths.altered(installed / "t.csv")


def test_a_clone_has_git_instead():
    assert not paths.altered(paths.data_dir() / "claims.csv")


# --- writing a file whole -------------------------------------------------------

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has other links and devices")


def test_a_file_is_written_and_written_over(tmp_path):
    path = tmp_path / ("карта[*] " + "长" * 80)
    for content in (b"one\r\n", b"two\n", b""):
        paths.write_whole(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


@POSIX
@pytest.mark.parametrize("step", ["fsync", "replace", "kill"])
def test_what_fails_half_way_costs_nothing(tmp_path, step):
    """A process dies at the step; what it left goes with the next write."""
    path = tmp_path / "m[1].json"
    path.write_bytes(b"old")
    code = (
        "import os, signal, sys; from pathlib import Path; from course.paths import write_whole\n"
        "def no(*_): raise OSError(28, 'No space left on device')\n"
        "def kill(*_): os.kill(os.getpid(), signal.SIGKILL)\n"
        "if sys.argv[2] == 'replace': Path.replace = no\n"
        "else: os.fsync = {'fsync': no, 'kill': kill}[sys.argv[2]]\n"
        "write_whole(Path(sys.argv[1]), b'new')"
    )
    run = [sys.executable, "-c", code, str(path), step]
    done = subprocess.run(run, capture_output=True, text=True, encoding="utf-8", cwd=REPO)
    assert done.returncode == (-9 if step == "kill" else 1)
    assert ("No space left" in done.stderr) == (step != "kill")
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == (2 if step == "kill" else 1)
    paths.write_whole(path, b"new")
    assert path.read_bytes() == b"new" and list(tmp_path.iterdir()) == [path]


def test_writers_at_once_do_not_sweep_each_other(tmp_path):
    path = tmp_path / "m.json"
    contents = [bytes([65 + n]) * 100_000 for n in range(3)]

    def write(content):
        for _ in range(20):
            paths.write_whole(path, content)

    with ThreadPoolExecutor() as pool:
        list(pool.map(write, contents))
    assert path.read_bytes() in contents and list(tmp_path.iterdir()) == [path]


@POSIX
def test_links_and_permissions_stay(tmp_path):
    (tmp_path / "real").mkdir()
    real, link, plain = tmp_path / "real" / "m", tmp_path / "link", tmp_path / "plain"
    link.symlink_to(real)
    paths.write_whole(link, b"through a link that led nowhere")
    plain.write_bytes(b"")
    assert real.stat().st_mode == plain.stat().st_mode
    real.chmod(0o640)
    paths.write_whole(link, b"two")
    assert link.is_symlink() and real.read_bytes() == b"two"
    assert real.stat().st_mode & 0o777 == 0o640


@POSIX
def test_devices_take_the_bytes_and_stay(tmp_path):
    master, slave = os.openpty()  # not os.devnull: nobody wants to lose that one
    device = Path(os.ttyname(slave))
    paths.write_whole(device, b"x")
    assert paths.write_page(device, "y") == device and device.is_char_device()
    assert os.read(master, 1) + os.read(master, 1) == b"xy"
    os.close(master), os.close(slave)
    with pytest.raises(OSError):
        paths.write_whole(tmp_path, b"a folder is no file")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader, read = os.open(fifo, os.O_RDWR), b""  # so that reading waits for the writer
    with ThreadPoolExecutor() as pool:
        written = pool.submit(paths.write_whole, fifo, b"y" * 200_000)
        time.sleep(0.2)
        assert not written.done()  # it waits for its reader
        while len(read) < 200_000:
            read += os.read(reader, 200_000)
        written.result()
    os.close(reader)
    assert read == b"y" * 200_000 and fifo.is_fifo()


@POSIX
@pytest.mark.skipif(hasattr(os, "getuid") and os.getuid() == 0, reason="root may write all")
def test_what_may_not_be_written_stays(tmp_path):
    path = tmp_path / "m.html"
    path.write_bytes(b"old")
    path.chmod(0o400)
    with pytest.raises(PermissionError):
        paths.write_whole(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


# --- pages ----------------------------------------------------------------------


def test_a_page_is_written_in_utf8(tmp_path):
    path = tmp_path / "карта.HTM"
    assert paths.write_page(str(path), "<p>哈尔滨\r\n") == path
    assert path.read_bytes() == "<p>哈尔滨\r\n".encode()


@pytest.mark.parametrize("name", ["01_x.ipynb", "course_progress.json", "map", "html", ""])
def test_a_page_takes_no_other_files_place(tmp_path, name):
    path = tmp_path / name if name else Path("")
    if name:
        path.write_bytes(b"work")
    with pytest.raises(CourseError, match=r"\.html|Choose a folder"):
        paths.write_page(path, "<p>")
    assert not name or path.read_bytes() == b"work"


@POSIX
def test_nor_through_a_link(tmp_path):
    (tmp_path / "work.ipynb").write_bytes(b"work")
    (tmp_path / "page.html").symlink_to(tmp_path / "work.ipynb")
    with pytest.raises(CourseError, match="not the name of a page"):
        paths.write_page(tmp_path / "page.html", "<p>")
    assert (tmp_path / "work.ipynb").read_bytes() == b"work"


@pytest.mark.parametrize(
    ("path", "page"),
    [("nowhere/x.html", ""), ("x.html", "half an emoji: \ud83c"), ("a\0.html", ""), (5, "")],
)
def test_a_page_that_cannot_be_written_is_told_in_a_sentence(tmp_path, monkeypatch, path, page):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match="cannot be saved"):
        paths.write_page(path, page)
    assert list(tmp_path.iterdir()) == []
