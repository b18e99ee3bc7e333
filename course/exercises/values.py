"""Plain values: what any answer is read into, how two compare, what an exercise wants.

The plain form of an answer is JSON, a dict: ``form`` (what kind of thing it is), ``what``
(that in words, where the form does not say it) and ``value``, in which a single value is
None, a number, True, False or a text; dates are texts. Making it may run the student's
objects (`read`, `on_map`, `run`); judging it never does, and may happen elsewhere.
"""

import re
import unicodedata
from collections.abc import Hashable, Iterable
from math import inf, isfinite
from typing import Any

from course.words import _

Plain = dict[str, Any]
Value = Hashable  # None, a float, a Word, or a tuple of them

SINGLE = {bool: "truth", str: "text", float: "number", type(None): "missing"}  # their forms


class Unfit(Exception):
    """An answer of the wrong kind, or one that cannot be read; the message says which."""

    def __init__(self, message: str, status: str = "not yet") -> None:
        super().__init__(message)
        self.status = status


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
    return [held] if form in ("nothing", "date", *SINGLE.values()) else []


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
    rows = [] if plain["form"] in ("nothing", "missing") else plain["value"]
    if rows is None or plain["form"] not in ("pairs", "table", "nothing", "missing"):
        raise unfit(
            plain, _("a value for each key: a dict, a Series or a table of two columns")
        )
    found: dict[Value, Value] = {}
    for pair in rows:
        held = pair[1][0] if isinstance(pair[1], list) and len(pair[1]) == 1 else pair[1]
        key, one = value(pair[0]), value(held, code=False)
        if found.setdefault(key, one) != one:
            key = shown([key])
            raise Unfit(_("{key} occurs more than once. Each key wants one value.", key=key))
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
    how = {"what": what(plain), "wanted": wanted}
    return Unfit(_("Your answer is {what}. This exercise wants {wanted}.", **how))


# --- words ------------------------------------------------------------------------


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
