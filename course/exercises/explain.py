"""What is wrong with an answer, in words that do not give the right one away.

A diagnosis is given only where it fits closely and nothing else does: a wrong one is
worse than none.
"""

from collections.abc import Sequence
from math import floor, inf, log10
from typing import Any

from course.exercises.values import Value, Word, as_number, close, same, shown, sort_out, value
from course.words import _, plural


def digits_words(digits: int | None) -> str:
    """Say to how many digits an exercise wants its numbers; "" for exact ones."""
    named = {
        None: "",
        0: _("to a whole number"),
        1: _("to one decimal"),
        2: _("to two decimals"),
        -3: _("to the nearest thousand"),
        -6: _("to the nearest million"),
    }
    if digits in named:
        return named[digits]
    if digits is not None and digits > 0:
        return _("to {count} decimals").format(count=digits)
    return _("to the nearest {unit:,}").format(unit=10 ** -(digits or 0))


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


def distance(given: Any, known: Any, digits: int | None) -> float | None:
    """Return how far an answer is from a known wrong one; None if it does not fit closely."""
    if isinstance(given, dict) and isinstance(known, dict):
        parts = [distance(given.get(key), known[key], digits) for key in known]
        fit = given.keys() == known.keys() and None not in parts
        return sum(part or 0 for part in parts) if fit else None
    if isinstance(given, float) and isinstance(known, float):
        near = given == known or fits(given, known, digits)
        return abs(given - known) if near else None
    alike = type(given) is type(known) and same(given, known, None)
    return 0.0 if alike else None


def slip(given: Any, right: Any, digits: int | None) -> str:
    """Recognise a wrong unit, a turned sign or quotient, or too few digits."""
    if not (isinstance(given, float) and isinstance(right, float)) or not given or not right:
        return ""
    if inf in (abs(given), abs(right)):
        return ""
    found = [
        words
        for words, target, shift, least in _slips(right)
        if fits(given, target, None if digits is None else digits + shift, least)
    ]
    if rounded_too_far(given, right, digits):
        found.append(
            _("That looks rounded too far. Hand in the number {precision}.").format(
                precision=digits_words(digits) or _("as it was computed")
            )
        )
    return found[0] if len(found) == 1 else ""


def _slips(right: float) -> list[tuple[str, float, int, int]]:
    """List what each slip leads to: words, value, digits more than asked, figures at least."""
    large = _("Your answer is {factor:,} times too large. {question}")
    small = _("Your answer is {factor:,} times too small. {question}")
    powers = [
        (2, large, _("Percent in place of a share?")),
        (-2, small, _("A share in place of percent?")),
        (3, large, _("Thousand in place of one, or million in place of billion?")),
        (-3, small, _("One in place of thousand, or billion in place of million?")),
        (6, large, _("Single units in place of million?")),
        (-6, small, _("Million in place of single units?")),
        (9, large, _("Single units in place of billion?")),
        (-9, small, _("Billion in place of single units?")),
    ]
    sign = _("The size is right, the sign is turned round (plus and minus).")
    found = [(sign, -right, 0, 1)]
    found += [(_("The quotient is upside down: divide the other way round."), 1 / right, 0, 3)]
    for power, words, question in powers:
        text = words.format(factor=10 ** abs(power), question=question)
        found.append((text, right * 10.0**power, -power, 2))
    return found


def rounded_too_far(given: float, right: float, digits: int | None) -> bool:
    """Tell whether a number is the right one with too few digits left; one is too few."""
    figures, kept = decimals(given)
    if figures < 2 or right.is_integer() or (digits is not None and kept >= digits):
        return False
    return abs(given - right) <= 0.5 * 10.0**-kept * (1 + 1e-6)


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
    if isinstance(right, dict):
        return _pairs(given, right, digits, options)
    if isinstance(right, list):
        return _several(given, right, digits)
    if isinstance(right, float) and isinstance(given, float):
        return _number(given, right, digits, unit)
    known = [value(option) for option in options]
    if known and given not in known:
        words = _("That is not one of the options. Choose one of: {options}.")
        return words.format(options=", ".join(map(str, options)))
    if isinstance(given, Word) and not known and sorted(given) == sorted(str(right)):
        return _("The letters are right, their order is not.")
    return _("That is not it yet. Read the question again, then look at the data.")


