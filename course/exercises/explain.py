"""What is wrong with an answer, in words that do not give the right one away.

A diagnosis is given only where it fits closely and nothing else does: a wrong one is
worse than none.
"""

import re
from collections.abc import Sequence
from math import floor, inf, log10
from typing import Any

from course.exercises.values import (
    Plain,
    Value,
    Word,
    as_number,
    close,
    lone,
    same,
    shown,
    sort_out,
    value,
)  # fmt: skip
from course.words import _, plural

_SPAN = re.compile(r"-?\d+ days?( \+?[\d:.]+)?")  # a length of time of pandas, as text


def digits_words(digits: int | None) -> str:
    """Say to how many digits an exercise wants its numbers; "" for exact ones."""
    if digits is None or digits == 0:
        return "" if digits is None else _("to a whole number")
    if digits > 0:
        count = {2: _("two"), 3: _("three")}.get(digits, digits)
        return _("to one decimal") if digits == 1 else _("to {count} decimals", count=count)
    units = {-3: _("thousand"), -6: _("million")}
    return _("to the nearest {unit}", unit=units.get(digits) or f"{10**-digits:,}")


# --- nothing, or not all, filled in ----------------------------------------------


def untouched(plain: Plain) -> bool:
    """Tell whether an answer is a starter in which nothing was filled in yet."""
    parts = plain["value"] if plain["form"] in ("list", "pairs") else [plain["value"]]
    return plain["form"] == "dots" or (bool(parts) and all(map(_dotted, parts)))


def dots(plain: Plain) -> list[str]:
    """List the keys or places of an answer that still hold three dots."""
    if plain["form"] == "pairs":
        return [shown([value(p[0])]) for p in plain["value"] if _dotted(p)]
    parts = plain["value"] if plain["form"] == "list" else []
    return [_("place {number}", number=n) for n, one in enumerate(parts, 1) if _dotted(one)]


def _dotted(one: Any) -> bool:
    last = one[-1] if isinstance(one, list) and one else one
    return isinstance(last, str) and last.strip() in ("...", "…")


def empty(plain: Plain) -> str:
    """Say so if there is nothing in an answer."""
    form, held = plain["form"], plain["value"]
    if form == "nothing":
        return _(
            "Your answer is empty (None). Did the last step give a result? Some commands, "
            "such as print(), give none back."
        )
    if lone(plain) == [None]:
        return _(
            "Your answer is not a number (NaN): a value is missing somewhere in the "
            "calculation. Look at the rows that went into it."
        )
    if form == "text" and not held.strip():
        return _("Your answer is an empty text.")
    if (form == "table" and not plain["rows"]) or (plain.get("of") == "column" and not held):
        return _("Your answer is empty: no row is left. Look at the filter.")
    if form in ("list", "pairs") and not held:
        return _("Your answer is empty: {what}.", what=plain["what"])
    return ""


# --- how closely a number fits ----------------------------------------------------


def decimals(number: float) -> tuple[int, int]:
    """Count the figures of a number, and its decimals (-2 for whole hundreds)."""
    mantissa, _e, exponent = f"{abs(number):.15g}".partition("e")
    whole, _dot, part = mantissa.partition(".")
    figures = (whole + part).lstrip("0")
    bare = figures.rstrip("0")
    return len(bare), len(part) - int(exponent or 0) - (len(figures) - len(bare))


def fits(given: float, target: float, digits: int | None, least: int = 2) -> bool:
    """Tell whether a number is a target: as computed, or rounded as the task says or finer.

    Args:
        given: the student's number.
        target: what a known way of going wrong leads to.
        digits: decimals the task asks for; None if it asks for all.
        least: figures a rounded number must show, so that it fits by no accident.
    """
    off = abs(given - target)
    if off <= 1e-6 * abs(target) or digits is None:
        return off <= 1e-6 * abs(target)
    figures, kept = decimals(given)
    enough = figures >= (least if kept >= digits else least + 1)
    return enough and off <= 0.5 * 10.0 ** -max(digits, kept) * (1 + 1e-6)


def distance(given: Any, known: Any, digits: int | None, right: Any = None) -> float | None:
    """Return how far an answer is from a known wrong one; None if it does not fit closely.

    Of a dict, the values that are right in both say nothing and are left out.
    """
    if isinstance(given, dict) and isinstance(known, dict) and given.keys() == known.keys():
        parts = []
        for key in known:
            pair = [given[key], known[key]]
            fine = isinstance(right, dict) and key in right
            if not (fine and all(close(one, right[key], digits) for one in pair)):
                parts.append(distance(given[key], known[key], digits))
        return None if None in parts or not parts else sum(part or 0 for part in parts)
    if isinstance(given, float) and isinstance(known, float):
        near = given == known or fits(given, known, digits)
        return abs(given - known) if near else None
    return 0.0 if type(given) is type(known) and same(given, known, None) else None


