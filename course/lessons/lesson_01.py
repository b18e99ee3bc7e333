"""Lesson 01: the claims of an article, and the events that confirm them or do not."""

from functools import partial
from typing import Any

import folium
import pandas as pd

from course.data import load
from course.description import to_html
from course.exercises.exercise import Check, Exercise
from course.exercises.values import fold
from course.explore import Control, Explorer
from course.lessons.shared import by_id
from course.maps.area import area_map
from course.maps.picture import Picture
from course.words import _, plural

KINDS = ["factual", "forecast", "recommendation", "evaluative"]


# --- claims -------------------------------------------------------------------


def _claims(kind: str = "all", paragraph: int = 0) -> pd.DataFrame:
    claims = load("claims")
    if kind != "all":
        claims = claims[claims["claim_type"] == kind]
    return claims[claims["paragraph"] == paragraph] if paragraph else claims


def _count(kind: str = "all") -> int:
    return len(_claims(kind))


def _piles(claims: pd.DataFrame, *by: str) -> pd.Series:
    return claims.groupby(list(by)).size()


_SENTENCES = {
    "A": "recommendation",
    "B": "factual",
    "C": "forecast",
    "D": "evaluative",
    "E": "forecast",
}
_WHY = {
    "A": "'should' asks someone to act. It says neither that it will happen nor that it did.",
    "B": "a record can say yes or no to it. That makes it factual, even if the record says no.",
    "C": "'will' speaks of what is still to come. Time can test it.",
    "D": "no record can say whether a place is ideal. It judges.",
    "E": "that an expert spoke may be a fact. What the expert said is still to come.",
}


def _sentences(**other: str) -> dict[str, str]:
    return _SENTENCES | other


def _wrong_kinds() -> dict[str, Any]:
    """Every single slip in 01.4, with the reason why it is one."""
    return {
        f"You call {letter} {kind}. Look again: {_WHY[letter]}": partial(
            _sentences, **{letter: kind}
        )
        for letter, right in _SENTENCES.items()
        for kind in KINDS
        if kind != right
    }


# --- events -------------------------------------------------------------------


def _events(start: str = "", end: str = "9999") -> pd.DataFrame:
    """Return the events from a date on and before another, compared as text."""
    events = load("events")
    events = events.assign(year=events["date"].str[:4].astype(int))
    return events[(events["date"] >= start) & (events["date"] < end)]


def _with_two(rows: pd.DataFrame) -> int:
    return int((rows["check"] == "two sources").sum())


def _two_sources(year: int = 2017) -> int:
    return _with_two(_events(str(year), str(year + 1)))


_SCALE = [
    "supported",
    "supported in part",
    "mixed",
    "contradicted in part",
    "contradicted",
    "cannot tell",
]
_NOT_TOP_LEVEL = {
    "forum4_2017": "is the meeting that the claim speaks of, and its kind is expert "
    "forum. Which row names heads of state?",
    "regional_fund_2017": "was announced at another event. That event has a row of its own.",
    "expo4_2017": "is the trade fair. Its row names exhibitors, no heads of state.",
    "rmb_fund_2017": "names two financial institutions, no heads of state.",
}


def _judged(verdict: str, event: str = "brf_2017") -> dict[str, str]:
    return {"event_id": event, "verdict": verdict}


def _wrong_events() -> dict[str, Any]:
    """The usual wrong events in 01.7, whatever the verdict beside them."""
    return {
        f"Before you say '{verdict}': {event} {why}": partial(_judged, verdict, event)
        for event, why in _NOT_TOP_LEVEL.items()
        for verdict in _SCALE
    }


# --- the map ------------------------------------------------------------------

_PLACES = ["harbin", "beijing", "vladivostok"]


def _map_of(
    places: list[str], tooltips: bool = True, label: str = "", area: str = "borderland"
) -> folium.Map:
    m = area_map(area)
    rows = by_id("places").loc[places, ["lat", "lon", "name_en"]]
    for lat, lon, name in rows.to_numpy():
        words = (label or name) if tooltips else None
        folium.Marker([lat, lon], tooltip=words).add_to(m)
    return m


def _near(p: Picture, place: str) -> list[str]:
    """Return what the markers near a place say, one text for each marker."""
    at = by_id("places").loc[place]
    return [
        mark.words
        for mark in p.marks
        if abs(mark.at[0] - at["lat"]) < 0.5 and abs(mark.at[1] - at["lon"]) < 0.5
    ]


