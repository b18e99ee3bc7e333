"""Answers are compared by value, and no object can break the comparison."""

import datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.exercises.compare import Rule, alike, kind_of, same
from course.exercises.values import Misfit, Unreadable, fold, shown, token, unwrap

NUMBER, TEXT, SET = Rule(), Rule("text"), Rule("set")
MAPPING, TABLE = Rule("mapping"), Rule("table")
finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)


# --- numbers ------------------------------------------------------------------


@given(finite)
def test_a_number_counts_in_any_form(value):
    boxes = [
        float, np.float64, Decimal, Fraction, np.array, lambda v: np.array([[v]]),
        lambda v: pd.Series([v], index=["x"]), lambda v: pd.DataFrame({"a": [v]}),
        lambda v: pd.Series([v], dtype=object), lambda v: pd.Index([v]), np.longdouble,
        lambda v: pd.array([v], dtype="Float64"), lambda v: complex(v, 0),
    ]  # fmt: skip
    for box in boxes:
        assert same(box(value), value, NUMBER)
        assert same(value, box(value), NUMBER)


@given(st.integers(-(10**15), 10**15))
def test_a_whole_number_counts_in_any_form(value):
    for box in (
        int,
        float,
        np.int64,
        Decimal,
        Fraction,
        lambda v: pd.Series([v], dtype="Int64"),
    ):
        assert same(box(value), value, NUMBER)


@given(finite.filter(lambda v: abs(v) > 1e-3))
def test_tolerance_is_relative(value):
    assert same(value * 1.0049, value, NUMBER)
    assert not same(value * 1.0052, value, NUMBER)
    assert not same(-value, value, NUMBER)
    assert not same(value * 1.001, value, Rule(tolerance=0))


def test_tolerance_near_zero_is_absolute():
    assert same(0.004, 0, Rule(absolute=0.005))
    assert not same(0.004, 0, NUMBER)
    assert same(1e-12, 0, NUMBER)


def test_a_year_is_exact():
    assert same(2017, 2018, NUMBER)
    assert not same(2017, 2018, Rule(unit="year"))
    assert same(2018.0, 2018, Rule(unit="year"))


@pytest.mark.parametrize("value", [True, np.True_, pd.Series([True])])
def test_a_truth_is_no_number(value):
    assert same(value, True, NUMBER)
    assert not same(False, True, NUMBER)


def test_huge_numbers_are_numbers():
    assert not same(10**400, 5, NUMBER)
    assert not same(-(10**400), 5, NUMBER)
    assert not same(np.inf, 5, NUMBER)
    assert not same(Decimal("sNaN"), 5, NUMBER)


# --- text ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Heihe", " HEIHE\n"),
        ("Благовещёнск", "БЛАГОВЕЩЕНСК"),
        ("Petropavlovsk-Kamchatsky", "petropavlovsk – kamchatsky"),
        ("the 'top' level", "the “top” level"),
        ("«Amur»", "Amur"),
        ("２０１７", "2017"),
        ("2017", 2017),
        ("Йошкар", "И\u0306ошкар"),
        ("RU-AMU", "ru\u2011amu"),
        ("中国", "中国 "),
        ("a  b", "a b"),
    ],
)
def test_spelling_that_does_not_matter(one, other):
    assert same(one, other, TEXT) and same(other, one, TEXT)
    assert same(pd.Series([one]), other, TEXT)


@pytest.mark.parametrize(("one", "other"), [("Heihe", "Heihe city"), ("01", "1"), ("", "a")])
def test_spelling_that_matters(one, other):
    assert not same(one, other, TEXT)


@given(st.text())
def test_folding_is_stable(text):
    assert same(text, text, TEXT)
    assert fold(fold(text)) == fold(text)


