"""What an exercise makes of an answer: values count, never their form; words fit or are general."""

import datetime
import json
import sys
import threading
import time
from decimal import Decimal
from fractions import Fraction

import folium
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.errors import CourseError
from course.exercises import budget
from course.exercises.exercise import Exercise
from course.exercises.show import LOOKS


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


def said(given, /, **changes):
    """Status and message for an answer."""
    found = task(**changes).judge(given)
    return found.status, found.message


def passes(given, right, kind="number", **changes):
    return said(given, kind=kind, answer=lambda: right, **changes)[0] == "passed"


# --- the same value in any form -----------------------------------------------

finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)
WHOLE = [int, float, np.int64, Decimal, Fraction, lambda v: pd.Series([v], dtype="Int64")]
BOXES = [
    float, np.float64, np.longdouble, Decimal, Fraction, np.array, lambda v: np.array([[v]]),
    lambda v: pd.Series([v], index=["x"]), lambda v: pd.DataFrame({"a": [v]}),
    lambda v: pd.Series([v], dtype=object), lambda v: pd.Index([v]), lambda v: complex(v, 0),
    lambda v: pd.array([v], dtype="Float64"), lambda v: [v], lambda v: (v,), lambda v: {v},
]  # fmt: skip


@settings(deadline=None)
@given(finite, st.integers(-(10**15), 10**15))
def test_a_number_counts_in_any_form(value, whole):
    assert all(passes(box(value), value) for box in BOXES)
    assert all(passes(box(whole), whole) for box in WHOLE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Heihe", " HEIHE\n"), ("Благовещёнск", "БЛАГОВЕЩЕНСК"), ("«Amur»", "Amur"),
        ("Petropavlovsk-Kamchatsky", "petropavlovsk – kamchatsky"), ("２０１７", "2017"),
        ("the 'top' level", "the “top” level"), ("2017", 2017), ("中国", "中国 "),
        ("Йошкар", "И\u0306ошкар"), ("RU-AMU", "ru\u2011amu"), ("a  b", "a b"),
    ],
)  # fmt: skip
def test_spelling_that_does_not_matter(one, other):
    assert passes(one, other, "text") and passes(pd.Series([other]), one, "text")


@pytest.mark.parametrize(("one", "other"), [("Heihe", "Heihe city"), ("01", "1"), ("", "a")])
def test_spelling_that_matters(one, other):
    assert not passes(one, other, "text")


def test_dates_are_dates():
    day = datetime.date(2017, 6, 14)
    for form in (day, datetime.datetime(2017, 6, 14), pd.Timestamp(day), np.datetime64(day)):
        assert passes(form, "2017-06-14", "text")
    assert not passes(pd.Timestamp("2017-06-14 12:00"), "2017-06-14", "text")
    assert passes(pd.Period("2017", "Y"), 2017, "text")


@settings(deadline=None)
@given(st.lists(st.text(max_size=5) | st.integers(0, 3000), min_size=1, max_size=8))
def test_a_set_counts_in_any_form(items):
    plain = dict.fromkeys(i for i in items if i not in ("...", "…")) or {"a": 1}
    items = list(plain)
    column = pd.Series(items, dtype=object)
    many = [
        items, items[::-1], tuple(items), set(items), items * 2, column, plain.keys(), plain,
        pd.Index(items, dtype=object, tupleize_cols=False), dict(enumerate(items)).values(),
        np.array(items, dtype=object), pd.DataFrame({"x": column}),
    ]  # fmt: skip
    assert all(passes(form, items, "set") for form in many)
    assert not passes([*items, "something else"], items, "set")


def test_sets_are_exact_unless_the_exercise_names_digits():
    assert not passes([2016], [2017], "set") and passes("RU-AMU", ["RU-AMU"], "set")
    assert passes([0.3333], [1 / 3], "set", digits=3) and not passes([0.3333], [1 / 3], "set")
    assert passes([], set(), "set") and passes(pd.Series(["a", None]), ["a", np.nan], "set")


