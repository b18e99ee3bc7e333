"""What a student is told: by check, hint, solution and progress."""

import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import folium
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import course
import course.exercises.verbs as module
from course.errors import CourseError
from course.exercises.exercise import count_words
from course.exercises.journal import NAME, ProgressFile
from course.exercises.show import LOOKS, Feedback, Hint, Progress, Solution
from course.exercises.verbs import (
    Exercise,
    bounds,
    features,
    layers,
    legends,
    lines,
    points,
    rounded,
    spots,
)
from course.maps.live import LiveMap


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    monkeypatch.setattr(module, "_file", ProgressFile())
    monkeypatch.setattr(module, "_hints", {})
    return tmp_path


def task(**changes):
    fields = {
        "ask": "Say the answer",
        "objective": 0,
        "answer": lambda: 42.0,
        "mistakes": {},
        "hints": ["Count.", "Count again."],
        "after": "So it is.",
        "solution": 'x = 42\ncourse.check("98.1", x)',
    }
    return Exercise("98.1", **(fields | changes))


@pytest.fixture
def registered(monkeypatch):
    """Put exercises into a lesson 98 that does not exist."""

    def register(**changes):
        one = task(**changes)
        other = task()
        other.id = "98.2"
        monkeypatch.setattr(module, "lessons", lambda: ["98"])
        monkeypatch.setattr(module, "exercises", lambda lesson: {"98.1": one, "98.2": other})
        return one

    return register


def said(given, /, **changes):
    """Status and message for an answer."""
    found = task(**changes).judge(given)
    return found.status, found.message


# --- the order of a diagnosis -------------------------------------------------


@pytest.mark.parametrize("untouched", [..., "...", "…", {"a": ...}, [..., ...]])
def test_not_attempted(untouched):
    for kind in ("number", "text", "set", "mapping", "table", "map", "free", "choice"):
        assert said(untouched, kind=kind)[0] == "not attempted"


def test_dots_that_are_left_are_named():
    status, words = said({"a": 1, "b": ..., "c": ...}, kind="mapping", answer=lambda: {"a": 1})
    assert status == "not yet" and "b, c" in words


def test_right_comes_first_then_own_mistakes_then_general_ones():
    mistakes = {"Per cent!": lambda: 4200, "Right, in fact.": lambda: 42}
    assert said(42, mistakes=mistakes) == ("passed", "So it is.")
    assert said(4200, mistakes=mistakes) == ("not yet", "Per cent!")
    assert "Percent in place of a share" in said(4200)[1]


def test_the_first_mistake_that_fits_wins():
    mistakes = {"First.": lambda: 17, "Second.": lambda: 17.0}
    assert said(17, mistakes=mistakes)[1] == "First."


def test_a_mistake_that_cannot_be_computed_is_skipped():
    mistakes = {"Broken.": lambda: 1 / 0, "Second.": lambda: 17.0}
    assert said(17, mistakes=mistakes)[1] == "Second."


def test_other_right_answers():
    assert said("b", kind="text", answer=lambda: "a", also=["b", "c"])[0] == "passed"


# --- words for numbers --------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (4200, "100 times too large"),
        (0.42, "100 times too small"),
        (42e3, "1,000 times too large"),
        (42e6, "1,000,000 times too large"),
        (42e9, "1,000,000,000 times too large"),
        (42e-3, "1,000 times too small"),
        (42e-9, "billion in place of single"),
        (-42, "sign is turned round"),
        (1 / 42, "upside down"),
        ("42", "without quotes"),
        ("42 ", "without quotes"),
        (None, "empty (None)"),
        (float("nan"), "not a number (NaN)"),
        (pd.NA, "not a number (NaN)"),
        (pd.Series([np.nan]), "not a number (NaN)"),
        ([], "Your answer is empty"),
        (pd.DataFrame({"a": []}), "no row is left"),
        ("", "empty text"),
        (float("inf"), "infinite"),
        (len, "forget the brackets"),
        (pd.Series([1, 2, 3]), "Series with 3 values"),
        (pd.DataFrame({"a": [1, 2], "b": [1, 2]}), "2 rows and 2 columns"),
        (300, "too large by a factor of about 7"),
        (13.9, "too small by a factor of about 3"),
        (43, "by less than a tenth"),
        (42.5, "Very close"),
        (62, "by less than a half"),
        (70, "about a half"),
        (0, "is zero"),
        (-300, "wrong sign"),
        (1e300, "far too large"),
        (True, "True or False"),
    ],
)
def test_words_for_a_wrong_number(answer, words):
    status, message = said(answer)
    assert status == "not yet"
    assert words in message


