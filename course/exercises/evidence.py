"""What a verdict rests on: rows with their sources, numbers, and how a text may write them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from course.data import FeatureCollection, cite, read, resources
from course.errors import CourseError
from course.exercises import values
from course.exercises.numbers import Number, numbers, unit_of
from course.exercises.read import describe, read_value
from course.exercises.values import Unfit
from course.words import _

CELLS = 5_000  # values in one piece of evidence: among more, any number stands
KEPT, MOST_SOURCES = 8, 40  # rows and columns of it that are kept, and sources
_TEXT = 300  # characters of a cell that are looked at
_VALUES = {"value", "value_high", "volume"}  # columns whose unit stands in their row

_SCALES = {1e3: "thousand", 1e6: "million", 1e8: "亿", 1e9: "billion", 1e12: "trillion"}

Figures = dict[tuple[str, str], list[float]]  # column and unit ("" if not known) -> values


@dataclass
class Evidence:
    """One thing that a verdict rests on.

    Attributes:
        kept: what the journal keeps of it, in plain values: what it is in words, its table
            ("" if not known), ids of its sources, columns and rows (the first of each).
        sources: ids of all its sources.
        figures: every number in it; of texts, as `numbers` reads them.
    """

    kept: dict[str, Any]
    sources: list[str]
    figures: Figures


def read_evidence(thing: Any) -> Evidence:
    """Read rows, a number, a Series or a small table.

    Raises:
        CourseError: it is something else, or too large.
    """
    thing = thing.table if isinstance(thing, FeatureCollection) else thing
    if isinstance(thing, pd.Series) and "source_id" in thing.index:  # one row
        attrs, thing = thing.attrs, thing.to_frame().T
        thing.attrs = attrs
    what = describe(thing) or ""
    if isinstance(thing, pd.DataFrame):
        return _rows(thing, what)
    try:
        plain = read_value(thing)
    except Unfit as error:
        raise CourseError(str(error)) from error
    held, form = plain["value"], plain["form"]
    if form == "pairs":
        return _rows(pd.DataFrame(held, dtype=object), what)
    if form in ("number", "list"):
        what = _("a number") if form == "number" else what
        return _rows(pd.DataFrame({"value": held if form == "list" else [held]}), what)
    say = _("It holds {what}. Evidence is rows of tables, or numbers computed from them.")
    raise CourseError(say.format(what=values.what(plain)))


def _rows(frame: pd.DataFrame, what: str) -> Evidence:
    if frame.size > CELLS:
        say = _(
            "It holds {what}, too much for a reader to check. Choose the rows and columns "
            "that matter, {count:,} values at most."
        )
        raise CourseError(say.format(what=what, count=CELLS))
    names = [_clean(str(name), 60) for name in frame.columns]
    cells = [[_cell(one) for one in frame.iloc[:, n]] for n in range(len(names))]
    sources = list(cite(frame).table.index) if "source_id" in names else []
    kept = {
        "what": _clean(what, 200),
        "table": _clean(str(frame.attrs.get("table", "")), 60) if sources else "",
        "sources": sources[:MOST_SOURCES],
        "columns": names[:KEPT],
        "rows": [
            [one[:80] if isinstance(one, str) else one for one in row]
            for row in list(zip(*cells[:KEPT], strict=True))[:KEPT]
        ],
    }
    ours = read(kept["table"]) if kept["table"] in resources() else pd.DataFrame()
    figures: Figures = {("", "count"): [float(len(frame))]}
    for name, column in zip(names, cells, strict=True):
        figures["", "count"] += [float(len(set(column)))] if sources else []
        if not name.endswith(("year", "_id")):
            for cell, unit in zip(column, _units(frame, name, column, ours), strict=True):
                for number, of in cell_figures(cell, unit):
                    figures.setdefault((name, of), []).append(number)
    return Evidence(kept, sources, figures)


def _cell(cell: Any) -> Any:
    """Return a plain value: a text, a finite number, a truth, or None."""
    try:
        value = read_value(cell)["value"]
    except Unfit:
        return None
    if isinstance(value, str):
        return _clean(value, _TEXT)
    return value if isinstance(value, float | bool) and isfinite(value) else None


def _clean(text: str, most: int) -> str:
    """Return the beginning of a text, half characters replaced."""
    return text[:most].encode("utf-8", "replace").decode("utf-8")


def _units(frame: pd.DataFrame, name: str, column: list[Any], ours: Any) -> list[str]:
    """Return the unit of a column, row by row, by a table of ours; "" where not known."""
    unknown = [""] * len(frame)
    if name not in ours or not frame.columns.is_unique:
        return unknown
    if not set(column) <= {None, *ours[name]}:  # a student put other numbers into it
        return unknown
    if unit := ours.attrs["units"].get(name):
        return [str(unit)] * len(frame)
    if name in _VALUES and "unit" in frame:
        return [str(one) for one in frame["unit"]]
    if name in _VALUES and "indicator_id" in frame:
        units = read("indicators").set_index("indicator_id")["unit"]
        return [str(units.get(str(one), "")) for one in frame["indicator_id"]]
    return unknown


def cell_figures(cell: Any, unit: str = "") -> Iterator[tuple[float, str]]:
    """Yield the numbers in a cell, each with its unit."""
    if isinstance(cell, float) and not isinstance(cell, bool):
        yield cell, unit
    if isinstance(cell, str) and any(map(str.isdecimal, cell)):
        for number in numbers(cell):
            scale, kind = number.units[0]
            of = "%" if kind in ("percent", "points") else _SCALES.get(scale, "")
            yield from ((value * (number.sign or 1), of) for value, _off in number.readings)


# --- how a text may write what was given -------------------------------------------------


def stands(number: Number, figures: Figures) -> tuple[bool, str]:
    """Tell whether a number of a text stands in what was given, within its own rounding.

    Args:
        number: as `numbers` read it.
        figures: what was given.

    Returns:
        Whether it stands there; if not, what comes nearest, "" if nothing is near.
    """
    best, nearest = 0.25, ""
    for (_name, unit), column in figures.items():
        given = np.array(column)
        for scale, kind in number.units:
            for way in _ways(given, unit, scale, kind):
                seen = way * number.sign if number.sign else abs(way)
                for value, tolerance in number.readings:
                    off = abs(seen - value * scale)
                    if (off <= tolerance * scale * (1 + 1e-9) + 1e-12 * value * scale).any():
                        return True, ""
        alike = {"percent": kind in ("percent", "points"), "amount": not kind}
        near = unit != "count" and alike.get(unit_of(unit)[0], True)
        for value, _off in number.readings if near else ():
            off = abs(abs(given) - value) / (value or 1)  # in whatever unit and sign
            if off.min() < best:
                best, at = float(off.min()), int(off.argmin())
                nearest = f"{column[at]:,.10g} {unit}".strip()
    return False, nearest


def _ways(given: np.ndarray, unit: str, scale: float, kind: str) -> Iterator[np.ndarray]:
    """Yield the numbers that a reader may write for given ones.

    A share is a percentage, a factor or an index a growth in percent; an amount whose unit
    is not known may be in thousands, millions or more. Points are a difference of two
    figures in one short column.
    """
    of, factor = unit_of(unit)
    if unit == "count":
        yield from [given] if (scale, kind) == (1.0, "") else []
    elif kind == "times":
        known = {"": [given, given / 100, 1 + given], "amount": []}
        yield from known.get(of, [given / 100, 1 + given / 100])
    elif kind:
        known = {"percent": [given], "index": [given, given - 100], "amount": []}
        yield from known.get(of, [given, 100 * given, 100 * (given - 1)])
        if kind == "points" and of in ("percent", "") and len(given) <= 4:
            pairs = np.array([b - a for a, b in combinations(given, 2)])
            yield from [pairs] if of else [pairs, 100 * pairs]
    elif of:
        yield from [given] if scale == 1 else []
        yield from {"percent": [given / 100], "amount": [given * factor]}.get(of, [])
    else:
        yield from (given * power for power in (1.0, 1e3, 1e6, 1e9, 1e12, scale))