VALUES = {2017: 1.5, 2018: 2.5, 2019: None}


@pytest.mark.parametrize(
    "form",
    [
        pd.Series(VALUES), pd.Series(VALUES)[::-1].rename_axis("year"), pd.Series(VALUES).to_frame(),
        {"2017": 1.5, "2018": Decimal("2.5"), "2019": np.nan},
        {2017: pd.Series([1.5]), 2018: np.array([2.5]), 2019: pd.NA},
        pd.DataFrame({"year": [2019, 2018, 2017], "value": [None, 2.5, 1.5]}),
        {2017: 1.5001, 2018: 2.4999, 2019: float("nan")},
    ],
)  # fmt: skip
def test_a_mapping_counts_in_any_form(form):
    assert passes(form, VALUES, "mapping", digits=2)
    for other in ({2017: 1.6}, {2020: 1.6}):
        assert not passes(form, VALUES | other, "mapping", digits=2)


def test_keys_of_mappings():
    frame = pd.DataFrame({"value": [1, 2], "name": ["a", "b"]})
    assert passes(frame, {"a": 1, "b": 2}, "mapping")
    frame = pd.DataFrame({"a": ["x", "y"], "b": [1, 2], "v": [3, 4]}).set_index(["a", "b"])["v"]
    assert passes(frame, {("x", 1): 3, ("y", 2): 4}, "mapping")
    for box in (lambda v: [v], lambda v: (v,), lambda v: pd.Series([v]), np.atleast_1d):
        assert passes({"a": box(1.5), "b": box(2)}, {"a": 1.5, "b": 2}, "mapping")
        assert not passes({"a": box(1.5), "b": [2, 3]}, {"a": 1.5, "b": 2}, "mapping")
    assert passes({"a": 1, "b": 0}, {"a": 1}, "mapping", optional_zero=True)
    assert passes({"a": 1}, {"a": 1, "b": 0}, "mapping", optional_zero=True)
    assert not passes({"a": 1}, {"a": 1, "b": 0}, "mapping")


# --- digits: one rule for all kinds -------------------------------------------


@settings(deadline=None)
@given(st.floats(-1e6, 1e6), st.integers(-3, 4))
def test_a_number_rounded_as_the_task_says_or_finer_is_right(right, digits):
    fine = [round(right, digits), round(right, digits + 1), right]
    assert all(passes(one, right, digits=digits) for one in fine)
    assert all(passes({"a": one}, {"a": right}, "mapping", digits=digits) for one in fine)
    off = right + 0.51 * 10.0**-digits
    assert not passes(off, right, digits=digits)
    assert not passes({"a": off}, {"a": right}, "mapping", digits=digits)


@pytest.mark.parametrize(("digits", "words"), [(0, "whole number"), (1, "one decimal"),
                                               (2, "two decimals"), (-3, "nearest thousand")])  # fmt: skip
def test_the_feedback_says_to_how_many_digits(digits, words):
    given = 1234567.0
    assert words in said(given, answer=lambda: 45678.5555, digits=digits, unit="persons")[1]


def test_exact_numbers_are_exact():
    assert not passes(2017, 2018) and not passes(41.9999, 42) and passes(0.1 + 0.2, 0.3)
    assert not passes(10**400, 5) and not passes(np.inf, 5) and not passes(Decimal("sNaN"), 5)


# --- the order of a diagnosis -------------------------------------------------


@pytest.mark.parametrize("untouched", [..., "...", "…", {"a": ...}, [..., ...]])
@pytest.mark.parametrize(
    "kind", ["number", "text", "set", "mapping", "map", "verdict", "function"]
)
def test_not_attempted(untouched, kind):
    assert said(untouched, kind=kind)[0] == "not attempted"


