"""Explorer of lesson 06: one trade, three ways to count it, any start year."""

from html import escape

import altair as alt
import pandas as pd

from course.charts import COLOURS, chart
from course.data import load
from course.explore import Control, Explorer
from course.views_01 import table

# key -> words, who reports, which series; never joined into one line
_BOOKS = {
    "china": ("China, later series (IMF)", "CHN", "IMF DOTS"),
    "russia": ("Russia, later series (IMF)", "RUS", "IMF DOTS"),
    "first": ("China, first releases", "CHN", "China customs first release"),
}
_STARTS = [1992, 1996, 2000, 2003, 2006, *range(2008, 2019)]
_SCALES = {
    "linear": "a linear scale",
    "log": "a logarithmic scale",
    "index": "an index, first year = 100",
}
_ARTICLE = 2017


def _book(key: str, start: int) -> pd.DataFrame:
    """Return one book of the pair from a year on, with its index."""
    words, reporter, series = _BOOKS[key]
    rows = load("bilateral_trade")
    rows = rows[(rows["reporter"] == reporter) & (rows["series"] == series)]
    rows = rows[rows["partner"].isin(["CHN", "RUS"]) & (rows["year"] >= start)]
    rows = rows.sort_values("year").assign(book=words)
    return rows.assign(index=100 * rows["total_usd_bn"] / rows["total_usd_bn"].iloc[0])


def _signed(percent: float) -> str:
    return f"{percent:+.0f} %".replace("-", "−")


def _growth(rows: pd.DataFrame) -> dict[str, str]:
    """Return what a reader wants to know of one book, in words."""
    total = rows.set_index("year")["total_usd_bn"]
    first, last = int(total.index[0]), int(total.index[-1])
    told = {
        "who counts": rows["book"].iloc[0],
        "start": f"{first}: {total[first]:.1f} bn",
        f"{_ARTICLE}": f"{total[_ARTICLE]:.1f} bn" if first <= _ARTICLE else "before start",
        f"start to {_ARTICLE}": "before start",
        "last year": f"{last}: {total[last]:.1f} bn",
        "start to last year": _signed(100 * (total[last] / total[first] - 1)),
        "a year": _signed(100 * ((total[last] / total[first]) ** (1 / (last - first)) - 1)),
    }
    if first <= _ARTICLE:
        told[f"start to {_ARTICLE}"] = _signed(100 * (total[_ARTICLE] / total[first] - 1))
    return told


def _drawing(rows: pd.DataFrame, scale: str, books: list[str]) -> alt.LayerChart:
    column = "index" if scale == "index" else "total_usd_bn"
    title = "first year = 100" if scale == "index" else "USD bn"
    y = alt.Y(f"{column}:Q", title=title)
    if scale == "log":
        ticks = [1, 2, 5, 10, 20, 50, 100, 200]
        y = y.scale(type="log", nice=False).title("USD bn, log scale").axis(values=ticks)
    names = [_BOOKS[key][0] for key in books]
    places = [list(_BOOKS).index(key) for key in books]
    colours = alt.Scale(domain=names, range=[COLOURS[n] for n in places])
    dashes = alt.Scale(domain=names, range=[[[1, 0], [7, 3], [2, 3]][n] for n in places])
    legend = alt.Legend(orient="top", title=None, symbolSize=400) if len(books) > 1 else None
    lines = (
        alt.Chart(rows)
        .mark_line(point=True)
        .encode(
            x=alt.X("year:Q", title="year", axis=alt.Axis(format="d", tickMinStep=1)),
            y=y,
            color=alt.Color("book:N", scale=colours, legend=legend),
            strokeDash=alt.StrokeDash("book:N", scale=dashes, legend=legend),
        )
    )
    marks = [lines]
    if rows["year"].min() <= _ARTICLE:
        here = alt.Chart(pd.DataFrame({"year": [_ARTICLE]}))
        marks.insert(0, here.mark_rule(color="#777", strokeDash=[4, 4]).encode(x="year:Q"))
    return alt.layer(*marks).properties(height=260)


def _trade(counts: str, start: int, scale: str) -> str:
    books = list(_BOOKS) if counts == "all" else [counts]
    parts = [_book(key, start) for key in books]
    rows = pd.concat(parts)
    told = pd.DataFrame([_growth(part) for part in parts])
    said = "; ".join(
        f"{one['who counts']}: {one['start']}, {one['last year']}"
        for one in told.to_dict("records")
    )
    words = f"Goods trade of China and Russia on {_SCALES[scale]}. {said}."
    if start <= _ARTICLE:
        words += f" The dashed upright line marks {_ARTICLE}."
    drawn = chart(_drawing(rows, scale, books), alt=words, sources=rows)
    late = [p for p in parts if int(p["year"].iloc[0]) > start]
    notes = "".join(
        f"<p>{escape(p['book'].iloc[0])}: the table begins in {p['year'].iloc[0]}.</p>"
        for p in late
    )
    return drawn._repr_html_() + notes + table(told)


trade = Explorer(
    "Trade of China and Russia: who counts, and since when",
    {
        "counts": Control(
            "Who counts",
            [*((words, key) for key, (words, *_) in _BOOKS.items()), ("all three", "all")],
        ),
        "start": Control("Start year", _STARTS, start=2008, slider=True),
        "scale": Control("Scale", list(_SCALES)),
    },
    _trade,
)
