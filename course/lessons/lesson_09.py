"""Lesson 09, transport networks: its figures, exercises and explorer."""

from collections.abc import Callable, Iterable
from functools import cache
from html import escape
from itertools import pairwise
from random import Random
from typing import Any

import folium
import pandas as pd

from course.data import load
from course.exercises.exercise import Check, Exercise
from course.explore import Control, Explorer
from course.lessons.shared import by_id
from course.maps.area import area_map
from course.maps.legible import apart
from course.maps.picture import Drawn, Picture
from course.words import _

Graph = Any  # of networkx, which is loaded where a graph is made

# --- what was measured ----------------------------------------------------------

_ROWS = {  # what the lesson takes from border_delays -> the row
    "mongolian_speed": "d052",  # km an hour, rail, 2022
    "any_border": "d006",  # hours, all rail crossings of Mongolia, 2022
    "gauge_border": "d067",  # hours, Zamyn-Uud by rail, 2015 to 2023
    "dollars_500_km": "d040",  # rail, 20 t, 2022
    "border_fee": "d023",  # dollars, rail, 2022
    "gauge_fee": "d077",  # dollars, change of gauge at Erenhot, 2020
    "road_speed": "d049",  # km an hour, Mongolia, 2022
    "road_border": "d003",  # hours, 2022
    "road_dollars_500_km": "d037",  # 20 t, 2022
    "road_fee": "d020",  # dollars, 2022
    "km_a_day": "d146",  # fast container train, 2004
}
_HOUR = 10.0  # dollars: what an hour is worth in the blend, an assumption of the lesson


@cache
def _measured(name: str) -> float:
    return float(by_id("border_delays")["value"][_ROWS[name]])


def _usual() -> float:
    """Return the speed of the fast container train, in km an hour."""
    return _measured("km_a_day") / 24


# --- the network ------------------------------------------------------------------


@cache
def _edges(mode: str = "rail") -> pd.DataFrame:
    edges = load("network_edges")
    return edges[edges["mode"] == mode]


@cache
def _graph(speed: float = 0.0, wait: float = 0.0, mode: str = "rail") -> Graph:
    """Return the network with km, hours and dollars on each edge.

    Args:
        speed: km an hour in Russia and China; that of the container train if 0.
        wait: hours at a break of gauge; those of Zamyn-Uud if 0.
        mode: rail or road.
    """
    import networkx as nx

    road = mode == "road"
    speed, wait = speed or _usual(), wait or _measured("gauge_border")
    slow = _measured("road_speed" if road else "mongolian_speed")
    border = _measured("road_border" if road else "any_border")
    fee = _measured("road_fee" if road else "border_fee")
    per_km = _measured("road_dollars_500_km" if road else "dollars_500_km") / 500
    edges = _edges(mode).copy()
    in_mongolia = edges["country"] == "MNG"
    edges["hours"] = edges["km"] / in_mongolia.map({True: slow, False: speed})
    edges.loc[edges["crosses_border"], "hours"] += border
    edges.loc[edges["gauge_break"], "hours"] += wait - border
    edges["dollars"] = edges["km"] * per_km + edges["crosses_border"] * fee
    edges["dollars"] += edges["gauge_break"] * _measured("gauge_fee")
    edges["blend"] = edges["dollars"] + _HOUR * edges["hours"]
    return nx.from_pandas_edgelist(edges, "from_place_id", "to_place_id", edge_attr=True)


def _path(graph: Graph, origin: str, target: str, weight: str = "km") -> list[str]:
    import networkx as nx

    return nx.shortest_path(graph, origin, target, weight=weight)


def _sum(graph: Graph, path: Iterable[str], what: str = "km") -> float:
    return float(sum(graph.edges[pair][what] for pair in pairwise(path)))


def _without(graph: Graph, *closed: tuple[str, str]) -> Graph:
    less = graph.copy()
    less.remove_edges_from(closed)
    return less


# --- toy, lengths, flips ----------------------------------------------------------

_TOY = {"AB": 4, "AC": 1, "BC": 2, "BD": 5, "CD": 9}  # hours


def _toy(weight: str | None = "hours") -> dict[str, float]:
    """Return the hours from A to each of the others."""
    import networkx as nx

    toy = nx.Graph()
    for ends, hours in _TOY.items():
        toy.add_edge(*ends, hours=hours)
    return {b: nx.shortest_path_length(toy, "A", b, weight=weight) for b in "BCD"}


def _shortest(target: str = "vladivostok", weight: str | None = "km") -> float:
    import networkx as nx

    return float(nx.shortest_path_length(_graph(), "moscow", target, weight=weight))


def _inside() -> float:
    """Return the km from Moscow to Vladivostok that do not leave Russia."""
    foreign = _graph().subgraph([p for p in _graph() if by_id("places")["country"][p] == "RUS"])
    return _sum(foreign, _path(foreign, "moscow", "vladivostok"))


