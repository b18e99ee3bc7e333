"""Explorer of lesson 06: one trade, three ways to count it, any start year."""

from html import escape

import altair as alt
import pandas as pd

from course.charts import COLOURS, chart
from course.data import load
from course.explore import Control, Explorer

# key -> words, who reports, which series; never joined into one line
_BOOKS = {
    "china": ("China, later series (IMF)", "CHN", "IMF DOTS"),
    "russia": ("Russia, later series (IMF)", "RUS", "IMF DOTS"),
    "first": ("China, first releases", "CHN", "China customs first release"),
}
_STARTS = [1992, 2000, 2003, 2008, 2009, *range(2012, 2017), 2018]
_SCALES = {
    "linear": "a linear scale",
    "log": "a logarithmic scale",
    "index": "an index, first year = 100",
}
_ARTICLE = 2017


def _book(trade: pd.DataFrame, key: str, start: int) -> pd.DataFrame:
    """Return one book of the pair from a year on, with its index."""
    words, reporter, series = _BOOKS[key]
    rows = trade[(trade["reporter"] == reporter) & (trade["series"] == series)]
    rows = rows[rows["partner"].isin(["CHN", "RUS"]) & (rows["year"] >= start)]
    rows = rows.sort_values("year").assign(book=words)
    return rows.assign(index=100 * rows["total_usd_bn"] / rows["total_usd_bn"].iloc[0])


def _signed(percent: float, digits: int = 0) -> str:
    return f"{percent:+.{digits}f} %".replace("-", "−")


def _told(rows: pd.DataFrame) -> str:
    """Return a book's growth from its first year, as an HTML list item."""
    total = rows.set_index("year")["total_usd_bn"]
    first, last = int(total.index[0]), int(total.index[-1])
    said = f"{total[first]:.1f} bn in {first}"
    for year in dict.fromkeys([_ARTICLE, last]):
        if year > first:
            times, span = total[year] / total[first], year - first
            rate = _signed(100 * (times ** (1 / span) - 1), 1)
            said += f"; {total[year]:.1f} bn in {year}, which is "
            said += f"<b>{_signed(100 * (times - 1))}</b> in all and {rate} a year"
    return f"<li>{escape(rows['book'].iloc[0])}: {said}.</li>"


def _ends(rows: pd.DataFrame) -> str:
    ends = [
        f"{row.total_usd_bn:.1f} bn in {row.year}" for row in rows.iloc[[0, -1]].itertuples()
    ]
    return f"{rows['book'].iloc[0]}: {ends[0]}, {ends[1]}"


def _drawing(rows: pd.DataFrame, scale: str, books: list[str]) -> alt.LayerChart:
    column = "index" if scale == "index" else "total_usd_bn"
    title = "first year of each line = 100" if scale == "index" else "USD bn"
    y = alt.Y(f"{column}:Q", title=title)
    if scale == "log":
        ticks = [1, 2, 5, 10, 20, 50, 100, 200]
        y = y.scale(type="log", zero=False, nice=False, padding=8)
        y = y.title("USD bn, log scale").axis(values=ticks)
    years = alt.Scale(zero=False, nice=False, padding=12)
    x = alt.X("year:Q", title="year", scale=years)
    x = x.axis(format="d", tickMinStep=1)
    names = [_BOOKS[key][0] for key in books]
    places = [list(_BOOKS).index(key) for key in books]
    colours = alt.Scale(domain=names, range=[COLOURS[n] for n in places])
    dashes = alt.Scale(domain=names, range=[[[1, 0], [7, 3], [2, 3]][n] for n in places])
    legend = None
    if len(books) > 1:
        legend = alt.Legend(orient="top", title=None, symbolType="stroke", symbolSize=600)
    lines = (
        alt.Chart(rows)
        .mark_line(point=True)
        .encode(
            x=x,
            y=y,
            color=alt.Color("book:N", scale=colours, legend=legend),
            strokeDash=alt.StrokeDash("book:N", scale=dashes, legend=legend),
        )
    )
    marks = [lines]
    if rows["year"].min() <= _ARTICLE:
        here = alt.Chart(pd.DataFrame({"year": [_ARTICLE]}))
        marks.insert(0, here.mark_rule(color="#777", strokeDash=[4, 4]).encode(x=x))
    return alt.layer(*marks).properties(height=260)


def _trade(counts: str, scale: str, start: int) -> str:
    books = list(_BOOKS) if counts == "all" else [counts]
    everything = load("bilateral_trade")
    parts = [_book(everything, key, start) for key in books]
    rows = pd.concat(parts)
    said = "; ".join(_ends(part) for part in parts)
    words = f"Goods trade of China and Russia on {_SCALES[scale]}. {said}."
    if start <= _ARTICLE:
        words += f" The dashed upright line marks {_ARTICLE}."
    drawn = chart(_drawing(rows, scale, books), alt=words, sources=rows)
    late = [p for p in parts if int(p["year"].iloc[0]) > start]
    notes = "".join(
        f"<p>{escape(p['book'].iloc[0])}: the table begins in {p['year'].iloc[0]}.</p>"
        for p in late
    )
    for row in rows[rows["value_kind"] == "estimate"].itertuples():
        notes += f"<p>{escape(row.book)}: {row.year} is marked as an estimate.</p>"
    told = "".join(_told(part) for part in parts)
    return f"{drawn._repr_html_()}<ul>{told}</ul>{notes}"


trade = Explorer(
    "Trade of China and Russia: who counts, and since when",
    {
        "counts": Control(
            "Who counts",
            [*((words, key) for key, (words, *_) in _BOOKS.items()), ("all three", "all")],
        ),
        "scale": Control("Scale", list(_SCALES)),
        "start": Control("Start year", _STARTS, start=2008, slider=True),
    },
    _trade,
)