def slip(given: Any, right: Any, digits: int | None, sure: bool = True) -> str:
    """Recognise a wrong unit, a turned sign or quotient, or too few digits.

    A number of one figure fits many things by accident: it must be sure on other grounds.
    """
    numbers = isinstance(given, float) and isinstance(right, float)
    if not numbers or not given or not right or inf in (abs(given), abs(right)):
        return ""
    large = _("Your answer is {factor} times too large. {question}")
    small = _("Your answer is {factor} times too small. {question}")
    units = [
        (2, large, _("Percent in place of a share?")),
        (-2, small, _("A share in place of percent?")),
        (3, large, _("Thousand in place of one, or million in place of billion?")),
        (-3, small, _("One in place of thousand, or billion in place of million?")),
        (6, large, _("Single units in place of million?")),
        (-6, small, _("Million in place of single units?")),
        (9, large, _("Single units in place of billion?")),
        (-9, small, _("Billion in place of single units?")),
    ]
    slips = [
        (_("The size is right, the sign is turned round (plus and minus)."), -right, 0, 2),
        (_("The quotient is upside down: divide the other way round."), 1 / right, 0, 3),
    ]
    for power, words, question in units:
        text = words.format(factor=f"{10 ** abs(power):,}", question=question)
        slips.append((text, right * 10.0**power, -power, 2))
    found = [
        words
        for words, target, shift, least in slips
        if fits(given, target, None if digits is None else digits + shift, least if sure else 1)
    ]
    if _rounded_too_far(given, right, digits):
        how = digits_words(digits) or _("as it was computed")
        found.append(_("That looks rounded too far. Hand in the number {how}.", how=how))
    return found[0] if len(found) == 1 else ""


def _rounded_too_far(given: float, right: float, digits: int | None) -> bool:
    """Tell whether a number is the right one with too few digits left; one is too few."""
    figures, kept = decimals(given)
    if figures < 2 or right.is_integer() or (digits is not None and kept >= digits):
        return False
    return _could_be_rounded(given, right)


def _could_be_rounded(given: float, right: float) -> bool:
    return abs(given - right) <= 0.5 * 10.0 ** -decimals(given)[1] * (1 + 1e-6)


# --- words for each kind ----------------------------------------------------------


def explain(
    given: Any, right: Any, *, digits: int | None, unit: str = "", options: Sequence[Any] = ()
) -> str:
    """Say how a wrong answer differs from the right one.

    Args:
        given: the answer as its kind reads it: a value, a list or a dict.
        right: the right one, in the same form; never shown.
        digits: decimals that count; None for exact values.
        unit: unit of the numbers.
        options: the words that may be chosen, if the exercise names them.

    Returns:
        A sentence or two.
    """
    known = [value(option) for option in options]
    between = " · " if any("," in str(option) for option in options) else ", "
    listed = between.join(map(str, options))
    if isinstance(right, dict):
        odd = [key for key in right if known and given.get(key, known[0]) not in known]
        words = _("At {keys} there is none of the words to choose from: {options}.")
        bad = _pairs(given, right, digits)
        return words.format(keys=shown(odd), options=listed) if odd else bad
    if isinstance(right, list):
        return _several(given, right, digits)
    if isinstance(right, float) and isinstance(given, float):
        return _number(given, right, digits, unit)
    if isinstance(right, float) and (number := as_number(given)) is not None:
        if same(number, right, digits):
            return _("The value is right, but it is text. Leave out the quotes.")
        return _("That is text that looks like a number. Make it a number.")
    if known and given not in known:
        return _("That is not one of the options. Choose one of: {options}.", options=listed)
    texts = isinstance(given, Word) and isinstance(right, Word)
    if texts and not known and sorted(given) == sorted(str(right)):
        return _("The letters are right, their order is not.")
    return _("That is not it yet. Read the question again, then look at the data.")


def _number(given: float, right: float, digits: int | None, unit: str) -> str:
    if unit == "year" and abs(given - right) == 1:
        return _("That is the year beside it. Read the condition again: first or last?")
    if unit == "year":
        return _("That is another year. Look at the rows again.")
    wanted = ", ".join(filter(None, [unit, digits_words(digits)]))
    tail = _(" Asked for: {unit}.", unit=wanted) if unit else ""
    return slip(given, right, digits) or _how_far(given, right) + tail


