"""Tables on regions: names and areas, figures by year and edition, nations."""

from pathlib import Path

import pandas as pd
import shapely
from pyproj import Transformer
from shapely.ops import polylabel

from tests.derive.common import (
    SOURCE_KEYS,
    TAIL,
    Sources,
    field,
    key,
    names,
    resource,
    text,
)
from tests.derive.geometry import FLAT, shapes_of
from tests.derive.tidy import ADDITIONS, Evidence, collected, number, whole

LEFT_OUT = [
    "region_indicators: the growth index of the file joined from NBS data by its "
    "author (it is shifted by one year)",
    "region_indicators: two files of Chinese provincial product, one with "
    "interpolated and rescaled years, one with random numbers",
    "region_indicators: foreign trade in dollars in 2006 of the four Chinese provinces "
    "(the file contradicts 5.95 USD bn for Inner Mongolia in regional_trade, and puts "
    "three of the four far above both 2005 and 2007)",
    "regions: undated values of gross regional product from an encyclopaedia",
]
OWN = "Claims on the Amur, own arithmetic"
ALPHA3 = {"RU": "RUS", "CN": "CHN", "MN": "MNG", "KR": "KOR"}
_MUNICIPALITIES = {"CN-BJ", "CN-TJ"}
_END = ["source_id", "source2_id", "check", "note"]
_CHECKED = {"Liaoning": "148,000 km2 in the portal of the province, 151,000 in Britannica"}


def derive(reference: Path, sources: Sources) -> dict[str, pd.DataFrame]:
    """Build the tables on regions.

    Args:
        reference: folder of the collected facts.
        sources: registry that gives each source its id.

    Returns:
        Tables by name.
    """
    evidence = Evidence(reference, sources)
    listed = addition("indicators")
    return {
        "regions": _regions(reference, evidence),
        "indicators": listed[["indicator_id", *_NAMES, "unit", "meaning"]],
        "vintages": addition("vintages").drop(columns="collected_as"),
        "region_indicators": _indicators(reference, evidence, listed),
        "national_indicators": _national(reference, evidence),
    }


_NAMES = ["name_en", "name_ru", "name_zh", "name_mn"]


def addition(name: str) -> pd.DataFrame:
    """Read a table written by hand, as text."""
    path = ADDITIONS / f"{name}.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")


def _regions(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "regions/regions")
    liaoning = frame.region_id == "CN-LN"
    frame.loc[liaoning, "note"] = _CHECKED["Liaoning"]
    frame.loc[frame.note == "Context region", "note"] = ""
    frame["source_title"] = frame.source_title.replace("Compiler", OWN)
    evidence.add(frame)
    areas = ADDITIONS / "region_areas.csv"
    if areas.exists():
        _fill_areas(frame, evidence, addition("region_areas"))
    frame["country"] = frame.country.map(ALPHA3)
    frame["kind"] = [_kind(*row) for row in zip(frame.region_id, frame.macro_region)]
    aside = frame.macro_region.str.replace(r"\s*\(.*\)", "", regex=True)
    frame["macro_region"] = aside.replace("aggregate", "")
    frame["has_shape"] = frame.in_geo_file == "yes"
    frame["area_km2"] = number(frame.area_km2)
    _label_points(frame, reference)
    columns = ["region_id", "country", *_NAMES, "kind", "macro_region", "area_km2"]
    return frame[[*columns, "label_lat", "label_lon", "has_shape", *_END]]


def _kind(region: str, macro: str) -> str:
    if macro == "aggregate":
        return "aggregate"
    if region.startswith("RU-"):
        return "federal subject"
    if region.startswith("MN-"):
        return "capital city" if region == "MN-1" else "aimag"
    if region in _MUNICIPALITIES:
        return "municipality"
    return "autonomous region" if region == "CN-NM" else "province"


