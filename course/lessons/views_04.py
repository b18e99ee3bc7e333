"""The explorer of lesson 04: what was known when about a province's product."""

import altair as alt
import pandas as pd

from course.charts import chart
from course.data import load, read
from course.explore import Control, Explorer, table

_PROVINCES = ["CN-HL", "CN-JL", "CN-LN", "CN-NM"]
_FIRST, _LAST = 2005, 2024  # one frame for all editions, so that lines can be compared


def _provinces() -> list[tuple[str, str]]:
    names = read("regions").set_index("region_id")["name_en"]
    return [(names[region], region) for region in _PROVINCES]


def _editions() -> pd.DataFrame:
    rows = load("vintages")
    rows = rows[rows["vintage"].str.startswith("export_")]
    return rows.sort_values("published").set_index("vintage")


def _known_in() -> list[tuple[str, str]]:
    return [(row.published, row.Index) for row in _editions().itertuples()]


def _series(province: str) -> pd.DataFrame:
    """Return the product of a province, with its growth inside each edition."""
    rows = load("region_indicators")
    rows = rows[
        (rows["indicator_id"] == "gdp_current_prices")
        & (rows["region_id"] == province)
        & (rows["year"] >= _FIRST)
    ].sort_values(["vintage", "year"])
    growth = rows.groupby("vintage")["value"].pct_change() * 100
    return rows.assign(growth=growth)


def _vintages(province: str, known: str, show: str) -> str:
    rows, editions = _series(province), _editions()
    so_far = list(editions.index[: editions.index.get_loc(known) + 1])
    limits = [float(min(0, rows[show].min())), float(rows[show].max())]
    drawn_rows = rows[rows["vintage"].isin(so_far)].dropna(subset=[show])
    now = drawn_rows[drawn_rows["vintage"] == known]
    name = {i: n for n, i in _provinces()}[province]
    published = editions.loc[known, "published"]
    words = _words(name, published, now)
    drawing = _picture(drawn_rows, known, published, show, limits)
    picture = chart(drawing, alt=words, sources=drawn_rows)
    meaning = f"<p><b>{editions.loc[known, 'title']}.</b> {editions.loc[known, 'meaning']}</p>"
    return meaning + picture._repr_html_() + table(_beside(rows, editions.loc[so_far]))


def _picture(
    rows: pd.DataFrame, known: str, published: str, show: str, limits: list[float]
) -> alt.LayerChart | alt.Chart:
    newest, before = f"known in {published}", "known before"
    shown = (rows["vintage"] == known).map({True: newest, False: before})
    base = alt.Chart(rows.assign(shown=shown)).encode(
        x=alt.X(
            "year:Q",
            title=None,
            axis=alt.Axis(format="d", values=list(range(_FIRST + 1, _LAST + 1, 2))),
            scale=alt.Scale(domain=[_FIRST, _LAST], nice=False, padding=12),
        ),
        color=alt.Color(
            "shown:N",
            title=None,
            scale=alt.Scale(domain=[newest, before], range=["#D55E00", "#8a8a8a"]),
            legend=alt.Legend(orient="top", symbolType="stroke", symbolSize=300),
        ),
        detail="vintage:N",
    )
    title = "billion yuan, prices of the year" if show == "value" else "growth in percent"
    height = alt.Y(f"{show}:Q", title=title, scale=alt.Scale(domain=limits))
    lines = base.mark_line(point={"filled": True, "size": 36}).encode(
        y=height,
        strokeDash=alt.StrokeDash(
            "shown:N", scale=alt.Scale(domain=[newest, before], range=[[1, 0], [5, 3]])
        ),
    )
    if show == "growth":
        lines += alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule().encode(y="zero:Q")
    return lines.properties(width=600, height=260)


def _words(name: str, published: str, now: pd.DataFrame) -> str:
    by_year = now.set_index("year")
    last = int(by_year.index.max())
    falls = [
        f"{year} ({growth:+.1f} %)"
        for year, growth in by_year["growth"].dropna().items()
        if growth < 0
    ]
    text = (
        f"{name} as known in {published}: the product of 2017 is "
        f"{by_year.loc[2017, 'value']:,.0f} billion yuan, and the series runs to {last}. "
    )
    return text + (f"It falls in {', '.join(falls)}." if falls else "It never falls.")


def _beside(rows: pd.DataFrame, editions: pd.DataFrame) -> pd.DataFrame:
    """Set the editions known so far beside each other."""
    lines = []
    for vintage, published in editions["published"].items():
        one = rows[rows["vintage"] == vintage].set_index("year")
        lines.append(
            {
                "edition": vintage,
                "known in": published,
                "product of 2017, bn yuan": f"{one.loc[2017, 'value']:,.0f}",
                "growth 2016, %": _signed(one, 2016),
                "growth 2017, %": _signed(one, 2017),
                "growth 2018, %": _signed(one, 2018),
            }
        )
    return pd.DataFrame(lines)


def _signed(one: pd.DataFrame, year: int) -> str:
    growth = one["growth"].get(year)
    return "not yet known" if growth is None or pd.isna(growth) else f"{growth:+.1f}"


vintages = Explorer(
    "What was known when",
    {
        "province": Control("Province", _provinces),
        "known": Control("Known in", _known_in, slider=True),
        "show": Control(
            "Show", [("product, billion yuan", "value"), ("growth, percent", "growth")]
        ),
    },
    _vintages,
)