def test_dots_that_are_left_are_named():
    status, words = said({"a": 1, "b": ..., "c": ...}, kind="mapping", answer=lambda: {"a": 1})
    assert status == "not yet" and "b, c" in words
    assert "place 2" in said(["a", ...], kind="set", answer=lambda: ["a"])[1]


def test_right_comes_first_then_own_mistakes_then_general_ones():
    mistakes = {"Per cent!": lambda: 4200, "Right, in fact.": lambda: 42}
    assert said(42, mistakes=mistakes) == ("passed", "So it is.")
    assert said(4200, mistakes=mistakes) == ("not yet", "Per cent!")
    assert "Percent in place of a share" in said(4200)[1]
    assert said("b", kind="text", answer=lambda: "a", also=["b", "c"])[0] == "passed"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"event": "z", "word": "mixed"}, "1 of 2 are right. Look again at: event."),
        ({"event": "z", "word": "so"}, "1 of 2 are right. Look again at: event."),
        ({"event": "z", "word": "other"}, "0 of 2 are right. Look again at: event, word."),
        ({"word": "mixed"}, "Keys still missing: event."),
        ({"event": "a", "word": "other"}, "1 of 2 are right. Look again at: word."),
    ],
)
def test_a_wrong_answer_is_held_against_the_right_one_that_it_is_nearest_to(given, words):
    """A second verdict that passes is right also beside a wrong event."""
    right = {"event": "a", "word": "so"}
    also = [{"event": "a", "word": "mixed"}]
    found = said(given, kind="mapping", answer=lambda: right, also=also)
    assert found == ("not yet", words)


def test_a_word_that_passes_is_no_fault_beside_a_wrong_one():
    right, also = {"A": "fact", "B": "forecast"}, [{"A": "true", "B": "forecast"}]
    form = {"kind": "mapping", "answer": lambda: right, "options": ["fact", "forecast"]}
    form |= {"also": also, "mistakes": {"B is to come.": lambda: {"A": "fact", "B": "fact"}}}
    assert said({"A": "true", "B": "fact"}, **form)[1] == "B is to come."
    words = said({"A": "true", "B": "odd"}, **form)[1]
    assert words.startswith("At B there is none of the words")


def test_a_mistake_that_cannot_be_computed_is_skipped():
    mistakes = {"Broken.": lambda: 1 / 0, "Second.": lambda: 17.0}
    assert said(17, mistakes=mistakes)[1] == "Second."


def test_a_mistake_of_another_kind_is_known_too():
    mistakes = {"That is one number.": lambda: 5, "These are names.": lambda: ["x", "y"]}
    mapping = {"kind": "mapping", "answer": lambda: {"a": 1}, "mistakes": mistakes}
    assert said(5, **mapping)[1] == "That is one number."
    assert said({"y", "x"}, **mapping)[1] == "These are names."


def test_a_mistake_in_one_part_of_a_dict_is_known_however_the_rest_is_rounded():
    mistakes = {"Rail upside down.": lambda: {"road": 0.4968, "rail": 0.5534}}
    given = {"road": 0.5, "rail": 0.553}
    right = {"kind": "mapping", "answer": lambda: {"road": 0.4968, "rail": 1.807}, "digits": 1}
    assert said(given, mistakes=mistakes, **right)[1] == "Rail upside down."


def test_a_mistake_must_fit_closely_and_best():
    near = {"By the product.": lambda: 18.97, "By the sum.": lambda: 19.0417}
    about = {"mistakes": near, "answer": lambda: 21.4, "digits": 1}
    assert "product" in said(18.97, **about)[1] and "sum" in said(19.04, **about)[1]
    assert "sum" in said(19.0417, **about)[1]
    assert "By the" not in said(19, **about)[1]  # two figures fit by accident
    assert "By the" not in said(19.046, **about)[1]
    twins = {"One.": lambda: 3.14159, "Other.": lambda: 3.14161}
    words = said(3.1416, mistakes=twins, digits=2)[1]
    assert words not in twins


