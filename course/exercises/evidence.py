"""What a verdict rests on: rows with their sources, numbers, and how a text may write them."""

from collections.abc import Iterator
from itertools import combinations
from math import isfinite
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from course.data import FeatureCollection, cite, read, resources
from course.description import Table
from course.errors import CourseError
from course.exercises import values
from course.exercises.numbers import Number, numbers, unit_of
from course.exercises.read import kind_words, read_value, type_name
from course.exercises.values import Unfit
from course.words import _, clean

CELLS = 5_000  # values in one piece of evidence: among more, any number stands
KEPT, MOST_SOURCES = 8, 60  # rows and columns of it that are kept, and sources
SHORT = 6  # figures in a column of which any two may be compared
_TEXT = 300  # characters of a cell that are looked at
_VALUES = {"value", "value_high", "volume"}  # columns whose unit stands in their row

Unit = tuple[str, float]  # as `unit_of` reads it
Figures = dict[tuple[str, Unit], list[float]]  # column and unit -> values


class Kept(NamedTuple):
    """A piece of evidence that the journal kept, to be read again."""

    piece: dict[str, Any]
    text: str = ""  # numbers in it were held against all of the piece, not its first rows only


def read_evidence(thing: Any) -> tuple[dict[str, Any], Figures]:
    """Read rows, a number, a Series or a small table.

    Returns:
        What the journal keeps of it, in plain values: what it is in words, its table (""
        if not known), ids of its sources, columns and rows (the first of each). And every
        number in it; of texts, as `numbers` reads them.

    Raises:
        CourseError: it is something else, or too large.
    """
    if type(thing) is Kept:
        return _again(thing)
    thing = thing.table if isinstance(thing, FeatureCollection) else thing
    thing = thing.rows if isinstance(thing, Table) else thing
    if isinstance(thing, pd.Series) and "source_id" in thing.index:  # one row
        attrs, thing = thing.attrs, thing.to_frame().T
        thing.attrs = attrs
    if isinstance(thing, pd.DataFrame):
        return _rows(thing, kind_words(thing))
    say = _("It holds {what}. Evidence is rows of tables, or numbers computed from them.")
    try:
        plain = read_value(thing)
    except Unfit as error:
        kind = _("something that cannot be read ({kind})", kind=type_name(thing))
        raise CourseError(say.format(what=kind)) from error
    held, form, what = plain["value"], plain["form"], values.what(plain)
    if form == "pairs":
        return _rows(pd.DataFrame(held, dtype=object), what)
    if form in ("number", "list"):
        return _rows(pd.DataFrame({"value": held if form == "list" else [held]}), what)
    raise CourseError(say.format(what=what))


def _again(kept: Kept) -> tuple[dict[str, Any], Figures]:
    piece, ours = kept.piece, set(read("sources")["source_id"])
    figures: Figures = {}
    if piece["rows"]:
        figures = _rows(kept_rows(piece).drop(columns="source_id", errors="ignore"), "")[1]
    for number, unit in cell_figures(kept.text):
        figures.setdefault(("text", unit), []).append(number)
    return piece | {"sources": [one for one in piece["sources"] if one in ours]}, figures


def kept_rows(piece: dict[str, Any]) -> pd.DataFrame:
    """Return the rows that the journal kept of a piece, with the units of their table."""
    columns, table = piece["columns"], piece["table"]
    rows = [row for row in piece["rows"] if len(row) == len(columns)]  # an editor's slip
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    if table in resources():
        frame.attrs = dict(read(table).attrs)
    return frame