def _published(index: int) -> float:
    """Return a published length of the Trans-Siberian: 0 passenger, 1 tariff, 2 stops."""
    rows = load("route_figures")
    rows = rows[(rows["route_id"] == "trans_siberian") & (rows["unit"] == "km")]
    return float(rows["value"].iloc[index])


@cache
def _rests() -> pd.DataFrame:
    """Return the edges of the shortest way from Khabarovsk to Harbin."""
    path = _path(_graph(), "khabarovsk", "harbin")
    return pd.DataFrame([_graph().edges[pair] for pair in pairwise(path)])


def _share(*kinds: str, count: bool = False) -> float:
    rows = _rests()
    km = rows["km"] ** (0 if count else 1)
    return float(km[rows["value_kind"].isin(kinds)].sum() / km.sum())


def _flip(km_a_day: float = 900, inside: float = 0.0, borders: int = 2) -> float:
    """Return the hours at each border at which both ways take equally long."""
    return ((inside or _inside()) - _shortest()) / (km_a_day / 24) / borders


# --- the weight function ------------------------------------------------------------

_Weight = Callable[[str, str, dict[str, Any]], float]


def _blend(
    fee: float = 1, gauge: float = 1, hour: float = _HOUR, km: float = 1 / 500,
    always: bool = False, any_border: bool = False, either: bool = False,
) -> _Weight:  # fmt: skip
    """Return a weight function, right or with one thing changed."""

    def weight(a: str, b: str, edge: dict[str, Any]) -> float:
        dollars = edge["km"] * _measured("dollars_500_km") * km
        if (edge["crosses_border"] and not (either and edge["gauge_break"])) or always:
            dollars += fee * _measured("border_fee")
        if edge["gauge_break"] or (any_border and edge["crosses_border"]):
            dollars += gauge * _measured("gauge_fee")
        return dollars + hour * edge["hours"]

    return weight


def _swapped(a: str, b: str, edge: dict[str, Any]) -> float:
    """Weigh an edge with the two fees taken for each other."""
    fees = _measured("gauge_fee") * edge["crosses_border"]
    fees += _measured("border_fee") * edge["gauge_break"]
    return _blend(fee=0, gauge=0)(a, b, edge) + fees


def _some_edges(rng: Random) -> list[tuple[str, str, dict[str, Any]]]:
    """Return an edge of each kind, and some others."""
    kinds = [(False, False), (True, False), (True, True)]
    plain = [(100.0, 4.0), (10.0, 12.5), (7.0, 20.0)]
    drawn = [(float(rng.randint(5, 900)), float(rng.randint(1, 60))) for _n in range(6)]
    return [
        ("a", "b", {"km": km, "hours": hours, "crosses_border": border, "gauge_break": gauge})
        for (km, hours), (border, gauge) in zip([*plain, *drawn], kinds * 3, strict=True)
    ]


# --- closing one crossing after the other ---------------------------------------------

_BORDERS = {
    "Zabaikalsk": ("zabaykalsk", "manzhouli"),
    "Suifenhe": ("suifenhe", "pogranichny"),
    "Tongjiang": ("leninskoye", "tongjiang"),
    "Hunchun": ("hunchun", "zarubino"),
    "Erenhot": ("zamyn_uud", "erenhot"),
}
_STARTS = ["moscow", "irkutsk", "khabarovsk", "vladivostok"]
_ENDS = ["harbin", "beijing", "dalian"]


def _lengths(graph: Graph, weight: str = "hours") -> list[float]:
    return [_sum(graph, _path(graph, a, b, weight), weight) for a in _STARTS for b in _ENDS]


@cache
def _closing(speed: float = 0.0, weight: str = "hours", wait: float = 0.0) -> pd.Series:
    """Return the mean of what each closed crossing adds.

    Args:
        speed: km an hour; that of the container train if 0.
        weight: what is added up, hours or km.
        wait: hours at a break of gauge; those of Zamyn-Uud if 0.
    """
    graph = _graph(speed, wait)
    now, extra = _lengths(graph, weight), {}
    for name, edge in _BORDERS.items():
        later = _lengths(_without(graph, edge), weight)
        extra[name] = (sum(later) - sum(now)) / len(now)
    return pd.Series(extra)


def _place(rank: int = 1, ascending: bool = False) -> dict[str, str]:
    """Return which crossing comes in this place (from 0), at each speed."""
    return {
        f"{speed} km/h": str(_closing(speed).sort_values(ascending=ascending).index[rank])
        for speed in (20, 40, 60)
    }


# --- the map of two ways ----------------------------------------------------------------

_NEAR = 0.05  # degrees: a point this close is the place


def _ways() -> dict[str, list[str]]:
    """Return the way from Khabarovsk to Harbin without the rail bridge and with it."""
    graph = _graph()
    before = _without(graph, _BORDERS["Tongjiang"])
    return {
        "before": _path(before, "khabarovsk", "harbin"),
        "since": _path(graph, "khabarovsk", "harbin"),
    }


def _spots(path: Iterable[str]) -> list[list[float]]:
    return by_id("places").loc[list(path), ["lat", "lon"]].to_numpy().tolist()