def test_the_unit_is_named_but_not_the_answer():
    assert said(300, unit="USD bn")[1].endswith("The answer is wanted in: USD bn.")
    assert "another year" in said(2018, answer=lambda: 2017, unit="year")[1]
    assert said(5, answer=lambda: 0)[1] == "Your answer is too far from zero."


@pytest.mark.parametrize("few", [3.8, 3.83])
def test_a_number_rounded_too_far_is_told(few):
    assert "rounded too far" in said(few, answer=lambda: 3.826, tolerance=1e-4)[1]
    both = {"a": few, "b": -few}
    words = said(both, kind="mapping", tolerance=1e-4, answer=lambda: {"a": 3.826, "b": -3.826})
    assert words[1].startswith("The keys are right. That looks rounded too far.")


def test_a_count_is_not_a_rounded_number():
    assert "too small" in said(40, answer=lambda: 42)[1]
    assert "too small" in said(100, answer=lambda: 105.3)[1]  # one digit is no rounding
    assert "too large" in said(3.84, answer=lambda: 3.826, tolerance=1e-4)[1]


def test_size_below_zero_leaves_the_sign_aside():
    assert "too large (leaving the minus sign aside)" in said(-9, answer=lambda: -7)[1]


@settings(deadline=None)
@given(st.floats(allow_nan=True, allow_infinity=True), st.floats(-1e9, 1e9))
def test_every_number_gets_words(answer, right):
    found = task(answer=lambda: right).judge(answer)
    assert found.status in ("passed", "not yet") and found.message
    assert len(found.message) < 300


# --- words for sets, mappings, tables, choices --------------------------------


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (["a", "b"], "2 of 3 are right; 1 still missing"),
        (["a", "b", "c", "d", "e"], "3 of 3 are right; 2 do not belong (d, e)"),
        (["a", "z"], "1 of 3 are right; 1 does not belong (z); 2 still missing"),
        (pd.Series([True, False, True]), "filter"),
        (pd.DataFrame({"x": ["a"], "y": ["b"]}), "1 row and 2 columns"),
        ((c for c in "abc"), "list(...)"),
        (5, "0 of 3"),
    ],
)
def test_words_for_a_wrong_set(answer, words):
    status, message = said(answer, kind="set", answer=lambda: {"a", "b", "c"})
    assert status == "not yet" and words in message


def test_words_for_repeats():
    words = said(["a", "a"], kind="set", answer=lambda: ["a"], no_duplicates=True)[1]
    assert "more than once" in words


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"a": 1}, "Keys still missing: b, c."),
        ({"a": 1, "b": 2, "c": 4, "d": 8}, "Keys that do not belong: d."),
        ({"x": 1, "y": 2}, "None of the keys"),
        ({"a": 100, "b": 200, "c": 400}, "100 times too large"),
        ({"a": -1, "b": -2, "c": -4}, "sign is turned round"),
        ({"a": 1, "b": 2, "c": 5}, "2 of 3 are right. Look again at: c."),
        ({"a": 1, "b": 4, "c": 2}, "right, but at the wrong keys: b, c."),
        ({"a": 1, "b": 2, "c": None}, "no value at: c"),
        (pd.Series([1, 2], index=["a", "a"]), "more than once"),
        (7, "is a number"),
    ],
)
def test_words_for_a_wrong_mapping(answer, words):
    right = {"a": 1, "b": 2, "c": 4}
    status, message = said(answer, kind="mapping", answer=lambda: right)
    assert status == "not yet" and words in message


def test_a_word_that_is_none_of_the_options_is_told():
    mapping = {"kind": "mapping", "answer": lambda: {"A": "forecast", "B": "factual"}}
    given = {"A": "forecast", "B": "true"}
    words = said(given, options=["factual", "forecast"], **mapping)[1]
    assert words == "At B stands none of the words to choose from: factual, forecast."
    assert said(given, **mapping)[1].endswith("Look again at: B.")
    swapped = {"A": "factual", "B": "FORECAST "}
    assert "wrong keys" in said(swapped, options=["factual", "forecast"], **mapping)[1]
    assert "missing: B" in said({"A": "x"}, options=["factual", "forecast"], **mapping)[1]


