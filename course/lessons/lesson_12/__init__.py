"""Lesson 12, the verdict: how evidence, confidence and agreement are weighed."""

from collections.abc import Callable, Iterable
from functools import cache
from html import escape
from itertools import chain, combinations, islice
from random import Random
from typing import Any

import folium
import pandas as pd

from course.data import load, read
from course.description import to_html
from course.exercises.exercise import Check, Exercise
from course.explore import Control, Explorer
from course.lessons.shared import by_id, growth
from course.maps.area import area_map
from course.maps.legible import apart, ink
from course.maps.picture import Drawn, Picture
from course.words import _, plural

# --- pages behind the claims --------------------------------------------------

_NEAR = ["primary", "quotes a primary"]


def _far(pages: str = "both", near: list[str] = _NEAR) -> set[str]:
    """Return the claims none of whose pages is near to what it reports.

    Args:
        pages: which pages must be far: "both", the "first", the "second" or "either".
        near: what counts as near.
    """
    claims, strength = load("claims"), by_id("sources")["strength"]
    first = ~claims["source_id"].map(strength).isin(near)
    second = ~claims["source2_id"].map(strength).isin(near)
    rows = {"both": first & second, "first": first, "second": second, "either": first | second}
    return set(claims["claim_id"][rows[pages]])


def _near() -> set[str]:
    return set(load("claims")["claim_id"]) - _far()


def _check(word: str) -> set[str]:
    claims = load("claims")
    return set(claims["claim_id"][claims["check"] == word])


# --- silence ------------------------------------------------------------------

BEFORE = 0.5
WOULD_FIND = {"treaty": 0.95, "guest list": 0.2}


def _silence(before: float = BEFORE) -> dict[str, float]:
    """Return how likely a claim still is after a search found nothing."""
    return {
        what: before * (1 - finds) / (before * (1 - finds) + 1 - before)
        for what, finds in WOULD_FIND.items()
    }


# --- base rates ---------------------------------------------------------------


def _came(*words: str) -> int:
    return int(load("claims")["happened"].isin(words).sum())


def _supported() -> int:
    claims = load("claims")
    return int((claims["happened"].notna() & (claims["verdict"] == "supported")).sum())


def _forecasts() -> int:
    return int(load("claims")["happened"].notna().sum())


def _known() -> int:
    return _forecasts() - _came("cannot tell")


# --- an invented board, and two that are compared -----------------------------

_RIGHT = {"high": [1, 1, 1, 1, 1, 0, 0, 0], "medium": [1, 1, 1, 1, 0, 0], "low": [1, 0, 1, 0]}


def example() -> pd.DataFrame:
    """Return the invented board of the lesson: how sure, and whether it was right."""
    words = [word for word, right in _RIGHT.items() for _one in right]
    return pd.DataFrame({"confidence": words, "right": [*chain(*_RIGHT.values())]})


def _shares() -> pd.Series:
    return example().groupby("confidence")["right"].mean()


def _expected(p: float, q: float) -> float:
    """Return the score to expect for a stated chance p if the true chance is q."""
    return q * (1 - p) ** 2 + (1 - q) * p**2


def _chances(rng: Random) -> list[tuple[float, float]]:
    some = [(0.9, 0.6), (0.25, 0.75)]
    return [*some, *((rng.randint(2, 48) / 100, rng.randint(52, 97) / 100) for _n in range(3))]


ANNA = "supported " * 6 + "mixed " * 4 + "contradicted " * 2
BORIS = "supported " * 5 + "mixed " + "supported " * 3 + "mixed " + "contradicted " * 2


def boards() -> pd.DataFrame:
    """Return two invented boards on the same twelve claims."""
    return pd.DataFrame({"Anna": ANNA.split(), "Boris": BORIS.split()})


def _kappa(way: str = "") -> dict[str, float]:
    """Return the agreement by chance and Cohen's kappa, also as they often go wrong."""
    two = boards()
    observed = (two["Anna"] == two["Boris"]).mean()
    first, second = (two[name].value_counts() / len(two) for name in two)
    by_chance = {
        "even": 1 / len(first),
        "own": (first**2).sum(),
        "other": (second**2).sum(),
        "each": (first * second).sum(),
    }
    chance = by_chance.get(way, by_chance["each"])
    kappa = {
        "difference": observed - chance,
        "denominator": (observed - chance) / (1 - observed),
        "ratio": observed / chance,
        "observed": observed,
    }
    return {
        "chance": chance,
        "kappa": float(kappa.get(way, (observed - chance) / (1 - chance))),
    }


# --- sentences that an opponent reads -----------------------------------------


