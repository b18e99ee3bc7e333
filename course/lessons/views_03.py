"""Explorer of lesson 03: one region beside the whole, in three measures."""

import altair as alt
import pandas as pd

from course.charts import chart
from course.data import load
from course.explore import Control, Explorer

_EAST = "Far Eastern Federal District"
_INDICATORS = {
    "population": ("million persons", 2),
    "product per head": ("thousand roubles", 0),
    "investment per head": ("thousand roubles", 0),
}
_ROWS = {  # of each indicator: which rows, and by what they are divided
    "people": ("population_annual_average", "before_census_2021", 1e6),
    "product": ("grp_current_prices", "edition_2021", 1e3),
    "investment": ("fixed_investment", None, 1e3),
}


def _rows(name: str, regions: list[str]) -> pd.DataFrame:
    indicator, vintage, _ = _ROWS[name]
    rows = load("region_indicators")
    rows = rows[rows["indicator_id"].eq(indicator) & rows["region_id"].isin(regions)]
    return rows[rows["vintage"].eq(vintage)] if vintage else rows


def _wide(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    return rows.pivot(index="year", columns="region_id", values="value") / _ROWS[name][2]


def _figures(indicator: str, regions: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one column per region, one row per year, and the rows behind it."""
    people = _rows("people", regions)
    if indicator == "population":
        return _wide(people, "people"), people
    name = indicator.split(maxsplit=1)[0]
    rows = _rows(name, regions)
    per_head = _wide(rows, name) / _wide(people, "people")  # billions by millions
    return per_head.dropna(), pd.concat([rows, people])


def _far_east(region: str, beside: str, indicator: str, show: int) -> str:
    names = load("regions").set_index("region_id")["name_en"]
    names["RU-SUM"], names["RU-FEFD"] = "all of Russia", "the Far East (11 regions)"
    names["RU-FEFD9"] = "the Far East in its old borders (9 regions)"
    wide, rows = _figures(indicator, [region, beside])
    unit, digits = _INDICATORS[indicator]
    title = f"{indicator}, {unit}"
    if show:
        wide, digits = wide / wide.loc[show] * 100, 0
        title = f"{indicator}, {show} = 100"
    wide = wide[[region, beside]].rename(columns=names)
    first, last = int(wide.index.min()), int(wide.index.max())
    ends = ", ".join(f"{name} {wide.at[last, name]:,.{digits}f}" for name in wide)
    words = f"{title[0].upper()}{title[1:]}, {first} to {last}. In {last}: {ends}."
    drawn = chart(_lines(wide, title, indicator, show), alt=words, sources=rows)
    return f"{drawn._repr_html_()}<p>{_remark(wide, indicator, show)}</p>"


def _lines(wide: pd.DataFrame, title: str, indicator: str, show: int) -> alt.LayerChart:
    long = wide.reset_index().melt("year", var_name="region")
    order = list(wide)
    axis = alt.Axis(format="d", tickMinStep=1)
    legend = alt.Legend(orient="top", labelLimit=400)
    either = {"shorthand": "region:N", "title": None, "legend": legend}
    lines = (
        alt.Chart(long)
        .mark_line()
        .encode(
            x=alt.X("year:Q", title="year", axis=axis, scale=alt.Scale(nice=False)),
            y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=not show)),
            color=alt.Color(**either, scale=alt.Scale(domain=order)),
            strokeDash=alt.StrokeDash(**either, scale=alt.Scale(domain=order)),
        )
    )
    marks = [lines]
    if show:
        even = alt.Chart(pd.DataFrame({"y": [100]})).mark_rule(color="#777")
        marks.append(even.encode(y="y:Q"))
    if indicator.startswith("product"):
        step = alt.Chart(pd.DataFrame({"x": [2015.5], "t": ["new method"]}))
        marks.append(step.mark_rule(color="#777", strokeDash=[2, 3]).encode(x="x:Q"))
        text = step.mark_text(align="right", dx=-4, y=10, color="#444")
        marks.append(text.encode(x="x:Q", text="t:N"))
    return alt.layer(*marks).properties(width=560, height=270)


def _remark(wide: pd.DataFrame, indicator: str, show: int) -> str:
    one, other = list(wide)
    ends = wide.iloc[-1]
    if not show:
        if indicator.endswith("per head"):
            more = "more" if ends[one] > ends[other] else "less"
            return (
                f"Per head the sizes can be compared: {one} has {more} than {other} "
                f"in {wide.index[-1]}. Prices are those of each year."
            )
        times = ends[other] / ends[one]
        flat = " One line lies flat: which changed more? Take an index." if times > 5 else ""
        return f"In {wide.index[-1]} {other} is {times:,.1f} times as large.{flat}"
    gap = ends[one] - ends[other]
    if abs(gap) < 0.5:
        return f"Since {show} both have changed alike."
    ahead, behind = (one, other) if gap > 0 else (other, one)
    return (
        f"Since {show}, {ahead} is ahead of {behind} by {abs(gap):,.0f} points. "
        "What does another base year say?"
    )


def _regions() -> list[tuple[str, str]]:
    regions = load("regions")
    east = regions[regions["macro_region"] == _EAST].sort_values("name_en")
    named = list(zip(east["name_en"], east["region_id"], strict=True))
    return [*named, ("the Far East in its old borders", "RU-FEFD9")]


far_east = Explorer(
    "A region beside the whole",
    {
        "region": Control("Region", _regions, start="RU-PRI"),
        "beside": Control("Beside", [("all of Russia", "RU-SUM"), ("the Far East", "RU-FEFD")]),
        "indicator": Control("Measure", list(_INDICATORS)),
        "show": Control(
            "Show", [("level", 0), ("index, 2000 = 100", 2000), ("index, 2015 = 100", 2015)]
        ),
    },
    _far_east,
)