def bare(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows without empty columns, and without those that name sources by id."""
    rows = rows.drop(columns=["source_id", "source2_id"], errors="ignore")
    return rows.dropna(axis="columns", how="all")


def _rows(frame: pd.DataFrame, what: str | None) -> tuple[dict[str, Any], Figures]:
    if frame.size > CELLS:
        say = _(
            "It holds {what}, too much for a reader to check. Choose the rows and columns "
            "that matter, {count:,} values at most."
        )
        raise CourseError(say.format(what=what, count=CELLS))
    names = [clean(str(name), 60) for name in frame.columns]
    cells = [[_cell(one) for one in frame.iloc[:, n]] for n in range(len(names))]
    sources = list(cite(frame).table.index) if "source_id" in names else []
    kept = {
        "what": what,
        "table": clean(str(frame.attrs.get("table", "")), 60) if sources else "",
        "sources": sources[:MOST_SOURCES],
        "columns": names[:KEPT],
        "rows": [list(row) for row in zip(*cells[:KEPT], strict=True)][:KEPT],
    }
    counts = [len(frame), *(len(set(column)) for column in cells if sources)]
    figures: Figures = {("", unit_of("count")): list(map(float, counts))}
    for name, column in zip(names, cells, strict=True):
        if not name.endswith(("year", "_id")):
            for cell, unit in zip(column, _units(frame, name, column), strict=True):
                for number, of in cell_figures(cell, unit):
                    figures.setdefault((name, of), []).append(number)
    return kept, figures


def _cell(cell: Any) -> Any:
    """Return a plain value: a text, a finite number, a truth, or None."""
    try:
        value = read_value(cell)["value"]
    except Unfit:
        return None
    if isinstance(value, str):
        return clean(value, _TEXT)
    return value if isinstance(value, float | bool) and isfinite(value) else None


def _units(frame: pd.DataFrame, name: str, column: list[Any]) -> list[Unit]:
    """Return the unit of each value in a column, as far as it is from a table of ours."""
    table, units = str(frame.attrs.get("table")), [""] * len(frame)
    ours = read(table) if table in resources() else pd.DataFrame()
    # a student may have put other numbers into it
    if name in ours and frame.columns.is_unique and set(column) <= {None, *ours[name]}:
        if name not in _VALUES:
            units = [ours.attrs["units"].get(name, "")] * len(frame)
        elif "unit" in frame:
            units = list(frame["unit"])
        elif "indicator_id" in frame:
            known = read("indicators").set_index("indicator_id")["unit"]
            units = [known.get(one, "") for one in frame["indicator_id"]]
    return [unit_of(str(one)) for one in units]


def cell_figures(cell: Any, unit: Unit = ("", 1.0)) -> Iterator[tuple[float, Unit]]:
    """Yield the numbers in a cell, each with its unit."""
    if isinstance(cell, float):
        yield cell, unit
    if isinstance(cell, str) and any(map(str.isdecimal, cell)):
        for number in numbers(cell):
            scale, kind = number.units[0]
            share = kind in ("percent", "points")
            of = ("percent", 1.0) if share else ("" if scale == 1 else "amount", scale)
            yield from ((value * (number.sign or 1), of) for value, _off in number.readings)


# --- how a text may write what was given -------------------------------------------------


def stands(number: Number, figures: Figures) -> bool:
    """Tell whether a number of a text stands in what was given, within its own rounding.

    Args:
        number: as `numbers` read it.
        figures: what was given.
    """
    for (_column, unit), given in figures.items():
        for scale, kind in number.units:
            for way in _ways(np.array(given), unit, scale, kind):
                seen = way * number.sign if number.sign else abs(way)
                for value, off in number.readings:
                    low = high = off
                    if number.bound:
                        tenth = 0.0 if value % 10 else value / 10
                        low, high = (min(off, 0.5), max(2 * off, tenth))[:: number.bound]
                    gap, slack = seen / scale - value, 1e-9 * off + 1e-12 * value
                    if ((-low - slack <= gap) & (gap <= high + slack)).any():
                        return True
    return False


def _ways(given: np.ndarray, unit: Unit, scale: float, kind: str) -> list[np.ndarray]:
    """Return the numbers that a reader may write for given ones.

    A share is a percentage, a factor or an index a growth in percent; an amount whose unit
    is not known may be in thousands, millions or more. Points are a difference of two
    figures in one short column.
    """
    of, factor = unit
    if not kind:
        factors = {
            "": (1.0, 1e3, 1e6, 1e9, 1e12, scale),
            "percent": (1.0, 0.01),
            "amount": (1.0, factor),
        }
        return [given * one for one in factors.get(of, (1.0,))]
    shares = {
        "": [given, 100 * given, 100 * (given - 1)],
        "percent": [given],
        "index": [given, given - 100],
    }.get(of, [])
    if kind == "times":
        return [way / 100 for share in shares for way in (share, 100 + share)]
    if kind == "points" and of in ("", "percent") and len(given) <= SHORT:
        pairs = np.array([b - a for a, b in combinations(given, 2)])
        shares += [pairs] if of else [pairs, 100 * pairs]
    return shares
