"""Single values as they are compared, and words for what a student handed in."""

import numbers
import re
import unicodedata
from collections.abc import Hashable, Iterable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from math import inf, nan
from typing import Any

import numpy as np
import pandas as pd

Token = Hashable  # None for missing, float for a number, else folded text


class Unreadable(Exception):
    """The answer cannot be read: the check cannot tell."""


class Misfit(Exception):
    """The answer is of the wrong kind; the message says so to the student."""


class Word(str):
    """Folded text that remembers how it was written."""

    written: str


_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-")
_QUOTES = dict.fromkeys(map(ord, "\"'`´‘’‚‛“”„‟«»‹›「」『』ʼ′″"), "'")
_LETTERS = str.maketrans({"ё": "е"})


def fold(text: str) -> str:
    """Write a text so that case, spaces, dashes, quotes and ё/е do not matter."""
    text = unicodedata.normalize("NFKC", str.__str__(text)).casefold()
    text = unicodedata.normalize("NFKC", text)  # folding can take letters apart
    text = text.translate(_DASHES).translate(_QUOTES).translate(_LETTERS)
    text = re.sub(r"\s*-\s*", "-", " ".join(text.split()))
    inner = text.strip("' ")
    return inner or text


def is_missing(value: object) -> bool:
    """Tell whether a value is None, NaN, NA or NaT."""
    if value is None or value is pd.NA or value is pd.NaT or value is np.ma.masked:
        return True
    if isinstance(value, Decimal):
        return value.is_nan()
    if isinstance(value, float | np.floating):
        return bool(np.isnan(value))
    return isinstance(value, np.datetime64 | np.timedelta64) and bool(np.isnat(value))


def unwrap(value: Any) -> Any:
    """Take a single value out of an array, Series, Index or DataFrame of one."""
    for _ in range(3):
        if value is np.ma.masked:
            return None
        if isinstance(value, np.ndarray) and value.size == 1:
            value = value.reshape(-1)[0]
        elif isinstance(value, pd.Series) and len(value) == 1:
            value = value.iloc[0]
        elif isinstance(value, pd.DataFrame) and value.shape == (1, 1):
            value = value.iat[0, 0]
        elif isinstance(value, pd.Index | pd.api.extensions.ExtensionArray) and (
            len(value) == 1
        ):
            value = value[0]
        else:
            break
    return value


def is_number(value: object) -> bool:
    """Tell whether a value is a number; True and False are not."""
    if isinstance(value, bool | np.bool_):
        return False
    return isinstance(value, numbers.Real | np.number | Decimal | Fraction)


def to_float(value: Any) -> float:
    """Turn any kind of number into a float (infinite if it is too large)."""
    if is_missing(value):
        return nan
    if isinstance(value, complex | np.complexfloating):
        if value.imag:
            raise Misfit("Your answer is a complex number. An ordinary one is wanted.")
        value = value.real
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def token(value: Any, depth: int = 0) -> Token:
    """Turn one value into something that compares by meaning.

    Raises:
        Unreadable: the value is of a type the check does not know.
    """
    if is_missing(value):
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if is_number(value):
        return to_float(value)
    if isinstance(value, str):
        folded = Word(fold(value))
        folded.written = str.__str__(value)
        # a year or a code means the same as text and as a number
        return float(folded) if re.fullmatch(r"-?(0|[1-9]\d{0,14})", folded) else folded
    if isinstance(value, np.datetime64 | datetime | date):
        stamp = pd.Timestamp(value)
        day = stamp.date().isoformat()
        return day if stamp == stamp.normalize() else f"{day} {stamp.time()}"
    if isinstance(value, pd.Period | pd.Interval | pd.Timedelta | np.timedelta64):
        return token(str(value), depth + 1)
    if isinstance(value, tuple | list) and depth < 3:
        return tuple(token(v, depth + 1) for v in islice(value, 1000))
    raise Unreadable(f"it holds an object of type {type_name(value)}")


def type_name(value: object) -> str:
    """Name a value's type, whatever the value does to prevent it."""
    try:
        return str.__str__(type(value).__name__)
    except Exception:
        return "unknown"


def describe(value: Any) -> str | None:
    """Say in words what kind of thing an answer is; None if it is not known."""
    name = type_name(value)
    if "GroupBy" in name:
        return "a grouping without a calculation (add .sum(), .size() or the like)"
    if name in ("generator", "map", "filter", "zip"):
        return f"a {name} that has not been run (put list(...) around it)"
    if isinstance(value, pd.DataFrame):
        rows, columns = value.shape
        return f"a table with {plural(rows, 'row')} and {plural(columns, 'column')}"
    if isinstance(value, pd.Series) and value.dtype == bool:
        return f"a column of {len(value)} times True or False (a filter)"
    if isinstance(value, pd.Series | pd.Index | np.ndarray):
        return f"a {name} with {plural(value.size, 'value')}"
    if isinstance(value, list | tuple | set | frozenset | range):
        return f"a {name} with {plural(len(value), 'value')}"
    if isinstance(value, dict):
        return f"a dict with {plural(len(value), 'key')}"
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool | np.bool_):
        return "True or False"
    if is_number(value):
        return "a number"
    if isinstance(value, datetime | date | np.datetime64):
        return "a date"
    if name == "Map":
        return "a map"
    if isinstance(value, type) or callable(value):
        return "a function, not its result (did you forget the brackets?)"
    return None


def plural(count: int, word: str) -> str:
    """Return a count and its word, such as ``1 row`` or ``2 rows``."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def misfit(value: Any, wanted: str) -> Exception:
    """Return the exception for an answer of the wrong kind."""
    found = describe(value)
    if found is None:
        return Unreadable(f"it is an object of type {type_name(value)}")
    return Misfit(f"Your answer is {found}. This exercise wants {wanted}.")


def shown(tokens: Iterable[Token], most: int = 5) -> str:
    """List up to five tokens as a student would write them."""
    listed = list(tokens)
    words = [_spelled(value)[:60] for value in listed[:most]]
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(words) + more


def _spelled(value: Token) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_spelled, value))})"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.written if isinstance(value, Word) else str(value)
