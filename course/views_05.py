"""Explorer of lesson 05: hours and dollars at borders against hours rolling."""

import altair as alt
import pandas as pd

from course.charts import COLOURS, chart
from course.data import load
from course.explore import Control, Explorer
from course.views_01 import table

_YEARS = [2019, 2020, 2021, 2022, 2023]
_TRIP = 500  # km: the length for which the survey itself gives costs
_WHERE = {
    "Mongolia, all surveyed crossings": "Mongolia, all CPMM",
    "Zamyn-Uud and Erenhot": "Zamyn-Uud|Erenhot",
    "Western China, for comparison": "China, all CPMM",
    "All CAREC corridors, for comparison": "CAREC, all corridors",
}
_DIRECTIONS = {
    "both": "both directions",
    "inbound": "into the country",
    "outbound": "out of the country",
}
_HOURS, _DOLLARS = "border-crossing time", "border-crossing cost"
_ROLLING, _TOTAL = "speed without delay (SWOD)", "speed with delay (TFI4, SWD)"
_SHOWN = ["the year chosen", "other years"]
_X = alt.X("year:O", scale=alt.Scale(domain=_YEARS), axis=alt.Axis(labelAngle=0))


def _survey(where: str, mode: str) -> pd.DataFrame:
    rows = load("border_delays")
    rows = rows[rows["point"].str.contains(_WHERE[where]) & (rows["mode"] == mode)]
    return rows[rows["year"].isin(_YEARS)].astype({"year": int})


def _border(rows: pd.DataFrame, direction: str, words: str) -> pd.DataFrame:
    """Keep the surveyed times or costs of one direction."""
    surveyed = rows["value_kind"] == "survey average"
    named = rows["indicator"].str.startswith(words)
    return rows[surveyed & named & (rows["direction"] == direction)]


def _trip(rows: pd.DataFrame) -> pd.DataFrame:
    """Return hours rolling and standing on a trip, by year, where both are known."""
    speeds = rows[rows["indicator"].isin([_ROLLING, _TOTAL])]
    wide = speeds.pivot(index="year", columns="indicator", values="value")
    wide = wide.reindex(columns=[_ROLLING, _TOTAL]).dropna()
    rolling = _TRIP / wide[_ROLLING]
    hours = pd.DataFrame({"rolling": rolling, "standing": _TRIP / wide[_TOTAL] - rolling})
    long = hours.reset_index().melt("year", var_name="part", value_name="hours")
    return long.sort_values(["year", "part"])


def _bars(rows: pd.DataFrame, year: int, title: str) -> alt.Chart:
    # two figures for one year are a conflict: one bar, both on its label
    figures = rows.groupby("year")["hours"]
    drawn = figures.max().to_frame()
    drawn["label"] = figures.agg(lambda f: " or ".join(f"{hours:g}" for hours in f))
    drawn = drawn.reset_index()
    drawn["shown"] = (drawn["year"] == year).map(dict(zip([True, False], _SHOWN, strict=True)))
    bars = alt.Chart(drawn).encode(
        x=_X,
        y=alt.Y("hours:Q", scale=alt.Scale(domainMax=1.12 * drawn["hours"].max())),
    )
    colour = alt.Color(
        "shown:N",
        title=None,
        scale=alt.Scale(domain=_SHOWN, range=[COLOURS[1], "#9bb8c9"]),
        legend=alt.Legend(orient="bottom"),
    )
    words = bars.mark_text(dy=-7, fontSize=12).encode(text="label:N")
    both = bars.mark_bar(size=26).encode(color=colour) + words
    return both.properties(width=250, height=190, title=title)


def _stack(hours: pd.DataFrame, title: str) -> alt.Chart:
    return (
        alt.Chart(hours)
        .mark_bar(size=26)
        .encode(
            x=_X,
            y=alt.Y("hours:Q"),
            order=alt.Order("part:N"),
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(domain=["rolling", "standing"], range=["#9bb8c9", "#000000"]),
                legend=alt.Legend(orient="bottom"),
            ),
        )
        .properties(width=250, height=190, title=title)
    )


def _said(rows: pd.DataFrame, year: int, unit: str) -> str:
    values = [f"{value:g}" for value in rows[rows["year"] == year]["value"]]
    return f"{' or '.join(values)} {unit}" if values else f"no figure in {unit}"


def _split(hours: pd.DataFrame, year: int) -> str:
    now = hours[hours["year"] == year].set_index("part")["hours"]
    if now.empty:
        return f"How a trip of {_TRIP} km splits in {year} is not in the table."
    return (
        f"On a trip of {_TRIP} km in {year}, {now['rolling']:.0f} hours rolling and "
        f"{now['standing']:.0f} standing (both directions together)."
    )


def _instead(where: str) -> str:
    rows = pd.concat([_survey(where, mode) for mode in ("rail", "road")])
    found = [
        f"{mode}, {_DIRECTIONS[direction]}, {', '.join(map(str, sorted(set(group['year']))))}"
        for (mode, direction), group in rows.groupby(["mode", "direction"])
    ]
    return f"Here the table has: {'; '.join(found)}."


def _hours(where: str, mode: str, direction: str, year: int) -> str:
    rows = _survey(where, mode)
    times, costs = _border(rows, direction, _HOURS), _border(rows, direction, _DOLLARS)
    trip = _trip(rows)
    words = (
        f"{where}, {mode}, {_DIRECTIONS[direction]}, {year}. At the border: "
        f"{_said(times, year, 'hours')}, {_said(costs, year, 'dollars')}. "
        f"{_split(trip, year)}"
    )
    charts = []
    if not times.empty:
        charts.append(_bars(times, year, f"At the border, {mode}, {_DIRECTIONS[direction]}"))
    if not trip.empty:
        charts.append(_stack(trip, f"{_TRIP} km by {mode}: rolling, standing"))
    now = rows[(rows["year"] == year) & (rows["direction"] == direction)]
    if charts:
        drawing = alt.hconcat(*charts).resolve_scale(color="independent", y="independent")
        used = pd.concat([times, rows[rows["indicator"].isin([_ROLLING, _TOTAL])]])
        view = chart(drawing, alt=words, sources=used)._repr_html_()
    else:
        view = f"<p>{words}</p>"
    if now.empty:
        return f"{view}<p>No row for this choice. {_instead(where)}</p>"
    columns = ["point", "indicator", "value", "unit", "value_kind", "check", "note"]
    return view + table(now[columns])


hours = Explorer(
    "Where do the hours go",
    {
        "where": Control("Where", list(_WHERE)),
        "mode": Control("By", ["rail", "road"]),
        "direction": Control("Direction", [(w, key) for key, w in _DIRECTIONS.items()]),
        "year": Control("Year", _YEARS, start=2022, slider=True),
    },
    _hours,
)
