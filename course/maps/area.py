"""Folium maps of the study areas, with a basemap that travels inside the page."""

import re
from functools import cache, lru_cache
from typing import Any

import folium
import numpy as np

from course.data import read
from course.errors import CourseError, known
from course.maps.offline import OfflineMap, Part, script_json
from course.words import _

_MANNERS = ["zoom_in", "zoom_out", "home", "wheel", "km", "m"]  # of map_words
EXTENT: list[list[float]] = [
    [-85, 60],
    [85, 191.5],
]  # of the basemap's shapes: south, west; north, east


def area_map(
    area: str = "borderland",
    language: str = "en",
    *,
    tiles: str | folium.TileLayer | None = None,
    alt: str | None = None,
    caption: str = "",
    height: int | str = 480,
) -> folium.Map:
    """Make a map of a study area that needs no network.

    Args:
        area: ``"far_east"``, ``"heilongjiang"``, ``"mongolia_corridor"`` or
            ``"borderland"`` (all three).
        language: language of the names: ``"en"``, ``"ru"``, ``"zh"`` or ``"mn"``. A
            name not known in it stays English; of Mongolian ones it is the Russian.
        tiles: online tiles instead of the built-in basemap, named as folium
            names them, or a `folium.TileLayer`. Needs a connection.
        alt: what the map shows, in a sentence, for those who do not see it.
        caption: words to stand below the map.
        height: height in pixels.

    Returns:
        A `folium.Map`: add to it whatever folium knows (README.md lists the plugins).

    Raises:
        CourseError: the area or language is unknown, or an option cannot be used.
    """
    view, words = area_row(area), map_words()
    known(language, words, _("language"))
    alt = view[f"alt_{language}"] if alt is None else alt
    m = OfflineMap(
        alt,
        caption=caption,
        height=height,
        language=language,
        location=[(view["south"] + view["north"]) / 2, (view["west"] + view["east"]) / 2],
        zoom_snap=0.25,
        wheel_px_per_zoom_level=120,
    )
    # folium hands zoom limits to tiles only; without them MarkerCluster gives up
    m.options |= {"min_zoom": 2, "max_zoom": 12}
    said = {code: {word: words[code][word] for word in _MANNERS} for code in words}
    extent = EXTENT if tiles is None else None
    page: dict[str, Any] = {"language": language, "words": said, "extent": extent}
    m.add_child(Part("manners", "keepManners", script_json(page)))
    if tiles is None:
        notes = {code: text["boundary_note"] for code, text in words.items()}
        page = {"language": language, "notes": notes, "alt": alt}
        page |= {"regions": sorted(region_ids(area)), "ranks": _ranks(area)}
        data = basemap_json(), script_json(page)
        m.add_child(Part("basemap", "drawBasemap", *data, also="names"))
    else:
        m.add_child(tiles if isinstance(tiles, folium.TileLayer) else _tiles(tiles))
    m.fit_bounds([[view["south"], view["west"]], [view["north"], view["east"]]])
    return m


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


@lru_cache(maxsize=1)
def basemap_json() -> str:
    """Return the shapes and labels of the basemap as JSON, for a page's script."""
    shapes: dict[str, Any] = {}
    for kind in ("countries", "region_polygons", "rivers", "lakes"):  # from below
        shapes[kind] = [pack(shape["geometry"]) for shape in read(kind)["features"]]
    ids = [shape["properties"]["region_id"] for shape in read("region_polygons")["features"]]
    shapes["region_polygons"] = dict(zip(ids, shapes["region_polygons"], strict=True))
    for shape, river in zip(shapes["rivers"], read("rivers")["features"], strict=True):
        shape["great"] = "great" in river["properties"]
    return script_json({"shapes": shapes, "labels": _labels()})


def pack(geometry: dict[str, Any]) -> dict[str, Any]:
    """Return a GeoJSON geometry as steps from point to point: a third of its size."""
    return {"type": geometry["type"], "steps": _steps(geometry["coordinates"])}


def _steps(part: list[Any]) -> list[Any]:
    if not isinstance(part[0][0], int | float):
        return [_steps(inner) for inner in part]
    # hundredths of a degree: less than a pixel up to zoom 8, as fine as the shapes are
    points = np.rint(np.multiply(part, 100)).astype(int)
    steps = np.diff(points, axis=0, prepend=[[0, 0]])
    moved: Any = steps.any(axis=1)
    moved[0] = True
    return steps[moved].ravel().tolist()


@cache
def _labels() -> list[dict[str, Any]]:  # of each kind the most important first
    places = read("places").dropna(subset=["lat", "lon"])
    places = places[places["lon"] > 60]  # the shapes of the basemap begin there
    # the largest town of each region, then the largest of each country: counts of the three
    # countries are not comparable
    top = places.groupby("region_id")["population"].rank(ascending=False) == 1
    rank = places.groupby("country")["population"].rank(ascending=False)
    places = places.assign(later=~top, rank=rank).sort_values(["later", "rank"])
    labels = [
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
        labels.append(_label("water", river, id=number, **more))  # named where it is in view
    for lake in read("lakes")["features"]:
        outline = np.array(lake["geometry"]["coordinates"][0])
        lon, lat = (outline.min(axis=0) + outline.max(axis=0)) / 2
        labels.append(_label("water", lake["properties"], at=[lat, lon]))
    # waters are named in two scripts or more, or not at all
    return [x for x in labels if x["kind"] != "water" or len(x["names"]) > 1]


def _ranks(area: str) -> list[float]:
    """Return how early each label is placed: 0 first, 5 what the area is not about."""
    regions, rows = region_ids(area), read("area_places")
    towns = list(rows["place_id"][rows["area_id"] == area])

    def rank(kind: str, key: Any = "", great: int = 99) -> float:
        if kind == "place" and key in towns:
            return 1 + towns.index(key) / 100
        if kind == "region":
            return 3 if key in regions else 5
        return 0 if kind == "country" else 2 if great == 1 else 4 if great < 99 else 5

    return [rank(x["kind"], x.get("id"), x.get("great", 99)) for x in _labels()]


def _label(kind: str, row: dict[Any, Any], **more: Any) -> dict[str, Any]:
    found = {code: row.get(f"name_{code}") for code in map_words()}
    names = {code: name for code, name in found.items() if isinstance(name, str) and name}
    # what stands in brackets belongs in a tooltip, not on the map
    names = {code: re.split(r" ?[(（]", name)[0] for code, name in names.items()}
    return {"kind": kind, "names": names, **more}


def _tiles(tiles: str) -> folium.TileLayer:
    try:  # OpenStreetMap turns away requests that do not say where they come from
        return folium.TileLayer(tiles, referrerPolicy="strict-origin-when-cross-origin")
    except (ValueError, AttributeError, TypeError) as error:
        say = _(
            "folium knows no tiles called {tiles!r}, or they need an attribution (attr=...). "
            "Make a folium.TileLayer(url, attr=...) and hand that in, or leave tiles out: the "
            "built-in basemap needs no network."
        )
        raise CourseError(say.format(tiles=tiles)) from error
