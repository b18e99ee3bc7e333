"""Looking into a folium map: what is on it, where, and what its legend says."""

from collections.abc import Iterator
from typing import Any, TypeVar

import folium
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


def features(m: Any) -> list[dict[str, Any]]:
    """Return the features of every GeoJSON layer, choropleths included."""
    found: list[dict[str, Any]] = []
    for layer in layers(m, folium.GeoJson):
        data = layer.data if isinstance(layer.data, dict) else {}
        found += data.get("features", [data] if data else [])
    return found


def bounds(m: Any) -> tuple[float, float, float, float] | None:
    """Return south, west, north, east of all markers, lines and shapes."""
    spots = points(m) + _drawn(m)
    if not spots:
        return None
    lats, lons = [s[0] for s in spots], [s[1] for s in spots]
    return min(lats), min(lons), max(lats), max(lons)


def _drawn(m: Any) -> list[tuple[float, float]]:
    spots = []
    for line in layers(m, BaseMultiLocation):
        spots += _pairs(line.locations)
    for feature in features(m):
        geometry = feature.get("geometry") or feature
        spots += [(lat, lon) for lon, lat in _pairs(geometry.get("coordinates", []))]
    return spots


def _pairs(nested: Any) -> list[tuple[float, float]]:
    if len(nested) >= 2 and all(isinstance(v, int | float) for v in nested[:2]):
        return [(float(nested[0]), float(nested[1]))]
    return [pair for part in nested if isinstance(part, list | tuple) for pair in _pairs(part)]


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
    spots = points(m) or _drawn(m)
    swapped = [p for p in spots if not _in_area(*p) and _in_area(p[1], p[0])]
    return len(swapped) * 2 > len(spots)


def _in_area(lat: float, lon: float) -> bool:
    east = lon + 360 if lon < -160 else lon  # Chukotka crosses the date line
    return _LAT[0] <= lat <= _LAT[1] and _LON[0] <= east <= _LON[1]