@cache
def _book() -> pd.Series:
    """Return the trade of China with Russia, China counting, in the series of the IMF."""
    rows = load("bilateral_trade")
    pair = (rows["reporter"] == "CHN") & (rows["partner"] == "RUS")
    rows = rows[pair & (rows["series"] == "IMF DOTS")]
    return rows.set_index("year")["total_usd_bn"]


def _fall() -> set[str]:
    """Return the letters of the sentences that do not follow from the book."""
    book = _book()
    follows = {
        "A": True,  # the row itself
        "B": False,  # a growth in percent, called percentage points
        "C": growth(book[2016], book[2017]) > growth(book[2015], book[2016]),
        "D": book[2017] > book[2014],
        "E": False,  # a cause, out of two years in a row
    }
    return {letter for letter, fine in follows.items() if not fine}


# --- the student's own map ----------------------------------------------------


@cache
def _sites() -> pd.DataFrame:
    """Return the events with the places where they took place, as far as they are known."""
    events = load("events").dropna(subset=["places"])
    events = events.assign(name_en=events["places"].str.split(";")).explode("name_en")
    sites = events.merge(load("places")[["name_en", "lat", "lon"]], on="name_en")
    return sites[sites["lat"].between(38.5, 53.5) & sites["lon"].between(98, 135.2)]


_KINDS = {"transport": ("#0072B2", 10), "energy": ("#D55E00", 5)}  # colour and radius


def _own_map(
    kinds: dict[str, tuple[str, int]] = _KINDS,
    view: list[list[float]] | None = None,
    control: bool = True,
    stacked: bool = False,
    named: bool = True,
    titles: int | None = None,
    shift: float = 0,
    marker: type = folium.CircleMarker,
    places: int | None = None,
    fill: bool = False,
) -> folium.Map:
    """Return a map as the solution draws it, or as it often goes wrong."""
    m, sites = area_map("heilongjiang"), _sites()
    if view:
        m.fit_bounds(view)
    for kind, (colour, radius) in kinds.items():
        layer = folium.FeatureGroup(kind if named else "events").add_to(m)
        rows = sites[sites["kind"] == kind]
        groups = rows.groupby("event_id" if stacked else "name_en")
        for _name, there in islice(groups, places):
            at = [float(x) for x in there[["lat", "lon"]].iloc[0]]
            words = "; ".join(there["title"][:titles]) or "here"
            at[0] += shift
            drawn = {"radius": radius, "color": colour, "fill": fill}
            style = {} if marker is folium.Marker else drawn
            marker(at, tooltip=words, **style).add_to(layer)
    if control:
        folium.LayerControl().add_to(m)
    return m


def _layers(p: Picture) -> dict[int, list[Drawn]]:
    """Return the marks of each layer that has some."""
    groups = [n for n, layer in enumerate(p.layers) if layer["kind"] == "FeatureGroup"]
    marks = {n: [mark for mark in p.marks if mark.layer == n] for n in groups}
    return {n: held for n, held in marks.items() if held}


def _at(mark: Drawn) -> pd.DataFrame:
    """Return the events at the place of a mark."""
    sites, (lat, lon) = _sites(), mark.at
    return sites[((sites["lat"] - lat).abs() < 0.01) & ((sites["lon"] - lon).abs() < 0.01)]


def _two_layers(p: Picture) -> bool:
    return len(_layers(p)) >= 2 and all(mark.layer is not None for mark in p.marks)


def _kinds(p: Picture) -> dict[int, set[str]]:
    """Return the kinds of event that the name of each layer has."""
    every, names = (
        set(_sites()["kind"]),
        {n: p.layers[n]["name"].casefold() for n in _layers(p)},
    )
    found = {n: {kind for kind in every if kind in name} for n, name in names.items()}
    return {  # "expert forum" is not also "forum"
        n: {kind for kind in held if not any(kind in other for other in held - {kind})}
        for n, held in found.items()
    }


def _kinds_named(p: Picture) -> bool:
    """Tell whether the name of each layer has the kind of all its events."""
    kinds = _kinds(p)
    distinct = len({tuple(sorted(one)) for one in kinds.values()}) == len(kinds)
    held = (
        bool(kinds[n] & set(_at(mark)["kind"]))
        for n, marks in _layers(p).items()
        for mark in marks
    )
    return distinct and all(held)


def _own(p: Picture, mark: Drawn) -> pd.DataFrame:
    """Return the events at the place of a mark that are of the kind of its layer."""
    events = _at(mark)
    return events[events["kind"].isin(_kinds(p)[mark.layer or 0])]


def _complete(p: Picture) -> bool:
    """Tell whether each place of a kind has a mark in its layer."""
    sites, kinds = _sites(), _kinds(p)
    return all(
        set(sites["name_en"][sites["kind"].isin(kinds[n])])
        <= {name for mark in marks for name in _own(p, mark)["name_en"]}
        for n, marks in _layers(p).items()
    )