def _fill_areas(frame: pd.DataFrame, evidence: Evidence, areas: pd.DataFrame) -> None:
    """Add areas found later, with their own sources."""
    evidence.add(areas)
    areas = areas.set_index("region_id")
    for index, region in frame.region_id.items():
        if region in areas.index and not frame.area_km2[index]:
            row = areas.loc[region]
            for column in ("area_km2", *_END):
                frame.loc[index, column] = row[column]


def _label_points(frame: pd.DataFrame, reference: Path) -> None:
    """Put each label at the point farthest from the borders of its region."""
    flat = Transformer.from_crs("EPSG:4326", FLAT, always_xy=True)
    for column in ("label_lat", "label_lon"):
        frame[column] = number(frame[column])
    shapes = shapes_of(reference, "regions")
    for region, shape in shapes.items():
        drawn = shapely.transform(shape, flat.transform, interleaved=False)
        largest = max(getattr(drawn, "geoms", [drawn]), key=lambda part: part.area)
        point = polylabel(largest, tolerance=5_000)
        lon, lat = flat.transform(point.x, point.y, direction="INVERSE")
        at = frame.region_id == region
        frame.loc[at, "label_lat"] = round(lat, 2)
        frame.loc[at, "label_lon"] = round(lon, 2)
    assert shapely.is_valid(list(shapes.values())).all()


READ_AS_GROWTH = (
    "Ya-DV: census of 2021, about 8 million people in the Far East",
    "https://ya-dv.ru/perepis-2021-na-dalnem-vostoke-prozhivayut-poryadka-8-mln-chelovek",
)


def _indicators(reference: Path, evidence: Evidence, listed: pd.DataFrame) -> pd.DataFrame:
    frame = collected(reference, "regions/region_indicators")
    frame["note"] = frame.note.replace(r"(?: \(file id \d+\)|; see NOTES)", "", regex=True)
    frame["note"] = frame.note.str.replace("by the compiler", "by the course")
    wrong = (frame.indicator == "goods_trade_total_usd") & (frame.year == "2006")
    frame = frame[~wrong].reset_index(drop=True)
    evidence.add(frame)
    borders = (frame.region_id == "RU-FEFD") & (frame.indicator == "population_census")
    borders &= frame.year == "2021"
    frame.loc[borders, "source2_id"] = evidence.id(*READ_AS_GROWTH)
    frame.loc[borders, "note"] = (
        "11 subjects. The second page, a newspaper, sets about 8 million against the 9 "
        "subjects of 2010 and calls it growth by 2.1 million"
    )
    known = listed.set_index("collected_as")
    names_of = frame.indicator.map(known.indicator_id)
    if names_of.isna().any():
        raise ValueError(f"unknown: {sorted(set(frame.indicator[names_of.isna()]))}")
    scale = number(frame.indicator.map(known.scale))
    digits = whole(frame.indicator.map(known.digits))
    frame["value"] = number(frame.value) * scale
    frame["value"] = [round(v, int(d)) for v, d in zip(frame.value, digits)]
    frame["indicator_id"] = names_of
    frame["vintage"] = _vintages(frame)
    frame["year"] = whole(frame.year)
    keys = ["region_id", "indicator_id", "vintage", "year"]
    frame = frame.sort_values(keys)
    _reword(frame)
    _flag_jumps(frame)
    _flag_single_years(frame)
    return frame[["region_id", "year", "indicator_id", "vintage", "value", "value_kind", *_END]]


_REWORDED = {  # words of the collectors, patterns -> what a reader needs
    r"^The file has no indicator line.*": "The file does not name its figures; they "
    "equal the product in another export",
    r"^Joined by the author.*": "Put together from several editions by the author of "
    "the file: do not compare across years",
    r"\. The file has a second row under this name.*": "",
    r"^Same in a stored plotting script$": "",
    r"^Also on wikiwand\.com$|^Also \(wikiwand\.com\)$": "",
    r"^Also in other copies of the page$": "",
    r"^Same in several stored files; ": "",
    r"; title of the same paper$": "",
}


