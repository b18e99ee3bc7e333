"""Measure the live map against ipyleaflet and folium redrawn by interact.

    python tests/benchmarks/bench.py

needs Chromium and the extras ``test`` and ``benchmark``. It prints a table in
markdown. README.md beside this file says what is measured and how.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPO), str(REPO / "tests" / "browser")]

import explorers  # noqa: E402
import lab  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

DATA = """
import random
import pandas as pd
import ipywidgets
import course
from branca.colormap import linear
from IPython.display import HTML

random.seed(1)
shapes = course.shapes("region_polygons")
# an area of the course holds fewer regions; here all are drawn by all
course.LiveMap.__init__.__globals__["region_shapes"] = lambda area: shapes["features"]
ids = [f["properties"]["region_id"] for f in shapes["features"]]
years = list(range(2000, 2021))
frame = pd.DataFrame(
    [(r, y, round(random.random() * 100, 2)) for r in ids for y in years],
    columns=["region_id", "year", "value"],
)
steps = linear.YlGnBu_09.to_step(6).scale(0, 100)
fills = {y: {r: steps(v)[:7] for r, v in zip(g["region_id"], g["value"])}
         for y, g in frame.groupby("year")}
def year_slider():
    return ipywidgets.IntSlider(min=2000, max=2020, value=2010, description="Year")
"""

LIVE = """
live = course.LiveMap(frame, area="borderland", year=2010, height=420)
live_slider = year_slider()
live_slider.add_class("bench-live")
ipywidgets.jslink((live_slider, "value"), (live, "year"))
display(live_slider, live)
"""

IPYLEAFLET = """
import ipyleaflet
leaf_layers = {
    f["properties"]["region_id"]: ipyleaflet.GeoJSON(
        data=f, style={"weight": 1, "color": "#55514a", "fillOpacity": 0.85,
                       "fillColor": fills[2010][f["properties"]["region_id"]]})
    for f in shapes["features"]
}
leaf = ipyleaflet.Map(center=(55, 120), zoom=3, layers=tuple(leaf_layers.values()))
def leaf_show(change):
    before, after = fills[change["old"]], fills[change["new"]]
    for region, layer in leaf_layers.items():
        if before[region] != after[region]:
            layer.style = layer.style | {"fillColor": after[region]}
leaf_slider = year_slider()
leaf_slider.add_class("bench-leaf")
leaf_slider.observe(leaf_show, "value")
display(leaf_slider, leaf)
"""

# the other way to write it: one layer, its data sent anew with new styles
IPYLEAFLET_ONE = """
import copy, ipyleaflet
one_shapes = copy.deepcopy(dict(shapes))
def one_style(feature):
    return {"fillColor": fills[one_slider.value][feature["properties"]["region_id"]]}
one_slider = year_slider()
one_slider.add_class("bench-one")
one_layer = ipyleaflet.GeoJSON(
    data=one_shapes, style={"weight": 1, "color": "#55514a", "fillOpacity": 0.85},
    style_callback=one_style)
one = ipyleaflet.Map(center=(55, 120), zoom=3, layers=(one_layer,))
def one_show(change):
    one_layer.data = {**one_shapes, "features": [
        {**f, "properties": {**f["properties"], "style": {**one_layer.style, **one_style(f)}}}
        for f in one_shapes["features"]]}
one_slider.observe(one_show, "value")
display(one_slider, one)
"""

INTERACT = """
import folium
from html import escape
from course.maps.offline import OfflineMap
def redraw(year):  # shown in a frame as folium does, without the sandbox of the course
    m = OfflineMap("Regions by colour", height=420, location=[55, 120], zoom_start=3)
    folium.GeoJson(dict(shapes), style_function=lambda f: {
        "weight": 1, "color": "#55514a", "fillOpacity": 0.85,
        "fillColor": fills[year][f["properties"]["region_id"]]}).add_to(m)
    page = escape(m.get_root().render())
    display(HTML(f'<div><iframe srcdoc="{page}" width="100%" height="420"></iframe></div>'))