def _alone(p: Picture) -> bool:
    """Tell whether no two marks of a layer lie on each other."""
    spots = {n: [tuple(mark.at) for mark in marks] for n, marks in _layers(p).items()}
    return all(len(set(held)) == len(held) for held in spots.values())


def _all_seen(p: Picture) -> bool:
    """Tell whether marks at one place, of different layers, differ in size."""
    sizes = [(*mark.at, mark.style.get("radius")) for mark in p.marks]
    return len(set(sizes)) == len(sizes)


def _hidden(below: Drawn, above: Drawn) -> bool:
    """Tell whether a mark lies under another that is filled and as large."""
    sizes = [float(mark.style.get("radius", 0)) for mark in (below, above)]
    return below.at == above.at and bool(above.style.get("fill")) and sizes[0] <= sizes[1]


def _titled(p: Picture, how: Callable[[Iterable[bool]], bool] = any) -> bool:
    """Tell whether each mark says the title of an event of its kind there, or all of them."""
    return all(
        how(title.casefold() in mark.words.casefold() for title in _own(p, mark)["title"])
        for mark in p.marks
    )


def _colours(p: Picture) -> bool:
    """Tell whether the layers differ in colour, each of one that shows on pale land."""
    held = [{ink(mark).lower() for mark in marks} for marks in _layers(p).values()]
    return all(len(one) == 1 for one in held) and apart([*map(min, held), "#fcfaf5"])


def _seen(p: Picture) -> bool:
    """Tell whether all marks lie within what the map shows at first."""
    (south, west), (north, east) = p.view or [[-90, -180], [90, 200]]
    return all(south <= m.at[0] <= north and west <= m.at[1] <= east for m in p.marks)


# --- the verdict --------------------------------------------------------------

_SAYS = """The presidents declared a strategic partnership in 1996. A treaty followed in 2001.
    The words 'new era' came in 2019. I found a deepening, but no new start in 2017."""
_CHANGE = "A treaty of 2017 that gave the two states duties they did not have before."


def _signed() -> dict[str, Any]:
    """Return a verdict as an example."""
    events = load("events")
    rows = events[events["kind"].isin(["treaty", "declaration"])]
    texts = {"says": _SAYS, "would_change": _CHANGE}
    return {"claim": "c09", "word": "mixed", "confidence": "low", "because": [rows]} | texts


# --- the exercises ------------------------------------------------------------

