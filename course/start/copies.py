"""The student's own copies of the lessons: made once, never overwritten.

Each copied cell carries the stamp of what it was made from, so that a later release can
tell what a student has touched.
"""

import argparse
import hashlib
import json
import os
import re
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from course import __version__
from course.cli import folder_option
from course.errors import CourseError, known
from course.paths import lessons_dir, write_whole
from course.words import _, plural

FOLDER = "amur-course"
FIRST = "00_start_here.ipynb"
_STAMP = "course_copy"  # metadata of a copy: the lesson and release it was made from
_CELL_STAMP = "course"  # metadata of its cells: the cell each was made from


def options(parser: argparse.ArgumentParser) -> None:
    """Say what ``course reset`` takes."""
    text = _("the lesson's number, such as 04")
    parser.add_argument("lesson", metavar="LESSON", help=text)
    folder_option(parser)


def run(args: argparse.Namespace) -> int:
    """Carry out ``course reset``."""
    fresh, old = reset_lesson(args.lesson, args.folder)
    print(_("A fresh copy: {file}", file=fresh))
    if old:
        print(_("Yours is kept: {file}", file=old))
        print(_("If the lesson is open in JupyterLab: File > Reload Notebook from Disk."))
    return 0


def find_folder(folder: Path | None) -> Path:
    """Return the absolute folder of the student's copies, which may not exist yet.

    Args:
        folder: the folder asked for. None means ``amur-course`` in the current
            folder, or the current folder itself if it holds copies already.

    Raises:
        CourseError: there can be no such folder, or it holds the course itself.
    """
    try:
        course = lessons_dir().resolve()
        if folder is None:
            inside = Path(FIRST).is_file() and Path.cwd() != course
            folder = Path() if inside else Path(FOLDER)
        folder = Path(os.path.abspath(folder.expanduser()))
        # `course start NAME` said once more, from inside NAME
        again = folder.name == folder.parent.name and not folder.exists()
        if again and (folder.parent / FIRST).is_file():
            folder = folder.parent
        with suppress(FileNotFoundError):
            folder.stat()
        if folder.resolve() == course:
            raise ValueError(_("the course's own lessons are there, and stay as they are"))
    except (OSError, RuntimeError, ValueError) as error:
        raise _refusal(folder, error) from error
    return folder


def make_folder(folder: Path | None) -> Path:
    """Return the folder that `find_folder` finds, made if need be.

    Raises:
        CourseError: it cannot be made, or takes no files.
    """
    folder = find_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise _refusal(folder, error) from error


def copy_lessons(folder: Path, only: Path | None = None) -> dict[str, str]:
    """Copy the lessons that ``folder`` lacks; change nothing that is there.

    Args:
        folder: an existing folder.
        only: one of `lessons`; all of them if None.

    Returns:
        For each file name: ``added``, ``kept``, ``newer`` if the course has another
        version than the one kept, ``touched`` if there is work in that one, or
        ``unreadable`` if it is no notebook.

    Raises:
        CourseError: the course is damaged, or a copy cannot be written.
    """
    for left in folder.glob(".[0-9][0-9]_*.ipynb.*.copying"):
        left.unlink(missing_ok=True)  # where 2026.11.0 was killed
    states = {}
    for lesson in lessons() if only is None else [only]:
        original = read_notebook(lesson)
        if original is None:
            raise _damaged(lesson)
        copy, cells = folder / lesson.name, _hashes(original)
        try:
            write_whole(copy, _stamped(original), new=True)
            states[lesson.name] = "added"
        except FileExistsError:
            states[lesson.name] = _state(copy, cells)
        except OSError as error:
            raise _refusal(copy, error) from error
    return states


def reset_lesson(number: str, folder: Path | None = None) -> tuple[Path, Path | None]:
    """Begin one lesson anew; the copy that was there is kept under another name.

    Args:
        number: the lesson's, such as ``"04"``, or the name of its file.
        folder: where the student's copies live; see `find_folder`.

    Returns:
        The fresh copy, and the old one where it is now; None if there was none.

    Raises:
        CourseError: there is no such lesson, or a file cannot be written.
    """
    found = re.match(r"(\d{1,2})(?!\d)", Path(number).name)
    by_number = {lesson.name[:2]: lesson for lesson in lessons()}
    asked = found[1].zfill(2) if found else number
    lesson = by_number[known(asked, by_number, _("lesson"))]
    folder = make_folder(folder)
    copy, old = folder / lesson.name, None
    try:
        if os.path.lexists(copy):
            kept = copy
            while os.path.lexists(kept):  # a rename would replace what was kept before
                stamp = datetime.now().strftime("%Y-%m-%d_%H%M%S_%f")
                kept = copy.with_name(f"{copy.stem}_until_{stamp}.ipynb")
            old = copy.rename(kept)
        copy_lessons(folder, lesson)
    except OSError as error:
        raise _refusal(copy, error) from error
    except CourseError:
        if old:
            old.rename(copy)
        raise
    return copy, old


