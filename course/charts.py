"""Charts for every page: Altair as SVG that answers when pointed at, without a script.

The SVG stands in the page itself, each mark with its value as a ``<title>``. Where a
program keeps neither SVG nor styles, such as JupyterLab in notebooks it does not trust,
an image of it is left.
"""

import base64
import json
import re
from dataclasses import dataclass
from html import escape
from typing import Any
from xml.etree import ElementTree
from zlib import crc32

import altair
import pandas as pd
import vl_convert

from course.data import cite
from course.errors import CourseError
from course.words import NO_FORMULA, _, clean

# Okabe and Ito's palette (https://jfly.uni-koeln.de/color/), in an order in which
# colour-blind readers tell the first five apart; tests/test_colours.py measures it.
COLOURS = [
    "#0072B2", "#D55E00", "#CC79A7", "#000000",
    "#56B4E9", "#E69F00", "#009E73", "#F0E442",
]  # fmt: skip


_WIDTH = 900  # pixels: what JupyterLab leaves free on a screen of 1366 x 768
_UNSEEN = r'\\(?:(["\\nrt])|[bf]|u[0-9a-f]{4})|[\ufffe\uffff]'  # as JSON writes them
_FONTS = "Arial, Liberation Sans, Noto Sans, Noto Sans CJK SC, Microsoft YaHei, sans-serif"
_DOT: Any = {"opacity": 0, "size": 40, "stroke": "white", "strokeOpacity": 0, "strokeWidth": 12}
_SVG = "http://www.w3.org/2000/svg"
ElementTree.register_namespace("", _SVG)
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")  # as HTML wants it

# in dark themes light and dark change places, and colours keep their hue
_STYLE = """<style>
.course-chart svg { max-width: 100%; height: auto; overflow: visible; }
.course-chart > [hidden] { display: block !important; }
.course-chart :has(> svg) ~ img { display: none; }
.course-chart .answers > :hover { opacity: 1; filter: drop-shadow(0 0 2px #000); }
@media screen { :is([data-jp-theme-light=false], [data-theme=dark])
  :is(.course-chart svg, .course-colour) { filter: invert(.93) hue-rotate(180deg); } }
</style>"""


@altair.theme.register("course", enable=True)
def _theme() -> altair.theme.ThemeConfig:
    return {
        "config": {
            "font": "sans-serif",  # measured in half the time a list of fonts takes
            "background": "white",
            # the reader's letters may be a tenth wider than those that were measured
            "padding": {"left": 24, "right": 24, "top": 5, "bottom": 5},
            "view": {"continuousWidth": 350, "continuousHeight": 300, "stroke": None},
            "axis": {
                "labelFontSize": 12, "titleFontSize": 12, "gridColor": "#e3e3e3",
                "labelFlush": False, "labelSeparation": 6,
            },
            "legend": {"labelFontSize": 12, "titleFontSize": 12, "labelLimit": 300},
            "title": {"anchor": "start", "fontSize": 14},
            # one mark, many values: points on it, seen or not, tell them
            "line": {"strokeWidth": 2.5, "point": _DOT},
            "trail": {"point": _DOT},
            "area": {"point": _DOT},
            "point": {"size": 70},
            "range": {"category": COLOURS},
            "mark": {"color": COLOURS[0]},
            "tooltipFormat": {"numberFormat": ",.12~f", "timeFormat": "%-d %B %Y"},
        }
    }  # fmt: skip


