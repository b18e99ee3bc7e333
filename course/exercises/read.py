"""Read an object of the student's into plain values; only known types, and not too many."""

from collections.abc import Iterable, KeysView, ValuesView
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from math import inf, isnan
from typing import Any

import numpy as np
import pandas as pd

from course.exercises.values import SINGLE, Plain, Unfit
from course.words import _, plural

ITEMS = 20_000  # how many values of one answer are looked at

_COLUMNS = (pd.Series, pd.Index, np.ndarray, pd.api.extensions.ExtensionArray)
_LISTS = (list, tuple, set, frozenset, range, KeysView, ValuesView, *_COLUMNS)
_NUMBERS = (int, float, complex, np.number, Decimal, Fraction)
_TIMES = (date, time, timedelta, np.datetime64, np.timedelta64, pd.Period, pd.Interval)
_SINGLES = (str, bool, np.bool_, type(pd.NA), type(pd.NaT), *_NUMBERS, *_TIMES)


def read_value(answer: Any) -> Plain:
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
        return {"form": "date" if date else SINGLE[type(value)], "value": value}
    what = kind_words(answer)
    if isinstance(answer, pd.DataFrame):
        return {"form": "table", "what": what, "value": _columns(answer), "rows": len(answer)}
    if isinstance(answer, dict | pd.Series):
        keyed = answer.items() if isinstance(answer, pd.Series) else dict.items(answer)
        pairs = [[_single(key), _single(one)] for key, one in _some(keyed)]
        mask = isinstance(answer, pd.Series) and answer.dtype == bool and len(answer) > 2
        of = "mask" if mask else "dict" if isinstance(answer, dict) else "column"
        return {"form": "pairs", "what": what, "value": pairs, "of": of}
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
    plain = _(
        "Hand in plain values: a number, a text, a list, a dict, a pandas object or a map."
    )
    return Unfit(_("The check cannot read your answer: {why}. {plain}", why=why, plain=plain),
                 "cannot tell")  # fmt: skip


def type_name(thing: object) -> str:
    """Name an object's type, whatever the object does to prevent it."""
    try:
        return str.__str__(type(thing).__name__)
    except Exception:
        return "unknown"


def kind_words(answer: Any) -> str | None:
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
        return _("a column of {count} times True or False (a filter)", count=len(answer))
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
