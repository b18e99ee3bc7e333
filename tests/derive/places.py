"""Tables on places and border crossings."""

import re
from pathlib import Path

import pandas as pd

from tests.derive.common import (
    CHECKS,
    SOURCE_KEYS,
    TAIL,
    Sources,
    field,
    key,
    names,
    resource,
    text,
)
from tests.derive.regions import ALPHA3
from tests.derive.tidy import Evidence, collected, number, whole

LEFT_OUT = [
    "crossings: opening dates as long texts; the first date stands in opened_on, the "
    "words in opened_note",
]
_END = ["source_id", "source2_id", "check", "note"]
_NAMES = ["name_en", "name_ru", "name_zh", "name_mn"]


def derive(reference: Path, sources: Sources) -> dict[str, pd.DataFrame]:
    """Build the tables of places and crossings.

    Args:
        reference: folder of the collected facts.
        sources: registry that gives each source its id.

    Returns:
        Tables by name.
    """
    evidence = Evidence(reference, sources)
    return {
        "places": _places(reference, evidence),
        "crossings": _crossings(reference, evidence),
    }


def _places(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "places/places")
    known = set(collected(reference, "regions/regions").region_id)
    evidence.add(frame)
    located = frame.lat != ""
    frame["coord_source_id"] = [
        evidence.id(title, url) if title else ""
        for title, url in zip(frame.coord_source_title, frame.coord_source_url)
    ]
    frame["country"] = frame.country_iso2.map(ALPHA3)
    frame["region_id"] = frame.admin1_iso.where(frame.admin1_iso.isin(known), "")
    frame["region_name"] = frame.admin1_name
    frame["kind"] = frame.kind.str.replace("_", " ")
    frame["coord_check"] = frame.coord_check.where(located, "")
    for column in ("lat", "lon"):
        frame[column] = number(frame[column])
    for column in ("population", "population_year"):
        frame[column] = whole(frame[column])
    where = ["country", "region_id", "region_name", "lat", "lon", "coord_check"]
    people = ["population", "population_year", "population_basis"]
    rail = ["rail_station_ru", "rail_station_esr"]
    columns = ["place_id", *_NAMES, "kind", *where, "coord_source_id", *people, *rail]
    return frame[[*columns, *_END]]


_MODES = {  # word in the collected text -> mode
    "rail": r"\brail\b(?! reaches)|railway under|rail bridge",
    "road": r"\broad\b(?!\s*\()|road bridge|\broad \(",
    "river": r"\briver\b",
    "winter road": r"ice (?:and pontoon )?road|pontoon road",
    "oil pipeline": r"oil pipeline",
    "gas pipeline": r"gas pipeline",
    "cable car": r"cable car",
}
_RIVER_ONLY = re.compile(r"winter ice|pontoon")


def _crossings(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "places/crossings")
    evidence.add(frame, _CROSSING_NOTES)
    _correct_gauge(frame, evidence)
    for side in ("side_a", "side_b"):
        frame[f"{side}_country"] = frame[f"{side}_country"].map(ALPHA3)
        gauge = whole(frame[f"gauge_{side}_mm"])
        frame[f"{side}_gauge_mm"] = gauge
    frame["border"] = frame.side_a_country + "-" + frame.side_b_country
    for code in ("en", "ru", "zh", "mn"):
        a, b = frame[f"side_a_name_{code}"], frame[f"side_b_name_{code}"]
        frame[f"name_{code}"] = (a + " – " + b).where((a != "") & (b != ""), "")
    frame["modes_detail"] = frame.modes
    frame["modes"] = frame.modes.map(_modes)
    planned = frame.modes_detail.str.contains("planned")
    frame["status_detail"] = frame.status
    frame["status"] = [_status(s, p) for s, p in zip(frame.status, planned)]
    frame["opened_note"] = frame.opened.where(
        ~frame.opened.str.fullmatch(r"\d{4}(-\d\d){0,2}"), ""
    )
    first = r"^(\d{4}(?:-\d\d){0,2})(?!\d)"
    frame["opened_on"] = frame.opened.str.extract(first)[0].fillna("")
    frame["capacity"] = frame.capacity_text
    frame["coord_quality"] = frame.coord_quality.map(_QUALITY)
    town = frame.coord_basis.str.startswith("place ")
    frame.loc[town, "coord_quality"] = "settlement"
    for column in ("lat", "lon"):
        frame[column] = number(frame[column])
    sides = [f"side_{s}_{c}" for s in "ab" for c in ("country", "place_id", "gauge_mm")]
    where = ["lat", "lon", "coord_quality", "coord_basis"]
    what = ["modes", "modes_detail", "gauge_note", "opened_on", "opened_note"]
    state = ["status", "status_detail", "capacity"]
    return frame[["crossing_id", "border", *_NAMES, *sides, *where, *what, *state, *_END]]


