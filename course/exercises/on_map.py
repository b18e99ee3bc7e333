"""Looking into a folium map: what is on it, where, and what its legend says."""

from collections.abc import Iterator
from numbers import Real
from typing import Any, TypeVar

import folium
import pandas as pd
from branca.colormap import ColorMap
from folium.vector_layers import BaseMultiLocation

_Kind = TypeVar("_Kind")

# all places the course speaks of, generously: south, north, west, east
_LAT, _LON = (15.0, 82.0), (60.0, 195.0)
_DRAWN = (folium.Marker, BaseMultiLocation, folium.GeoJson, folium.TopoJson)
_EMPTY = (folium.TileLayer, folium.FeatureGroup)


def _inside(element: Any) -> Iterator[Any]:
    seen, waiting = {id(element)}, [element]
    while waiting and len(seen) < 100_000:
        children = getattr(waiting.pop(0), "_children", None)
        for child in list(children.values()) if isinstance(children, dict) else []:
            if id(child) not in seen:
                seen.add(id(child))
                waiting.append(child)
                yield child


def layers(m: Any, kind: type[_Kind]) -> list[_Kind]:
    """Return all elements of one type on a map, also those inside groups.

    Args:
        m: a folium map, or a group on it.
        kind: a folium class, such as ``folium.FeatureGroup``.
    """
    return [child for child in _inside(m) if isinstance(child, kind)]


def points(m: Any) -> list[tuple[float, float]]:
    """Return (latitude, longitude) in degrees of every marker and circle."""
    found = []
    for marker in layers(m, folium.Marker):
        at = getattr(marker, "location", None)
        if at is not None and len(at) == 2:
            found.append((float(at[0]), float(at[1])))
    return found


def spots(m: Any, digits: int) -> list[tuple[float, float]]:
    """Return the points of a map or a group, rounded and sorted, to compare them.

    Args:
        m: a folium map, or a group on it.
        digits: decimals of a degree; three are about a hundred metres.
    """
    return rounded(points(m), digits)


def rounded(places: Any, digits: int) -> list[tuple[float, float]]:
    """Return pairs of latitude and longitude in the form of `spots`.

    Args:
        places: the pairs, or a table with columns ``lat`` and ``lon``.
        digits: decimals of a degree.
    """
    if isinstance(places, pd.DataFrame):
        places = zip(places["lat"], places["lon"], strict=True)
    return sorted((round(float(lat), digits), round(float(lon), digits)) for lat, lon in places)


def lines(m: Any) -> list[list[tuple[float, float]]]:
    """Return the (latitude, longitude) pairs of every line, in the order of the line.

    A line in several parts counts as several lines.
    """
    return [part for line in layers(m, folium.PolyLine) for part in _parts(line.locations)]


def features(m: Any) -> list[dict[str, Any]]:
    """Return the features of every GeoJSON layer, choropleths included."""
    found: list[dict[str, Any]] = []
    for layer in layers(m, folium.GeoJson):
        data = layer.data if isinstance(layer.data, dict) else {}
        found += data.get("features", [data] if data else [])
    return found


def bounds(m: Any) -> tuple[float, float, float, float] | None:
    """Return south, west, north, east of all markers, lines and shapes."""
    found = points(m) + _drawn(m)
    if not found:
        return None
    lats, lons = zip(*found, strict=True)
    return min(lats), min(lons), max(lats), max(lons)


def _drawn(m: Any) -> list[tuple[float, float]]:
    found = []
    for line in layers(m, BaseMultiLocation):
        found += _pairs(line.locations)
    for feature in features(m):
        geometry = feature.get("geometry") or feature
        found += [(lat, lon) for lon, lat in _pairs(geometry.get("coordinates", []))]
    return found


def _pairs(nested: Any) -> list[tuple[float, float]]:
    return [pair for part in _parts([nested]) for pair in part]


def _parts(nested: Any) -> list[list[tuple[float, float]]]:
    """Return lists of pairs, however deep they lie in lists of lists."""
    inner = [item for item in nested if isinstance(item, list | tuple)]
    pairs = [(float(i[0]), float(i[1])) for i in inner if _is_pair(i)]
    deeper = [part for i in inner if not _is_pair(i) for part in _parts(i)]
    return [pairs, *deeper] if pairs else deeper


def _is_pair(item: Any) -> bool:
    return len(item) >= 2 and all(isinstance(value, Real) for value in item[:2])


def legends(m: Any) -> list[str]:
    """Return the caption of every colour legend on a map."""
    return [str(scale.caption or "") for scale in layers(m, ColorMap)]


def is_empty(m: Any) -> bool:
    """Tell whether nothing was drawn on the base map yet."""
    for child in _inside(m):
        if isinstance(child, _DRAWN):
            return False
        if isinstance(child, folium.map.Layer) and not isinstance(child, _EMPTY):
            return False
    return True


def is_swapped(m: Any) -> bool:
    """Tell whether most points lie in the study area only with lat/lon swapped."""
    found = points(m) or _drawn(m)
    swapped = [p for p in found if not _in_area(*p) and _in_area(p[1], p[0])]
    return len(swapped) * 2 > len(found)


def _in_area(lat: float, lon: float) -> bool:
    east = lon + 360 if lon < -160 else lon  # Chukotka crosses the date line
    return _LAT[0] <= lat <= _LAT[1] and _LON[0] <= east <= _LON[1]
