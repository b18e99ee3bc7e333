"""``course start``: JupyterLab opens on the student's folder, and ends cleanly."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError

import pytest

from course import CourseError
from course.start import browser, lab

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
ADDRESS = re.compile(r"open at (\S+?)([?]token=(\w*))?\n")
# a browser that notes its command line and the page it comes to
BROWSER = """#!{python}
import sys, urllib.request
page = urllib.request.build_opener(urllib.request.ProxyHandler({{}})).open(sys.argv[1])
with open({seen!r}, "a", encoding="utf-8") as file:
    file.write(" ".join(sys.argv) + f" {{b'jupyter-config-data' in page.read()}}\\n")
"""


@pytest.fixture
def course_start(tmp_path, monkeypatch):
    """Run the real command with a home of its own; kill what is left."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("RUNTIME_DIR", "CONFIG_DIR", "DATA_DIR"):
        monkeypatch.delenv(f"JUPYTER_{name}", raising=False)
    processes = []

    def run(*words: object) -> subprocess.Popen:
        command = [sys.executable, "-P", "-m", "course", "start", *map(str, words)]
        pipes = {"stdout": -1, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
        options = {"cwd": tmp_path, "start_new_session": True, "encoding": "utf-8"}
        # a shell has what it runs in the background ignore Ctrl+C, and that is inherited
        options["preexec_fn"] = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        processes.append(subprocess.Popen(command, **options, **pipes))
        return processes[-1]

    yield run
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.stdout.close()


def address(process: subprocess.Popen) -> tuple[str, str, str]:
    """Read what is printed until the address comes; return it, its token, and all."""
    seen = ""
    for line in process.stdout:
        seen += line
        if found := ADDRESS.search(line):
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/lab\S*", found[1])
            assert len(found[3]) == 48
            return found[1] + found[2], found[3], seen
    raise AssertionError(seen)


def fetch(url: str) -> str:
    """Fetch a page of this machine."""
    with urllib.request.urlopen(url, timeout=30) as page:
        return page.read().decode("utf-8")


# --- for real -----------------------------------------------------------------


@pytest.mark.slow
def test_01_start_again_and_ctrl_c(course_start, tmp_path):
    # a student's file with the name of a module must not stop JupyterLab
    (tmp_path / "json.py").write_text("raise SystemExit('shadow')", encoding="utf-8")
    folder = tmp_path / "мой курс"
    # what killed servers leave, by chance with a process and a port that others have now
    runtime = tmp_path / "home" / ".local" / "share" / "jupyter" / "runtime"
    runtime.mkdir(parents=True)
    silent = socket.create_server(("127.0.0.1", 0))
    left = {"root_dir": str(folder), "hostname": "127.0.0.1", "base_url": "/", "token": "t"}
    for n, port in enumerate((9, silent.getsockname()[1])):
        text = json.dumps({**left, "port": port})
        (runtime / f"jpserver-{n}.json").write_text(text, encoding="utf-8")
    (runtime / "jpserver-3.json").write_text("[", encoding="utf-8")
    (runtime / "jpserver-4.json").mkdir()

    first = course_start("--no-browser", folder)
    url, _token, seen = address(first)
    assert "/lab/tree/00_start_here.ipynb?token=" in url
    assert "Your lessons are in" in seen and "warn" not in seen.lower()
    page = fetch(url)
    assert '"disabled": true' in page and "JupyterLab" in page
    # no question about news, and work is saved twice a minute
    settings = url.replace("/lab/tree/00_start_here.ipynb", "/lab/api/settings/{}")
    news = json.loads(fetch(settings.format("@jupyterlab/apputils-extension:notification")))
    assert news["schema"]["properties"]["fetchNews"]["default"] == "false"
    saving = json.loads(fetch(settings.format("@jupyterlab/docmanager-extension:plugin")))
    assert saving["schema"]["properties"]["autosaveInterval"]["default"] == 30

    again = course_start("--no-browser", folder)
    assert address(again)[:2] == (url.replace("/tree/00_start_here.ipynb", ""), _token)
    assert again.wait(60) == 0
    os.killpg(first.pid, signal.SIGINT)  # as the terminal does
    rest = first.communicate(timeout=300)[0]
    assert first.returncode == 0, rest
    assert "Traceback" not in rest and "Stopped." in rest


@pytest.mark.skipif(not os.environ.get("COURSE_TEST_ALL"), reason="only with .ci/run --all")
@pytest.mark.slow
def test_01b_ctrl_c_ends_a_jupyterlab_that_does_not_listen(course_start, tmp_path, monkeypatch):
    deaf = "import signal, sys\nif 'jupyterlab' in sys.orig_argv:\n"
    deaf += "    [signal.signal(s, signal.SIG_IGN) for s in (signal.SIGINT, signal.SIGTERM)]\n"
    deaf += "    signal.signal = lambda *_: None\n"
    (tmp_path / "deaf").mkdir()
    (tmp_path / "deaf" / "sitecustomize.py").write_text(deaf, encoding="utf-8")
    here = str(Path(lab.__file__).parents[2])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "deaf"), here]))
    first = course_start("--no-browser", tmp_path / "deaf course")
    address(first)
    os.killpg(first.pid, signal.SIGINT)
    rest = first.communicate(timeout=300)[0]
    assert first.returncode == 0 and "Stopped." in rest