GAUGES_2025 = (
    "Railway Gazette, 20 Feb 2025",
    "https://www.railwaygazette.com/infrastructure/mongolia-and-china-agree-to-build-"
    "cross-border-rail-link/68336.article",
)


def _correct_gauge(frame: pd.DataFrame, evidence: Evidence) -> None:
    """Two trade journals against one research note on the line to Gashuunsukhait."""
    row = frame.crossing_id == "ganqimaodu_gashuunsukhait"
    frame.loc[row, "gauge_side_b_mm"] = "1520"
    frame.loc[row, "gauge_note"] = (
        "no train crosses yet: the Mongolian line ends with 1520 mm, the Chinese with "
        "1435 mm, the link is to have both; one research note gives the Mongolian line "
        "the Chinese gauge"
    )
    frame.loc[row, "source2_id"] = evidence.id(*GAUGES_2025)
    frame.loc[row, "check"] = "conflict"
    frame.loc[row, "note"] = (
        "The second page has the gauges; the conflict is about the Mongolian one. "
        "Railway work started on 14 May 2025"
    )


_QUALITY = {
    "point": "point",
    "settlement": "settlement",
    "midpoint_derived": "midpoint",
    "seat_only": "seat only",
    "none": "none",
}


def _modes(words: str) -> str:
    """Turn the collected words into modes joined by a semicolon."""
    found = [mode for mode, word in _MODES.items() if re.search(word, words)]
    if "road" in found and _RIVER_ONLY.search(words) and "rail and road" not in words:
        found.remove("road")  # the road is the one on the ice
    if words.startswith("road (Chinese railway") and "rail" in found:
        found.remove("rail")
    if "railway under construction" in words and "rail" in found:
        found.remove("rail")
    return ";".join(found)


def _status(words: str, planned: bool) -> str:
    if planned or words.startswith("planned"):
        return "planned"
    if "under construction" in words:
        return "under construction"
    if words.startswith("listed"):
        return "listed"
    return "seasonal" if "seasonal" in words else "open"


_CROSSING_NOTES = {
    "Length: 1,080 m": "The bridge is 1,080 m long in Russian texts and 1,284 m in "
    "Chinese ones; the whole link about 20 km",
    "Hulin is in the list": "In a list of Heilongjiang ports facing Russia. Pairing "
    "not seen in a source; opening not confirmed",
    "Sunwu is in the list": "In a list of Heilongjiang ports facing Russia. The place "
    "opposite is not named in the texts read",
    "19 km between": "19 km between the two checkpoints",
    "Gauge figures": "Tariff border point 2 km beyond Zabaikalsk station",
    "Same opening date": "A wiki page prints 2021 as the year of opening, in error",
    "Start date also": "",
    "Upgrade": "Another source also dates the restart to December 2013. Border point "
    "31 km from Makhalino",
    "Railway work started 2025": "Railway work started on 14 May 2025",
    "Pontoon road 13 m": "Pontoon road 13 m wide and 650 m long in 2019",
    "West port capacity": "",
    "Discussion": "",
    "1,300 vehicles": "",
    "1,000 vehicles": "",
    "750 vehicles": "",
    "Passenger line Mingshan": "A passenger line to Amurzet is listed for 2002",
    "976 m and": "Dates missed before: second half of 2015, second half of 2022, "
    "summer of 2025",
    "7 trains a day": "Rail service since 1956",
    "Railway work started 27 May": "Railway work started on 27 May, probably 2023",
    "Coordinates from": "",
}