EXERCISES = [
    Exercise(
        "12.1",
        ask="Find the claims without a page that is near the facts",
        objective=0,
        kind="set",
        unit="claim",
        answer=_far,
        mistakes={
            "You looked at the first page only. A second page that is near would do: ask "
            "for both at once.": lambda: _far("first"),
            "You looked at the second page only. Ask for both columns at once.": (
                lambda: _far("second")
            ),
            "You joined the two conditions with |. A claim is left with nothing near only if "
            "the one and the other are far: join them with &.": lambda: _far("either"),
            "These have a page that is near. You want the others: put ~ before isin.": _near,
            "A page that quotes a primary source counts as near as well: name both words.": (
                lambda: _far(near=["primary"])
            ),
            "You took secondary pages for near. Only what is primary or quotes a primary is "
            "near.": lambda: _far(near=[*_NEAR, "secondary"]),
            "That is the column check: it counts pages. The exercise asks how near they are.": (
                lambda: _check("one source")
            ),
        },
        solution="""
first_is_near = claims["first"].isin(near)
second_is_near = claims["second"].isin(near)
far_from_the_facts = claims["claim_id"][~first_is_near & ~second_is_near]

course.check("12.1", far_from_the_facts)
""",
        hints=[
            'claims["first"].isin(near) is True where the first page is near.',
            "~ turns True into False. Join the two conditions with &.",
            "No data in second means that there is no second page: isin says False there.",
        ],
        after="Two weak pages may go back to one hand: then they are one witness, or none. "
        "What may be said of such a claim, and how sure?",
    ),
    Exercise(
        "12.2",
        ask="Say what is left of a claim when a search finds nothing",
        objective=1,
        kind="mapping",
        unit="probability",
        digits=2,
        answer=_silence,
        mistakes={
            "That is the chance after something was found. Nothing was found: use 1 - s, the "
            "chance to miss it.": lambda: {
                what: BEFORE * s / (BEFORE * s + 1 - BEFORE) for what, s in WOULD_FIND.items()
            },
            "That is the chance that the claim is false. Take it from 1.": lambda: {
                what: 1 - one for what, one in _silence().items()
            },
            "That is the upper part only: true, and missed. Divide by all the ways to find "
            "nothing.": lambda: {what: BEFORE * (1 - s) for what, s in WOULD_FIND.items()},
            "That is the chance to miss it if it is true. The exercise asks for the chance "
            "that it is true although nothing was found.": lambda: {
                what: 1 - s for what, s in WOULD_FIND.items()
            },
            "These are percent. A probability runs from 0 to 1.": lambda: {
                what: 100 * one for what, one in _silence().items()
            },
            "The two are exchanged. Which search would hardly miss what it looks for?": (
                lambda: dict(zip(WOULD_FIND, reversed(_silence().values()), strict=True))
            ),
        },
        solution="""
still_true = {}
for what in would_find:
    missed = before * (1 - would_find[what])
    still_true[what] = missed / (missed + 1 - before)

course.check("12.2", still_true)
""",
        hints=[
            "First the upper part: before * (1 - s), with s from would_find.",
            "The lower part is the upper part plus 1 - before.",
        ],
        after="One silence is loud, the other says next to nothing. So 'no treaty was found' "
        "can contradict a claim, and 'no guest list was found' can only leave it open. The "
        "numbers were invented; the order of the two is what counts.",
    ),
    Exercise(
        "12.3",
        ask="Find how often a forecast of the article came about in full",
        objective=2,
        unit="share between 0 and 1",
        digits=3,
        minutes=4,
        answer=lambda: _came("yes") / _known(),
        mistakes={
            "You divided by all forecasts. Leave out those of which the course cannot tell.": (
                lambda: _came("yes") / _forecasts()
            ),
            "You counted those that came about in part as well. The exercise asks for 'yes'.": (
                lambda: _came("yes", "in part") / _known()
            ),
            "That is the share of those that came about in part.": (
                lambda: _came("in part") / _known()
            ),
            "That is a count. Divide it by the number of forecasts whose outcome is known.": (
                lambda: _came("yes")
            ),
            "That is in percent. A share runs from 0 to 1.": (
                lambda: 100 * _came("yes") / _known()
            ),
            "You divided by all claims. Only forecasts can come about.": (
                lambda: _came("yes") / len(load("claims"))
            ),
            "You counted in the column verdict. What came of a forecast is in happened.": (
                lambda: _supported() / _forecasts()
            ),
            "You counted in the column verdict, and left out the right ones. What came of a "
            "forecast is in happened.": lambda: _supported() / _known(),
            "The part and the whole are exchanged.": lambda: _known() / _came("yes"),
        },
        solution="""
known_outcome = forecasts[forecasts["happened"] != "cannot tell"]
share_in_full = (known_outcome["happened"] == "yes").sum() / len(known_outcome)

course.check("12.3", share_in_full)
""",
        hints=[
            'forecasts["happened"].value_counts() shows how they ended.',
            'The part: those with "yes". The whole: all but those with "cannot tell".',
        ],
        after="Look at the others: how many failed outright? A forecast that names neither a "
        "number nor a year can hardly fail, and says little.",
    ),
    Exercise(
        "12.4",
        ask="Compute how often each word of confidence was right",
        objective=3,
        kind="mapping",
        unit="share between 0 and 1",
        digits=2,
        answer=_shares,
        mistakes={
            "These are counts. Of how many verdicts with that word?": lambda: (
                example().groupby("confidence")["right"].sum()
            ),
            "These are counts of all verdicts, right or not.": lambda: (
                example().groupby("confidence").size()
            ),
            "You divided by all verdicts of the board. Divide by those with the same word.": (
                lambda: example().groupby("confidence")["right"].sum() / len(example())
            ),
            "These are the shares that were wrong.": lambda: 1 - _shares(),
            "These are percent. A share runs from 0 to 1.": lambda: 100 * _shares(),
            "These are the stated probabilities. The exercise asks how often the words were "
            "right.": lambda: {"high": 0.9, "medium": 0.7, "low": 0.5},
            "That is the share of the whole board for each word. Make piles first.": (
                lambda: dict.fromkeys(_RIGHT, example()["right"].mean())
            ),
        },
        solution="""
share_right = example.groupby("confidence")["right"].mean()

course.check("12.4", share_right)
""",
        hints=[
            'example.groupby("confidence") makes a pile for each word.',
            "The mean of ones and zeros is the share of ones.",
        ],
        after="This board is no better with 'high' than with 'medium'. Its owner is too sure. "
        "With so few verdicts a single one moves a share by a lot: read it as a hint.",
    ),
    Exercise(
        "12.5",
        ask="Write down the score that one can expect",
        objective=3,
        kind="function",
        digits=3,
        minutes=6,
        answer=lambda: _expected,
        inputs=_chances,
        mistakes={
            "The two cases are exchanged: with chance q it comes about, and the penalty is "
            "then (1 - p) squared.": lambda: lambda p, q: q * p**2 + (1 - q) * (1 - p) ** 2,
            "You have only the case in which it comes about. Add the other one, with chance "
            "1 - q.": lambda: lambda p, q: q * (1 - p) ** 2,
            "You have only the case in which it does not come about.": lambda: (
                lambda p, q: (1 - q) * p**2
            ),
            "You added the two penalties without their chances.": lambda: (
                lambda p, q: (1 - p) ** 2 + p**2
            ),
            "The squares are missing.": lambda: lambda p, q: q * (1 - p) + (1 - q) * p,
            "That is the squared distance of the two chances. The score asks what happens: it "
            "comes about or not.": lambda: lambda p, q: (p - q) ** 2,
            "p and q are exchanged: q is the true chance, p the stated one.": lambda: (
                lambda p, q: _expected(q, p)
            ),
        },
        solution="""
def expected_score(p, q):
    return q * (1 - p) ** 2 + (1 - q) * p**2

course.check("12.5", expected_score)
""",
        hints=[
            "With chance q it comes about: q times the penalty of that case.",
            "With chance 1 - q it does not: the penalty is then p ** 2. Add both.",
        ],
        after="For any q the lowest score lies at p = q. Whoever states what they believe "
        "does best. That is what is meant by a proper score.",
    ),
    Exercise(
        "12.6",
        ask="Measure how far two boards agree beyond chance",
        objective=4,
        kind="mapping",
        digits=2,
        answer=_kappa,
        mistakes={
            "By chance the words are not equally frequent: take the shares that each of the "
            "two gave them.": lambda: _kappa("even"),
            "You squared the shares of Anna. Multiply them by those of Boris, word by word.": (
                lambda: _kappa("own")
            ),
            "You squared the shares of Boris. Multiply them by those of Anna, word by word.": (
                lambda: _kappa("other")
            ),
            "The difference is right. Now divide it by the most that was to be had: "
            "1 - chance.": lambda: _kappa("difference"),
            "You divided by 1 - observed. What was to be had beyond chance is 1 - chance.": (
                lambda: _kappa("denominator")
            ),
            "You divided the one by the other. Kappa takes the difference first.": (
                lambda: _kappa("ratio")
            ),
            "That is the observed agreement, with chance still in it.": (
                lambda: _kappa("observed")
            ),
            "These are percent. Give both as shares between 0 and 1.": lambda: {
                name: 100 * one for name, one in _kappa().items()
            },
        },
        solution="""
anna = two["Anna"].value_counts() / len(two)
boris = two["Boris"].value_counts() / len(two)
chance = (anna * boris).sum()
beyond_chance = {"chance": chance, "kappa": (observed - chance) / (1 - chance)}

course.check("12.6", beyond_chance)
""",
        hints=[
            'two["Anna"].value_counts() / len(two) has the shares of Anna.',
            "Multiply the shares of the two, word by word, and add: that is chance.",
        ],
        after="Two thirds agreed, yet less than half of what chance left open. And agreement "
        "is not truth: two readers can share an error.",
    ),
    Exercise(
        "12.7",
        ask="Strike out the sentences that do not follow",
        objective=5,
        kind="set",
        unit="sentence",
        options=["A", "B", "C", "D", "E"],
        answer=_fall,
        mistakes={
            "One is missing: 'after' is not 'because'. Which sentence names a cause that no "
            "row shows?": lambda: _fall() - {"E"},
            "One is missing: what is the unit of a growth rate?": lambda: _fall() - {"B"},
            "One is missing: compare the last year with 2014 once more.": (
                lambda: _fall() - {"D"}
            ),
            "These follow. The exercise asks for those that do not.": (
                lambda: set("ABCDE") - _fall()
            ),
            "You struck out one too many: compute the growth of both years.": (
                lambda: _fall() | {"C"}
            ),
            "You struck out one too many: one sentence only says what a row holds.": (
                lambda: _fall() | {"A"}
            ),
        },
        solution="""
strike_out = ["B", "D", "E"]

course.check("12.7", strike_out)
""",
        hints=[
            "For each sentence ask: which cells of the table would it need?",
            "One is wrong in number, one in its unit, one in its logic.",
        ],
        after="A number can be right and its unit wrong. And a cause needs more than two years "
        "in a row. Read your own five sentences the same way.",
    ),
    Exercise(
        "12.8",
        ask="Draw the one map of your briefing",
        objective=5,
        kind="map",
        area="heilongjiang",
        answer=_own_map,
        mistakes={},
        checks=[
            Check(
                "There should be two layers or more: a FeatureGroup for each kind of event, "
                "with all circles in one of them.",
                _two_layers,
                lambda: _own_map({"transport": ("#0072B2", 10)}),
            ),
            Check(
                "A mark is no CircleMarker. Draw all places with folium.CircleMarker: its "
                "radius is in pixels, the same at every zoom.",
                lambda p: all(mark.kind == "CircleMarker" for mark in p.marks),
                lambda: _own_map(marker=folium.Marker),
            ),
            Check(
                "A circle lies where the table sites has no event. Take lat and lon from the "
                "rows that you draw.",
                lambda p: not any(_at(mark).empty for mark in p.marks),
                lambda: _own_map(shift=1),
            ),
            Check(
                "A reader cannot tell what a layer shows. Give each the name of its kind, as "
                "in the column kind, and put only events of that kind into it.",
                _kinds_named,
                lambda: _own_map(named=False),
            ),
            Check(
                "In one layer two circles lie on each other, and only the upper one can be "
                "pointed at. Group by place: one circle, all titles.",
                _alone,
                lambda: _own_map(stacked=True),
            ),
            Check(
                "A place of a layer has no circle. Draw each place with an event of its kind.",
                _complete,
                lambda: _own_map(places=2),
            ),
            Check(
                "A circle does not say what happened there. Put the titles of its events into "
                "the tooltip.",
                _titled,
                lambda: _own_map(titles=0),
            ),
            Check(
                "A circle names only some of what happened there. Join the titles of all its "
                "rows.",
                lambda p: _titled(p, all),
                lambda: _own_map(titles=1),
            ),
            Check(
                "The layers cannot be told apart by colour, or one is as pale as the map. Give "
                "each one clear colour of its own.",
                _colours,
                lambda: _own_map({kind: ("#0072B2", r) for kind, (_c, r) in _KINDS.items()}),
            ),
            Check(
                "A circle is too small to be pointed at, or so large that it hides its "
                "neighbours. Take a radius from 3 to 20.",
                lambda p: all(3 <= float(mark.style["radius"]) <= 20 for mark in p.marks),
                lambda: _own_map({"transport": ("#0072B2", 40), "energy": ("#D55E00", 5)}),
            ),
            Check(
                "At one place the circles of two layers cover each other. Give each layer a "
                "radius of its own.",
                _all_seen,
                lambda: _own_map({kind: (c, 6) for kind, (c, _r) in _KINDS.items()}),
            ),
            Check(
                "A large filled circle lies on a small one and hides it. Draw the layer with "
                "the larger circles first.",
                lambda p: not any(_hidden(*two) for two in combinations(p.marks, 2)),
                lambda: _own_map(dict(reversed(_KINDS.items())), fill=True),
            ),
            Check(
                "A circle lies outside what the map shows at first. Leave the view of "
                "area_map as it is, or widen it.",
                _seen,
                lambda: _own_map(view=[[45, 125], [46, 127]]),
            ),
            Check(
                "The layers are there, but no switch for them. Add folium.LayerControl().",
                lambda p: p.switch,
                lambda: _own_map(control=False),
            ),
        ],
        minutes=15,
        solution="""
words = "Places of dated events in transport (blue) and energy (orange)."
my_map = course.area_map("heilongjiang", alt=words, caption="Source: table events.")
for kind, colour, size in [("transport", "#0072B2", 10), ("energy", "#D55E00", 5)]:
    layer = folium.FeatureGroup(f"{kind} events").add_to(my_map)
    for place, rows in sites[sites["kind"] == kind].groupby("name_en"):
        at = rows[["lat", "lon"]].values[0]
        words = f"{place}: " + "; ".join(rows["title"])
        folium.CircleMarker(at, radius=size, color=colour, tooltip=words).add_to(layer)
folium.LayerControl(collapsed=False).add_to(my_map)

course.check("12.8", my_map)
""",
        hints=[
            "A loop over two kinds: a FeatureGroup for each, with the kind in its name.",
            'Inside it a loop over sites[sites["kind"] == kind].groupby("name_en"): it hands '
            "you the place and its rows.",
            'rows[["lat", "lon"]].values[0] is the place, "; ".join(rows["title"]) the words.',
        ],
        after="A map in a briefing is evidence like a table: it needs words for those who do "
        "not see it, a source, and a sentence on what it does not show.",
    ),
    Exercise(
        "12.9",
        ask="Sign a verdict on what data hardly reach",
        objective=6,
        kind="verdict",
        claims=["c09", "c48"],
        answer=_signed,
        mistakes={},
        minutes=6,
        solution=f'''
my_verdict = course.Verdict(
    "c09", "mixed", confidence="low",
    because=[papers],
    says="""{_SAYS}""",
    would_change="{_CHANGE}",
)

course.check("12.9", my_verdict)
''',
        hints=[
            "For c09 you have the rows papers, for c48 the rows later.",
            "Say what you looked for, what you found, and how likely you would have found it.",
            "Two sentences do: what the rows show, and what they leave open.",
        ],
        after="That was the last exercise of the course. Your verdicts are on the board: look "
        "which ones are still missing.",
    ),
]

