"""A real JupyterLab and a real Chromium for tests and benchmarks.

The server is our own process, started with the command that ``course start``
uses. The browser may talk to this machine only: whatever else it asks for is
refused and written down.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import (
    BrowserContext,
    ElementHandle,
    Error,
    Frame,
    Page,
    Playwright,
)

from course.start import lab as start

REPO = Path(__file__).resolve().parents[2]
ARTEFACTS = REPO / "artefacts"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
]

# Words in console messages that are no fault of the course -> why.
NOISE = {
    "Could not restore the debugger state: Canceled future": "JupyterLab asks each new "
    "kernel whether it can debug; closing a notebook at once cuts the question off",
    "Canceled future for create_subshell_request": "JupyterLab asks for a thread of its own "
    "for widgets at their first message; a restart or a closed page cuts the question off",
    "[anywidget] Failed to initialize model": "anywidget says so after two seconds, and "
    "goes on; a busy machine needs longer. A widget that stays away fails other tests",
}


def find_chromium() -> str | None:
    """Return the path of an installed Chromium, or None."""
    named = os.environ.get("COURSE_CHROMIUM")
    if named:
        return shutil.which(named)
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    return None


@contextmanager
def chromium(playwright: Playwright, **options) -> Iterator[BrowserContext]:
    """Open a fresh browser window."""
    browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
    options = {"viewport": {"width": 1280, "height": 900}} | options
    context = browser.new_context(service_workers="block", locale="en-GB", **options)
    context.set_default_timeout(120_000)  # a busy machine takes its time
    try:
        yield context
    finally:
        browser.close()


@dataclass
class Guard:
    """What a browser window did that it should not have done."""

    outside: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    pages: set[str] = field(default_factory=set)  # file:// addresses we open

    def watch(self, context: BrowserContext) -> None:
        """Refuse everything that leaves this machine; note every error."""
        context.route(lambda url: not self._local(url), self._refuse)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("requestfailed", self._failed)
        context.on("response", self._answer)
        # a route sees no sockets; each page tells of its own
        context.on("page", lambda page: page.on("websocket", self._socket))

    def _local(self, url: str) -> bool:
        parts = urlsplit(url)
        if parts.scheme in {"data", "blob", "about"}:
            return True
        if parts.scheme == "file":
            return url in self.pages
        return parts.hostname in {"127.0.0.1", "localhost"}

    def _refuse(self, route) -> None:
        self.outside.append(route.request.url)
        route.abort()

    def _socket(self, socket) -> None:
        if not self._local(socket.url):
            self.outside.append(socket.url)

    def _error(self, event) -> None:
        if not any(n in str(event.error) for n in NOISE):
            self.errors.append(str(event.error))

    def _console(self, message) -> None:
        if message.type == "error" and not any(n in message.text for n in NOISE):
            self.console.append(f"{message.text} ({message.location.get('url', '')})")

    def _failed(self, request) -> None:
        # closing a page cuts off what it still asked for: no failure
        if request.failure != "net::ERR_ABORTED" and self._local(request.url):
            self.failed.append(f"{request.url}: {request.failure}")

    def _answer(self, response) -> None:
        if response.status >= 400:
            self.failed.append(f"{response.url}: {response.status}")

    def found(self) -> dict[str, list[str]]:
        """Return what went wrong since the last call, and forget it."""
        names = ("outside", "console", "errors", "failed")
        bad = {name: getattr(self, name)[:] for name in names if getattr(self, name)}
        for name in names:
            getattr(self, name).clear()
        return bad


class Server:
    """JupyterLab on a free port of this machine; ``close`` ends it for sure."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.token = secrets.token_hex(16)
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", 0))
            self.port = trial.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        extra = [
            "--ServerApp.ip=127.0.0.1",
            f"--IdentityProvider.token={self.token}",
            "--LabApp.expose_app_in_browser=True",
        ]
        command = start.lab_command(folder, self.port, extra)
        env = start.environment(folder)
        env["PYTHONPATH"] = os.pathsep.join([str(REPO), *filter(None, [env.get("PYTHONPATH")])])
        for name in ("RUNTIME", "CONFIG", "DATA"):
            env[f"JUPYTER_{name}_DIR"] = str(folder / ".jupyter" / name.lower())
        env["IPYTHONDIR"] = str(folder / ".ipython")
        log = folder / ".jupyter" / "lab.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log.open("wb")
        self.log = log
        self.process = subprocess.Popen(
            command,
            env=env,
            cwd=folder,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def _wait(self) -> None:
        until = time.monotonic() + 180  # a busy machine takes its time
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                self.get("api/status")
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise RuntimeError(f"JupyterLab does not answer:\n{self.log.read_text('utf-8')}")

    def get(self, path: str) -> object:
        """Return what the server's API answers."""
        return json.loads(self._ask(path, "GET"))

    def _ask(self, path: str, method: str) -> bytes:
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Authorization", f"token {self.token}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def close(self) -> None:
        """End the kernels and the server, by force if they do not listen."""
        if self.process.poll() is None:
            try:
                self._ask("api/shutdown", "POST")  # takes the kernels along
                self.process.wait(timeout=15)
            except (OSError, subprocess.TimeoutExpired):
                self.process.terminate()
                try:
                    self.process.wait(timeout=10)
                except subprocess.TimeoutExpired:
                    self.process.kill()
                    self.process.wait()
        self._log.close()


_CELLS = """() => {
  const panel = jupyterapp.shell.currentWidget;
  const code = panel.content.widgets.filter(
    c => c.model.type === 'code' && c.model.sharedModel.getSource().trim());
  return {
    kernel: panel.sessionContext.session?.kernel?.status ?? 'none',
    waiting: code.filter(c => c.model.executionCount == null).length,
    errors: code.flatMap(c => c.model.outputs.toJSON()
      .filter(o => o.output_type === 'error')
      .map(o => `${c.model.id}: ${o.ename}: ${o.evalue}`)),
  };
}"""

_MAPS = """() => jupyterapp.shell.currentWidget.content.widgets.flatMap((cell, n) =>
  cell.model.type === 'code' && cell.model.outputs.toJSON().some(
    o => [o.data?.['text/html'] ?? ''].flat().join('').includes('<iframe')) ? [n] : [])"""
_EXPLORERS = """() => jupyterapp.shell.currentWidget.content.widgets.flatMap((cell, n) =>
  cell.model.type === 'code' &&
  cell.model.sharedModel.getSource().startsWith('course.explore.') ? [n] : [])"""
# cells out of sight may not be in the page yet
_SCROLL = """async n => {
  const content = jupyterapp.shell.currentWidget.content;
  content.activeCellIndex = n;
  await content.scrollToItem(n, 'smart');
  return content.widgets[n].node;
}"""


class Lab:
    """One browser tab with JupyterLab in it."""

    def __init__(self, server: Server, context: BrowserContext) -> None:
        self.server = server
        self.page: Page = context.new_page()
        self.load()

    def load(self) -> None:
        """Load JupyterLab anew, without anything open."""
        self.page.goto(f"{self.server.url}lab?reset&token={self.server.token}")
        self.page.wait_for_function(
            "!!window.jupyterapp?.shell?.currentWidget", timeout=180_000
        )
        self.page.evaluate("jupyterapp.shell.collapseLeft()")

    def open(self, name: str) -> None:
        """Open a notebook, and no other, and wait until its kernel is idle."""
        self.close()
        self.page.evaluate(
            """async name => {
              const panel = await jupyterapp.commands.execute(
                'docmanager:open', {path: name, factory: 'Notebook'});
              await panel.context.ready; await panel.revealed;
              jupyterapp.shell.activateById(panel.id);
            }""",
            name,
        )
        self.page.wait_for_function(
            "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status"
            " === 'idle'",
            timeout=180_000,
        )

    def run_all(self, timeout: float = 400) -> list[str]:
        """Run all cells as the menu does; return the errors of the cells."""
        self.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            now = self.page.evaluate(_CELLS)
            if now["errors"] or (now["kernel"] == "idle" and not now["waiting"]):
                return now["errors"]
            self.page.wait_for_timeout(100)
        raise AssertionError(f"still running after {timeout} seconds: {now}")

    def outputs(self) -> list[dict]:
        """Return each code cell's id and outputs."""
        return self.page.evaluate(
            """() => jupyterapp.shell.currentWidget.content.widgets
              .filter(c => c.model.type === 'code')
              .map(c => ({id: c.model.id, outputs: c.model.outputs.toJSON()}))"""
        )

    def python(self, code: str) -> str:
        """Run code in the kernel of the notebook; return what it prints."""
        return self.page.evaluate(
            """async code => {
              const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
              const asked = kernel.requestExecute({code}), said = [];
              asked.onIOPub = m => said.push(m.content.text ?? m.content.traceback?.join() ?? '');
              await asked.done;
              return said.join('');
            }""",
            code,
        )

    def save(self) -> None:
        """Save the notebook and wait until it is on disk."""
        self.page.evaluate("jupyterapp.commands.execute('docmanager:save')")

    def close(self) -> None:
        """Close the notebook and end its kernel."""
        self.page.evaluate(
            """async () => {
              const panel = jupyterapp.shell.currentWidget;
              if (!panel?.context || !panel.sessionContext) return;
              await panel.context.save();
              await panel.sessionContext.shutdown();
              panel.close();
            }"""
        )

    def maps(self) -> list[Frame]:
        """Return the frames of all maps, drawn; each output with a frame is one."""
        found = []
        for frame in self._shown(_MAPS, ".jp-OutputArea iframe"):
            frame.scroll_into_view_if_needed()
            inside = frame.content_frame()
            inside.wait_for_selector(".leaflet-container path", state="attached")
            found.append(inside)
        return found

    def explorers(self) -> list[ElementHandle]:
        """Return the outputs of all explorers, with their controls."""
        controls = self._shown(_EXPLORERS, ".course-controls")
        outputs = "e => e.closest('.jp-Cell-outputArea')"
        return [made.evaluate_handle(outputs).as_element() for made in controls]

    def _shown(self, cells: str, selector: str) -> list[ElementHandle]:
        return [self._one(n, selector) for n in self.page.evaluate(cells)]

    def _one(self, number: int, selector: str) -> ElementHandle:
        cell = self.page.evaluate_handle(_SCROLL, number).as_element()
        try:
            return cell.wait_for_selector(selector, state="attached")
        except Error as error:
            if "not attached" not in str(error):
                raise
        return self._one(number, selector)  # the cell was drawn anew meanwhile

    def picture(self, name: str) -> None:
        """Keep a picture of the whole notebook."""
        page = self.page
        size = page.viewport_size
        tall = page.evaluate(
            """() => { const n = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden)'
              + ' .jp-WindowedPanel-outer'); n.scrollTop = 0; return n.scrollHeight }"""
        )
        page.set_viewport_size({"width": size["width"], "height": min(tall + 150, 16_000)})
        page.wait_for_timeout(400)
        ARTEFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTEFACTS / f"{name}.png")
        page.set_viewport_size(size)