def _reword(frame: pd.DataFrame) -> None:
    """Say in a note what a reader needs, and only on the rows it holds for."""
    said = frame.note != ""
    frame["note"] = frame.note.replace(_REWORDED, regex=True)
    bare = said & (frame.note == "") & (frame.source2_id == "")
    frame.loc[bare, "check"] = "one source"  # the second page was not kept
    liaoning = frame.note.str.startswith("Liaoning 2016 already corrected")
    frame.loc[liaoning, "note"] = ""
    drop = liaoning & (frame.region_id == "CN-LN") & (frame.year == 2016)
    frame.loc[drop, "note"] = "A drop from 2015; the file gives no reason"
    revised = frame.note.str.contains("1992-2023 revised")
    frame.loc[revised & (frame.year > 2023), "note"] = ""


_JUMP = 3  # times the year before, or a third of it
_FEW = 20  # patents: among fewer, a jump says nothing
_UNEXPLAINED = "A jump from the year before, which the source does not explain"


def _flag_jumps(frame: pd.DataFrame) -> None:
    """Say it where a value is far from that of the year before."""
    series = frame.groupby(["region_id", "indicator_id", "vintage"])
    ratio = frame.value / series.value.shift()
    far = ~ratio.between(1 / _JUMP, _JUMP) & (series.year.diff() == 1)
    larger = frame.value.where(ratio > 1, series.value.shift())
    far &= (frame.indicator_id != "patents_granted_inventions") | (larger >= _FEW)
    _add_note(frame, far, _UNEXPLAINED)


def _flag_single_years(frame: pd.DataFrame) -> None:
    """Flag the break of 2003 in the wear of assets, and two years out of line."""
    wear = frame.indicator_id == "fixed_assets_wear"
    before = frame.groupby(["region_id", "indicator_id", "vintage"]).value.shift()
    fell = wear & (frame.year == 2003) & (frame.value < before * 2 / 3)
    _add_note(frame, fell, "A break in the source between 2002 and 2003")
    for region, year, indicator in _OUT_OF_LINE:
        single = (frame.region_id == region) & (frame.year == year)
        single &= frame.indicator_id == indicator
        _add_note(frame, single, "One year out of line; not explained by the source")


_OUT_OF_LINE = [
    ("RU-KHA", 2017, "rd_expenditure"),
    ("RU-CHU", 2005, "fixed_assets_wear"),
]


def _add_note(frame: pd.DataFrame, rows: pd.Series, words: str) -> None:
    """Put words behind the notes of some rows."""
    frame.loc[rows, "note"] = (frame.note[rows] + ". " + words).str.lstrip(". ")


def _vintages(frame: pd.DataFrame) -> pd.Series:
    """Name the edition; Russian population averages always belong to one."""
    editions = addition("vintages").query("collected_as != ''")
    ids = editions.set_index("collected_as").vintage
    named = frame.vintage.map(ids).fillna("")
    lost = frame.vintage[(frame.vintage != "") & (named == "")]
    if len(lost):
        raise ValueError(f"vintages without an id: {sorted(set(lost))}")
    average = (frame.indicator == "population_annual_average") & (named == "")
    return named.mask(average, "before_census_2021")


def _national(reference: Path, evidence: Evidence) -> pd.DataFrame:
    frame = collected(reference, "regions/national_indicators")
    broken = frame.note.str.contains("reason not stated")
    frame.loc[broken, "note"] = (
        "New classification of activities from 2017: do not compare with 2016. The "
        "fall of all assets from 46.6 (2018) to 37.8 (2019) is not explained"
    )
    evidence.add(frame)
    frame["country"] = frame.iso3
    frame["year"], frame["value"] = whole(frame.year), number(frame.value)
    frame = frame.rename(columns={"indicator": "indicator_id"})
    frame = frame.sort_values(["country", "indicator_id", "year"])
    return frame[["country", "year", "indicator_id", "value", "unit", *_END]]


# --- what the columns mean ---------------------------------------------------

_YEAR = field(
    "year", "integer", "Year of the figure.", required=True, minimum=1980, maximum=2030
)