def _runs(line: Drawn, path: list[str]) -> bool:
    """Tell whether a line runs through the places of a path, in order or back."""
    spots = _spots(path)
    if len(line.points) != len(spots):
        return False
    return any(
        all(
            abs(at - to) < _NEAR
            for p, q in zip(line.points, way, strict=True)
            for at, to in zip(p, q, strict=True)
        )
        for way in (spots, spots[::-1])
    )


def _of(p: Picture, name: str) -> list[Drawn]:
    return [line for line in p.lines if _runs(line, _ways()[name])]


def _one(p: Picture, name: str) -> Drawn:
    return _of(p, name)[0]


_CREDIT = "Lengths partly (c) OpenStreetMap contributors, ODbL"
_ESTIMATE = ("estimat", "оцен", "估")


def _tells(line: Drawn) -> bool:
    return any(word in line.words.lower() for word in _ESTIMATE)


def _two_ways(
    names: tuple[str, ...] = ("before", "since"), cut: bool = False, caption: str = _CREDIT,
    colours: tuple[str, str] = ("#0072B2", "#D55E00"),
    words: tuple[str | None, str | None] = (
        "before: through Suifenhe", "since 2022: over the bridge, partly an estimate",
    ), dash: tuple[str | None, str | None] = (None, "8 6"),
) -> folium.Map:  # fmt: skip
    """Return a map of the two ways, right or with one thing changed."""
    m = area_map("heilongjiang", caption=caption)
    for name, colour, says, dashes in zip(_ways(), colours, words, dash, strict=True):
        if name in names:
            path = _ways()[name]
            path = [path[0], path[-1]] if cut else path
            folium.PolyLine(_spots(path), color=colour, tooltip=says, dash_array=dashes).add_to(
                m
            )
    return m


# --- the exercises ------------------------------------------------------------------------

_SAYS = """The rail bridge at Tongjiang carried over 10 million tonnes from November 2022 to
    March 2025, so a new link was used. For the corridors Primorye-1 and Primorye-2 officials
    saw 45 million tonnes a year as possible, and 60,000 tonnes of transit were counted on the
    first in 2016. None of these rows shows that a link made cooperation grow."""
_CHANGE = "Trade of the border regions, with and without a new link, before and after."


@cache
def _evidence() -> list[pd.DataFrame]:
    figures, routes = load("crossing_figures"), load("route_figures")
    bridge = figures[figures["crossing_id"] == "tongjiang_nizhneleninskoye_rail"]
    corridor = routes[routes["route_id"].str.startswith("primorye")]
    return [bridge, corridor]


def _example() -> dict[str, Any]:
    """Return a verdict as an example."""
    return {
        "claim": "c39",
        "word": "mixed",
        "confidence": "low",
        "because": _evidence(),
        "says": _SAYS,
        "would_change": _CHANGE,
    }


