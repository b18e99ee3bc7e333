"""What the tables hold, told to a reader: in a notebook, or as a page on all of them."""

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd

from course.data import FeatureCollection, cite, entry, package, read, resources
from course.errors import CourseError
from course.paths import write_page
from course.words import NO_FORMULA, _, clean, plural

_STYLE = """<style>
.course-table { max-height: 40em; width: fit-content; max-width: 100%; overflow: auto; }
.course-table + .course-table { margin-top: 1em; }
.course-table table { border-collapse: collapse; margin: 0; table-layout: auto; }
.course-table :is(th, td) { padding: 3px 8px; max-width: 32em; vertical-align: top;
  line-height: 1.4; overflow-wrap: break-word; white-space: normal; }
.course-table small { font-weight: normal; }
.course-table .whole { white-space: nowrap; }
.course-table td { border-top: 1px solid #8884; }
.course-table th { position: sticky; top: 0; background: var(--jp-layout-color0, Canvas);
  color: var(--jp-content-font-color1, CanvasText); box-shadow: 0 1px #888; }
.course-table::-webkit-scrollbar { width: 12px; height: 12px; background: #8883; }
.course-table::-webkit-scrollbar-thumb { background: #888; }
@media print { .course-table { max-height: none; } }
</style>"""
_DATE = re.compile(r"(\d{4}(-\d\d){0,2})?")
_PAGE_STYLE = """
body { font: 16px/1.5 system-ui, "Noto Sans", sans-serif; max-width: 60em; margin: 2em auto; }
.course-table { max-height: none; font-size: 90%; }
"""


class Description:
    """What `describe` shows of a table.

    Attributes:
        resource: the table's entry in the descriptor.
        frame: its rows; of shapes, their properties.
        sources: what `cite` says of all rows, or None where the table names none.
    """

    def __init__(self, name: str) -> None:
        self.resource, content = entry(name), read(name)
        self.frame = content.table if isinstance(content, FeatureCollection) else content
        self.sources = cite(self.frame) if "source_id" in self.frame else None

    @property
    def columns(self) -> pd.DataFrame:
        """One row per column: type, unit, how many values are missing, meaning."""
        fields = self.resource.get("schema", {}).get("fields", [])
        rows = [{"unit": "", "description": ""} | field for field in fields]
        table = pd.DataFrame(rows, columns=["name", "type", "unit", "missing", "description"])
        missing = self.frame.isna().sum()
        table["missing"] = missing.reindex(table["name"], fill_value=0).to_numpy()
        table.columns = ["column", "type", "unit", "missing", "meaning"]
        return table.set_index("column")

    @property
    def coverage(self) -> str:
        """How many rows, the years they cover, and the years missing in between."""
        rows = plural("{count} row", "{count} rows", len(self.frame))
        if "year" not in self.frame:
            return f"{rows}."
        years = sorted({int(y) for y in self.frame["year"].dropna()})
        if not years:
            return _("{rows}, no years.", rows=rows)
        gaps = runs(sorted({*range(years[0], years[-1])} - {*years}))
        say = _("{rows}, {first} to {last}, no year missing.")
        if gaps:
            say = _("{rows}, {first} to {last}, without {gaps}.")
        return say.format(rows=rows, first=years[0], last=years[-1], gaps=gaps)

    def __repr__(self) -> str:
        return f"{self.resource['title']}\n{self.coverage}\n\n{table(self.columns)}"

    def _repr_html_(self) -> str:
        shown = ""
        if self.sources is not None:
            count = plural("{count} source", "{count} sources", len(self.sources))
            shown = f"<details><summary>{count}</summary>{self.sources._repr_html_()}</details>"
        return (
            f"<h3>{escape(self.resource['title'])}</h3>"
            f"<p>{escape(self.resource.get('description', ''))}</p>"
            f"<p>{escape(self.coverage)}</p>{to_html(self.columns)}{shown}"
        )