# --- the explorers ------------------------------------------------------------

_BOARDS: dict[str, dict[str, list[int]]] = {  # invented: right, of how many
    "bold": {"high": [11, 18], "medium": [3, 5], "low": [1, 2]},
    "careful": {"high": [6, 6], "medium": [8, 10], "low": [6, 9]},
    "shuffled": {"high": [4, 8], "medium": [5, 8], "low": [6, 9]},
}
_NAMES = {
    "bold": _("invented: a bold reader"),
    "careful": _("invented: a careful reader"),
    "shuffled": _("invented: words without meaning"),
}
_WORDS = {"high": _("high"), "medium": _("medium"), "low": _("low")}
_PERCENT = [50, 60, 70, 80, 90, 100]
_SIDE, _EDGE, _TOP = 260, 46, 24  # of the drawing, in pixels; a word stands above 100 %


def _brier(right: int, of: int, percent: float) -> float:
    """Return the sum of the penalties of so many verdicts that state one chance."""
    return right * (1 - percent / 100) ** 2 + (of - right) * (percent / 100) ** 2


def _calibration(board: str, high: int, medium: int, low: int) -> str:
    stated = {"high": high, "medium": medium, "low": low}
    piles, of = _BOARDS[board], sum(n for _right, n in _BOARDS[board].values())
    score = sum(_brier(r, n, stated[word]) for word, (r, n) in piles.items()) / of
    best = sum(_brier(r, n, 100 * r / n) for r, n in piles.values()) / of
    lines = []
    for word, (right, n) in piles.items():
        gap = stated[word] - 100 * right / n
        told = _("{gap:.0f} points too sure", gap=gap)
        told = _("{gap:.0f} points too unsure", gap=-gap) if gap < 0 else told
        told = _("fits") if abs(gap) < 5 else told
        lines.append((_WORDS[word], n, right, round(100 * right / n), stated[word], told))
    columns = [_("confidence"), _("verdicts"), _("right"), _("right, %"), _("you say, %"),
               _("so it is")]  # fmt: skip
    said = _(
        "Brier score {score:.3f}. The best these words can reach is {best:.3f}; saying 50 % "
        "each time gives 0.250.",
        score=score,
        best=best,
    )
    table = to_html(pd.DataFrame(lines, columns=columns))
    return (
        f'<p><b>{said}</b></p><div style="display:flex;flex-wrap:wrap;gap:24px">'
        f"<div>{_diagram(piles, stated)}</div><div>{table}<p><small>"
        f"{_('The boards are invented, to try the score on. Lower is better.')}"
        "</small></p></div></div>"
    )


