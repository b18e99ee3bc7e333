"""The course on a hub, on Binder and in a container: what can be tried without them."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from course import cli
from course.start import lab, served
from course.start.environment import environment

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
REPO = Path(__file__).resolve().parents[2]
RECIPES = REPO / "course" / "teach" / "server"
BINDER = REPO / ".binder"
ENV = r"""
import json, os, pathlib
from jupyter_core.application import JupyterApp
app = JupyterApp(config_file_name="jupyter_server_config")
app.load_config_file(); made = os.umask(0)
print(json.dumps({"config": app.config, "env": dict(os.environ), "umask": made}, default=repr))
"""


@pytest.fixture
def home(monkeypatch):
    """A student's home on a hub, with a short name: in a long one are no sockets."""
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        yield from moved_in(Path(place, "дом 家"), monkeypatch)


def moved_in(home, monkeypatch):
    home.mkdir()
    for name in ("COURSE_FOLDER", "JUPYTERHUB_ROOT_DIR", "JUPYTERHUB_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("CONFIG_PATH", "CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
        monkeypatch.delenv(f"JUPYTER_{name}", raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("JUPYTER_SERVER_ROOT", "~")
    monkeypatch.setenv(served.PREFIX, "/user/li-wei/")
    monkeypatch.chdir(home)
    yield home
    monkeypatch.undo()


def begin(*command: object, cwd: Path | None = None) -> subprocess.CompletedProcess:
    """Run a command as the hub does."""
    env = os.environ | {"PYTHONPATH": str(REPO)}
    words = list(map(str, command))
    return subprocess.run(words, capture_output=True, encoding="utf-8", env=env, cwd=cwd)


# --- course start by hand -------------------------------------------------------


def test_01_on_a_hub_no_second_jupyterlab_starts(home, capsys, monkeypatch):
    monkeypatch.setattr(lab.subprocess, "Popen", lambda *_a, **_k: pytest.fail("started"))
    assert cli.main(["start"]) == 0
    said = capsys.readouterr().out
    assert "lessons copied." in said
    assert "amur-course/00_start_here.ipynb" in said
    assert said.strip().endswith(" /user/li-wei/lab/tree/amur-course/00_start_here.ipynb")
    assert (home / "amur-course" / "12_the_verdict.ipynb").is_file()
    # once more, from within, as a terminal of our own hub does
    monkeypatch.chdir(home / "amur-course")
    monkeypatch.setenv("JUPYTER_SERVER_ROOT", str(home / "amur-course"))
    assert cli.main(["start", "--no-browser"]) == 0
    said = capsys.readouterr().out
    assert "Everything is as you left it." in said
    assert said.strip().endswith(" /user/li-wei/lab/tree/00_start_here.ipynb")


def test_02_a_folder_that_the_hub_does_not_show(home, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_PUBLIC_URL", "https://hub.example.org/user/li-wei/")
    assert cli.main(["start", str(home / "мой курс")]) == 0
    said = capsys.readouterr().out
    assert "https://hub.example.org/user/li-wei/lab/tree/%D0%BC%D0%BE%D0%B9%20" in said
    assert cli.main(["start", str(tmp_path / "elsewhere")]) == 0
    said = capsys.readouterr().out
    assert f"shows {home} only" in said and "lab/tree" not in said


# --- what a hub starts ------------------------------------------------------------


def test_03_a_hub_gets_the_lessons_and_the_settings(home):
    done = begin(sys.executable, "-P", "-m", "course.start.served", sys.executable, "-c", ENV)
    assert done.returncode == 0, done.stderr
    found, folder = json.loads(done.stdout.strip().splitlines()[-1]), home / "amur-course"
    assert (folder / "00_start_here.ipynb").is_file()
    assert found["env"]["COURSE_FOLDER"] == str(folder) and found["umask"] == 0o027
    server = found["config"]["ServerApp"]
    assert server["root_dir"] == str(folder)
    assert server["default_url"] == "/lab/tree/00_start_here.ipynb"
    assert "Careful" in server["contents_manager_class"]  # no widgets of strangers
    assert found["config"]["KernelManager"]["transport"] == "ipc"
    # who comes in is the hub's affair
    assert not {"ip", "token", "base_url", "identity_provider_class"} & {*server}
    assert "IdentityProvider" not in found["config"]


def test_04_what_course_start_does_not_take_from_a_hub(home):
    env = environment(home)
    done = subprocess.run([sys.executable, "-c", ENV], capture_output=True, env=env, check=True)
    found = json.loads(done.stdout.decode().strip().splitlines()[-1])["config"]
    assert found["ServerApp"]["ip"] == "127.0.0.1" and found["IdentityProvider"]["token"]
    assert "Careful" in found["ServerApp"]["contents_manager_class"]
    assert "transport" not in found["KernelManager"]


def test_05_a_home_with_a_long_name_or_no_room(home, tmp_path, monkeypatch):
    long = tmp_path / ("длинное имя" * 8)
    long.mkdir()
    monkeypatch.setenv("HOME", str(long))
    run = [sys.executable, "-P", "-m", "course.start.served"]
    done = begin(*run, sys.executable, "-c", ENV)
    assert done.returncode == 0, done.stderr
    config = json.loads(done.stdout.strip().splitlines()[-1])["config"]
    assert "transport" not in config["KernelManager"]  # Unix knows no socket of that name
    # nothing can be copied: JupyterLab comes all the same, at home, and the log says why
    (home / "amur-course").write_text("a file", encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    done = begin(*run, sys.executable, "-c", "import os; print(os.environ['COURSE_FOLDER'])")
    assert done.returncode == 0 and done.stdout.strip() == str(home)
    assert "amur-course" in done.stderr and "Traceback" not in done.stderr
    for wrong in (["no such command"], []):
        done = begin(*run, *wrong)
        assert done.returncode == 1 and "cannot be run" in done.stderr
        assert "Traceback" not in done.stderr


# --- recipes ------------------------------------------------------------------------


def hub_config():
    """Return the hub's settings as JupyterHub reads them."""
    from traitlets.config.loader import PyFileConfigLoader

    return PyFileConfigLoader("jupyterhub_config.py", path=str(RECIPES)).load_config()


def test_06_the_hub_lets_in_two_groups_and_listens_here_only():
    config = hub_config()
    assert config.JupyterHub.ip == "127.0.0.1"
    assert config.PAMAuthenticator.allowed_groups == {"students", "teachers"}
    assert "allow_all" not in config.PAMAuthenticator
    # a teacher is no admin: admins enter the servers of students
    assert not {"admin_users", "admin_groups"} & {*config.PAMAuthenticator}
    scopes = {scope for role in config.JupyterHub.load_roles for scope in role["scopes"]}
    assert not [scope for scope in scopes if scope.startswith(("access", "admin:"))]
    assert config.Spawner.cmd[0] == "prlimit" and "course.start.served" in config.Spawner.cmd
    assert begin(sys.executable, "-m", "course.teach.server").stdout.strip() == str(RECIPES)


def test_07_jupyterhub_knows_every_setting():
    from jupyterhub.app import JupyterHub
    from jupyterhub.auth import PAMAuthenticator
    from jupyterhub.spawner import LocalProcessSpawner

    known = {"JupyterHub": JupyterHub, "PAMAuthenticator": PAMAuthenticator}
    known["Spawner"] = LocalProcessSpawner
    for section, settings in hub_config().items():
        assert {*settings} <= {*known[section].class_traits(config=True)}, section


@pytest.mark.parametrize("teachers", [[], ["anna"]])
def test_11_who_was_taken_out_of_a_group_stays_out(teachers, monkeypatch):
    from jupyterhub.auth import PAMAuthenticator

    members = SimpleNamespace(gr_mem=teachers, gr_gid=7)
    monkeypatch.setattr("grp.getgrnam", lambda _name: members)
    guard = PAMAuthenticator(config=hub_config())
    groups = {"boris": [7], "anna": [8], "carl": [8]}
    monkeypatch.setattr(guard, "_getpwnam", lambda _name: SimpleNamespace(pw_gid=1))
    monkeypatch.setattr(guard, "_getgrouplist", lambda name, _gid: groups[name])
    monkeypatch.setattr(guard, "system_user_exists", lambda _user: True)
    for name in groups:  # all of them were in once; the hub knows them from its database
        # in a thread: where tests of a browser ran before, a loop runs in this one
        with ThreadPoolExecutor() as apart:
            apart.submit(asyncio.run, guard.add_user(SimpleNamespace(name=name))).result()
    assert [name for name in groups if guard.check_allowed(name)] == ["boris"]


@pytest.mark.parametrize("value", ["2GB", "-1", "1.5", "2", ""])
def test_12_a_limit_that_is_no_number_stops_the_hub_with_a_sentence(value, monkeypatch):
    monkeypatch.setenv("COURSE_HUB_MB", value)
    with pytest.raises(SystemExit, match=f"from 500 on, not {re.escape(value)}\\."):
        hub_config()


@pytest.mark.skipif("COURSE_TEST_ALL" not in os.environ, reason="COURSE_TEST_ALL=1 runs it")
@pytest.mark.skipif(
    os.name != "posix" or os.getuid() or not shutil.which("configurable-http-proxy"),
    reason="needs root and configurable-http-proxy",
)
def test_13_two_students_on_a_real_hub():
    # each logs in, starts, runs a lesson, moves its controls, and is refused by the other's
    done = begin(sys.executable, REPO / "tests" / "benchmarks" / "hub.py", "2")
    assert done.returncode == 0, done.stdout + done.stderr


def test_08_accounts(tmp_path, monkeypatch):
    for name in ("groupadd", "install", "useradd", "chpasswd", "id"):
        text = f'#!/bin/sh\necho {name} "$@" >> {tmp_path}/said\n'
        # there is no account but student002, and we are root
        text += {"id": '[ "$1" = -u ] && echo 0 || [ "$1" = student002 ]\n'}.get(name, "")
        text += {"chpasswd": f"cat >> {tmp_path}/given\n"}.get(name, "")
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    script = RECIPES / "accounts.sh"
    done = begin("sh", script, 3)
    assert done.returncode == 0, done.stderr
    head, *slips = done.stdout.split()
    assert head == "account,password"
    assert [slip.split(",")[0] for slip in slips] == ["student001", "student003"]
    assert "student002 is there already" in done.stderr
    given = (tmp_path / "given").read_text(encoding="utf-8").split()
    assert given == [slip.replace(",", ":") for slip in slips]
    said = (tmp_path / "said").read_text(encoding="utf-8")
    assert (
        "HOME_MODE=0700" in said and "-g teachers -m 2750 /srv/course-share/student001" in said
    )
    # no password where `ps` shows it, and no two the same
    passwords = [slip.split(",")[1] for slip in slips]
    assert all(len(word) == 10 and word not in said for word in passwords)
    assert len({*passwords}) == 2
    for wrong in ([], ["many"], ["-1"], ["1000"]):
        done = begin("sh", script, *wrong)
        assert done.returncode == 2 and "Say how many" in done.stderr and not done.stdout


def test_09_binder(home, monkeypatch):
    project = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["project"]
    version = re.fullmatch(r"python-3\.(\d+)\n", (BINDER / "runtime.txt").read_text("utf-8"))
    assert int(version[1]) >= int(project["requires-python"].removeprefix(">=3."))
    for name in ("start", "postBuild"):
        assert os.access(BINDER / name, os.X_OK)
        assert begin("bash", "-n", BINDER / name).returncode == 0
    show = ["sh", "-c", 'echo "$COURSE_FOLDER" "$@"', "sh", "--port", "8 8"]
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    done = begin("bash", BINDER / "start", *show, cwd=home)
    assert done.stdout.strip() == f"{home}/amur-course --port 8 8", done.stderr
    assert (home / "amur-course" / "00_start_here.ipynb").is_file()


def test_10_the_image(home, monkeypatch):
    text = (RECIPES / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    course, hub = re.split(r"^FROM course AS hub$", text, flags=re.MULTILINE)
    assert re.findall(r"^USER (.+)$", course, re.MULTILINE)[-1] == "student"
    # what the wheel is made of is copied, and nothing that is not there
    copied = [w for line in re.findall(r"^COPY (.+)$", course, re.MULTILINE)
              for w in line.split()[:-1]]  # fmt: skip
    assert all((REPO / name).exists() for name in copied)
    build = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))
    wanted = {"pyproject.toml", build["project"]["readme"], *build["project"]["license-files"]}
    wanted |= {*build["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]}
    assert {name.split("/")[0] for name in wanted} <= {*copied}
    # the command is one that we have
    asked = {}
    monkeypatch.setattr(lab, "start", lambda *words: asked.update(words=words) or 0)
    command = json.loads(re.findall(r"^CMD (.+)$", course, re.MULTILINE)[0])
    assert command[0] == "course" and cli.main(command[1:]) == 0
    folder, browser, port, extra = asked["words"]
    assert (str(folder), browser, port) == ("/home/student/amur-course", False, 8888)
    assert extra == ["--ServerApp.ip=0.0.0.0"]
    assert "umask 077" in hub and "jupyterhub_config.py" in hub
