"""``course start``: the student's own copies of the lessons, open in JupyterLab."""

from __future__ import annotations

import errno
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import webbrowser
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from course.paths import lessons_dir

_HERE = Path(__file__).resolve().parent
FOLDER = "amur-course"
FIRST = "00_start_here.ipynb"
STAMP = "course_copy"  # notebook metadata of a copy: which lesson it was made from
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NO_LINKS = {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would change line ends


class StartError(Exception):
    """Why the lessons cannot be opened, and what to do about it."""


@dataclass
class Copies:
    """What `copy_lessons` found and did, as file names.

    Attributes:
        added: lessons copied just now.
        kept: lessons that were there already.
        newer: those of ``kept`` that the course has changed since.
        unreadable: those of ``kept`` that are no notebooks any more.
    """

    added: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    newer: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def start(
    folder: Path | None = None,
    browser: bool = True,
    port: int | None = None,
    extra: list[str] | None = None,
) -> int:
    """Copy the lessons that are missing and open them all in JupyterLab.

    Args:
        folder: where the student's copies live; see `choose_folder`.
        browser: False prints the address and opens no browser.
        port: the port JupyterLab must use; a free one if None.
        extra: further words for JupyterLab.

    Returns:
        The exit code of JupyterLab; 0 when it was stopped with Ctrl+C.

    Raises:
        StartError: the lessons cannot be copied, or JupyterLab cannot start.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise StartError(
            "JupyterLab is not installed in this Python. `course doctor` names the "
            "command that installs it."
        )
    folder = choose_folder(folder)
    copies = copy_lessons(folder)
    print("\n".join(report(folder, copies)), flush=True)
    running = _running(folder)
    if running:
        print(f"JupyterLab is already open on this folder: {running}")
        if browser:
            webbrowser.open(running)
        return 0
    if port is not None:
        _check_port(port)
    lessons = sorted(copies.added + copies.kept)
    first = FIRST if FIRST in lessons else lessons[0]
    command = lab_command(folder, first, browser, port, extra)
    how = f"opens {first} in your browser" if browser else "prints its address below"
    print(
        f"JupyterLab {how}. Leave this window open while you work; Ctrl+C in it "
        "ends the session.",
        flush=True,
    )
    return _run(command, environment(folder))


def choose_folder(folder: Path | None) -> Path:
    """Return the absolute folder for the student's copies, made if need be.

    Args:
        folder: the folder asked for. None means ``amur-course`` in the current
            folder, or the current folder itself if it holds copies already.

    Raises:
        StartError: it is a file, or holds the course itself, or cannot be
            written to.
    """
    if folder is None:
        here = Path.cwd()
        first = here / FIRST
        inside = first.is_file() and here.resolve() != lessons_dir().resolve()
        folder = here if inside else here / FOLDER
    folder = Path(os.path.abspath(folder.expanduser()))
    if folder.exists() and not folder.is_dir():
        raise StartError(
            f"{folder} is a file, not a folder. Name another folder: "
            "course start FOLDER"
        )
    if folder.resolve() == lessons_dir().resolve():
        raise StartError(
            f"{folder} holds the course's own lessons, which stay as they are. Name "
            "another folder for your copies: course start FOLDER"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StartError(_refusal(folder, error)) from error
    return folder


def copy_lessons(folder: Path) -> Copies:
    """Copy the lessons that ``folder`` lacks; change nothing that is there.

    Args:
        folder: an existing folder.

    Returns:
        What was added, and what was there already.

    Raises:
        StartError: the course's lessons are missing or damaged, or a copy
            cannot be written; no half-written lesson stays.
    """
    lessons = sorted(lessons_dir().glob("[0-9][0-9]_*.ipynb"))
    if not lessons:
        raise StartError(
            "The lessons are missing from this installation. `course doctor` names "
            "the command that mends it."
        )
    copies = Copies()
    for lesson in lessons:
        notebook = _notebook(lesson)
        if notebook is None:
            raise StartError(
                f"The lesson {lesson.name} of this installation is damaged. "
                "`course doctor` names the command that mends it."
            )
        made_from = fingerprint(notebook)
        copy = folder / lesson.name
        if not os.path.lexists(copy):
            notebook.setdefault("metadata", {})[STAMP] = made_from
            text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
            if _create(copy, text.encode("utf-8")):
                copies.added.append(lesson.name)
                continue
        copies.kept.append(lesson.name)
        theirs = _notebook(copy)
        if theirs is None:
            copies.unreadable.append(lesson.name)
        elif theirs.get("metadata", {}).get(STAMP, fingerprint(theirs)) != made_from:
            copies.newer.append(lesson.name)
    return copies


def report(folder: Path, copies: Copies) -> list[str]:
    """Say in a few lines what `copy_lessons` did in ``folder``."""
    lines = [f"Your lessons are in {folder}"]
    if copies.added and copies.kept:
        lines.append(f"New in your folder: {', '.join(copies.added)}.")
    elif copies.added:
        lines.append(f"{len(copies.added)} lessons copied. They are yours to change.")
    else:
        lines.append("Everything is as you left it.")
    if copies.newer:
        lines.append(
            f"The course has another version of {', '.join(copies.newer)}; your copy "
            "stays as it is. To get that version too, rename your copy and start again."
        )
    if copies.unreadable:
        lines.append(
            f"Not readable as a notebook, and left alone: "
            f"{', '.join(copies.unreadable)}. To get a fresh copy, rename that file "
            "and start again."
        )
    return lines


def lab_command(
    folder: Path,
    first: str,
    browser: bool = True,
    port: int | None = None,
    extra: list[str] | None = None,
) -> list[str]:
    """Return the command that opens JupyterLab of this Python on ``first``."""
    command = [
        sys.executable,
        "-P",  # a file json.py in the current folder must not stop JupyterLab
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{quote(first)}",
        "--ServerApp.answer_yes=True",
        # nothing here may ask the network for anything
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--Application.log_level=ERROR",
    ]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        command.append("--allow-root")  # usual in containers; others see no port
    if not browser:
        command.append("--no-browser")
    if _can_encrypt():  # the kernel warns about eavesdroppers otherwise
        command.append("--KernelManager.transport_encryption=auto")
    if port is not None:
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    return command + list(extra or [])


def environment(folder: Path) -> dict[str, str]:
    """Return the environment JupyterLab runs in.

    Kernels and lab extensions of this Python come first, whatever else is
    installed for the user or the machine.

    Args:
        folder: the student's absolute folder.
    """
    env = dict(os.environ)
    others = [p for p in env.get("JUPYTER_PATH", "").split(os.pathsep) if p]
    env["JUPYTER_PATH"] = os.pathsep.join([str(own_jupyter_dir()), *others])
    env["JUPYTER_PREFER_ENV_PATH"] = "1"
    # labconfig/ beside this file: no question about news, a save every 30 seconds
    others = [p for p in env.get("JUPYTER_CONFIG_PATH", "").split(os.pathsep) if p]
    env["JUPYTER_CONFIG_PATH"] = os.pathsep.join([str(_HERE), *others])
    env["COURSE_FOLDER"] = str(folder)
    # open tabs belong to the folder, not to the user's other projects
    env["JUPYTERLAB_WORKSPACES_DIR"] = str(folder / ".jupyter" / "workspaces")
    env.setdefault("PYTHONUTF8", "1")
    return env


def own_jupyter_dir() -> Path:
    """Return the folder ``share/jupyter`` that belongs to this Python."""
    try:
        files = importlib.metadata.files("ipykernel") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.as_posix().endswith("kernels/python3/kernel.json"):
            return Path(os.path.abspath(file.locate())).parents[2]
    return Path(sys.prefix, "share", "jupyter")


def fingerprint(notebook: dict[str, Any]) -> str:
    """Return a hash of what the cells say; outputs and layout do not count."""
    cells = [
        [cell.get("cell_type"), "".join(cell.get("source", ""))]
        for cell in notebook["cells"]
    ]
    return hashlib.sha256(json.dumps(cells).encode("ascii")).hexdigest()


def _notebook(path: Path) -> dict[str, Any] | None:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        fingerprint(notebook)
        notebook.get("metadata", {}).get(STAMP)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return notebook


def _create(path: Path, content: bytes) -> bool:
    """Write a file that must not exist yet, whole or not at all.

    Returns:
        False if somebody else made the file in the meantime; it stays theirs.
    """
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}.copying")
    try:
        _write_new(made, content)
        try:
            os.link(made, path)
        except OSError as error:
            if error.errno not in _NO_LINKS or os.path.lexists(path):
                raise
            _write_new(path, content)  # a memory stick knows no links
        finally:
            made.unlink()
    except FileExistsError:
        return False
    except OSError as error:
        raise StartError(_refusal(path, error)) from error
    return True


def _write_new(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # a full disk must be noticed here
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _refusal(path: Path, error: OSError) -> str:
    if error.errno in _FULL:
        return (
            f"The disk is full, so {path} was not written; nothing half-written is "
            "left. Free some space, or name a folder on another disk: "
            "course start FOLDER"
        )
    if error.errno in {errno.EEXIST, errno.ENOTDIR}:
        return (
            f"{path} cannot be made a folder, because a part of it is a file. Name "
            "another folder: course start FOLDER"
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return (
            f"You may not write to {path}. Name a folder of your own: "
            "course start FOLDER"
        )
    return (
        f"{path} cannot be written ({error.strerror or error}). Name another folder: "
        "course start FOLDER"
    )


def _can_encrypt() -> bool:
    try:
        import zmq
        from jupyter_client import KernelManager
    except ImportError:
        return False
    return hasattr(KernelManager, "transport_encryption") and zmq.has("curve")


def _running(folder: Path) -> str:
    """Return the address of a JupyterLab that is open on this folder, or ""."""
    from jupyter_server.serverapp import list_running_servers

    for server in list_running_servers():
        if Path(server.get("root_dir", "")).resolve() == folder.resolve():
            token = server.get("token")
            url = f"{server['url']}lab"
            return f"{url}?{urlencode({'token': token})}" if token else url
    return ""


def _check_port(port: int) -> None:
    with socket.socket() as trial:
        if os.name == "posix":
            # a port that was closed a moment ago is free
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except PermissionError:
            raise StartError(
                f"Port {port} is reserved for the system. Choose one from 1024 to "
                "65535, or leave --port away and a free one is found."
            ) from None
        except OSError:
            raise StartError(
                f"Port {port} is taken by another program. Choose another, such as "
                f"--port {port + 1 if port < 65535 else 8888}, or leave --port away "
                "and a free one is found."
            ) from None


def _run(command: list[str], env: dict[str, str]) -> int:
    process = subprocess.Popen(command, env=env)
    previous = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        code = process.wait()
    except KeyboardInterrupt:
        # the terminal has sent Ctrl+C to JupyterLab too: it is closing
        try:
            process.wait(timeout=10)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.terminate()
            process.wait()
        print("\nStopped. Your work is saved as you last saved it.")
        return 0
    finally:
        signal.signal(signal.SIGTERM, previous)
    if code:
        print(
            "JupyterLab ended with an error; its own words stand above. "
            "`course doctor` looks for the cause.",
            file=sys.stderr,
        )
    return code
