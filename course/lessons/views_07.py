"""Explorer of lesson 07: the basket of one direction, one year and one who counts."""

from html import escape

import pandas as pd

from course.charts import COLOURS
from course.data import cite, load
from course.description import runs
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
    "world": "World tables (WIOD, WITS)",
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
_COLOUR = dict(zip(_FAMILIES, COLOURS, strict=False))
_PIXELS = 5  # of a bar, for each percent


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
        years = runs(sorted(set(rows["year"])))
        has = f"It has: {years}." if years else ("It has no year in this direction.")
        return (
            f"<p><b>{where}, {year}: nothing by {who}.</b> {has} No figure is not a zero.</p>"
        )
    who = shown["counted_by"].iloc[0]
    order = list(rows.groupby("group")["share_pct"].mean().sort_values().index[::-1])
    titles = "; ".join(cite(shown).table["title"])
    return (
        f"<p><b>{where}, {year}, counted by {who}</b><br>{_summary(shown)}</p>"
        f"{_bars(shown, order)}<p><small>Source: {escape(titles)}.</small></p>"
    )


def _summary(shown: pd.DataFrame) -> str:
    total, count = shown["share_pct"].sum(), len(shown)
    groups = f"{count} group{'s' if count > 1 else ''}"
    if (shown["coverage"] == "complete").all():
        hhi = ((shown["share_pct"] / 100) ** 2).sum()
        return (
            f"A complete set: {groups}, together {total:.0f} %. "
            f"<b>HHI {hhi:.3f}</b> (1 = a single good), each group taken as one good."
        )
    return (
        f"A partial set: {groups}, together {total:.1f} %. What the other "
        f"{100 - total:.1f} % are, this source does not say: no HHI."
    )


def _bars(shown: pd.DataFrame, order: list[str]) -> str:
    """Draw bars as a table: real text, and quick on a slow machine."""
    shown = shown.sort_values("group", key=lambda names: names.map(order.index))
    lines, used = [], []
    for group, share in zip(shown["group"], shown["share_pct"], strict=True):
        family = next(f for f, words in _FAMILIES.items() if any(w in group for w in words))
        used.append(family)
        bar = (
            f'<span style="display:inline-block;height:14px;vertical-align:middle;'
            f'background:{_COLOUR[family]};width:{share * _PIXELS:.0f}px"></span>'
        )
        cells = [(group, "right"), (f"{bar} {share:.1f}", "left")]
        lines.append(
            "<tr>"
            + "".join(
                f'<td style="text-align:{side};padding:1px 4px">{text}</td>'
                for text, side in cells
            )
            + "</tr>"
        )
    key = "".join(
        f'<span style="margin-right:14px;white-space:nowrap"><span style="display:'
        f'inline-block;width:12px;height:12px;background:{colour}"></span> {family}</span>'
        for family, colour in _COLOUR.items()
        if family in used
    )
    head = (
        '<tr><th style="text-align:right">group</th>'
        '<th style="text-align:left">share, %</th></tr>'
    )
    return f"<table>{head}{''.join(lines)}</table><p>{key}</p>"


basket = Explorer(
    "What is in the basket",
    {
        "direction": Control("Direction", [(n, d) for d, n in _DIRECTIONS.items()]),
        "counted": Control("Who counts", [(n, c) for c, n in _NAMES.items()]),
        "year": Control("Year", list(range(1995, 2023)), start=2008, slider=True),
    },
    _basket,
)