def test_names_are_shown_as_they_were_written():
    right = {"RU-AMU": 1, "CN-HL": 2}
    assert "missing: CN-HL." in said({"ru-amu": 1}, kind="mapping", answer=lambda: right)[1]
    words = said({"RU-AMU", "Mn-047"}, kind="set", answer=lambda: set(right))[1]
    assert "(Mn-047)" in words
    pairs = {("CN-HL", 2017): 1.0, ("RU-AMU", 2017): 2.0}
    wrong = {("CN-HL", 2017): 1.0, ("RU-AMU", 2017): 3.0}
    words = said(wrong, kind="mapping", answer=lambda: pairs)[1]
    assert words.endswith("Look again at: (RU-AMU, 2017).")


def test_no_more_than_five_names():
    right = {f"key {n}": n for n in range(20)}
    assert said({"key 0": 0}, kind="mapping", answer=lambda: right)[1].endswith("and 14 more.")


FRAME = pd.DataFrame({"region": ["a", "b"], "people": [1, 2], "area": [5.0, 7.0]})


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (FRAME[["region"]], "Columns still missing: people, area."),
        (FRAME.head(1), "1 row, 1 too few"),
        (pd.concat([FRAME, FRAME]), "4 rows, 2 too many"),
        (FRAME.assign(area=[5, 8]), "1 of 2 rows are right. Look at: area."),
        (FRAME.assign(region=["a", "x"]), "Look at: region."),
        (pd.concat([FRAME, FRAME[["area"]] * 2], axis=1), "same name: area"),
        (5, "is a number"),
        (pd.DataFrame(), "no row is left"),
        ({"region": ["a"], "people": [1, 2], "area": [1]}, "each column as long"),
    ],
)
def test_words_for_a_wrong_table(answer, words):
    status, message = said(answer, kind="table", answer=lambda: FRAME)
    assert status == "not yet" and words in message


def test_words_for_swapped_coordinates():
    right = {"lat": 45.8, "lon": 126.5}
    words = said({"lat": 126.5, "lon": 45.8}, kind="mapping", answer=lambda: right)[1]
    assert words.endswith("Latitude and longitude are swapped.")
    frame = pd.DataFrame({"place": ["x", "y"], "lat": [45.8, 50.2], "lon": [126.5, 127.5]})
    swapped = frame.rename(columns={"lat": "lon", "lon": "lat"})
    words = said(swapped, kind="table", answer=lambda: frame)[1]
    assert words.endswith("Latitude and longitude are swapped.")


def test_words_for_a_wrong_choice():
    choice = {"kind": "choice", "options": ["north", "south"], "answer": lambda: "north"}
    assert said("NORTH ", **choice)[0] == "passed"
    assert "Choose one of: north, south." in said("east", **choice)[1]
    assert "Choose one of" not in said("south", **choice)[1]
    assert said(True, kind="choice", options=[True, False], answer=lambda: True)[0] == "passed"


def test_words_for_a_wrong_text():
    assert "order" in said("heieh", kind="text", answer=lambda: "Heihe")[1]
    assert "Heihe" not in said("Harbin", kind="text", answer=lambda: "Heihe")[1]


# --- maps ---------------------------------------------------------------------

HARBIN, HEIHE = (45.8, 126.5), (50.2, 127.5)
SHAPE = {
    "type": "Feature",
    "properties": {"id": "a"},
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[120, 50], [130, 50], [130, 60], [120, 50]]],
    },
}


def marked(*spots, **options):
    m = folium.Map(tiles=None)
    for spot in spots:
        folium.Marker(spot, **options).add_to(m)
    return m


def said_of_map(m, **changes):
    checks = [("Two markers, please.", lambda m: len(points(m)) == 2)]
    return said(m, **({"kind": "map", "answer": marked, "checks": checks} | changes))


