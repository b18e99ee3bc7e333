"""What is wrong with an answer, in words that do not give the right one away."""

from math import floor, isinf, log10
from typing import Any

import pandas as pd

from course.exercises.compare import Rule, bare_zeros, set_parts, table_parts
from course.exercises.readers import (
    read_mapping,
    read_number,
    read_set,
    read_table,
    read_text,
    text_as_number,
)
from course.exercises.values import (
    Misfit,
    Token,
    describe,
    fold,
    is_missing,
    plural,
    shown,
    token,
    unwrap,
)

_FACTORS = {
    100.0: "Percent in place of a share?",
    0.01: "A share in place of percent?",
    1e3: "Check the unit: thousand in place of one, or million in place of billion?",
    1e-3: "Check the unit: one in place of thousand, or billion in place of million?",
    1e6: "Check the unit: single units in place of million?",
    1e-6: "Check the unit: million in place of single units?",
    1e9: "Check the unit: single units in place of billion?",
    1e-9: "Check the unit: billion in place of single units?",
}


def difference(answer: Any, expected: Any, rule: Rule, options: list[Any]) -> str:
    """Say how a wrong answer differs from the right one.

    Args:
        answer: what the student handed in.
        expected: the right answer, never shown.
        rule: how the two are compared.
        options: what a choice, or each value of a mapping, may be; empty if anything.

    Returns:
        One or two sentences.

    Raises:
        Misfit: the answer is of the wrong kind; its message says so.
        Unreadable: the answer cannot be read.
    """
    empty = _empty(answer)
    if empty:
        return empty
    if rule.kind == "number" and not isinstance(unwrap(expected), bool):
        return _number(answer, read_number(expected), rule)
    if rule.kind == "set":
        return _set(read_set(answer), read_set(expected), rule)
    if rule.kind == "mapping":
        return _mapping(read_mapping(answer), read_mapping(expected), rule, options)
    if rule.kind == "table":
        return _table(answer, expected, rule)
    if options and read_text(answer) not in [token(o) for o in options]:
        listed = ", ".join(str(o) for o in options)
        return f"That is not one of the options. Choose one of: {listed}."
    given = read_text(answer)
    right = read_text(expected)
    if not options and isinstance(given, str) and isinstance(right, str):  # noqa: SIM102
        if sorted(fold(given)) == sorted(fold(right)):
            return "The letters are right, their order is not."
    return "That is not it yet. Read the question again, then look at the data."


def _empty(answer: Any) -> str:
    answer = unwrap(answer)
    if answer is None:
        return (
            "Your answer is empty (None). Did the last step give a result? Some "
            "commands, such as print(), give none back."
        )
    if is_missing(answer):
        return (
            "Your answer is not a number (NaN): a value is missing somewhere in the "
            "calculation. Look at the rows that went into it."
        )
    if isinstance(answer, str) and not answer.strip():
        return "Your answer is an empty text."
    if isinstance(answer, list | tuple | set | frozenset | dict) and not len(answer):
        return f"Your answer is empty: {describe(answer)}."
    if isinstance(answer, pd.Series | pd.DataFrame | pd.Index) and not len(answer):
        return "Your answer is empty: no row is left. Look at the filter."
    return ""


def factor(answer: float, expected: float, rule: Rule) -> str:
    """Recognise a wrong unit, a wrong sign or a quotient turned round."""
    if not answer or not expected or isinf(answer) or isinf(expected):
        return ""
    for times, words in _FACTORS.items():
        if rule.near(answer / times, expected):
            size = times if times > 1 else 1 / times
            way = "too large" if times > 1 else "too small"
            return f"Your answer is {size:,.0f} times {way}. {words}"
    if rule.near(-answer, expected):
        return "The size is right, the sign is turned round (plus and minus)."
    if rule.near(1 / answer, expected):
        return "The quotient is upside down: divide the other way round."
    return ""


def _number(answer: Any, expected: float, rule: Rule) -> str:
    bare = unwrap(answer)
    if isinstance(bare, str):
        number = text_as_number(bare)
        if number is not None and rule.near(number, expected):
            raise Misfit(
                "The value is right, but it is text. Hand in the number itself, without quotes."
            )
    given = read_number(answer)
    if isinf(given):
        return "Your answer is infinite. Was something divided by zero?"
    if rule.unit == "year":
        return "That is another year. Look at the rows again."
    words = factor(given, expected, rule) or rounded(given, expected)
    return words or _how_far(given, expected) + _unit(rule)


def rounded(answer: float, expected: float) -> str:
    """Recognise the right number with too few digits left."""
    if not abs(answer - expected) <= 0.1 * abs(expected) or expected.is_integer():
        return ""
    size = floor(log10(abs(expected)))
    if any(abs(answer - round(expected, n - size)) <= 1e-9 * abs(answer) for n in range(1, 7)):
        return "That looks rounded too far. Hand in the number as it was computed."
    return ""


def _unit(rule: Rule) -> str:
    return f" The answer is wanted in: {rule.unit}." if rule.unit else ""