def _how_far(given: float, right: float) -> str:
    if abs(given) == inf:
        return _("Your answer is infinite. Was something divided by zero?")
    if not right:
        return _("Your answer is too far from zero.")
    if not given:
        return _("Your answer is zero, and should not be.")
    if (given < 0) != (right < 0):
        if abs(abs(given / right) - 1) < 0.1:  # too few figures to call the size right
            return _("Your answer has the wrong sign.")
        return _("Your answer has the wrong sign, and the size is another too.")
    ratio = abs(given / right)
    size = max(ratio, 1 / ratio) if ratio else inf
    way = _("too large") if ratio > 1 else _("too small")
    way += _(" (leaving the minus sign aside)") if right < 0 else ""
    if size >= 1e12:
        return _("Your answer is far {way}.", way=way)
    if size >= 1.75:
        step = 10.0 ** floor(log10(size))
        about = f"{round(size / step) * step:,.0f}"
        return _("Your answer is {way} by a factor of about {about}.", way=way, about=about)
    off = abs(ratio - 1)
    if off < 0.02 and _could_be_rounded(given, right):
        return _("Very close, but a little {way}. Was it rounded too far?", way=way)
    if off < 0.02:
        return _(
            "Very close, but a little {way}, and not by rounding. Is a row missing or counted "
            "twice, or is it another version of the figure?",
            way=way,
        )
    names = [(0.1, _("less than a tenth")), (0.45, _("less than a half")),
             (0.58, _("about a half")), (1.0, _("about two thirds"))]  # fmt: skip
    by = next(words for least, words in names if off < least)
    return _("Your answer is {way} by {by}.", way=way, by=by)


def _several(given: list[Value], right: list[Value], digits: int | None) -> str:
    found, strangers = sort_out(given, right, digits)
    wanted = len(set(right))
    if wanted > 1 and len(given) == 1 and _run_together(given[0], right):
        return _(
            "Your answer is one text. Hand in a list, with each value in quotes of its own, "
            'such as ["x", "y"].'
        )
    parts = [_("{right} of {wanted} are right", right=len(found), wanted=wanted)]
    if strangers:
        count = plural("{count} does not belong", "{count} do not belong", len(strangers))
        parts.append(f"{count} ({shown(strangers)})")
    if wanted > len(found):
        parts.append(_("{count} still missing", count=wanted - len(found)))
    return _as_text(given, right, digits) or "; ".join(parts) + "."


def _run_together(given: Value, right: list[Value]) -> bool:
    """Tell whether a text lists right values, such as "B, D" or "BD"."""
    text = getattr(given, "written", "")
    ways = [re.split(r"[,;]", text), re.split(r"[,;\s]+", text), list(text)]
    return any(len(way) > 1 and set(map(value, way)) & set(right) for way in ways)


def _pairs(given: dict[Any, Any], right: dict[Any, Any], digits: int | None) -> str:
    missing = [key for key in right if key not in given]
    extra = [key for key in given if key not in right]
    if len(missing) == len(right):
        words = _("None of the keys is one that is asked for (yours: {keys}). ")
        return words.format(keys=shown(extra)) + _("Is the right column the key?")
    if missing or extra:
        lacks = _("Keys still missing: {keys}.", keys=shown(missing)) if missing else ""
        more = _("Keys that do not belong: {keys}.", keys=shown(extra)) if extra else ""
        return f"{lacks} {more}".strip()
    bad = [key for key in right if not close(given[key], right[key], digits)]
    if gone := [key for key in bad if given[key] is None]:
        return _("There is no value at: {keys}.", keys=shown(gone))
    ours, theirs = [given[key] for key in bad], [right[key] for key in bad]
    if words := _as_text(ours, theirs, digits):
        return words
    if all(isinstance(one, str) and _SPAN.fullmatch(one) for one in ours):
        return _("These are lengths of time, not numbers. Take their days with .days.")
    pairs = [*zip(ours, theirs, strict=True)]
    slips = {slip(a, b, digits) for a, b in pairs}
    if len(slips - {""}) == 1:  # one that is sure speaks for the others
        slips = {slip(a, b, digits) or slip(a, b, digits, sure=False) for a, b in pairs}
    if len(slips) == 1 and "" not in slips:
        return _("The keys are right. {words}", words=slips.pop())
    if len(bad) > 1 and same(ours, theirs, digits):
        turned = {str(key)[:3] for key in bad} == {"lat", "lon"}
        words = _("The values are right, but at the wrong keys: {keys}.", keys=shown(bad))
        return words + (_(" Latitude and longitude are swapped.") if turned else "")
    count = _("{right} of {wanted} are right. Look again at: {keys}.")
    return count.format(right=len(right) - len(bad), wanted=len(right), keys=shown(bad))


def _as_text(given: list[Any], right: list[Any], digits: int | None) -> str:
    """Say so where numbers are handed in as text."""
    numbers = [one if (read := as_number(one)) is None else read for one in given]
    if numbers == given or not all(isinstance(one, float) for one in right):
        return ""
    if same(numbers, right, digits):
        return _("The values are right, but some are text. Hand in numbers, without quotes.")
    return _("Some of your numbers are text. Hand in numbers, without quotes.")