def test_dates_are_dates():
    for form in (
        "2017-06-14",
        datetime.date(2017, 6, 14),
        datetime.datetime(2017, 6, 14),
        pd.Timestamp("2017-06-14"),
        np.datetime64("2017-06-14"),
    ):
        assert same(form, "2017-06-14", TEXT)
    assert not same(pd.Timestamp("2017-06-14 12:00"), "2017-06-14", TEXT)
    assert token(pd.Period("2017", "Y")) == 2017


# --- sets ---------------------------------------------------------------------


@given(st.lists(st.one_of(st.text(max_size=5), st.integers(0, 3000)), min_size=1, max_size=8))
def test_a_set_counts_in_any_form(items):
    many = [
        items, items[::-1], tuple(items), set(items), frozenset(items), items * 2,
        pd.Series(items, dtype=object), pd.Index(items, dtype=object, tupleize_cols=False),
        dict.fromkeys(items), dict.fromkeys(items).keys(), dict(enumerate(items)).values(),
        np.array(items, dtype=object), pd.DataFrame({"x": pd.Series(items, dtype=object)}),
    ]  # fmt: skip
    for form in many:
        assert same(form, items, SET)
    assert not same([*items, "something else"], items, SET)


def test_sets_are_exact_for_whole_numbers():
    assert not same([2016], [2017], SET)
    assert same([0.3333], [1 / 3], SET)
    assert same("RU-AMU", ["RU-AMU"], SET)
    assert same([], set(), SET)
    assert same(pd.Series(["a", None]), ["a", np.nan], SET)


def test_duplicates_matter_if_asked():
    strict = Rule("set", no_duplicates=True)
    assert same(["a", "b"], {"b", "a"}, strict)
    assert not same(["a", "b", "a"], {"b", "a"}, strict)
    assert same(["a", "b", "a"], ["a", "a", "b"], strict)


# --- mappings -----------------------------------------------------------------

VALUES = {2017: 1.5, 2018: 2.5, 2019: None}


@pytest.mark.parametrize(
    "form",
    [
        pd.Series(VALUES),
        pd.Series(VALUES)[::-1].rename_axis("year"),
        {"2017": 1.5, "2018": Decimal("2.5"), "2019": np.nan},
        {2017: pd.Series([1.5]), 2018: np.array([2.5]), 2019: pd.NA},
        pd.DataFrame({"year": [2019, 2018, 2017], "value": [None, 2.5, 1.5]}),
        pd.Series(VALUES).to_frame("x"),
        {2017: 1.5001, 2018: 2.4999, 2019: float("nan")},
    ],
)
def test_a_mapping_counts_in_any_form(form):
    assert same(form, VALUES, MAPPING)
    assert not same(form, VALUES | {2017: 1.6}, MAPPING)
    assert not same(form, VALUES | {2020: 1.6}, MAPPING)


def test_names_and_numbers_in_either_column():
    frame = pd.DataFrame({"value": [1, 2], "name": ["a", "b"]})
    assert same(frame, {"a": 1, "b": 2}, MAPPING)
    assert same(frame[["name", "value"]], {"a": 1, "b": 2}, MAPPING)


def test_zero_may_be_left_out_if_the_exercise_says_so():
    lax = Rule("mapping", optional_zero=True)
    assert same({"a": 1, "b": 0}, {"a": 1}, lax)
    assert same({"a": 1}, {"a": 1, "b": 0}, lax)
    assert not same({"a": 1}, {"a": 1, "b": 0}, MAPPING)


def test_pairs_as_keys():
    frame = pd.DataFrame({"a": ["x", "y"], "b": [1, 2], "v": [3, 4]})
    assert same(frame.set_index(["a", "b"])["v"], {("x", 1): 3, ("y", 2): 4}, MAPPING)


# --- tables -------------------------------------------------------------------

FRAME = pd.DataFrame(
    {"region": ["a", "b", "c"], "year": [2017, 2018, 2018], "value": [1.0, None, 3.5]}
)