def _own_names(p: Picture) -> bool:
    """Tell whether each marker bears a name of its place, in whatever script."""
    names = by_id("places").filter(like="name_")
    return all(
        any(fold(str(name)) in fold(said) for name in names.loc[place].dropna())
        for place in _PLACES
        for said in _near(p, place)
    )


def _in_view(p: Picture) -> bool:
    """Tell whether the map, as it opens, shows all three places."""
    (south, west), (north, east) = p.view or [[-90, -180], [90, 180]]
    there = by_id("places").loc[_PLACES]
    inside = there["lat"].between(south, north) & there["lon"].between(west, east)
    return bool(inside.all())


_SAYS = """The row of the fourth meeting rests on one source, the article itself. For
    other years pages of the hosts confirm the series, so the meeting is likely, but not
    shown."""
_CHANGE = "A report of that day by someone else than the article, such as a programme."


def _example() -> dict[str, Any]:
    """Return a verdict as an example."""
    rows = [
        _events("2017-06-14", "2017-06-15"),
        load("events").query("kind == 'expert forum'"),
    ]
    texts = {"says": _SAYS, "would_change": _CHANGE}
    return {
        "claim": "c01",
        "word": "supported in part",
        "confidence": "medium",
        "because": rows,
    } | texts


EXERCISES = [
    Exercise(
        "01.1",
        ask="Count the claims in the table",
        objective=0,
        unit="claims",
        answer=_count,
        mistakes={
            "That is the number of columns. In shape the rows come first.": (
                lambda: _claims().shape[1]
            ),
            "You multiplied rows by columns: that counts cells (size). One row is "
            "one claim, so count the rows.": lambda: _claims().size,
            "You counted the paragraphs. One paragraph holds several claims.": (
                lambda: _claims()["paragraph"].nunique()
            ),
            "You counted one row too many: the line with the column names is not a "
            "claim.": lambda: _count() + 1,
        },
        solution="""
number_of_claims = len(claims)

course.check("01.1", number_of_claims)
""",
        hints=[
            "claims.shape shows two numbers. Which of them counts rows?",
            "len(claims) counts the rows of a table.",
        ],
        minutes=2,
        after="A short text makes many claims. That is why we sort them first.",
    ),
    Exercise(
        "01.2",
        ask="Compute the share of forecasts",
        objective=0,
        unit="share between 0 and 1",
        digits=3,
        answer=lambda: _count("forecast") / _count(),
        mistakes={
            "That is the share in percent. A share runs from 0 to 1: leave out the "
            "times 100.": lambda: 100 * _count("forecast") / _count(),
            "That is how many forecasts there are. For a share, divide by the number "
            "of all claims.": lambda: _count("forecast"),
            "You divided the wrong way round: the part goes on top, the whole below.": (
                lambda: _count() / _count("forecast")
            ),
            "You divided by the claims that are no forecasts. The whole includes the "
            "forecasts themselves.": (
                lambda: _count("forecast") / (_count() - _count("forecast"))
            ),
        },
        solution="""
share_of_forecasts = len(forecasts) / len(claims)

course.check("01.2", share_of_forecasts)
""",
        hints=[
            "You need two counts: the forecasts, and all claims.",
            "len(forecasts) is the part. What is the whole?",
        ],
        minutes=4,
        after="Each forecast is a chance to look back: has it come about by now?",
    ),
    Exercise(
        "01.3",
        ask="Count the forecasts in each paragraph",
        objective=0,
        kind="mapping",
        unit="forecasts",
        answer=lambda: _piles(_claims("forecast"), "paragraph"),
        optional_zero=True,
        mistakes={
            "These piles hold all claims. Keep only the forecasts before you group.": (
                lambda: _piles(_claims(), "paragraph")
            ),
            "These are recommendations: someone should do something. A forecast says "
            "that something will come about.": (
                lambda: _piles(_claims("recommendation"), "paragraph")
            ),
            "These are shares. The exercise asks for counts: use size().": (
                lambda: _claims("forecast")["paragraph"].value_counts(normalize=True)
            ),
            "You made piles by paragraph and kind at once. Keep only the forecasts, then "
            "group by paragraph alone.": lambda: _piles(_claims(), "paragraph", "claim_type"),
            "You made piles by kind. Keep only the forecasts, then group by paragraph.": (
                lambda: _piles(_claims(), "claim_type")
            ),
            "You grouped by topic. The exercise asks for the column paragraph.": (
                lambda: _piles(_claims("forecast"), "topic")
            ),
        },
        solution="""
forecasts_by_paragraph = forecasts.groupby("paragraph").size()

course.check("01.3", forecasts_by_paragraph)
""",
        hints=[
            "Above, claims.groupby(...) made piles of all claims. You want piles of "
            "the table forecasts.",
            'forecasts.groupby("paragraph") makes the piles; .size() counts them.',
        ],
        after="The paragraphs that report the meeting hold no forecast. The forecasts "
        "stand where the article argues.",
    ),
    Exercise(
        "01.4",
        ask="Tell the kind of five sentences",
        objective=1,
        kind="mapping",
        options=KINDS,
        answer=_sentences,
        mistakes=_wrong_kinds(),
        also=[
            _sentences(B="fact"),
            _sentences(D="evaluation"),
            _sentences(B="fact", D="evaluation"),
        ],
        minutes=4,
        solution="""
kinds = {
    "A": "recommendation",
    "B": "factual",
    "C": "forecast",
    "D": "evaluative",
    "E": "forecast",
}

course.check("01.4", kinds)
""",
        hints=[
            "Watch the verbs: should, opened, will, is an ideal.",
            "Only one sentence can be looked up in records of the past. One kind occurs twice.",
        ],
        after="The kind decides the test. And a factual claim can be wrong: the table "
        "events, which comes next, has the opening of that bridge in another year "
        "than B.",
    ),
    Exercise(
        "01.5",
        ask="Find the event that confirms the 28th fair",
        objective=2,
        kind="text",
        answer=lambda: "expo4_2017",
        mistakes={
            "That is the meeting of the article itself. A text cannot confirm itself: "
            "look for the fair.": lambda: "forum4_2017",
            **{
                f"{name} is a fair of another year. Read the titles: which row names "
                "the 28th?": partial(str, name)
                for name in ("expo1_2014", "expo2_2015", "expo3_2016", "expo8_2024")
            },
            "That is the day on which the article appeared, and the article cannot "
            "confirm itself. Look for the fair.": lambda: "article_published_2017",
            "Those round tables took place during the fair and name it, but the row of "
            "the fair itself is another one.": lambda: "harbin_roundtables_2017",
            "Close, but that is the date. Hand in the event_id of the row.": (
                lambda: "2017-06-15"
            ),
            "The row is right, but that is its title. Hand in its event_id.": lambda: by_id(
                "events"
            ).loc["expo4_2017", "title"],
            "That is the claim itself. Hand in the event_id of a row of events.": (
                lambda: "c04"
            ),
        },
        solution="""
fair = "expo4_2017"

course.check("01.5", fair)
""",
        hints=[
            "Search in the titles: events[events['title'].str.contains('28th')].",
            "It is one of the rows of june, and it opened in Harbin.",
        ],
        minutes=3,
        after="The fair is confirmed, by sources that are not the article. Its date "
        "says more: it opened the day after the meeting.",
    ),
    Exercise(
        "01.6",
        ask="Count the events of 2017 with two sources",
        objective=2,
        unit="events",
        answer=_two_sources,
        named={"year": 2017},
        mistakes={
            "That counts all events of 2017. Keep those whose check is 'two sources'.": (
                lambda: len(_events("2017", "2018"))
            ),
            "That counts the events with one source only.": lambda: int(
                (_events("2017", "2018")["check"] == "one source").sum()
            ),
            "You counted the rows that name a second page. It may not have the event, "
            "or may differ: the column check says so.": lambda: int(
                _events("2017", "2018")["source2_id"].notna().sum()
            ),
            "That counts all years. Keep the dates that begin with 2017.": (
                lambda: _with_two(_events())
            ),
            "That counts 2017 and all years after it. Where does 2017 end?": (
                lambda: _with_two(_events("2017"))
            ),
            "December is lost: as text, '2017-12-08' comes after '2017-12'.": (
                lambda: _with_two(_events("2017", "2017-12"))
            ),
            "That counts June only. The exercise asks for the whole year.": (
                lambda: _with_two(_events("2017-06", "2017-07"))
            ),
            "That counts May to July only. The exercise asks for the whole year.": (
                lambda: _with_two(_events("2017-05", "2017-08"))
            ),
        },
        solution="""
year_2017 = events[events["date"].str.startswith("2017")]
two_sources_2017 = (year_2017["check"] == "two sources").sum()

course.check("01.6", two_sources_2017)
""",
        hints=[
            "First keep the events of 2017, as june kept those of one month.",
            "A comparison gives True or False for each row, and sum() counts the True.",
        ],
        after="Many of these events rest on one source. A verdict should say so. And a "
        "date helps to weigh a source: one page on the fair is older than the fair, so "
        "it could only announce it. The other reports the close.",
    ),
    Exercise(
        "01.7",
        ask="Judge the words top level",
        objective=4,
        kind="mapping",
        answer=lambda: _judged("contradicted in part"),
        mistakes={
            **_wrong_events(),
            "The event is right. But 'supported' says that all of the claim holds: "
            "does any row put heads of state in Harbin that day?": lambda: _judged("supported"),
            "The event is right. 'contradicted' says that nothing of the claim holds, "
            "yet a fourth meeting in a yearly series fits the record.": lambda: _judged(
                "contradicted"
            ),
            "The event is right. 'cannot tell' is for claims without evidence. Here the "
            "table has some, on the count and on the level.": lambda: _judged("cannot tell"),
        },
        also=[_judged("mixed"), _judged("supported in part")],
        solution="""
top_level = {"event_id": "brf_2017", "verdict": "contradicted in part"}

course.check("01.7", top_level)
""",
        hints=[
            "Read the titles in from_may. One of them counts heads of state.",
            "The claim says two things. One fits the record, the other does not.",
        ],
        after="The fourth of a series fits. But the top level had met in Beijing a month "
        "before, and that row says first. The row of Harbin is an expert forum; no list "
        "of its guests was found. The course says 'contradicted in part'; 'mixed' and "
        "'supported in part' can be argued for too.",
    ),
    Exercise(
        "01.8",
        ask="Map three places of the article",
        objective=3,
        kind="map",
        answer=lambda: _map_of(_PLACES),
        checks=[
            *(
                Check(
                    f"There is no marker near {place.capitalize()} yet.",
                    partial(_near, place=place),
                    partial(_map_of, [other for other in _PLACES if other != place]),
                )
                for place in _PLACES
            ),
            Check(
                "The map holds more than the three places. Keep to those the article names.",
                lambda p: len(p.marks) == 3,
                lambda: _map_of([*_PLACES, "heihe"]),
            ),
            Check(
                "The places are right. Now give each marker its name: tooltip=...",
                lambda p: all(mark.words for mark in p.marks),
                lambda: _map_of(_PLACES, tooltips=False),
            ),
            Check(
                "One marker does not bear the name of its place. Take the name from the row "
                "that has the coordinates.",
                _own_names,
                lambda: _map_of(_PLACES, label="Harbin"),
            ),
            Check(
                "The markers are right, but one lies outside what the map shows at "
                "first. Make it a map of the 'borderland'.",
                _in_view,
                lambda: _map_of(_PLACES, area="mongolia_corridor"),
            ),
        ],
        mistakes={},
        minutes=7,
        solution="""
article_map = course.area_map("borderland", alt="Three places the article names.")
for place_id in ["harbin", "beijing", "vladivostok"]:
    place = places.loc[place_id]
    at = [place["lat"], place["lon"]]
    folium.Marker(at, tooltip=place["name_en"]).add_to(article_map)

course.check("01.8", article_map)
""",
        hints=[
            "Begin with course.area_map('borderland'), then add a folium.Marker for "
            "each place, as above.",
            "A for loop over ['harbin', 'beijing', 'vladivostok'] saves typing.",
        ],
        after="Vladivostok is about half as far from Harbin as Beijing is: the three "
        "places of one article lie far apart.",
    ),
    Exercise(
        "01.9",
        ask="Sign a verdict on the fourth meeting",
        objective=4,
        kind="verdict",
        claims=["c01"],
        answer=_example,
        mistakes={},
        solution=f'''
my_verdict = course.Verdict(
    "c01", "supported in part", confidence="medium",
    because=[meeting, series],
    says="""{_SAYS}""",
    would_change="{_CHANGE}",
)

course.check("01.9", my_verdict)
''',
        hints=[
            'events[events["event_id"] == "forum4_2017"].iloc[0]["note"] shows the '
            "note in full.",
            "You have the rows meeting and series. Hand them over: because=[meeting, series].",
            "Two sentences do: what the rows show, and what they leave open.",
        ],
        after="You have signed your first verdict. Lesson 12 will bring all of them together.",
    ),
]