EXERCISES = [
    Exercise(
        "09.1",
        ask="Find the shortest hours on a network of four places by hand",
        objective=0,
        kind="mapping",
        unit="hours",
        answer=_toy,
        mistakes={
            "Those are the direct lines, and for D the way with few stops. Is B nearer "
            "through C?": lambda: {"B": 4, "C": 1, "D": 9},
            "B still has its direct line, and D comes straight from C. Each new place can "
            "make the old numbers smaller.": lambda: {"B": 4, "C": 1, "D": 10},
            "B and C are right. For D you went on from C at once. What if you go through "
            "B?": lambda: {"B": 3, "C": 1, "D": 10},
            "B and C are right. For D you added to the old number of B. Use the smaller "
            "one.": lambda: {"B": 3, "C": 1, "D": 9},
            "You counted lines. Add the hours written beside them.": lambda: _toy(None),
            "B and C are right. For D that is only the last line. Add the hours that lead "
            "up to it.": lambda: {"B": 3, "C": 1, "D": 5},
        },
        solution="""
hours_from_a = {"B": 3, "C": 1, "D": 8}

course.check("09.1", hours_from_a)
""",
        hints=[
            "Begin at A. The nearest place is C. Settle it, then look where C leads.",
            "B: four hours directly, or one to C and then two. D: from B or from C, which "
            "is less?",
        ],
        after="The best way to D has three lines, and each way with two lines takes longer. "
        "Shortest is not fewest stops.",
    ),
    Exercise(
        "09.2",
        ask="Find the length of the shortest way from Moscow to Vladivostok",
        minutes=4,
        objective=0,
        unit="km",
        digits=0,
        answer=_shortest,
        named={"target": ("vladivostok", ["harbin", "khabarovsk", "beijing"])},
        mistakes={
            "That is the number of edges. Without weight each edge counts as one.": (
                lambda: _shortest(weight=None)
            ),
            "That is the number of places on the way.": lambda: _shortest(weight=None) + 1,
            "That is the length by the tariff guide. Ask the network.": lambda: _published(1),
            "That is the published length of the passenger line. Ask the network.": (
                lambda: _published(0)
            ),
            "That is the sum of the stops of the Trans-Siberian. Ask the network.": (
                lambda: _published(2)
            ),
            "That is the shortest way inside Russia. The network was whole in the task.": (
                _inside
            ),
        },
        solution="""
moscow_vladivostok = nx.shortest_path_length(network, "moscow", "vladivostok", weight="km")

course.check("09.2", moscow_vladivostok)
""",
        hints=[
            "nx.shortest_path_length takes the network, both place ids, and the weight.",
            'The ids are "moscow" and "vladivostok". Do not forget weight="km".',
        ],
        after="Any published length of the Trans-Siberian is greater. So which way did the "
        "machine find? Read on.",
    ),
    Exercise(
        "09.3",
        ask="Say which share of a path rests on estimates",
        minutes=4,
        objective=1,
        unit="share between 0 and 1",
        digits=2,
        answer=lambda: _share("estimate"),
        mistakes={
            "You counted edges. A long estimate weighs more than a short one: add km.": (
                lambda: _share("estimate", count=True)
            ),
            "You divided by the km that are known. Divide by all km of the path.": lambda: (
                _share("estimate") / _share("reported", "measured")
            ),
            "That is in percent. A share runs from 0 to 1.": lambda: 100 * _share("estimate"),
            "That is the share that is measured. The task asks for the estimates.": lambda: (
                _share("measured")
            ),
            "That is the share that is reported. The task asks for the estimates.": lambda: (
                _share("reported")
            ),
            "That is the share that is known. The task asks for the rest.": lambda: _share(
                "reported", "measured"
            ),
            "You added what was measured on a map. That is no estimate: there the line "
            "itself was followed.": lambda: _share("estimate", "measured"),
            "Those are km. Divide them by the length of the path.": lambda: float(
                _rests().query("value_kind == 'estimate'")["km"].sum()
            ),
        },
        solution="""
by_bridge = stretches("khabarovsk", "harbin")
estimated = by_bridge[by_bridge["value_kind"] == "estimate"]
share_estimated = estimated["km"].sum() / by_bridge["km"].sum()

course.check("09.3", share_estimated)
""",
        hints=[
            'stretches("khabarovsk", "harbin") gives you the rows. Look at value_kind.',
            'Add up "km" where value_kind is "estimate", and divide by all km.',
        ],
        after="More than a quarter of this way is an estimate, and all of it lies at the "
        "bridge. So this path has no length that you could print without saying so.",
    ),
    Exercise(
        "09.4",
        ask="Write a weight that blends dollars and hours",
        minutes=6,
        objective=2,
        kind="function",
        unit="dollars",
        digits=2,
        answer=_blend,
        inputs=_some_edges,
        mistakes={
            "The hours are missing: each is worth ten dollars here.": lambda: _blend(hour=0),
            "You added the hours to the dollars as they are. Multiply them by the ten "
            "dollars that an hour is worth.": lambda: _blend(hour=1),
            "A border without a break of gauge costs a fee too: look at "
            "crosses_border.": lambda: _blend(fee=0),
            "The change of gauge is missing. It comes on top of the border fee.": lambda: (
                _blend(gauge=0)
            ),
            "Where the gauge breaks, the border fee is missing. It is due at every border: use "
            "two ifs, not if and elif.": lambda: _blend(either=True),
            "The two fees are swapped: border_fee is for every border, gauge_fee for a break "
            "of gauge.": lambda: _swapped,
            "You charge a change of gauge at each border. Some have the same gauge on both "
            "sides: look at gauge_break.": lambda: _blend(any_border=True),
            "You charge the border fee on every edge. Use if.": lambda: _blend(always=True),
            "The survey gives dollars for 500 km. You took them for one: use per_km.": lambda: (
                _blend(km=1)
            ),
        },
        solution="""
def blend(a, b, edge):
    dollars = edge["km"] * per_km
    if edge["crosses_border"]:
        dollars = dollars + border_fee
    if edge["gauge_break"]:
        dollars = dollars + gauge_fee
    return dollars + 10 * edge["hours"]

course.check("09.4", blend)
""",
        hints=[
            'Begin with edge["km"] * per_km. Then one if for the border, one for the gauge.',
            'At the end add 10 * edge["hours"] and return the sum.',
        ],
        after="Now you can hand your function to the machine, as weight=blend. Are ten dollars "
        "right for an hour? Nobody measured that. Coal can wait, a part that a factory needs "
        "cannot.",
    ),
    Exercise(
        "09.5",
        ask="Find the hours at a border at which two ways take equally long",
        minutes=4,
        objective=3,
        unit="hours",
        digits=1,
        answer=_flip,
        named={"km_a_day": (900, [1500])},
        mistakes={
            "Those are the hours for both borders together. The task asks for each.": lambda: (
                _flip(borders=1)
            ),
            "You set the tariff guide against the network. Compare like with like: take "
            "inside_russia.": lambda: _flip(inside=_published(1)),
            "That is in days. One day has 24 hours.": lambda: _flip() / 24,
            "Those are the days for both borders together. The task asks for hours at "
            "each.": lambda: _flip(borders=1) / 24,
            "You set the passenger line against the network. Compare like with like: take "
            "inside_russia.": lambda: _flip(inside=_published(0)),
            "You set the stops of the Trans-Siberian against the network. Take "
            "inside_russia.": lambda: _flip(inside=_published(2)),
            "Those are half of the kilometres. Divide by the speed as well.": lambda: (
                (_inside() - _shortest()) / 2
            ),
        },
        solution="""
saved_km = inside_russia - through_china
flip_hours = saved_km / (900 / 24) / 2

course.check("09.5", flip_hours)
""",
        hints=[
            "How many km does the way through China save? How many hours are that?",
            "Speed is 900 / 24 km an hour. Divide the hours saved by the two borders.",
        ],
        after="At this speed a wait of a working day at each border eats up all that the "
        "shorter way saves. A faster train is worth less patience: it saves fewer hours.",
    ),
    Exercise(
        "09.6",
        ask="Close each crossing in turn and count the extra hours",
        objective=4,
        kind="mapping",
        unit="hours",
        digits=1,
        answer=_closing,
        mistakes={
            "Those are the hours of all twelve journeys together. Hand in the mean.": (
                lambda: _closing() * len(_STARTS) * len(_ENDS)
            ),
            "The sign is turned round: closed minus open. A closed crossing never makes a "
            "journey shorter.": lambda: -_closing(),
            "Those are the mean hours with the crossing closed. Take away those of the open "
            "network.": lambda: _closing() + sum(_lengths(_graph())) / 12,
            "Those are days. Hand in hours.": lambda: _closing() / 24,
            "Those are the extra km. Use mean_hours.": lambda: _closing(weight="km"),
            "You took 60 km an hour. The task names the network at 37.5.": lambda: _closing(60),
            "You took 20 km an hour. The task names the network at 37.5.": lambda: _closing(20),
            "These are percent of the open network. Hand in hours.": lambda: (
                100 * _closing() / (sum(_lengths(_graph())) / 12)
            ),
        },
        solution="""
extra_hours = {}
for name, (a, b) in crossings_by_rail.items():
    closed = now.copy()
    closed.remove_edge(a, b)
    extra_hours[name] = mean_hours(closed) - mean_hours(now)

course.check("09.6", extra_hours)
""",
        hints=[
            "Copy the network inside the loop, before you close anything. Without a copy all "
            "crossings stay closed, until no way is left. Then run the cell of now again.",
            "In the loop: copy, remove_edge, then mean_hours(closed) - mean_hours(now).",
        ],
        after="One crossing stands out by far. And one adds nothing at all at this speed: no "
        "path of ours ran through it.",
    ),
    Exercise(
        "09.7",
        ask="Find which crossing comes second at three speeds",
        objective=3,
        kind="mapping",
        answer=_place,
        options=list(_BORDERS),
        mistakes={
            "That is who hurts most. The task asks for the second.": lambda: _place(0),
            "That is the order from below: the second that hurts least. Sort the other "
            "way.": lambda: _place(ascending=True),
            "That is the third. Count from the top.": lambda: _place(2),
            "The list is turned round: the first is for the slowest trains.": lambda: dict(
                zip(_place(), [*_place().values()][::-1], strict=True)
            ),
        },
        solution="""
second = {}
for speed in [20, 40, 60]:
    ranked = closing(timed(speed, gauge_border)).sort_values(ascending=False)
    second[f"{speed} km/h"] = ranked.index[1]

course.check("09.7", second)
""",
        hints=[
            "closing(timed(20, gauge_border)) gives the extra hours at 20 km an hour.",
            "sort_values(ascending=False) puts the largest first; index[1] is the second.",
        ],
        after="The first place does not move, the second does. What you may print is the "
        "first, with the range in which you tried it.",
    ),
    Exercise(
        "09.8",
        ask="Draw two ways from Khabarovsk to Harbin on one map",
        objective=5,
        kind="map",
        area="heilongjiang",
        minutes=15,
        answer=_two_ways,
        mistakes={},
        checks=[
            Check(
                "There is no line yet that runs through all places of a path. Hand PolyLine "
                "the spots of each place, first to last.",
                lambda p: any(_of(p, name) for name in _ways()),
                lambda: _two_ways(cut=True),
            ),
            Check(
                "The way before the bridge is there. The one over the bridge is missing: take "
                "the path in the network with all its edges.",
                lambda p: _of(p, "since"),
                lambda: _two_ways(("before",)),
            ),
            Check(
                "The way over the bridge is there. The one before is missing: take the path "
                "in without_bridge.",
                lambda p: _of(p, "before"),
                lambda: _two_ways(("since",)),
            ),
            Check(
                "The two lines have one colour, or nearly. A reader cannot tell them apart "
                "where they meet.",
                lambda p: apart(_one(p, name).style["color"] for name in _ways()),
                lambda: _two_ways(colours=("#0072B2", "rgb(0, 110, 170)")),
            ),
            Check(
                "A line says nothing when pointed at. Give each a tooltip.",
                lambda p: _one(p, "before").words and _one(p, "since").words,
                lambda: _two_ways(words=(None, "over the bridge, partly an estimate")),
            ),
            Check(
                "Both tooltips say the same. Which of the two ways is it?",
                lambda p: _one(p, "before").words != _one(p, "since").words,
                lambda: _two_ways(words=("an estimate", "an estimate")),
            ),
            Check(
                "The way over the bridge rests partly on estimates, and its tooltip does not "
                "say so. Use the word estimate.",
                lambda p: _tells(_one(p, "since")),
                lambda: _two_ways(words=("before the bridge", "over the bridge")),
            ),
            Check(
                "No part of the way before the bridge is an estimate. Take the word out of "
                "its tooltip.",
                lambda p: not _tells(_one(p, "before")),
                lambda: _two_ways(words=("an estimate", "the bridge, partly an estimate")),
            ),
            Check(
                "The way over the bridge should be dashed: use dash_array. Then it can be "
                "told apart without colours, too.",
                lambda p: bool(_one(p, "since").style.get("dashArray")),
                lambda: _two_ways(dash=(None, None)),
            ),
            Check(
                "Both lines are dashed. Dash only the one that rests partly on estimates.",
                lambda p: not _one(p, "before").style.get("dashArray"),
                lambda: _two_ways(dash=("8 6", "8 6")),
            ),
            Check(
                "The map does not name OpenStreetMap, whose lengths it draws. Give area_map "
                "the caption of the task.",
                lambda p: "openstreetmap" in p.caption.lower(),
                lambda: _two_ways(caption=""),
            ),
        ],
        solution="""
credit = "Lengths partly (c) OpenStreetMap contributors, ODbL"
bridge_map = course.area_map("heilongjiang", caption=credit,
                             alt="Two ways from Khabarovsk to Harbin.")
before = nx.shortest_path(without_bridge, "khabarovsk", "harbin", weight="km")
since = nx.shortest_path(network, "khabarovsk", "harbin", weight="km")
folium.PolyLine(spots(before), color="#0072B2",
                tooltip="before: through Suifenhe").add_to(bridge_map)
folium.PolyLine(spots(since), color="#D55E00", dash_array="8 6",
                tooltip="since November 2022, partly an estimate").add_to(bridge_map)

course.check("09.8", bridge_map)
""",
        hints=[
            "Two paths: nx.shortest_path in without_bridge, and in network. spots(path) "
            "gives you the points.",
            "folium.PolyLine(spots(path), color=..., tooltip=..., dash_array=...) and "
            ".add_to(bridge_map), once for each.",
        ],
        after="One edge opened, and a way from city to city moved by hundreds of kilometres. "
        "Note what the map says, and what it does not: how much was carried.",
    ),
    Exercise(
        "09.9",
        ask="Sign a verdict on transport advice",
        objective=6,
        kind="verdict",
        claims=["c35", "c37", "c39"],
        answer=_example,
        minutes=6,
        mistakes={},
        solution=f'''
my_verdict = course.Verdict(
    "c39", "mixed", confidence="low",
    because=[bridge_freight, corridor],
    says="""{_SAYS}""",
    would_change="{_CHANGE}",
)

course.check("09.9", my_verdict)
''',
        hints=[
            "Choose one of the three claims. Which rows above speak of it?",
            "Rows that you have: opened, built, suifenhe, corridor, bridge_freight.",
            "Ask what a network can show, and what needs figures of freight or people.",
        ],
        after="A network tells what is possible. What moves on it, and why, is another "
        "question.",
    ),
]