def _how_far(given: float, expected: float) -> str:
    if not expected:
        return "Your answer is too far from zero."
    if not given:
        return "Your answer is zero. Did a filter leave nothing to count?"
    if (given < 0) != (expected < 0):
        return "Your answer has the wrong sign, and the size is another too."
    ratio = abs(given / expected)
    way = "large" if ratio > 1 else "small"
    if expected < 0:
        way += " (leaving the minus sign aside)"
    size = max(ratio, 1 / ratio) if ratio else float("inf")
    if size >= 1e12:
        return f"Your answer is far too {way}."
    if size >= 1.75:
        step = 10.0 ** floor(log10(size))
        about = f"{round(size / step) * step:,.0f}"
        return f"Your answer is too {way} by a factor of about {about}."
    off = abs(ratio - 1)
    if off < 0.02:
        return (
            f"Very close, but a little too {way}, and not by rounding. Is a row missing "
            "or counted twice, or is it another version of the figure?"
        )
    near = "by less than a tenth" if off < 0.1 else "by less than a half"
    return f"Your answer is too {way} {near if size < 1.5 else 'by about a half'}."


def _set(answer: list[Token], expected: list[Token], rule: Rule) -> str:
    right, strangers, missing = set_parts(answer, expected, rule)
    wanted = right + missing
    if not strangers and not missing:
        return "All the right values are there, but some occur more than once."
    text = f"{right} of {wanted} are right"
    if strangers:
        verb = "does" if len(strangers) == 1 else "do"
        text += f"; {len(strangers)} {verb} not belong ({shown(strangers)})"
    if missing:
        text += f"; {missing} still missing"
    return text + "."


def _mapping(
    given: dict[Token, Token], wanted: dict[Token, Token], rule: Rule, options: list[Any]
) -> str:
    given, wanted = bare_zeros(given, rule), bare_zeros(wanted, rule)
    missing = [k for k in wanted if k not in given]
    extra = [k for k in given if k not in wanted]
    if len(missing) == len(wanted):
        return (
            f"None of the keys is one that is asked for (yours: {shown(extra)}). "
            "Is the right column the key?"
        )
    parts = []
    if missing:
        parts.append(f"Keys still missing: {shown(missing)}.")
    if extra:
        parts.append(f"Keys that do not belong: {shown(extra)}.")
    if parts:
        return " ".join(parts)
    bad = [k for k in wanted if not rule.near(given[k], wanted[k])]
    gone = [k for k in bad if given[k] is None]
    if gone:
        return f"There is no value at: {shown(gone)}."
    known = [token(option) for option in options]
    odd = [k for k in bad if known and given[k] not in known]
    if odd:
        listed = ", ".join(str(option) for option in options)
        return f"At {shown(odd)} stands none of the words to choose from: {listed}."
    pairs = [(given[k], wanted[k]) for k in bad]
    if all(isinstance(a, float) and isinstance(b, float) for a, b in pairs):
        words = {
            factor(a, b, rule) or rounded(a, b)  # type: ignore[arg-type]
            for a, b in pairs
            if a or b
        }
        if len(words) == 1 and "" not in words:
            return "The keys are right. " + words.pop()
    if len(bad) > 1 and _swapped({k: given[k] for k in bad}, wanted, rule):
        return f"The values are right, but at the wrong keys: {shown(bad)}.{_order(bad)}"
    count = f"{len(wanted) - len(bad)} of {len(wanted)} are right."
    return f"{count} Look again at: {shown(bad)}."


def _swapped(given: dict[Token, Token], wanted: dict[Token, Token], rule: Rule) -> bool:
    left = [wanted[key] for key in given]
    for value in given.values():
        match = next((n for n, right in enumerate(left) if rule.near(value, right)), None)
        if match is None:
            return False
        left.pop(match)
    return True


def _order(names: list[Token]) -> str:
    if {str(name)[:3] for name in names} == {"lat", "lon"}:
        return " Latitude and longitude are swapped."
    return ""


def _table(answer: Any, expected: Any, rule: Rule) -> str:
    table = read_table(answer)
    if table.doubled:
        return f"Two columns have the same name: {', '.join(table.doubled[:5])}."
    parts = table_parts(table, read_table(expected), rule)
    if parts.missing:
        return f"Columns still missing: {', '.join(parts.missing[:5])}."
    if parts.extra:
        return f"Columns that do not belong: {', '.join(parts.extra[:5])}."
    if parts.rows != parts.wanted:
        way = "too many" if parts.rows > parts.wanted else "too few"
        off = abs(parts.rows - parts.wanted)
        return f"Your table has {plural(parts.rows, 'row')}, {off} {way}."
    if len(parts.wrong_columns) == 2:
        one, other = (str(token(name)) for name in parts.wrong_columns)
        held = table.columns
        if one in held and other in held:
            held[one], held[other] = held[other], held[one]
            again = table_parts(table, read_table(expected), rule)
            if again.right == again.wanted:
                names = " and ".join(parts.wrong_columns)
                order = _order(list(parts.wrong_columns))
                return f"The columns {names} hold each other's values.{order}"
    columns = ", ".join(parts.wrong_columns[:5])
    look = f" Look at: {columns}." if columns else ""
    return f"{parts.right} of {parts.wanted} rows are right.{look}"


def unfinished(answer: Any) -> tuple[bool, list[str]]:
    """Look for the three dots of a starter.

    Returns:
        Whether nothing was filled in yet, and the keys that still hold dots.
    """
    if answer is ...:
        return True, []
    if isinstance(answer, str):
        return answer.strip() in ("...", "…"), []
    if isinstance(answer, dict) and answer:
        left = [k for k, v in list(dict.items(answer))[:1000] if v is ...]
        return len(left) == len(answer), [shown([token(k)]) for k in left]
    if isinstance(answer, list | tuple) and answer:
        left = [n for n, v in enumerate(answer[:1000], 1) if v is ...]
        return len(left) == len(answer), [f"place {n}" for n in left]
    return False, []