def _diagram(piles: dict[str, list[int]], stated: dict[str, int]) -> str:
    """Draw how often each word was right over what was stated, beside the line of both."""
    from course.charts import COLOURS

    def x(percent: float) -> float:
        return _EDGE + (percent - 40) / 60 * _SIDE

    def y(percent: float) -> float:
        return _TOP + (100 - percent) / 60 * _SIDE

    alt = ", ".join(
        _("{word}: you say {said} %, right {right:.0f} %",
          word=_WORDS[word], said=stated[word], right=100 * right / n)
        for word, (right, n) in piles.items()
    )  # fmt: skip
    ticks = "".join(
        f'<text x="{x(p):.0f}" y="{_TOP + _SIDE + 18}" text-anchor="middle">{p}</text>'
        f'<text x="{_EDGE - 6}" y="{y(p) + 4:.0f}" text-anchor="end">{p}</text>'
        f'<path d="M{x(40):.0f} {y(p):.0f}H{x(100):.0f}" stroke="#8884"/>'
        for p in range(40, 101, 20)
    )
    dots = "".join(
        f'<circle cx="{x(stated[word]):.0f}" cy="{y(100 * right / n):.0f}" '
        f'r="{2.2 * n**0.5 + 2:.1f}" fill="{colour}" stroke="#fff"/>'
        f'<text x="{x(stated[word]) - 14:.0f}" y="{y(100 * right / n) - 10:.0f}" '
        f'text-anchor="end" font-weight="bold">{_WORDS[word]}</text>'
        for (word, (right, n)), colour in zip(piles.items(), COLOURS[:3], strict=True)
    )
    width, height = _SIDE + _EDGE + 20, _TOP + _SIDE + 44
    return (
        f'<svg role="img" aria-label="{escape(alt)}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-size="12" fill="currentColor">{ticks}'
        f'<path d="M{x(40):.0f} {y(40):.0f}L{x(100):.0f} {y(100):.0f}" '
        f'stroke="currentColor" stroke-dasharray="5 4"/>{dots}'
        f'<text x="{x(70):.0f}" y="{height - 6}" text-anchor="middle">'
        f"{_('you say, %')}</text>"
        f'<text x="12" y="{y(70):.0f}" text-anchor="middle" transform="rotate(-90 12 '
        f'{y(70):.0f})">{_("right, %")}</text></svg>'
    )