# --- the explorers ------------------------------------------------------------

_CLAIMS = {
    "claim_id": _("claim"),
    "paragraph": _("paragraph"),
    "claim_type": _("kind"),
    "claim": _("in our words"),
    "how_to_test": _("how to test it"),
}


def _browse(kind: str, paragraph: int, verdicts: bool) -> str:
    rows, columns, more = _claims(kind, paragraph), _CLAIMS, ""
    if rows.empty:
        return "<p>" + _("No claim of this kind in this paragraph.") + "</p>"
    if verdicts:
        said = _("{word}, {confidence} confidence")
        both = zip(rows["verdict"], rows["confidence"], strict=True)
        rows = rows.assign(verdict=[said.format(word=w, confidence=c) for w, c in both])
        columns = _CLAIMS | {"verdict": _("verdict"), "evidence": _("evidence")}
        code = '<code>course.cite(claims[claims["claim_id"] == "c04"])</code>'
        more = "<p>" + _("The pages behind a verdict, for example of c04:") + f" {code}</p>"
    count = plural("{count} claim", "{count} claims", len(rows))
    return f"<p><b>{count}</b></p>{to_html(rows[list(columns)].rename(columns=columns))}{more}"


claims = Explorer(
    _("The claims of the article"),
    {
        "kind": Control(_("Kind"), [(_("all"), "all"), *KINDS]),
        "paragraph": Control(
            _("Paragraph"), lambda: [(_("all"), 0), *sorted(set(_claims()["paragraph"]))]
        ),
        "verdicts": Control(_("Verdicts"), [(_("hidden"), False), (_("shown"), True)]),
    },
    _browse,
)


