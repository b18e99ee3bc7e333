"""A still picture of a map as SVG: for print, and where a page may run no script."""

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape, unescape
from textwrap import wrap
from typing import Any

import folium
import numpy as np

from course.maps.area import EXTENT, map_words
from course.maps.offline import Part, pixels
from course.maps.picture import Drawn, Picture, Point, look

_WIDTH = 760  # pixels, about what a printed page holds
_MARKS = 1500  # more would make a notebook heavy
_ROUND = 6_371_000 * 2 * math.pi  # metres around the earth, as Leaflet counts them
_LAND = {  # what basemap.js draws, from below
    "countries": 'fill="#ece8df"',
    "outline": 'fill="none" stroke="#7a5c2e" stroke-width="5"',
    "area": 'fill="#fcfaf5"',
    "region_polygons": 'fill="none" stroke="#aaa193" stroke-width=".8" stroke-dasharray="3 3"',
    "borders": 'fill="none" stroke="#8c8577" stroke-width="1.2"',
    "rivers": 'fill="none" stroke="#6d9dc2"',
    "great": 'fill="none" stroke="#6d9dc2" stroke-width="2.2"',
    "lakes": 'fill="#d3e3ec" stroke="#6d9dc2" stroke-width=".6"',
}
_LEAST = {"country": 0, "place": 0, "water": 4.2, "region": 4.6}  # zoom from which named
_LETTERS = {
    "country": 'font-size="13" letter-spacing="1.5"',
    "place": "",
    "water": 'font-style="italic" fill="#24587d"',
    "region": 'font-style="italic" fill="#6b5227"',
}
_PIN = "M0 0c-4-11-12-17-12-25a12 12 0 0 1 24 0c0 8-8 14-12 25z"
_PINS = {"lightred": "#ff8e7f", "darkpurple": "#5b396b"}  # no colours of the web
_Shapes = dict[str, dict[Any, list[np.ndarray]]]  # kind -> key -> lines on the plane
_Box = tuple[float, float, float, float]  # left, top, right, bottom
_HATCH = (
    '<pattern id="nodata" width="7" height="7" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><path fill="#f2f2f2" d="M0 0h7v7H0z"/>'
    '<path fill="#b5b5b5" d="M0 0h2v7H0z"/></pattern>'
)


def still(m: folium.Map, extra: Picture | None = None, language: str = "") -> str:
    """Draw a map at its opening view.

    Args:
        m: the map.
        extra: what a script adds to the page of the map: areas and legends, drawn above the
            basemap and below the map's own layers, and the view, if it has one. An area
            filled with ``url(#nodata)`` is hatched; ``none`` of a legend names the hatch.
        language: language of the names, if not the one that the map opens in.

    Returns:
        The picture as SVG.
    """
    picture, extra = look(m), extra or Picture()
    view = _opening(m, extra.view or picture.view)
    draw = _Drawing(view)
    parts: dict[Any, Part] = {p._name: p for p in m._children.values() if isinstance(p, Part)}
    words = map_words()["en"]
    boxes = draw.legends([*extra.legends, *picture.legends])
    names = ""
    if "basemap" in parts:
        shapes, labels = _basemap(parts["basemap"].texts[0])
        page = json.loads(parts["basemap"].texts[1])
        language = language or page["language"]
        words = map_words()[language]
        great = {label["id"] for label in labels if "great" in label}
        draw.land(shapes, page["regions"], great)
        ranked = sorted(zip(page["ranks"], labels, strict=True), key=lambda pair: pair[0])
        names = _names(view, ranked, shapes["rivers"], language, boxes)
    for area in [*extra.areas, *picture.shown(picture.areas)]:
        draw.shape(area, closed=True)
    for line in picture.shown(picture.lines):
        draw.shape(line, closed=line.kind in {"Polygon", "Rectangle"})
    marks = picture.shown(picture.marks)
    for mark in marks[:_MARKS]:
        draw.mark(mark)
    missing = picture.unread + max(len(marks) - _MARKS, 0)
    notes = [words["not_drawn"].format(count=missing)] if missing else []
    notes += [words["boundary_note"]] if "basemap" in parts else []
    return draw.svg(names, " ".join(notes))


