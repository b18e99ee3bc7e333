"""A still picture of a map as SVG: for print, and where a page may run no script."""

import math
import re
from dataclasses import dataclass, field
from functools import cache
from html import escape, unescape
from itertools import pairwise, product, zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from course.data import read
from course.maps.atlas import EXTENT, labels, map_words, ranks, region_ids
from course.maps.picture import Drawn, Picture, Point, look, paths

if TYPE_CHECKING:
    from course.maps.offline import OfflineMap

_WIDTH = 760  # pixels, about what a printed page holds
_MARKS = 1500  # more would make a notebook heavy
_ROUND = 6_371_000 * 2 * math.pi  # metres around the earth, as Leaflet counts them
_LAND = {  # what basemap.js draws, from below
    "countries": 'fill="#ece8df"',
    "outline": 'stroke="#7a5c2e" stroke-width="5"',
    "area": 'fill="#fcfaf5"',
    "region_polygons": 'stroke="#aaa193" stroke-width=".8" stroke-dasharray="3 3"',
    "borders": 'stroke="#8c8577" stroke-width="1.2"',
    "rivers": 'stroke="#6d9dc2"',
    "great": 'stroke="#6d9dc2" stroke-width="2.2"',
    "lakes": 'fill="#d3e3ec" stroke="#6d9dc2" stroke-width=".6"',
}
_LETTERS = {
    "country": 'font-size="13" letter-spacing="1.5"',
    "place": "",
    "water": 'font-style="italic" fill="#24587d"',
    "region": 'font-style="italic" fill="#6b5227"',
}
_ANCHORS = {"start": (5, 0.0), "middle": (0, 0.5), "end": (-5, 1.0)}  # gap, share to the left
_ALONG = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8)  # where a river is named, best first
_PIN = "M0 0c-4-11-12-17-12-25a12 12 0 0 1 24 0c0 8-8 14-12 25z"
_PINS = {  # as in pin.js; the others are colours of the web
    "lightred": "#ff8e7f", "beige": "#ffcb92", "darkpurple": "#5b396b",
    "cadetblue": "#436978", "lightgray": "#a3a3a3",
}  # fmt: skip
_HATCH = (
    '<pattern id="nodata" width="7" height="7" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><path fill="#f2f2f2" d="M0 0h7v7H0z"/>'
    '<path fill="#b5b5b5" d="M0 0h2v7H0z"/></pattern>'
)
_HALO = 'paint-order="stroke" stroke="#fff" stroke-width="2.5" stroke-linejoin="round"'


def still(m: "OfflineMap", extra: Picture | None = None, language: str = "") -> str:
    """Draw a map at its opening view.

    Args:
        m: the map.
        extra: what a script adds to the page of the map, drawn above the basemap and below
            the map's own layers. An area filled with ``url(#nodata)`` is hatched; ``none``
            of a legend names the hatch.
        language: language of the names, if not the one that the map opens in.

    Returns:
        The picture as SVG.
    """
    picture, extra = look(m), extra or Picture()
    language = language or m.language
    words = map_words()[language]
    sheet = _opening(m, picture.view)
    for legend in [*extra.legends, *picture.legends]:
        sheet.legend(legend)
    if not m.plain:
        sheet.land(m.area)
        sheet.names(m.area, language)
    for area in [*extra.areas, *picture.shown(picture.areas)]:
        sheet.shape(area, closed=True)
    for line in [*extra.lines, *picture.shown(picture.lines)]:
        sheet.shape(line, closed=line.kind in {"Polygon", "Rectangle"})
    marks = [*extra.marks, *picture.shown(picture.marks)]
    for mark in marks[:_MARKS]:
        sheet.mark(mark)
    missing = picture.unread + max(len(marks) - _MARKS, 0)
    notes = [words["not_drawn"].format(count=missing)] if missing else []
    notes += [words["boundary_note"]] if not m.plain else []
    return sheet.svg(" ".join(notes))


def _mercator(points: Any) -> np.ndarray:
    """Return latitudes and longitudes in degrees on a plane where the earth is 1 wide."""
    lat, lon = np.asarray(points, dtype=float).T
    lat = np.radians(np.clip(lat, -85.05, 85.05))
    return np.column_stack([lon / 360 + 0.5, 0.5 - np.arcsinh(np.tan(lat)) / (2 * math.pi)])


@cache
def _shapes(kind: str) -> list[tuple[dict[str, Any], list[np.ndarray]]]:
    """Return shapes of the basemap: what is known of each, and its lines on the plane."""
    return [
        (shape["properties"], [_mercator(path) for path in paths(shape["geometry"])])
        for shape in read(kind)["features"]
    ]


