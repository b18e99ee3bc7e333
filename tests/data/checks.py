"""What must hold of the tables in ``data/``, told to whoever changed a file.

`complaints` reads a folder and returns sentences; each begins with the file and, where there
is one, the line. First comes the form (files, columns, types, keys), as ``datapackage.json``
describes it. Only where the form is sound is the meaning asked: a sum needs numbers.
"""

import csv
import datetime
import io
import json
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

Said = Iterator[str]
TYPES = {
    "integer": (r"-?\d+", "a whole number"),
    "number": (r"-?\d+(\.\d+)?", "a number (1234.5: no commas, spaces, % or units)"),
    "boolean": ("true|false", "true or false"),
    "date": (r"\d{4}-\d{2}-\d{2}", "a date (YYYY-MM-DD)"),
    "string": (r"(?s).*", "a text"),
}
MEASURES = ("_bn", "_pct", "_km", "_km2", "_mm")  # columns named so need a unit


class Table:
    """One file of the package: its description, its rows by line, its shapes if it has any."""

    def __init__(self, described: dict[str, Any]) -> None:
        self.described, self.file = described, described["path"]
        self.fields: list[dict[str, Any]] = described["schema"]["fields"]
        self.columns = [f["name"] for f in self.fields]
        self.key: list[str] = described["schema"].get("primaryKey", [])
        self.rows: dict[int, list[str]] = {}
        self.shapes: list[dict[str, Any]] = []

    def column(self, name: str) -> dict[int, str]:
        """The cells of a column by line, empty ones left out."""
        at = self.columns.index(name)
        return {line: row[at] for line, row in self.rows.items() if row[at]}

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows with the types of the descriptor; the index holds the lines."""
        frame = pd.DataFrame.from_dict(self.rows, orient="index", columns=self.columns)
        for name, kind in ((f["name"], f["type"]) for f in self.fields):
            if kind in ("number", "integer"):
                frame[name] = pd.to_numeric(frame[name])
            else:
                cells = frame[name]
                frame[name] = cells == "true" if kind == "boolean" else cells.where(cells != "")
        return frame

    def say(self, line: int, words: str) -> str:
        """A complaint about one line, which is known by its key too."""
        row = self.rows.get(line, [])
        key = ", ".join(row[self.columns.index(c)] for c in self.key if row)
        return f"{self.file}, line {line}{f' ({key})' if key else ''}: {words}"

    def flag(self, wrong: Any, words: str) -> Said:
        """A complaint for each row where ``wrong`` is true; ``words`` may name columns."""
        if not isinstance(wrong, pd.Series):
            wrong = pd.Series(wrong, index=self.frame.index)
        for line in wrong.index[wrong.eq(True)]:
            yield self.say(line, words.format(**self.frame.loc[line]))


Tables = dict[str, Table]


def complaints(folder: Path) -> list[str]:
    """Say what is wrong with a data package: one sentence per fault, none if it is sound."""
    return list(faults(folder))


def faults(folder: Path) -> Said:
    """Yield what is wrong with a data package; meaning is looked at where the form is right."""
    from tests.data import meaning

    try:
        text = (folder / "datapackage.json").read_text(encoding="utf-8")
        tables = {r["name"]: Table(r) for r in json.loads(text)["resources"]}
    except (OSError, ValueError, KeyError) as error:
        yield f"datapackage.json: it cannot be read ({error})"
        return
    said = [*_files(tables, folder), *_descriptor(tables)]
    said = said or [s for t in tables.values() for s in _cells(t)] + [*_keys(tables)]
    yield from said
    for check in () if said else meaning.CHECKS:
        yield from check(tables)


def _files(tables: Tables, folder: Path) -> Said:
    """Every file is described and can be read, every description has its file."""
    described = {t.file for t in tables.values()} | {"datapackage.json", "README.md"}
    for name in sorted({path.name for path in folder.iterdir()} - described):
        yield f"{name}: datapackage.json does not describe this file"
    for table in tables.values():
        try:
            text = (folder / table.file).read_bytes().decode("utf-8")
        except FileNotFoundError:
            yield f"{table.file}: datapackage.json describes it, but there is no such file"
        except UnicodeDecodeError as error:
            yield f"{table.file}: save it as UTF-8 (byte {error.start} is not)"
        else:
            read = _shapes if table.described["format"] == "geojson" else _rows
            if text.startswith("\ufeff"):
                yield f"{table.file}: save it as UTF-8 without BOM, the mark at its beginning"
            elif "\r" in text:
                yield f"{table.file}: its lines must end as on Linux (LF, not CRLF)"
            elif not text.endswith("\n"):
                yield f"{table.file}: its last line has no end: was the file cut?"
            else:
                yield from read(table, text)


def _shapes(table: Table, text: str) -> Said:
    try:
        table.shapes = json.loads(text)["features"]
    except (ValueError, KeyError) as error:
        yield f"{table.file}: it is no GeoJSON ({error})"
    for line, found in enumerate((f["properties"] for f in table.shapes), 2):  # one a line
        if extra := sorted(set(found) - set(table.columns)):
            yield table.say(line, f"datapackage.json does not describe {', '.join(extra)}")
        cells = [found.get(c) for c in table.columns]
        table.rows[line] = ["" if v is None else str(v) for v in cells]


def _rows(table: Table, text: str) -> Said:
    reader = csv.reader(io.StringIO(text), strict=True)
    header, before = next(reader, []), 1
    missing = [c for c in table.columns if c not in header]
    if len(header) == 1 and ";" in header[0]:
        yield f"{table.file}: semicolons part its columns; save it with commas"
    elif header != table.columns:
        words = f"the columns {', '.join(missing)} are missing" if missing else "columns differ"
        yield f"{table.file}: {words}; datapackage.json has {', '.join(table.columns)}"
    else:
        try:
            for row in reader:
                line, before = before + 1, reader.line_num
                if len(row) != len(header):
                    words = f"{len(row)} cells for {len(header)} columns: "
                    yield table.say(line, words + "was it cut, or is a text not in quotes?")
                else:
                    table.rows[line] = row
        except csv.Error as error:
            yield table.say(reader.line_num, f"quotes are not closed or not doubled ({error})")
        if not table.rows:
            yield f"{table.file}: it has no rows"


def _descriptor(tables: Tables) -> Said:
    """Every table and column is explained, measures have units, nothing is counted."""
    for name, table in tables.items():
        at, described = f"datapackage.json, {name}", table.described
        if not (described.get("title") and described.get("description")):
            yield f"{at}: it needs a title and a description"
        if {"bytes", "hash"} & set(described):
            yield f"{at}: leave out bytes and hash: one number is to be mended in one line"
        for field in table.fields:
            if len(field.get("description", "")) <= 4:
                yield f"{at}: the column {field['name']} needs a description"
            if field["name"].endswith(MEASURES) and not field.get("unit"):
                yield f"{at}: the column {field['name']} needs a unit"
            if field["type"] not in TYPES:
                yield f"{at}: the column {field['name']} has the unknown type {field['type']}"


def _cells(table: Table) -> Said:
    """Each cell has the type of its column and keeps to its constraints."""
    for field in table.fields:
        name, rule = field["name"], field.get("constraints", {})
        cells = table.column(name)
        for line in sorted(set(table.rows) - set(cells)) if rule.get("required") else []:
            yield table.say(line, f"{name} must not be empty")
        for line, value in cells.items():
            if words := _wrong(value, field["type"], rule):
                yield table.say(line, f"{name} {value!r} {words}")


def _wrong(value: str, kind: str, rule: dict[str, Any]) -> str:
    pattern, words = TYPES[kind]
    form = rule.get("pattern", "")
    if value != value.strip():
        return "has a space at its beginning or end"
    if not re.fullmatch(pattern, value):
        return f"is not {words}"
    if value not in rule.get("enum", [value]):
        return f"is none of {', '.join(rule['enum'])}"
    if form and not re.fullmatch(form, value):
        return f"does not have the form {form}"
    if (kind == "date" or r"\d{4}(-\d{2}" in form) and not _in_calendar(value):
        return "is not in the calendar"
    if "minimum" in rule and float(value) < rule["minimum"]:
        return f"is below {rule['minimum']}, the least that can be"
    if "maximum" in rule and float(value) > rule["maximum"]:
        return f"is above {rule['maximum']}, the most that can be"
    return ""


def _in_calendar(value: str) -> bool:
    year, month, day = map(int, (value.split("-") + ["1", "1"])[:3])
    try:
        return 1850 <= datetime.date(year, month, day).year <= 2060
    except ValueError:
        return False


def _keys(tables: Tables) -> Said:
    """No key stands twice, and what points at another table finds a row there."""
    for table in tables.values():
        first: dict[tuple[str, ...], int] = {}
        for line, row in table.rows.items() if table.key else ():
            key = tuple(row[table.columns.index(c)] for c in table.key)
            if first.setdefault(key, line) != line:
                yield table.say(
                    line, f"this {', '.join(table.key)} stands in line {first[key]} too"
                )
        for link in table.described["schema"].get("foreignKeys", []):
            other, column = tables[link["reference"]["resource"]], link["fields"]
            known = set(other.column(link["reference"]["fields"]).values())
            for line, value in table.column(column).items():
                if value not in known:
                    yield table.say(
                        line, f"{column} {value!r} is not in {other.file}: add it there"
                    )
