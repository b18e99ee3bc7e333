"""Lesson 09: what its text and its explorer say is what the network gives."""

import ast
import json
import re

import networkx as nx
import pandas as pd
import pytest

from course import explore
from course.data import load
from course.lessons import room
from course.paths import lessons_dir

START = {"origin": "moscow", "target": "vladivostok", "mode": "rail", "by": "km"}
START |= {"day": "2022-11-16", "close": "none", "speed": 37.5}


@pytest.fixture(scope="module")
def cells():
    path = lessons_dir() / "09_transport_networks.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


@pytest.fixture(scope="module")
def answers():
    return {task.id: task.answer for task in room("09").EXERCISES}


def seen(**changes):
    """The words of a state, and the features on its map."""
    html, features = explore.explorer("network").draw(**START | changes)
    return re.sub(r"<[^>]*>", "", html), features


def rail():
    edges = load("network_edges")
    edges = edges[edges["mode"] == "rail"]
    return nx.from_pandas_edgelist(edges, "from_place_id", "to_place_id", edge_attr=True)


# --- the table -------------------------------------------------------------------


def test_no_passenger_line_is_left():
    lines = rail()
    assert lines.edges["harbin", "suifenhe"]["km"] == 548
    assert "mudanjiang" not in lines  # it was joined by the high-speed line only
    assert nx.is_connected(lines)


def test_only_estimates_are_called_so():
    edges = load("network_edges")
    guessed = edges["km_basis"].str.startswith("great circle")
    assert set(edges["value_kind"][guessed]) == {"estimate"}
    assert set(edges["value_kind"][~guessed]) == {"reported", "measured"}


# --- what the text says ------------------------------------------------------------


def test_the_toy_of_the_lesson_is_that_of_its_exercise(cells, answers):
    (code,) = ("".join(c["source"]) for c in cells if c["id"] == "l09-toy")
    calls = [n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call) and n.args]
    toy = nx.Graph()
    for call in calls:
        toy.add_edge(*map(ast.literal_eval, call.args), hours=call.keywords[0].value.value)
    assert len(toy.edges) == 5
    found = nx.single_source_dijkstra_path_length(toy, "A", weight="hours")
    assert {**answers["09.1"](), "A": 0} == found
    fewest, least = nx.shortest_path(toy, "A", "D"), nx.shortest_path(toy, "A", "D", "hours")
    assert len(fewest) < len(least)


def test_the_way_through_china_is_shorter_and_stays_so_in_dollars_only():
    words, _features = seen()
    assert "8,260 km" in words and "Manzhouli" in words
    assert "Manzhouli" not in seen(by="hours")[0]
    assert "Manzhouli" in seen(by="dollars")[0]
    assert "Manzhouli" in seen(by="hours", speed=15.0)[0]  # slow trains are patient


def test_measured_waits_lie_on_both_sides_of_the_flip(answers):
    delays = load("border_delays")
    trains = delays[(delays["mode"] == "rail") & (delays["value_kind"] == "survey average")]
    waits = trains[trains["point"].str.contains("Mongolia|Zamyn")]["hours"].dropna()
    gauge = trains[trains["point"] == "Zamyn-Uud"]["hours"].dropna()  # a break of gauge alone
    slowest = delays.set_index("delay_id")["value"]["d142"] / 20  # in up to 20 days
    for km_a_day in (slowest, 900, 1500):
        limit = answers["09.5"](km_a_day=km_a_day)
        assert waits.min() < limit < gauge.min()
        assert (limit < waits.median()) == (km_a_day > slowest)


def test_what_the_text_says_of_the_ports():
    edges = load("network_edges")
    edges = edges[edges["mode"] != "road"]
    both = nx.from_pandas_edgelist(edges, "from_place_id", "to_place_id", edge_attr=True)

    def saved(city, port):
        dalian, vladivostok = (
            nx.shortest_path_length(both, city, sea, "km")
            + nx.shortest_path_length(both, sea, port, "km")
            for sea in ("dalian", "vladivostok")
        )
        return dalian - vladivostok

    cities = ("harbin", "suifenhe", "changchun")
    assert [saved(city, "busan") > 0 for city in cities] == [True, True, False]
    assert [saved(city, "shanghai") > 0 for city in cities] == [False, True, False]


def test_a_journey_of_the_east_leaves_the_twelve_as_they_are(cells):
    code = {c["id"]: "".join(c["source"]) for c in cells}
    space = {"now": None, "closing": lambda graph: pd.Series({"Hunchun": 1.5})}
    exec(code["l09-mean-hours"].split("def ")[0], space)  # noqa: S102
    before = space["starts"]
    exec(code["l09-east"], space)  # noqa: S102
    assert space["starts"] == before and len(before) == 4


@pytest.mark.parametrize("cell", ["l09-network-map", "l09-ask-8"])
def test_each_map_of_lengths_names_openstreetmap(cells, cell):
    (source,) = ("".join(c["source"]) for c in cells if c["id"] == cell)
    assert "(c) OpenStreetMap contributors, ODbL" in source