def report(folder: Path, states: dict[str, str]) -> list[str]:
    """Say in a few lines what `copy_lessons` did in ``folder``."""
    lines = [_("Your lessons are in {folder}", folder=folder)]
    if set(states.values()) == {"added"}:
        count = sum(name[0].isdigit() for name in states)
        copied = plural("{count} lesson copied.", "{count} lessons copied.", count)
        return [*lines, copied + " " + _("They are yours to change.")]
    texts = {
        "added": _("New in your folder: {names}."),
        "newer": _("The course has another version of {names}; you changed nothing in yours."),
        "touched": _("The course has another version of {names}; your work in yours stays."),
        "unreadable": _("Not readable as a notebook, and left alone: {names}."),
    }
    for state, text in texts.items():
        if names := ", ".join(n for n in states if states[n] == state):
            lines.append(text.format(names=names))
    if not {"added", "kept"}.issuperset(states.values()):
        lines.append(_("`course reset` and a lesson's number bring a fresh copy of one."))
    return lines if len(lines) > 1 else [*lines, _("Everything is as you left it.")]


def touched(notebook: dict[str, Any]) -> list[bool | None]:
    """Tell which cells of a copy a student has changed; outputs do not count.

    Args:
        notebook: a copy made by this release or an older one, as read from its file.

    Returns:
        For each cell: False if it says what the course wrote, True if it says
        something else, None if the student has added it.
    """
    originals = filter(None, map(read_notebook, lessons()))
    releases = [*_unstamped().values(), *map(_hashes, originals)]
    ids = {cell_id for cells in releases for cell_id in cells}
    texts = {text for cells in releases for text in cells.values()}

    def changed(cell: dict[str, Any]) -> bool | None:
        origin, text = _origin(cell), _hash(cell)
        if origin or text in texts:  # tools take stamps away, and ids too
            return text != (origin or text)
        return True if cell.get("id") in ids else None

    return [changed(cell) for cell in notebook["cells"]]


def lessons() -> list[Path]:
    """Return the course's own lessons in order; the first, whether it is there or not.

    The glossary, to which they link, is the last.
    """
    folder = lessons_dir()
    return sorted({folder / FIRST, *folder.glob("[0-9g]*.ipynb")})


def read_notebook(path: Path) -> dict[str, Any] | None:
    """Return a notebook as a dict; None if the file is no notebook."""
    try:
        notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            _hash(cell)
            _origin(cell)
        notebook.setdefault("metadata", {}).get(_STAMP)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return notebook


def _hash(cell: dict[str, Any]) -> str:
    source = "".join(cell["source"]).replace("\r\n", "\n")
    return hashlib.sha256(f"{cell['cell_type']}\n{source}".encode()).hexdigest()[:16]


def _hashes(notebook: dict[str, Any]) -> dict[str, str]:
    return {cell["id"]: _hash(cell) for cell in notebook["cells"]}


def _digest(cells: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:16]


def _origin(cell: dict[str, Any]) -> str | None:
    stamp: dict[str, str] = cell.get("metadata", {}).get(_CELL_STAMP, {})
    return stamp.get("from")


def _stamped(original: dict[str, Any]) -> bytes:
    """Return the file of a copy: nothing but the stamps is added."""
    about = original["metadata"]
    lesson, made = about.get("course", {}).get("id"), _digest(_hashes(original))
    about[_STAMP] = {"lesson": lesson, "version": __version__, "from": made}
    for cell in original["cells"]:
        # the id too: a cell that is copied or rewritten gets another
        stamp = {"from": _hash(cell), "cell": cell["id"]}
        cell["metadata"][_CELL_STAMP] = cell["metadata"].get(_CELL_STAMP, {}) | stamp
    return (json.dumps(original, ensure_ascii=False, indent=1) + "\n").encode()


def _state(copy: Path, cells: dict[str, str]) -> str:
    """Compare a copy that was there already with the cells of the lesson now."""
    notebook = read_notebook(copy)
    if notebook is None:
        return "unreadable"
    stamp = notebook["metadata"].get(_STAMP)
    if isinstance(stamp, dict):
        made = stamp.get("from")
    else:  # of 2026.11.0, or without: a tool took it away, a teacher gave the lesson itself
        said = {_hash(cell) for cell in notebook["cells"]}
        releases = [cells, _unstamped().get(copy.name, {})]
        made = _digest(max(releases, key=lambda release: len(said & {*release.values()})))
    if made == _digest(cells):
        return "kept"
    return "touched" if any(cell is not False for cell in touched(notebook)) else "newer"


def _unstamped() -> dict[str, dict[str, str]]:
    """Return lesson, cell id and hash of 2026.11.0, which stamped no cells."""
    file = Path(__file__).with_name("cells_2026_11_0.json")
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise _damaged(file) from error


def _damaged(file: Path) -> CourseError:
    text = _("The course's file {name} is missing or damaged. `course doctor` says what to do.")
    return CourseError(text.format(name=file.name))


def _refusal(path: Path | None, why: Exception) -> CourseError:
    reason = str(getattr(why, "strerror", None) or why).rstrip(".")
    if isinstance(why, FileExistsError | NotADirectoryError):
        reason = _("a file or a broken link is in the way")
    text = _(
        "{path} cannot be used: {reason}. Name another folder or disk: course start FOLDER"
    )
    return CourseError(text.format(path=path or FOLDER, reason=reason))