def test_words_for_maps():
    assert said_of_map(marked(HARBIN, HEIHE))[0] == "passed"
    assert said_of_map(marked(HARBIN)) == ("not yet", "Two markers, please.")
    assert "A folium map is wanted" in said_of_map(5)[1]
    assert "type object" in said_of_map(object())[1]
    assert "Nothing is drawn" in said_of_map(marked())[1]
    assert "swapped" in said_of_map(marked(HARBIN[::-1], HEIHE[::-1]))[1]
    line = folium.Map(tiles=None)
    folium.PolyLine([HARBIN[::-1], HEIHE[::-1]]).add_to(line)
    assert "swapped" in said_of_map(line)[1]
    assert said_of_map(marked((66.0, -172.0), HARBIN))[0] == "passed"  # Chukotka


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (lambda: LiveMap(area="heilongjiang"), "type LiveMap. A folium map is wanted. Take its .map."),
        (lambda: FRAME, "columns. A folium map is wanted."),
        (lambda: FRAME["area"], "2 values. A folium map is wanted."),
        (lambda: folium.Marker(HARBIN), "wanted. add_to returns the marker; hand in the map."),
        (lambda: folium.CircleMarker(HARBIN), "add_to returns the marker; hand in the map."),
        (lambda: folium.FeatureGroup("a"), "add_to returns the FeatureGroup; hand in the map."),
    ],
)  # fmt: skip
def test_what_is_no_map_is_told_the_way_to_it(thing, words):
    status, message = said_of_map(thing())
    assert status == "not yet" and message.endswith(words)


def test_an_object_with_trouble_of_its_own_is_no_live_map():
    assert said_of_map(bomb("__getattr__"))[1].endswith("A folium map is wanted.")


def test_a_map_may_be_empty_if_the_exercise_says_so():
    checks = [("Zoom in.", lambda m: m.options["zoom"] == 5)]
    m = folium.Map(HARBIN, zoom_start=5, tiles=None)
    assert said_of_map(m, checks=checks, may_be_empty=True)[0] == "passed"
    assert said_of_map(m, checks=checks)[0] == "not yet"


@pytest.mark.parametrize(
    "missing", [lambda m: m.nothing_of_the_kind, lambda m: points(m)[7], lambda m: {}["a"]]
)
def test_the_first_failing_check_speaks_also_where_something_is_missing(missing):
    checks = [("One.", lambda m: True), ("Two.", missing), ("Three.", lambda m: False)]
    assert said_of_map(marked(HARBIN), checks=checks) == ("not yet", "Two.")


@pytest.mark.parametrize("odd", [lambda m: abs([1.0]), lambda m: float("5px"), lambda m: 1 / 0])
def test_a_shape_that_no_check_foresaw_is_no_mistake(odd):
    status, words = said_of_map(marked(HARBIN), checks=[("One.", odd)])
    assert status == "cannot tell" and "Error). Write places as [latitude, longitude]" in words
    status, words = said_of_function(growth, checks=[("One.", odd)])
    assert status == "cannot tell" and words.startswith(
        "The check cannot read all of your func"
    )


def test_looking_into_a_map():
    m = marked(HARBIN)
    group = folium.FeatureGroup("towns").add_to(m)
    folium.CircleMarker(HEIHE).add_to(group)
    folium.PolyLine([(40, 110), (41, 111)]).add_to(group)
    folium.GeoJson({"type": "FeatureCollection", "features": [SHAPE]}).add_to(m)
    assert points(m) == [HARBIN, HEIHE]
    assert layers(group, folium.CircleMarker)[0].location == list(HEIHE)
    assert len(features(m)) == 1
    assert bounds(m) == (40, 110, 60, 130)
    assert bounds(marked()) is None and legends(m) == []
    folium.Choropleth(
        {"type": "FeatureCollection", "features": [SHAPE]},
        data={"a": 5},
        key_on="feature.properties.id",
        legend_name="persons per km²",
        bins=[0, 2, 4, 6],
    ).add_to(m)
    assert legends(m) == ["persons per km²"]
    assert len(features(m)) == 2