# --- what the columns mean ---------------------------------------------------

_LAT = field("lat", "number", "Latitude, WGS84.", "degrees", minimum=18, maximum=82)
_LON = field("lon", "number", "Longitude, WGS84.", "degrees", minimum=25, maximum=191)
_ISO = r"\d{4}(-\d{2}(-\d{2})?)?"

RESOURCES = [
    resource(
        "places",
        "Towns, ports, stations and border settlements",
        "One row per place, with names in up to four languages. Russian populations "
        "are of 2020; Chinese and Mongolian ones mix years and boundaries: use them "
        "for the size of a symbol, not for comparison. Source and check are those of "
        "the population; the coordinates have their own.",
        [
            text("place_id", "Short name of the place."),
            *names("place"),
            text("kind", "What it is.", "city", "port", "station", "border crossing"),
            text("country", "ISO 3166-1 alpha-3.", "RUS", "CHN", "MNG", "KOR"),
            text("region_id", "Region, if it is in regions.", required=False),
            text("region_name", "Name of its first-level region."),
            _LAT,
            _LON,
            text(
                "coord_check",
                "How well the coordinates are confirmed; blank without any.",
                *CHECKS,
                required=False,
            ),
            text("coord_source_id", "Source of the coordinates.", required=False),
            field("population", "integer", "Residents.", "persons", minimum=1),
            field("population_year", "integer", "Year of it.", minimum=1990, maximum=2030),
            text("population_basis", "What kind of figure it is.", required=False),
            text("rail_station_ru", "Main station, in Russian.", required=False),
            text("rail_station_esr", "Its code in the tariff guide.", required=False),
            *TAIL,
        ],
        ["place_id"],
        [
            *SOURCE_KEYS,
            key("region_id", "regions"),
            key("coord_source_id", "sources", "source_id"),
        ],
    ),
    resource(
        "crossings",
        "Border crossings",
        "One row per pair of border points between China, Russia and Mongolia. Mind "
        "coord_quality: where it says 'seat only' the point is the county seat and "
        "can lie tens of kilometres from the crossing.",
        [
            text("crossing_id", "Short name of the crossing."),
            text("border", "The two countries.", "CHN-RUS", "CHN-MNG", "MNG-RUS"),
            *names("crossing"),
            *[
                described
                for side in "ab"
                for described in (
                    text(f"side_{side}_country", "Country of this side, alpha-3."),
                    text(f"side_{side}_place_id", "Place on this side.", required=False),
                    field(
                        f"side_{side}_gauge_mm",
                        "integer",
                        "Rail gauge on this side; blank without rails.",
                        "mm",
                        minimum=1000,
                        maximum=1700,
                    ),
                )
            ],
            _LAT,
            _LON,
            text(
                "coord_quality",
                "What the point is. point: the crossing itself, as a map or an "
                "encyclopaedia places it. settlement: the settlement beside it. midpoint: "
                "half-way between the settlements of both sides, worked out here. seat "
                "only: the seat of the county, which can be far away. none: no point.",
                *_QUALITY.values(),
            ),
            text("coord_basis", "How the point was found."),
            text(
                "modes",
                "Kinds of transport, joined by ';': " + ", ".join(_MODES) + ".",
            ),
            text("modes_detail", "Kinds of transport in words."),
            text("gauge_note", "What happens at a break of gauge.", required=False),
            text("opened_on", "First opening.", required=False, pattern=_ISO),
            text("opened_note", "The opening in words.", required=False),
            text(
                "status",
                "State when last reported; 'listed' where only a list names it.",
                "open",
                "seasonal",
                "under construction",
                "planned",
                "listed",
            ),
            text("status_detail", "State in words."),
            text("capacity", "Capacity, in words.", required=False),
            *TAIL,
        ],
        ["crossing_id"],
        [
            *SOURCE_KEYS,
            key("side_a_place_id", "places", "place_id"),
            key("side_b_place_id", "places", "place_id"),
        ],
    ),
]