def _levels(start: int, word: str) -> Control:
    return Control(word, [(f"{p} %", p) for p in _PERCENT], start=start, slider=True)


calibration = Explorer(
    _("How sure is sure?"),
    {
        "board": Control(_("Board"), [(name, board) for board, name in _NAMES.items()]),
        "high": _levels(90, _("'high' means")),
        "medium": _levels(70, _("'medium' means")),
        "low": _levels(60, _("'low' means")),
    },
    _calibration,
)


@cache
def _touched() -> pd.DataFrame:
    """Return claim and place, for each event that rests on a page of the claim's verdict."""
    claims, sites = load("claims"), _sites()
    columns = ["claim_id", "name_en", "lat", "lon", "title"]
    pairs = [
        claims[["claim_id", page]]
        .dropna()
        .merge(sites[["name_en", "lat", "lon", "title", other]], left_on=page, right_on=other)[
            columns
        ]
        for page in ("source_id", "source2_id")
        for other in ("source_id", "source2_id")
    ]
    return pd.concat(pairs).dropna(subset=["lat"]).drop_duplicates()


def _places() -> list[Any]:
    """Return the places of `_touched` as options, those of most claims first."""
    many = _touched().groupby("name_en")["claim_id"].nunique().sort_values(ascending=False)
    return [(_("all, and none"), "all"), *many.index]


