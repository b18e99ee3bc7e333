"""The figures behind a live map: one series per indicator, packed for the page."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any

import pandas as pd
from branca.colormap import linear

from course.data import load, read
from course.errors import CourseError, known
from course.maps.atlas import map_words, region_ids, region_shapes
from course.words import _

_CLASSES = 6
_LARGEST = 1e300  # in inf and beyond, limits of classes are no numbers any more
# Each country counts people in its own way; a map of all three needs all three.
_POPULATION = ["population_annual_average", "population_year_end", "population_census"]


@dataclass(frozen=True)
class Series:
    """What an indicator shows: words by language, and one row per region and year at most."""

    id: str
    label: dict[str, str]
    reads: dict[str, str]  # a value with its unit; {value} stands for the number
    rows: pd.DataFrame  # region_id, year, value and, where known, source_id
    center: float | None = None  # the value its colours turn at

    @cached_property
    def unit(self) -> dict[str, str]:
        """The unit alone, for titles: "persons", "2009 = 100"."""
        bare = {code: r.replace("{value}", "").strip() for code, r in self.reads.items()}
        return {code: re.sub(r"^[(（](.*)[)）]$", r"\1", words) for code, words in bare.items()}

    @cached_property
    def years(self) -> list[int]:
        """The years with figures, in order."""
        return sorted(int(year) for year in self.rows["year"].unique())

    @property
    def fullest_year(self) -> int:
        """The latest of the years that most regions have a value for."""
        counts = self.rows.groupby("year")["region_id"].nunique()
        return int(counts[counts == counts.max()].index.max())

    def own_year(self, year: Any) -> int:
        """Return a year, if there are figures for it."""
        if not pd.api.types.is_number(year) or year not in self.years:
            say = _("{label} has nothing for the year {year!r}. Choose one of: {years}.")
            years = ", ".join(map(str, self.years))
            raise CourseError(say.format(label=self.label["en"], year=year, years=years))
        return int(year)

    def shown_year(self, year: int) -> int:
        """Return the year on the screen when this one is asked for, which may be missing."""
        return self.years[max(bisect_right(self.years, year) - 1, 0)]


def load_series(name: str, area: str) -> Series:
    """Return the series of an indicator of the course, or of ``"population"``."""
    about = read("indicators").set_index("indicator_id")
    known(name, ["population", *about.index], _("indicator"))
    parts = _POPULATION if name == "population" else [name]
    rows = load("region_indicators")
    rows = rows[rows["indicator_id"].isin(parts)].dropna(subset=["year", "value"])
    rows = one_edition(rows, parts)
    rows = rows[rows["region_id"].isin(region_ids(area))]
    if rows.empty:
        say = _(
            "There are no figures for {name!r} in the area {area!r}. Choose another "
            "indicator or area; course.describe('region_indicators') shows what there is."
        )
        raise CourseError(say.format(name=name, area=area))
    row, words = about.loc[parts[0]], map_words()
    label = {code: words[code].get(name) or row[f"name_{code}"] for code in words}
    columns = ["region_id", "year", "value", "source_id"]
    center = None if pd.isna(row["center"]) else float(row["center"])
    return Series(name, label, _reads(str(row["unit"])), rows[columns], center)


def _reads(unit: str) -> dict[str, str]:
    """Return how a value of a unit reads, by language; in English where we know no others."""
    found = read("units").set_index("unit").to_dict("index").get(unit)
    if found:
        return {str(column)[-2:]: words for column, words in found.items()}
    if "{value}" not in unit:
        unit = f"{{value}} ({unit})" if "=" in unit else f"{{value}} {unit}"
    return {"en": unit.strip()}


def one_edition(rows: pd.DataFrame, indicators: list[str]) -> pd.DataFrame:
    """Keep in each country the first of the indicators and its edition with most figures."""
    keys = rows[["vintage"]].fillna("")
    keys["country"] = rows["region_id"].str[:2]  # ISO 3166-2 codes begin with the country
    keys["rank"] = rows["indicator_id"].map(indicators.index)
    size = keys.value_counts().rename("size").reset_index()
    order = size.sort_values(["rank", "size", "vintage"], ascending=[True, False, False])
    best = order.drop_duplicates("country").set_index(list(keys)).index
    kept = rows[pd.MultiIndex.from_frame(keys).isin(best)]
    return kept.drop_duplicates(["region_id", "year"])


def own_series(
    data: pd.DataFrame, area: str, title: str, unit: str, center: Any = None
) -> Series:
    """Return the series of a table of the student's own; other areas' rows are left out."""
    if center is not None:
        numeric = isinstance(center, Real)
        if not (numeric and abs(center) < _LARGEST):
            say = _("center is a number, such as 0, 1 or 100; not {center!r}.")
            raise CourseError(say.format(center=center))
        center = float(center)  # one of numpy is no JSON
    columns = ["region_id", "year", "value"]
    if any(list(data.columns).count(column) != 1 for column in columns):
        say = _(
            "A live map needs one column each called region_id, year and value; yours are "
            "called {present}. Rename columns with data.rename(columns={{'old': 'new'}})."
        )
        raise CourseError(say.format(present=", ".join(map(str, data.columns))))
    columns += ["source_id"] if "source_id" in data else []
    try:
        rows = data[columns].astype({"region_id": str, "year": float, "value": float})
    except (TypeError, ValueError, OverflowError) as error:
        say = _(
            "Your columns year and value must hold numbers. Make numbers of words with "
            "pandas.to_numeric(..., errors='coerce'); take .dt.year of dates, and .dt.days of "
            "spans of time."
        )
        raise CourseError(say) from error
    rows = rows[(rows["year"].abs() < 1e9) & (rows["value"].abs() < _LARGEST)]
    odd = rows["year"][rows["year"] % 1 != 0]
    if len(odd):
        raise CourseError(_("A year is a whole number; yours has {year}.", year=odd.iloc[0]))
    ids = [shape["properties"]["region_id"] for shape in region_shapes(area)]
    rows = rows[rows["region_id"].isin(ids)].astype({"year": int})
    if "source_id" in rows:
        rows["source_id"] = rows["source_id"].map(str, na_action="ignore")
    if rows.empty:
        say = _(
            "None of your rows has numbers and a region_id in the area {area!r}. These look "
            "like {example!r}; course.load('regions') lists them."
        )
        raise CourseError(say.format(area=area, example=min(ids)))
    double = rows[rows.duplicated(["region_id", "year"])]
    if len(double):
        say = _(
            "There is more than one value for {region_id} in {year}. Keep one row per region "
            "and year, for example one vintage or one indicator."
        )
        raise CourseError(say.format(**double.iloc[0]))
    return Series("own", {"en": title}, _reads(unit), rows, center)


def payload(series: list[Series]) -> dict[str, Any]:
    """Return what the page of a live map holds of its series, ready for JSON."""
    years = sorted({year for s in series for year in s.years})
    about = read("sources").set_index("source_id")[["publisher", "title"]].to_dict("index")
    packed = [_pack(s, years) for s in series]
    cited = {source for s in packed for row in s["sources"].values() for source in row}
    return {
        "years": years,
        "indicators": packed,
        "sources": {
            source: about.get(source, {"publisher": source, "title": source})
            for source in sorted(cited - {None}, key=str)
        },
    }


def _pack(series: Series, years: list[int]) -> dict[str, Any]:
    bins = class_breaks(series.rows["value"], series.center)
    below = None if series.center is None else bins.index(series.center) + 1
    return {
        "id": series.id,
        "label": series.label,
        "unit": series.unit,
        "reads": series.reads,
        "center": series.center,
        "years": series.years,
        "shown": [series.shown_year(year) for year in years],
        "values": _by_region(series, "value"),
        "sources": _by_region(series, "source_id") if "source_id" in series.rows else {},
        "bins": bins,
        "colours": class_colours(len(bins) + 1, below),
    }


def _by_region(series: Series, column: str) -> dict[str, list[Any]]:
    """Return a column's values by region, one per year, None where there is none."""
    rows = series.rows[["region_id", "year", column]].dropna()
    cells = {(r, y): value for r, y, value in rows.itertuples(index=False, name=None)}
    regions = dict.fromkeys(region for region, _year in cells)
    return {region: [cells.get((region, year)) for year in series.years] for region in regions}