def test_lines_in_parts_and_points_in_one_form():
    m = marked((50.20004, 127.5), HARBIN)
    folium.PolyLine([HARBIN, HEIHE]).add_to(folium.FeatureGroup().add_to(m))
    folium.PolyLine([[HARBIN, (47, 126)], [(48, 127), HEIHE]]).add_to(m)
    folium.Polygon([HARBIN, HEIHE, (47, 130)]).add_to(m)
    found = lines(m)
    assert len(found) == 3 and [HARBIN, HEIHE] in found and [(48.0, 127.0), HEIHE] in found
    assert lines(marked(HARBIN)) == []
    assert bounds(m) == (45.8, 126, 50.20004, 130)
    assert spots(m, 3) == [HARBIN, HEIHE] == rounded([HEIHE, HARBIN], 3)
    assert rounded(pd.DataFrame({"lat": [50.2], "lon": [127.5]}), 3) == [HEIHE]


def test_a_route_in_two_parts_is_right():
    task = module.exercise("05.2")
    stops = [tuple(spot) for spot in lines(task.answer())[0]]
    for left, right in (stops[:9], stops[9:]), (stops[:9], stops[8:]):
        m = folium.Map(tiles=None)
        folium.PolyLine([left, right]).add_to(m)
        for marker in layers(task.answer(), folium.Marker):
            marker.add_to(m)
        assert task.judge(m).passed
    swapped = folium.Map(tiles=None)
    folium.PolyLine([[(lon, lat) for lat, lon in part] for part in (left, right)]).add_to(
        swapped
    )
    marker.add_to(swapped)
    assert task.judge(swapped).message.startswith("Your line has longitude first")


def test_a_layer_alone_is_something():
    for layer in (folium.GeoJson(SHAPE), folium.PolyLine([HARBIN, HEIHE])):
        m = folium.Map(tiles=None)
        layer.add_to(m)
        assert said_of_map(m)[1] == "Two markers, please."
    m = folium.Map()  # tiles and an empty group are nothing
    folium.FeatureGroup().add_to(m)
    folium.LayerControl().add_to(m)
    assert "Nothing is drawn" in said_of_map(m)[1]


# --- functions ----------------------------------------------------------------


def growth(old, new):
    return new / old - 1


def said_of_function(function, **changes):
    fields = {
        "kind": "function",
        "answer": lambda: growth,
        "inputs": [(2, 3), (4, 5)],
        "mistakes": {"That is the ratio.": lambda: lambda old, new: new / old},
    }
    return said(function, **(fields | changes))


def starter(old, new): ...


def dots(old, new):
    return ...


def described(old, new):
    """Return the growth."""


def passes(old, new):
    """Return the growth."""


def forgets(old, new):
    """Return the growth."""
    result = new / old - 1  # noqa: F841


def quits(old, new):
    sys.exit(1)


def changes_input(values):
    values.clear()
    return 0


@pytest.mark.parametrize(
    ("function", "status", "words"),
    [
        (growth, "passed", "So it is."),
        (lambda *v: np.float64(growth(*v)), "passed", "So it is."),
        (starter, "not attempted", "three dots"),
        (dots, "not attempted", "three dots"),
        (described, "not attempted", "three dots"),
        (passes, "not attempted", "three dots"),
        (forgets, "not yet", "gives nothing back"),
        (..., "not attempted", "three dots"),
        (lambda old, new: new / old, "not yet", "That is the ratio."),
        (lambda old, new: print(end="") or None, "not yet", "gives nothing back"),
        (lambda old, new: 1 / 0, "not yet", "ZeroDivisionError for the input 2, 3"),
        (lambda old: old, "not yet", "TypeError"),
        (quits, "not yet", "SystemExit"),
        (
            lambda old, new: growth(old, new) * 100,
            "not yet",
            "With the input 2, 3: Your answer is 100",
        ),
        (lambda old, new: "a", "not yet", "is text"),
        (0.5, "not yet", "is a number. Hand in the function itself"),
        (object(), "not yet", "type object"),
    ],
)
def test_words_for_functions(function, status, words):
    found = said_of_function(function)
    assert found[0] == status and words in found[1]


def test_a_function_that_calls_itself_for_ever():
    def deeper(old, new):
        return deeper(old, new)

    assert "RecursionError" in said_of_function(deeper)[1]


def test_inputs_are_fresh_for_every_call():
    changes = {"inputs": [([1, 2],), ([3],)], "answer": lambda: sum, "mistakes": {}}
    assert said_of_function(sum, **changes)[0] == "passed"
    assert said_of_function(changes_input, **changes)[0] == "not yet"
    assert said_of_function(sum, **changes)[0] == "passed"


