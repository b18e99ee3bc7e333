"""Whether a reader can read a map: colours that differ, named layers, sizes, words."""

import re
from collections.abc import Iterable
from itertools import combinations
from math import cos, hypot, radians
from typing import Any

import numpy as np
import pandas as pd
from coloraide import Color

from course.maps.picture import Drawn, Picture, rounded

# how far colours must lie apart (CIEDE2000; 1 is the least that a careful eye sees)
_MARKS = 17.0  # of dots: keeps blue from navy, lets orange and gold be two
_FILLS = 8.0  # of areas: more than the classes of the usual palettes from one another
_LAND = "#fcfaf5"  # what lies below a choropleth of ours
_BLUE = "#3388ff"  # what Leaflet takes if no colour is given
_SMALL, _LARGE = 2, 60  # radius of a circle, in pixels
_THIN, _FAINT = 0.25, 0.3  # width in pixels and opacity of a line that is just seen
_PALE = 0.1  # opacity of an inside that is just seen
_WIDE = 900  # pixels of a map in a notebook, about
_CLOSEST = _WIDE * 360 / (256 * 2**12)  # degrees of longitude that fill it at the last zoom
_DEGREE = 111_320  # metres of a degree of latitude
_WORD = re.compile(r"[\u3400-\u9fff]|\w\w")  # a Chinese word may be one sign
# what browsers know and coloraide does not
_CSS = re.compile(r"none|currentcolor|(color-mix|light-dark|var)\(.*\)")


def apart(colours: Iterable[str]) -> bool:
    """Tell whether each two of some colours of marks differ clearly."""
    pairs = combinations(map(_colour, colours), 2)
    return all(one.delta_e(other, method="2000") > _MARKS for one, other in pairs)


def ink(mark: Drawn) -> str:
    """Return the colour that a mark or a line shows: of its inside, else of its edge."""
    style, inside = mark.style, str(mark.style.get("fillColor") or "")
    if inside and style.get("fill", True) and _shade(inside, mark) >= _PALE:
        return inside
    colours = map(style.get, ("color", "marker_color", "markerColor"))
    return str(next(filter(None, colours), _BLUE))


def opacity(drawn: Drawn) -> float:
    """Return how opaque the inside of a filled mark or an area is, from 0 to 1."""
    return _number(drawn.style.get("fillOpacity"), 1)


def fills(picture: Picture, key: str = "region_id") -> dict[str, str]:
    """Return the colour of each area of a map's first choropleth, in small letters.

    Args:
        picture: what is on the map.
        key: the property that names an area.
    """
    return {name: _seen(area)[0] for name, area in _first_choropleth(picture, key).items()}


def classed(picture: Picture, names: Iterable[str]) -> list[bool]:
    """Tell of each of some regions whether its colour is one of the legend's."""
    found = fills(picture)
    return [found[name] in picture.legends[0]["colours"] for name in names]


def shows(picture: Picture, values: pd.Series, key: str = "region_id") -> bool:
    """Tell whether each area has the colour of the class that its value falls into.

    Any classes and palette will do.

    Args:
        picture: what is on the map.
        values: the values by area, in the unit of the legend.
        key: the property that names an area.
    """
    found, legend = fills(picture, key), picture.legends[0]
    scale, edges = legend["colours"], legend["edges"]
    classes = np.clip(np.digitize(values, edges) - 1, 0, len(scale) - 1)
    return [found[name] for name in values.index] == [scale[n] for n in classes]


def gaps_apart(picture: Picture, valued: Iterable[str], key: str = "region_id") -> bool:
    """Tell whether areas without a figure cannot be taken for a class of the choropleth.

    As drawn on the map they differ clearly from each class, and are not darker than all:
    readers take the darkest for the most.

    Args:
        picture: what is on the map.
        valued: the areas that have a figure.
        key: the property that names an area.
    """
    coloured, with_figure = _first_choropleth(picture, key), set(valued)
    gaps = {_seen(area) for name, area in coloured.items() if name not in with_figure}
    most = max(map(opacity, coloured.values()), default=1)
    scale = {colour for legend in picture.legends[:1] for colour in legend["colours"]}
    classes = [_over_land(colour, most) for colour in scale]
    darkest = min((shade.luminance() for shade in classes), default=0)
    drawn = [_over_land(*gap) for gap in gaps]
    far = (a.delta_e(b, method="2000") > _FILLS for a in drawn for b in classes)
    return all(far) and all(gap.luminance() > darkest for gap in drawn)


def layers_named(picture: Picture) -> bool:
    """Tell whether each layer that holds something has a telling name of its own."""
    drawn = [*picture.marks, *picture.lines, *picture.areas]
    held = [picture.layers[n] for n in {d.layer for d in drawn} if n is not None]
    names = [re.sub(r"<[^>]*>", "", layer["name"]).strip() for layer in held]
    plain = [bool(_WORD.search(name)) for name in names]
    own = [not re.search(r"_[0-9a-f]{32}$", name) for name in names]  # folium's own names
    return all(plain) and all(own) and len({name.casefold() for name in names}) == len(names)


