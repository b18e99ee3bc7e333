"""Loading the tables of the data package, and the sources behind their rows."""

import csv
import json
import warnings
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from functools import cache
from html import escape
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from course.errors import CourseError, known
from course.paths import altered, data_dir
from course.words import _, said


class FeatureCollection(dict[str, Any]):
    """A GeoJSON FeatureCollection that also offers its properties as a table.

    Attributes:
        attrs: the table's name, title, licence and units, as a DataFrame has them.
    """

    def __init__(self, content: dict[str, Any], attrs: dict[Hashable | None, Any]) -> None:
        super().__init__(content)
        self.attrs = attrs

    @property
    def table(self) -> pd.DataFrame:
        """One row per feature, one column per property."""
        frame = pd.DataFrame([f["properties"] for f in self["features"]])
        frame.attrs = dict(self.attrs)
        return frame


_STRENGTHS = {  # of sources: value -> what the reader is told
    "primary": _("From those who counted or decided"),
    "quotes a primary": _("News and copies that pass such figures on"),
    "secondary": _("Readings of others, and sums of the course"),
    "weak": _("Weak: mirrors, forums, pages on something else"),
}
_MANY = 10  # sources listed in order of first use; more are grouped by strength


class Citation:
    """The sources behind some rows: a list to read, and ``table`` to work with.

    Attributes:
        table: DataFrame, one row per source, in order of first use; the column
            ``rows`` counts how many of the rows rest on the source.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table

    def __len__(self) -> int:
        return len(self.table)

    def _lines(self) -> Iterator[tuple[str, str, str]]:
        rows = self.table.fillna("").to_dict("records")
        if len(rows) > _MANY:
            rows.sort(key=lambda row: [*_STRENGTHS, row["strength"]].index(row["strength"]))
        for row in rows:
            text = ". ".join(row[k] for k in ("title", "publisher", "published") if row[k])
            nature = "; ".join(row[k] for k in ("kind", "strength") if row[k])
            yield row["strength"], (f"{text} [{nature}]" if nature else text), row["url"]

    def __repr__(self) -> str:
        lines = [f"{n}. {text} {url}" for n, (_of, text, url) in enumerate(self._lines(), 1)]
        return "\n".join(lines) or _("No rows, no sources.")

    def _repr_html_(self) -> str:
        groups: dict[str, str] = {}  # few sources are one group
        for strength, text, url in self._lines():
            link = escape(url)
            if url.startswith("http"):
                link = f'<a href="{link}" rel="noreferrer">{link}</a>'
            of = strength if len(self) > _MANY else ""
            groups[of] = groups.get(of, "") + f"<li>{escape(text)} {link}</li>"
        html = "" if groups else f"<p>{_('No rows, no sources.')}</p>"
        for strength, items in groups.items():  # addresses are long, numbers have three digits
            listed = f"<ol style='overflow-wrap:anywhere;padding-left:3em'>{items}</ol>"
            if strength:
                head = f"{_STRENGTHS.get(strength, strength)} ({items.count('<li>')})"
                opened = "" if html else " open"
                listed = f"<details{opened}><summary>{escape(head)}</summary>{listed}</details>"
            html += listed
        return html


def load(name: str) -> pd.DataFrame:
    """Load one table of the course.

    Args:
        name: a table's name; ``course.tables()`` lists them all.

    Returns:
        A DataFrame of your own, one row per fact, whose ``attrs`` hold the table's
        name, title, licence and the units of its columns.

    Raises:
        CourseError: there is no such table, or its file is damaged.
    """
    content = read(entry(name)["name"])
    if isinstance(content, FeatureCollection):  # notebooks of 2026.11.0 load shapes so
        say = _('This works; for shapes, lessons now write course.shapes("{name}").', name=name)
        warnings.warn(say, stacklevel=2)
    return content


def shapes(name: str) -> FeatureCollection:
    """Load shapes to draw: regions, countries, rivers, lakes or lines of routes.

    Args:
        name: a table's name; in ``course.tables()`` its kind is "shapes".

    Returns:
        GeoJSON of your own: a dict that folium understands, with the properties of
        the shapes as a DataFrame in ``.table``, and ``attrs`` as a table has them.

    Raises:
        CourseError: there are no such shapes, or their file is damaged.
    """
    content = read(entry(name)["name"])
    if not isinstance(content, FeatureCollection):
        say = _('{name} holds no shapes. Write course.load("{name}") for its rows.', name=name)
        raise CourseError(say)
    return content


def cite(rows: pd.DataFrame | pd.Series | FeatureCollection) -> Citation:
    """Return the sources behind exactly the rows handed in.

    They are read from the columns ``source_id`` and ``source2_id``, so keep these
    when you choose columns; a merge may have renamed them (``source_id_x``).

    Args:
        rows: rows of a course table, filtered, sorted or merged as you like; a single
            row as a Series, or shapes.

    Returns:
        The sources, in order of first use.

    Raises:
        CourseError: these are no rows, they have no such column, or it names
            something that is no source.
    """
    if isinstance(rows, pd.Series):
        rows = rows.to_frame().T if "source_id" in rows.index else rows.to_frame()
    frame = rows.table if isinstance(rows, FeatureCollection) else rows
    if not isinstance(frame, pd.DataFrame):
        say = _("course.cite() needs rows of a course table, such as course.load() gives them.")
        raise CourseError(say)
    named = frame.filter(regex=r"^source2?_id(_\w+)?$")  # a merge makes source_id_x of it
    if named.columns.empty:
        say = _(
            "These rows do not say where they come from: they have no column source_id. Keep "
            "it when you choose columns, and call course.cite() before you group or compute."
        )
        raise CourseError(say)
    ids = named.astype(object).mask(named.isna(), "").astype(str).to_numpy()
    counts = Counter(one for row in ids.tolist() for one in {*row} - {""})
    sources = read("sources").set_index("source_id")
    for strange in counts.keys() - set(sources.index):
        say = _(
            'There is no source {source} in course.load("sources"). Keep the column source_id '
            "as it came from course.load()."
        )
        raise CourseError(say.format(source=repr(strange)))
    table = sources.loc[[one for one in dict.fromkeys(ids.ravel("F").tolist()) if one]]
    table.insert(0, "rows", [counts[one] for one in table.index])
    return Citation(table)


def read(name: str) -> Any:
    """Return what a table holds, for the course's own use: hidden tables, too.

    Args:
        name: a name in the descriptor.

    Returns:
        A DataFrame, or a FeatureCollection if the table holds shapes; always a copy.

    Raises:
        CourseError: its file is damaged.
    """
    resource = resources(hidden=True)[name]
    if resource.get("format") != "geojson":
        return _frame(data_dir(), name).copy()
    with _text(data_dir() / resource["path"]) as text:
        content = _parsed(text, "features", {"properties", "geometry"})
    return FeatureCollection(content, _attrs(resource))


def package() -> dict[str, Any]:
    """Return the Frictionless descriptor ``datapackage.json``."""
    return _package(data_dir())


def resources(hidden: bool = False) -> dict[str, dict[str, Any]]:
    """Return the descriptors of the tables by name; the hidden are the course's own."""
    every = package()["resources"]
    return {r["name"]: r for r in every if hidden or not r.get("hidden")}