def test_functions_may_return_anything():
    tables = {
        "answer": lambda: lambda frame: frame.groupby("region")["people"].sum(),
        "inputs": lambda: [(FRAME,)],
        "mistakes": {},
    }
    assert (
        said_of_function(lambda f: dict(zip(f["region"], f["people"])), **tables)[0] == "passed"
    )
    assert "Look again at: b" in said_of_function(lambda f: {"a": 1, "b": 5}, **tables)[1]
    counts = {"answer": lambda: lambda word: {"a": 1}, "inputs": [("a",)], "mistakes": {}}
    zeros = said_of_function(lambda word: {"a": 1, "b": 0}, optional_zero=True, **counts)
    assert zeros[0] == "passed"  # all of the exercise's rules hold for what comes back
    checks = [("Write a docstring.", lambda f: f.__doc__)]
    assert said_of_function(growth, checks=checks) == ("not yet", "Write a docstring.")


# --- free texts ---------------------------------------------------------------

FREE = {
    "kind": "free",
    "words": 6,
    "mentions": ["c1", ("source", "источник", "来源")],
    "answer": lambda: "",
    "mistakes": {"Name the claim.": lambda: "one two three four five six source"},
}


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("Claim c1 holds, for two sources agree.", "passed", "Recorded. So it is."),
        ("Утверждение C1 верно: это говорит Источник номер два", "passed", "Recorded"),
        ("c1 这个说法有两个来源支持因此成立", "passed", "Recorded"),
        ("Claim c10 holds, for two sources agree.", "not yet", "Name the claim."),
        (
            "It holds, for there are several of them.",
            "not yet",
            "Name the claim. Still missing: a m",
        ),
        ("c1 source", "not yet", "you have 2 of at least 6 words"),
        ("c1 and four more words here", "not yet", "source or источник or 来源"),
        (None, "not yet", "empty (None)"),
        (5, "not yet", "is a number"),
        (pd.Series(["Claim c1 holds, for two sources agree."]), "passed", "Recorded"),
        ("c1 source " * 30_000, "not yet", "100,000"),
        (object(), "cannot tell", "type object"),
    ],
)
def test_words_for_free_texts(text, status, words):
    found = said(text, **FREE)
    assert found[0] == status and words in found[1]


def test_a_text_that_is_too_short_gets_its_words_whatever_its_length():
    mistakes = {"Write a little more.": lambda: "c1, says a source"}
    for text in ("c1 source", "c1: one source, no more"):
        assert said(text, **FREE | {"mistakes": mistakes}) == (
            "not yet",
            "Write a little more.",
        )
    both = said("source", **FREE | {"mistakes": mistakes})[1]
    assert both == "Write a little more. Still missing: a mention of c1."


def test_counting_words():
    assert count_words("One, two - three's") == 4
    assert count_words("两个来源") == 2
    assert count_words("") == 0


# --- nothing escapes ----------------------------------------------------------


def bomb(name, error=RuntimeError):
    def explode(self, *args, **kwargs):
        raise error("boom")

    return type("Bomb", (), {name: explode})()


class Liar:
    @property
    def __class__(self):
        raise RuntimeError("boom")


class Number(float):
    def __float__(self):
        raise RuntimeError("boom")

    __eq__ = __hash__ = __repr__ = __float__


class Text(str):
    def strip(self):
        raise MemoryError

    __str__ = __repr__ = __eq__ = __hash__ = strip


class Items(dict):
    def items(self):
        raise RuntimeError("boom")

    __iter__ = __len__ = __getitem__ = keys = items


