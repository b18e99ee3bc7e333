"""A map whose slider repaints the page's own map: ``LiveMap``."""

import json
import math
from collections.abc import Iterable
from importlib.resources import files
from numbers import Integral
from pathlib import Path
from typing import Any

import anywidget
import folium
import pandas as pd
import traitlets
from branca.colormap import linear
from branca.element import MacroElement
from folium.template import Template

from course.data import CourseError, load, nearest, read
from course.maps import AREAS, LANGUAGES, area_map, in_area, known, region_shapes
from course.offline import frame_html, squeeze, write_page

_FILES = files("course")
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


class _Layer(MacroElement):
    _template = Template(
        """
        {% macro header(this, kwargs) %}
        <style>
        body { display: flex; flex-direction: column; height: 100vh; }
        .folium-map { flex: 1 1 auto; min-height: 0; height: auto !important; }
        .live-bar { display: flex; flex-wrap: wrap; gap: 4px 14px; padding: 6px 8px;
          align-items: center; background: #fff; color: #222;
          font: 13px system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
        .live-bar label { display: flex; gap: 5px; align-items: center; }
        .live-bar .wide { flex: 1 1 220px; }
        .live-bar .wide input { flex: 1; min-width: 120px; }
        .live-bar select { max-width: 17em; }
        #shown { font-weight: 600; min-width: 3em; }
        #legend { display: flex; flex-wrap: wrap; gap: 2px 10px; width: 100%; }
        #legend i { display: inline-block; width: 16px; height: 11px;
          margin-right: 4px; border: 1px solid #777; }
        #legend .nodata { background: repeating-linear-gradient(45deg, #f2f2f2 0 4px,
          #b5b5b5 4px 6px); }
        #readout { width: 100%; min-height: 1.2em; }
        #readout div { display: inline; }
        #readout > div > div { color: #555; margin-left: 6px; }
        .live-tip { max-width: 300px; white-space: normal; }
        .live-table { max-height: 40%; overflow: auto; background: #fff; color: #222;
          padding: 2px 8px; font: 13px system-ui, "Noto Sans", sans-serif; }
        .live-table td:last-child { text-align: right; padding-left: 2em; }
        </style>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        {{ this.script }}
        startLive({{ this._parent.get_name() }}, {{ this.data }},
          courseBasemap);
        {% endmacro %}
        """
    )

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__()
        self._name = "LiveLayer"
        self.script = _FILES.joinpath("live.js").read_text(encoding="utf-8")
        self.content = data

    @property
    def data(self) -> str:
        """The content as JSON that may stand inside a script."""
        packed = json.dumps(self.content, ensure_ascii=False, separators=(",", ":"))
        return packed.replace("</", "<\\/")