@dataclass(frozen=True, repr=False)
class Chart:
    """A finished chart."""

    svg: str  # text stays text, so every script is crisp
    alt: str  # what the chart shows, in words
    source_line: str  # where its numbers come from

    def __repr__(self) -> str:
        return f"Chart: {self.alt}"

    def _repr_html_(self) -> str:
        alt = escape(self.alt, quote=True)
        speaking = self.svg.replace("<svg", f'<svg role="img" aria-label="{alt}"', 1)
        image = re.sub("<title>.*?</title>", "", self.svg, flags=re.DOTALL)
        data = base64.b64encode(image.encode("utf-8")).decode()
        return (
            f'<figure class="course-chart {NO_FORMULA}" style="margin:0">{_STYLE}'
            # a program that drops styles drops the SVG, too, and would leave its words; it
            # drops a bare "hidden" as well
            f'<div hidden="hidden">{speaking}</div>'
            # lazy: where the SVG shows, the image is not even read
            f'<img loading="lazy" alt="{alt}" style="max-width:100%" '
            f'src="data:image/svg+xml;base64,{data}">'
            f'<figcaption style="font-size:90%;color:inherit">{escape(self.alt)} '
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
    source = _source_line(sources)
    try:
        # whatever was set for other charts: all rows, and in the chart, not in a file
        with altair.data_transformers.enable("default", max_rows=None):
            spec = drawing.to_dict()
        _mend(spec)
        # older versions of Altair leave NaN in columns of words, which is no JSON
        spec = json.loads(json.dumps(_widen(spec)), parse_constant=lambda _name: None)
        text = clean(json.dumps(spec, ensure_ascii=False))
        # signs that no SVG may hold, such as "\b", would end the whole kernel
        text = re.sub(_UNSEEN, lambda found: found[0] if found[1] else "", text)
        svg = _svg(text)
    except Exception as error:  # Altair's own errors run over many lines
        say = _(
            "Altair cannot draw this chart: {reason} Check the column names and that each is "
            "marked :Q (number), :N (name), :O (order) or :T (time)."
        )
        raise CourseError(say.format(reason=str(error).strip().partition("\n")[0])) from error
    return Chart(_answering(svg), clean(alt.strip()), clean(source))


def _svg(text: str) -> str:
    version = altair.SCHEMA_VERSION.rpartition(".")[0]
    try:
        return vl_convert.vegalite_to_svg(text, vl_version=version)
    except ValueError:  # Vega may cut a long label inside a letter of two halves
        whole = re.sub("[\U00010000-\U0010ffff]", "\N{REPLACEMENT CHARACTER}", text)
        if whole == text:
            raise
        return vl_convert.vegalite_to_svg(whole, vl_version=version)


def _widen(spec: dict[str, Any]) -> dict[str, Any]:
    """Let a single plot without a width of its own fill the page."""
    own = {"width", "concat", "hconcat", "vconcat", "facet", "repeat", "row", "column"}
    if own.isdisjoint({*spec, *spec.get("encoding", {})}):
        spec |= {"width": _WIDTH, "autosize": {"type": "fit-x", "contains": "padding"}}
    return spec


def _mend(part: dict[str, Any]) -> None:
    """Set what a theme cannot: years that are no amounts, lines in the legends of lines."""
    for key in ("layer", "concat", "hconcat", "vconcat", "spec"):
        inner = part.get(key, [])
        for plot in inner if isinstance(inner, list) else [inner]:
            _mend(plot)
    mark, encoding = part.get("mark", {}), part.get("encoding", {})
    mark = {"type": mark} if isinstance(mark, str) else mark
    for holder in (mark, encoding):
        holder.pop("href", None)  # a chart is no link
    line = mark.get("type") in {"line", "trail"}
    for channel, shown in encoding.items():
        if channel in {"x", "y"} and str(shown.get("field")).endswith("year"):
            names = {"labelAngle": 0, "labelOverlap": True}
            amounts = {"format": "~f", "tickMinStep": 1}  # no 2,017
            _preset(shown, "axis", amounts if shown.get("type") == "quantitative" else names)
        elif line and channel in {"color", "stroke", "strokeDash"}:
            _preset(shown, "legend", {"symbolType": "stroke", "symbolSize": 600})


def _preset(channel: dict[str, Any], guide: str, looks: dict[str, Any]) -> None:
    if "field" in channel and channel.get(guide, {}) is not None:
        channel[guide] = looks | channel.get(guide, {})


def _answering(svg: str) -> str:
    """Turn Vega's SVG into a smaller one whose marks say what they show."""
    root = ElementTree.fromstring(svg)  # noqa: S314
    own = f"c{crc32(svg.encode('utf-8')):x}-"  # every chart of a page has a clip1
    written = {text.text or "" for text in root.iter(f"{{{_SVG}}}text")}
    for group in root.iter():
        kind = group.get("class", "")
        answers = "role-mark" in kind and not re.search("mark-(line|trail|area|group)", kind)
        for mark in [*group.iter()] if answers else ():
            if label := mark.get("aria-label"):
                title = ElementTree.SubElement(mark, f"{{{_SVG}}}title")
                title.text = _spoken(label, written)
        attributes = {k: _attribute(k, v, own) for k, v in group.attrib.items()}
        group.attrib = {k: v for k, v in attributes.items() if v}
        if answers:
            group.set("class", "answers")
    root.set("font-family", _FONTS)
    return ElementTree.tostring(root, encoding="unicode")


def _attribute(name: str, value: str, own: str) -> str:
    """Return an attribute's value made small and its own page's, or nothing to drop it."""
    link = name.endswith("href") and not value.startswith("data:image/")
    if link or re.match(r"url\([^#]", value):
        return ""  # nothing is fetched
    if value == "sans-serif" or re.match("aria-|role$|class$", name):
        return ""
    if name in {"d", "transform"} and "scale" not in value:
        value = re.sub(r"\d+\.\d\d+(e-\d+)?", lambda m: f"{round(float(m[0]), 1):g}", value)
    return own + value if name == "id" else value.replace("url(#", f"url(#{own}")


def _spoken(label: str, written: set[str]) -> str:
    """Write what Vega says of a mark as a reader would, without names the chart keeps back."""
    told: dict[str, str] = {}
    for piece in label.split("; "):
        name, colon, value = piece.partition(": ")
        named, key = name.replace("_", " ") + colon, piece
        if value in {"null", "NaN"}:
            value = _("no data")
        elif re.fullmatch(r"−?[\d,]+\.\d{3,}", value):  # in four digits, or to the whole
            number = float(value.replace("−", "-").replace(",", ""))
            short = f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"
            value = short.replace("-", "−")
        elif colon and value[:1] not in "−0123456789":  # a word, said once
            named, key = named if name in written else "", value
        told.setdefault(key, named + value)
    words = "; ".join(told.values())
    return words[:1].upper() + words[1:]


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
