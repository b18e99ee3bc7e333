"""The exercises of lesson 01, each with its answer and its usual mistakes."""

import folium
import pandas as pd

from course.data import load
from course.exercises import Exercise, points
from course.maps import area_map


def _claims() -> pd.DataFrame:
    return load("claims")


def _forecasts() -> pd.DataFrame:
    claims = _claims()
    return claims[claims["claim_type"] == "forecast"]


def _events(start: str = "", end: str = "9999") -> pd.DataFrame:
    events = load("events")
    return events[(events["date"] >= start) & (events["date"] < end)]


_PLACES = ["harbin", "beijing", "vladivostok"]


def _map_of(names: list[str], swap: bool = False, tooltips: bool = True) -> folium.Map:
    places = load("places").set_index("place_id")
    m = area_map("borderland")
    for name in names:
        at = [places.loc[name, "lat"], places.loc[name, "lon"]]
        label = places.loc[name, "name_en"] if tooltips else None
        folium.Marker(at[::-1] if swap else at, tooltip=label).add_to(m)
    return m


def _near(m: folium.Map, place_id: str) -> bool:
    place = load("places").set_index("place_id").loc[place_id]
    return any(
        abs(lat - place["lat"]) < 0.5 and abs(lon - place["lon"]) < 0.5
        for lat, lon in points(m)
    )


def _tooltips(m: folium.Map) -> int:
    markers = [c for c in m._children.values() if isinstance(c, folium.Marker)]
    return sum(
        any(isinstance(c, folium.Tooltip) for c in marker._children.values())
        for marker in markers
    )


