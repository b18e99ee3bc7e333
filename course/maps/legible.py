"""Whether a reader can read a map: colours that differ, named layers, sizes, words."""

import re
from collections.abc import Iterable
from itertools import combinations
from math import cos, hypot, radians

from coloraide import Color

from course.maps.picture import Drawn, Picture

# how far colours must lie apart (CIEDE2000; 1 is the least that a careful eye sees)
_MARKS = 17.0  # of dots: keeps blue from navy, lets orange and gold be two
_FILLS = 8.0  # of areas: more than the classes of the usual palettes from one another
_LAND = "#fcfaf5"  # what lies below a choropleth of ours
_SMALL, _LARGE = 2, 60  # radius of a circle, in pixels
_THIN, _FAINT = 0.25, 0.3  # width in pixels and opacity of a line that is just seen
_WIDE = 900  # pixels of a map in a notebook, about
_DEGREE = 111_320  # metres of a degree of latitude


def differ(one: str, other: str) -> float:
    """Return how far two colours lie apart for the eye (CIEDE2000).

    Args:
        one: a colour as CSS writes it, such as ``"red"`` or ``"#0072B2"``.
        other: another.

    Returns:
        The distance; 0 if one of them is no colour at all and is drawn black like the other.
    """
    return _colour(one).delta_e(_colour(other), method="2000")


def apart(colours: Iterable[str]) -> bool:
    """Tell whether each two of some colours of marks differ clearly."""
    return all(differ(*pair) > _MARKS for pair in combinations(colours, 2))


def ink(mark: Drawn) -> str:
    """Return the colour that a mark shows: of its inside, else of its edge."""
    filled = mark.style.get("fill", True) and mark.style.get("fillOpacity", 1)
    keys = [
        *(("fillColor", "fill_color") if filled else ()),
        "color",
        "marker_color",
        "markerColor",
    ]
    return next((str(mark.style[key]) for key in keys if mark.style.get(key)), "")


def fills(picture: Picture, key: str = "region_id") -> dict[str, str]:
    """Return the colour of each area of a map's first choropleth, in small letters.

    Args:
        picture: what is on the map.
        key: the property that names an area.
    """
    return {name: _seen(area)[0] for name, area in _first_choropleth(picture, key).items()}


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
    opacity = max((float(a.style.get("fillOpacity", 1)) for a in coloured.values()), default=1)
    scale = {colour for legend in picture.legends[:1] for colour in legend["colours"]}
    classes = [_over_land(colour, opacity) for colour in scale]
    darkest = min((shade.luminance() for shade in classes), default=0)
    drawn = [_over_land(*gap) for gap in gaps]
    far = (a.delta_e(b, method="2000") > _FILLS for a in drawn for b in classes)
    return all(far) and all(gap.luminance() > darkest for gap in drawn)


def layers_named(picture: Picture) -> bool:
    """Tell whether each layer that holds something has a telling name of its own."""
    drawn = [*picture.marks, *picture.lines, *picture.areas]
    held = [picture.layers[n] for n in {d.layer for d in drawn} if n is not None]
    names = [re.sub(r"<[^>]*>", "", layer["name"]).strip() for layer in held]
    plain = [bool(re.search(r"\w\w", name)) for name in names]
    own = [not re.search(r"_[0-9a-f]{32}$", name) for name in names]  # folium's own names
    return all(plain) and all(own) and len({name.casefold() for name in names}) == len(names)


def silent(marks: Iterable[Drawn]) -> list[Drawn]:
    """Return those of some marks that say no word when pointed at."""
    return [m for m in marks if not re.search(r"\w\w", re.sub(r"<[^>]*>|\bnan\b", "", m.words))]


def unseen(picture: Picture) -> str:
    """Say what a reader cannot see: "colour" (no browser knows it), "faint" or ""."""
    drawn = [m for m in picture.marks if m.kind in {"Circle", "CircleMarker"}] + picture.lines
    inks = [
        str(d.style[key]) for d in drawn for key in ("color", "fillColor") if d.style.get(key)
    ]
    if not all(Color.match(text.strip().lower(), fullmatch=True) for text in inks):
        return "colour"
    return "faint" if any(map(_faint, drawn)) else ""


def sizes(picture: Picture) -> str:
    """Say how circles are drawn that nobody can read: "small", "large" or "" if none is."""
    drawn = [r for mark in picture.marks if (r := _radius(mark, picture)) is not None]
    if any(radius > _LARGE for radius in drawn):
        return "large"
    small = [radius for radius in drawn if radius < _SMALL]
    return "small" if 2 * len(small) > len(drawn) else ""


def _first_choropleth(picture: Picture, key: str) -> dict[str, Drawn]:
    found = [n for n, layer in enumerate(picture.layers) if layer["kind"] == "Choropleth"]
    held = [area for area in picture.areas if area.layer in found[:1]]
    return {str(area.properties[key]): area for area in held if key in area.properties}


def _seen(area: Drawn) -> tuple[str, float]:
    """Return the colour of an area, in small letters, and how opaque it is."""
    style = area.style
    return str(style.get("fillColor", "")).lower(), float(style.get("fillOpacity", 1))


def _faint(drawn: Drawn) -> bool:
    """Tell whether neither the edge nor the inside of a mark, nor a line, can be seen."""
    style = drawn.style
    wide = style.get("stroke", True) and float(style.get("weight", 3)) >= _THIN
    edge = wide and float(style.get("opacity", 1)) >= _FAINT
    return not edge and not (style.get("fill") and float(style.get("fillOpacity", 0.2)) >= 0.1)


def _radius(mark: Drawn, picture: Picture) -> float | None:
    """Return the radius of a circle in pixels, as the map opens; None where it is not known."""
    radius = mark.style.get("radius")
    if isinstance(radius, bool) or not isinstance(radius, int | float):
        return None
    if mark.kind == "CircleMarker":
        return float(radius)
    if mark.kind != "Circle" or not picture.view:
        return None
    (south, west), (north, east) = picture.view
    middle = cos(radians((south + north) / 2))
    return radius * _WIDE / (_DEGREE * hypot((east - west) * middle, north - south))


def _colour(text: str) -> Color:
    try:
        return Color(text.strip().lower())
    except ValueError:  # a browser draws what it does not know in black
        return Color("black")


def _over_land(text: str, opacity: float) -> Color:
    """Return a colour as it is seen over the land of a map."""
    above, below = _colour(text).convert("srgb"), Color(_LAND)
    pairs = zip(above[:3], below[:3], strict=True)
    return Color("srgb", [a * opacity + b * (1 - opacity) for a, b in pairs])
