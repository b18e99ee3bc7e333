"""A student's copy of a lesson brought up to date with the lesson, as a pure function.

Each cell is judged by itself, by its id in the course and the stamp of what it said. So no
base version has to be kept or found, as a three-way merge of notebooks needs it, and no
conflict marks get into a cell: what the student has not touched is replaced; what is
touched stays, and the new version is offered below it, once.
"""

import difflib
import itertools
import re
import warnings
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from symtable import SymbolTable, symtable
from typing import Any, NamedTuple

from course.start import stamps
from course.start.stamps import Cells, Notebook
from course.words import _

Cell = dict[str, Any]


class Change(NamedTuple):
    """What an update does about one cell."""

    # updated, new, gone, moved, offered (below the student's), taken (an offer), kept,
    # deleted or stale
    what: str
    cell: str  # its id in the course; "stale": its own
    place: str  # the heading it stands under; "stale": also the names


class _Part(NamedTuple):
    """A cell of the copy."""

    cell: Cell
    place: str
    kind: str  # "own", "fresh" as the course wrote it, "touched", "offer" not taken up
    name: str = ""  # the course's cell it was made from
    was: str = ""  # hash of what that said


def judge(
    mine: Notebook | None, file: str, name: str, originals: dict[str, Notebook]
) -> tuple[str, Notebook, list[Change]]:
    """Say what an update makes of a copy.

    Args:
        mine: the copy; None if its file holds none.
        file: its name.
        name: of the lesson's file.
        originals: the lessons by file name.

    Returns:
        ``updated``, ``kept``, or why it is left alone: ``unreadable``, ``foreign`` (no copy
        of this lesson) or ``ahead`` (made by a newer course); the copy as it is to be, {} if
        it is left alone; and the changes.
    """
    if mine is None:
        return "unreadable", {}, []
    if stamps.lesson_of(mine, originals) != name:
        return "foreign", {}, []
    if stamps.is_ahead(mine) and stamps.base(mine, []) != stamps.hashes(originals[name]):
        return "ahead", {}, []
    others = {cell["id"] for n, o in originals.items() if n != name for cell in o["cells"]}
    merged, changes = merge(mine, stamps.stamped(originals[name], name), others)
    news = file != name or any(change.what != "kept" for change in changes)
    return "updated" if news else "kept", merged, changes


def merge(
    mine: Notebook, lesson: Notebook, others: Collection[str] = ()
) -> tuple[Notebook, list[Change]]:
    """Return a copy brought up to date, and what that changes.

    A cell that the student deleted stays away. One that is new in the course comes after
    the cell before it there, and after what the student has added to that. If the student
    has moved no cell, all follow the order of the lesson.

    Args:
        mine: the copy.
        lesson: the lesson with its stamps, see `stamps.stamped`.
        others: ids of cells of other lessons; such a cell is the student's here.
    """
    new = {cell["id"]: cell for cell in lesson["cells"]}
    now = stamps.hashes(lesson)
    base = stamps.base(mine, stamps.known_releases(now))
    parts = list(_parts(mine, now, base, others))
    blocks, changes = _replaced(parts, new, now)
    order, there, previous = [name for name, _cells in blocks], {p.name for p in parts}, ""
    places = dict(zip(new, _places(lesson["cells"]), strict=True))
    for name, place in places.items():
        if name in there:
            previous = name
        elif base is None or name not in base:
            at = 1 + [name for name, _cells in blocks].index(previous)
            while blocks[at:] and blocks[at][0] == previous:
                at += 1  # below all that a cell was split into
            blocks.insert(at, (name, [new[name]]))
            changes.append(Change("new", name, place))
            previous = name
        elif base[name] != now[name]:
            changes.append(Change("deleted", name, place))
    if base and order == sorted(order, key=["", *base, *new].index):
        rank = ["", *new].index
        blocks.sort(key=lambda block: rank(block[0]))
        after = sorted(order, key=rank)
        steps = difflib.SequenceMatcher(None, order, after, autojunk=False).get_opcodes()
        moved = (n for what, i, j, *_to in steps if what != "equal" for n in order[i:j])
        changes += [Change("moved", name, places[name]) for name in dict.fromkeys(moved)]
    cells = _with_ids(cell for _name, cells in blocks for cell in cells)
    if {"updated", "gone"} & {change.what for change in changes}:
        changes += _stale(mine["cells"], cells, {*now.values()})
    return stamps.renewed(mine, lesson) | {"cells": cells}, changes


def _parts(
    mine: Notebook, now: Cells, base: Cells | None, others: Collection[str]
) -> Iterator[_Part]:
    """Judge each cell of a copy."""
    base = base or {}
    made = stamps.made_from(mine, [*stamps.known_releases(now), base])
    places = _places(mine["cells"])
    for cell, (name, stamped), place in zip(mine["cells"], made, places, strict=True):
        was, text = stamped or base.get(name, ""), stamps.text_hash(cell)
        # what was pasted from another lesson is the student's
        ours = name in now or (name in base if base else name not in others)
        if not (name and ours):
            yield _Part(cell, place, "own")
        elif text == stamps.stamp(cell).get("offered"):
            yield _Part(cell, place, "offer", name, was)
        else:
            kind = "fresh" if text in (was, now.get(name)) else "touched"
            yield _Part(cell, place, kind, name, was)