def test_the_first_place_survives_every_speed_and_wait_and_the_second_does_not():
    ranks = [
        list(room("09")._closing(speed, wait=wait).sort_values(ascending=False).index[:2])
        for speed in (15, 20, 30, 37.5, 50, 65)
        for wait in (6, 12, 20, 31)
    ]
    assert {first for first, _second in ranks} == {"Zabaikalsk"}
    assert {second for _first, second in ranks} == {"Erenhot", "Tongjiang"}


# --- the explorer ---------------------------------------------------------------------


def test_the_rail_bridge_moves_the_path_on_its_day_and_is_called_an_estimate():
    before, _f = seen(origin="khabarovsk", target="harbin", day="2022-06-10")
    since, features = seen(origin="khabarovsk", target="harbin")
    assert "1,307 km" in before and "Suifenhe" in before and "not open before" in before
    assert "About 891 km" in since and "254 km of it are an estimate" in since
    dotted = [f for f in features if f.get("dash") == "3 9"]
    assert len(dotted) == 2 and all("estimate" in f["says"] for f in dotted)


@pytest.mark.parametrize(
    ("day", "bridge"), [("2021-12-15", False), ("2022-06-10", True), ("2024-02-11", False)]
)
def test_the_road_bridge_opens_and_closes_by_date(day, bridge):
    words, features = seen(origin="blagoveshchensk", target="harbin", mode="road", day=day)
    assert ("569 km" in words) == bridge
    (heihe,) = (f for f in features if f.get("id") == "heihe")
    assert ("closed" in heihe["says"] or "not open" in heihe["says"]) == (not bridge)


def test_a_closure_for_travellers_closes_nothing_for_freight():
    words, _f = seen(origin="vladivostok", target="harbin", day="2021-12-15")
    assert "Suifenhe" in words and "Pogranichny (closed" not in words
    assert "Pogranichny" in seen(
        origin="vladivostok", target="harbin", mode="road", day="2021-12-15"
    )[0]  # fmt: skip


def test_closing_a_crossing_says_what_it_adds():
    words, features = seen(target="harbin", by="hours", close="manzhouli")
    assert re.search(
        r"Closing Manzhouli - Zabaikalsk adds about \d+ hours, partly an est", words
    )
    assert "adds" not in seen(target="harbin", by="hours", close="erenhot")[0]
    shut = [f for f in features if f.get("dash") == "6 6"]
    assert len(shut) == 1 and "closed by you" in shut[0]["says"]
    assert "no border edge" in seen(close="heihe")[0]


def test_what_a_closing_adds_is_no_distance_where_an_estimate_is_in_it():
    words, _f = seen(origin="khabarovsk", target="harbin", close="tongjiang")
    assert "adds about 416 km, partly an estimate" in words
    words, _f = seen(close="suifenhe")
    assert "Closing Suifenhe" in words and "estimate." not in words.split("Closing")[1][:60]


@pytest.mark.parametrize("mode", ["rail", "road"])
def test_what_is_shut_on_each_day_is_what_the_tables_say(mode):
    """Read the two tables anew, row by row."""
    explorer = explore.explorer("network")
    opened = load("crossings").set_index("crossing_id")["opened_on"].to_dict()
    closures = load("border_closures").to_dict("records")
    edges = load("network_edges")
    borders = edges[(edges["mode"] == mode) & edges["crosses_border"]]
    for _said, day in explorer.controls["day"].pairs():
        expected = set()
        for edge in borders.to_dict("records"):
            crossing = edge["crossing_id"]
            shut = any(
                row["crossing_id"] == crossing and row["traffic"] != "passengers"
                and isinstance(row["closed_on"], str)
                and row["closed_on"] <= day < row["reopened_on"]
                for row in closures
            )  # fmt: skip
            first = opened.get(crossing)
            if shut or (isinstance(first, str) and first > day):
                expected.add((edge["from_place_id"], edge["to_place_id"]))
        assert set(room("09")._shut(mode, day)) == expected, day
    assert opened["tongjiang_nizhneleninskoye_rail"] == "2022-11-16"
    assert opened["heihe_blagoveshchensk_road_bridge"] == "2022-06-10"


def test_the_same_place_twice_gets_a_sentence():
    assert "two different places" in seen(origin="vladivostok", target="vladivostok")[0]


def test_a_cut_network_gets_a_sentence(monkeypatch):
    ours = room("09")
    cut = {("ussuriysk", "vladivostok"): "closed for a test"}
    monkeypatch.setattr(ours, "_shut", lambda mode, day: cut)
    words, features = seen()
    assert "cut the network in two" in words
    assert not [f for f in features if f.get("width") == 6]


def test_the_map_names_openstreetmap():
    for mode in ("rail", "road"):
        assert "© OpenStreetMap contributors, ODbL" in seen(mode=mode)[0]
        assert "Closures are those for freight" in seen(mode=mode)[0]


def test_no_cell_shows_three_dots(cells):
    code = ["".join(c["source"]).strip() for c in cells if c["cell_type"] == "code"]
    assert not [one for one in code if one.isidentifier() and f"{one} = ..." in "\n".join(code)]