def describe(name: str) -> Description:
    """Show what a table holds: columns, units, years, gaps and sources.

    Args:
        name: a table's name; ``course.tables()`` lists them all.

    Returns:
        An object the notebook shows; its ``columns`` (a DataFrame), ``coverage`` (a
        sentence) and ``sources`` (as from `cite`) can be used on their own.

    Raises:
        CourseError: there is no such table, or its file is damaged.
    """
    return Description(name)


@dataclass(frozen=True, repr=False, eq=False)
class Table:
    """What `table` shows of some rows."""

    rows: pd.DataFrame  # the rows themselves
    first: int  # how many of them are shown at most

    @property
    def note(self) -> str:
        """How many rows there are, and how many of them are shown."""
        rows = plural("{count} row", "{count} rows", len(self.rows))
        if len(self.rows) <= self.first:
            return f"{rows}."
        return _("The first {first} of {rows}.", first=self.first, rows=rows)

    def _columns(self) -> Iterator[tuple[str, str, str, list[str]]]:
        """Yield the head, the unit, the side and the cells of each column."""
        shown, attrs = self.rows.head(self.first), self.rows.attrs
        index, units = shown.index, attrs.get("units", {})
        left_over = index.name is None and pd.api.types.is_integer_dtype(index)
        if not left_over or ("table" not in attrs and _years(index)):
            names = [name or "" for name in shown.index.names]
            shown = shown.reset_index(names=names, allow_duplicates=True)
        for number, name in enumerate(shown.columns):
            values = shown.iloc[:, number].infer_objects()
            parts = name if isinstance(name, tuple) else (name,)
            head = clean(", ".join(str(part) for part in parts if part != ""))
            if values.dtype.kind in "iuf":  # a truth is no number
                yield head, units.get(name, ""), "right", _figures(values, head)
            else:
                texts = values.astype(object).map(str).mask(values.isna(), "").map(clean)
                days = [text.removesuffix(" 00:00:00") for text in texts]  # a day is enough
                yield head, "", "left", days

    def __repr__(self) -> str:
        columns = []
        for head, unit, side, cells in self._columns():
            lines = [f"{head} ({unit})" if unit else head, *cells]
            width = max(map(len, lines))
            pad = str.rjust if side == "right" else str.ljust
            columns.append([pad(line, width) for line in lines])
        lines = ["  ".join(line).rstrip() for line in zip(*columns, strict=True)]
        return "\n".join([*lines, self.note])

    def _repr_html_(self) -> str:
        heads, columns = "", []
        for head, unit, side, cells in self._columns():
            small = f"<br><small>{escape(unit)}</small>" if unit else ""
            heads += f'<th scope="col" style="text-align:{side}">{escape(head)}{small}</th>'
            kind = "whole" if max(map(len, cells), default=0) <= 16 else ""
            kind += " date" * all(map(_DATE.fullmatch, cells))
            named = f' class="{kind}"' if kind else ""
            opened = f'<td{named} style="text-align:{side}">'
            columns.append([f"{opened}{escape(cell)}</td>" for cell in cells])
        body = "".join(f"<tr>{''.join(cells)}</tr>" for cells in zip(*columns, strict=True))
        note = f"<small>{self.note}</small>" if len(self.rows) > min(self.first, 10) else ""
        return (
            f'<div class="course-table {NO_FORMULA}" tabindex="0">{_STYLE}<table>'
            f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>{note}"
        )


def table(rows: pd.DataFrame | pd.Series, first: int = 200) -> Table:
    """Show rows so that they read well: words left, numbers right, nothing cut unsaid.

    Args:
        rows: a table or a column, as they are; nothing in them is changed.
        first: how many rows to show at most.

    Returns:
        An object the notebook shows; its ``rows`` are what you handed in.

    Raises:
        CourseError: this is neither a table nor a column, or ``first`` is no count.
    """
    if isinstance(rows, pd.Series):
        rows = rows.to_frame("" if rows.name is None else rows.name)
    if not isinstance(rows, pd.DataFrame):
        say = _("course.table() shows a DataFrame or a Series; this is a {kind}.")
        raise CourseError(say.format(kind=type(rows).__name__))
    if not (isinstance(first, int | np.integer) and first > 0):
        raise CourseError(_("first is how many rows to show, a whole number such as 20."))
    return Table(rows, int(first))