def test_neighbouring_years_and_rows_are_known_by_kind():
    trade = {2015: 68.1, 2016: 69.6, 2017: 84.2, 2018: 107.1}
    growth = {"answer": lambda start=2016, end=2017: 100 * (trade[end] / trade[start] - 1)}
    named = {"named": {"start": 2016, "end": 2017}, "digits": 1} | growth
    assert said(21.0, **named)[0] == "passed"
    words = said(100 * (84.2 / 68.1 - 1), **named)[1]
    assert words == "That is the answer for 2015. The task names 2016."
    area = {"RU-AMU": 361.9, "RU-KHA": 787.6}
    row = {"answer": lambda region="RU-AMU": area[region]}
    words = said(787.6, named={"region": ("RU-AMU", ["RU-KHA"])}, **row)[1]
    assert words == "That is the answer for RU-KHA. The task names RU-AMU."
    year = {"kind": "mapping", "unit": "year", "answer": lambda: {100: 2018, 200: 2022}}
    assert "year beside it" in said(2017, answer=lambda: 2018, unit="year")[1]
    assert said({100: 2019, 200: 2022}, **year)[1].endswith("Look again at: 100.")


# --- words for numbers --------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (4200, "100 times too large"), (0.42, "100 times too small"),
        (42e3, "1,000 times too large"), (42e6, "1,000,000 times too large"),
        (42e9, "1,000,000,000 times too large"), (42e-3, "1,000 times too small"),
        (42e-9, "Billion in place of single"), (-42, "sign is turned round"),
        (1 / 42, "upside down"), ("42", "the quotes"), ("42 ", "the quotes"),
        ("12.5", "text that looks like a number"), ("a dozen", "is text"),
        (None, "empty (None)"), (float("nan"), "not a number (NaN)"),
        (pd.NA, "not a number (NaN)"), (pd.Series([np.nan]), "not a number (NaN)"),
        ([], "Your answer is empty"), (pd.DataFrame({"a": []}), "no row is left"),
        ("", "empty text"), (float("inf"), "infinite"), (len, "forget the brackets"),
        (pd.Series([1, 2, 3]), "Series with 3 values"), ([12, 13], "list with 2 values"),
        (pd.DataFrame({"a": [1, 2], "b": [1, 2]}), "2 rows and 2 columns"),
        (pd.DataFrame({"a": [1, 2], "b": [3, 4]}).groupby("a"), "add .sum"),
        ((x for x in [1]), "generator"), ({"a": 1}, "dict with 1 key"),
        (datetime.date(2017, 6, 14), "a date"), (1 + 2j, "complex"),
        (pd.Series([True, False, True]), "a filter"), (True, "True or False"),
        (300, "too large by a factor of about 7"), (13.9, "too small by a factor of about 3"),
        (43, "by less than a tenth"), (42.5, "Very close"), (62, "about a half"), (55, "by less than a half"),
        (70, "about two thirds"), (64, "about a half"), (0, "is zero"), (-300, "wrong sign"), (1e300, "far too large"),
    ],
)  # fmt: skip
def test_words_for_a_wrong_number(answer, words):
    status, message = said(answer)
    assert status == "not yet" and words in message


def test_the_unit_is_named_but_not_the_answer():
    assert said(300, unit="USD bn")[1].endswith("Asked for: USD bn.")
    assert "another year" in said(2014, answer=lambda: 2017, unit="year")[1]
    assert said(5, answer=lambda: 0)[1] == "Your answer is too far from zero."
    assert "too large (leaving the minus sign aside)" in said(-9, answer=lambda: -7)[1]


def test_a_turned_sign_says_nothing_false_of_the_size():
    few, other = (said(given, answer=lambda: 0.534, digits=1)[1] for given in (-0.5, -5.0))
    assert few == "Your answer has the wrong sign."
    assert other == "Your answer has the wrong sign, and the size is another too."


