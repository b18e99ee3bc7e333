"""Shapes of regions, countries, rivers and lakes, from Natural Earth."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import shapely
from shapely.geometry import mapping, shape

from tests.derive.common import Sources, key, names, resource, text
from tests.derive.tidy import ADDITIONS, collected

LEFT_OUT = [
    "populated_places and ports of Natural Earth: only points that places or the "
    "route lines use are kept",
    "region_polygons: Govisümber (MN-064) has no polygon in Natural Earth; lesson 02 "
    "makes it an exercise",
]
# Albers equal-area conic between the latitudes of the region: areas can be compared.
FLAT = "+proj=aea +lat_1=40 +lat_2=65 +lat_0=50 +lon_0=115 +datum=WGS84 +units=m"
NATURAL_EARTH = (
    "Natural Earth, release 4.x, generalised",
    "https://www.naturalearthdata.com",
)
_SOUTH = 18  # degrees: no map of the course reaches further
_LICENCE = [
    {
        "name": "public domain",
        "title": "Natural Earth, public domain",
        "path": "https://www.naturalearthdata.com/about/terms-of-use/",
    }
]


def derive(reference: Path, sources: Sources) -> dict[str, dict[str, Any]]:
    """Build the shapes.

    Args:
        reference: folder of the collected facts.
        sources: registry that gives each source its id.

    Returns:
        GeoJSON FeatureCollections by table name.
    """
    source = sources.id(*NATURAL_EARTH)
    return {
        "region_polygons": _regions(reference, source),
        "countries": _countries(reference, source),
        "rivers": _waters(reference, "rivers", source),
        "lakes": _waters(reference, "lakes", source),
    }


def shapes_of(reference: Path, name: str) -> dict[str, shapely.Geometry]:
    """Read the shapes of one collected file, in one piece where they cross 180°.

    Args:
        reference: folder of the collected facts.
        name: the file's name without ending.

    Returns:
        Shapes by id.
    """
    return {f["id"]: whole(shape(f["geometry"])) for f in _read(reference, name)}


def whole(geometry: shapely.Geometry) -> shapely.Geometry:
    """Move what lies west of 180° behind it, so that nothing tears, and join it."""
    if geometry.bounds[0] >= -90:
        return geometry
    east = shapely.transform(geometry, _behind)
    # the two halves meet in a seam of rounded points: close it, then undo the widening
    return east.buffer(0.002).buffer(-0.002)


def _behind(points):
    points = points.copy()
    points[:, 0] = points[:, 0] % 360
    return points


def _read(reference: Path, name: str) -> list[dict[str, Any]]:
    path = reference / "geo" / f"{name}.geojson"
    return json.loads(path.read_text(encoding="utf-8"))["features"]


def _feature(properties: dict[str, Any], geometry: shapely.Geometry, **more: Any) -> dict:
    rounded = shapely.set_precision(geometry, 0.001)
    drawn = json.loads(json.dumps(mapping(rounded)))
    return {"type": "Feature", **more, "properties": properties, "geometry": drawn}


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def _regions(reference: Path, source: str) -> dict[str, Any]:
    table = collected(reference, "regions/regions").set_index("region_id")
    features = []
    for region, geometry in sorted(shapes_of(reference, "regions").items()):
        row = table.loc[region]
        properties = {"region_id": region, "country": _ALPHA3[row.country]}
        properties |= {c: row[c] for c in _NAMES if row[c]}
        properties["source_id"] = source
        features.append(_feature(properties, geometry, id=region))
    return _collection(features)


_ALPHA3 = {"RU": "RUS", "CN": "CHN", "MN": "MNG"}
_NAMES = ["name_en", "name_ru", "name_zh", "name_mn"]


def _countries(reference: Path, source: str) -> dict[str, Any]:
    frame = shapely.box(60, _SOUTH, 191, 85)
    features = []
    for feature in _read(reference, "countries_context"):
        geometry = whole(shapely.make_valid(shape(feature["geometry"])))
        geometry = _polygons(geometry.intersection(frame))
        if geometry.is_empty:
            continue
        found = feature["properties"]
        properties = {"iso_a3": found["iso_a3"], "name_en": found["name_en"]}
        features.append(_feature(properties | {"source_id": source}, geometry))
    return _collection(features)


def _polygons(geometry: shapely.Geometry) -> shapely.Geometry:
    """Keep the areas of a cut shape, not the lines along the cut."""
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        return geometry
    parts = [p for p in getattr(geometry, "geoms", []) if "Polygon" in p.geom_type]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _waters(reference: Path, name: str, source: str) -> dict[str, Any]:
    path = ADDITIONS / "waters.csv"
    spoken = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    spoken = spoken.set_index("name_source")
    features = []
    for feature in _read(reference, name):
        found = feature["properties"]["name_en"]
        if found in spoken.index:
            properties = {c: n for c, n in spoken.loc[found].items() if n}
        else:  # in English only: drawn, but without a label
            properties = {"name_en": found} if found else {}
        properties["source_id"] = source
        geometry = whole(shape(feature["geometry"]))
        features.append(_feature(properties, geometry))
    return _collection(features)


# --- what the properties mean ------------------------------------------------

_SOURCE = text("source_id", "Where the shape comes from: sources.source_id.")
_FROM = [key("source_id", "sources")]
_LINES = (
    "Generalised lines of Natural Earth: de facto boundaries, drawn to show data. They "
    "say nothing on any claim to territory. "
)

RESOURCES = [
    resource(
        "region_polygons",
        "Outlines of the regions",
        _LINES + "WGS84, longitude first. Chukotka is drawn in one piece: its part "
        "beyond 180 degrees has longitudes up to 191.",
        [
            text("region_id", "Region: regions.region_id."),
            text("country", "ISO 3166-1 alpha-3.", "RUS", "CHN", "MNG"),
            *names("region", required=("en", "ru", "zh")),
            _SOURCE,
        ],
        ["region_id"],
        [*_FROM, key("region_id", "regions")],
        licenses=_LICENCE,
    ),
    resource(
        "countries",
        "Outlines of countries around the region",
        _LINES + "Cut to 60 to 191 degrees east and from 18 degrees north, for the "
        "base map. Names as in Natural Earth.",
        [
            text("iso_a3", "Code of Natural Earth, mostly ISO 3166-1 alpha-3."),
            text("name_en", "Name in Natural Earth."),
            _SOURCE,
        ],
        ["iso_a3"],
        _FROM,
        licenses=_LICENCE,
    ),
    *[
        resource(
            table,
            title,
            "Generalised lines of Natural Earth, for the base map. Where only an "
            "English name is known, the map shows none.",
            [*names(thing, required=()), _SOURCE],
            [],
            _FROM,
            licenses=_LICENCE,
        )
        for table, title, thing in [
            ("rivers", "Rivers of the region", "river"),
            ("lakes", "Lakes of the region", "lake"),
        ]
    ],
]
