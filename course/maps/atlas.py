"""What all maps share: the areas, their regions, names, and the words of controls."""

import re
from functools import cache
from typing import Any

import numpy as np

from course.data import read
from course.errors import known
from course.words import _

EXTENT = [[-85.0, 60.0], [85.0, 191.5]]  # of the basemap's shapes: south, west; north, east


def area_row(area: str) -> dict[str, Any]:
    """Return an area's row of the table areas."""
    areas: Any = read("areas").set_index("area_id").to_dict("index")
    return areas[known(area, areas, _("area"))]


def region_shapes(area: str) -> list[dict[str, Any]]:
    """Return the outlines of an area's regions as GeoJSON features."""
    inside, every = region_ids(area), read("region_polygons")["features"]
    return [shape for shape in every if shape["properties"]["region_id"] in inside]


def region_ids(area: str) -> set[str]:
    """Return the regions of an area, also those that have no shape."""
    rows = read("area_regions")
    known(area, list(rows["area_id"].unique()), _("area"))
    return set(rows["region_id"][rows["area_id"] == area])


@cache
def map_words() -> dict[str, dict[str, str]]:
    """Return what maps say: code of a language -> name of the words -> the words."""
    words: Any = read("map_words").set_index("word_id").drop(columns="meaning").to_dict()
    return words


@cache
def labels() -> list[dict[str, Any]]:
    """Return the names on the basemap, of each kind the most important first."""
    places = read("places").dropna(subset=["lat", "lon"])
    places = places[places["lon"] > EXTENT[0][1]]
    # the largest town of each region, then the largest of each country: counts of the three
    # countries are not comparable
    top = places.groupby("region_id")["population"].rank(ascending=False) == 1
    rank = places.groupby("country")["population"].rank(ascending=False)
    places = places.assign(later=~top, rank=rank).sort_values(["later", "rank"])
    found = [
        _label(kind, row, at=[row[f"{point}lat"], row[f"{point}lon"]], id=row[key])
        for kind, rows, key, point in (
            ("country", read("country_labels"), "country", ""),
            ("place", places, "place_id", ""),
            ("region", read("regions").dropna(subset=["label_lat"]), "region_id", "label_"),
        )
        for row in rows.to_dict("records")
    ]
    rivers = enumerate(river["properties"] for river in read("rivers")["features"])
    for number, river in sorted(rivers, key=lambda r: r[1].get("great", 99)):
        more = {"great": river["great"]} if "great" in river else {}
        found.append(_label("water", river, id=number, **more))  # named where it is in view
    for lake in read("lakes")["features"]:
        outline = np.array(lake["geometry"]["coordinates"][0])
        lon, lat = (outline.min(axis=0) + outline.max(axis=0)) / 2
        found.append(_label("water", lake["properties"], at=[lat, lon]))
    # waters are named in two scripts or more, or not at all
    return [x for x in found if x["kind"] != "water" or len(x["names"]) > 1]


def ranks(area: str) -> list[float]:
    """Return how early each label is placed: 0 first, 5 what the area is not about."""
    regions, rows = region_ids(area), read("area_places")
    towns = list(rows["place_id"][rows["area_id"] == area])

    def rank(kind: str, key: Any = "", great: int = 99) -> float:
        if kind == "place" and key in towns:
            return 1 + towns.index(key) / 100
        if kind == "region":
            return 3 if key in regions else 5
        return 0 if kind == "country" else 2 if great == 1 else 4 if great < 99 else 5

    return [rank(x["kind"], x.get("id"), x.get("great", 99)) for x in labels()]


def _label(kind: str, row: dict[Any, Any], **more: Any) -> dict[str, Any]:
    found = {code: row.get(f"name_{code}") for code in map_words()}
    names = {code: name for code, name in found.items() if isinstance(name, str) and name}
    # what stands in brackets belongs in a tooltip, not on the map
    names = {code: re.split(r" ?[(（]", name)[0] for code, name in names.items()}
    return {"kind": kind, "names": names, **more}
