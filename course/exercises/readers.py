"""Read whatever a student hands in into plain values.

Only types that are known are read, and never more than a bounded number of their
items, so that no object can stop or break the check.
"""

import re
from collections.abc import Iterable, KeysView, ValuesView
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from course.exercises.values import (
    Misfit,
    Token,
    Unreadable,
    fold,
    is_missing,
    is_number,
    misfit,
    shown,
    to_float,
    token,
    unwrap,
)

LIMIT = 100_000  # items or rows of an answer that are looked at


def read_number(value: Any) -> float:
    """Read one number; NaN for a missing one.

    Raises:
        Misfit: the value is no number.
        Unreadable: it is of a type the check does not know.
    """
    value = unwrap(value)
    if is_missing(value) or is_number(value) or isinstance(value, complex):
        return to_float(value)
    if isinstance(value, str) and text_as_number(value) is not None:
        raise Misfit(
            "Your answer is text that looks like a number. Hand in the number itself, "
            "without quotes."
        )
    raise misfit(value, "one number")


def text_as_number(text: str) -> float | None:
    """Read a number out of text such as ``12.5`` or ``1 200``, if there is one."""
    bare = fold(text)[:60].replace(" ", "").replace(",", "").removesuffix("%")
    plain = re.fullmatch(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", bare, re.ASCII)
    return float(bare) if plain else None


def read_text(value: Any) -> Token:
    """Read one word or text, also True, a date or a number.

    Raises:
        Misfit: the value is none of these.
        Unreadable: it is of a type the check does not know.
    """
    value = unwrap(value)
    if isinstance(value, str):
        return token(value)
    scalar = isinstance(value, bool | np.bool_ | datetime | date | np.datetime64)
    if scalar or is_missing(value) or is_number(value):
        return token(value)
    raise misfit(value, "one word or text")


def read_set(value: Any) -> list[Token]:
    """Read several values; order and repeats are kept here.

    Raises:
        Misfit: the value is not a list, set, column or the like.
        Unreadable: it holds too many values, or some of an unknown type.
    """
    if isinstance(value, pd.DataFrame):
        if value.shape[1] != 1:
            raise misfit(value, "one column or list of values")
        value = value.iloc[:, 0]
    if isinstance(value, pd.Series) and value.dtype == bool and len(value) > 2:
        raise misfit(value, "values: use the filter to pick them")
    if isinstance(value, str) or is_number(value) or isinstance(value, bool):
        value = [value]
    elif isinstance(value, np.ndarray):
        value = value.reshape(-1)
    several = (
        list | tuple | set | frozenset | dict | range | KeysView | ValuesView
        | np.ndarray | pd.Series | pd.Index | pd.api.extensions.ExtensionArray
    )  # fmt: skip
    if is_missing(value):
        return []
    if not isinstance(value, several):
        raise misfit(value, "a list or set of values")
    return [token(v) for v in _bounded(value)]


def _bounded(values: Iterable[Any]) -> list[Any]:
    found = list(islice(iter(values), LIMIT + 1))
    if len(found) > LIMIT:
        raise Unreadable(f"it has more than {LIMIT:,} values")
    return found


def read_mapping(value: Any) -> dict[Token, Token]:
    """Read keys and values from a dict, a Series or a table of two columns.

    Raises:
        Misfit: the value is none of these, or a key has two values.
        Unreadable: it holds too many values, or some of an unknown type.
    """
    wanted = "a value for each key: a dict, a Series or a table of two columns"
    if isinstance(value, pd.DataFrame):
        value = _two_columns(value, wanted)
    if isinstance(value, pd.Series):
        pairs = list(zip(_bounded(value.index), _bounded(value), strict=True))
    elif isinstance(value, dict):
        pairs = _bounded(dict.items(value))
    elif is_missing(value):
        pairs = []
    else:
        raise misfit(value, wanted)
    found: dict[Token, Token] = {}
    for key, content in pairs:
        key, content = token(key), token(unwrap(content))
        if key in found and found[key] != content:
            raise Misfit(f"{shown([key])} occurs more than once. Each key wants one value.")
        found[key] = content
    return found


def _two_columns(frame: pd.DataFrame, wanted: str) -> pd.Series:
    if frame.shape[1] == 1:
        return frame.iloc[:, 0]
    if frame.shape[1] != 2:
        raise misfit(frame, wanted)
    first, second = frame.iloc[:, 0], frame.iloc[:, 1]
    if is_number_column(first) and not is_number_column(second):
        first, second = second, first
    return pd.Series(second.array, index=pd.Index(first.array, tupleize_cols=False))


def is_number_column(column: pd.Series) -> bool:
    """Tell whether a column holds numbers."""
    return pd.api.types.is_numeric_dtype(column.dtype)


@dataclass
class Table:
    """A table as the check sees it: named columns, and what has no name."""

    rows: int
    columns: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # as the student wrote them
    index: list[str] = field(default_factory=list)
    unnamed: list[Any] = field(default_factory=list)  # levels of an index
    values: list[Any] = field(default_factory=list)  # what a Series holds
    doubled: list[str] = field(default_factory=list)

    def add(self, label: Any, content: Any, index: bool = False) -> None:
        """Add a column under the folded form of its label."""
        name = str(token(label))
        self.doubled += [str(label)] if name in self.columns else []
        self.columns[name] = content
        self.names[name] = str(label)
        self.index += [name] if index else []


def read_table(value: Any) -> Table:
    """Read a table from a DataFrame, a Series, or records in a list or dict.

    Raises:
        Misfit: the value is none of these.
        Unreadable: it has too many rows, or is of an unknown type.
    """
    series = isinstance(value, pd.Series)
    frame = value.to_frame("value") if series else _to_frame(value)
    if len(frame) > LIMIT:
        raise Unreadable(f"it has more than {LIMIT:,} rows")
    table = Table(len(frame))
    plain = isinstance(frame.index, pd.RangeIndex) and frame.index.name is None
    for level in [] if plain else range(frame.index.nlevels):
        content, label = frame.index.get_level_values(level), frame.index.names[level]
        if label is None:
            table.unnamed.append(content)
        else:
            table.add(label, content, index=True)
    for number, label in enumerate(frame.columns):
        if series:
            table.values.append(frame.iloc[:, number])
            label = "value" if value.name is None else value.name
        if isinstance(label, tuple):
            label = "_".join(str(part) for part in label if str(part))
        table.add(label, frame.iloc[:, number])
    return table


def _to_frame(value: Any) -> pd.DataFrame:
    if isinstance(value, pd.DataFrame):
        return value
    records = isinstance(value, list) and all(isinstance(r, dict) for r in value[:LIMIT])
    if isinstance(value, dict) or (records and value):
        if len(value) > LIMIT:
            raise Unreadable(f"it has more than {LIMIT:,} rows")
        nested = (
            isinstance(value, dict)
            and value
            and all(isinstance(v, dict) for v in value.values())
        )
        try:
            if nested:
                return pd.DataFrame.from_dict(value, orient="index")
            return pd.DataFrame(value)
        except ValueError as error:
            raise misfit(value, "a table: each column as long as the others") from error
    if is_missing(value) or (isinstance(value, list) and not value):
        return pd.DataFrame()
    raise misfit(value, "a table (DataFrame)")