# --- the explorer: open, close, and see the path move --------------------------------------

_ORIGINS = ["moscow", "khabarovsk", "blagoveshchensk", "vladivostok"]
_TARGETS = ["vladivostok", "harbin", "beijing"]
_MODES: dict[Any, str] = {"rail": _("rail"), "road": _("road")}
_MEASURES: dict[Any, str] = {
    "km": _("km"),
    "hours": _("hours"),
    "dollars": _("dollars for 20 t"),
    "blend": _("dollars, with 10 for each hour"),
}
_DAYS: dict[Any, str] = {
    "2017-06-15": _("15 June 2017, the article"),
    "2021-12-15": _("15 December 2021"),
    "2022-06-10": _("10 June 2022, road bridge at Heihe"),
    "2022-11-16": _("16 November 2022, rail bridge at Tongjiang"),
    "2024-02-11": _("11 February 2024, Chinese New Year"),
}
_POSTS: dict[Any, str] = {  # one end of a border edge, of rail or road
    "none": _("none"),
    "manzhouli": _("Manzhouli - Zabaikalsk"),
    "suifenhe": _("Suifenhe - Pogranichny"),
    "tongjiang": _("Tongjiang - Leninskoye"),
    "heihe": _("Heihe - Blagoveshchensk"),
    "erenhot": _("Erenhot - Zamyn-Uud"),
}
_SPEEDS = [15.0, 37.5, 60.0]
_FORMS = {
    "km": "{:,.0f} km",
    "hours": _("{:,.0f} hours"),
    "dollars": _("{:,.0f} dollars for 20 t"),
}
_FORMS["blend"] = _FORMS["dollars"]
_LENGTHS: dict[Any, str] = {
    "reported": _("{km:g} km, reported"),
    "measured": _("{km:g} km, measured on a map"),
    "estimate": _("about {km:g} km, an estimate"),
}
_OPEN, _PATH, _GUESS, _SHUT = "#8a8a8a", "#0072B2", "#E69F00", "#D55E00"

