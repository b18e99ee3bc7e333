"""Explorer of lesson 05: hours and dollars at borders against hours rolling."""

import altair as alt
import pandas as pd

from course.charts import COLOURS, chart
from course.data import load
from course.explore import Control, Explorer, table

_YEARS = [2019, 2020, 2021, 2022, 2023]
_TRIP = 500  # km: the length for which the survey itself gives costs
_WHERE = {
    "Mongolia, all surveyed crossings": "Mongolia, all CPMM",
    "Zamyn-Uud and Erenhot": "Zamyn-Uud|Erenhot",
    "China, all surveyed crossings, for comparison": "China, all CPMM",
    "All CAREC corridors, for comparison": "CAREC, all corridors",
}
_DIRECTIONS = {
    "both": "both directions",
    "inbound": "into the country",
    "outbound": "out of the country",
}
_HOURS, _DOLLARS = "border-crossing time", "border-crossing cost"
_ROLLING, _TOTAL = "speed without delay (SWOD)", "speed with delay (TFI4, SWD)"
_PARTS = {
    "at one border": COLOURS[1],
    f"rolling, {_TRIP} km": COLOURS[4],
    f"standing, {_TRIP} km": COLOURS[3],
}
_BORDER, _MOVES, _STANDS = _PARTS
_LEGEND = " &nbsp; ".join(
    f'<span style="color:{colour}" aria-hidden="true">■</span> {words}'
    for words, colour in _PARTS.items()
)


def _border(rows: pd.DataFrame, direction: str, words: str) -> pd.DataFrame:
    """Keep the surveyed times or costs of one direction."""
    surveyed = rows["value_kind"] == "survey average"
    named = rows["indicator"].str.startswith(words)
    return rows[surveyed & named & (rows["direction"] == direction)]


def _values(rows: pd.DataFrame) -> dict[int, list[float]]:
    """Return year -> its figures; two figures for one year are a conflict."""
    found: dict[int, list[float]] = {}
    for year, value in zip(rows["year"], rows["value"], strict=True):
        found.setdefault(int(year), []).append(float(value))
    return found


def _trip(rows: pd.DataFrame) -> dict[int, tuple[float, float]]:
    """Return year -> hours rolling and standing, where both speeds are known."""
    rolling = _values(rows[rows["indicator"] == _ROLLING])
    total = _values(rows[rows["indicator"] == _TOTAL])
    return {
        year: (_TRIP / rolling[year][0], _TRIP / total[year][0] - _TRIP / rolling[year][0])
        for year in sorted(rolling.keys() & total.keys())
    }


def _said(values: list[float], unit: str) -> str:
    return f"{' or '.join(f'{v:g}' for v in values)} {unit}" if values else ""


def _bars(
    times: dict[int, list[float]],
    costs: dict[int, list[float]],
    trip: dict[int, tuple[float, float]],
    year: int,
) -> alt.LayerChart:
    # one bar for a conflict, the higher figure; its label has both
    dollars = {y: " or ".join(f"${v:g}" for v in values) for y, values in costs.items()}
    bars = [
        (y, _BORDER, max(hours), f"{_said(hours, 'h')}\n{dollars.get(y, '')}".strip())
        for y, hours in times.items()
    ]
    for y, hours in trip.items():
        bars += [
            (y, part, value, f"{value:.0f} h")
            for part, value in zip((_MOVES, _STANDS), hours, strict=True)
        ]
    drawn = pd.DataFrame(bars, columns=["year", "part", "hours", "label"])
    drawn["shown"] = (drawn["year"] == year).map({True: 1.0, False: 0.45})
    most = drawn["hours"].max()
    # a label of two lines hangs down from its place, so it starts higher
    drawn["top"] = drawn["hours"] + 0.065 * most * drawn["label"].str.count("\n")
    # no axis and no legend: their words would cost half of the drawing time
    y = alt.Y("hours:Q", scale=alt.Scale(domainMax=1.2 * most), axis=None)
    colour = alt.Color(
        "part:N",
        scale=alt.Scale(domain=list(_PARTS), range=list(_PARTS.values())),
        legend=None,
    )
    base = alt.Chart(drawn).encode(
        x=alt.X(
            "year:O", title=None, scale=alt.Scale(domain=_YEARS), axis=alt.Axis(labelAngle=0)
        ),
        xOffset=alt.XOffset("part:N", scale=alt.Scale(domain=list(_PARTS))),
        y=y,
    )
    # the chosen year is strong, the others are pale
    blocks = base.mark_bar().encode(
        color=colour, opacity=alt.Opacity("shown:Q", scale=None, legend=None)
    )
    words = base.mark_text(baseline="bottom", dy=-3, fontSize=11, lineBreak="\n")
    words = words.encode(text="label:N", y=alt.Y("top:Q"))
    return (blocks + words).properties(width=620, height=230)


def _split(hours: tuple[float, float] | None, year: int) -> str:
    if hours is None:
        return f"How a trip of {_TRIP} km splits in {year} is not in the table."
    return (
        f"On a trip of {_TRIP} km in {year}, {hours[0]:.0f} hours rolling and "
        f"{hours[1]:.0f} standing (both directions together)."
    )


def _instead(rows: pd.DataFrame) -> str:
    found = [
        f"{mode}, {_DIRECTIONS[direction]}, {', '.join(map(str, sorted(set(group['year']))))}"
        for (mode, direction), group in rows.groupby(["mode", "direction"])
    ]
    return f"Here the table has: {'; '.join(found)}."


def _hours(where: str, mode: str, direction: str, year: int) -> str:
    rows = load("border_delays")
    rows = rows[rows["year"].isin(_YEARS) & rows["mode"].isin(["rail", "road"])]
    rows = rows[rows["point"].str.contains(_WHERE[where])].astype({"year": int})
    here = rows[rows["mode"] == mode]
    surveyed = _border(here, direction, _HOURS)
    times = _values(surveyed)
    costs = _values(_border(here, direction, _DOLLARS))
    trip = _trip(here)
    words = (
        f"{where}, {mode}, {_DIRECTIONS[direction]}, {year}. At the border: "
        f"{_said(times.get(year, []), 'hours') or 'no figure in hours'}, "
        f"{_said(costs.get(year, []), 'dollars') or 'no figure in dollars'}. "
        f"{_split(trip.get(year), year)}"
    )
    view = f"<p>{words}</p>"
    if times or trip:
        used = pd.concat([surveyed, here[here["indicator"].isin([_ROLLING, _TOTAL])]])
        drawing = _bars(times, costs, trip, year)
        view = f"<p>{_LEGEND}</p>{chart(drawing, alt=words, sources=used)._repr_html_()}"
    now = here[(here["year"] == year) & (here["direction"] == direction)]
    if now.empty:
        return f"{view}<p>No row for this choice. {_instead(rows)}</p>"
    # the codes of the survey, such as TFI1, say nothing to a reader
    plain = now["indicator"].str.replace(r" \((TFI|SW)[^)]*\)", "", regex=True)
    now = now.assign(indicator=plain)
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
