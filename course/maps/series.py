"""The figures behind a live map: one series per indicator, packed for the page.

A series is a dict: ``id``, ``label`` and ``unit`` (words by language), and ``rows``,
a DataFrame with region_id, year, value and, where known, source_id; at most one row
per region and year.
"""

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from branca.colormap import linear

from course.data import load, read
from course.errors import CourseError, known, nearest
from course.maps.area import LANGUAGES, in_area, region_shapes

_CLASSES = 6

# Each country counts people in its own way; a map of all three needs all three.
_COMBINED = {
    "population": (
        "population_annual_average",
        "population_year_end",
        "population_census",
    )
}

# A map in Russian with a unit in English would be half a translation.
_UNITS = {
    "persons": ("человек", "人", "хүн"),
    "percent": ("%", "%", "%"),
    "percent of GDP": ("% ВВП", "占GDP的%", "ДНБ-ий %"),
    "percent of population": ("% населения", "占人口的%", "хүн амын %"),
    "previous year = 100": ("предыдущий год = 100", "上年=100", "өмнөх он = 100"),
    "RUB": ("руб.", "卢布", "рубль"),
    "million RUB": ("млн руб.", "百万卢布", "сая рубль"),
    "billion CNY": ("млрд юаней", "十亿元", "тэрбум юань"),
    "million USD": ("млн долл. США", "百万美元", "сая ам.доллар"),
    "patents": ("патентов", "件", "патент"),
}


def years_of(series: dict[str, Any]) -> list[int]:
    """Return the years that a series has figures for, in order."""
    return sorted(int(year) for year in series["rows"]["year"].unique())


def fullest_year(rows: pd.DataFrame) -> int:
    """Return the latest of the years that most regions have a value for."""
    counts = rows.groupby("year")["region_id"].nunique()
    return int(counts[counts == counts.max()].index.max())


def load_series(name: str, area: str, vintage: str | None) -> dict[str, Any]:
    """Return the series of an indicator of the course.

    Args:
        name: an indicator's id, or ``"population"``.
        area: a study area, as in `course.area_map`.
        vintage: the edition of a revised series; that with the most figures in each
            country if None.

    Raises:
        CourseError: there is no such indicator or edition, or none in the area.
    """
    names = read("indicators").set_index("indicator_id")
    known(name, [*_COMBINED, *names.index], "indicator")
    parts = _COMBINED.get(name, (name,))
    rows = load("region_indicators")
    rows = rows[rows["indicator_id"].isin(parts)].dropna(subset=["year", "value"])
    rows = _one_edition(_one_count(rows, parts), name, vintage)
    rows = rows[[in_area(region, area) for region in rows["region_id"]]]
    if rows.empty:
        raise CourseError(
            f"There are no figures for {name!r} in the area {area!r}. Choose "
            "another indicator or area; course.describe('region_indicators') "
            "shows what there is."
        )
    label = names.loc[parts[0]]
    titles = {code: label.get(f"name_{code}") for code in LANGUAGES}
    if name in _COMBINED:
        titles = {"en": "population", "ru": "население", "zh": "人口", "mn": "хүн ам"}
    return {
        "id": name,
        "label": {k: v for k, v in titles.items() if isinstance(v, str)},
        "unit": _unit(str(label["unit"])),
        "rows": rows[["region_id", "year", "value", "source_id"]],
    }


def _unit(unit: str) -> dict[str, str]:
    """Return a unit's words by language; English alone where we know no others."""
    words = zip(("ru", "zh", "mn"), _UNITS.get(unit, ()), strict=False)
    return {"en": unit, **dict(words)}


def _country(rows: pd.DataFrame) -> pd.Series:
    return rows["region_id"].str[:2]  # ISO 3166-2 codes begin with the country


def _one_count(rows: pd.DataFrame, parts: tuple[str, ...]) -> pd.DataFrame:
    """Keep the first of several indicators that a country has: one way to count."""
    if len(parts) == 1:
        return rows
    rank = rows["indicator_id"].map(parts.index)
    return rows[rank == rank.groupby(_country(rows)).transform("min")]


def _one_edition(rows: pd.DataFrame, name: str, vintage: str | None) -> pd.DataFrame:
    """Keep one edition per country, so that its regions and years can be compared.

    Args:
        rows: one indicator's figures, of all regions: every map of a country
            then shows the same edition.
        name: the indicator, for the message.
        vintage: the edition wanted; that with the most figures if None.
    """
    edition = rows["vintage"].fillna("")
    country = _country(rows)
    offered = sorted(set(edition) - {""})
    if vintage is not None and vintage not in offered:
        raise CourseError(
            f"{name!r} has no vintage {vintage!r}.{nearest(vintage, offered)} "
            f"Choose one of: {', '.join(offered) or 'none; leave it out'}."
        )
    kept = pd.Series(False, index=rows.index)
    for _, group in edition.groupby(country):
        sizes = group.value_counts()
        if vintage is None:
            chosen = max(sizes.index, key=lambda one: (sizes[one], one))
        else:  # a country whose figures were never revised stays as it is
            chosen = "" if set(sizes.index) == {""} else vintage
        kept |= (edition == chosen) & (country == country[group.index[0]])
    return rows[kept].drop_duplicates(["region_id", "year"])