_Pair = tuple[str, str]


@cache
def _shut(mode: str, day: str) -> dict[_Pair, str]:
    """Return the edges that freight could not use on a day, each with the reason."""
    opened, found = by_id("crossings")["opened_on"].dropna().to_dict(), {}
    closures = load("border_closures")
    closures = closures[closures["traffic"].isin(["freight", "all"])]
    closures = closures[(closures["closed_on"] <= day) & (day < closures["reopened_on"])]
    for pair, edge in _each(mode):
        crossing = edge["crossing_id"]
        if opened.get(crossing, "") > day:
            found[pair] = _("not open before {day}", day=opened[crossing])
        elif crossing in set(closures["crossing_id"]):
            found[pair] = _("closed to freight on {day}", day=day)
    return found


@cache
def _each(mode: str) -> list[tuple[_Pair, dict[Any, Any]]]:
    """Return the ends of each edge, and what the table says of it."""
    rows = _edges(mode).to_dict("records")
    return [((edge["from_place_id"], edge["to_place_id"]), edge) for edge in rows]


@cache
def _picked(mode: str, post: str) -> _Pair | None:
    """Return the border edge at a post, if this kind of transport has one."""
    borders = [pair for pair, edge in _each(mode) if edge["crosses_border"]]
    return next((pair for pair in borders if post in pair), None)


