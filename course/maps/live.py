"""A map whose slider repaints the page's own map: ``LiveMap``."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import anywidget
import pandas as pd
import traitlets

from course.errors import CourseError, known
from course.maps.area import area_map, map_words, region_shapes
from course.maps.offline import Part, frame_html, no_map, script_json, squeeze
from course.maps.series import load_series, own_series, payload
from course.paths import write_page
from course.words import _

_START = '"the state shown first"'  # stands in a drawn page until it is handed out
_WHAT = {
    "indicator": _("indicator on this map"),
    "language": _("language"),
    "selected": _("region on this map"),
}


class _Refused(CourseError, traitlets.TraitError):
    """A state refused: at a TraitError traitlets takes all of a change back."""


class LiveMap(anywidget.AnyWidget):
    """A choropleth over years that answers a slider within a frame.

    The page holds every year, so a move repaints without asking the kernel, and
    pan and zoom stay. ``year``, ``indicator``, ``language`` and ``selected`` (a
    region_id, or "") are traitlets: link or observe them like any widget's. A year
    that the indicator lacks becomes the year shown in its place. ipywidgets keeps every
    live map, even when its cell runs again, until its ``close()`` or the kernel's end.

    Args:
        data: an indicator's name, a list of names, or a DataFrame of your own with
            columns ``region_id``, ``year``, ``value`` (optional: ``source_id``).
        area: a study area, as in `course.area_map`.
        year: the year shown first; the latest with the most regions if left out.
        language: language of names and labels: en, ru, zh or mn.
        title: what your own DataFrame shows.
        unit: the unit of your own DataFrame's values.
        height: height in pixels; it cannot be changed later.

    Attributes:
        map: the `folium.Map` inside. Add layers before it is shown.

    Raises:
        CourseError: an indicator, area, language, year or DataFrame it cannot show.
    """

    _esm = files("course.maps").joinpath("widget.js").read_text(encoding="utf-8")
    page = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    # the frame takes its height when it is drawn: a later one would be of no effect
    height = traitlets.Int(560, read_only=True).tag(sync=True)
    year: Any = traitlets.TraitType().tag(sync=True)
    indicator: Any = traitlets.TraitType().tag(sync=True)
    language: Any = traitlets.TraitType().tag(sync=True)
    selected: Any = traitlets.TraitType("").tag(sync=True)

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
        words = map_words()
        known(language, words, _("language"))
        if isinstance(data, pd.DataFrame):
            series = [own_series(data, area, str(title), str(unit))]
        else:
            names: list[Any] = [*data] if isinstance(data, list | tuple) and data else [data]
            series = [load_series(name, area) for name in names]
        self._series = {s.id: s for s in series}
        series = list(self._series.values())  # each once
        shapes = region_shapes(area)
        regions = [shape["properties"] for shape in shapes]
        content = payload(series)
        years = content.pop("years")
        self._choices = {
            "year": years,
            "indicator": list(self._series),
            "language": list(words),
            "selected": ["", *(region["region_id"] for region in regions)],
        }
        content |= {"choices": self._choices, "words": words, "regions": regions}
        what = ", ".join(s.label.get(language, s.label["en"]) for s in series)
        alt = words[language]["live_alt"].format(what=what, first=years[0], last=years[-1])
        self.map = area_map(area, language, alt=alt, height=height)
        self.map.add_child(Part("live", "startLive", _START, script_json(content)))
        self.set_trait("height", height)
        start = series[0].fullest_year if year is None else series[0].own_year(year)
        super().__init__(alt=alt, year=start, indicator=series[0].id, language=language)
        self._start, self._shown = self._state(), False
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        return _("{alt} Shown now: {indicator}, {year}.", alt=self.alt, **self._state())

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
        year = self.year if year is None else series.own_year(year)
        rows = series.rows[series.rows["year"] == year]
        return rows.sort_values("value", ascending=False).reset_index(drop=True)

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
        return write_page(path, _opened(self.map.get_root().render(), self._state()))

    @traitlets.validate("year", "indicator", "language", "selected")
    def _offered(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        try:
            if name != "year":
                return known(value, self._choices[name], _WHAT[name])
            series = self._series[known(self.indicator, self._series, _WHAT["indicator"])]
            offered = value in self._choices[name]  # by some indicator, perhaps another
            return series.shown_year(value if offered else series.own_year(value))
        except CourseError as error:
            raise _Refused(str(error)) from None

    @traitlets.observe("indicator")
    def _follow(self, _change: Any) -> None:
        self.year = self.year  # validated anew: this indicator may lack it

    def _state(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._choices}

    def _draw(self) -> str:
        """Draw the page for the widget; return it with what is shown now, on its own."""
        try:
            page = self.map.get_root().render()
        except CourseError as error:  # layers may have been added that cannot be drawn
            self.page = no_map(error)
            return self.page
        # the same as before, unless a layer came: nothing is sent
        self.page = squeeze(_opened(page, self._start))
        return frame_html(_opened(page, self._state()), self.alt, f"{self.height}px")

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        page, self._shown = self._draw(), True
        data, meta = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]
        return {**data, "text/html": page}, meta  # for readers without a kernel

    def _answer(self, _widget: Any, message: Any, _buffers: Any) -> None:
        if message == {"ask": "page"} and not self._shown:
            self._draw()  # inside a box no display of ours did
        self._shown = False


def _opened(page: str, state: dict[str, Any]) -> str:
    return page.replace(_START, script_json(state), 1)
