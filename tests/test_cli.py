"""The words of the command ``course`` and its exit codes."""

import os
import subprocess
import sys

import pytest

import course
from course import cli
from course.start import doctor
from course.start import lab as start


@pytest.fixture
def started(monkeypatch):
    """Record what ``course start`` would have been asked to do."""
    calls = []

    def record(*words):
        calls.append(words)
        return 0

    monkeypatch.setattr(start, "start", record)
    return calls


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"amur-course {course.__version__}\n"


def test_start_without_words(started):
    assert cli.main(["start"]) == 0
    assert started == [(None, True, None, [])]


def test_start_with_everything(started, tmp_path):
    words = ["start", str(tmp_path), "--no-browser", "--port", "8899"]
    assert cli.main([*words, "--", "--debug", "--port=1"]) == 0
    assert started == [(tmp_path, False, 8899, ["--debug", "--port=1"])]


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eight", "²", "8 8"])
def test_no_port(started, capsys, port):
    with pytest.raises(SystemExit) as stop:
        cli.main(["start", f"--port={port}"])
    assert stop.value.code == 2 and not started
    assert "choose a number" in capsys.readouterr().err


def test_error_is_one_sentence_and_code_2(tmp_path, capsys):
    essay = tmp_path / "essay"
    essay.write_text("text", encoding="utf-8")
    assert cli.main(["start", str(essay)]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("course start: ") and "is a file" in said.err
    assert said.err.count("\n") == 1 and not said.out


def test_doctor_hands_on_its_exit_code(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "main", lambda folder: 1 if folder == tmp_path else 0)
    assert cli.main(["doctor", str(tmp_path)]) == 1
    assert cli.main(["doctor"]) == 0


@pytest.mark.parametrize("words", [[], ["update"]])
def test_unknown_words_show_the_usage(words, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(words)
    assert stop.value.code == 2
    assert "usage: course" in capsys.readouterr().err


def test_python_m_course():
    run = [sys.executable, "-m", "course", "--version"]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"amur-course {course.__version__}"


def test_console_without_cyrillic_gets_no_traceback(tmp_path):
    run = [sys.executable, "-X", "utf8=0", "-m", "course", "doctor", str(tmp_path)]
    env = {**start.environment(tmp_path), "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(run, env=env, capture_output=True, check=False)
    assert done.returncode in (0, 1) and not done.stderr
    assert b"??" in done.stdout


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX pipe")
def test_a_reader_that_stops_early_gets_no_traceback(tmp_path):
    read, write = os.pipe()
    os.close(read)  # as if `head` had ended
    command = [sys.executable, "-c", "from course.cli import main; raise SystemExit(main())"]
    done = subprocess.run(
        [*command, "doctor", tmp_path], stdout=write, stderr=subprocess.PIPE, text=True
    )
    os.close(write)
    assert done.returncode == 1 and done.stderr == ""
