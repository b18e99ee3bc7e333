"""The words of the command ``course`` and its exit codes."""

import os
import subprocess
import sys

import pytest

import course
from course import cli
from course.start import doctor, lab


@pytest.mark.parametrize("run", [["-m", "course"], ["-c", "import course.cli as c; c.main()"]])
def test_01_version(run):
    run = [sys.executable, *run, "--version"]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert done.stdout == f"amur-course {course.__version__}\n"


def test_02_words_are_handed_on_and_exit_codes_back(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(lab, "start", lambda *words: calls.append(words) or 0)
    assert cli.main(["start"]) == 0
    words = ["start", str(tmp_path), "--no-browser", "--port", "8899"]
    assert cli.main([*words, "--", "--debug", "--", "--port=1"]) == 0
    extra = ["--debug", "--", "--port=1"]
    assert calls == [(None, True, None, []), (tmp_path, False, 8899, extra)]
    monkeypatch.setattr(doctor, "main", lambda folder: int(folder == tmp_path))
    assert cli.main(["doctor", str(tmp_path)]) == 1
    assert cli.main(["doctor"]) == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "usage: course"),
        (["dance"], "usage: course"),
        *((["start", f"--port={port}"], "choose a number") for port in (0, 65536, "²", "8 8")),
    ],
)
def test_03_what_is_no_command(capsys, words, says):
    with pytest.raises(SystemExit) as stop:
        cli.main(words)
    assert stop.value.code == 2 and says in capsys.readouterr().err


@pytest.mark.parametrize("command", ["start", "catalogue"])
def test_04_what_cannot_be_done_is_one_sentence_and_code_2(tmp_path, capsys, command):
    essay = tmp_path / "essay"
    essay.write_text("text", encoding="utf-8")
    assert cli.main([command, str(essay)]) == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"course {command}: ") and "essay" in said.err
    assert said.err.count("\n") == 1 and not said.out
    assert essay.read_text(encoding="utf-8") == "text"


def test_05_the_catalogue_is_a_page(tmp_path, capsys):
    assert cli.main(["catalogue", str(tmp_path / "page.html")]) == 0
    assert "<table" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "page.html" in capsys.readouterr().out


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX pipe")
def test_06_a_reader_that_stops_early_gets_no_traceback(tmp_path):
    read, write = os.pipe()
    os.close(read)  # as if `head` had ended
    command = [sys.executable, "-m", "course", "catalogue", tmp_path / "page.html"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert done.returncode == 1 and done.stderr == ""


def test_07_a_console_without_the_letters_gets_no_traceback(tmp_path):
    run = [sys.executable, "-X", "utf8=0", "-m", "course", "start", tmp_path / "课"]
    (tmp_path / "课").write_text("a file", encoding="utf-8")
    env = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(run, env=env, capture_output=True, check=False)
    assert done.returncode == 2 and b"?" in done.stderr and b"Traceback" not in done.stderr


def test_08_one_lesson_anew(tmp_path, capsys):
    assert cli.main(["reset", "01", str(tmp_path)]) == 0
    [copy] = tmp_path.glob("*.ipynb")
    assert copy.name.startswith("01_") and "kept" not in capsys.readouterr().out
    assert cli.main(["reset", "1", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "Yours is kept" in said and len(list(tmp_path.glob("*.ipynb"))) == 2
    assert cli.main(["reset", "77", str(tmp_path)]) == 2