@dataclass(frozen=True)
class _View:
    """A window on the world in Web Mercator; ``scale``: pixels around the equator."""

    scale: float
    left: float
    top: float
    height: int

    def place(self, points: np.ndarray) -> np.ndarray:
        """Return points of the map's plane in pixels."""
        return np.clip(points * self.scale - [self.left, self.top], -1e5, 1e5)

    def sees(self, at: np.ndarray) -> bool:
        low, high = at.min(axis=0), at.max(axis=0)
        return bool((high >= 0).all() and (low <= [_WIDTH, self.height]).all())


def _mercator(points: Any) -> np.ndarray:
    """Return latitudes and longitudes in degrees on a plane where the earth is 1 wide."""
    lat, lon = np.asarray(points, dtype=float).T
    lat = np.radians(np.clip(lat, -85.05, 85.05))
    return np.column_stack([lon / 360 + 0.5, 0.5 - np.arcsinh(np.tan(lat)) / (2 * math.pi)])


def _opening(m: folium.Map, corners: list[Point] | None) -> _View:
    root: Any = m.get_root()
    options: dict[str, Any] = m.options
    height = pixels(root.height or 480)
    zoom = float(options.get("zoom", 1))
    ends = _mercator(corners or [m.location or [0, 0]])
    if corners:
        wide, high = np.maximum(np.ptp(ends, axis=0), 1e-9)
        zoom = math.log2(min(_WIDTH / wide, height / high) / 256)  # as manners.js fits it
    zoom = min(max(zoom, options.get("min_zoom", 0)), options.get("max_zoom", 18))
    scale = 256 * 2**zoom
    x, y = (ends.min(axis=0) + ends.max(axis=0)) / 2 * scale
    west, east = _mercator([corner[:2] for corner in EXTENT])[:, 0] * scale
    if corners and west <= ends[:, 0].min() * scale and ends[:, 0].max() * scale <= east:
        room = max((east - west - _WIDTH) / 2, 0)
        x = min(max(x, (west + east) / 2 - room), (west + east) / 2 + room)
    return _View(scale, x - _WIDTH / 2, y - height / 2, height)


