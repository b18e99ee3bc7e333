"""Read a folium map into what a reader of the map would see: a `Picture`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from numbers import Real
from typing import Any

import folium
import numpy as np
import pandas as pd
from branca.colormap import ColorMap
from branca.element import Element
from folium.features import GeoJsonTooltip
from folium.vector_layers import BaseMultiLocation

from course.words import _

Point = list[float]  # latitude, longitude in degrees
_UNREAD = {"data", "encoded", "src", "tiles", "url"}  # what is told by these is not read


@dataclass
class Drawn:
    """A mark (marker or circle), a line or an area; of a GeoJSON layer, one feature.

    Attributes:
        kind: folium's class, such as CircleMarker, or GeoJson.
        parts: rows of points: the place of a mark, a line, the rings of an area (its parts
            and their holes).
        words: its tooltip, what it says when pointed at.
        style: the options it is drawn with.
        layer: its place in `Picture.layers`; None if it is on the map itself.
        properties: of a GeoJSON feature.
    """

    kind: str
    parts: list[list[Point]]
    words: str = ""
    style: dict[str, Any] = field(default_factory=dict)
    layer: int | None = None
    properties: dict[str, Any] = field(default_factory=dict)

    @property
    def points(self) -> list[Point]:
        """All its points."""
        return [at for part in self.parts for at in part]

    @property
    def at(self) -> Point:
        """The first of its points."""
        return self.parts[0][0]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """South, west, north and east end, in degrees."""
        lats, lons = zip(*self.points, strict=True)
        return min(lats), min(lons), max(lats), max(lons)


@dataclass
class Picture:
    """All that was drawn on a map, from the bottom up.

    Attributes:
        marks: markers and circles of any kind.
        lines: lines; one in several parts counts as several lines.
        areas: shapes of GeoJSON layers, choropleths included.
        layers: groups, each with ``name``, ``kind`` (folium's class) and ``shown``.
        legends: colour scales, each with ``caption``, ``colours`` and ``edges``.
        switch: whether layers can be switched on and off.
        caption: the words below the map.
        area: the study area that it was made for; "" if it is no map of ours.
        view: south-west and north-east corner of the view at first; None if not set.
        unread: how many layers are shown that are none of these, such as tiles or heat.
        beside: the places that these hold, as far as they are plain numbers.
        flaw: why the map cannot be looked at any further, in words; "" if it can.
    """

    marks: list[Drawn] = field(default_factory=list)
    lines: list[Drawn] = field(default_factory=list)
    areas: list[Drawn] = field(default_factory=list)
    layers: list[dict[str, Any]] = field(default_factory=list)
    legends: list[dict[str, Any]] = field(default_factory=list)
    switch: bool = False
    caption: str = ""
    area: str = ""
    view: list[Point] | None = None
    unread: int = 0
    beside: list[Point] = field(default_factory=list)
    flaw: str = ""

    @classmethod
    def of(cls, value: dict[str, Any]) -> "Picture":
        """Make a picture of its plain form, which is JSON."""
        drawn = {
            kind: [Drawn(**d) for d in value[kind]] for kind in ("marks", "lines", "areas")
        }
        return cls(**(value | drawn))

    def shown(self, drawn: list[Drawn]) -> list[Drawn]:
        """Return those of some marks, lines or areas whose layers are shown at first."""
        return [d for d in drawn if d.layer is None or self.layers[d.layer]["shown"]]

    def spots(self, digits: int, layer: int | None = None) -> list[tuple[float, float]]:
        """Return the places of all marks, or of one layer's, as `rounded` does."""
        return rounded([m.at for m in self.marks if layer in (None, m.layer)], digits)


def rounded(places: pd.DataFrame | Iterable[Any], digits: int) -> list[tuple[float, float]]:
    """Return pairs of latitude and longitude, rounded and sorted, to compare them.

    Args:
        places: the pairs, or a table with columns ``lat`` and ``lon``, in degrees.
        digits: decimals of a degree; three are about a hundred metres.
    """
    pairs: Iterable[Any] = places
    if isinstance(places, pd.DataFrame):
        pairs = places[["lat", "lon"]].to_numpy()
    return sorted((round(float(lat), digits), round(float(lon), digits)) for lat, lon in pairs)


def look(m: Element) -> Picture:
    """Return what is drawn on a map, or by one of its layers.

    Raises:
        Exception: whatever a style function of a student's raises.
    """
    picture = Picture(caption=getattr(m.get_root(), "caption", ""), area=getattr(m, "area", ""))
    waiting: list[tuple[Any, int | None]] = [(m, None)]
    while waiting:
        element, layer = waiting.pop()
        kind = type(element).__name__
        seen = layer is None or picture.layers[layer]["shown"]
        if isinstance(element, folium.Popup):
            continue
        if isinstance(element, folium.Marker) and element.location:
            style = _plain((getattr(element, "icon", None) or element).options)
            at = [float(part) for part in element.location[:2]]
            picture.marks.append(Drawn(kind, [[at]], _words(element), style, layer))
        elif isinstance(element, BaseMultiLocation | folium.Rectangle):
            rest = (_words(element), _plain(getattr(element, "options", {})), layer)
            places: Any = element.locations
            if kind == "Rectangle":
                (low, left), (high, right) = places
                places = [(low, left), (high, left), (high, right), (low, right), (low, left)]
            picture.lines += [Drawn(kind, [part], *rest) for part in _parts([places])]
        elif isinstance(element, folium.GeoJson) and kind != "Timeline":
            _add_features(element, layer, picture)
        elif isinstance(element, ColorMap):
            shares = [colour[:3] for colour in getattr(element, "colors", [])]
            colours = [bytes(round(255 * part) for part in rgb).hex() for rgb in shares]
            picture.legends.append({
                "caption": str(element.caption or ""),
                "edges": [float(edge) for edge in getattr(element, "index", [])],
                "colours": [f"#{colour}" for colour in colours],
            })  # fmt: skip
        elif isinstance(element, folium.FitBounds):
            picture.view = [[float(x) for x in corner] for corner in element.bounds]
        elif isinstance(element, folium.LayerControl):
            picture.switch = True
        elif _UNREAD & vars(element).keys():
            picture.unread += seen and getattr(element, "show", True)
            held = _parts([getattr(element, "data", None)])
            picture.beside += [place for part in held for place in part]
        elif isinstance(element, folium.map.Layer):
            name, layer = str(element.layer_name), len(picture.layers)
            shown = seen and bool(element.show)
            picture.layers.append({"name": name, "kind": kind, "shown": shown})
        waiting += [(child, layer) for child in reversed(element._children.values())]
    return picture


def doubts(picture: Picture) -> list[str]:
    """Say what a student may wonder about on a map: what it does not show, and the way out."""
    said = []
    drawn = [d for kind in (picture.marks, picture.lines, picture.areas) for d in kind]
    ends = [d.bounds for d in drawn] + [(*place, *place) for place in picture.beside]
    far = [west for _south, west, _north, east in ends if east < -160]
    for line in (d for d in picture.lines if d.kind not in {"Polygon", "Rectangle"}):
        lons = [lon for _lat, lon in line.points]
        far += [min(pair) for pair in pairwise(lons) if max(pair) - min(pair) > 180]
    if far:
        words = _(
            "These maps go on to the east beyond the date line: add 360 to a longitude such as "
            "{lon}, so that it is {east}."
        )
        said.append(words.format(lon=f"{far[0]:g}", east=f"{far[0] + 360:g}"))
    elif picture.view and ends and not any(_in_view(end, picture.view) for end in ends):
        south, west = np.min([end[:2] for end in ends], axis=0).round(1)
        north, east = np.max([end[2:] for end in ends], axis=0).round(1)
        words = _(
            "All that you added lies out of view. m.fit_bounds([[{south}, {west}], [{north}, "
            "{east}]]) moves the view of a map m there."
        )
        if _in_view((west, south, east, north), picture.view):
            # which of the two is the latitude is an exercise
            words = _("All that you added lies out of view. Look at its coordinates again.")
        said.append(words.format(south=south, north=north, west=west, east=east))
    legends = {colour for legend in picture.legends for colour in legend["colours"]}
    for number, layer in enumerate(picture.layers):
        fills = {area.style.get("fillColor") for area in picture.areas if area.layer == number}
        if layer["kind"] == "Choropleth" and fills and legends and not fills & legends:
            said.append(_(
                "No area of the choropleth has a value. key_on must name the property that "
                "holds the same codes as the first of the columns."
            ))  # fmt: skip
    return said


def _in_view(bounds: tuple[float, ...], view: list[Point]) -> bool:
    south, west, north, east = bounds
    (low, left), (high, right) = view
    return south <= high and north >= low and west <= right and east >= left


def _add_features(drawn: folium.GeoJson, layer: int | None, picture: Picture) -> None:
    data = drawn.data if isinstance(drawn.data, dict) else {}
    style = getattr(drawn, "style_function", None)
    for feature in data.get("features", [data] if data else []):
        shape, properties = feature.get("geometry") or feature, feature.get("properties") or {}
        rest: dict[str, Any] = {"layer": layer, "properties": _plain(properties)}
        rest["style"] = _plain(style(feature)) if style else {}
        fields = [c.fields for c in drawn._children.values() if isinstance(c, GeoJsonTooltip)]
        told = [str(properties.get(name, "")) for names in fields for name in names]
        rest["words"] = " ".join([_words(drawn), *told]).strip()
        parts = paths(shape)
        kind = str(shape.get("type"))
        if kind.endswith("Point"):
            points = [at for part in parts for at in part]
            picture.marks += [Drawn("GeoJson", [[at]], **rest) for at in points]
        elif kind.endswith("LineString"):
            picture.lines += [Drawn("GeoJson", [part], **rest) for part in parts]
        elif parts:
            picture.areas.append(Drawn("GeoJson", parts, **rest))


def paths(geometry: dict[str, Any]) -> list[list[Point]]:
    """Return the lines of a GeoJSON geometry, or the rings of its areas."""
    lines = _parts([geometry.get("coordinates")])
    return [[[lat, lon] for lon, lat in line] for line in lines]


def _parts(nested: Iterable[Any]) -> list[list[Point]]:
    """Return lists of pairs of numbers, however deep they lie in lists of lists."""
    pairs, deeper = [], []
    for item in nested:
        if isinstance(item, list | tuple):
            pair = item[:2]
            if len(pair) == 2 and all(isinstance(x, Real) for x in pair):
                pairs.append([float(x) for x in pair])
            else:
                deeper += _parts(item)
    return [pairs, *deeper] if pairs else deeper


def _plain(options: Any) -> dict[str, Any]:
    """Return what of some options can be said in JSON."""
    kinds = str | int | float | bool | None
    return {str(key): one for key, one in dict(options).items() if isinstance(one, kinds)}


def _words(element: Any) -> str:
    tips = [c for c in element._children.values() if isinstance(c, folium.Tooltip)]
    return " ".join(str(tip.text) for tip in tips).strip()