def _number(given: float, right: float, digits: int | None, unit: str) -> str:
    if abs(given) == inf:
        return _("Your answer is infinite. Was something divided by zero?")
    if unit == "year":
        if abs(given - right) == 1:
            return _("That is the year beside it. Read the condition again: first or last?")
        return _("That is another year. Look at the rows again.")
    if words := slip(given, right, digits):
        return words
    wanted = ", ".join(filter(None, [unit, digits_words(digits)]))
    tail = _(" The answer is wanted in: {unit}.").format(unit=wanted) if unit else ""
    return _how_far(given, right) + tail


def _how_far(given: float, right: float) -> str:
    if not right:
        return _("Your answer is too far from zero.")
    if not given:
        return _("Your answer is zero. Did a filter leave nothing to count?")
    if (given < 0) != (right < 0):
        return _("Your answer has the wrong sign, and the size is another too.")
    ratio = abs(given / right)
    large, size = ratio > 1, max(ratio, 1 / ratio) if ratio else inf
    way = _("too large") if large else _("too small")
    if right < 0:
        way = _("{way} (leaving the minus sign aside)").format(way=way)
    if size >= 1e12:
        return _("Your answer is far {way}.").format(way=way)
    if size >= 1.75:
        step = 10.0 ** floor(log10(size))
        about = f"{round(size / step) * step:,.0f}"
        return _("Your answer is {way} by a factor of about {about}.").format(
            way=way, about=about
        )
    off = abs(ratio - 1)
    if off < 0.02:
        return _(
            "Very close, but a little {way}, and not by rounding. Is a row missing or counted "
            "twice, or is it another version of the figure?"
        ).format(way=way)
    less = _("less than a tenth") if off < 0.1 else _("less than a half")
    by = less if size < 1.5 else _("about a half")
    return _("Your answer is {way} by {by}.").format(way=way, by=by)


def _several(given: list[Value], right: list[Value], digits: int | None) -> str:
    found, strangers = sort_out(given, right, digits)
    if words := _as_text(given, right, digits):
        return words
    wanted = len(set(right))
    parts = [_("{right} of {wanted} are right").format(right=len(found), wanted=wanted)]
    if strangers:
        parts.append(
            plural("{count} does not belong", "{count} do not belong", len(strangers))
            + f" ({shown(strangers)})"
        )
    if wanted > len(found):
        parts.append(_("{count} still missing").format(count=wanted - len(found)))
    return "; ".join(parts) + "."


def _pairs(
    given: dict[Any, Any], right: dict[Any, Any], digits: int | None, options: Sequence[Any]
) -> str:
    missing = [key for key in right if key not in given]
    extra = [key for key in given if key not in right]
    if len(missing) == len(right):
        return _(
            "None of the keys is one that is asked for (yours: {keys}). Is the right column "
            "the key?"
        ).format(keys=shown(extra))
    if missing or extra:
        parts = [
            (_("Keys still missing: {keys}."), missing),
            (_("Keys that do not belong: {keys}."), extra),
        ]
        return " ".join(words.format(keys=shown(keys)) for words, keys in parts if keys)
    bad = [key for key in right if not close(given[key], right[key], digits)]
    if gone := [key for key in bad if given[key] is None]:
        return _("There is no value at: {keys}.").format(keys=shown(gone))
    known = [value(option) for option in options]
    if odd := [key for key in bad if known and given[key] not in known]:
        return _("At {keys} stands none of the words to choose from: {options}.").format(
            keys=shown(odd), options=", ".join(map(str, options))
        )
    ours, theirs = [given[key] for key in bad], [right[key] for key in bad]
    if words := _as_text(ours, theirs, digits):
        return words
    slips = {slip(a, b, digits) for a, b in zip(ours, theirs, strict=True)}
    if len(slips) == 1 and "" not in slips:
        return _("The keys are right. {words}").format(words=slips.pop())
    if len(bad) > 1 and same(ours, theirs, digits) and len(ours) == len(theirs):
        words = _("The values are right, but at the wrong keys: {keys}.")
        if {str(key)[:3] for key in bad} == {"lat", "lon"}:
            words += " " + _("Latitude and longitude are swapped.")
        return words.format(keys=shown(bad))
    count = _("{right} of {wanted} are right. Look again at: {keys}.")
    return count.format(right=len(right) - len(bad), wanted=len(right), keys=shown(bad))


def _as_text(given: list[Any], right: list[Any], digits: int | None) -> str:
    """Say so where numbers are handed in as text, and would be right as numbers."""
    texts = [as_number(one) if isinstance(one, Word) else None for one in given]
    if not any(number is not None for number in texts):
        return ""
    numbers = [
        one if number is None else number for one, number in zip(given, texts, strict=True)
    ]
    if not same(numbers, right, digits):
        return ""
    return _("The values are right, but some are text. Hand in numbers, without quotes.")