def own_series(data: pd.DataFrame, area: str, title: str, unit: str) -> dict[str, Any]:
    """Return the series of a table of the student's own.

    Args:
        data: columns region_id, year, value; source_id if there is one.
        area: a study area; regions outside it are left out.
        title: what the table shows.
        unit: the unit of its values.

    Raises:
        CourseError: a column is missing or holds no numbers, no region lies in the
            area, or a region has two values for a year.
    """
    needed = ["region_id", "year", "value"]
    missing = [c for c in needed if c not in data]
    if missing:
        raise CourseError(
            f"A live map needs the columns {', '.join(needed)}; yours lacks "
            f"{', '.join(missing)}. It has: {', '.join(map(str, data.columns))}. "
            "Rename columns with data.rename(columns={'old': 'new'})."
        )
    rows = data[[*needed, *(["source_id"] if "source_id" in data else [])]].copy()
    for column in ("year", "value"):
        _refuse_dates(rows[column])
        rows[column] = pd.to_numeric(rows[column], errors="coerce").astype(float)
    rows = rows[rows[["year", "value"]].abs().lt(math.inf).all(axis=1)]
    if rows.empty:
        raise CourseError(
            "No row of yours has a number in both year and value. Turn words into "
            "numbers first, for example with pandas.to_numeric."
        )
    parts = rows["year"][rows["year"] % 1 != 0]
    if len(parts):
        raise CourseError(f"A year is a whole number; yours has {parts.iloc[0]}.")
    rows = rows.astype({"year": int})
    ids = {f["properties"]["region_id"] for f in region_shapes(area)["features"]}
    if not rows["region_id"].isin(ids).any():
        raise CourseError(
            f"None of your region_id values lies in the area {area!r}. They look "
            f"like {min(ids)!r}; course.load('regions') lists them."
        )
    rows = rows[rows["region_id"].isin(ids)]
    double = rows.duplicated(["region_id", "year"])
    if double.any():
        row = rows[double].iloc[0]
        raise CourseError(
            f"There is more than one value for {row['region_id']} in "
            f"{int(row['year'])}. Keep one row per region and year, for example "
            "one vintage or one indicator."
        )
    return {"id": "own", "label": {"en": title}, "unit": _unit(unit), "rows": rows}


def _refuse_dates(column: pd.Series) -> None:
    """Stop dates, which pandas would count in microseconds since 1970."""
    kinds = date, timedelta, pd.Period, np.datetime64, np.timedelta64
    for value in column.dropna():
        if isinstance(value, kinds):
            raise CourseError(
                f"Your column {column.name} holds dates, such as {value}; a live map "
                "needs numbers. Use .dt.year for the year of a date and .dt.days for "
                "the days of a span of time."
            )


def payload(series: list[dict[str, Any]], palette: str) -> dict[str, Any]:
    """Return what the page of a live map holds of its series, ready for JSON.

    Args:
        series: one series per indicator.
        palette: a sequential palette of branca.

    Returns:
        ``indicators``: of each series its words, years, values by region (one per
        year, None where there is none), limits of classes and colours;
        ``sources``: titles, to which an indicator's ``sources`` point by number.

    Raises:
        CourseError: there is no such palette.
    """
    sources: dict[str, int] = {}
    packed = [_pack(s, palette, sources) for s in series]
    titles = read("sources").set_index("source_id")["title"]
    return {"indicators": packed, "sources": [titles.get(s, s) for s in sources]}


def _pack(series: dict[str, Any], palette: str, sources: dict[str, int]) -> dict[str, Any]:
    rows = series["rows"]
    years = years_of(series)
    values: dict[str, list[float | None]] = {}
    origins: dict[str, list[int | None]] = {}
    for row in rows.to_dict("records"):
        at, region = years.index(int(row["year"])), row["region_id"]
        values.setdefault(region, [None] * len(years))[at] = row["value"]
        source = row.get("source_id")
        if isinstance(source, str):
            number = sources.setdefault(source, len(sources))
            origins.setdefault(region, [None] * len(years))[at] = number
    bins = class_breaks(rows["value"])
    return {
        "id": series["id"],
        "label": series["label"],
        "unit": series["unit"],
        "years": years,
        "values": values,
        "sources": origins,
        "bins": bins,
        "colours": _colours(palette, len(bins) + 1),
    }


def class_breaks(values: pd.Series, classes: int = _CLASSES) -> list[float]:
    """Return the limits between classes: quantiles of all years, made round.

    Args:
        values: all values of all years, so that a colour means the same in each.
        classes: how many classes to aim at.

    Returns:
        Ascending limits, at most ``classes - 1``; a value equal to a limit
        belongs to the class above it.
    """
    exact = values.quantile([k / classes for k in range(1, classes)])
    noise = 1e-12 * values.abs().max()  # interpolation may miss zero by a hair
    exact = exact.where(exact.abs() > noise, 0.0).unique()
    limits: set[float] = set()
    for digits in range(2, 16):  # as round as can be without merging classes
        limits = {_rounded(float(limit), digits) for limit in exact}
        if len(limits) == len(exact):
            break
    return sorted(limits)


def _rounded(number: float, digits: int) -> float:
    """Round to significant digits."""
    return float(f"{number:.{digits - 1}e}")


def _colours(palette: str, count: int) -> list[str]:
    scale = getattr(linear, palette, None)
    if scale is None:
        raise CourseError(
            f"There is no palette {palette!r}. YlGnBu_09, viridis, PuBu_09 and "
            "YlOrBr_09 are palettes that colour-blind readers can tell apart."
        )
    # leave out the palest tenth: it would look like land without data
    steps = [0.1 + 0.9 * k / max(count - 1, 1) for k in range(count)]
    low, high = scale.vmin, scale.vmax
    return [scale.rgb_hex_str(low + step * (high - low)) for step in steps]
