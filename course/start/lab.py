"""``course start``: the student's own copies of the lessons, open in JupyterLab."""

import argparse
import http.client
import importlib.util
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from course.cli import folder_option
from course.errors import CourseError
from course.start.browser import open_browser
from course.start.copies import FIRST, copy_lessons, make_folder, report
from course.start.doctor import examine
from course.start.environment import environment, stand_ins
from course.start.served import PREFIX, where
from course.words import _

_NO_ANSWER = OSError, ValueError, LookupError, TypeError, http.client.HTTPException
_NEEDED = "root_dir", "hostname", "port", "base_url", "token"  # what a server says of itself


def options(parser: argparse.ArgumentParser) -> None:
    """Say what ``course start`` takes."""
    folder_option(parser)
    text = _("print the address, open no browser")
    parser.add_argument("--no-browser", action="store_true", help=text)
    text = _("the port to use (a free one otherwise)")
    parser.add_argument("--port", type=_port, metavar="N", help=text)
    parser.epilog = _("Words after -- go to JupyterLab: course start -- --debug")


def run(args: argparse.Namespace) -> int:
    """Carry out ``course start``."""
    return start(args.folder, not args.no_browser, args.port, args.extra)


def _port(word: str) -> int:
    if word.isdecimal() and 0 < int(word) < 65536:
        return int(word)
    text = _("{word} is no port; choose a number from 1024 to 65535", word=repr(word))
    raise argparse.ArgumentTypeError(text)


def start(
    folder: Path | None = None,
    browser: bool = True,
    port: int | None = None,
    extra: list[str] | None = None,
) -> int:
    """Copy the lessons that are missing and open them all in JupyterLab.

    On a hub, whose JupyterLab is open already, say where they are.

    Args:
        folder: where the student's copies live; see `copies.find_folder`.
        browser: False prints the address and opens no browser.
        port: the port JupyterLab must use; a free one if None.
        extra: further words for JupyterLab.

    Returns:
        The exit code of JupyterLab; 0 when it was stopped with Ctrl+C.

    Raises:
        CourseError: the lessons cannot be copied, or there is no JupyterLab.
    """
    if not all(map(importlib.util.find_spec, ["jupyterlab", "jupyter_core"])):
        text = _("JupyterLab is not installed in this Python. `course doctor` says what to do.")
        raise CourseError(text)
    folder = make_folder(folder)
    if os.environ.get(PREFIX):  # a second JupyterLab there is one that nobody can reach
        with one_at_a_time(folder):
            print("\n".join([*report(folder, copy_lessons(folder)), *where(folder)]))
        return 0
    for place in stand_ins(folder).values():
        place.mkdir(parents=True, exist_ok=True)
    env = environment(folder)
    process = None
    try:
        with one_at_a_time(folder):
            print("\n".join(report(folder, copy_lessons(folder))), flush=True)
            address = _address(folder, env)
            if not address:
                process = subprocess.Popen(lab_command(folder, port, extra), env=env)
                signal.signal(signal.SIGTERM, lambda *_: process.terminate())
            while process and process.poll() is None and not address:
                time.sleep(0.2)
                address = _address(folder, env, FIRST)
        if address:
            print(_("JupyterLab is open at {address}", address=address), flush=True)
            if process:
                print(_("Leave this window open while you work; Ctrl+C in it ends JupyterLab."))
            if browser and not open_browser(address):
                print(_("No browser came. Open the address above in one yourself."), flush=True)
            # what `course doctor` would say, while JupyterLab opens
            for finding in examine(folder) if process else ():
                if finding.status == "fault":
                    print(finding, flush=True)
        code = process.wait() if process else 0
    except KeyboardInterrupt:
        if process:
            # the terminal has sent Ctrl+C to JupyterLab too: it is closing
            for hurry in (process.poll, process.terminate, process.kill):
                hurry()
                with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                    process.wait(timeout=10)
        print("\n" + _("Stopped. `course start` brings you back to what you saved."))
        return 0
    if code:
        text = _("JupyterLab ended with the error above. `course doctor` looks for causes.")
        print(text, file=sys.stderr)
    return code


