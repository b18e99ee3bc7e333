"""Measure the explorers: from a key press at a control to the painted view.

    python tests/benchmarks/explorers.py

needs Chromium and the extra ``test``; bench.py runs it, too. It prints a table in
markdown. README.md beside this file says what is measured and how.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPO), str(REPO / "tests" / "browser")]

import lab  # noqa: E402
from playwright.sync_api import ElementHandle, sync_playwright  # noqa: E402

from course.lessons import EXPLORERS  # noqa: E402

PACE = 1000  # milliseconds between two moves: who moves a control looks at the view

# From the keydown to the second animation frame after a change of the view: a frame is
# painted before the next one begins, so by then the change is on the screen.
WATCH = """
window.bench = { arm(output) {
  this.result = null;
  const seen = (node) => node.classList?.contains('course-view');
  document.addEventListener('keydown', ({timeStamp}) => {
    const watcher = new MutationObserver((changes) => {
      if (!changes.some((c) => [...c.addedNodes].some(seen))) return;
      watcher.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => {
        this.result = performance.now() - timeStamp; }));
    });
    watcher.observe(output, {childList: true, subtree: true});
  }, {capture: true, once: true});
} };
"""
PLACE = "e => e.tagName === 'SELECT' ? [e.selectedIndex, e.length - 1] : [+e.value, +e.max]"

# what a view costs in the kernel that nothing has drawn before
ALONE = """
import random, time
from course.explore import explorer
def alone(name, count):
    made, times = explorer(name), []
    states = list(made.states())
    for state in random.Random(1).sample(states, min(count + 2, len(states))):
        begin = time.perf_counter()
        made.draw(**state)
        times.append(1000 * (time.perf_counter() - begin))
    return times[2:]
"""
ASK = """async code => {
  const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const asked = kernel.requestExecute({code: '', user_expressions: {it: code}});
  return JSON.parse((await asked.done).content.user_expressions.it.data['text/plain']);
}"""


def latency(
    window: lab.Lab, folder: Path, moves: int
) -> dict[str, tuple[list[float], list[float]]]:
    """Return milliseconds to each painted view, and those of views in the kernel alone."""
    cells = ["import course", *(f"course.explore.{name}()" for name in EXPLORERS), ALONE]
    window.open(lab.write(folder, "explorers.ipynb", *cells))
    broken = window.run_all()
    assert broken == [], broken
    window.page.evaluate(WATCH)
    painted = dict(zip(EXPLORERS, window.explorers(), strict=True))
    times = {name: _moved(window.page, shell, moves) for name, shell in painted.items()}
    window.page.mouse.move(0, 0)
    window.page.evaluate("document.activeElement.blur()")
    window.page.wait_for_timeout(3 * PACE)
    alone = {n: window.page.evaluate(ASK, f"alone({n!r}, {moves})") for n in EXPLORERS}
    return {name: (times[name], alone[name]) for name in EXPLORERS}


def _moved(page, output: ElementHandle, moves: int) -> list[float]:
    """Press an arrow key at each control in turn, to and fro."""
    controls = output.query_selector_all(".course-controls :is(select, input)")
    forward, times = [True] * len(controls), []
    output.scroll_into_view_if_needed()
    for move in range(moves + 2):
        which = move % len(controls)
        control = controls[which]
        control.focus()
        page.wait_for_timeout(PACE)
        at, last = control.evaluate(PLACE)
        forward[which] = at == 0 or (forward[which] and at < last)
        keys = ("ArrowLeft", "ArrowRight")
        if control.evaluate("e => e.tagName") == "SELECT":
            keys = ("ArrowUp", "ArrowDown")
        page.evaluate("output => bench.arm(output)", output)
        page.keyboard.press(keys[forward[which]])
        page.wait_for_function("bench.result !== null", timeout=20_000)
        times.append(page.evaluate("bench.result"))
    return times[2:]  # the first two warm up


def report(times: dict[str, tuple[list[float], list[float]]]) -> str:
    """Return it as markdown."""
    lines = [
        "| explorer | key press to painted view, median (range) "
        "| in the kernel, a view that nothing has drawn yet |",
        "|---|---|---|",
    ]
    for name, both in times.items():
        cells = (
            f"{statistics.median(row):.0f} ms ({min(row):.0f}-{max(row):.0f})" for row in both
        )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    load = ", ".join(f"{n:.1f}" for n in os.getloadavg())
    count = len(next(iter(times.values()))[0])
    lines += ["", f"{count} moves each; load of the machine at the end: {load}."]
    return "\n".join(lines)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=20)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        server = lab.Server(Path(temporary))
        try:
            with sync_playwright() as playwright, lab.chromium(playwright) as context:
                window = lab.Lab(server, context)
                print(report(latency(window, Path(temporary), args.moves)))
        finally:
            server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
