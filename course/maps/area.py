"""Folium maps of the study areas, with a basemap that travels inside the page."""

from functools import cache
from typing import Any

import folium
import numpy as np

from course.data import read
from course.errors import CourseError, known
from course.maps.atlas import EXTENT, area_row, labels, map_words, ranks, region_ids
from course.maps.offline import OfflineMap, Part, script_json
from course.words import _

_MANNERS = ["zoom_in", "zoom_out", "home", "wheel", "km", "m"]  # of map_words


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
    m.area = area
    said = {code: {word: words[code][word] for word in _MANNERS} for code in words}
    extent = EXTENT if tiles is None else None
    page: dict[str, Any] = {"language": language, "words": said, "extent": extent}
    m.add_child(Part("manners", "keepManners", script_json(page)))
    if tiles is None:
        notes = {code: text["boundary_note"] for code, text in words.items()}
        page = {"language": language, "notes": notes, "alt": alt}
        m.plain = False
        page |= {"regions": sorted(region_ids(area)), "ranks": ranks(area)}
        data = basemap_json(), script_json(page)
        m.add_child(Part("basemap", "drawBasemap", *data, also="names"))
    else:
        m.add_child(tiles if isinstance(tiles, folium.TileLayer) else _tiles(tiles))
    m.fit_bounds([[view["south"], view["west"]], [view["north"], view["east"]]])
    return m


@cache
def basemap_json() -> str:
    """Return the shapes and labels of the basemap as JSON, for a page's script."""
    shapes: dict[str, Any] = {}
    for kind in ("countries", "region_polygons", "rivers", "lakes"):  # from below
        shapes[kind] = [pack(shape["geometry"]) for shape in read(kind)["features"]]
    ids = [shape["properties"]["region_id"] for shape in read("region_polygons")["features"]]
    shapes["region_polygons"] = dict(zip(ids, shapes["region_polygons"], strict=True))
    for shape, country in zip(shapes["countries"], read("countries")["features"], strict=True):
        shape["iso"] = country["properties"]["iso_a3"]
    for shape, river in zip(shapes["rivers"], read("rivers")["features"], strict=True):
        shape["great"] = "great" in river["properties"]
    return script_json({"shapes": shapes, "labels": labels()})


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
