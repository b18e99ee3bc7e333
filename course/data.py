"""Loading the tables of the data package, and the sources behind their rows."""

import json
import re
from functools import cache, lru_cache
from html import escape
from typing import Any, ClassVar

import pandas as pd

from course.errors import CourseError, known
from course.paths import data_dir


class FeatureCollection(dict):
    """A GeoJSON FeatureCollection that also offers its properties as a table.

    Attributes:
        attrs: the table's name, title, licence and units, as a DataFrame has them.
    """

    attrs: ClassVar[dict[str, Any]] = {}

    @property
    def table(self) -> pd.DataFrame:
        """One row per feature, one column per property."""
        frame = pd.DataFrame([f["properties"] for f in self["features"]])
        frame.attrs = dict(self.attrs)
        return frame


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

    def _lines(self) -> list[tuple[str, str]]:
        lines = []
        for row in self.table.to_dict("records"):
            said = {key: str(value) for key, value in row.items() if pd.notna(value)}
            text = _joined(said, ". ", "title", "publisher", "published")
            nature = _joined(said, "; ", "kind", "strength")
            text += f" [{nature}]" if nature else ""
            lines.append((text, said.get("url", "")))
        return lines

    def __repr__(self) -> str:
        lines = enumerate(self._lines(), 1)
        listed = "\n".join(f"{n}. {text} {url}" for n, (text, url) in lines)
        return listed or "No rows, no sources."

    def _repr_html_(self) -> str:
        items = []
        for text, url in self._lines():
            link = escape(url)
            if url.startswith("http"):
                link = f'<a href="{link}" rel="noreferrer">{link}</a>'
            items.append(f"<li>{escape(text)} {link}</li>")
        return f"<ol>{''.join(items)}</ol>" if items else "<p>No rows, no sources.</p>"


@lru_cache(maxsize=1)
def package() -> dict[str, Any]:
    """Return the Frictionless descriptor ``datapackage.json`` as a dict."""
    return _read_json("datapackage.json")


def load(name: str) -> pd.DataFrame | FeatureCollection:
    """Load one table of the course.

    Args:
        name: a table's name; ``course.tables()`` lists them all.

    Returns:
        A DataFrame, one row per fact, whose ``attrs`` hold the table's name,
        title, licence and the units of its columns. A GeoJSON table comes as a
        FeatureCollection: a dict folium understands, with the properties as a
        DataFrame in ``.table``.

    Raises:
        CourseError: there is no such table, or its file is damaged.
    """
    resource = entry(name)
    loaded.add(name)
    return read(resource["name"])


loaded: set[str] = set()  # what `load` handed out; tests hold lessons to it


def read(name: str) -> pd.DataFrame | FeatureCollection:
    """Like `load`, for the course's own use: it leaves no trace in ``loaded``."""
    resource = entry(name)
    if resource.get("format") == "geojson":
        shapes = FeatureCollection(_read_json(resource["path"]))
        shapes.attrs = _attrs(resource)
        return shapes
    return _frame(name).copy()


def tables() -> pd.DataFrame:
    """List every table: its title, its rows, and whether it holds shapes.

    Returns:
        DataFrame indexed by table name with columns title, rows, kind.
    """
    rows = []
    for resource in package()["resources"]:
        shapes = resource.get("format") == "geojson"
        content = read(resource["name"])
        size = len(content["features"] if shapes else content)
        kind = "shapes" if shapes else "table"
        rows.append((resource["name"], resource["title"], size, kind))
    frame = pd.DataFrame(rows, columns=["table", "title", "rows", "kind"])
    return frame.set_index("table")


