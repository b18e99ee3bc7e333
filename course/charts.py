"""Charts for every page: Altair as SVG, with words for those who cannot see it."""

import base64
from dataclasses import dataclass
from html import escape
from io import StringIO

import altair
import pandas as pd

from course.data import cite
from course.errors import CourseError
from course.words import _

# Okabe and Ito's palette (https://jfly.uni-koeln.de/color/), in an order in which
# colour-blind readers tell the first five apart; tests/test_colours.py measures it.
COLOURS = [
    "#0072B2", "#D55E00", "#CC79A7", "#000000",
    "#56B4E9", "#E69F00", "#009E73", "#F0E442",
]  # fmt: skip


@altair.theme.register("course", enable=True)
def _theme() -> altair.theme.ThemeConfig:
    return {
        "config": {
            "font": "Noto Sans, Noto Sans CJK SC, Microsoft YaHei, Arial, sans-serif",
            "background": "white",
            "view": {"continuousWidth": 560, "continuousHeight": 300, "stroke": None},
            "axis": {"labelFontSize": 12, "titleFontSize": 12, "gridColor": "#e3e3e3"},
            "legend": {"labelFontSize": 12, "titleFontSize": 12, "labelLimit": 300},
            "title": {"anchor": "start", "fontSize": 14},
            "line": {"strokeWidth": 2.5},
            "range": {"category": COLOURS},
        }
    }


@dataclass(frozen=True, repr=False)
class Chart:
    """A finished chart."""

    svg: str  # text stays text, so every script is crisp
    alt: str  # what the chart shows, in words
    source_line: str  # where its numbers come from

    def __repr__(self) -> str:
        return f"Chart: {self.alt}"

    def _repr_html_(self) -> str:
        # as an image: JupyterLab keeps it in notebooks it does not trust
        data = base64.b64encode(self.svg.encode("utf-8")).decode()
        return (
            '<figure style="margin:0"><img style="max-width:100%;background:white" '
            f'alt="{escape(self.alt, quote=True)}" '
            f'src="data:image/svg+xml;base64,{data}">'
            f'<figcaption style="font-size:90%">{escape(self.alt)} '
            f"<small>{escape(self.source_line)}</small></figcaption></figure>"
        )


def chart(drawing: altair.TopLevelMixin, *, alt: str, sources: pd.DataFrame | str) -> Chart:
    """Finish an Altair chart for the notebook: no network, with words and sources.

    Args:
        drawing: an Altair chart.
        alt: what the chart shows, in a sentence or two (at least 40 characters).
        sources: the rows that were drawn, straight from `course.load`, or a
            line of text naming the sources.

    Returns:
        A `Chart` the notebook shows.

    Raises:
        CourseError: words or sources are missing, or Altair cannot draw the chart.
    """
    if not isinstance(alt, str) or len(alt.strip()) < 40:
        say = _(
            "Say in alt=... what your chart shows, in a sentence of at least 40 characters: "
            "some readers hear the chart instead of seeing it."
        )
        raise CourseError(say)
    if not isinstance(drawing, altair.TopLevelMixin):
        say = _("course.chart() draws Altair charts; this is a {kind}. Begin with alt.Chart.")
        raise CourseError(say.format(kind=type(drawing).__name__))
    buffer, source = StringIO(), _source_line(sources)
    try:
        drawing.save(buffer, format="svg")
    except Exception as error:  # Altair's own errors run over many lines
        say = _(
            "Altair cannot draw this chart: {reason} Check the column names and that each is "
            "marked :Q (number), :N (name), :O (order) or :T (time)."
        )
        raise CourseError(say.format(reason=str(error).strip().partition("\n")[0])) from error
    return Chart(buffer.getvalue(), alt.strip(), source)


def _source_line(sources: pd.DataFrame | str) -> str:
    if isinstance(sources, str) and sources.strip():
        return _("Source: {titles}", titles=sources.strip())
    if not isinstance(sources, pd.DataFrame):
        say = _(
            "Say in sources=... where the numbers come from: hand in the rows you drew "
            "(straight from course.load), or name the sources in words."
        )
        raise CourseError(say)
    titles = list(cite(sources).table["title"].unique())
    if len(titles) > 3:
        titles[3:] = [_("and {count} more, see course.cite()", count=len(titles) - 3)]
    return _("Source: {titles}.", titles="; ".join(titles))