class _Year(traitlets.Int):
    """A year; pandas and numpy hand out integers of their own, welcome here."""

    def validate(self, obj: Any, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise CourseError(f"A year is a whole number, not {value!r}.")
        return int(value)


class LiveMap(anywidget.AnyWidget):
    """A choropleth over years that answers a slider within a frame.

    The page holds every year, so a move repaints without asking the kernel, and
    pan and zoom stay. ``year``, ``indicator``, ``language`` and ``selected`` (a
    region_id, or "") are traitlets: link or observe them like any widget's.

    Args:
        data: an indicator's name, a list of names, or a DataFrame of your own
            with columns ``region_id``, ``year``, ``value`` (optional:
            ``source_id``).
        area: a study area, as in `course.area_map`.
        year: the year shown first; the latest with the most regions if left out.
        language: language of names and labels: en, ru, zh or mn.
        vintage: the edition of a revised series; if left out, in each country
            the one with the most figures. Editions are never chained.
        title: what your own DataFrame shows.
        unit: the unit of your own DataFrame's values.
        palette: a sequential palette of branca, for example ``"YlGnBu_09"``.
        height: height in pixels.

    Attributes:
        map: the `folium.Map` inside. Add layers before it is shown.

    Raises:
        CourseError: an unknown indicator, area, language, year or vintage, or a
            DataFrame without the columns needed.
    """

    _esm = _FILES.joinpath("widget.js").read_text(encoding="utf-8")
    page = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(560).tag(sync=True)
    year = _Year().tag(sync=True)
    indicator = traitlets.Unicode().tag(sync=True)
    language = traitlets.Unicode("en").tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        data: str | list[str] | pd.DataFrame = "population",
        area: str = "borderland",
        *,
        year: int | None = None,
        language: str = "en",
        vintage: str | None = None,
        title: str = "your data",
        unit: str = "",
        palette: str = "YlGnBu_09",
        height: int = 560,
    ) -> None:
        known(area, AREAS, "area")
        known(language, LANGUAGES, "language")
        if isinstance(data, pd.DataFrame):
            series = [_own_series(data, area, title, unit)]
        else:
            names = _names(data)
            series = [_series(name, area, vintage) for name in names]
        self._series = {s["id"]: s for s in series}
        first = series[0]
        years = _years(first)
        if year is not None:
            self._check_year(year, first)
        start = _fullest_year(first["rows"]) if year is None else int(year)
        label = first["label"]["en"]
        alt = f"Live map: {label} by region, {years[0]} to {years[-1]}."
        shown = [f["properties"] for f in region_shapes(area)["features"]]
        self._regions = {properties["region_id"]: properties for properties in shown}
        self.map = area_map(area, language, alt=alt, height=height)
        self._layer = _Layer(
            {
                **_payload(series, palette),
                "regions": shown,
                "bounds": _bounds(area, self._regions),
                "languages": LANGUAGES,
                "start": {
                    "indicator": first["id"],
                    "year": start,
                    "language": language,
                    "selected": "",
                },
            }
        )
        self.map.add_child(self._layer)
        super().__init__(
            alt=alt,
            height=height,
            year=start,
            indicator=first["id"],
            language=language,
            page=squeeze(self._html()),
        )
        self.on_msg(self._answer)

    def _answer(self, _: Any, message: Any, __: Any) -> None:
        """Bring the page up to date: inside a box no display of ours does it."""
        if message == {"ask": "page"}:
            self.page = squeeze(self._html())

    def values(self, year: int | None = None) -> pd.DataFrame:
        """Return what the map shows in a year as a table, largest value first.

        Args:
            year: a year on the slider; the one shown now if left out.

        Returns:
            DataFrame with region_id, year, value and, where known, source_id; also
            of regions that have figures but no shape on the map.

        Raises:
            CourseError: the map has nothing for that year.
        """
        series = self._series[self.indicator]
        chosen = self.year if year is None else year
        self._check_year(chosen, series)
        rows = series["rows"]
        rows = rows[rows["year"] == chosen].sort_values("value", ascending=False)
        return rows.reset_index(drop=True)

    def to_html(self, path: str | Path) -> Path:
        """Save a page whose slider works without kernel and network.

        It opens on the year, indicator, language and region shown now.

        Args:
            path: where to write it, for example ``"population.html"``.

        Returns:
            The path written.

        Raises:
            CourseError: the file cannot be written there.
        """
        return write_page(path, self._html(now=True))

    def _html(self, now: bool = False) -> str:
        """Return the page, as it began or (``now``) with what is shown now."""
        begin = self._layer.content["start"]
        if now:
            years = _years(self._series[self.indicator])
            past = [y for y in years if y <= self.year]  # the page's own rule
            self._layer.content["start"] = {
                "indicator": self.indicator,
                "year": past[-1] if past else years[0],
                "language": self.language,
                "selected": self.selected,
            }
        try:
            return self.map.get_root().render()
        finally:
            self._layer.content["start"] = begin

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        html = self._html()  # once more: layers may have been added
        self.page = squeeze(html)
        bundle = super()._repr_mimebundle_(**kwargs)
        data, meta = bundle if isinstance(bundle, tuple) else (bundle, {})
        # for exports and readers without a kernel: the same page, on its own
        page = frame_html(self._html(now=True), self.alt, f"{self.height}px")
        return {**data, "text/html": page}, meta

    @traitlets.validate("language")
    def _known_language(self, proposal: Any) -> str:
        return known(proposal["value"], LANGUAGES, "language")

    @traitlets.validate("indicator")
    def _known_indicator(self, proposal: Any) -> str:
        return known(proposal["value"], self._series, "indicator on this map")

    @traitlets.validate("selected")
    def _known_region(self, proposal: Any) -> str:
        region = proposal["value"]
        return region and known(region, self._regions, "region on this map")

    @traitlets.validate("year")
    def _known_year(self, proposal: Any) -> int:
        # another indicator may be on its way: any year some indicator has is fine
        year = proposal["value"]
        if not any((s["rows"]["year"] == year).any() for s in self._series.values()):
            self._check_year(year, self._series[self.indicator])
        return year

    @staticmethod
    def _check_year(year: object, series: dict[str, Any]) -> None:
        years = _years(series)
        if isinstance(year, bool | float) or year not in years:
            raise CourseError(
                f"{series['label']['en']} has nothing for the year {year!r}. "
                f"Choose one of: {', '.join(map(str, years))}."
            )


def _names(data: object) -> list[Any]:
    names = [data] if isinstance(data, str) else data
    if not isinstance(names, list | tuple) or not names:
        raise CourseError(
            "A live map shows an indicator's name, a list of names, or a DataFrame "
            f"with region_id, year and value; not {data!r}."
        )
    return list(dict.fromkeys(names))


def _years(series: dict[str, Any]) -> list[int]:
    return sorted(int(year) for year in series["rows"]["year"].unique())


def _bounds(area: str, regions: Iterable[str]) -> list[list[float]]:
    """Return south-west and north-east of an area's map, with all its regions on it."""
    south, west, north, east = AREAS[area]
    labels = read("regions").set_index("region_id")
    labels = labels.reindex(list(regions))[["label_lat", "label_lon"]].dropna()
    for lat, lon in labels.itertuples(index=False):
        lon %= 360  # Chukotka reaches beyond 180 degrees
        south, north = min(south, lat - 1), max(north, lat + 1)
        west, east = min(west, lon - 1), max(east, lon + 1)
    return [[south, west], [north, east]]


def _fullest_year(rows: pd.DataFrame) -> int:
    """Return the latest of the years that most regions have a value for."""
    counts = rows.groupby("year")["region_id"].nunique()
    return int(counts[counts == counts.max()].index.max())


def _series(name: str, area: str, vintage: str | None) -> dict[str, Any]:
    names = read("indicators").set_index("indicator_id")
    options = [*_COMBINED, *names.index]
    if not isinstance(name, str) or name not in options:
        raise CourseError(
            f"There is no indicator {name!r}.{nearest(name, options)} "
            f"Choose one of: {', '.join(options)}."
        )
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


def _own_series(
    data: pd.DataFrame, area: str, title: str, unit: str
) -> dict[str, Any]:
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
            f"like {sorted(ids)[0]!r}; course.load('regions') lists them."
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


def _payload(series: list[dict[str, Any]], palette: str) -> dict[str, Any]:
    sources: dict[str, int] = {}
    packed = [_pack(s, palette, sources) for s in series]
    titles = read("sources").set_index("source_id")["title"]
    return {"indicators": packed, "sources": [titles.get(s, s) for s in sources]}


def _pack(
    series: dict[str, Any], palette: str, sources: dict[str, int]
) -> dict[str, Any]:
    rows = series["rows"]
    years = _years(series)
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