@pytest.mark.slow
def test_02_two_at_once_an_unsafe_setting_a_proxy_and_the_browser(
    course_start, tmp_path, monkeypatch
):
    config = tmp_path / "home" / ".jupyter"
    config.mkdir()
    unsafe = "ip = '0.0.0.0'\nc.IdentityProvider.token = c.ServerApp.token = ''\n"
    unsafe += "c.PasswordIdentityProvider.token = ''\n"
    unsafe += "c.ServerApp.base_url = '/x/'\nc.ServerApp.allow_origin = '*'\n"
    unsafe += "from jupyter_server.auth.identity import IdentityProvider, User\n"
    unsafe += "class Open(IdentityProvider):\n    get_user = lambda *_: User('anyone')\n"
    unsafe += "c.ServerApp.identity_provider_class = Open\n"
    unsafe += "c.ServerApp.tornado_settings = {'headers': {'X-Odd': '1'}}\n"
    for name in ("lab", "server"):
        text = f"c.ServerApp.{unsafe}"
        (config / f"jupyter_{name}_config.py").write_text(text, encoding="utf-8")
    seen, program = tmp_path / "seen", tmp_path / "browser"
    program.write_text(BROWSER.format(python=sys.executable, seen=str(seen)), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(program))
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    both = [course_start(), course_start()]
    urls, (token, other), _seen = zip(*map(address, both), strict=True)
    assert token == other
    [file] = (tmp_path / "home").rglob("jpserver-*.json")  # one server
    assert json.loads(file.read_text(encoding="utf-8"))["hostname"] == "127.0.0.1"
    [joined] = [p for p, url in zip(both, urls, strict=True) if "/tree/" not in url]
    assert joined.wait(60) == 0
    visits = seen.read_text(encoding="utf-8").splitlines()
    assert visits
    for visit in visits:  # the address itself, not a file; no token for all to read
        assert re.fullmatch(rf"{program} http://127\.0\.0\.1:\d+/\S+ True", visit)
        assert token not in visit
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name)
    with pytest.raises(HTTPError, match="403") as refused:
        fetch(urls[0].partition("/lab")[0] + "/api/status")
    assert "X-Odd" not in refused.value.headers