@pytest.mark.parametrize(
    "form",
    [
        FRAME,
        FRAME[::-1],
        FRAME[["value", "year", "region"]],
        FRAME.astype(object),
        FRAME.set_index("region"),
        FRAME.set_index(["region", "year"]),
        FRAME.set_index(["region", "year"])["value"],
        FRAME.set_index(["region", "year"])["value"].rename("something"),
        FRAME.set_index("region").rename_axis(None),
        FRAME.assign(helper=[object(), object(), object()]),
        FRAME.rename(columns={"value": " Value"}),
        FRAME.to_dict("records"),
        FRAME.to_dict("list"),
        FRAME.assign(value=[1.004, np.nan, 3.5]),
        FRAME.assign(year=["2017", "2018", "2018"]),
        FRAME.convert_dtypes(),
        FRAME.set_index(FRAME.index + 10),
    ],
)
def test_a_table_counts_in_any_form(form):
    assert same(form, FRAME, TABLE)
    assert same(form, FRAME.set_index("region"), TABLE)


@pytest.mark.parametrize(
    "form",
    [
        FRAME.head(2),
        pd.concat([FRAME, FRAME.head(1)]),
        FRAME.drop(columns="year"),
        FRAME.assign(year=[2017, 2018, 2019]),
        FRAME.assign(value=[1.0, 2.0, 3.5]),
        FRAME.assign(value=[3.5, None, 1.0]),
        FRAME.assign(region=["a", "b", "d"]),
        pd.DataFrame(),
        {},
    ],
)
def test_a_wrong_table_is_wrong(form):
    assert not same(form, FRAME, TABLE)


def test_exact_columns():
    exact = Rule("table", exact_columns=True)
    assert same(FRAME, FRAME, exact)
    assert not same(FRAME.assign(helper=1), FRAME, exact)


def test_dict_of_records():
    records = FRAME.set_index("region").to_dict("index")
    assert same(records, FRAME.set_index("region"), TABLE)


def test_doubled_and_nested_columns_do_not_break():
    doubled = pd.concat([FRAME, FRAME[["value"]]], axis=1)
    assert same(doubled, FRAME, TABLE)
    nested = FRAME.copy()
    nested.columns = pd.MultiIndex.from_tuples([("region", ""), ("year", ""), ("value", "")])
    assert same(nested, FRAME, TABLE)


@given(st.permutations(range(3)), st.permutations(["region", "year", "value"]))
def test_order_never_matters(rows, columns):
    assert same(FRAME.iloc[list(rows)][list(columns)], FRAME, TABLE)


# --- anything at all ----------------------------------------------------------


def bomb(name):
    """An object whose method ``name`` raises."""

    def explode(self, *args, **kwargs):
        raise RuntimeError("boom")

    return type("Bomb", (), {name: explode})()


def loop():
    """A list that holds itself."""
    items = []
    items.append(items)
    return items


def forever():
    """Numbers without end."""
    while True:
        yield 1


class Endless(list):
    """A list that never ends."""

    def __iter__(self):
        return forever()


class Liar:
    """An object that lies about its class."""

    @property
    def __class__(self):
        raise RuntimeError("boom")


