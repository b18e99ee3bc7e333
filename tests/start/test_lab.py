"""``course start``: JupyterLab opens on the student's folder, and ends cleanly."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from course.start import lab as start

LESSON = "00_start_here.ipynb"
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")


@pytest.fixture
def mine(tmp_path):
    """An empty folder of a student."""
    folder = tmp_path / "мои 课"
    folder.mkdir()
    return folder


def test_port_that_is_taken(mine):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(start.StartError, match=f"Port {port} is taken.*--port"):
            start.start(mine, browser=False, port=port)


def test_jupyterlab_missing(mine, monkeypatch):
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(start.StartError, match="not installed.*course doctor"):
        start.start(mine)


def test_command_asks_the_network_for_nothing(mine):
    command = start.lab_command(mine, LESSON, False, 8899, ["--debug"])
    assert command[0] == sys.executable
    assert "--LabApp.news_url=None" in command
    assert "--LabApp.default_url=/lab/tree/00_start_here.ipynb" in command
    assert f"--ServerApp.root_dir={mine}" in command
    assert command[-1] == "--debug"


def test_environment_names_folder_and_puts_this_python_first(mine, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", "elsewhere")
    env = start.environment(mine)
    assert env["COURSE_FOLDER"] == str(mine)
    first, second = env["JUPYTER_PATH"].split(os.pathsep)
    assert Path(first, "kernels", "python3", "kernel.json").is_file()
    assert second == "elsewhere"


def test_no_other_kernel_can_take_the_name_python3(mine, tmp_path, monkeypatch):
    """A spec of the user's and one in JUPYTER_PATH, both named python3, lose."""
    spec = {"argv": ["/no/such/python"], "display_name": "other", "language": "python"}
    for root in ("home/.local/share/jupyter", "data", "path"):
        place = tmp_path / root / "kernels" / "python3"
        place.mkdir(parents=True)
        (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "path"))
    ask = (
        "from jupyter_client import KernelManager as K;"
        "print(K(kernel_name='python3').format_kernel_cmd()[0])"
    )
    run = [sys.executable, "-c", ask]
    plain = subprocess.run(run, capture_output=True, text=True, check=True)
    assert "/no/such/python" in plain.stdout  # the trap is real
    env = start.environment(mine)
    ours = subprocess.run(run, env=env, capture_output=True, text=True, check=True)
    assert ours.stdout.strip() == sys.executable


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """Start the real command with a home of its own; kill what is left."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    processes = []

    def run(*words: str, cwd: Path = tmp_path) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "course", "start", "--no-browser", *words],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.stdout.close()


def address(process: subprocess.Popen) -> tuple[str, str]:
    """Read what is printed until the address comes."""
    seen = ""
    for line in process.stdout:
        seen += line
        if match := re.search(r"http://127\S+", line):
            return match[0], seen
    raise AssertionError(seen)


def fetch(url: str) -> str:
    """Fetch a page that may need a moment to come."""
    for _ in range(50):
        try:
            with urllib.request.urlopen(url, timeout=10) as page:
                return page.read().decode("utf-8")
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"no answer from {url}")


@POSIX
@pytest.mark.slow
def test_real_start_again_and_ctrl_c(lab, tmp_path):
    # a student's file with the name of a module must not stop JupyterLab
    (tmp_path / "json.py").write_text("raise SystemExit('shadow')", encoding="utf-8")
    folder = tmp_path / "мой курс"
    first = lab(str(folder))
    url, seen = address(first)
    assert "/lab/tree/00_start_here.ipynb?token=" in url
    assert "Your lessons are in" in seen and "warn" not in seen.lower()
    page = fetch(url)
    assert '"disabled": true' in page and "JupyterLab" in page
    # no question about news, and work is saved twice a minute
    settings = url.replace("/lab/tree/00_start_here.ipynb", "/lab/api/settings/{}")
    news = fetch(settings.format("@jupyterlab/apputils-extension:notification"))
    schema = json.loads(news)["schema"]["properties"]
    assert schema["fetchNews"]["default"] == "false"
    assert schema["checkForUpdates"]["default"] is False
    saving = fetch(settings.format("@jupyterlab/docmanager-extension:plugin"))
    assert json.loads(saving)["schema"]["properties"]["autosaveInterval"]["default"] == 30

    again = lab(str(folder))
    said = again.communicate(timeout=60)[0]
    assert again.returncode == 0
    assert "Everything is as you left it." in said and "already open" in said

    os.killpg(first.pid, signal.SIGINT)  # as the terminal does
    rest = first.communicate(timeout=60)[0]
    assert first.returncode == 0, rest
    assert "Traceback" not in rest and "Stopped." in rest


@POSIX
@pytest.mark.slow
def test_terminating_the_command_ends_jupyterlab(lab, tmp_path):
    process = lab(str(tmp_path / "mine"))
    url, _ = address(process)
    fetch(url)
    process.terminate()
    process.communicate(timeout=60)
    with pytest.raises(OSError):
        urllib.request.urlopen(url, timeout=5)
