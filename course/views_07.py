"""Explorer of lesson 07: the basket of one direction, one year and one who counts."""

import altair as alt
import pandas as pd

from course.charts import COLOURS, chart
from course.data import load
from course.explore import Control, Explorer

_DIRECTIONS = {
    "CHN-RUS": "China to Russia",
    "RUS-CHN": "Russia to China",
    "MNG-WLD": "Mongolia to the world",
}
_COUNTERS = {
    "world": ["WIOD 2013", "WITS, Mongolia reporting"],
    "Russian customs": ["Russian customs"],
    "monthly": ["China customs, monthly series"],
}
_NAMES = {
    "world": "World tables (WIOD; WITS for Mongolia)",
    "Russian customs": "Russian customs",
    "monthly": "China customs, monthly series",
}

# The first of these words found in a group's name gives its family.
_FAMILIES = {
    "energy and ores": ("Crude", "Coal", "Pipeline", "Mining", "Mineral products",
                        "refined", "Fuels", "Minerals"),
    "machinery and transport": ("Machinery", "Electrical", "Transport"),
    "textiles and footwear": ("Textiles", "eather", "ootwear", "Hides"),
    "farm, forest, food": ("Agri", "Food", "Wood", "Pulp", "Timber", "Animal",
                           "Vegetable"),
    "metals": ("etals", "gold"),
    "chemicals": ("Chemicals", "ubber"),
    "other": ("",),
}  # fmt: skip


def _family(group: str) -> str:
    return next(f for f, words in _FAMILIES.items() if any(w in group for w in words))


def _rows(direction: str, counted: str) -> pd.DataFrame:
    rows = load("trade_structure")
    exporter, importer = direction.split("-")
    return rows[
        (rows["exporter"] == exporter)
        & (rows["importer"] == importer)
        & rows["counted_by"].isin(_COUNTERS[counted])
        & (rows["period"] == "full year")
        & ~rows["is_sum"]
    ]


def _basket(direction: str, counted: str, year: int) -> str:
    rows = _rows(direction, counted)
    shown = rows[rows["year"] == year]
    where, who = _DIRECTIONS[direction], _NAMES[counted]
    if shown.empty:
        years = sorted(set(rows["year"]))
        has = f"It has: {', '.join(map(str, years))}." if years else (
            "It has no year in this direction."
        )
        return (
            f"<p><b>{where}, {year}: nothing by {who}.</b> {has} "
            "No figure is not a zero.</p>"
        )
    who = shown["counted_by"].iloc[0]
    order = list(rows.groupby("group")["share_pct"].mean().sort_values().index[::-1])
    drawn = _bars(shown.assign(family=shown["group"].map(_family)), order)
    top = shown.sort_values("share_pct").iloc[-1]
    words = (
        f"{where}, {year}, counted by {who}: share of each group in percent. "
        f"Largest: {top['group']}, {top['share_pct']:.1f} %."
    )
    picture = chart(drawn, alt=words, sources=shown)._repr_html_()
    return picture + f"<p>{_summary(shown)}</p>"


def _summary(shown: pd.DataFrame) -> str:
    total, count = shown["share_pct"].sum(), len(shown)
    groups = f"{count} group{'s' if count > 1 else ''}"
    if (shown["coverage"] == "complete").all():
        hhi = ((shown["share_pct"] / 100) ** 2).sum()
        return (
            f"A complete set: {groups}, together {total:.0f} %. "
            f"<b>HHI {hhi:.3f}</b>, with every group taken as one."
        )
    return (
        f"A partial set: {groups}, together {total:.1f} %. What the other "
        f"{100 - total:.1f} % are, this source does not say: no HHI."
    )


def _bars(shown: pd.DataFrame, order: list[str]) -> alt.LayerChart:
    bars = alt.Chart(shown).encode(
        x=alt.X(
            "share_pct:Q", title="share, %", scale=alt.Scale(domain=[0, 75])
        ),
        y=alt.Y("group:N", title=None, sort=order, axis=alt.Axis(labelLimit=330)),
    )
    colour = alt.Color(
        "family:N",
        title=None,
        scale=alt.Scale(domain=list(_FAMILIES), range=COLOURS),
        legend=alt.Legend(orient="bottom", columns=4),
    )
    numbers = bars.mark_text(align="left", dx=4, fontSize=12).encode(
        text=alt.Text("share_pct:Q", format=".1f")
    )
    both = alt.layer(bars.mark_bar().encode(color=colour), numbers)
    return both.properties(width=380, height=alt.Step(19))


basket = Explorer(
    "What is in the basket",
    {
        "direction": Control("Direction", [(n, d) for d, n in _DIRECTIONS.items()]),
        "counted": Control("Who counts", [(n, c) for c, n in _NAMES.items()]),
        "year": Control("Year", list(range(1995, 2023)), start=2008, slider=True),
    },
    _basket,
)
