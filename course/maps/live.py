"""A map whose slider repaints the page's own map: ``LiveMap``."""

from importlib.resources import files
from numbers import Integral
from pathlib import Path
from typing import Any

import anywidget
import pandas as pd
import traitlets
from folium.utilities import get_bounds

from course.data import read
from course.errors import CourseError, known
from course.maps.area import area_map, area_row, map_words, region_shapes
from course.maps.offline import Part, frame_html, no_map, script_json, squeeze, text
from course.maps.series import Series, load_series, own_series, payload
from course.paths import write_page
from course.words import _

_WIDE = 15  # degrees: a wider region would make all others on its map small
_START = '"the state shown first"'  # stands in a drawn page until it is handed out


class _Refused(CourseError, traitlets.TraitError):
    """A state refused: at a TraitError traitlets takes all of a change back."""


class _Choice(traitlets.TraitType):
    """A part of the state: one of the values that the map offers for it."""

    def validate(self, obj: Any, value: Any) -> Any:
        try:
            return obj._offered(self.name, value)
        except CourseError as error:
            raise _Refused(str(error)) from None


class LiveMap(anywidget.AnyWidget):
    """A choropleth over years that answers a slider within a frame.

    The page holds every year, so a move repaints without asking the kernel, and
    pan and zoom stay. ``year``, ``indicator``, ``language`` and ``selected`` (a
    region_id, or "") are traitlets: link or observe them like any widget's. A year
    that the indicator lacks becomes the year shown in its place.

    ipywidgets keeps every live map that was made, each with a page of its own, until
    the kernel ends or its ``close()`` is called, even when its cell runs again.

    Args:
        data: an indicator's name, a list of names, or a DataFrame of your own
            with columns ``region_id``, ``year``, ``value`` (optional:
            ``source_id``).
        area: a study area, as in `course.area_map`.
        year: the year shown first; the latest with the most regions if left out.
        language: language of names and labels: en, ru, zh or mn.
        title: what your own DataFrame shows.
        unit: the unit of your own DataFrame's values.
        height: height in pixels; it cannot be changed later.

    Attributes:
        map: the `folium.Map` inside. Add layers before it is shown.

    Raises:
        CourseError: an unknown indicator, area, language or year, or a DataFrame
            without the columns needed.
    """

    _esm = files("course.maps").joinpath("widget.js").read_text(encoding="utf-8")
    page = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    # the frame takes its height when it is drawn: a later one would be of no effect
    height = traitlets.Int(560, read_only=True).tag(sync=True)
    year = _Choice().tag(sync=True)
    indicator = _Choice().tag(sync=True)
    language = _Choice().tag(sync=True)
    selected = _Choice("").tag(sync=True)

    def __init__(
        self,
        data: str | list[str] | pd.DataFrame = "population",
        area: str = "borderland",
        *,
        year: int | None = None,
        language: str = "en",
        title: str = "your data",
        unit: str = "",
        height: int = 560,
    ) -> None:
        known(language, map_words(), _("language"))
        if isinstance(data, pd.DataFrame):
            series = [own_series(data, area, text(title, "title"), text(unit, "unit"))]
        else:
            series = [load_series(name, area) for name in _names(data)]
        self._series = {s.id: s for s in series}
        series = list(self._series.values())  # each once
        shapes = region_shapes(area)
        regions = [shape["properties"] for shape in shapes]
        content = payload(series)
        self._choices = {
            "year": content.pop("years"),
            "indicator": list(self._series),
            "language": list(map_words()),
            "selected": ["", *(region["region_id"] for region in regions)],
        }
        content |= {
            "choices": self._choices,
            "words": map_words(),
            "regions": regions,
            "bounds": _bounds(area, shapes),
        }
        alt = map_words()[language]["live_alt"].format(
            what=", ".join(s.label.get(language, s.label["en"]) for s in series),
            first=self._choices["year"][0],
            last=self._choices["year"][-1],
        )
        self.map = area_map(area, language, alt=alt, height=height)
        self.map.add_child(Part("live", "startLive", _START, script_json(content)))
        self.set_trait("height", height)
        first = series[0]
        start = first.fullest_year if year is None else _year_of(first, year)
        super().__init__(alt=alt, year=start, indicator=first.id, language=language)
        self._start, self._shown = self._state(), False
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        say = _("{alt} Shown now: {indicator}, {year}.")
        return say.format(alt=self.alt, indicator=self.indicator, year=self.year)

    def values(self, year: int | None = None) -> pd.DataFrame:
        """Return what the map shows in a year as a table, largest value first.

        Args:
            year: a year of the indicator; the one shown now if left out.

        Returns:
            DataFrame with region_id, year, value and, where known, source_id; also
            of regions that have figures but no shape on the map.

        Raises:
            CourseError: the map has nothing for that year.
        """
        series = self._series[self.indicator]
        rows = series.rows
        wanted = self.year if year is None else _year_of(series, year)
        rows = rows[rows["year"] == wanted].sort_values("value", ascending=False)
        return rows.reset_index(drop=True)

    def to_html(self, path: str | Path) -> Path:
        """Save a page whose slider works without kernel and network.

        It opens on the year, indicator, language and region shown now.

        Args:
            path: where to write it, for example ``"population.html"``.

        Returns:
            The path written.

        Raises:
            CourseError: the map cannot be drawn, or the file cannot be written there.
        """
        page = self.map.get_root().render()
        return write_page(path, page.replace(_START, script_json(self._state()), 1))

    def _offered(self, name: str, value: Any) -> Any:
        """Return a value for a part of the state, if the map offers it."""
        choices = self._choices[name]
        if name == "year":
            if isinstance(value, bool) or not isinstance(value, Integral):
                say = _("A year is a whole number, not {year!r}.")
                raise CourseError(say.format(year=value))
            # another indicator may be on its way: any year some indicator has is fine
            return value if value in choices else _year_of(self._series[self.indicator], value)
        what = {
            "indicator": _("indicator on this map"),
            "language": _("language"),
            "selected": _("region on this map"),
        }
        return known(value, choices, what[name])

    @traitlets.validate("year")
    def _year_on_screen(self, proposal: Any) -> int:
        return self._series[self.indicator].shown_year(proposal["value"])

    @traitlets.observe("indicator")
    def _follow(self, _change: Any) -> None:
        self.year = self.year  # validated anew: this indicator may lack it

    def _state(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._choices}

    def _draw(self) -> str:
        """Draw the page for the widget; return it with what is shown now, on its own.

        Layers may have been added since, also some that cannot be drawn.
        """
        try:
            page = self.map.get_root().render()
        except CourseError as error:
            self.page = no_map(error)
            return self.page
        began, now = (
            page.replace(_START, script_json(state), 1)
            for state in (self._start, self._state())
        )
        self.page = squeeze(began)  # the same as before, unless a layer came: nothing is sent
        return frame_html(now, self.alt, f"{self.height}px")

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        page, self._shown = self._draw(), True
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        data, meta = bundle if isinstance(bundle, tuple) else (bundle, {})
        # for exports and readers without a kernel
        return {**data, "text/html": page}, meta

    def _answer(self, _widget: Any, message: Any, _buffers: Any) -> None:
        """Draw the page for a view that asks: inside a box no display of ours did."""
        if message == {"ask": "page"} and not self._shown:
            self._draw()
        self._shown = False