def test_a_diagnosis_that_fits_by_accident_is_not_given():
    assert "upside" not in said(0.7, answer=lambda: 1.4306, digits=1)[1]
    assert "upside" in said(0.699, answer=lambda: 1.4306, digits=1)[1]
    assert "share" not in said(0.5, answer=lambda: 45.3, digits=0)[1]
    assert "share" in said(0.45, answer=lambda: 45.3, digits=0)[1]


@pytest.mark.parametrize("few", [3.8, 3.83])
def test_a_number_rounded_too_far_is_told(few):
    assert "rounded too far" in said(few, answer=lambda: 3.826, digits=3)[1]
    both = {"kind": "mapping", "digits": 3, "answer": lambda: {"a": 3.826, "b": -3.826}}
    words = said({"a": few, "b": -few}, **both)[1]
    assert words.startswith("The keys are right. That looks rounded too far.")
    assert "to three decimals" in words


def test_it_never_denies_rounding_where_rounding_explains_the_difference():
    message = said(0.4, answer=lambda: 0.40639, digits=2)[1]  # one figure: it may be chance
    assert "not by rounding" not in message and "Was it rounded too far?" in message
    assert "not by rounding" in said(0.41, answer=lambda: 0.4039, digits=2)[1]


def test_a_count_is_not_a_rounded_number():
    assert "rounded" not in said(40, answer=lambda: 42)[1]
    assert "rounded" not in said(100, answer=lambda: 105.3, digits=1)[1]  # one digit
    assert "rounded" not in said(3.84, answer=lambda: 3.826, digits=3)[1]


@settings(deadline=None)
@given(st.floats(), st.floats(-1e9, 1e9), st.none() | st.integers(-3, 3))
def test_every_number_gets_words(answer, right, digits):
    found = task(answer=lambda: right, digits=digits).judge(answer)
    assert found.status in ("passed", "not yet") and found.message
    assert len(found.message) < 300


# --- words for sets, mappings, choices ----------------------------------------


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (["a", "b"], "2 of 3 are right; 1 still missing"),
        (["a", "b", "c", "d", "e"], "3 of 3 are right; 2 do not belong (d, e)"),
        (["a", "z"], "1 of 3 are right; 1 does not belong (z); 2 still missing"),
        (pd.Series([True, False, True]), "filter"),
        (pd.DataFrame({"x": ["a"], "y": ["b"]}), "1 row and 2 columns"),
        ((c for c in "abc"), "list(...)"), (5, "0 of 3"),
        (list(range(30_000)), "more than 20,000 values"),
    ],
)  # fmt: skip
def test_words_for_a_wrong_set(answer, words):
    status, message = said(answer, kind="set", answer=lambda: {"a", "b", "c"})
    assert status in ("not yet", "cannot tell") and words in message


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
        ({"a": "1", "b": "2", "c": "4"}, "some are text"),
        ({"a": 1, "b": 2, "c": "4.0"}, "some are text"),
        ({"a": 1, "b": 2, "c": "5.0"}, "Some of your numbers are text"),
        (pd.Series([1, 2], index=["a", "a"]), "more than once"), (7, "is a number"),
    ],
)  # fmt: skip
def test_words_for_a_wrong_mapping(answer, words):
    right = {"a": 1, "b": 2, "c": 4}
    status, message = said(answer, kind="mapping", answer=lambda: right)
    assert status == "not yet" and words in message


def test_numbers_as_text_in_a_list_are_told():
    words = said(["1.5", "2.5"], kind="set", answer=lambda: [1.5, 2.5])[1]
    assert "some are text" in words
    assert passes(["2017", "2018"], [2017, 2018], "set")  # a year is a code too


@pytest.mark.parametrize("text", ["B, D, E", "BDE", "b;d", "B D"])
def test_values_run_together_in_one_text_are_told(text):
    status, words = said(text, kind="set", answer=lambda: ["B", "D", "E"])
    assert status == "not yet" and "is one text" in words
    assert "is one text" not in said("F", kind="set", answer=lambda: ["B", "D", "E"])[1]
    assert passes("B", ["B"], "set")