def _timeline(year: int, place: str) -> str:
    import altair as alt  # here, since it takes seconds and no check needs it

    from course.charts import chart

    rows = _events()
    ends = [int(rows["year"].min()) - 1, int(rows["year"].max()) + 1]
    if place != "all":
        rows = rows[[place in str(p).split(";") for p in rows["places"]]]
    looks = [_("the year chosen"), _("other")]
    dots = pd.DataFrame({"year": rows["year"], "in_year": rows.groupby("year").cumcount() + 1})
    dots["shown"] = (rows["year"] == year).map({True: looks[0], False: looks[1]})
    axis = alt.Axis(format="d")
    drawn = (
        alt.Chart(dots)
        .mark_point(filled=True, size=70, opacity=1)
        .encode(
            x=alt.X("year:Q", title=_("year"), axis=axis).scale(domain=ends, nice=False),
            y=alt.Y(
                "in_year:Q", title=_("events in the year"), axis=alt.Axis(tickMinStep=1)
            ).scale(domain=[0, int(dots["in_year"].max()) + 1]),
            color=alt.Color("shown:N", title=None).scale(
                domain=looks, range=["#D55E00", "#9bb8c9"]
            ),
            shape=alt.Shape("shown:N", title=None).scale(
                domain=looks, range=["diamond", "circle"]
            ),
        )
        .properties(height=150)
    )
    chosen = rows[rows["year"] == year].sort_values("date")
    where = "" if place == "all" else _(" at {place}").format(place=place)
    said = _("Events{where} in the course's table by year; {year} has {count}.")
    words = said.format(where=where, year=year, count=len(chosen))
    shown = chart(drawn, alt=words, sources=_("the table events, row by row"))._repr_html_()
    if chosen.empty:
        said = _("No event{where} in {year} in the table.")
        return f"{shown}<p>{said.format(where=where, year=year)}</p>"
    chosen = chosen.assign(places=chosen["places"].str.replace(";", ", "))
    return shown + to_html(chosen[["date", "title", "kind", "places", "check"]])


timeline = Explorer(
    _("Events along the line of time"),
    {
        "year": Control(
            _("Year"), lambda: sorted(set(_events()["year"])), start=2016, slider=True
        ),
        "place": Control(_("Place"), [(_("all"), "all"), "Harbin", "Beijing", "Vladivostok"]),
    },
    _timeline,
)