EXERCISES = [
    Exercise(
        "01.1",
        ask="Count the claims in the table",
        objective=0,
        kind="number",
        unit="claims",
        answer=lambda: len(_claims()),
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
            "claim.": lambda: len(_claims()) + 1,
        },
        tolerance=0,
        solution="""
number_of_claims = len(claims)

course.check("01.1", number_of_claims)
""",
        hints=[
            "claims.shape shows two numbers. Which of them counts rows?",
            "len(claims) counts the rows of a table.",
        ],
        after="A short text makes many claims. That is why we sort them first.",
    ),
    Exercise(
        "01.2",
        ask="Compute the share of forecasts",
        objective=0,
        kind="number",
        unit="share between 0 and 1",
        answer=lambda: len(_forecasts()) / len(_claims()),
        mistakes={
            "That is the share in percent. A share runs from 0 to 1: leave out the "
            "times 100.": lambda: 100 * len(_forecasts()) / len(_claims()),
            "That is how many forecasts there are. For a share, divide by the number "
            "of all claims.": lambda: len(_forecasts()),
            "You divided the wrong way round: the part goes on top, the whole below.": (
                lambda: len(_claims()) / len(_forecasts())
            ),
            "You divided by the claims that are no forecasts. The whole includes the "
            "forecasts themselves.": (
                lambda: len(_forecasts()) / (len(_claims()) - len(_forecasts()))
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
        after="A news text that looks ahead this often can be held to what came later.",
    ),
    Exercise(
        "01.3",
        ask="Count the forecasts in each paragraph",
        objective=0,
        kind="mapping",
        unit="forecasts",
        answer=lambda: _forecasts().groupby("paragraph").size(),
        optional_zero=True,
        mistakes={
            "These piles hold all claims. Keep only the forecasts before you group.": (
                lambda: _claims().groupby("paragraph").size()
            ),
            "These are recommendations: someone should do something. A forecast says "
            "that something will come about.": (
                lambda: _claims()[_claims()["claim_type"] == "recommendation"]
                .groupby("paragraph")
                .size()
            ),
            "These are shares. The exercise asks for counts: use size().": (
                lambda: _forecasts()["paragraph"].value_counts(normalize=True)
            ),
            "You grouped by topic. The exercise asks for the column paragraph.": (
                lambda: _forecasts().groupby("topic").size()
            ),
        },
        tolerance=0,
        solution="""
forecasts_by_paragraph = forecasts.groupby("paragraph").size()

course.check("01.3", forecasts_by_paragraph)
""",
        hints=[
            "Above, claims.groupby(...) made piles of all claims. You want piles of "
            "the table forecasts.",
            'forecasts.groupby("paragraph") makes the piles; .size() counts them.',
        ],
        after="The forecasts crowd where the article argues, not where it reports.",
    ),
    Exercise(
        "01.4",
        ask="Tell the kind of four sentences",
        objective=1,
        kind="mapping",
        answer=lambda: {
            "A": "recommendation",
            "B": "factual",
            "C": "forecast",
            "D": "evaluative",
        },
        mistakes={
            "Look at A again: 'should' asks someone to act. It does not say what will "
            "happen.": lambda: {
                "A": "forecast",
                "B": "factual",
                "C": "forecast",
                "D": "evaluative",
            },
            "Look at C again: 'will' speaks of something that has not happened yet, so "
            "it is no fact.": lambda: {
                "A": "recommendation",
                "B": "factual",
                "C": "factual",
                "D": "evaluative",
            },
            "Look at D again: no record can say whether a place is ideal. It judges.": (
                lambda: {
                    "A": "recommendation",
                    "B": "factual",
                    "C": "forecast",
                    "D": "factual",
                }
            ),
        },
        solution="""
kinds = {"A": "recommendation", "B": "factual", "C": "forecast", "D": "evaluative"}

course.check("01.4", kinds)
""",
        hints=[
            "Watch the verbs: should, carries, will, is an ideal.",
            "One sentence of each kind. B is the only one a camera could confirm.",
        ],
        after="The verb often gives the kind away. The kind decides the test.",
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
            "That fair was in another year and had another number. Read the title: "
            "which row names the 28th?": lambda: "expo3_2016",
            "Those round tables took place during the fair and name it, but the row of "
            "the fair itself is another one.": lambda: "harbin_roundtables_2017",
            "Close, but that is the date. Hand in the event_id of the row.": (
                lambda: "2017-06-15"
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
        after="The fair is confirmed, by sources that are not the article. Its date "
        "says more: it opened the day after the meeting.",
    ),
    Exercise(
        "01.6",
        ask="Count the events of 2017 with two sources",
        objective=2,
        kind="number",
        unit="events",
        answer=lambda: int(
            (_events("2017", "2018")["check"] == "two sources").sum()
        ),
        mistakes={
            "That counts all events of 2017. Keep those whose check is 'two sources'.": (
                lambda: len(_events("2017", "2018"))
            ),
            "That counts the events with one source only.": lambda: int(
                (_events("2017", "2018")["check"] == "one source").sum()
            ),
            "That counts all years. Keep the dates that begin with 2017.": lambda: int(
                (_events()["check"] == "two sources").sum()
            ),
        },
        tolerance=0,
        solution="""
year_2017 = events[events["date"].str.startswith("2017")]
two_sources_2017 = (year_2017["check"] == "two sources").sum()

course.check("01.6", two_sources_2017)
""",
        hints=[
            "First keep the events of 2017, as june kept those of one month.",
            "A comparison gives True or False for each row, and sum() counts the True.",
        ],
        after="Many dated events rest on one source. A verdict should say so.",
    ),
    Exercise(
        "01.7",
        ask="Judge the words top level",
        objective=4,
        kind="mapping",
        answer=lambda: {"event_id": "brf_2017", "verdict": "contradicted in part"},
        mistakes={
            "forum4_2017 is the meeting of the article: scholars met there. Look for "
            "the row that speaks of heads of state and government.": lambda: {
                "event_id": "forum4_2017",
                "verdict": "contradicted in part",
            },
            "The event is right. But 'supported' says that all of the claim holds: "
            "were heads of state in Harbin that day?": lambda: {
                "event_id": "brf_2017",
                "verdict": "supported",
            },
            "The event is right. 'contradicted' says that nothing of the claim holds, "
            "yet a fourth meeting in a yearly series fits the record.": lambda: {
                "event_id": "brf_2017",
                "verdict": "contradicted",
            },
            "The event is right. 'cannot tell' is too careful: the record says who met "
            "at the top level, and where.": lambda: {
                "event_id": "brf_2017",
                "verdict": "cannot tell",
            },
        },
        also=[
            {"event_id": "brf_2017", "verdict": "mixed"},
            {"event_id": "brf_2017", "verdict": "supported in part"},
        ],
        solution="""
top_level = {"event_id": "brf_2017", "verdict": "contradicted in part"}

course.check("01.7", top_level)
""",
        hints=[
            "Read the titles in from_may. One of them counts heads of state.",
            "The claim says two things. One fits the record, the other does not.",
        ],
        after="The leaders had met in Beijing a month before. Harbin was a forum of "
        "scholars and officials. 'contradicted in part' is the verdict of the course; "
        "'mixed' and 'supported in part' can be argued for too.",
    ),
    Exercise(
        "01.8",
        ask="Map three places of the article",
        objective=3,
        kind="map",
        answer=lambda: _map_of(_PLACES),
        checks=[
            ("There is no marker near Harbin yet.", lambda m: _near(m, "harbin")),
            ("There is no marker near Beijing yet.", lambda m: _near(m, "beijing")),
            (
                "There is no marker near Vladivostok yet.",
                lambda m: _near(m, "vladivostok"),
            ),
            (
                "The map holds more than the three places. Keep to those the article "
                "names.",
                lambda m: len(points(m)) == 3,
            ),
            (
                "The places are right. Now give each marker its name: tooltip=...",
                lambda m: _tooltips(m) == 3,
            ),
        ],
        mistakes={
            "There is no marker near Harbin yet.": lambda: _map_of(_PLACES[1:]),
            "There is no marker near Vladivostok yet.": lambda: _map_of(_PLACES[:2]),
            "The map holds more than the three places. Keep to those the article "
            "names.": lambda: _map_of([*_PLACES, "heihe"]),
            "The places are right. Now give each marker its name: tooltip=...": (
                lambda: _map_of(_PLACES, tooltips=False)
            ),
        },
        minutes=10,
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
        after="Harbin lies between the two others, far from either.",
    ),
    Exercise(
        "01.9",
        ask="Write a verdict on the fourth meeting",
        objective=4,
        kind="free",
        words=25,
        mentions=["forum4_2017", "source", "change"],
        answer=lambda: (
            "Supported in part. The row forum4_2017 rests on the article itself, one "
            "source, but the series is confirmed by the years before and after. An "
            "independent report of that day would change my verdict to supported."
        ),
        mistakes={
            "Name the event you looked at by its event_id: forum4_2017.": lambda: (
                "Supported in part, because the only source is the article itself, "
                "although the series is known from other years and from other pages. "
                "A second report would change this verdict of mine."
            ),
            "Say what it rests on: use the word source.": lambda: (
                "Supported in part. The row forum4_2017 is known from the article "
                "itself, and the series is known from other years and other pages. "
                "A second report would change this verdict of mine."
            ),
            "Say what would change your verdict: use the word change.": lambda: (
                "Supported in part. The row forum4_2017 rests on one source, the "
                "article itself, but the same hosts met on the same day in other "
                "years, as pages of their own say, which makes it likely."
            ),
        },
        solution='''
my_verdict = """Supported in part. The row forum4_2017 rests on one source, the article
itself. The series is confirmed for other years by pages of the hosts. An independent
report of that day would change my verdict to supported."""

course.check("01.9", my_verdict)
''',
        hints=[
            'events[events["event_id"] == "forum4_2017"].iloc[0]["note"] shows the '
            "note in full.",
            "Three sentences do: the verdict, what it rests on, what would change it.",
        ],
        after="You have signed your first verdict. Lesson 12 will bring all of them "
        "together.",
    ),
]
