"""Read any answer once, into a plain form that is JSON; compare plain values.

The plain form is a dict: ``form`` (what kind of thing it is), ``what`` (that in words)
and ``value``, in which a single value is None, a number, True, False or a text; dates
are texts. Reading may run the student's objects, judging never does: the one can happen
in another process than the other.
"""

import re
import unicodedata
from collections.abc import Hashable, Iterable, KeysView, ValuesView
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from math import inf, isfinite, isnan
from typing import Any

import numpy as np
import pandas as pd

from course.words import _, plural

ITEMS = 20_000  # how many values of one answer are looked at
Plain = dict[str, Any]
Value = Hashable  # None, a float, a Word, or a tuple of them

_COLUMNS = (pd.Series, pd.Index, np.ndarray, pd.api.extensions.ExtensionArray)
_LISTS = (list, tuple, set, frozenset, range, KeysView, ValuesView, *_COLUMNS)
_NUMBERS = (int, float, complex, np.number, Decimal, Fraction)
_TIMES = (date, time, timedelta, np.datetime64, np.timedelta64, pd.Period, pd.Interval)
_SINGLES = (str, bool, np.bool_, type(pd.NA), type(pd.NaT), *_NUMBERS, *_TIMES)
_FORMS = {bool: "truth", str: "text", float: "number", type(None): "missing"}


class Unfit(Exception):
    """An answer of the wrong kind, or one that cannot be read; the message says which."""

    def __init__(self, message: str, status: str = "not yet") -> None:
        super().__init__(message)
        self.status = status


# --- reading --------------------------------------------------------------------


def read(answer: Any) -> Plain:
    """Read an answer into its plain form; maps and functions have readers of their own.

    Args:
        answer: what the student handed in, of whatever type.

    Returns:
        The plain form; ``form`` is dots, nothing, missing, number, truth, text, date,
        list, pairs, table or other (known, but with no value to read).

    Raises:
        Unfit: it is or holds an object of an unknown type, or too many values.
    """
    if answer is ... or answer is None:
        return {"form": "dots" if answer is ... else "nothing", "value": None}
    if isinstance(answer, _SINGLES):
        value = _single(answer)
        date = isinstance(answer, _TIMES) and value is not None
        return {"form": "date" if date else _FORMS[type(value)], "value": value}
    what = describe(answer)
    if isinstance(answer, pd.DataFrame):
        return {"form": "table", "what": what, "value": _columns(answer), "rows": len(answer)}
    if isinstance(answer, dict | pd.Series):
        keyed = answer.items() if isinstance(answer, pd.Series) else dict.items(answer)
        pairs = [[_single(key), _single(one)] for key, one in _some(keyed)]
        mask = isinstance(answer, pd.Series) and answer.dtype == bool and len(answer) > 2
        of = "mask" if mask else "dict" if isinstance(answer, dict) else "column"
        return {"form": "pairs", "what": what, "value": pairs, "of": of}
    if isinstance(answer, np.ndarray) and answer.ndim == 0:
        return read(answer.item())
    if isinstance(answer, _LISTS):
        flat = answer.reshape(-1) if isinstance(answer, np.ndarray) else answer
        return {"form": "list", "what": what, "value": [_single(one) for one in _some(flat)]}
    if what is None:
        raise _unread(_("it is an object of type {type}", type=type_name(answer)))
    return {"form": "other", "what": what, "value": None}


def _columns(table: pd.DataFrame) -> list[list[Any]] | None:
    """Read a table of two columns as pairs, one of one column as row labels and values."""
    if table.shape[1] not in (1, 2):
        return None
    keys = table.index if table.shape[1] == 1 else table.iloc[:, 0]
    values, number = table.iloc[:, -1], pd.api.types.is_numeric_dtype
    if table.shape[1] == 2 and number(keys) and not number(values):
        keys, values = values, keys
    columns = zip(_some(keys), _some(values), strict=True)
    return [[_single(key), _single(one), table.shape[1]] for key, one in columns]


