"""Lesson 01: the claims of an article, and the events that confirm them or do not."""

import re
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
from course.maps.legible import silent
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


def _share(kind: str) -> float:
    return _count(kind) / _count()


def _piles(claims: pd.DataFrame, *by: str) -> pd.Series:
    return claims.groupby(list(by)).size()


def _piles_of(kind: str) -> pd.Series:
    return _piles(_claims(kind), "paragraph")


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
_TOP_LEVEL = "brf_2017"
_NOT_TOP_LEVEL = {
    "forum4_2017": "is the meeting that the claim speaks of, and its kind is expert "
    "forum. Which row names heads of state?",
    "regional_fund_2017": "was announced at another event. That event has a row of its own.",
    "expo4_2017": "is the trade fair. Its title names no heads of state.",
    "rmb_fund_2017": "names two financial institutions, no heads of state.",
    "article_published_2017": "is the day on which the article appeared. Nobody met there.",
}


def _judged(verdict: str, event: str = _TOP_LEVEL) -> dict[str, str]:
    return {"event_id": event, "verdict": verdict}


def _wrong_events() -> dict[str, Any]:
    """Every other event of those months in 01.7, whatever the verdict beside it."""
    other = "names no heads of state in its title. Read the titles once more."
    events = _events("2017-05", "2017-08")["event_id"]
    right = by_id("events").loc[_TOP_LEVEL, ["title", "date", "places"]]
    return {
        f"Before you say '{verdict}': that is the {name} of the event. Hand in what its row "
        "has in event_id.": partial(_judged, verdict, words)
        for name, words in zip(("title", "date", "place"), right, strict=True)
        for verdict in _SCALE
    } | {
        f"Before you say '{verdict}': {event} {_NOT_TOP_LEVEL.get(event, other)}": partial(
            _judged, verdict, event
        )
        for event in events[events != _TOP_LEVEL]
        for verdict in _SCALE
    }


# --- the map ------------------------------------------------------------------

_PLACES = ["harbin", "beijing", "vladivostok"]


def _map_of(places: list[str], labels: list[str] | None = None) -> folium.Map:
    """Make a map of places; with labels, one for each, where names are not to be right."""
    m = area_map("borderland")
    rows = by_id("places").loc[places]
    points = rows[["lat", "lon"]].to_numpy().tolist()
    for at, label in zip(points, labels or rows["name_en"], strict=True):
        folium.Marker(at, tooltip=label or None).add_to(m)
    return m


def _one_swapped() -> folium.Map:
    m = _map_of(_PLACES[1:])
    lat, lon = map(float, by_id("places").loc["harbin", ["lat", "lon"]])
    folium.Marker([lon, lat], tooltip="Harbin").add_to(m)
    return m


def _at(place: str, point: Any) -> bool:
    at = by_id("places").loc[place]
    return abs(point[0] - at["lat"]) < 0.5 and abs(point[1] - at["lon"]) < 0.5


def _near(p: Picture, place: str) -> list[str]:
    """Return what the markers near a place say, one text for each marker."""
    return [mark.words for mark in p.marks if _at(place, mark.at)]


def _swapped(p: Picture) -> bool:
    """Tell whether a marker has the coordinates of one of the places the wrong way round."""
    return any(_at(place, mark.at[::-1]) for place in _PLACES for mark in p.marks)


def _named(words: str) -> set[str]:
    """Return which of the three places some words name, in whatever script."""
    names = by_id("places").filter(like="name_")
    return {
        place
        for place in _PLACES
        if any(fold(str(name)) in fold(words) for name in names.loc[place].dropna())
    }


def _exchanged(p: Picture) -> bool:
    """Tell whether a marker names another of the places, and not its own."""
    found = [(place, _named(said)) for place in _PLACES for said in _near(p, place)]
    return any(named and place not in named for place, named in found)