def until(frame: Frame | Page, script: str) -> None:
    """Wait until a script says true; pages of maps forbid Playwright's own way to wait."""
    for _ in range(600):
        if frame.evaluate(script):
            return
        frame.wait_for_timeout(50)
    raise AssertionError(f"never true: {script}")


def soon(page: Frame | Page, ask: Callable[[], object], wanted: object) -> None:
    """Ask until the answer is what is wanted: what crosses processes takes its time."""
    for _ in range(300):
        if (said := ask()) == wanted:
            return
        page.wait_for_timeout(100)
    assert said == wanted


def notebook(*cells: str) -> dict:
    """Return a notebook with these code cells (text that begins with # is text)."""
    made = []
    for number, source in enumerate(cells):
        cell = {"id": f"cell-{number}", "metadata": {}, "source": source}
        if source.startswith("# "):
            made.append(cell | {"cell_type": "markdown"})
        else:
            code = {"cell_type": "code", "outputs": [], "execution_count": None}
            made.append(cell | code)
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {
                "name": "python3",
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
            }
        },
        "cells": made,
    }


def write(folder: Path, name: str, *cells: str) -> str:
    """Write a notebook with these cells into a folder; return its name."""
    text = json.dumps(notebook(*cells), ensure_ascii=False)
    (folder / name).write_text(text, encoding="utf-8")
    return name