@cache
def _found(
    origin: str, target: str, mode: str, by: str, speed: float, shut: frozenset[_Pair]
) -> list[str]:
    """Return the path; an empty list where there is none."""
    import networkx as nx

    graph = _without(_graph(speed, mode=mode), *shut)
    try:
        return _path(graph, origin, target, by)
    except nx.NetworkXNoPath:
        return []


def _name(place: str) -> str:
    return str(_names()[place]).split(" (")[0]


@cache
def _names() -> pd.Series:
    return by_id("places")["name_en"]


def _guessed(graph: Graph, path: list[str]) -> float:
    """Return the km of a path that are an estimate."""
    edges = (graph.edges[pair] for pair in pairwise(path))
    return float(sum(edge["km"] for edge in edges if edge["value_kind"] == "estimate"))


def _numbers(graph: Graph, path: list[str]) -> str:
    """Say km, hours and dollars of a path, and how much of it is an estimate."""
    guessed = _guessed(graph, path)
    said = [_FORMS[what].format(_sum(graph, path, what)) for what in ("km", "hours", "dollars")]
    said[0] = _("About {km}", km=said[0]) if guessed else said[0]
    words = ", ".join(said)
    return words + "." if not guessed else _(
        "{numbers}. <b>{km:,.0f} km of it are an estimate</b>, so this is no distance.",
        numbers=words, km=guessed,
    )  # fmt: skip


def _line(pair: _Pair, **style: Any) -> dict[str, Any]:
    return {"line": [[float(x) for x in spot] for spot in _ends(pair)], **style}


@cache
def _ends(pair: _Pair) -> list[list[float]]:
    return _spots(pair)


def _drawing(mode: str, path: list[str], shut: dict[_Pair, str]) -> list[dict[str, Any]]:
    on_path = {frozenset(pair) for pair in pairwise(path)}
    below, above = [], []
    for pair, edge in _each(mode):
        kind, km = edge["value_kind"], edge["km"]
        says = f"{_name(pair[0])} - {_name(pair[1])}"
        says += f": {_LENGTHS[kind].format(km=km)}"
        if pair in shut:
            look = {"color": _SHUT, "width": 5, "dash": "6 6", "says": f"{says}; {shut[pair]}"}
            above.append(_line(pair, **look))
        elif frozenset(pair) in on_path:
            guess = {"color": _GUESS, "dash": "3 9"} if kind == "estimate" else {"color": _PATH}
            above.append(_line(pair, width=6, says=says, **guess))
        else:
            below.append(_line(pair, color=_OPEN, width=2, says=says))
    for post, words in _POSTS.items():
        if border := _picked(mode, post):
            why = shut.get(border, "")
            dot = {"at": _ends((post, post))[0], "color": "#000000", "id": post}
            if why:
                dot |= {"radius": 8, "fill": _SHUT, "label": "✕", "says": f"{words}: {why}"}
            else:
                says = _("{post}: click to close it", post=words)
                dot |= {"radius": 6, "fill": "#ffffff", "says": says}
            above.append(dot)
    return below + above