def _replaced(
    parts: list[_Part], new: dict[str, Cell], now: Cells
) -> tuple[list[tuple[str, list[Cell]]], list[Change]]:
    """Renew the cells that are there.

    Returns:
        Cells of the course by name, each with what the student added below it, after
        what stands above the first; and the changes.
    """
    fresh = {part.name for part in parts if part.kind == "fresh"}
    last = {part.name: n for n, part in enumerate(parts) if part.kind == "touched"}
    # no offer where one copy of the cell brings the new version
    touched = (part for part in parts if part.kind == "touched" and part.name not in fresh)
    news = {part.name for part in touched if now.get(part.name, part.was) != part.was}
    blocks: list[tuple[str, list[Cell]]] = [("", [])]
    changes = []
    for n, (cell, place, kind, name, _was) in enumerate(parts):
        what, put = "", [cell]
        if kind == "touched":
            what, put = "kept", [stamps.restamped(cell, name, now.get(name, ""))]
            if name in news and n == last[name]:
                what, put = "offered", [*put, _offer(new[name])]
        elif kind != "own" and (name not in now or (kind == "offer" and name in fresh)):
            what, put = "gone" if name not in now else "taken", []
        elif kind == "offer" and name in last:
            put = [] if name in news else put  # a newer one replaces it
        elif kind != "own":  # so also an offer whose cell above the student has deleted
            what = "updated" if stamps.text_hash(cell) != now[name] else ""
            put = [_renewed(cell, new[name])]
        changes += [Change(what, name, place)] if what else []
        if put and name in now:
            blocks.append((name, put))
        else:
            blocks[-1][1].extend(put)
    return blocks, changes


def _renewed(cell: Cell, new: Cell) -> Cell:
    """Return the lesson's cell; outputs and what was folded stay if it says the same."""
    if stamps.text_hash(cell) != stamps.text_hash(new):
        return new | {"id": cell.get("id", new["id"])}
    metadata = {key: value for key, value in new["metadata"].items() if key != "jupyter"}
    return cell | {"metadata": cell["metadata"] | metadata}


def _offer(new: Cell) -> Cell:
    """Return a lesson's cell as it is offered below that of the student.

    Code is no code cell then: a starter would undo the answer above it when all cells are
    run. One key makes it one. If the student deletes the cell above, the next update makes
    the offer a cell of the lesson.
    """
    text, metadata = "".join(new["source"]), dict(new["metadata"])
    metadata.pop("jupyter", None)  # folded, nobody would see it
    if new["cell_type"] == "markdown":
        say = _("**New version of the cell above, which is yours.** Delete one of the two.")
        made = {"cell_type": "markdown", "source": f"> {say}\n\n{text}"}
    else:
        say = _("New version of the cell above, which is yours. To use it: Esc, then Y.")
        made = {"cell_type": "raw", "source": f"# {say}\n{text}"}
        metadata["raw_mimetype"] = "text/x-python"  # stays out of pages
    name, now = new["id"], stamps.text_hash(new)
    cell = {"id": f"{name[:40]}-{now[:8]}", "metadata": metadata} | made
    return stamps.restamped(cell, name, now, offered=stamps.text_hash(cell))


def _stale(old: list[Cell], new: list[Cell], course: Collection[str]) -> Iterator[Change]:
    """Tell which code of the student uses names that only the older lesson made."""

    def made(cells: list[Cell]) -> set[str]:
        return {name for cell in cells for name in _names(cell)[0]}

    lost = made(old) - made(new)
    for cell, place in zip(new, _places(new), strict=True):
        names = sorted(lost & _names(cell)[1])
        if names and stamps.text_hash(cell) not in course:
            yield Change("stale", cell["id"], f"{place} ({', '.join(names)})")


def _names(cell: Cell) -> tuple[set[str], set[str]]:
    """Return the names that a cell makes, and those it uses; none if it is no plain Python."""
    tables: list[SymbolTable] = []
    if cell["cell_type"] == "code":
        bad = suppress(SyntaxError, ValueError, RecursionError, MemoryError)
        with bad, warnings.catch_warnings(action="ignore"):
            tables = [symtable("".join(cell["source"]), "cell", "exec")]
    for table in tables:
        tables += table.get_children()  # of functions and classes in it, to any depth
    symbols = [one for table in tables for one in table.get_symbols()]
    made = (s for s in symbols if s.is_assigned() or s.is_imported() or s.is_parameter())
    return {s.get_name() for s in made}, {s.get_name() for s in symbols if s.is_referenced()}


def _places(cells: list[Cell]) -> Iterator[str]:
    """Yield the heading above each cell, or in it."""
    here = ""
    for cell in cells:
        text = "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""
        found = re.findall(r"^#{1,6} +(.+?)[ #\r]*$", text, re.MULTILINE)
        yield found[0] if found else here
        here = found[-1] if found else here


def _with_ids(cells: Iterable[Cell]) -> list[Cell]:
    """Give each cell an id of its own, where it has none."""
    found: dict[str, Cell] = {}
    for cell in cells:
        name = cell.get("id") or stamps.stamp(cell).get("cell") or "cell"
        stem = re.sub(r"[^\w-]", "", str(name), flags=re.ASCII)[:58] or "cell"
        free = (f"{stem}-{n}" if n else stem for n in itertools.count())
        name = next(name for name in free if name not in found)
        found[name] = cell | {"id": name}
    return list(found.values())
