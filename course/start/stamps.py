"""What a copy of a lesson, and each of its cells, was made from.

Each copied cell carries a stamp: the cell of the course it was made from, and a hash of
what that said. The copy carries the list of all cells there were: what is in that list and
no longer in the copy, the student has deleted.
"""

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from course import __version__
from course.errors import CourseError
from course.words import _

_COPY = "course_copy"  # metadata of a copy: the lesson and release it was made from
_CELL = "course"  # metadata of its cells
Notebook = dict[str, Any]
Cells = dict[str, str]  # id of each cell of a lesson -> hash of what it says, in order


def parse_notebook(content: bytes) -> Notebook | None:
    """Return the notebook that a file holds; None if it is none of format 4."""
    try:
        notebook: Notebook = json.loads(content.decode("utf-8"))
        for cell in notebook["cells"]:
            text_hash(cell)
            cell.setdefault("metadata", {}).get(_CELL)
        if (notebook["nbformat"], type(notebook["nbformat_minor"])) != (4, int):
            return None
        notebook.setdefault("metadata", {}).get("course", {}).get("id")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return notebook


def stamped(original: Notebook, name: str) -> dict[str, Any]:
    """Return a lesson as a copy of it holds it: nothing but the stamps is added.

    Args:
        original: the lesson.
        name: of its file.
    """
    about, cells = original["metadata"], hashes(original)
    made = {"lesson": about.get("course", {}).get("id"), "version": __version__, "file": name}
    made |= {"from": digest(cells), "cells": cells}
    # the id too: a cell that is copied or rewritten gets another
    mine = [restamped(cell, cell["id"], cells[cell["id"]]) for cell in original["cells"]]
    return original | {"cells": mine, "metadata": about | {_COPY: made}}


def restamped(cell: dict[str, Any], name: str, text: str, **more: str) -> dict[str, Any]:
    """Return a cell with another stamp: of the course's cell ``name``, with hash ``text``."""
    mark = {"from": text, "cell": name} | more
    return cell | {"metadata": cell["metadata"] | {_CELL: mark}}


def renewed(mine: Notebook, lesson: Notebook) -> Notebook:
    """Return a copy whose metadata is the lesson's, as far as the course writes it."""
    theirs, before = lesson["metadata"], copy_stamp(mine)
    about = {key: theirs[key] for key in ("course", _COPY) if key in theirs}
    if before.get("from") == about[_COPY]["from"] and "version" in before:
        about[_COPY] = about[_COPY] | {"version": before["version"]}
    minor = max(mine["nbformat_minor"], lesson["nbformat_minor"])
    return mine | {"metadata": mine["metadata"] | about, "nbformat_minor": minor}


def as_file(notebook: Notebook) -> bytes:
    """Return the content of a notebook's file."""
    text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    return text.encode("utf-8", "backslashreplace")  # half characters, as JSON has them


