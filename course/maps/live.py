"""A map whose slider repaints the page's own map: ``LiveMap``."""

from bisect import bisect_right
from pathlib import Path
from typing import Any

import folium
import pandas as pd
import traitlets

from course.errors import CourseError, known
from course.maps.atlas import area_row, map_words, region_shapes
from course.maps.linked import LinkedMap, opened, script
from course.maps.offline import pixels
from course.maps.picture import Picture, look
from course.maps.series import load_series, own_series, payload
from course.notebook import replace_last
from course.paths import write_page
from course.words import _, clean

_LINE = {"color": "#55514a", "weight": 1}
_WHAT = {
    "indicator": _("indicator on this map"),
    "language": _("language"),
    "selected": _("region on this map"),
}


class _Refused(CourseError, traitlets.TraitError):
    """A state refused: at a TraitError traitlets takes all of a change back."""


class LiveMap(LinkedMap):
    """A choropleth over years that answers a slider within a frame.

    The page holds every year, so a move repaints without asking the kernel, and
    pan and zoom stay. ``year``, ``indicator``, ``language`` and ``selected`` (a
    region_id, or "") are traitlets: link or observe them like any widget's. A year
    that the indicator lacks becomes the year shown in its place. When the cell that made
    a live map runs again, the old one is closed: a frame of it still shown goes on alone.

    Args:
        data: an indicator's name, a list of names, or a DataFrame of your own with
            columns ``region_id``, ``year``, ``value`` (optional: ``source_id``).
        area: a study area, as in `course.area_map`.
        year: the year shown first; the latest with the most regions if left out.
        language: language of names and labels: en, ru, zh or mn.
        title: what your own DataFrame shows.
        unit: the unit of your own DataFrame's values, as ``"persons"`` or ``"2009 = 100"``;
            ``{value}`` stands for the number where it is not first: ``"USD {value}"``.
        center: a value of your own DataFrame's that parts less from more, such as 1, 0 or
            100: two colours part there. The indicators of the course know theirs.
        height: height in pixels; it cannot be changed later.

    Attributes:
        map: the `folium.Map` inside. Add layers before it is shown.

    Raises:
        CourseError: an indicator, area, language, year or DataFrame it cannot show.
    """

    # the frame takes its height when it is drawn: a later one would be of no effect
    height = traitlets.Int(560, read_only=True)
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
        title: str = "",
        unit: str = "",
        center: float | None = None,
        height: int | str = 560,
    ) -> None:
        words = map_words()
        known(language, words, _("language"))
        if isinstance(data, pd.DataFrame):
            own_words = (clean(str(title or _("your data"))), clean(str(unit or "")))
            series = [own_series(data, area, *own_words, center)]
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
        keep = ("label", "unit", "bins", "colours")
        self._scales = {p["id"]: {k: p[k] for k in keep} for p in content["indicators"]}
        content |= {"choices": self._choices, "words": words, "regions": regions}
        self._area = area
        alt, part = self._told(series[0].id, language), script("live", "startLive", content)
        self._draw_on(area, part, language=language, alt=alt, height=height)
        self.set_trait("height", pixels(height))
        start = series[0].fullest_year if year is None else series[0].own_year(year)
        super().__init__(year=start, indicator=series[0].id, language=language)
        self.on_msg(self._answer)
        replace_last(self)

    def __repr__(self) -> str:
        return _("{alt} Shown now: {indicator}, {year}.", alt=self.alt, **self._state())

    @property
    def alt(self) -> str:
        """What the map shows, in a sentence or two of its language."""
        return self._told(self.indicator, self.language)

    def _told(self, indicator: str, language: str) -> str:
        series, words = self._series[indicator], map_words()[language]
        what = series.label.get(language, series.label["en"])
        first, last = series.years[0], series.years[-1]
        said = [words["live_alt"].format(what=what, first=first, last=last)]
        if more := len(self._series) - 1:
            said.append(words["live_more"].format(count=more))
        return " ".join([*said, area_row(self._area)[f"alt_{language}"]])

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
        return write_page(path, opened(self.map.get_root().render(), self._state()))

    @traitlets.validate("year", "indicator", "language", "selected")
    def _offered(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        try:
            if name != "year":
                return known(value, self._choices[name], _WHAT[name])
            series = self._series[known(self.indicator, self._series, _WHAT["indicator"])]
            # by some indicator, perhaps another
            offered = pd.api.types.is_number(value) and value in self._choices[name]
            return series.shown_year(value if offered else series.own_year(value))
        except CourseError as error:
            raise _Refused(str(error)) from None

    @traitlets.observe("indicator")
    def _follow(self, _change: Any) -> None:
        self.year = self.year  # validated anew: this indicator may lack it

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take a state from the browser, as ipywidgets asks."""
        try:
            super().set_state(sync_data)
        except _Refused:
            self.send_state([*self._choices])  # what was linked there goes back, too
            raise

    def _picture(self) -> Picture:
        """Return the regions in the colours of now, and their legend."""
        scale, language = self._scales[self.indicator], self.language
        values = self.values().set_index("region_id")["value"]

        def style(shape: dict[str, Any]) -> dict[str, Any]:
            region, fill = shape["properties"]["region_id"], "url(#nodata)"
            if region in values:
                fill = scale["colours"][bisect_right(scale["bins"], values[region])]
            line = {"color": "#b3261e", "weight": 3.5} if region == self.selected else _LINE
            return {**line, "fillColor": fill, "fillOpacity": 0.85}

        shapes = {"type": "FeatureCollection", "features": region_shapes(self._area)}
        picture = look(folium.GeoJson(shapes, style))
        words = [scale[part].get(language, scale[part]["en"]) for part in ("label", "unit")]
        picture.legends.append({
            "caption": ", ".join([*filter(None, words), str(self.year)]),
            "colours": scale["colours"],
            "edges": scale["bins"],
            "none": map_words()[language]["none"],
        })  # fmt: skip
        return picture