RESOURCES = [
    resource(
        "regions",
        "Regions of Russia, China and Mongolia, and sums over several",
        "First-level regions: Russian federal subjects, Chinese provinces, Mongolian "
        "aimags. Six rows are sums or medians over several regions (kind "
        "'aggregate'). Names in Russian, Chinese and Mongolian are usual forms.",
        [
            text("region_id", "ISO 3166-2 code; own code for aggregates."),
            text("country", "ISO 3166-1 alpha-3.", "RUS", "CHN", "MNG"),
            *names("region", required=("en", "ru", "zh")),
            text(
                "kind",
                "What kind of region it is.",
                "federal subject",
                "province",
                "autonomous region",
                "municipality",
                "aimag",
                "capital city",
                "aggregate",
            ),
            text(
                "macro_region",
                "Larger region it is counted in today; blank for aggregates.",
                required=False,
            ),
            field("area_km2", "number", "Area.", "km2", minimum=100, maximum=2e7),
            field(
                "label_lat",
                "number",
                "Latitude of its label: the point farthest from its drawn borders, "
                "computed here from region_polygons.",
                "degrees",
                minimum=18,
                maximum=82,
            ),
            field(
                "label_lon",
                "number",
                "Longitude of its label, computed in the same way.",
                "degrees",
                minimum=60,
                maximum=191,
            ),
            field("has_shape", "boolean", "True where region_polygons draws it."),
            *TAIL,
        ],
        ["region_id"],
        SOURCE_KEYS,
    ),
    resource(
        "indicators",
        "What region_indicators measures",
        "One row per indicator: its names, its unit and what it means.",
        [
            text("indicator_id", "Short name of the indicator."),
            *names("indicator", required=("en", "ru", "zh", "mn")),
            text("unit", "Unit of its values."),
            text("meaning", "What is measured, and what to mind."),
        ],
        ["indicator_id"],
    ),
    resource(
        "vintages",
        "Editions of revised statistics",
        "Statistics offices revise their figures. A vintage is one edition of a "
        "series: never join two of them into one line.",
        [
            text("vintage", "Short name of the edition."),
            text("title", "The edition in words."),
            text(
                "published",
                "When it was published or exported.",
                pattern=r"\d{4}(-\d{2}(-\d{2})?)?",
            ),
            text("meaning", "What it holds, and what to mind."),
        ],
        ["vintage"],
    ),
    resource(
        "region_indicators",
        "Figures of regions by year",
        "One row per region, year, indicator and vintage. Money is nominal. Compare "
        "only rows of the same indicator and the same vintage. Years before 2018 of "
        "RU-FEFD are counted in the borders of today (11 regions).",
        [
            text("region_id", "Region: regions.region_id."),
            _YEAR,
            text("indicator_id", "What is measured: indicators.indicator_id."),
            text(
                "vintage",
                "Edition of a revised series: vintages.vintage; blank where there is "
                "one edition only.",
                required=False,
            ),
            field(
                "value", "number", "The figure, in the unit of its indicator.", required=True
            ),
            text("value_kind", "Reported, or computed here.", "reported", "derived"),
            *TAIL,
        ],
        ["region_id", "year", "indicator_id", "vintage"],
        [
            *SOURCE_KEYS,
            key("region_id", "regions"),
            key("indicator_id", "indicators"),
            key("vintage", "vintages"),
        ],
    ),
    resource(
        "national_indicators",
        "Figures of China, Russia and Mongolia by year",
        "Product, population, exchange rates (averages of the year) and the wear of "
        "fixed assets of Russia.",
        [
            text("country", "ISO 3166-1 alpha-3.", "RUS", "CHN", "MNG"),
            _YEAR,
            text("indicator_id", "What is measured."),
            field("value", "number", "The figure.", required=True, minimum=0),
            text("unit", "Unit of the value."),
            *TAIL,
        ],
        ["country", "year", "indicator_id"],
        SOURCE_KEYS,
    ),
]