def test_percent_of_one_figure_is_told_beside_others():
    right = {"kind": "mapping", "digits": 2, "answer": lambda: {"a": 0.0476, "b": 0.444}}
    assert "Percent" in said({"a": 5, "b": 44}, **right)[1]
    assert "Percent" not in said({"a": 5, "b": 1}, **right)[1]


def test_a_word_that_is_none_of_the_options_is_told():
    mapping = {"kind": "mapping", "answer": lambda: {"A": "forecast", "B": "factual"}}
    given = {"A": "forecast", "B": "true"}
    words = said(given, options=["factual", "forecast"], **mapping)[1]
    assert words == "At B there is none of the words to choose from: factual, forecast."
    comma = said(given, options=["factual, now", "forecast"], **mapping)[1]
    assert comma.endswith("choose from: factual, now · forecast.")
    assert said(given, **mapping)[1].endswith("Look again at: B.")
    swapped = {"A": "factual", "B": "FORECAST "}
    assert "wrong keys" in said(swapped, options=["factual", "forecast"], **mapping)[1]


def test_a_function_that_returns_text_is_told_so():
    task = {"kind": "function", "inputs": lambda _rng: [(20.0,), (3.0,)], "digits": 1}
    words = said(lambda x: str(x * 2), answer=lambda: lambda x: x * 2, **task)[1]
    assert "The value is right, but it is text" in words
    words = said(lambda x: str(x + 2), answer=lambda: lambda x: x * 2, **task)[1]
    assert "text that looks like a number" in words


def test_names_are_shown_as_they_were_written():
    right = {"RU-AMU": 1, "CN-HL": 2}
    assert "missing: CN-HL." in said({"ru-amu": 1}, kind="mapping", answer=lambda: right)[1]
    assert "(Mn-047)" in said({"RU-AMU", "Mn-047"}, kind="set", answer=lambda: set(right))[1]
    pairs = {("CN-HL", 2017): 1.0, ("RU-AMU", 2017): 2.0}
    wrong = pairs | {("RU-AMU", 2017): 3.0}
    words = said(wrong, kind="mapping", answer=lambda: pairs)[1]
    assert words.endswith("Look again at: (RU-AMU, 2017).")
    many = {f"key {n}": n for n in range(20)}
    assert said({"key 0": 0}, kind="mapping", answer=lambda: many)[1].endswith("and 14 more.")


def test_words_for_choices_and_texts():
    choice = {"kind": "choice", "options": ["north", "south"], "answer": lambda: "north"}
    assert said("NORTH ", **choice)[0] == "passed"
    assert "Choose one of: north, south." in said("east", **choice)[1]
    assert "Choose one of" not in said("south", **choice)[1]
    assert said(True, kind="choice", options=[True, False], answer=lambda: True)[0] == "passed"
    assert "order" in said("heieh", kind="text", answer=lambda: "Heihe")[1]
    assert "Heihe" not in said("Harbin", kind="text", answer=lambda: "Heihe")[1]
    right = {"lat": 45.8, "lon": 126.5}
    words = said({"lat": 126.5, "lon": 45.8}, kind="mapping", answer=lambda: right)[1]
    assert words.endswith("Latitude and longitude are swapped.")


# --- functions ----------------------------------------------------------------


def growth(old, new):
    return new / old - 1


def draw(rng):
    return [(2, 3), (4, 5), (rng.uniform(1, 9), rng.uniform(1, 9))]


def said_of_function(function, **changes):
    fields = {
        "kind": "function",
        "answer": lambda: growth,
        "inputs": draw,
        "mistakes": {"That is the ratio.": lambda: lambda old, new: new / old},
    }
    return said(function, **(fields | changes))


def starter(old, new): ...


def described(old, new):
    """Return the growth."""