def _own_names(p: Picture) -> bool:
    """Tell whether each marker names its own place and no other."""
    return all(_named(said) == {place} for place in _PLACES for said in _near(p, place))


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
            "Those are the five rows of the small table. Ask the whole table: claims.": (
                lambda: len(_claims().head())
            ),
            "Those are the three columns of the small table. Count the rows of claims.": (
                lambda: 3
            ),
            "You multiplied rows by columns: that counts cells (size). One row is "
            "one claim, so count the rows.": lambda: _claims().size,
            "You counted the paragraphs. One paragraph holds several claims.": (
                lambda: _claims()["paragraph"].nunique()
            ),
            "You counted one row too many: the line with the column names is not a "
            "claim.": lambda: _count() + 1,
            "That is the number of the last row. Python counts rows from 0, so there is one "
            "row more.": lambda: _count() - 1,
        },
        solution="""
number_of_claims = len(claims)

course.check("01.1", number_of_claims)
""",
        hints=[
            "Ask claims for its shape, as first_five was asked. Which number counts rows?",
            "len(claims) counts the rows of a table.",
        ],
        minutes=4,
        after="A short text makes many claims. That is why we sort them first.",
    ),
    Exercise(
        "01.2",
        ask="Compute the share of forecasts",
        objective=0,
        unit="share between 0 and 1",
        digits=3,
        answer=lambda: _share("forecast"),
        mistakes={
            "That is the share in percent. A share runs from 0 to 1: leave out the "
            "times 100.": lambda: 100 * _share("forecast"),
            "That is how many forecasts there are. For a share, divide by the number "
            "of all claims.": lambda: _count("forecast"),
            "You divided the wrong way round: the part goes on top, the whole below.": (
                lambda: _count() / _count("forecast")
            ),
            "You divided by the claims that are no forecasts. The whole includes the "
            "forecasts themselves.": (
                lambda: _count("forecast") / (_count() - _count("forecast"))
            ),
            "That is the share of all claims that are no forecasts.": (
                lambda: 1 - _share("forecast")
            ),
            **{
                f"That is the share of the {kind} claims. The task asks for the forecasts.": (
                    partial(_share, kind)
                )
                for kind in KINDS
                if kind != "forecast"
            },
            "That looks rounded too far. Give three decimals.": (
                lambda: round(_share("forecast"), 1)
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
            **{
                f"These are the {kind} claims. Keep the forecasts instead.": partial(
                    _piles_of, kind
                )
                for kind in ("factual", "evaluative")
            },
            "These are the first five rows of claims only. Make piles of the table "
            "forecasts.": lambda: _piles(_claims().head(), "paragraph"),
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
            "Above are piles of all claims, by kind. You want piles of the table forecasts, "
            "by another column.",
            'forecasts.groupby("paragraph") makes the piles; .size() counts them.',
        ],
        after="The paragraphs that report the meeting hold no forecast. The forecasts "
        "are where the article argues.",
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
        minutes=5,
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
            "That is the decision of 2013 to hold such fairs. Which row names the 28th?": (
                lambda: "expo_decision_2013"
            ),
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
            "It is one of the rows of june. Read their titles.",
            "Its title names the 28th fair. The event_id is in the first column.",
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
            "That is the count of 2016, or of 2017 without December: as text, '2017-12-08' "
            "comes after '2017-12'.": (lambda: _with_two(_events("2017", "2017-12"))),
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
        minutes=4,
        hints=[
            "First keep the events of 2017, as june kept those of one month.",
            "Then ask of each row whether its check equals 'two sources', and count the True.",
        ],
        after="Many of these events rest on one source. A verdict should say so.",
    ),
    Exercise(
        "01.7",
        ask="Judge the words top level",
        objective=4,
        kind="mapping",
        answer=lambda: _judged("contradicted in part"),
        mistakes={
            **_wrong_events(),
            **{
                f"'{word}' is said of one part. The verdict on the whole claim is one of the "
                "six words.": partial(_judged, word)
                for word in ("shown", "refuted", "not shown", "not refuted")
            },
            "The event is right. But 'supported' says that all of the claim holds: "
            "does any row put heads of state in Harbin that day?": lambda: _judged("supported"),
            "The event is right. 'contradicted' says that nothing of the claim holds, "
            "yet a fourth meeting in a yearly series fits the record.": lambda: _judged(
                "contradicted"
            ),
            "The event is right. 'cannot tell' is for claims on which the evidence says "
            "nothing. Here it says something on one part at least.": lambda: _judged(
                "cannot tell"
            ),
        },
        also=[_judged("mixed"), _judged("supported in part")],
        solution="""
top_level = {"event_id": "brf_2017", "verdict": "contradicted in part"}

course.check("01.7", top_level)
""",
        hints=[
            "Read the titles in from_may. One of them counts heads of state.",
            "Ask of each part, fourth and top-level: shown, refuted, or not shown?",
        ],
        after="The top level had met in Beijing a month before, and that row says first. The "
        "row of Harbin is an expert forum; no list of its guests was found. That it was the "
        "fourth fits the series, but for 2017 only the article says so: not shown, so the "
        "course says 'contradicted in part'. Whoever takes the series as enough says 'mixed'. "
        "Whoever takes top level for a slip of translation may say 'supported in part'.",
    ),
    Exercise(
        "01.8",
        ask="Map three places of the article",
        objective=3,
        kind="map",
        area="borderland",
        answer=lambda: _map_of(_PLACES),
        checks=[
            Check(
                "Latitude and longitude are swapped at one marker. Folium wants [latitude, "
                "longitude].",
                lambda p: not _swapped(p),
                _one_swapped,
            ),
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
                lambda p: not silent(p.marks),
                lambda: _map_of(_PLACES, ["Harbin", "Beijing", ""]),
            ),
            Check(
                "One marker bears the name of another place. Take the name from the row that "
                "has the coordinates.",
                lambda p: not _exchanged(p),
                lambda: _map_of(_PLACES, ["Beijing", "Harbin", "Vladivostok"]),
            ),
            Check(
                "One marker does not bear the name of its place, or bears more names than "
                "its own.",
                _own_names,
                lambda: _map_of(_PLACES, [", ".join(_PLACES)] * 3),
            ),
        ],
        mistakes={},
        minutes=15,
        solution="""
article_map = course.area_map("borderland")
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
        minutes=6,
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
            "Does anybody but the article report the meeting of 2017? The notes of series "
            "say it.",
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
}
_LAST = re.compile(r"(<td[^>]*>)([^<]*)(</td></tr>)")  # the last cell of a row


def _browse(kind: str, paragraph: int, beside: str) -> str:
    rows = _claims(kind, paragraph)
    if rows.empty:
        return "<p>" + _("No claim of this kind in this paragraph.") + "</p>"
    more = {
        "nothing": {},
        "test": {"how_to_test": _("how to test it")},
        "verdict": {"answer": _("the verdict of the course")},
    }[beside]
    said = _("{word}, {confidence} confidence. {evidence}")
    parts = rows[["verdict", "confidence", "evidence"]].itertuples(index=False)
    answer = [said.format(word=w, confidence=c, evidence=e) for w, c, e in parts]
    rows = rows.assign(answer=answer)
    columns = _CLAIMS | more
    html = to_html(rows[list(columns)].rename(columns=columns))
    if more:  # one claim at a time, so that one can guess the next
        html = _LAST.sub(lambda cell: _folded(*cell.groups()), html)
    if beside == "verdict":
        code = '<code>course.cite(claims[claims["claim_id"] == "c04"])</code>'
        html += "<p>" + _("The pages behind a verdict, for example of c04:") + f" {code}</p>"
    count = plural("{count} claim", "{count} claims", len(rows))
    return f"<p><b>{count}</b></p>{html}"


def _folded(opened: str, text: str, closed: str) -> str:
    """Return a cell of a table that shows its text once it is asked to."""
    ask = _("Guess first, then open")
    return f"{opened}<details><summary>{ask}</summary>{text}</details>{closed}"


claims = Explorer(
    _("The claims of the article"),
    {
        "kind": Control(_("Kind"), [(_("all"), "all"), *KINDS]),
        "paragraph": Control(
            _("Paragraph"), lambda: [(_("all"), 0), *sorted(set(_claims()["paragraph"]))]
        ),
        "beside": Control(
            _("Beside each claim"),
            [
                (_("nothing yet"), "nothing"),
                (_("how to test it"), "test"),
                (_("the verdict of the course"), "verdict"),
            ],
        ),
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
        .properties(width=760, height=150)
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