def _opening(m: "OfflineMap", corners: list[Point] | None) -> "_Sheet":
    options: dict[str, Any] = m.options
    zoom = options["zoom"]
    ends = _mercator(corners or [m.location])
    if corners:
        wide, high = np.maximum(np.ptp(ends, axis=0), 1e-9)
        zoom = math.log2(min(_WIDTH / wide, m.pixels / high) / 256)  # as manners.js fits it
    scale = 256 * 2 ** min(max(zoom, options["min_zoom"]), options["max_zoom"])
    x, y = (ends.min(axis=0) + ends.max(axis=0)) / 2 * scale
    # no further east than there is land to draw, if what is to be seen lies before
    east = max(_mercator([EXTENT[1]])[0, 0], ends[:, 0].max()) * scale
    return _Sheet(scale, [min(x - _WIDTH / 2, east - _WIDTH), y - m.pixels / 2], m.pixels)


@dataclass
class _Sheet:
    """A window on the world in Web Mercator, and the picture in it as it grows."""

    scale: float  # pixels around the equator
    corner: list[float]  # left, top in pixels
    height: int
    body: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)  # names
    above: list[str] = field(default_factory=list)  # pins and legends
    taken: list[tuple[float, ...]] = field(default_factory=list)  # left, top, right, bottom
    drawn: dict[str, int] = field(default_factory=dict)  # a shape drawn twice is written once
    sea: str = "#ddd"
    legends_end: int = 8

    def place(self, points: Any) -> np.ndarray:
        """Return points of the plane in pixels."""
        return np.clip(points * self.scale - self.corner, -1e5, 1e5)

    def land(self, area: str) -> None:
        self.sea, ids = "#d3e3ec", region_ids(area)
        kinds = ("countries", "region_polygons", "rivers", "lakes")
        shapes = {kind: [lines for _about, lines in _shapes(kind)] for kind in kinds}
        inside = [
            lines for about, lines in _shapes("region_polygons") if about["region_id"] in ids
        ]
        great = [lines for about, lines in _shapes("rivers") if "great" in about]
        shapes |= {"outline": inside, "area": inside, "great": great}
        shapes["borders"] = shapes["countries"]
        for kind, style in _LAND.items():
            closed = kind not in {"rivers", "great"}
            self.body += [f"<g {style}>", *(self.path(s, closed) for s in shapes[kind]), "</g>"]
        west, _low = self.place(_mercator(EXTENT))[0]  # the shapes end there
        self.body.append(f'<path fill="#ece8df" d="M0 0h{west:.0f}v{self.height}H0z"/>')

    def path(self, lines: list[np.ndarray], closed: bool, style: str = "") -> str:
        outline = "".join(self.outline(self.place(line), closed) for line in lines)
        if not outline:
            return ""
        if (number := self.drawn.get(outline)) is not None:
            return f'<use href="#s{number}" {style}/>'
        number = self.drawn[outline] = len(self.drawn)
        return f'<path id="s{number}" {style} d="{outline}"/>'

    def outline(self, at: np.ndarray, closed: bool) -> str:
        """Return a line, or a ring, as the data of a path; "" if it is out of view."""
        if (at.max(axis=0) < 0).any() or (at.min(axis=0) > [_WIDTH, self.height]).any():
            return ""
        for axis, way, limit in ((0, 1, _WIDTH), (0, -1, 0), (1, 1, self.height), (1, -1, 0)):
            out = way * at[:, axis] > limit + 9  # so is the way between two such points
            at = at[~(out & np.roll(out, 1) & np.roll(out, -1))]
        at = np.rint(_thinned(at)).astype(int)
        steps = np.diff(at, axis=0)
        steps = steps[steps.any(axis=1)]
        if len(steps) <= 2 * closed:
            return ""
        numbers = " ".join(map(str, steps.ravel().tolist())).replace(" -", "-")
        return f"M{at[0, 0]} {at[0, 1]}l{numbers}" + "z" * closed

    def shape(self, one: Drawn, *, closed: bool) -> None:
        lines = [_mercator(part) for part in one.parts]
        self.body.append(self.path(lines, closed, _look(one.style, filled=closed)))

    def mark(self, mark: Drawn) -> None:
        x, y = self.place(_mercator([mark.at]))[0]
        if not (0 <= x <= _WIDTH and 0 <= y <= self.height):
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
                radius *= self.scale / _ROUND / math.cos(math.radians(mark.at[0]))
            look = _look(mark.style, filled=True)
            self.body.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.3g}" {look}/>')

    def names(self, area: str, language: str) -> None:
        """Write the names of the area (rank 5 is of others), each where there is room."""
        rivers, done = _shapes("rivers"), set()
        ranked = sorted(zip(ranks(area), labels(), strict=True), key=lambda pair: pair[0])
        for rank, label in ranked:
            kind, names = label["kind"], label["names"]
            name = names.get(language) or (language == "mn" and names.get("ru")) or names["en"]
            if rank == 5 or (kind, name) in done:
                continue
            if "at" in label:
                spots = self.place(_mercator([label["at"]]))
                if kind == "region":
                    spots = spots + [[0, up] for up in (0, 14, -14)]
            else:  # along the part of a river in view
                line = self.place(np.concatenate(rivers[label["id"]][1]))
                line = line[(line > 0).all(axis=1) & (line < [_WIDTH, self.height]).all(axis=1)]
                spots = line[[int(len(line) * part) for part in _ALONG if len(line)]]
            wide = _wide(name) * (1.4 if kind == "country" else 1)
            anchors = ("start", "end") if kind == "place" else ("middle",)
            for (x, y), anchor in product(spots, anchors):
                gap, share = _ANCHORS[anchor]
                left = x + gap - share * wide
                if self.take(left, y - 8, left + wide, y + 8):
                    done.add((kind, name))
                    if kind == "place":
                        self.taken.append((x - 2, y - 2, x + 2, y + 2))
                        self.written.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="2"/>')
                    self.written.append(
                        f'<text x="{x + gap:.0f}" y="{y + 4:.0f}" text-anchor="{anchor}" '
                        f"{_LETTERS[kind]}>{escape(name)}</text>"
                    )
                    break

    def take(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Take room for a name, if it is free and above the note."""
        free = left >= 0 and right <= _WIDTH and top >= 0 and bottom <= self.height - 14
        free = free and not any(
            left < b[2] and right > b[0] and top < b[3] and bottom > b[1] for b in self.taken
        )
        if free:
            self.taken.append((left, top, right, bottom))
        return free

    def legend(self, legend: dict[str, Any]) -> None:
        """Add a legend in the corner: a row per colour, and one for what has none."""
        colours = legend["colours"]
        edges = [f"{x:,.0f}" if abs(x) >= 1000 else f"{x:.4g}" for x in legend["edges"]]
        words = edges  # as a gradient has them
        if edges and len(edges) != len(colours):
            words = [f"{low} – {high}" for low, high in pairwise(edges)]
            if len(edges) < len(colours):  # the outer classes are open
                words = [f"< {edges[0]}", *words, f"≥ {edges[-1]}"]
        rows = list(zip_longest(colours, words, fillvalue=""))
        some = np.linspace(0, len(rows) - 1, min(len(rows), 9)).round().astype(int)
        rows = [("", line) for line in wrap(legend["caption"], 30)] + [rows[n] for n in some]
        if "none" in legend:
            rows.append(("url(#nodata)", legend["none"]))
        wide = max((_wide(text) + 20 * bool(fill) for fill, text in rows), default=0)
        left, top, high = _WIDTH - wide - 8, self.legends_end, 15 * len(rows) + 6
        self.legends_end += high + 6
        self.taken.append((left, top, _WIDTH, top + high))
        drawn = [f'<path fill="#fff" fill-opacity=".88" d="M0 0h{wide}v{high}H0z"/>']
        for n, (fill, text) in enumerate(rows):
            x, y = 25 if fill else 4, 15 * n + 4
            if fill:
                box = f'd="M4 {y}h16v12h-16z" stroke="#999"'
                drawn.append(f'<path fill="{escape(fill)}" {box}/>')
            drawn.append(f'<text x="{x}" y="{y + 10}">{escape(text)}</text>')
        self.above.append(f'<g transform="translate({left:.0f} {top})">{"".join(drawn)}</g>')

    def svg(self, note: str) -> str:
        size = f'width="{_WIDTH}" height="{self.height}"'
        made = (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
            f'viewBox="0 0 {_WIDTH} {self.height}" font-size="11" '
            'font-family="system-ui,Noto Sans,Noto Sans CJK SC,sans-serif" fill="#3c3a36">'
            f'<defs>{_HATCH}</defs><rect {size} fill="{self.sea}"/>'
            f'<g fill="none" fill-rule="evenodd" stroke-linejoin="round">{"".join(self.body)}'
            f"</g><g {_HALO}>{''.join(self.written)}</g>{''.join(self.above)}"
            f'<text x="{_WIDTH - 5}" y="{self.height - 5}" text-anchor="end" font-size="10" '
            f"{_HALO}>{escape(note)}</text></svg>"
        )
        return re.sub(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", made)


def _look(style: dict[str, Any], *, filled: bool) -> str:
    """Return what Leaflet would draw with these options, as attributes."""
    get = style.get
    colour = get("color", "#3388ff")
    wanted = {
        "fill": (get("fillColor") or colour) if filled and get("fill", True) else "none",
        "fill-opacity": get("fillOpacity", 0.2),
        "stroke": colour if get("stroke", True) else "none",
        "stroke-width": get("weight", 3),
        "stroke-opacity": get("opacity", 1),
        "stroke-dasharray": get("dashArray"),
    }
    told = {key: value for key, value in wanted.items() if value not in {1, None}}
    return " ".join(f'{key}="{escape(str(value))}"' for key, value in told.items())


def _wide(text: str) -> float:
    """Return about how many pixels a text takes."""
    return sum(12 if letter > "\u2e7f" else 6.5 for letter in text) + 8


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
