"""Explorers of lesson 01: the claims, and the events around them."""

import altair as alt
import pandas as pd

from course.charts import chart
from course.data import load
from course.explore import Control, Explorer, table

_KINDS = ["factual", "forecast", "recommendation", "evaluative"]


def _claims(kind: str, paragraph: int, verdicts: bool) -> str:
    rows = load("claims")
    if kind != "all":
        rows = rows[rows["claim_type"] == kind]
    if paragraph:
        rows = rows[rows["paragraph"] == paragraph]
    columns = {
        "claim_id": "claim",
        "paragraph": "paragraph",
        "claim_type": "kind",
        "claim": "in our words",
        "how_to_test": "how to test it",
    }
    more = ""
    if verdicts:
        rows = rows.assign(verdict=rows["verdict"] + ", " + rows["confidence"] + " confidence")
        columns |= {"verdict": "verdict", "evidence": "evidence"}
        more = (
            "<p>The pages behind a verdict, for example of c04: "
            '<code>course.cite(claims[claims["claim_id"] == "c04"])</code></p>'
        )
    if rows.empty:
        return "<p>No claim of this kind in this paragraph.</p>"
    count = f"{len(rows)} claim{'s' if len(rows) > 1 else ''}"
    shown = table(rows[list(columns)].rename(columns=columns))
    return f"<p><b>{count}</b></p>{shown}{more}"


claims = Explorer(
    "The claims of the article",
    {
        "kind": Control("Kind", ["all", *_KINDS]),
        "paragraph": Control(
            "Paragraph",
            lambda: [("all", 0), *sorted(set(load("claims")["paragraph"]))],
        ),
        "verdicts": Control("Verdicts", [("hidden", False), ("shown", True)]),
    },
    _claims,
)


def _events() -> pd.DataFrame:
    rows = load("events")
    return rows.assign(year=rows["date"].str[:4].astype(int))


def _timeline(year: int, place: str) -> str:
    rows = _events()
    ends = [int(rows["year"].min()) - 1, int(rows["year"].max()) + 1]
    if place != "all":
        rows = rows[[place in str(p).split(";") for p in rows["places"]]]
    rows["shown"] = (rows["year"] == year).map({True: "the year chosen", False: "other"})
    rows["in_year"] = rows.groupby("year").cumcount() + 1
    dots = (
        alt.Chart(rows[["year", "in_year", "shown"]])
        .mark_point(filled=True, size=70, opacity=1)
        .encode(
            x=alt.X("year:Q", title="year", axis=alt.Axis(format="d")).scale(
                domain=ends, nice=False
            ),
            y=alt.Y(
                "in_year:Q", title="events in the year", axis=alt.Axis(tickMinStep=1)
            ).scale(domain=[0, int(rows["in_year"].max()) + 1]),
            color=alt.Color("shown:N", title=None).scale(
                domain=["the year chosen", "other"], range=["#D55E00", "#9bb8c9"]
            ),
            shape=alt.Shape("shown:N", title=None).scale(
                domain=["the year chosen", "other"], range=["diamond", "circle"]
            ),
        )
        .properties(height=150)
    )
    chosen = rows[rows["year"] == year]
    where = "" if place == "all" else f" at {place}"
    words = f"Events{where} in the course's table by year; {year} has {len(chosen)}."
    drawn = chart(dots, alt=words, sources="the table events, row by row")
    if chosen.empty:
        return f"{drawn._repr_html_()}<p>No event{where} in {year} in the table.</p>"
    chosen = chosen.assign(places=chosen["places"].str.replace(";", ", "))
    columns = ["date", "title", "kind", "places", "check"]
    return drawn._repr_html_() + table(chosen.sort_values("date")[columns])


timeline = Explorer(
    "Events along the line of time",
    {
        "year": Control(
            "Year", lambda: sorted(set(_events()["year"])), start=2016, slider=True
        ),
        "place": Control("Place", ["all", "Harbin", "Beijing", "Vladivostok"]),
    },
    _timeline,
)
