"""Folium maps of the study areas, with a basemap that travels inside the page."""

from functools import cache, lru_cache
from typing import Any

import folium
import numpy as np

from course.data import read
from course.errors import CourseError, known
from course.maps.offline import OfflineMap, Part, script_json
from course.words import _


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
        language: language of the names: ``"en"``, ``"ru"``, ``"zh"`` or ``"mn"``
            (where a Mongolian name is known).
        tiles: online tiles instead of the built-in basemap, named as folium
            names them, or a `folium.TileLayer`. Needs a connection.
        alt: what the map shows, in a sentence, for those who do not see it.
        caption: words to stand below the map.
        height: height in pixels.

    Returns:
        A `folium.Map`: add to it whatever folium knows.

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
        control_scale=True,
        zoom_snap=0.25,
        wheel_px_per_zoom_level=120,
    )
    # folium hands zoom limits to tiles only; without them MarkerCluster gives up
    m.options |= {"min_zoom": 2, "max_zoom": 12}
    if tiles is None:
        notes = {code: said["boundary_note"] for code, said in words.items()}
        page = script_json({"language": language, "notes": notes, "alt": alt})
        m.add_child(Part("basemap", "drawBasemap", basemap_json(), page))
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


def _labels() -> list[dict[str, Any]]:  # most important first
    countries = read("country_labels")
    labels = [_label("country", c, c["lat"], c["lon"]) for c in countries.to_dict("records")]
    places = read("places").dropna(subset=["lat", "lon"])
    places = places[places["lon"] > 60]  # the shapes of the basemap begin there
    # capitals, then the largest town of each region (large ones first), from east to west:
    # a name stands right of its dot and would cover its neighbour's. Then the largest of
    # each country, since counts of the three countries are not comparable
    top = places.groupby("region_id")["population"].rank(ascending=False) == 1
    large = places["population"] >= 200_000
    capital = places["place_id"].isin(countries["capital_id"])
    tier = np.select([capital, top & large, top], [-1, 0, 1], 2)
    rank = places.groupby("country")["population"].rank(ascending=False)
    places = places.assign(tier=tier, rank=rank.where(tier > 0, -places["lon"]))
    places = places.sort_values(["tier", "rank"])
    labels += [_label("place", p, p["lat"], p["lon"]) for p in places.to_dict("records")]
    regions = read("regions").dropna(subset=["label_lat"]).to_dict("records")
    labels += [_label("region", r, r["label_lat"], r["label_lon"]) for r in regions]
    waters = read("rivers")["features"] + read("lakes")["features"]
    water = (_label("water", w["properties"], *_middle(w["geometry"])) for w in waters)
    return labels + [label for label in water if len(label["names"]) > 1]  # two scripts or more


def _label(kind: str, row: dict[Any, Any], lat: float, lon: float) -> dict[str, Any]:
    found = {code: row.get(f"name_{code}") for code in map_words()}
    names = {code: name for code, name in found.items() if isinstance(name, str) and name}
    if kind == "place":  # what stands in brackets belongs in a tooltip, not on the map
        names = {code: name.split(" (")[0] for code, name in names.items()}
    return {"at": [lat, lon], "kind": kind, "names": names}


def _middle(geometry: dict[str, Any]) -> tuple[float, float]:
    line = geometry["coordinates"]
    points = np.array(line if geometry["type"] == "LineString" else max(line, key=len))
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    lon, lat = middle if geometry["type"] == "Polygon" else points[len(points) // 2]
    return lat, lon


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