KINDS = {
    "number": {},
    "text": {"answer": lambda: "a"},
    "choice": {"answer": lambda: "a", "options": ["a", "b"]},
    "set": {"answer": lambda: {"a"}},
    "mapping": {"answer": lambda: {"a": 1}},
    "table": {"answer": lambda: FRAME},
    "map": {"answer": marked, "checks": [("One.", lambda m: False)]},
    "function": {"answer": lambda: growth, "inputs": [(1, 2)]},
    "free": {"mentions": ["c1"]},
}
BOMBS = [
    *[
        bomb(f"__{name}__")
        for name in (
            "eq repr str len iter float array hash bool getattr getattribute int index call "
            "array_interface deepcopy reduce".split()
        )
    ],
    bomb("__float__", RecursionError),
    bomb("__call__", SystemExit),
    Liar(),
    Number(42),
    Text("42"),
    Items(a=1),
    [bomb("__eq__")],
    {"a": bomb("__eq__")},
    pd.Series([bomb("__repr__"), 1]),
    pd.DataFrame({"region": [bomb("__eq__")], "people": [1], "area": [2]}),
    pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
    pd.DataFrame([[1, 2, 3]], columns=["a", "a", "b"]),
    list(range(1_000_000)),
    np.zeros(2, dtype="V8"),
    (x for x in iter(int, 1)),
    threading.Lock(),
    type("Meta", (type,), {"__name__": property(lambda self: 1 / 0)})("M", (), {})(),
]


PASSING = {("set", n) for n, b in enumerate(BOMBS) if type(b) in (dict, Items)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", range(len(BOMBS)))
def test_no_object_breaks_a_check(kind, number, registered):
    registered(kind=kind, mistakes={"Other.": lambda: 5}, **KINDS[kind])
    found = module.check("98.1", BOMBS[number])
    assert found.status in ("not yet", "cannot tell") or (kind, number) in PASSING
    assert found.message and found._repr_html_() and repr(found)
    assert "boom" not in found.message


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
    | st.complex_numbers() | st.decimals() | st.datetimes() | st.just(...),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    | st.lists(inner, max_size=3).map(lambda v: pd.Series(v, dtype=object))
    | st.lists(st.tuples(inner, inner), max_size=3).map(pd.DataFrame),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(anything, st.sampled_from(list(KINDS)))
def test_judging_anything_ends_in_words(answer, kind):
    found = task(kind=kind, mistakes={"Other.": lambda: {"x": 1}}, **KINDS[kind]).judge(answer)
    assert found.status in LOOKS and found.message
    assert "could not read" not in found.message, "an error of ours"


def test_an_answer_that_cannot_be_computed_is_our_fault():
    def broken():
        raise CourseError("The course file x cannot be read.")

    assert said(5, answer=broken) == ("cannot tell", "The course file x cannot be read.")


# --- the verbs ----------------------------------------------------------------


def test_a_check_is_remembered(registered, folder):
    registered()
    assert course.check is module.check
    assert module.check("98.1").status == "not attempted"
    assert not module.check("98.1", 17).passed
    assert module.check("98.1", 42).passed
    assert not module.check("98.1", 17).passed
    saved = json.loads((folder / NAME).read_text(encoding="utf-8"))
    entry = saved["exercises"]["98.1"]
    assert (entry["status"], entry["tries"]) == ("passed", 2)
    table = module.progress().table
    assert list(table.columns) == ["ask", "status", "tries"]
    assert table.loc["98.1"].tolist() == ["Say the answer", "passed", 2]
    assert table.loc["98.2", "status"] == "not attempted"
    assert module.progress().summary == "1 of 2 exercises passed."


def test_free_texts_are_kept(registered, folder):
    registered(**FREE)
    for text in ("too short", "Claim c1 holds, for two sources agree."):
        module.check("98.1", text)
    saved = json.loads((folder / NAME).read_text(encoding="utf-8"))
    texts = saved["exercises"]["98.1"]["texts"]
    assert [t["text"] for t in texts] == ["too short", "Claim c1 holds, for two sources agree."]


def test_half_a_character_does_not_pile_up(registered, folder):
    registered(**FREE)
    for _ in range(3):
        module.check("98.1", "half a character: \ud83d")
    saved = json.loads((folder / NAME).read_text(encoding="utf-8"))
    assert [t["text"] for t in saved["exercises"]["98.1"]["texts"]] == ["half a character: ?"]


def test_to_look_at_the_progress_makes_no_file(registered, folder):
    registered()
    assert module.progress().notes == ()
    assert list(folder.iterdir()) == []


def test_trouble_with_saving_is_said_once(registered, folder, monkeypatch):
    registered()
    monkeypatch.setenv("COURSE_FOLDER", str(folder / "gone"))
    first, second = module.check("98.1", 42), module.check("98.1", 42)
    assert first.passed and second.passed
    assert "could not be saved" in repr(first) and "could not be saved" in first._repr_html_()
    assert second.notes == ()


def test_a_damaged_file_is_said(registered, folder):
    registered()
    (folder / NAME).write_text("{", encoding="utf-8")
    assert "damaged" in repr(module.check("98.1", 42))


def test_hints_come_one_by_one(registered):
    registered()
    shown = [module.hint("98.1") for _ in range(3)]
    assert [h.text for h in shown] == ["Count.", "Count again.", "Count again."]
    assert "Hint 1 of 2" in repr(shown[0]) and "1 more" in repr(shown[0])
    assert 'course.solution("98.1")' in repr(shown[1])
    assert module._file.entries()["98.1"]["hints"] == 2


def test_solution_is_folded_up(registered):
    registered()
    shown = module.solution("98.1")
    html = shown._repr_html_()
    assert "<details><summary>" in html and "<details open" not in html
    assert "course.check(&quot;98.1&quot;, x)" in html and "So it is." in html
    assert shown.code.startswith("x = 42") and "So it is." in repr(shown)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("98.3", "'98.3'. Did you mean '98.2'? The exercises of this lesson are: 98.1, 98.2."),
        ("98", "The exercises of this lesson are: 98.1, 98.2."),
        ("97.1", "The lessons are: 98."),
        (98.1, "There is no exercise 98.1. Did you mean '98.1'?"),
        (Text("98.7"), "There is no exercise '98.7'."),
        (None, "of type NoneType"),
        (bomb("__repr__"), "of type Bomb"),
    ],
)
def test_an_unknown_id_is_answered_with_those_near(registered, name, words):
    registered()
    for verb in (module.check, module.hint, module.solution):
        with pytest.raises(CourseError, match=re.escape(words)):
            verb(name)