def _some(values: Iterable[Any]) -> list[Any]:
    found = list(islice(iter(values), ITEMS + 1))
    if len(found) > ITEMS:
        raise _unread(_("it has more than {count:,} values", count=ITEMS))
    return found


def _single(value: Any, depth: int = 0) -> Any:
    """Read one value: None, a float, True, False, a text, or a short list of them."""
    for _again in range(3):
        if isinstance(value, _COLUMNS) and len(value) == 1:
            value = value[0] if isinstance(value, np.ndarray) else value[:1].tolist()[0]
        elif isinstance(value, pd.DataFrame) and value.shape == (1, 1):
            value = value.iat[0, 0]
    if isinstance(value, str) or value is ...:
        return "..." if value is ... else str.__str__(value)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, _NUMBERS) and not isinstance(value, np.timedelta64):
        return _float(value)
    if value is np.ma.masked or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return None
    if isinstance(value, date | np.datetime64):
        stamp = pd.Timestamp(value)
        day = stamp.date().isoformat()
        return day if stamp == stamp.normalize() else f"{day} {stamp.time()}"
    if isinstance(value, _TIMES):
        return str(value)
    if isinstance(value, tuple | list) and depth < 3:
        return [_single(one, depth + 1) for one in value[:20]]  # keys are short
    raise _unread(_("it holds an object of type {type}", type=type_name(value)))


def _float(value: Any) -> float | None:
    if isinstance(value, complex | np.complexfloating):
        if value.imag:
            raise Unfit(_("Your answer is a complex number. An ordinary one is wanted."))
        value = value.real
    try:
        number = float(value)
    except OverflowError:
        return inf if value > 0 else -inf
    except ValueError:  # a signalling NaN
        return None
    return None if isnan(number) else number


def _unread(why: str) -> Unfit:
    words = _(
        "The check cannot read your answer: {why}. Hand in plain values: a number, a text, "
        "a list, a dict, a pandas object or a folium map."
    )
    return Unfit(words.format(why=why), "cannot tell")


# --- comparing ------------------------------------------------------------------

_SAME = {
    **dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-"),
    **dict.fromkeys(map(ord, '"`´‘’‚‛“”„‟«»‹›「」『』ʼ′″'), "'"),
    ord("ё"): "е",
}


class Word(str):
    """Text in which case, spaces, dashes and quotes do not matter; prints as written."""

    written: str

    def __new__(cls, text: str) -> "Word":
        """Fold a text and keep it as it was written."""
        word = super().__new__(cls, fold(text))
        word.written = text
        return word