def stamp(cell: dict[str, Any]) -> dict[str, str]:
    """Return the stamp of a copied cell: ``cell``, ``from``; {} if it has none."""
    found = cell["metadata"].get(_CELL)
    found = found if isinstance(found, dict) else {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def copy_stamp(notebook: Notebook) -> dict[str, Any]:
    """Return the stamp of a copy; {} if it has none, or one that says less."""
    found = notebook["metadata"].get(_COPY)
    return found if isinstance(found, dict) else {}


def text_hash(cell: dict[str, Any]) -> str:
    """Return a hash of what a cell says, and of its kind; line ends do not count."""
    source = "".join(cell["source"]).replace("\r\n", "\n")
    kind = f"{cell['cell_type']}\n{source}"
    return hashlib.sha256(kind.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def hashes(notebook: Notebook) -> Cells:
    """Return the cells of a lesson."""
    return {cell["id"]: text_hash(cell) for cell in notebook["cells"]}


def digest(cells: Cells) -> str:
    """Return a hash of a lesson's cells and their order."""
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:16]


def made_from(notebook: Notebook, releases: list[Cells]) -> list[tuple[str, str]]:
    """Tell what each cell of a copy was made from: by its stamp, its id, or what it says.

    Args:
        notebook: the copy.
        releases: the lesson's cells now and in older releases. Tools take away stamps,
            and ids too; 2026.11.0 and 2026.11.1 stamped no cells.

    Returns:
        For each cell, the id of the course's cell, "" if the student has added the cell;
        and the hash of what that said, "" if nobody knows.
    """
    said: dict[str, list[str]] = {}
    for cell_id, text in (item for cells in releases for item in cells.items()):
        said.setdefault(cell_id, []).append(text)
    made = []
    for cell in notebook["cells"]:
        name, text, mark = str(cell.get("id")), text_hash(cell), stamp(cell)
        if {"cell", "from"} <= mark.keys():
            made.append((mark["cell"], mark["from"]))
        elif name in said:
            made.append((name, text if text in said[name] else ""))
        else:
            made.append(("", ""))
    if not any(name for name, _was in made):
        # each text stands for one cell: what stands there twice is a copy
        for n, text in enumerate(map(text_hash, notebook["cells"])):
            if found := next((name for name, texts in said.items() if text in texts), None):
                made[n] = (found, text)
                del said[found]
    return made


def base(notebook: Notebook, releases: list[Cells]) -> Cells | None:
    """Return the cells of the lesson that a copy was made from; None if nobody knows.

    Args:
        notebook: the copy.
        releases: the lesson's cells now and in older releases.
    """
    about = copy_stamp(notebook)
    if isinstance(about.get("cells"), dict):
        return {str(name): str(text) for name, text in about["cells"].items()}
    if about:  # of a course that did not list them yet
        return next((c for c in releases if digest(c) == about.get("from")), None)
    said = set(map(text_hash, notebook["cells"]))
    return max(releases, key=lambda cells: len(said & {*cells.values()}))


def lesson_of(notebook: Notebook, originals: dict[str, Notebook]) -> str | None:
    """Return the file name of the lesson with which a notebook shares most; None if nothing.

    Cells tell, for a lesson may get another number or name.
    """
    made = copy_stamp(notebook).get("lesson", notebook["metadata"].get("course", {}).get("id"))
    names = {stamp(c).get("cell", str(c.get("id"))) for c in notebook["cells"]}
    said = set(map(text_hash, notebook["cells"]))
    scores = {}
    for file, original in originals.items():
        releases = known_releases(hashes(original))
        shared = sum(len(names & c.keys()) + len(said & {*c.values()}) for c in releases)
        number = original["metadata"].get("course", {}).get("id")
        scores[file] = shared, number is not None and made == number
    best = max(scores, key=scores.__getitem__)
    return best if any(scores[best]) else None


def named_by_course(notebook: Notebook, file: str) -> bool:
    """Tell whether a copy has the name of a file that the course gave it."""
    older = {key.partition(" ")[2] for key in released()}  # their copies do not tell
    return copy_stamp(notebook).get("file", file if file in older else "") == file


def known_releases(cells: Cells) -> list[Cells]:
    """Return a lesson's cells as they are, and as they were in older releases."""
    return [cells, *(old for old in released().values() if old.keys() & cells.keys())]


def is_ahead(notebook: Notebook) -> bool:
    """Tell whether a copy was made by a newer course than this one."""
    made = str(copy_stamp(notebook).get("version", ""))
    theirs, ours = (list(map(int, re.findall(r"\d+", v))) for v in (made, __version__))
    return theirs > ours


@cache
def released() -> dict[str, Cells]:
    """Return the cells of each lesson in the releases that stamped none."""
    found: dict[str, Cells] = {}
    for version in ("2026_11_0", "2026_11_1"):
        file = Path(__file__).with_name(f"cells_{version}.json")
        try:
            cells = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise damaged(file) from error
        found |= {f"{version} {name}": texts for name, texts in cells.items()}
    return found


def damaged(file: Path) -> CourseError:
    """Say that a file of the course is missing or no longer whole."""
    text = _("The course's file {name} is missing or damaged. `course doctor` says what to do.")
    return CourseError(text.format(name=file.name))