def forgets(old, new):
    result = new / old - 1  # noqa: F841


def quits(old, new):
    sys.exit(1)


def deeper(old, new):
    return deeper(old, new)


@pytest.mark.parametrize(
    ("function", "status", "words"),
    [
        (growth, "passed", "So it is."),
        (lambda *v: np.float64(growth(*v)), "passed", "So it is."),
        (lambda *v: np.array([growth(*v)]), "passed", "So it is."),
        (starter, "not attempted", "three dots"),
        (lambda old, new: ..., "not attempted", "three dots"),
        (described, "not attempted", "three dots"),
        (forgets, "not yet", "gives nothing back"),
        (lambda old, new: new / old, "not yet", "That is the ratio."),
        (lambda old, new: 1 / 0, "not yet", "ZeroDivisionError for the input 2, 3"),
        (lambda old, new: 1 / 0, "not yet", "It got as far as `(lambda old, new: 1 / 0"),
        (lambda old: old, "not yet", "TypeError"),
        (quits, "not yet", "SystemExit"), (deeper, "not yet", "RecursionError"),
        (lambda *v: growth(*v) * 100, "not yet", "With the input 2, 3: Your answer is 100"),
        (lambda old, new: "a", "not yet", "With the input 2, 3"),
        (lambda *v: str(growth(*v)), "not yet", "right, but it is text"),
        (0.5, "not yet", "is a number. This exercise wants a function. Hand in its name"),
    ],
)  # fmt: skip
def test_words_for_functions(function, status, words):
    found = said_of_function(function)
    assert found[0] == status and words in found[1]


def test_a_table_of_the_fixed_inputs_is_no_function():
    known = {(2, 3): 0.5, (4, 5): 0.25}
    assert said_of_function(lambda *v: known.get(v, 0.0))[0] == "not yet"


def test_a_seed_draws_the_same_inputs_again():
    one = task(kind="function", answer=lambda: growth, inputs=draw)
    first, again, other = (one.read(growth, seed)["value"]["runs"] for seed in (1, 1, 2))
    assert first == again != other


def test_inputs_are_fresh_for_every_call():
    def changes_input(values):
        values.clear()
        return 0

    changes = {"inputs": lambda _: [([1, 2],), ([3],)], "answer": lambda: sum, "mistakes": {}}
    for function, status in ((sum, "passed"), (changes_input, "not yet"), (sum, "passed")):
        assert said_of_function(function, **changes)[0] == status


# --- the budget ----------------------------------------------------------------


def endless(old, new):
    while True:
        pass


def stubborn(old, new):
    while True:
        try:
            time.sleep(60)
        except:  # noqa: E722
            old += 1
            if old > 3:
                raise


class Slow(list):
    def __iter__(self):
        while True:
            yield "a"
            time.sleep(0.01)


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        (endless, {"kind": "function", "answer": lambda: growth, "inputs": draw}),
        (stubborn, {"kind": "function", "answer": lambda: growth, "inputs": draw}),
        (Slow("ab"), {"kind": "set", "answer": lambda: ["a"]}),
    ],
)
def test_code_that_never_ends_is_ended(given, changes, monkeypatch):
    monkeypatch.setattr(budget, "SECONDS", 0.3)
    assert "stopped" in said(given, **changes)[1]


def test_code_on_a_busy_machine_has_its_time_too(monkeypatch):
    monkeypatch.setattr(budget, "SECONDS", 0.2)
    monkeypatch.setattr(budget, "_AGAIN", 0.1)
    monkeypatch.setattr(time, "process_time", lambda: 0.0)  # others have the processor
    began = time.monotonic()
    with budget.limited():
        time.sleep(0.4)
    with pytest.raises(budget.OutOfTime), budget.limited():
        time.sleep(60)
    assert time.monotonic() - began < 50


def interrupted(old, new):
    raise KeyboardInterrupt