def _what_if(
    origin: str, target: str, mode: str, by: str, day: str, close: str, speed: float
) -> tuple[str, list[dict[str, Any]]]:
    shut = dict(_shut(mode, day))
    picked = _picked(mode, close)
    state = origin, target, mode, by, speed
    before = _found(*state, frozenset(shut))
    if picked:
        shut[picked] = _("closed by you")
    path = _found(*state, frozenset(shut))
    graph = _graph(speed, mode=mode)
    ends = {"a": _name(origin), "b": _name(target), "mode": _MODES[mode], "by": _MEASURES[by]}
    title = _("{a} to {b} by {mode}, shortest in {by}. {day}.", day=_DAYS[day], **ends)
    if origin == target:
        words = _("You are there already. Choose two different places.")
    elif not path:
        words = _("No way is left: the closed edges cut the network in two.")
    else:
        words = _numbers(graph, path)
    words += " " + _effect(graph, before, path, by, close, mode)
    way = " → ".join(_step(graph, a, b) for a, b in pairwise(path))
    way = f"{escape(_name(origin))} → {way}" if way else ""
    closed = "; ".join(
        f"{escape(_name(a))} - {escape(_name(b))} ({escape(why)})"
        for (a, b), why in shut.items()
    )
    if closed:
        closed = f"<p><small>{_('Not to be used: {edges}.', edges=closed)}</small></p>"
    html = f"<p><b>{escape(title)}</b> {words}</p><p>{way}</p>{closed}{_key(mode, speed)}"
    return html, _drawing(mode, path, shut)


def _step(graph: Graph, a: str, b: str) -> str:
    """Return the name of the next place, with what lies before it."""
    edge = graph.edges[a, b]
    mark = ""
    if edge["crosses_border"]:
        mark = _("(border)")
        if edge["gauge_break"]:
            mark = _("(border, break of gauge)")
    return f"{mark} {escape(_name(b))}".strip()


def _effect(
    graph: Graph, before: list[str], path: list[str], by: str, close: str, mode: str
) -> str:
    if close == "none":
        return ""
    named = {"post": escape(_POSTS[close])}
    if not _picked(mode, close):
        return _("At {post} our {mode} network has no border edge.", mode=_MODES[mode], **named)
    if not path or not before or len(path) == 1:
        return ""
    more = _sum(graph, path, by) - _sum(graph, before, by)
    if path == before:
        return _("Closing {post} changes nothing here.", **named)
    said = _FORMS[by].format(more)
    if _guessed(graph, before) or _guessed(graph, path):
        said = _("about {more}, partly an estimate", more=said)
    return _("Closing {post} adds {more}.", more=said, **named)


def _key(mode: str, speed: float) -> str:
    """Explain the lines and what was assumed."""
    lines = [
        (_PATH, _("path")),
        (_GUESS, _("path, length estimated (dotted)")),
        (_SHUT, _("closed or not yet open (dashed, ✕)")),
        (_OPEN, _("other {mode} lines", mode=_MODES[mode])),
    ]
    key = " &nbsp; ".join(
        f'<span class="course-colour" style="color:{colour}" aria-hidden="true">━</span> {said}'
        for colour, said in lines
    )
    road = mode == "road"
    assumed = _(
        "Speed in Russia and China: {speed:g} km an hour, your assumption. Mongolia: "
        "{slow:g}, from a survey there. A border: {border:g} hours, as in Mongolia.",
        speed=speed,
        slow=_measured("road_speed" if road else "mongolian_speed"),
        border=_measured("road_border" if road else "any_border"),
    )
    if not road:
        assumed += " " + _(
            "A break of gauge: {gauge:g} in place of them.", gauge=_measured("gauge_border")
        )
    note = _(
        "Closures are those for freight. Lines are schematic. Moscow lies beyond the left "
        "edge. Lengths partly © OpenStreetMap contributors, ODbL. Tables: network_edges, "
        "border_delays, crossings, border_closures."
    )
    return f"<p>{key}</p><p><small>{assumed} {note}</small></p>"


def _listed(words: dict[Any, str]) -> list[tuple[str, Any]]:
    return [(said, value) for value, said in words.items()]


network = Explorer(
    _("What if a crossing opens or closes"),
    {
        "origin": Control(_("From"), lambda: [(_name(p), p) for p in _ORIGINS]),
        "target": Control(_("To"), lambda: [(_name(p), p) for p in _TARGETS]),
        "mode": Control(_("By"), _listed(_MODES)),
        "by": Control(_("Shortest in"), _listed(_MEASURES)),
        "day": Control(_("On"), _listed(_DAYS), start="2022-11-16"),
        "close": Control(_("Close"), _listed(_POSTS)),
        "speed": Control(
            _("Assumed speed in Russia and China, km an hour"),
            [(f"{speed:g}", speed) for speed in _SPEEDS],
            start=37.5,
            slider=True,
        ),
    },
    _what_if,
    area="heilongjiang",
    picks="close",
    height=380,
    alt=_("The network around Heilongjiang with the shortest path and what is closed."),
)