def test_an_unknown_lesson_is_answered():
    with pytest.raises(CourseError, match="There is no lesson '77'"):
        course.progress("77")
    with pytest.raises(CourseError, match="no lesson 1 with exercises"):
        course.progress(1)
    with pytest.raises(CourseError, match="no kind 'riddle'"):
        task(kind="riddle")


def test_only_the_lesson_asked_for_is_imported():
    first = module.lessons()[:1]
    if not first:
        pytest.skip("no lesson has exercises yet")
    ask = (
        f"import sys, course.exercises.verbs; course.exercises.verbs.exercises({first[0]!r}); "
        "print([m for m in sys.modules if m.startswith('course.lessons.answers_')])"
    )
    run = [sys.executable, "-c", ask]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"['course.lessons.answers_{first[0]}']"


def test_the_package_keeps_its_verbs():
    ask = (
        "import course; course.check, course.progress; import course.exercises.journal; "
        "assert all(map(callable, (course.check, course.hint, course.solution, course.progress)))"
    )
    subprocess.run([sys.executable, "-c", ask], check=True)


def test_no_module_takes_the_name_of_a_verb():
    # once imported, a module of that name would stand in the verb's place
    modules = {path.stem for path in Path(course.__file__).parent.glob("*.py")}
    assert modules & (set(course.__all__) - set(course._MODULES)) == set()


# --- how it looks -------------------------------------------------------------


def luminance(colour):
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("status", LOOKS)
def test_status_is_a_symbol_a_word_and_readable_colours(status):
    symbol, word, ink, ground = LOOKS[status]
    html = Feedback("98.1", status, "Words.")._repr_html_()
    assert f"{symbol} {word}" in html and 'role="status"' in html
    assert f"background:{ground};color:{ink}" in html
    light, dark = sorted(map(luminance, (ink, ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
    assert repr(Feedback("98.1", status, "Words.")).startswith(f"{symbol} {word} · 98.1")


def test_what_is_shown_is_escaped():
    words = "<script>alert(1)</script>"
    table = pd.DataFrame({"ask": [words], "status": ["passed"], "tries": [1]}, index=[words])
    for thing in (
        Feedback(words, "not yet", words, (words,)),
        Hint(words, 1, 2, words, (words,)),
        Solution(words, words, words),
        Progress(table, (words,)),
    ):
        assert "<script" not in thing._repr_html_()


def test_terminals_get_plain_text():
    printed = []

    class Printer:
        text = printed.append

    Feedback("98.1", "passed", "Words.")._repr_pretty_(Printer, False)
    assert printed == ["✓ Passed · 98.1\nWords."]