def fold(text: str) -> str:
    """Write a text so that case, spaces, dashes, quotes and ё/е do not matter."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = unicodedata.normalize("NFKC", text).translate(_SAME)
    text = re.sub(r"\s*-\s*", "-", " ".join(text.split()))
    return text.strip("' ") or text


def value(single: Any, code: bool = True) -> Value:
    """Turn a single plain value into one that compares by meaning.

    Args:
        single: None, a number, True, False, a text or a list of such.
        code: whether "2017" means the number 2017, as it does for a year, an id or a key.
    """
    if isinstance(single, str | bool):
        word = Word(str(single))
        return float(word) if code and re.fullmatch(r"-?(0|[1-9]\d{0,14})", word) else word
    return tuple(map(value, single)) if isinstance(single, list) else single


def as_number(text: Any) -> float | None:
    """Read a number out of text such as ``12.5``, ``1 200`` or ``40 %``, if there is one."""
    if not isinstance(text, str):
        return None
    bare = fold(getattr(text, "written", text)[:60]).replace(" ", "").replace(",", "")
    plain = re.fullmatch(r"([+-]?\d+(\.\d+)?(e[+-]?\d+)?)%?", bare, re.ASCII)
    return float(plain[1]) if plain and isfinite(float(plain[1])) else None


def close(given: Any, right: Any, digits: int | None) -> bool:
    """Tell whether two values agree; numbers, to within half a unit of the last digit.

    Args:
        given: a value as `value` makes it.
        right: another.
        digits: decimals that count, -3 for thousands; None for all.
    """
    if isinstance(given, float) and isinstance(right, float) and given != right:
        half = 1e-9 * abs(right) if digits is None else 0.5 * 10.0**-digits
        off = abs(given - right)
        return off < inf and off <= half * (1 + 1e-9) + 1e-12 * abs(right)
    if isinstance(given, tuple) and isinstance(right, tuple) and len(given) == len(right):
        return all(close(a, b, digits) for a, b in zip(given, right, strict=True))
    return bool(given == right)


def same(given: Any, right: Any, digits: int | None) -> bool:
    """Tell whether two answers of one kind agree: a value, a list (as a set) or a dict."""
    if isinstance(given, dict) and isinstance(right, dict):
        return given.keys() == right.keys() and all(
            close(given[key], right[key], digits) for key in right
        )
    if isinstance(given, list) and isinstance(right, list):
        found, strangers = sort_out(given, right, digits)
        return not strangers and len(found) == len(set(right))
    return close(given, right, digits)


def sort_out(
    given: list[Any], right: list[Any], digits: int | None
) -> tuple[set[Any], list[Any]]:
    """Return which of the right values are there, and which given ones do not belong."""
    wanted, found, strangers = set(right), set(), []
    for one in dict.fromkeys(given):
        exact = one in wanted or digits is None
        match = [one] if one in wanted else []
        match += [] if exact else [other for other in wanted if close(one, other, digits)]
        found.update(match[:1])
        strangers += [] if match else [one]
    return found, strangers


# --- the kinds that exercises want ------------------------------------------------


def lone(plain: Plain) -> list[Any]:
    """Return the one value in an answer, as a list of one; an empty list if it is not one."""
    held, form = plain["value"], plain["form"]
    if form == "list" and len(held) == 1:
        return held
    column = plain.get("of") == "column" or (form == "table" and held and held[0][2] == 1)
    if column and len(held) == 1:
        return [held[0][1]]
    return [held] if form in ("nothing", "date", *_FORMS.values()) else []


def single(plain: Plain, wanted: str = "") -> Any:
    """Return the one value in an answer: a list, column or table of one is its value.

    Raises:
        Unfit: there is none, or more than one.
    """
    for held in lone(plain):
        return held
    raise unfit(plain, wanted or _("one word or number"))


def number(plain: Plain) -> float | None:
    """Return the number in an answer; None for a missing one."""
    held = single(plain, _("one number"))
    if isinstance(held, str) and as_number(held) is not None:
        raise Unfit(_("Your answer is text that looks like a number. Leave out the quotes."))
    if held is None or isinstance(held, float):
        return held
    raise unfit(plain, _("one number"))


def text(plain: Plain) -> Value:
    """Return the word in an answer; also a number, a date, True or False."""
    return value(single(plain))


def several(plain: Plain) -> list[Value]:
    """Return the values in an answer, in their order; for a dict, its keys."""
    form, held, of = plain["form"], plain["value"], plain.get("of")
    if of == "mask":
        raise unfit(plain, _("values: use the filter to pick them"))
    if form == "list":
        return [value(one) for one in held]
    if form == "pairs" or (form == "table" and held and held[0][2] == 1):
        return [value(pair[0 if of == "dict" else 1]) for pair in held]
    if form in ("nothing", "missing") or (form == "table" and held == []):
        return []
    if lone(plain):
        return [value(held)]
    raise unfit(plain, _("one column or list of values"))


def pairs(plain: Plain) -> dict[Value, Value]:
    """Return keys and values of a dict, a Series, or a table of two columns.

    Raises:
        Unfit: it is none of these, or a key has two values.
    """
    held = [] if plain["form"] in ("nothing", "missing") else plain["value"]
    if held is None or plain["form"] not in ("pairs", "table", "nothing", "missing"):
        raise unfit(
            plain, _("a value for each key: a dict, a Series or a table of two columns")
        )
    found: dict[Value, Value] = {}
    for pair in held:
        key, one = value(pair[0]), value(pair[1], code=False)
        if found.setdefault(key, one) != one:
            words = _("{key} occurs more than once. Each key wants one value.")
            raise Unfit(words.format(key=shown([key])))
    return found


def natural(plain: Plain) -> Any:
    """Return an answer in the form that its own type suggests."""
    if plain["form"] == "number":
        return plain["value"]
    if lone(plain):
        return text(plain)
    return several(plain) if plain["form"] == "list" else pairs(plain)


def outcome(plain: Plain) -> Any:
    """Return what a function gave back as `natural` does; `Unfit` where that is impossible."""
    try:
        return natural(plain)
    except Unfit:
        return Unfit


def unfit(plain: Plain, wanted: str) -> Unfit:
    """Return what to raise for an answer of the wrong kind."""
    words = _("Your answer is {what}. This exercise wants {wanted}.")
    return Unfit(words.format(what=what(plain), wanted=wanted))


# --- words ------------------------------------------------------------------------


def type_name(thing: object) -> str:
    """Name an object's type, whatever the object does to prevent it."""
    try:
        return str.__str__(type(thing).__name__)
    except Exception:
        return "unknown"