@dataclass
class _Drawing:
    """The picture as it grows."""

    view: _View
    body: list[str] = field(default_factory=list)
    above: list[str] = field(default_factory=list)  # pins and legends
    drawn: dict[str, int] = field(default_factory=dict)  # a shape drawn twice is written once
    sea: str = "#ddd"

    def land(self, shapes: _Shapes, regions: list[str], great: set[int]) -> None:
        self.sea = "#d3e3ec"
        drawn = {kind: list(every.values()) for kind, every in shapes.items()}
        area = [lines for key, lines in shapes["region_polygons"].items() if key in regions]
        drawn |= {"outline": area, "area": area, "borders": drawn["countries"]}
        drawn["great"] = [shapes["rivers"][river] for river in sorted(great)]
        for kind, style in _LAND.items():
            closed = kind not in {"rivers", "great"}
            paths = [_outline(self.view, shape, closed) for shape in drawn[kind]]
            self.body += [f"<g {style}>", *map(self.path, filter(None, paths)), "</g>"]
        west, _top = self.view.place(_mercator([[0, 60]]))[0]  # the shapes end there
        if west > 0:
            self.body.append(
                f'<path fill="#ece8df" d="M0 0h{west:.0f}v{self.view.height}H0z"/>'
            )

    def path(self, outline: str, look: str = "") -> str:
        if (number := self.drawn.get(outline)) is not None:
            return f'<use href="#s{number}" {look}/>'
        number = self.drawn[outline] = len(self.drawn)
        return f'<path id="s{number}" {look} d="{outline}"/>'

    def shape(self, one: Drawn, *, closed: bool) -> None:
        # coarse maps: as fine as the basemap, so that its regions are written once
        digits = 2 if self.view.scale < 40_000 else 6
        parts = (_mercator(np.round(part, digits)) for part in one.parts)
        outline = _outline(self.view, parts, closed)
        if outline:
            self.body.append(self.path(outline, _look(one.style, filled=closed)))

    def mark(self, mark: Drawn) -> None:
        ((x, y),) = self.view.place(_mercator([mark.at]))
        if not self.view.sees(np.array([[x, y]])):
            return
        radius = mark.style.get("radius")
        if "html" in mark.style:
            words = escape(unescape(re.sub(r"<[^>]*>", " ", mark.style["html"])).strip())
            self.above.append(f'<text x="{x:.0f}" y="{y:.0f}">{words}</text>')
        elif radius is None:
            colour = str(mark.style.get("marker_color", "#2a81cb"))
            self.above.append(
                f'<path d="{_PIN}" transform="translate({x:.0f} {y:.0f})" stroke="#fff" '
                f'fill="{escape(_PINS.get(colour, colour))}"/>'
            )
        else:
            if mark.kind == "Circle":  # in metres
                radius *= self.view.scale / _ROUND / math.cos(math.radians(mark.at[0]))
            look = _look(mark.style, filled=True)
            self.body.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.3g}" {look}/>')

    def legends(self, legends: list[dict[str, Any]]) -> list[_Box]:
        boxes: list[_Box] = []
        y = 8.0
        for number, legend in enumerate(legends):
            drawn, high = _legend(legend, f"g{number}")
            x = _WIDTH - 268
            self.above.append(f'<g transform="translate({x} {y:.0f})">{drawn}</g>')
            boxes.append((x, y, _WIDTH, y + high))
            y += high + 6
        return boxes

    def svg(self, names: str, note: str) -> str:
        size = f'width="{_WIDTH}" height="{self.view.height}"'
        halo = 'paint-order="stroke" stroke="#fff" stroke-width="2.5" stroke-linejoin="round"'
        bottom = self.view.height - 5
        made = (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
            f'viewBox="0 0 {_WIDTH} {self.view.height}" font-size="11" '
            'font-family="system-ui,Noto Sans,Noto Sans CJK SC,sans-serif" fill="#3c3a36">'
            f'<defs>{_HATCH}</defs><rect {size} fill="{self.sea}"/>'
            f'<g fill-rule="evenodd" stroke-linejoin="round">{"".join(self.body)}</g>'
            f"<g {halo}>{names}</g>{''.join(self.above)}"
            f'<text x="{_WIDTH - 5}" y="{bottom}" text-anchor="end" font-size="10" {halo}>'
            f"{escape(note)}</text></svg>"
        )
        return re.sub(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", made)


def _look(style: dict[str, Any], *, filled: bool) -> str:
    """Return what Leaflet would draw with these options, as attributes."""
    get = style.get
    line = get("color", "#3388ff") if get("stroke", True) else "none"
    fill = get("fillColor") or line if filled and get("fill", True) else "none"
    wanted = {
        "fill": fill,
        "fill-opacity": get("fillOpacity", 0.2) if fill != "none" else 1,
        "stroke": line,
        "stroke-width": get("weight", 3) if line != "none" else 1,
        "stroke-opacity": get("opacity", 1),
        "stroke-dasharray": get("dashArray") or "none",
    }
    usual = {
        "fill-opacity": 1,
        "stroke-width": 1,
        "stroke-opacity": 1,
        "stroke-dasharray": "none",
    }
    rest = {key: value for key, value in wanted.items() if usual.get(key) != value}
    return " ".join(f'{key}="{escape(str(value))}"' for key, value in rest.items())


@lru_cache(maxsize=2)
def _basemap(packed: str) -> tuple[_Shapes, list[dict[str, Any]]]:
    """Return the basemap's shapes by kind and by name or number, and its labels."""
    basemap, shapes = json.loads(packed), {}
    for kind, every in basemap["shapes"].items():
        keyed = every if isinstance(every, dict) else dict(enumerate(every))
        shapes[kind] = {key: list(_lines(shape["steps"])) for key, shape in keyed.items()}
    return shapes, basemap["labels"]


def _lines(steps: list[Any]) -> Iterator[np.ndarray]:
    """Unpack a shape (see `area.pack`)."""
    if isinstance(steps[0], list):
        for inner in steps:
            yield from _lines(inner)
    else:
        yield _mercator(np.cumsum(np.reshape(steps, (-1, 2)), axis=0)[:, ::-1] / 100)


def _outline(view: _View, parts: Iterable[np.ndarray], closed: bool) -> str:
    """Return lines, or rings, as the data of a path, as far as they are in view."""
    written = []
    for part in parts:
        at = view.place(part)
        if not view.sees(at):
            continue
        at = np.rint(_thinned(_clipped(at, view.height) if closed else at)).astype(int)
        steps = np.diff(at, axis=0)
        steps = steps[steps.any(axis=1)]
        if len(steps) > (2 if closed else 0):
            numbers = " ".join(map(str, steps.ravel().tolist())).replace(" -", "-")
            written.append(f"M{at[0, 0]} {at[0, 1]}l{numbers}" + "z" * closed)
    return "".join(written)


def _thinned(line: np.ndarray) -> np.ndarray:
    """Leave out points that stand less than a pixel aside, every other one in turn."""
    for _pass in range(3):
        before, middle, after = line[:-2:2], line[1:-1:2], line[2::2]
        way, aside = after - before, middle - before
        keep = np.ones(len(line), dtype=bool)
        cross = np.abs(way[:, 0] * aside[:, 1] - way[:, 1] * aside[:, 0])
        keep[1:-1:2] = cross > 0.9 * np.hypot(*way.T)
        line = line[keep]
    return line


def _clipped(ring: np.ndarray, height: int) -> np.ndarray:
    """Return the part of a ring that is in view, or a little beyond."""
    for axis, limit, sign in ((0, -9, -1), (0, _WIDTH + 9, 1), (1, -9, -1), (1, height + 9, 1)):
        inside = sign * ring[:, axis] <= sign * limit
        if inside.all() or not len(ring):
            continue
        after = np.roll(ring, -1, axis=0)
        crosses = inside != np.roll(inside, -1)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (limit - ring[:, axis]) / (after - ring)[:, axis]
            cut = ring + share[:, None] * (after - ring)
        keep = np.column_stack([inside, crosses]).ravel()
        ring = np.stack([ring, cut], axis=1).reshape(-1, 2)[keep]
    return ring


def _names(
    view: _View,
    labels: list[tuple[float, dict[str, Any]]],
    rivers: dict[Any, list[np.ndarray]],
    language: str,
    taken: list[_Box],
) -> str:
    """Write names, most important first, each where there is room (as names.js does)."""
    zoom, written, done = math.log2(view.scale / 256), [], set()
    places = 8 * 2 ** (zoom - 3)
    for rank, label in labels:
        kind, names = label["kind"], label["names"]
        name = names.get(language) or (language == "mn" and names.get("ru")) or names["en"]
        thin = rank == 5 and (zoom < _LEAST[kind] or (kind == "place" and places < 1))
        if thin or (kind, name) in done:
            continue
        wide = sum(12 if letter > "\u2e7f" else 6.5 for letter in name) + 8
        ways = [("middle", 0.0, -wide / 2)]
        if kind == "place":  # right of its dot, or left
            ways = [("start", 5.0, 3), ("end", -5.0, -wide - 3)]
        tried = (
            (x, y, anchor, shift, (x + left, y - 8, x + left + wide, y + 8))
            for x, y in _spots(view, label, rivers)
            for anchor, shift, left in ways
        )
        found = next((one for one in tried if _is_free(one[4], view, taken)), None)
        if found is None:
            continue
        x, y, anchor, shift, box = found
        taken.append(box)
        done.add((kind, name))
        if kind == "place":
            places -= rank == 5
            taken.append((x - 2, y - 2, x + 2, y + 2))
            written.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="2"/>')
        written.append(
            f'<text x="{x + shift:.0f}" y="{y + 4:.0f}" text-anchor="{anchor}" '
            f"{_LETTERS[kind]}>{escape(name)}</text>"
        )
    return "".join(written)


def _spots(
    view: _View, label: dict[str, Any], rivers: dict[Any, list[np.ndarray]]
) -> list[list[float]]:
    """Return where a name may stand, best first."""
    if "at" not in label:  # along the part of a river in view
        line = view.place(np.concatenate(rivers[label["id"]]))
        line = line[(line > 0).all(axis=1) & (line < [_WIDTH, view.height]).all(axis=1)]
        parts = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8) if len(line) else ()
        return [line[int(len(line) * part)].round().tolist() for part in parts]
    x, y = view.place(_mercator([label["at"]])).round().tolist()[0]
    ups = (0, 14, -14, 28, -28) if label["kind"] == "region" else (0,)
    return [[x, y + up] for up in ups]