def class_breaks(values: pd.Series, center: float | None = None) -> list[float]:
    """Return the rising limits between classes: quantiles of all years, made round.

    With a center they lie as far below it as above; those that no value reaches go.
    """
    noise = 1e-12 * max(values.abs().max(), abs(center or 0))  # of sums that miss by a hair
    if center is None:
        exact = values.quantile([k / _CLASSES for k in range(1, _CLASSES)])
        return _round_limits(exact.where(exact.abs() > noise, 0.0))
    away = (values - center).abs()
    side = _CLASSES // 2
    steps = _round_limits(
        away[away > noise].quantile([k / side for k in range(1, side)]).dropna()
    )
    limits = {float(f"{center + way * step:.12g}") for step in steps for way in (-1, 1)}
    return sorted({center} | {x for x in limits if values.min() < x <= values.max()})


def _round_limits(numbers: Iterable[float]) -> list[float]:
    """Return numbers in order, as round as can be without two becoming one."""
    wanted = set(numbers)
    for digits in range(1, 15):
        limits = {float(f"{limit:.{digits}e}") for limit in wanted}
        if len(limits) == len(wanted):
            break
    return sorted(limits)


def class_colours(count: int = _CLASSES, below: int | None = None) -> list[str]:
    """Return colours that colour-blind readers can tell apart, from pale to dark.

    Where so many classes lie below a center, from dark over pale to another dark.
    """
    if below is None:
        scale = linear.YlGnBu_09.scale(0, 1)  # type: ignore[attr-defined]
        # leave out the palest tenth: it would look like land without data
        places = [0.1 + 0.9 * k / max(count - 1, 1) for k in range(count)]
    else:
        scale = linear.PuOr_11.scale(0, 1)  # type: ignore[attr-defined]
        side = [0.34, 0.18, 0.0]
        places = side[:below][::-1] + [1 - place for place in side[: count - below]]
    return [scale.rgb_hex_str(place) for place in places]