def to_html(rows: pd.DataFrame) -> str:
    """Return rows as `table` shows them."""
    return table(rows)._repr_html_()


class _List(pd.DataFrame):
    """A table that a notebook shows as `course.table` does."""

    def _repr_html_(self) -> str:
        return to_html(self)

    def __repr__(self) -> str:
        return repr(table(self))


def tables() -> pd.DataFrame:
    """List every table: its title, its rows, and whether it holds shapes.

    Returns:
        DataFrame indexed by table name; columns title, rows, kind (table or shapes).
    """
    rows = []
    for name, resource in resources().items():
        content, kind = read(name), "table"
        if isinstance(content, FeatureCollection):
            content, kind = content["features"], "shapes"
        rows.append((name, resource["title"], len(content), kind))
    columns = ["table", "title", "rows", "kind"]
    return _List(pd.DataFrame(rows, columns=columns).set_index("table"))


def _years(values: pd.Series | pd.Index) -> bool:
    """Tell whether all of them may be years; no values are none."""
    return len(values) > 0 and bool(values.isin(range(1500, 2101)).all())


def _figures(values: pd.Series, name: str) -> list[str]:
    """Write numbers alike, in five digits or more; a year is a name, not an amount.

    A number that this would change by a twentieth keeps three digits of its own.
    """
    known = values.dropna().astype(float)
    year = _years(known) or (name.endswith("year") and known.max() <= 2100)
    places = max((len(f"{v:.4f}".rstrip("0").partition(".")[2]) for v in known), default=0)
    whole = len(f"{known.abs().max():.0f}") if len(known) else 1
    form = f"z{'' if year else ','}.{min(places, max(5 - whole, 0))}f"

    def written(value: float) -> str:
        text, size = f"{value:{form}}", abs(value)
        if size < 1e15 and abs(float(text.replace(",", "")) - value) <= size / 20:
            return text
        if 1e-9 < size < 10:
            return np.format_float_positional(value, 3, fractional=False, trim="-")
        return f"{value:.3g}"

    return [_("no data") if pd.isna(v) else written(v) for v in values]


def runs(years: list[int]) -> str:
    """Write ascending years as runs: 1996 to 2001, 2003."""
    ends: list[list[int]] = []
    for year in years:
        if ends and year == ends[-1][1] + 1:
            ends[-1][1] = year
        else:
            ends.append([year, year])
    return ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in ends)


def options(parser: argparse.ArgumentParser) -> None:
    """Say what ``course catalogue`` takes."""
    text = _("where to write it (catalogue.html here, if you name none)")
    parser.add_argument("file", nargs="?", default="catalogue.html", metavar="FILE", help=text)


def run(args: argparse.Namespace) -> None:
    """Carry out ``course catalogue``."""
    print(_("The catalogue of the data is in {file}.", file=write_page(args.file, catalogue())))


def catalogue() -> str:
    """Return a page on all tables that needs no network.

    Returns:
        HTML: a list of the tables, then for each its file, its licence, and what
        `describe` shows of it.
    """
    items, parts = "", ""
    for name, resource in resources().items():
        shown = describe(name)
        items += f'<li><a href="#{name}">{name}</a>: {escape(resource["title"])}</li>'
        path, licence = f"<code>data/{resource['path']}</code>", shown.frame.attrs["licence"]
        file = _("File: {path}. Licence: {licence}.", path=path, licence=licence)
        parts += (
            f'<section id="{name}"><h2>{name}</h2>{shown._repr_html_()}<p>{file}</p></section>'
        )
    title, about = (escape(package()[key]) for key in ("title", "description"))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_PAGE_STYLE}</style></head><body><h1>{title}</h1>"
        f"<p>{about}</p><ul>{items}</ul>{parts}</body></html>\n"
    )