def lab_command(
    folder: Path, port: int | None = None, extra: list[str] | None = None
) -> list[str]:
    """Return the command that runs JupyterLab on ``folder``; ``config/`` says the rest."""
    # -P: a file json.py in the current folder must not stop JupyterLab
    command = [sys.executable, "-P", "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    if port is not None:
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    return command + list(extra or [])


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait until another start on the folder is through, so that it can be joined.

    SQLite locks on every system, and its lock goes with the process. Nobody waits where
    a disk knows no locks, nor for ever.
    """
    with closing(sqlite3.connect(":memory:", timeout=30)) as lock:
        with suppress(OSError, ValueError, sqlite3.Error):
            (folder / ".jupyter").mkdir(exist_ok=True)
            lock.execute("attach ? as start", [str(folder / ".jupyter" / "start.lock")])
            lock.execute("begin exclusive")
        yield


def opened(folder: Path) -> set[Path]:
    """Return the files that a JupyterLab has open: in a tab, or with a kernel.

    Args:
        folder: the student's absolute folder.

    Returns:
        Their real paths; ``folder`` itself if a JupyterLab there does not tell.
    """
    found = set()
    folder = folder.resolve()
    for server in _servers(environment(folder)):
        root = Path(server["root_dir"]).resolve()  # a link in it may lead to the folder
        try:
            began = _ask(server, "api/status")["started"][:19]
            files = {session["path"] for session in _ask(server, "api/sessions")}
            spaces = _ask(server, "lab/api/workspaces").get("workspaces", {})
            for space in spaces.get("values", []):
                if space["metadata"]["last_modified"][:19] >= began:
                    tabs = (part for name, part in space["data"].items() if ":" in name)
                    files |= {tab.get("data", {}).get("path", "") for tab in tabs}
            files -= {""}  # what else a workspace remembers
            found |= {(root / file.removeprefix("RTC:")).resolve() for file in files}
        except ConnectionRefusedError:
            continue  # it was killed
        except _NO_ANSWER:
            found |= {folder} if folder.is_relative_to(root) else set()
    return found


def _servers(env: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield what the servers of this user wrote about themselves; some may have ended."""
    from jupyter_core import paths

    runtime = env.get("JUPYTER_RUNTIME_DIR") or paths.jupyter_runtime_dir()
    for file in Path(runtime).glob("jpserver-*.json"):
        with suppress(*_NO_ANSWER):
            server = json.loads(file.read_text(encoding="utf-8"))
            if os.name == "posix":
                os.kill(server["pid"], 0)
            yield {key: server[key] for key in _NEEDED}


def _ask(server: dict[str, Any], path: str) -> Any:
    """Return what a server answers; it may be an error of its own, as JSON."""
    host = server["hostname"].replace("0.0.0.0", "127.0.0.1")  # noqa: S104
    asked = http.client.HTTPConnection(host, server["port"], timeout=5)  # by no proxy
    # a hub's server has no token of its own
    token = server["token"] or os.environ.get("JUPYTERHUB_API_TOKEN", "")
    header = {"Authorization": f"token {token}"}
    asked.request("GET", server["base_url"] + path, headers=header)
    return json.load(asked.getresponse())


def _address(folder: Path, env: dict[str, str], lesson: str = "") -> str:
    """Return the address of a JupyterLab that answers for the folder, or ""."""
    for server in _servers(env):
        # the file proves nothing: its server may have been killed
        with suppress(*_NO_ANSWER):
            if Path(server["root_dir"]).resolve() == folder.resolve():
                _ask(server, "api/status")["kernels"]
                host = server["hostname"].replace("0.0.0.0", "127.0.0.1")  # noqa: S104
                path = f"lab/tree/{lesson}" if lesson else "lab"
                base = f"http://{host}:{server['port']}{server['base_url']}"
                return f"{base}{path}?token={server['token']}"
    return ""