@pytest.mark.slow
def test_03_without_a_home_and_ended_by_the_system(course_start, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home" / "file" / "below"))
    (tmp_path / "home" / "file").write_text("", encoding="utf-8")
    # a name that is no UTF-8, as memory sticks of old systems hold
    mine = tmp_path / ("mine" if sys.platform == "darwin" else os.fsdecode(b"mine\xff"))
    process = course_start("--no-browser", mine)
    url, _token, seen = address(process)
    assert "warn" not in seen.lower()
    assert "JupyterLab" in fetch(url)
    assert list((mine / ".jupyter").rglob("jpserver-*.json"))
    process.terminate()
    process.communicate(timeout=60)
    with pytest.raises(OSError):
        fetch(url)


@pytest.mark.slow
def test_04_a_port_that_is_taken(course_start, tmp_path):
    # this disk knows no locks
    (tmp_path / "mine" / ".jupyter" / "start.lock").mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        process = course_start("--no-browser", "--port", port, tmp_path / "mine")
        said = process.communicate(timeout=60)[0]
    assert process.returncode != 0
    assert f"port {port} is not available" in said and "course doctor" in said


# --- its parts ----------------------------------------------------------------


def test_05_without_jupyterlab(tmp_path, monkeypatch):
    monkeypatch.setattr(lab.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CourseError, match="not installed.*course doctor"):
        lab.start(tmp_path)


def test_06_no_other_kernel_can_take_the_name_python3(tmp_path, monkeypatch):
    """A spec of the user's and one in JUPYTER_PATH, both named python3, lose."""
    spec = {"argv": ["/no/such/python"], "display_name": "other", "language": "python"}
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_PATH"):
        place = tmp_path / name / "kernels" / "python3"
        place.mkdir(parents=True)
        (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
        monkeypatch.setenv(name, str(tmp_path / name))
    ask = "from jupyter_client import KernelManager as K; "
    run = [sys.executable, "-c", ask + "print(K(kernel_name='python3').format_kernel_cmd()[0])"]
    plain = subprocess.run(run, capture_output=True, text=True, check=True)
    assert "/no/such/python" in plain.stdout  # the trap is real
    env = lab.environment(tmp_path)
    assert env["COURSE_FOLDER"] == str(tmp_path)
    ours = subprocess.run(run, env=env, capture_output=True, text=True, check=True)
    assert ours.stdout.strip() == sys.executable


def test_a_terminal_of_jupyterlab_knows_the_word_course(tmp_path, monkeypatch):
    """The notes say `course share` there, and the README activates no environment."""
    monkeypatch.setenv("PATH", os.defpath)
    found = shutil.which("course", path=lab.environment(tmp_path)["PATH"])
    assert found is not None and Path(found).parent == Path(sys.executable).parent


def test_kernels_calculate_on_one_core_unless_told_otherwise(tmp_path, monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    assert lab.environment(tmp_path)["OPENBLAS_NUM_THREADS"] == "1"
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "4")
    assert lab.environment(tmp_path)["OPENBLAS_NUM_THREADS"] == "4"


def test_07_the_door_opens_once_and_for_this_user(monkeypatch):
    seen, done, where = [], threading.Event(), "http://127.0.0.1:1/lab?token=t"

    def visit(url: str) -> bool:
        place, _slash, key = url.removeprefix("http://").partition("/")
        if os.geteuid() == 0:  # another user of this computer comes first
            code = f"exec 3<>/dev/tcp/{place.replace(':', '/')}; cat <&3 & "
            code += f"printf 'GET /{key} HTTP/1.0\\r\\n\\r\\n' >&3; wait"
            run = ["bash", "-c", code]
            stranger = subprocess.run(run, user=65534, capture_output=True, text=True, cwd="/")
            assert " 404 " in stranger.stdout
        for path in ("/other", f"/{key}", f"/{key}"):
            with suppress(ConnectionError):  # by then it may have gone
                connection = http.client.HTTPConnection(place)
                connection.request("GET", path)
                answer = connection.getresponse()
                seen.append(answer.getheader("Location") or str(answer.status))
        done.set()
        return True

    monkeypatch.setattr(browser.webbrowser, "open", visit)
    assert browser.open_browser(where) and done.wait(60)
    assert seen in (["404", where], ["404", where, "404"])


def test_08_without_a_browser(monkeypatch):
    monkeypatch.setattr(browser.webbrowser, "open", lambda url: False)
    assert not browser.open_browser("http://127.0.0.1:1/")