def cite(rows: pd.DataFrame | pd.Series | FeatureCollection) -> Citation:
    """Return the sources behind exactly the rows handed in.

    Works after filtering, sorting, choosing columns, and merging two tables.
    Rows that were grouped, or renumbered without their source columns, cannot be
    traced any more.

    Args:
        rows: rows of a course table (a single row as a Series works too), or shapes.

    Returns:
        The sources, in order of first use.

    Raises:
        CourseError: the rows no longer show where they come from.
    """
    if isinstance(rows, pd.Series):
        rows = rows.to_frame().T if "source_id" in rows.index else rows.to_frame()
    if isinstance(rows, FeatureCollection):
        rows = rows.table
    if not isinstance(rows, pd.DataFrame):
        raise CourseError(
            "course.cite() needs rows of a course table: hand in a DataFrame that "
            "came from course.load(), filtered as you like."
        )
    columns = _source_columns(rows)
    if not columns:
        rows = _original_rows(rows)
        columns = _source_columns(rows)
    used = pd.concat([rows[c] for c in columns]).dropna()
    used = used[used != ""]
    counts = used.value_counts()
    sources = _frame("sources").set_index("source_id")
    strange = sorted({str(s) for s in used if s not in sources.index})
    if strange:
        raise CourseError(
            f"There is no source {strange[0]!r} in course.load('sources'). Keep the "
            "column source_id as it came from course.load()."
        )
    table = sources.reindex(list(dict.fromkeys(used)))
    table.insert(0, "rows", counts.reindex(table.index).to_numpy())
    return Citation(table)


def _joined(words: dict[str, str], by: str, *keys: str) -> str:
    return by.join(words[key] for key in keys if words.get(key))


def _source_columns(rows: pd.DataFrame) -> list[str]:
    """List the columns that name sources; a merge of two tables adds _x and _y."""
    names = [c for c in rows.columns if isinstance(c, str)]
    return [c for c in names if re.fullmatch(r"source2?_id(_[xy])?", c)]


def _original_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Find the rows again by their row labels, if these still tell the truth."""
    lost = CourseError(
        "These rows no longer say where they come from, because the column "
        "source_id is gone. Filter the table from course.load() and call "
        "course.cite() on that, before grouping, merging or renumbering rows."
    )
    name = rows.attrs.get("table")
    if name is None or entry(name).get("format") == "geojson":
        raise lost
    full = _frame(name)
    # set_index and groupby name the index they make; the loaded one has no name
    if "source_id" not in full or rows.index.name is not None:
        raise lost
    if not rows.index.isin(full.index).all():
        raise lost
    shared = [c for c in rows.columns if c in full]
    found = full.loc[rows.index]
    # a renumbered index points at other rows: their values give it away
    if not shared or not rows[shared].equals(found[shared]):
        raise lost
    renumbered = set(rows.index) == set(range(len(rows))) and len(rows) < len(full)
    if renumbered and not _same_sources_whenever_alike(found, full, shared):
        raise lost
    return found


def _same_sources_whenever_alike(
    found: pd.DataFrame, full: pd.DataFrame, shared: list[str]
) -> bool:
    """Tell whether the values left say which source is meant, whatever the index."""
    columns = _source_columns(full)
    alike = full.merge(found[shared].drop_duplicates(), on=shared)
    kinds = alike[[*shared, *columns]].drop_duplicates()
    return not kinds.duplicated(shared).any()


@cache
def _frame(name: str) -> pd.DataFrame:
    resource = entry(name)
    fields = resource["schema"]["fields"]
    texts = {f["name"]: str for f in fields if f["type"] == "string"}
    dates = [f["name"] for f in fields if f["type"] == "date"]
    path = data_dir() / resource["path"]
    try:
        frame = pd.read_csv(
            path,
            encoding="utf-8",
            dtype=texts,
            parse_dates=dates,
            keep_default_na=False,
            na_values=[""],
        )
    except (OSError, ValueError) as error:
        raise CourseError(_damaged(resource["path"], error)) from error
    frame.attrs = _attrs(resource)
    return frame


def _attrs(resource: dict[str, Any]) -> dict[str, Any]:
    licences = resource.get("licenses") or package().get("licenses", [])
    fields = resource.get("schema", {}).get("fields", [])
    return {
        "table": resource["name"],
        "title": resource["title"],
        "units": {f["name"]: f["unit"] for f in fields if f.get("unit")},
        "licence": ", ".join(x["name"] for x in licences),
    }


def entry(name: str) -> dict[str, Any]:
    """Return the descriptor of a table."""
    resources = {r["name"]: r for r in package()["resources"]}
    return resources[known(name, sorted(resources), "table", "The tables are")]


def _read_json(path: str) -> dict[str, Any]:
    try:
        return json.loads((data_dir() / path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CourseError(_damaged(path, error)) from error


def _damaged(path: str, error: Exception) -> str:
    return (
        f"The course file data/{path} cannot be read ({error}). "
        "Run `course doctor` in a terminal: it names the command that mends it."
    )
