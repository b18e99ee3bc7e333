"""Folium maps of the study areas, with a basemap that travels inside the page."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

import folium
from branca.element import MacroElement
from folium.template import Template

from course.data import read
from course.errors import CourseError, known
from course.maps.offline import make_offline, script_json

_CAPITALS = {"beijing", "ulaanbaatar"}
_LARGE = 200_000  # persons: named on the smallest maps
LANGUAGES = {"en": "English", "ru": "Русский", "zh": "中文", "mn": "Монгол"}

# south, west, north, east: what each map shows at first, in degrees
AREAS: dict[str, tuple[float, float, float, float]] = {
    "far_east": (42.0, 105.0, 72.0, 191.0),
    "heilongjiang": (43.0, 120.5, 54.0, 136.0),
    "mongolia_corridor": (38.0, 87.5, 53.0, 121.0),
    "borderland": (37.5, 87.0, 72.0, 191.0),
}

_FAR_EAST = {
    "RU-AMU", "RU-BU", "RU-CHU", "RU-KAM", "RU-KHA", "RU-MAG",
    "RU-PRI", "RU-SA", "RU-SAK", "RU-YEV", "RU-ZAB",
}  # fmt: skip
_NORTHEAST = {"CN-HL", "CN-JL", "CN-LN", "CN-NM"}
_CORRIDOR = {"RU-BU", "RU-ZAB", "RU-IRK", "CN-NM", "CN-HE", "CN-BJ", "CN-TJ"}
_REGIONS = {  # of each area, besides all of Mongolia's where it takes part
    "far_east": _FAR_EAST,
    "heilongjiang": _NORTHEAST,
    "mongolia_corridor": _CORRIDOR,
    "borderland": _FAR_EAST | _NORTHEAST | _CORRIDOR,
}
_WITH_MONGOLIA = {"mongolia_corridor", "borderland"}

BOUNDARY_NOTE = {
    "en": "Boundaries: Natural Earth, de facto lines; no position on legal status.",
    "ru": "Границы: Natural Earth, фактические линии; без оценки правового статуса.",
    "zh": "界线：Natural Earth，按实际控制绘制，不代表对法律地位的立场。",
    "mn": "Хил: Natural Earth, бодит шугам; эрх зүйн байр суурь илэрхийлэхгүй.",
}

_ALT = {
    "far_east": "Map of the Russian Far East",
    "heilongjiang": "Map of Heilongjiang and its neighbours",
    "mongolia_corridor": "Map of the Mongolia corridor",
    "borderland": "Map of the borderland of Russia, China and Mongolia",
}

_SCRIPT = files("course.maps").joinpath("basemap.js").read_text(encoding="utf-8")


class _Basemap(MacroElement):
    _template = Template(
        """
        {% macro header(this, kwargs) %}
        <style>
        .name span { position: absolute; white-space: nowrap; color: #3c3a36;
          font-size: 11px; line-height: 12px;
          text-shadow: 1px 0 #fff, -1px 0 #fff, 0 1px #fff, 0 -1px #fff,
            0 0 4px #fff; }
        .name.place span { left: 5px; top: -6px; }
        .name.place.left span { left: auto; right: 5px; }
        .name.place::before { content: ""; position: absolute; left: -2px;
          top: -2px; width: 4px; height: 4px; border-radius: 50%;
          background: #3c3a36; box-shadow: 0 0 0 1px #fff; }
        .name.country span, .name.region span, .name.water span {
          transform: translate(-50%, -50%); }
        .name.country span { font-size: 13px; letter-spacing: .12em;
          color: #4f4a40; }
        .name.region span { color: #5f5748; font-style: italic; }
        .name.water span { color: #2d5f85; font-style: italic; }
        </style>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        {{ this.script }}
        var courseBasemap = drawBasemap({{ this._parent.get_name() }},
          {{ this.data }}, {{ this.language|tojson }}, {{ this.notes|tojson }});
        (function (box) {
          box.setAttribute("role", "region");
          box.setAttribute("aria-label", {{ this.alt|tojson }});
        })({{ this._parent.get_name() }}.getContainer());
        {% endmacro %}
        """
    )

    def __init__(self, data: str, language: str, alt: str) -> None:
        super().__init__()
        self._name = "Basemap"
        self.script, self.data, self.language = _SCRIPT, data, language
        self.notes, self.alt = BOUNDARY_NOTE, alt


def area_map(
    area: str = "borderland",
    language: str = "en",
    *,
    tiles: str | folium.TileLayer | None = None,
    alt: str | None = None,
    caption: str = "",
    height: int = 480,
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
        caption: HTML to stand below the map.
        height: height in pixels.

    Returns:
        A `folium.Map`: add to it whatever folium knows.

    Raises:
        CourseError: the area or language is unknown.
    """
    south, west, north, east = AREAS[known(area, AREAS, "area")]
    known(language, LANGUAGES, "language")
    m = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        control_scale=True,
        zoom_snap=0.25,
        wheel_px_per_zoom_level=120,
    )
    # folium hands zoom limits to tiles only; without them MarkerCluster gives up
    m.options |= {"min_zoom": 2, "max_zoom": 12}
    words = alt or f"{_ALT[area]}."
    if tiles is None:
        m.add_child(_Basemap(basemap_json(), language, words), name="basemap")
    else:
        m.add_child(_tiles(tiles))
    m.fit_bounds([[south, west], [north, east]])
    return make_offline(m, words, caption, height)


def region_shapes(area: str = "borderland") -> dict[str, Any]:
    """Return the outlines of an area's regions as a GeoJSON FeatureCollection.

    Args:
        area: an area's name, as in `area_map`.

    Returns:
        FeatureCollection; each feature has ``region_id`` and names in its
        properties. ``heilongjiang`` means the three north-eastern provinces and
        Inner Mongolia, ``mongolia_corridor`` Mongolia with the regions the
        corridor runs through.

    Raises:
        CourseError: the area is unknown.
    """
    known(area, AREAS, "area")
    chosen = []
    for feature in read("region_polygons")["features"]:
        if in_area(feature["properties"]["region_id"], area):
            chosen.append(feature)
    return {"type": "FeatureCollection", "features": chosen}


def in_area(region_id: str, area: str) -> bool:
    """Tell whether a region belongs to a study area."""
    if area in _WITH_MONGOLIA and region_id.startswith("MN-"):
        return True
    return region_id in _REGIONS[area]


@lru_cache(maxsize=1)
def basemap_json() -> str:
    """Return the shapes and labels of the basemap as JSON, for a page's script."""
    shapes = {
        "land": _bare("countries"),
        "regions": {
            feature["properties"]["region_id"]: pack(feature["geometry"])
            for feature in read("region_polygons")["features"]
        },
        "rivers": _bare("rivers"),
        "lakes": _bare("lakes"),
    }
    return script_json({"shapes": shapes, "labels": _labels()})


def _bare(name: str) -> list[dict[str, Any]]:
    return [pack(feature["geometry"]) for feature in read(name)["features"]]


def pack(geometry: dict[str, Any]) -> dict[str, Any]:
    """Return a GeoJSON geometry in a third of its size, for ``basemap.js``.

    Each line becomes one list of steps from point to point, in hundredths of a
    degree: less than a pixel up to zoom 8, which is as fine as the shapes are.

    Args:
        geometry: a GeoJSON line or polygon, single or multiple.
    """
    return {"type": geometry["type"], "steps": _steps(geometry["coordinates"])}


def _steps(part: list[Any]) -> list[Any]:
    if not isinstance(part[0][0], int | float):
        return [_steps(inner) for inner in part]
    steps: list[int] = []
    lon = lat = 0
    for point in part:
        east, north = round(point[0] * 100) - lon, round(point[1] * 100) - lat
        if steps and not east and not north:
            continue
        steps += [east, north]
        lon, lat = lon + east, lat + north
    return steps


def _names(row: dict[str, Any]) -> dict[str, str]:
    found = {code: row.get(f"name_{code}") for code in LANGUAGES}
    return {code: n for code, n in found.items() if isinstance(n, str) and n}


def _labels() -> list[dict[str, Any]]:
    """List labels, most important first."""
    labels = [{"at": at, "kind": "country", "names": names} for at, names in _COUNTRY_LABELS]
    places = read("places").dropna(subset=["lat", "lon"])
    places = places[places["lon"] > _WEST]
    # capitals, then the largest town of each region, from east to west: a name stands
    # right of its dot and would cover its neighbour's. Then the largest of each country,
    # since counts of the three countries are not comparable
    size = places["population"]
    top = places.groupby("region_id")["population"].rank(ascending=False) == 1
    tier = (~top).astype(int) * 2 + (top & (size < _LARGE))
    tier = tier.mask(places["place_id"].isin(_CAPITALS), -1)
    rank = places.groupby("country")["population"].rank(ascending=False)
    places = places.assign(tier=tier, rank=rank.where(tier > 0, -places["lon"]))
    for row in places.sort_values(["tier", "rank"]).to_dict("records"):
        at = [row["lat"], row["lon"]]
        # what stands in brackets belongs in a tooltip, not on the map
        names = {code: name.split(" (")[0] for code, name in _names(row).items()}
        labels.append({"at": at, "kind": "place", "names": names})
    regions = read("regions").dropna(subset=["label_lat", "label_lon"])
    for row in regions.to_dict("records"):
        at = [row["label_lat"], row["label_lon"]]
        labels.append({"at": at, "kind": "region", "names": _names(row)})
    for table in ("rivers", "lakes"):
        for feature in read(table)["features"]:
            names = _names(feature["properties"])
            if len(names) > 1:  # named in more than one script: worth a label
                at = _middle(feature["geometry"])
                labels.append({"at": at, "kind": "water", "names": names})
    return labels


def _middle(geometry: dict[str, Any]) -> list[float]:
    line = geometry["coordinates"]
    while isinstance(line[0][0], list):
        line = max(line, key=len)
    if geometry["type"].endswith("Polygon"):
        lons, lats = [p[0] for p in line], [p[1] for p in line]
        return [(min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2]
    lon, lat = line[len(line) // 2]
    return [lat, lon]


_WEST = 60  # degrees: the shapes of the basemap begin here

_COUNTRY_LABELS = [
    ([62.0, 98.0], {"en": "RUSSIA", "ru": "РОССИЯ", "zh": "俄罗斯", "mn": "ОРОС"}),
    ([36.5, 103.0], {"en": "CHINA", "ru": "КИТАЙ", "zh": "中国", "mn": "ХЯТАД"}),
    (
        [46.2, 103.0],
        {"en": "MONGOLIA", "ru": "МОНГОЛИЯ", "zh": "蒙古", "mn": "МОНГОЛ"},
    ),
    ([36.3, 138.6], {"en": "JAPAN", "ru": "ЯПОНИЯ", "zh": "日本", "mn": "ЯПОН"}),
]


def _tiles(tiles: str | folium.TileLayer) -> folium.TileLayer:
    if isinstance(tiles, folium.TileLayer):
        return tiles
    try:
        # OpenStreetMap turns away requests that do not say where they come from
        return folium.TileLayer(tiles, referrerPolicy="strict-origin-when-cross-origin")
    except (ValueError, AttributeError, TypeError) as error:
        raise CourseError(
            f"folium knows no tiles called {tiles!r}, or they need an attribution "
            "(attr=...). Make a folium.TileLayer(url, attr=...) and hand that in, "
            "or leave tiles out: the built-in basemap needs no network."
        ) from error