def test_who_interrupts_a_check_sees_their_own_line():
    status, words = said_of_function(interrupted)
    assert status == "not yet" and words == (
        "The check was stopped. It was at `raise KeyboardInterrupt`."
    )


@pytest.mark.skipif(sys.gettrace() is not None, reason="coverage holds the thread")
def test_an_endless_loop_is_ended_in_another_thread_too(monkeypatch):
    monkeypatch.setattr(budget, "SECONDS", 0.3)
    found = []
    changes = {"kind": "function", "answer": lambda: growth, "inputs": draw}
    thread = threading.Thread(target=lambda: found.append(said(endless, **changes)))
    thread.start()
    thread.join(60)
    assert "stopped" in found[0][1] and "while True" in found[0][1]


# --- nothing escapes, nothing is changed ---------------------------------------


def bomb(name, error=RuntimeError):
    def explode(self, *args, **kwargs):
        raise error("boom")

    return type("Bomb", (), {name: explode})()


class Items(dict):
    def items(self):
        raise RuntimeError("boom")

    __iter__ = __len__ = __getitem__ = keys = items


BOMBS = [
    bomb("__eq__"), bomb("__getattribute__"), bomb("__float__", SystemExit),
    bomb("__call__", KeyboardInterrupt), [bomb("__len__")], Items(a=1),
    pd.Series([bomb("__repr__"), 1]), np.zeros(2, dtype="V8"), list(range(1_000_000)),
    (x for x in iter(int, 1)), type("M", (type,), {"__name__": property(bomb)})("M", (), {})(),
]  # fmt: skip
KINDS = {
    "number": {}, "text": {"answer": lambda: "b"}, "set": {"answer": lambda: {"b"}},
    "choice": {"answer": lambda: "b", "options": ["a", "b"]},
    "mapping": {"answer": lambda: {"b": 1}}, "map": {}, "verdict": {"claims": ["c01"]},
    "function": {"answer": lambda: growth, "inputs": draw},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", range(len(BOMBS)))
def test_no_object_breaks_a_check(kind, number):
    found = task(kind=kind, **({"mistakes": {"Other.": lambda: 5}} | KINDS[kind])).judge(
        BOMBS[number]
    )
    assert found.status in ("not yet", "cannot tell")
    # the student's own line may be shown, never the text of an error
    assert "boom" not in found.message.replace('raise error("boom")', "")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
    | st.complex_numbers() | st.decimals() | st.fractions() | st.datetimes() | st.timedeltas()
    | st.just(...),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    | st.lists(inner, max_size=3).map(lambda v: pd.Series(v, dtype=object))
    | st.lists(st.tuples(inner, inner), max_size=3).map(pd.DataFrame),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(anything, st.sampled_from(list(KINDS)))
def test_judging_anything_ends_in_words(answer, kind):
    one = task(kind=kind, **({"mistakes": {"Other.": lambda: {"x": 1}}} | KINDS[kind]))
    found = one.judge(answer)
    assert found.status in LOOKS and found.message
    assert "could not read" not in found.message, "an error of ours"


@settings(max_examples=200, deadline=None)
@given(anything, st.sampled_from(list(KINDS)))
def test_the_plain_form_is_json_and_is_judged_alike_elsewhere(answer, kind):
    one = task(kind=kind, **KINDS[kind])
    try:
        plain = one.read(answer, seed=1)
        there = one.decide(json.loads(json.dumps(plain)))
    except Exception as error:
        there = ("", str(error))
    assert there[1] == one.judge(answer, seed=1).message


def test_an_answer_that_cannot_be_computed_is_our_fault():
    def broken():
        raise CourseError("The course file x cannot be read.")

    assert said(5, answer=broken) == ("cannot tell", "The course file x cannot be read.")
    with pytest.raises(CourseError, match="no kind 'riddle'"):
        task(kind="riddle")


def test_a_map_is_wanted():
    assert "This exercise wants a folium map" in said(folium, kind="map")[1]
