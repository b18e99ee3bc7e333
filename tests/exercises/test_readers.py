"""Whatever comes is read into plain values, or told in words why not."""

import datetime

import numpy as np
import pandas as pd
import pytest

from course.exercises.readers import (
    LIMIT,
    is_number_column,
    read_mapping,
    read_number,
    read_set,
    read_table,
    read_text,
    text_as_number,
)
from course.exercises.values import Misfit, Unreadable

FRAME = pd.DataFrame({"region": ["a", "b"], "value": [1.0, None]})


# --- numbers and words --------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("12.5", "text that looks like a number"),
        ("a dozen", "is text"),
        (len, "forget the brackets"),
        (pd.Series([1, 2]).sum, "forget the brackets"),
        (pd.Series([1, 2]), "Series with 2 values"),
        ([12], "list with 1 value"),
        (pd.DataFrame({"a": [1, 2], "b": [3, 4]}), "2 rows and 2 columns"),
        (pd.DataFrame({"a": [1], "b": [3]}).groupby("a"), "add .sum"),
        ((x for x in [1]), "generator"),
        ({"a": 1}, "dict with 1 key"),
        (datetime.date(2017, 6, 14), "a date"),
        (1 + 2j, "complex"),
        (pd.Series([True, False, True]), "a filter"),
        (True, "True or False"),
        (np.True_, "True or False"),
        (pd.Series([True]), "True or False"),
    ],
)
def test_a_wrong_kind_is_named(value, words):
    with pytest.raises(Misfit, match=words):
        read_number(value)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12.5", 12.5), ("1 200", 1200), ("1,200", 1200), ("-3e2", -300), ("50 %", 50),
        ("a dozen", None), ("", None), ("1/2", None), ("٣", None), ("9" * 100, float("9" * 60)),
    ],
)  # fmt: skip
def test_numbers_in_text(text, number):
    assert text_as_number(text) == number


def test_words_come_folded():
    assert read_text(pd.Series([" HEIHE"])) == "heihe"
    assert read_text(True) == "true" and read_text("2017") == 2017.0
    assert read_text(datetime.date(2017, 6, 14)) == "2017-06-14"
    with pytest.raises(Misfit, match="one word or text"):
        read_text(["a", "b"])


# --- sets and mappings --------------------------------------------------------


def test_a_set_keeps_order_and_repeats():
    assert read_set(["b", "a", "b"]) == ["b", "a", "b"]
    assert read_set("a") == ["a"] and read_set(None) == []
    assert read_set(FRAME[["region"]]) == ["a", "b"]
    with pytest.raises(Misfit, match="one column"):
        read_set(FRAME)


def test_a_filter_is_no_set():
    with pytest.raises(Misfit, match="filter"):
        read_set(pd.Series([True, False, True]))


def test_no_more_is_read_than_can_be_compared():
    with pytest.raises(Unreadable, match="100,000 values"):
        read_set(list(range(LIMIT + 1)))
    with pytest.raises(Unreadable, match="100,000 values"):
        read_mapping(dict.fromkeys(range(LIMIT + 1)))
    for long in (pd.DataFrame({"a": range(LIMIT + 1)}), [{"a": 1}] * (LIMIT + 1)):
        with pytest.raises(Unreadable, match="100,000 rows"):
            read_table(long)


def test_names_are_the_keys_in_either_column():
    assert read_mapping(FRAME) == {"a": 1.0, "b": None}
    assert read_mapping(FRAME[["value", "region"]].head(1)) == {"a": 1.0}
    assert is_number_column(FRAME["value"]) and not is_number_column(FRAME["region"])
    assert read_mapping(None) == {}
    with pytest.raises(Misfit, match="a value for each key"):
        read_mapping(["a"])


def test_a_key_twice_is_named():
    with pytest.raises(Misfit, match="more than once"):
        read_mapping(pd.Series([1, 2], index=["a", "a"]))


# --- tables -------------------------------------------------------------------


def test_a_table_knows_its_index_from_its_columns():
    table = read_table(FRAME.set_index("region"))
    assert (table.rows, table.index, list(table.columns)) == (
        2,
        ["region"],
        ["region", "value"],
    )
    assert read_table(FRAME).index == [] == read_table(FRAME).unnamed
    unnamed = read_table(FRAME.set_index("region").rename_axis(None))
    assert [list(level) for level in unnamed.unnamed] == [["a", "b"]]
    assert len(read_table(FRAME["value"]).values) == 1


def test_columns_go_by_folded_names():
    table = read_table(pd.concat([FRAME.rename(columns={"value": " Value"}), FRAME], axis=1))
    assert list(table.columns) == ["region", "value"]
    assert table.doubled == ["region", "value"]
    nested = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", "")]))
    assert list(read_table(nested).columns) == ["a_1", "b"]


def test_records_are_tables():
    for form in (FRAME.to_dict("records"), FRAME.to_dict("list"), FRAME.T.to_dict()):
        assert list(read_table(form).columns) == ["region", "value"]
    assert read_table([]).rows == 0 == read_table(None).rows
    with pytest.raises(Misfit, match="each column as long"):
        read_table({"a": [1], "b": [1, 2]})
    with pytest.raises(Misfit, match="a table"):
        read_table(5)