def _names(data: object) -> list[Any]:
    names = [data] if isinstance(data, str) else data
    if not isinstance(names, list | tuple) or not names:
        say = _(
            "A live map shows an indicator's name, a list of names, or a DataFrame with "
            "region_id, year and value; not {data!r}."
        )
        raise CourseError(say.format(data=data))
    return list(names)


def _year_of(series: Series, year: Any) -> int:
    """Return a year if the series has figures for it."""
    if isinstance(year, bool | float) or year not in series.years:
        say = _("{label} has nothing for the year {year!r}. Choose one of: {years}.")
        years = ", ".join(map(str, series.years))
        raise CourseError(say.format(label=series.label["en"], year=year, years=years))
    return int(year)


def _bounds(area: str, shapes: list[dict[str, Any]]) -> list[list[float]]:
    """Return south-west and north-east of an area's map, in degrees.

    All its regions are on it whole; of very wide ones, such as Inner Mongolia, at
    least the name.
    """
    view, labels = area_row(area), read("regions").set_index("region_id")
    corners: list[Any] = [(view["south"], view["west"]), (view["north"], view["east"])]
    for shape in shapes:
        box: Any = get_bounds(shape["geometry"]["coordinates"], lonlat=True)
        if box[1][1] - box[0][1] > _WIDE:
            name = labels.loc[shape["properties"]["region_id"]]
            lat, lon = name["label_lat"], name["label_lon"] % 360  # Chukotka: beyond 180
            box = (lat - 1, lon - 1), (lat + 1, lon + 1)
        corners += box
    lats, lons = zip(*corners, strict=True)
    return [[min(lats), min(lons)], [max(lats), max(lons)]]