METHODS = [
    "__eq__", "__repr__", "__str__", "__len__", "__iter__", "__float__", "__array__", "__hash__",
    "__bool__", "__getattr__", "__getattribute__", "__int__", "__index__", "__call__",
    "__array_interface__", "__dataframe__",
]  # fmt: skip
ODD = [
    *[bomb(name) for name in METHODS],
    Liar(),
    loop(),
    forever(),
    Endless(),
    object(),
    [bomb("__eq__")],
    {"a": bomb("__repr__")},
    pd.Series([bomb("__str__")] * 2),
    pd.DataFrame({"region": [bomb("__eq__")], "year": [1], "value": [2]}),
    np.zeros(3, dtype=[("x", "i4"), ("y", "f8")]),
    np.array([1, 2], dtype="datetime64[s]"),
    np.array(["a"], dtype="S3"),
    np.void(b"abc"),
    np.array(None),
    np.ma.masked,
    np.ma.array([1, 2], mask=[True, False]),
    np.zeros((0,)),
    np.zeros((2, 2, 2)),
    pd.DataFrame(np.zeros((2, 4)), columns=pd.MultiIndex.from_product([["a", "b"], [1, 2]])),
    pd.DataFrame([[1, 2]], columns=["a", "a"]),
    pd.DataFrame({"a": [1, 2]}, index=pd.MultiIndex.from_tuples([(1, 2), (3, 4)])),
    pd.Series([1, 2], index=["a", "a"]),
    pd.Categorical(["x", "y"]),
    pd.interval_range(0, 3),
    pd.Series([1 + 2j, 3]),
    pd.arrays.SparseArray([0, 1]),
    list(range(300_000)),
    "x" * 1_000_000,
    10**5000,
    Decimal("sNaN"),
    b"bytes",
    type,
    int,
    pd,
    NotImplemented,
    iter([1]),
    memoryview(b"abc"),
    datetime.timedelta(1),
    {1: {2: {3: {}}}},
    {(1, 2): 3},
    [[[[[[1]]]]]],
    {frozenset([1]): 2},
    Exception("x"),
]
EXPECTED = {
    "number": 12.5, "text": "Heihe", "set": {"a", "b"}, "mapping": VALUES, "table": FRAME,
}  # fmt: skip


@pytest.mark.parametrize("kind", EXPECTED)
@pytest.mark.parametrize("number", range(len(ODD)))
def test_odd_objects_are_told_from_right_answers(kind, number):
    try:
        assert not same(ODD[number], EXPECTED[kind], Rule(kind))
    except (Misfit, Unreadable):
        pass
    except RuntimeError as error:  # an object's own trouble; `judge` catches it
        assert "boom" in str(error)


anything = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.complex_numbers(),
        st.text(),
        st.binary(),
        st.decimals(),
        st.fractions(),
        st.dates(),
        st.datetimes(),
        st.timedeltas(),
    ),  # fmt: skip
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(st.one_of(st.text(), st.integers()), inner, max_size=4),
        st.lists(inner, max_size=4).map(lambda v: pd.Series(v, dtype=object)),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(anything, st.sampled_from(list(EXPECTED)))
def test_comparing_anything_ends_in_words(value, kind):
    try:
        assert same(value, EXPECTED[kind], Rule(kind)) in (True, False)
    except (Misfit, Unreadable) as error:
        assert len(str(error)) > 10


@settings(max_examples=150, deadline=None)
@given(anything, anything)
def test_alike_never_raises(one, other):
    for kind in EXPECTED:
        assert alike(one, other, Rule(kind)) in (True, False)


@settings(deadline=None)
@given(anything)
def test_whatever_can_be_read_equals_itself(value):
    kind = kind_of(value)
    try:
        assert same(value, value, Rule(kind))
    except (Misfit, Unreadable):
        pass


def test_alike_compares_across_kinds():
    assert alike("2017-06-15", "2017-06-15", NUMBER)
    assert alike(set(), [], NUMBER)
    assert alike(FRAME, FRAME[::-1], NUMBER)
    assert not alike("a", "b", NUMBER)
    assert not alike(5, "b", NUMBER)


def test_the_keys_alone_do_not_make_two_mappings_alike():
    unreadable = {"a": object(), "b": object()}
    assert not alike(unreadable, {"a": 1, "b": 2}, Rule("mapping"))
    assert alike(["a", "b"], {"a": 1, "b": 2}.keys(), Rule("set"))


def test_odds_and_ends():
    assert unwrap(pd.Series([np.array([5])])) == 5
    assert shown([1.0, "a", *range(9)]) == "1, a, 0, 1, 2 and 6 more"