def entry(name: str) -> dict[str, Any]:
    """Return the descriptor of a table a student can load; a CourseError lists all."""
    return resources()[known(name, sorted(resources()), _("table"), _("The tables are"))]


@cache
def _package(folder: Path) -> dict[str, Any]:
    with _text(folder / "datapackage.json") as text:
        found = _parsed(text, "resources", {"name", "title", "path"})
        for context, part, key in spoken(found):
            part[key] = said(context, part[key])
    return found


def spoken(package: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield where a descriptor speaks to readers: context, part of it, key."""
    parts = [("package", package)]
    for resource in package["resources"]:
        fields = resource.get("schema", {}).get("fields", [])
        parts += [(resource["name"], resource)]
        parts += [(f"{resource['name']} {field['name']}", field) for field in fields]
    for (context, part), key in product(parts, ("title", "description", "unit")):
        if part.get(key):
            yield f"{context} {key}", part, key


@cache
def _frame(folder: Path, name: str) -> pd.DataFrame:
    resource = resources(hidden=True)[name]
    types = {f["name"]: f["type"] for f in resource["schema"]["fields"]}
    with _text(folder / resource["path"]) as text:
        rows = [row for row in csv.reader(StringIO(text), strict=True) if row]
        if rows[:1] != [list(types)] or {*map(len, rows)} != {len(types)} or "\0" in text:
            raise ValueError(_("its rows do not fit its description"))
        frame = pd.read_csv(
            StringIO(text),
            dtype={column: str for column, kind in types.items() if kind == "string"},
            parse_dates=[column for column, kind in types.items() if kind == "date"],
            date_format="%Y-%m-%d",
            keep_default_na=False,
            na_values=[""],
        )
        for column, kind in types.items():
            if kind in {"number", "integer", "date"} and frame[column].dtype.kind == "O":
                raise ValueError(_("there are words in {column}", column=column))
    frame.attrs = _attrs(resource)
    return frame


def _attrs(resource: dict[str, Any]) -> dict[Hashable | None, Any]:
    fields = resource.get("schema", {}).get("fields", [])
    licences = resource.get("licenses") or package().get("licenses", [])
    return {
        "table": resource["name"],
        "title": resource["title"],
        "units": {f["name"]: f["unit"] for f in fields if f.get("unit")},
        "licence": ", ".join(x["name"] for x in licences),
    }


def _parsed(text: str, parts: str, needed: set[str]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(text)
    if any(needed - part.keys() for part in content[parts]):
        raise ValueError(_("a part of it is missing"))
    return content


@contextmanager
def _text(file: Path) -> Iterator[str]:
    """Hand out a file's text; whatever is wrong with it becomes one sentence."""
    try:
        if altered(file):
            raise ValueError(_("it is not what was installed"))
        yield file.read_text(encoding="utf-8-sig")  # an editor may have added a BOM
    except Exception as error:  # what damage does to a parser is anybody's guess
        say = _(
            "The course file data/{file} is damaged ({reason}). Run `course doctor` in a "
            "terminal: it names the command that mends it."
        )
        reason = " ".join(str(error).split())
        raise CourseError(say.format(file=file.name, reason=reason)) from error