def silent(marks: Iterable[Drawn]) -> list[Drawn]:
    """Return those of some marks that say no word when pointed at."""
    return [m for m in marks if not _WORD.search(re.sub(r"<[^>]*>|\bnan\b", "", m.words))]


def say_names(picture: Picture, rows: pd.DataFrame) -> bool:
    """Tell whether each mark says the name of the row at its place, in any language.

    Args:
        picture: what is on the map.
        rows: columns ``lat`` and ``lon``, in degrees, and ``name_en`` and the like.

    Raises:
        KeyError: a mark stands where no row does.
    """
    known: dict[tuple[float, float], list[str]] = {}
    for at, names in zip(rows[["lat", "lon"]].to_numpy(), _names(rows), strict=True):
        known.setdefault(rounded([at], 3)[0], []).extend(names)
    said = [(known[rounded([m.at], 3)[0]], m.words.casefold()) for m in picture.marks]
    return all(any(name in words for name in names) for names, words in said)


def unseen(picture: Picture) -> str:
    """Say what a reader cannot see: "colour" (no browser knows it), "faint" or ""."""
    drawn = [m for m in picture.marks if m.kind in {"Circle", "CircleMarker"}] + picture.lines
    inks = [
        str(d.style[key]) for d in drawn for key in ("color", "fillColor") if d.style.get(key)
    ]
    if not all(map(_known, inks)):
        return "colour"
    return "faint" if any(map(_faint, drawn)) else ""


def sizes(picture: Picture) -> str:
    """Say how circles are drawn that nobody can read: "small", "large" or "" if none is."""
    drawn = [r for mark in picture.marks if (r := _radius(mark, picture)) is not None]
    if any(radius > _LARGE for radius in drawn):
        return "large"
    small = [radius for radius in drawn if radius < _SMALL]
    return "small" if 2 * len(small) > len(drawn) else ""


def _names(rows: pd.DataFrame) -> list[list[str]]:
    """Return the names of each row, without what stands in brackets behind them."""
    names = rows.filter(regex=r"^name_..$").fillna("").astype(str).to_numpy()
    return [[name.split(" (")[0].casefold() for name in row if name] for row in names]


def _first_choropleth(picture: Picture, key: str) -> dict[str, Drawn]:
    found = [n for n, layer in enumerate(picture.layers) if layer["kind"] == "Choropleth"]
    held = [area for area in picture.areas if area.layer in found[:1]]
    return {str(area.properties[key]): area for area in held if key in area.properties}


def _seen(area: Drawn) -> tuple[str, float]:
    """Return the colour of an area, in small letters, and how opaque it is."""
    colour = area.style.get("fillColor") or area.style.get("color") or ""
    return str(colour).lower(), opacity(area)


def _faint(drawn: Drawn) -> bool:
    """Tell whether neither the edge nor the inside of a mark, nor a line, can be seen."""
    style = drawn.style
    line = style.get("color") or "black"
    edge = _number(style.get("opacity"), 1) * _colour(str(line)).alpha()
    wide = style.get("stroke", True) and _number(style.get("weight"), 3) >= _THIN
    inside = style.get("fill") and _shade(str(style.get("fillColor") or line), drawn) >= _PALE
    return not (wide and edge >= _FAINT) and not inside


def _shade(colour: str, drawn: Drawn) -> float:
    """Return how opaque the inside of a mark is in a colour, from 0 to 1."""
    return _colour(colour).alpha() * opacity(drawn)


def _number(said: Any, usual: float) -> float:
    """Read a number of a style as browsers do; the usual one if they cannot."""
    found = re.fullmatch(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(px|%|)\s*", str(said))
    return float(found[1]) / (100 if found[2] == "%" else 1) if found else usual


def _radius(mark: Drawn, picture: Picture) -> float | None:
    """Return the radius of a circle in pixels, as the map opens; None where it is not known."""
    if mark.kind not in {"Circle", "CircleMarker"} or "radius" not in mark.style:
        return None
    try:
        radius = max(0.0, float(mark.style["radius"]))  # 0 if it is NaN
    except (TypeError, ValueError):  # a circle that no browser draws
        return 0.0
    if mark.kind == "CircleMarker":
        return radius
    if not picture.view:
        return None
    (south, west), (north, east) = picture.view
    middle = cos(radians((south + north) / 2))
    degrees = max(hypot((east - west) * middle, north - south), _CLOSEST * middle)
    return radius * _WIDE / (_DEGREE * degrees)


def _known(colour: str) -> bool:
    text = colour.strip().lower()
    return bool(Color.match(text, fullmatch=True) or _CSS.fullmatch(text))


def _colour(text: str) -> Color:
    text = text.strip().lower()
    try:
        return Color("transparent" if text == "none" else text)
    except ValueError:  # a browser draws what it does not know in black
        return Color("black")


def _over_land(text: str, opacity: float) -> Color:
    """Return a colour as it is seen over the land of a map."""
    above, below = _colour(text).convert("srgb"), Color(_LAND)
    opacity *= above.alpha()
    pairs = zip(above[:3], below[:3], strict=True)
    return Color("srgb", [a * opacity + b * (1 - opacity) for a, b in pairs])