def _is_free(box: _Box, view: _View, taken: list[_Box]) -> bool:
    left, top, right, bottom = box
    inside = left >= 0 and right <= _WIDTH and top >= 0 and bottom <= view.height - 14
    return inside and not any(
        left < b[2] and right > b[0] and top < b[3] and bottom > b[1] for b in taken
    )


def _legend(legend: dict[str, Any], name: str) -> tuple[str, int]:
    """Draw a colour scale 260 pixels wide; return it and its height."""
    colours, edges = legend["colours"], legend["edges"]
    lines = wrap(legend["caption"], 42)
    high = 14 * len(lines) + 34 + 18 * ("none" in legend)
    drawn = [f'<path fill="#fff" fill-opacity=".88" d="M-4 0h264v{high}H-4z"/>']
    drawn += [
        f'<text x="4" y="{14 * n + 12}">{escape(line)}</text>' for n, line in enumerate(lines)
    ]
    y = 14 * len(lines) + 5
    wide = 244 / max(len(colours), 1)
    if len(edges) == len(colours):  # a gradient
        last = max(len(colours) - 1, 1)
        stops = (
            f'<stop offset="{n / last:.3f}" stop-color="{escape(colour)}"/>'
            for n, colour in enumerate(colours)
        )
        drawn += [f'<linearGradient id="{name}">', *stops, "</linearGradient>"]
        drawn.append(f'<path fill="url(#{name})" d="M4 {y}h244v12H4z"/>')
        places = [4 + 244 * n / last for n in range(len(edges))]
    else:
        shape = f"{y}h{wide:.1f}v12h-{wide:.1f}z"
        drawn += [
            f'<path fill="{escape(colour)}" d="M{4 + n * wide:.1f} {shape}"/>'
            for n, colour in enumerate(colours)
        ]
        first = len(colours) > len(edges)  # the outer classes are open
        places = [4 + wide * (n + first) for n in range(len(edges))]
    end = 0.0
    for place, edge in zip(places, edges, strict=True):
        words = f"{edge:,.0f}" if abs(edge) >= 1000 else f"{edge:.4g}"
        half = 3.2 * len(words)
        x = min(max(place, half), 256 - half)
        if x - half >= end:
            end = x + half + 4
            drawn.append(f'<text x="{x:.0f}" y="{y + 24}" text-anchor="middle">{words}</text>')
    if "none" in legend:
        drawn.append(
            f'<path fill="url(#nodata)" d="M4 {y + 30}h18v12H4z"/>'
            f'<text x="28" y="{y + 40}">{escape(legend["none"])}</text>'
        )
    return "".join(drawn), high
