"""Whether two answers mean the same: values count, never their form."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf, isnan
from typing import Any

import numpy as np
import pandas as pd

from course.exercises.readers import (
    Table,
    read_mapping,
    read_number,
    read_set,
    read_table,
    read_text,
)
from course.exercises.values import (
    Misfit,
    Token,
    Unreadable,
    is_missing,
    is_number,
    token,
    unwrap,
)


@dataclass(frozen=True)
class Rule:
    """How answers of one exercise are compared.

    Attributes:
        kind: number, text, choice, set, mapping or table.
        tolerance: how far a number may be off, relative to the right one.
        absolute: how far it may be off in its own unit, for answers near zero.
        unit: unit of the number; a year is compared exactly.
        optional_zero: keys of a mapping whose value is 0 may be left out.
        exact_columns: a table must not have further columns.
        keys: columns of a table that say which row it is; compared exactly.
        no_duplicates: no value of a set may occur twice.
    """

    kind: str = "number"
    tolerance: float = 0.005
    absolute: float = 1e-9
    unit: str = ""
    optional_zero: bool = False
    exact_columns: bool = False
    keys: tuple[str, ...] = ()
    no_duplicates: bool = False

    def near(self, answer: Token, expected: Token) -> bool:
        """Tell whether two tokens agree, numbers to within the tolerance."""
        if not (isinstance(answer, float) and isinstance(expected, float)):
            return answer == expected
        relative = 1e-9 if self.unit == "year" else max(self.tolerance, 1e-9)
        if answer == expected:
            return True
        if inf in (abs(answer), abs(expected)):
            return False
        return abs(answer - expected) <= max(relative * abs(expected), self.absolute)


def set_parts(
    answer: list[Token], expected: list[Token], rule: Rule
) -> tuple[int, list[Token], int]:
    """Return how many are right, which do not belong, and how many are missing."""
    wanted, given = dict.fromkeys(expected), list(dict.fromkeys(answer))
    fractions = [e for e in wanted if isinstance(e, float) and not e.is_integer()]

    # in a tuple, since None is a token too: it stands for a missing value
    def found(value: Token) -> tuple[Token] | None:
        if value in wanted:
            return (value,)
        close = (e for e in fractions if isinstance(value, float) and rule.near(value, e))
        return next(((e,) for e in close), None)

    matches = {value: found(value) for value in given}
    right = {match for match in matches.values() if match is not None}
    strangers = [value for value, match in matches.items() if match is None]
    return len(right), strangers, len(wanted) - len(right)


@dataclass
class TableParts:
    """How one table differs from another."""

    missing: list[str]
    extra: list[str]
    right: int
    rows: int
    wanted: int
    wrong_columns: list[str]


def table_parts(answer: Table, expected: Table, rule: Rule) -> TableParts:
    """Compare two tables; the order of rows and columns does not matter."""
    given = _matched(answer, expected)
    wanted = dict(expected.columns)
    for number, content in enumerate(expected.unnamed):
        wanted[f"index {number}"] = content
    missing = [expected.names.get(n, n) for n in wanted if n not in given]
    extra = []
    if rule.exact_columns:
        extra = [answer.names[n] for n in answer.columns if n not in wanted]
    parts = TableParts(missing, extra, 0, answer.rows, expected.rows, [])
    if missing:
        return parts
    right = {name: [token(v) for v in content] for name, content in wanted.items()}
    ours = {name: [token(v) for v in given[name]] for name in wanted}
    exact = [n for n in wanted if _is_key(n, right[n], expected, rule)]
    free = [n for n in wanted if n not in exact]
    wrong: dict[str, None] = {}
    theirs, mine = _grouped(ours, exact, free), _grouped(right, exact, free)
    for key, rows in mine.items():
        for one, other in zip(theirs.get(key, []), rows, strict=False):
            bad = [n for n, a, b in zip(free, one, other, strict=True) if not rule.near(a, b)]
            parts.right += not bad
            wrong.update(dict.fromkeys(bad))
    if any(key not in mine for key in theirs):
        for name in exact:
            if set(ours[name]) - set(right[name]):
                wrong.setdefault(name)
    parts.wrong_columns = [expected.names.get(n, n) for n in wrong]
    return parts


def _matched(answer: Table, expected: Table) -> dict[str, Any]:
    given = dict(answer.columns)
    wanted = [*expected.columns, *(f"index {n}" for n in range(len(expected.unnamed)))]
    # a Series holds the one thing asked for, whatever its name
    unplaced = [n for n in wanted if n not in answer.index]
    content = [n for n in expected.columns if n not in expected.index]
    for only in (unplaced, content):
        if answer.values and len(only) == 1:
            given[only[0]] = answer.values[0]
            break
    spare = list(answer.unnamed)
    spare += [answer.columns[n] for n in answer.index if n not in wanted]
    missing = [n for n in wanted if n not in given]
    if not spare and expected.unnamed:
        spare = [c for n, c in answer.columns.items() if n not in wanted]
    return given | dict(zip(missing, spare, strict=False))


def _is_key(name: str, tokens: list[Token], table: Table, rule: Rule) -> bool:
    named = {str(token(k)) for k in rule.keys}
    if name in table.index or name in named or name.startswith("index "):
        return True
    if name == "year" or name.endswith("_year"):
        return True
    return any(t is not None and not isinstance(t, float) for t in tokens)


def _grouped(
    columns: dict[str, list[Token]], exact: list[str], free: list[str]
) -> dict[tuple[Token, ...], list[tuple[Token, ...]]]:
    groups: dict[tuple[Token, ...], list[tuple[Token, ...]]] = defaultdict(list)
    size = len(next(iter(columns.values()), []))
    for row in range(size):
        key = tuple(columns[n][row] for n in exact)
        groups[key].append(tuple(columns[n][row] for n in free))
    for rows in groups.values():
        rows.sort(key=lambda row: [(not isinstance(t, float), str(type(t)), t) if t is not None
                                   else (True, "", 0.0) for t in row])  # fmt: skip
    return groups


def bare_zeros(mapping: dict[Token, Token], rule: Rule) -> dict[Token, Token]:
    """Leave out keys whose value is 0, where the exercise lets students do so."""
    if not rule.optional_zero:
        return mapping
    return {key: value for key, value in mapping.items() if value not in (0.0, None)}


def same(answer: Any, expected: Any, rule: Rule) -> bool:
    """Tell whether an answer means the same as the expected value.

    Args:
        answer: what the student handed in.
        expected: the value to compare with, in any form its kind allows.
        rule: kind and tolerances.

    Raises:
        Misfit: the answer is of another kind than the exercise wants.
        Unreadable: the answer cannot be read.
    """
    if rule.kind == "number":
        wanted = unwrap(expected)
        if isinstance(wanted, bool | np.bool_):
            return read_text(answer) == token(wanted)
        given, right = read_number(answer), read_number(wanted)
        return (isnan(given) and isnan(right)) or rule.near(given, right)
    if rule.kind in ("text", "choice"):
        return read_text(answer) == read_text(expected)
    if rule.kind == "set":
        given, wanted = read_set(answer), read_set(expected)
        if rule.no_duplicates and len(set(given)) < len(given):
            return len(given) == len(wanted) and sorted(map(str, given)) == sorted(
                map(str, wanted)
            )
        _, strangers, missing = set_parts(given, wanted, rule)
        return not strangers and not missing
    if rule.kind == "mapping":
        given = bare_zeros(read_mapping(answer), rule)
        wanted = bare_zeros(read_mapping(expected), rule)
        return given.keys() == wanted.keys() and all(
            rule.near(given[key], wanted[key]) for key in wanted
        )
    table = read_table(answer)
    parts = table_parts(table, read_table(expected), rule)
    doubled = any(name in parts.wrong_columns for name in table.doubled)
    return (
        not (parts.missing or parts.extra or doubled)
        and parts.right == parts.rows == parts.wanted
    )


_READERS: dict[str, Callable[[Any], Any]] = {
    "number": read_number,
    "text": read_text,
    "mapping": read_mapping,
    "set": read_set,
    "table": read_table,
}


def alike(answer: Any, wrong: Any, rule: Rule) -> bool:
    """Tell whether an answer is a known wrong one, of whatever kind that is."""
    try:
        return same(answer, wrong, rule)
    except (Misfit, Unreadable):
        pass
    keyed = rule.kind == "mapping" and isinstance(answer, dict | pd.Series)
    for kind, reader in _READERS.items():
        if keyed and kind == "set":
            continue  # keys alone do not make an answer alike
        try:
            reader(answer), reader(wrong)
            return same(answer, wrong, replace(rule, kind=kind))
        except (Misfit, Unreadable):
            continue
    return False


def kind_of(value: Any) -> str:
    """Return the kind under which a value is best compared."""
    value = unwrap(value)
    if is_number(value) or is_missing(value):
        return "number"
    if isinstance(value, pd.DataFrame):
        return "table"
    if isinstance(value, dict | pd.Series):
        return "mapping"
    if isinstance(value, list | tuple | set | frozenset | np.ndarray | pd.Index | range):
        return "set"
    return "text"