def describe(answer: Any) -> str | None:
    """Say in words what kind of thing an object is; None if it is not known."""
    name = type_name(answer)
    if "GroupBy" in name:
        return _("a grouping without a calculation (add .sum(), .size() or the like)")
    if name in ("generator", "map", "filter", "zip"):
        return _("a {name} that has not been run (put list(...) around it)", name=name)
    if isinstance(answer, pd.DataFrame):
        rows = plural("{count} row", "{count} rows", answer.shape[0])
        columns = plural("{count} column", "{count} columns", answer.shape[1])
        return _("a table with {rows} and {columns}", rows=rows, columns=columns)
    if isinstance(answer, pd.Series) and answer.dtype == bool:
        words = _("a column of {count} times True or False (a filter)")
        return words.format(count=len(answer))
    if isinstance(answer, dict):
        keys = plural("{count} key", "{count} keys", dict.__len__(answer))
        return _("a dict with {keys}", keys=keys)
    if isinstance(answer, _LISTS):
        count = answer.size if isinstance(answer, np.ndarray) else len(answer)
        values = plural("{count} value", "{count} values", count)
        return _("a {name} with {values}", name=name, values=values)
    if name in ("Map", "OfflineMap", "LiveMap"):
        return _("a map")
    brackets = _("a function, not its result (did you forget the brackets?)")
    return brackets if callable(answer) else None


def what(plain: Plain) -> str:
    """Say in words what kind of thing an answer is."""
    words = {
        "nothing": _("empty (None)"),
        "missing": _("a missing value"),
        "number": _("a number"),
        "truth": _("True or False"),
        "text": _("text"),
        "date": _("a date"),
    }
    return plain.get("what") or words[plain["form"]]


def shown(values: Iterable[Any], most: int = 5) -> str:
    """List up to five values as a student would write them."""
    listed = list(values)
    words = ", ".join(_spelled(one)[:60] for one in listed[:most])
    more = len(listed) - most
    return words if more <= 0 else _("{words} and {count} more", words=words, count=more)


def _spelled(one: Any) -> str:
    if isinstance(one, tuple):
        return f"({', '.join(map(_spelled, one))})"
    if isinstance(one, float) and one.is_integer():
        return str(int(one))
    return _("nothing") if one is None else getattr(one, "written", str(one))