_KIND = {
    "factual": _("factual"),
    "forecast": _("forecast"),
    "recommendation": _("recommendation"),
    "evaluative": _("evaluative"),
}


def _verdict_words() -> list[Any]:
    words = read("verdict_words")
    return [(_("all"), "all"), *words["word"][words["kind"] == "verdict"]]


def _board(kind: str, verdict: str, place: str) -> tuple[str, list[dict[str, Any]]]:
    rows, touched = load("claims"), _touched()
    if kind != "all":
        rows = rows[rows["claim_type"] == kind]
    if verdict != "all":
        rows = rows[rows["verdict"] == verdict]
    features = _circles(touched[touched["claim_id"].isin(rows["claim_id"])], place)
    if place != "all":
        rows = rows[rows["claim_id"].isin(touched["claim_id"][touched["name_en"] == place])]
    if rows.empty:
        return f"<p>{_('No claim fits all of this. Set one choice back to all.')}</p>", features
    count = plural("{count} claim", "{count} claims", len(rows))
    sure = rows["confidence"].value_counts()
    listed = ", ".join(
        f"{word}: {sure[word]}" for word in ("high", "medium", "low") if word in sure
    )
    words = {
        "claim_id": _("claim"),
        "claim": _("in our words"),
        "verdict": _("the course says"),
        "confidence": _("confidence"),
        "evidence_date": _("newest evidence"),
        "lesson": _("lesson"),
    }
    shown = rows[list(words)].fillna({"evidence_date": _("none")}).rename(columns=words)
    told = _("{count}. Confidence of the course: {listed}.", count=count, listed=listed)
    return f"<p><b>{told}</b></p>{to_html(shown)}", features


def _circles(touched: pd.DataFrame, chosen: str) -> list[dict[str, Any]]:
    """Return a circle for each place; its area follows the number of claims."""
    from course.charts import COLOURS

    features = []
    for name, rows in touched.groupby("name_en"):
        claims = sorted(set(rows["claim_id"]))
        colour = COLOURS[1] if name == chosen else COLOURS[0]
        count = plural("{count} claim", "{count} claims", len(claims))
        features.append({
            "at": [float(rows["lat"].iloc[0]), float(rows["lon"].iloc[0])],
            "radius": round(5 * len(claims) ** 0.5, 1),
            "color": colour,
            "fill": colour,
            "says": f"{name}: {count} ({', '.join(claims)}). {rows['title'].iloc[0]}",
            "label": str(name) if name == chosen else "",
            "id": str(name),
        })  # fmt: skip
    return features


verdicts = Explorer(
    _("The verdicts of the course"),
    {
        "kind": Control(_("Kind"), [(_("all"), "all"), *((w, k) for k, w in _KIND.items())]),
        "verdict": Control(_("Verdict"), _verdict_words),
        "place": Control(_("Place"), _places),
    },
    _board,
    area="heilongjiang",
    picks="place",
    alt=_("Places of dated events that rest on a page of a verdict, larger with more claims."),
)
