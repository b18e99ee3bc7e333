"""The student's own copies of the lessons: made once, never overwritten.

Each copied cell carries the stamp of what it was made from, so that a later release can
tell what a student has touched; see `stamps`.
"""

import argparse
import os
import re
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from course.cli import folder_option
from course.errors import CourseError, known
from course.paths import lessons_dir, write_whole
from course.start import merge, stamps
from course.start.stamps import Notebook, damaged, hashes
from course.words import _, plural

FOLDER = "amur-course"
FIRST = "00_start_here.ipynb"
# what is said of a copy that no command changes, by what `merge.judge` says of it
LEFT = {
    "unreadable": _(
        "Not readable as a notebook, and left alone: {names}. `course reset` and the number "
        "bring a fresh copy."
    ),
    "foreign": _("No copy of the lesson of that name, and left alone: {names}. Rename it."),
    "ahead": _("Made by a newer course than this one, and left alone: {names}."),
}


def options(parser: argparse.ArgumentParser) -> None:
    """Say what ``course reset`` takes."""
    text = _("the lesson's number, such as 04")
    parser.add_argument("lesson", metavar="LESSON", help=text)
    folder_option(parser)


def run(args: argparse.Namespace) -> None:
    """Carry out ``course reset``."""
    fresh, old = reset_lesson(args.lesson, args.folder)
    print(_("A fresh copy: {file}", file=fresh))
    if old:
        print(_("Yours is kept: {file}", file=old))
        print(_("If the lesson is open in JupyterLab: File > Reload Notebook from Disk."))


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


def copy_lessons(folder: Path) -> dict[str, str]:
    """Copy the lessons that ``folder`` lacks; change nothing that is there.

    Args:
        folder: an existing folder.

    Returns:
        For each file name ``added``, or what `merge.judge` says of the copy; ``updated``
        means that `course update` would bring something.

    Raises:
        CourseError: the course is damaged, or a copy cannot be written.
    """
    for left in folder.glob(".[0-9][0-9]_*.ipynb.*.copying"):
        left.unlink(missing_ok=True)  # where 2026.11.0 was killed
    states, originals = {}, read_lessons()
    copies = find_copies(folder, originals)
    for name, original in originals.items():
        copy = folder / name
        try:
            if os.path.lexists(copies[name]):
                raise FileExistsError
            write_fresh(copy, original)
            states[name] = "added"
        except FileExistsError:
            mine, file = read_notebook(copies[name]), copies[name].name
            states[name] = merge.judge(mine, file, name, originals)[0]
        except OSError as error:
            raise _refusal(copy, error) from error
    return states


def write_fresh(copy: Path, original: Notebook) -> None:
    """Write a copy of a lesson, over nothing that is there."""
    write_whole(copy, stamps.as_file(stamps.stamped(original, copy.name)), new=True)


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
    originals = read_lessons()
    by_number = {name[:2]: name for name in originals}
    found = re.match(r"(\d{1,2})(?!\d)", Path(number).name)
    asked = found[1].zfill(2) if found else number
    name = by_number[known(asked, by_number, _("lesson"))]
    folder = make_folder(folder)
    fresh, old = folder / name, None
    copy = find_copies(folder, originals)[name]
    try:
        if os.path.lexists(copy):
            kept = copy
            while os.path.lexists(kept):  # a rename would replace what was kept before
                stamp = datetime.now().strftime("%Y-%m-%d_%H%M%S_%f")
                kept = copy.with_name(f"{copy.stem}_until_{stamp}.ipynb")
            old = copy.rename(kept)
        with suppress(FileExistsError):  # another start has made it just now
            write_fresh(fresh, originals[name])
    except OSError as error:
        if old:
            old.rename(copy)
        raise _refusal(copy, error) from error
    return fresh, old


def report(folder: Path, states: dict[str, str]) -> list[str]:
    """Say in a few lines what `copy_lessons` did in ``folder``."""
    lines = [_("Your lessons are in {folder}", folder=folder)]
    if set(states.values()) == {"added"}:
        count = sum(name[0].isdigit() for name in states)
        copied = plural("{count} lesson copied.", "{count} lessons copied.", count)
        return [*lines, copied + " " + _("They are yours to change.")]
    texts = {
        "added": _("New in your folder: {names}."),
        "updated": _(
            "The course has another version of {names}. `course update` brings them up to date "
            "and keeps all that is yours."
        ),
    }
    for state, text in (texts | LEFT).items():
        if names := ", ".join(n for n in states if states[n] == state):
            lines.append(text.format(names=names))
    return lines if len(lines) > 1 else [*lines, _("Everything is as you left it.")]


def find_copies(folder: Path, originals: dict[str, Notebook]) -> dict[str, Path]:
    """Return where the copy of each lesson is, or would be.

    A lesson whose file has a new name is found under the old one: by its cells. A file
    that the student named is the student's.

    Args:
        folder: of the copies.
        originals: what `read_lessons` returns.
    """
    found = {name: folder / name for name in originals}
    missing = {name for name, copy in found.items() if not os.path.lexists(copy)}
    for file in sorted(folder.glob("[0-9g]*.ipynb")) if missing else []:
        book = None if file.name in found or "_until_" in file.name else read_notebook(file)
        if book and stamps.named_by_course(book, file.name):
            name = stamps.lesson_of(book, originals)
            cells = hashes(originals[name]) if name else {}
            made = stamps.base(book, stamps.known_releases(cells)) or {}
            if name in missing and len(made.keys() & cells.keys()) > len(made) / 2:
                found[name] = file
                missing.remove(name)
    return found


def lessons() -> list[Path]:
    """Return the course's own lessons in order; the first, whether it is there or not.

    The glossary, to which they link, is the last.
    """
    folder = lessons_dir()
    return sorted({folder / FIRST, *folder.glob("[0-9g]*.ipynb")})


def read_lessons() -> dict[str, Notebook]:
    """Return the course's own lessons by file name.

    Raises:
        CourseError: one is missing or damaged.
    """
    originals = {}
    for lesson in lessons():
        original = read_notebook(lesson)
        ids = {cell.get("id") for cell in original["cells"]} - {None} if original else {}
        if original is None or len(ids) < len(original["cells"]):
            raise damaged(lesson)
        originals[lesson.name] = original
    return originals


def read_notebook(path: Path) -> Notebook | None:
    """Return a notebook as a dict; None if the file is no notebook."""
    try:
        return stamps.parse_notebook(path.read_bytes())
    except OSError:
        return None


def _refusal(path: Path | None, why: Exception) -> CourseError:
    reason = str(getattr(why, "strerror", None) or why).rstrip(".")
    if isinstance(why, FileExistsError | NotADirectoryError):
        reason = _("a file or a broken link is in the way")
    text = _(
        "{path} cannot be used: {reason}. Name another folder or disk: course start FOLDER"
    )
    return CourseError(text.format(path=path or FOLDER, reason=reason))