again_slider = year_slider()
again_slider.continuous_update = False
again_slider.add_class("bench-again")
ipywidgets.interact(redraw, year=again_slider);
"""

OWN, LINKED = "LiveMap, its own slider", "LiveMap, `jslink`ed slider"
# name, class of the slider, the cell
RIVALS = {
    LINKED: ("bench-live", LIVE),
    "ipyleaflet": ("bench-leaf", IPYLEAFLET),
    "ipyleaflet, one layer": ("bench-one", IPYLEAFLET_ONE),
    "folium + `interact`": ("bench-again", INTERACT),
}

# From the keydown to the first animation frame in which some region's fill differs,
# and to the last frame in which another one follows. Key and map may be in two pages,
# even in two processes: the time is that of the clock on the wall.
WATCH = """
window.bench = {
  clock: () => performance.timeOrigin + performance.now(),
  paths(kind) {
    const root = document.querySelector(`.${kind}`)?.closest('.jp-Cell-outputArea') ?? document;
    const frame = root.querySelector('iframe');
    const page = frame ? frame.contentDocument : root;
    return page ? [...page.querySelectorAll('path.leaflet-interactive')] : [];
  },
  press() {
    this.pressed = null;
    addEventListener('keydown', () => { this.pressed = this.clock(); },
      {capture: true, once: true});
  },
  watch(kind) {
    const fills = () => this.paths(kind).map(p => p.getAttribute('fill')).join();
    let before = fills(), first = null, last = null;
    this.seen = null;
    const look = () => {
      const now = fills(), time = this.clock();
      if (now && now !== before) { first ??= time; last = time; before = now; }
      if (first !== null && time > last + 400) this.seen = [first, last];
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    return this.paths(kind).length;
  },
};
"""


def latency(window: lab.Lab, moves: int) -> dict[str, list[tuple[float, float]]]:
    """Return milliseconds to the first and last new colour of each move."""
    page = window.page
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in [*RIVALS, OWN]}
    order = list(times)
    for move in range(moves + 2):  # the first two warm up
        # two rivals share a map: it must not reach an end of its slider
        key = "ArrowRight" if (move // 4) % 2 == 0 else "ArrowLeft"
        order = order[1:] + order[:1]
        for name in order:
            took = _move(page, name, key)
            if move >= 2:
                times[name].append((took[0], took[1]))
    return times


def _move(page, name: str, key: str) -> list[float]:
    kind, _ = RIVALS[LINKED if name == OWN else name]
    output = page.query_selector(f".jp-Cell-outputArea:has(.{kind})")
    drawn = output.query_selector("iframe").content_frame() if kind == "bench-live" else page
    moved = drawn if name == OWN else page
    handle = moved.query_selector("#year" if name == OWN else f".{kind} .noUi-handle")
    # the map, not only its slider, must be on the screen
    output.evaluate("output => output.scrollIntoView({block: 'center'})")
    handle.focus()
    page.wait_for_timeout(100)
    for inside in {drawn, moved}:
        inside.evaluate(WATCH)
    count = drawn.evaluate("kind => bench.watch(kind)", kind)
    assert count >= 51, (name, count)
    moved.evaluate("bench.press()")
    page.keyboard.press(key)
    try:
        lab.until(drawn, "bench.seen !== null")
    except AssertionError as late:
        raise RuntimeError(f"{name} does not change its colours") from late
    pressed = moved.evaluate("bench.pressed")
    return [time - pressed for time in drawn.evaluate("bench.seen")]


def saved_sizes(window: lab.Lab, folder: Path) -> dict[str, tuple[int, int]]:
    """Return each rival's notebook size after 50 moves: as is, and with state."""
    sizes = {}
    page = window.page
    for name, (kind, cell) in RIVALS.items():
        file = lab.write(folder, f"{kind}.ipynb", DATA, cell)
        window.open(file)
        assert window.run_all() == []
        page.wait_for_selector(f".{kind} .noUi-handle").focus()
        for move in range(50):
            page.keyboard.press("ArrowRight" if (move // 8) % 2 == 0 else "ArrowLeft")
            page.wait_for_timeout(60)
        page.wait_for_timeout(3000)
        window.save()
        plain = (folder / file).stat().st_size
        toggle = "jupyterapp.commands.execute("
        toggle += "'@jupyter-widgets/jupyterlab-manager:saveWidgetState')"
        page.evaluate(toggle)
        page.wait_for_timeout(500)
        window.save()
        page.wait_for_timeout(500)
        sizes[name] = (plain, (folder / file).stat().st_size)
        page.evaluate(toggle)
        window.close()
    return sizes


def import_times(runs: int) -> tuple[list[float], list[float]]:
    """Return seconds to start Python and import course, and pandas, in turn."""
    env = os.environ | {"PYTHONPATH": str(REPO)}
    times: dict[str, list[float]] = {"course": [], "pandas": []}
    for run in range(runs + 1):
        for module in times:
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", f"import {module}"], env=env, check=True)
            if run:
                times[module].append(time.perf_counter() - begin)
    return times["course"], times["pandas"]


def report(times, sizes, imports) -> str:
    """Return everything as markdown."""
    middle = {n: statistics.median(last for _, last in row) for n, row in times.items()}
    packages = ("jupyterlab", "ipywidgets", "anywidget", "folium", "ipyleaflet", "pandas")
    versions = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in packages)
    lines = [
        f"{datetime.date.today()}, Python {platform.python_version()}, {versions}, "
        f"{_browser()}, {os.cpu_count()} cores. 51 regions, "
        f"{len(times[OWN])} moves each, in turn, in one JupyterLab.",
        "",
        "| map | to its own slider | to the linked one "
        "| key press to all new colours, median (range) | to the first one, median "
        "| notebook saved after 50 moves | with widget state |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in [OWN, *RIVALS]:
        first, row = zip(*times[name], strict=True)
        plain, state = (f"{s / 1e6:.2f} MB" for s in sizes.get(name, (0, 0)))
        if name not in sizes:
            plain = state = "as below"
        lines.append(
            f"| {name} | {middle[name] / middle[OWN]:.1f} "
            f"| {middle[name] / middle[LINKED]:.1f} "
            f"| {middle[name]:.1f} ms ({min(row):.1f}-{max(row):.1f}) "
            f"| {statistics.median(first):.1f} ms | {plain} | {state} |"
        )
    course, pandas = imports
    ratio = statistics.median(a / b for a, b in zip(course, pandas, strict=True))
    lines += [
        "",
        f"`import course` takes {statistics.median(course):.2f} s, `import pandas` "
        f"{statistics.median(pandas):.2f} s (Python's own start included, {len(course)} "
        f"runs each, in turn); median ratio {ratio:.2f}.",
    ]
    return "\n".join(lines)


def _browser() -> str:
    run = [lab.find_chromium(), "--version"]
    words = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    return " ".join(words[:2])


def main() -> int:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=30)
    parser.add_argument("--imports", type=int, default=15)
    args = parser.parse_args()
    if lab.find_chromium() is None:
        print("No Chromium found; COURSE_CHROMIUM names one.", file=sys.stderr)
        return 2
    imports = import_times(args.imports)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cells = [DATA, *(cell for _, cell in RIVALS.values())]
        lab.write(folder, "all.ipynb", *cells)
        server = lab.Server(folder)
        guard = lab.Guard()
        try:
            with sync_playwright() as playwright, lab.chromium(playwright) as context:
                guard.watch(context)
                window = lab.Lab(server, context)
                window.open("all.ipynb")
                broken = window.run_all()
                assert broken == [], broken
                window.page.wait_for_timeout(3000)
                times = latency(window, args.moves)
                window.close()
                sizes = saved_sizes(window, folder)
                views = explorers.latency(window, folder, args.moves)
        finally:
            server.close()
    if guard.outside:
        print("refused:", *sorted(set(guard.outside)), file=sys.stderr)
    print(report(times, sizes, imports), explorers.report(views), sep="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
