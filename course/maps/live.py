"""A map whose slider repaints the page's own map: ``LiveMap``."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from numbers import Integral
from pathlib import Path
from typing import Any

import anywidget
import pandas as pd
import traitlets
from branca.element import MacroElement
from folium.template import Template
from folium.utilities import get_bounds

from course.data import read
from course.errors import CourseError, known
from course.maps.area import AREAS, LANGUAGES, area_map, region_shapes
from course.maps.offline import frame_html, no_map, script_json, squeeze, write_page
from course.maps.series import fullest_year, load_series, own_series, payload, years_of

_FILES = files("course.maps")
_WIDE = 15  # degrees: a wider region would make all others on its map small


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
        return script_json(self.content)


class _Refused(CourseError, traitlets.TraitError):
    """A state refused: at a TraitError traitlets takes all of a change back."""


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except CourseError as error:
        raise _Refused(str(error)) from None


class _Year(traitlets.Int):
    """A year; pandas and numpy hand out integers of their own, welcome here."""

    def validate(self, obj: Any, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise _Refused(f"A year is a whole number, not {value!r}.")
        return int(value)


class LiveMap(anywidget.AnyWidget):
    """A choropleth over years that answers a slider within a frame.

    The page holds every year, so a move repaints without asking the kernel, and
    pan and zoom stay. ``year``, ``indicator``, ``language`` and ``selected`` (a
    region_id, or "") are traitlets: link or observe them like any widget's.

    ipywidgets keeps every live map that was made, each with a page of its own, until
    the kernel ends or its ``close()`` is called, even when its cell runs again.

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
        height: height in pixels; it cannot be changed later.

    Attributes:
        map: the `folium.Map` inside. Add layers before it is shown.

    Raises:
        CourseError: an unknown indicator, area, language, year or vintage, or a
            DataFrame without the columns needed.
    """

    _esm = _FILES.joinpath("widget.js").read_text(encoding="utf-8")
    page = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    # the frame takes its height when it is drawn: a later one would be of no effect
    height = traitlets.Int(560, read_only=True).tag(sync=True)
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
            series = [own_series(data, area, title, unit)]
        else:
            series = [load_series(name, area, vintage) for name in _names(data)]
        self._series = {s["id"]: s for s in series}
        first = series[0]
        if year is not None:
            self._check_year(year, first)
        start = fullest_year(first["rows"]) if year is None else int(year)
        alt = _words(series)
        shapes = region_shapes(area)["features"]
        shown = [f["properties"] for f in shapes]
        self._regions = {properties["region_id"]: properties for properties in shown}
        self.map = area_map(area, language, alt=alt, height=height)
        self._layer = _Layer(
            {
                **payload(series, palette),
                "regions": shown,
                "bounds": _bounds(area, shapes),
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
        self.set_trait("height", height)
        super().__init__(
            alt=alt,
            year=start,
            indicator=first["id"],
            language=language,
            page=squeeze(self._html()),
        )
        self.on_msg(self._answer)

    def _answer(self, _: Any, message: Any, __: Any) -> None:
        """Bring the page up to date: inside a box no display of ours does it."""
        if message == {"ask": "page"}:
            self._refresh()

    def _refresh(self) -> None:
        """Draw the page anew: layers may have been added, also some that cannot be."""
        try:
            self.page = squeeze(self._html())
        except CourseError as error:
            self.page = no_map(error)

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
        chosen = self._shown_year() if year is None else year
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

    def _shown_year(self) -> int:
        """Return the year on the screen, also where the indicator lacks ``year``."""
        years = years_of(self._series[self.indicator])
        past = [y for y in years if y <= self.year]  # the rule of live.js
        return past[-1] if past else years[0]

    def _html(self, now: bool = False) -> str:
        """Return the page, as it began or (``now``) with what is shown now."""
        begin = self._layer.content["start"]
        if now:
            self._layer.content["start"] = {
                "indicator": self.indicator,
                "year": self._shown_year(),
                "language": self.language,
                "selected": self.selected,
            }
        try:
            return self.map.get_root().render()
        finally:
            self._layer.content["start"] = begin

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self._refresh()
        bundle = super()._repr_mimebundle_(**kwargs)
        data, meta = bundle if isinstance(bundle, tuple) else (bundle, {})
        # for exports and readers without a kernel: the same page, on its own
        try:
            page = frame_html(self._html(now=True), self.alt, f"{self.height}px")
        except CourseError as error:
            page = no_map(error)
        return {**data, "text/html": page}, meta

    @traitlets.validate("language")
    @_refusing()
    def _known_language(self, proposal: Any) -> str:
        return known(proposal["value"], LANGUAGES, "language")

    @traitlets.validate("indicator")
    @_refusing()
    def _known_indicator(self, proposal: Any) -> str:
        return known(proposal["value"], self._series, "indicator on this map")

    @traitlets.validate("selected")
    @_refusing()
    def _known_region(self, proposal: Any) -> str:
        region = proposal["value"]
        return region and known(region, self._regions, "region on this map")

    @traitlets.validate("year")
    @_refusing()
    def _known_year(self, proposal: Any) -> int:
        # another indicator may be on its way: any year some indicator has is fine
        year = proposal["value"]
        if not any((s["rows"]["year"] == year).any() for s in self._series.values()):
            self._check_year(year, self._series[self.indicator])
        return year

    @staticmethod
    def _check_year(year: object, series: dict[str, Any]) -> None:
        years = years_of(series)
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


def _words(series: list[dict[str, Any]]) -> str:
    """Say what a map shows: all that it offers, so that no switch makes it wrong."""
    labels = " or ".join(s["label"]["en"] for s in series)
    years = sorted({year for s in series for year in years_of(s)})
    return f"Live map: {labels} by region, {years[0]} to {years[-1]}."


def _bounds(area: str, shapes: list[dict[str, Any]]) -> list[list[float]]:
    """Return south-west and north-east of an area's map, in degrees.

    All its regions are on it whole; of very wide ones, such as Inner Mongolia, at
    least the name.
    """
    south, west, north, east = AREAS[area]
    labels = read("regions").set_index("region_id")[["label_lat", "label_lon"]].dropna()
    for shape in shapes:
        region = shape["properties"]["region_id"]
        low, high = get_bounds(shape["geometry"]["coordinates"], lonlat=True)
        if high[1] - low[1] > _WIDE:
            if region not in labels.index:
                continue
            lat, lon = labels.loc[region]
            lon %= 360  # Chukotka reaches beyond 180 degrees
            low, high = (lat - 1, lon - 1), (lat + 1, lon + 1)
        south, north = min(south, low[0]), max(north, high[0])
        west, east = min(west, low[1]), max(east, high[1])
    return [[south, west], [north, east]]
