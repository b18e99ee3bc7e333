"""``course start``: the student's own copies of the lessons, open in JupyterLab."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import webbrowser
from pathlib import Path
from urllib.parse import quote, urlencode

from course.start.copies import FIRST, StartError, choose_folder, copy_lessons, report

_HERE = Path(__file__).resolve().parent


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
        print("\nStopped. `course start` brings you back to what you saved.")
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
