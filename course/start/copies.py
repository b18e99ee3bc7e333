"""The student's own copies of the lessons: made once, never overwritten."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course.paths import lessons_dir

FOLDER = "amur-course"
FIRST = "00_start_here.ipynb"
STAMP = "course_copy"  # notebook metadata of a copy: which lesson it was made from
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
# EINVAL: what Windows says of a memory stick (exFAT) or a mapped share
_NO_LINKS = {
    errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EINVAL,
}  # fmt: skip
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would change line ends


class StartError(Exception):
    """Why the lessons cannot be opened, and what to do about it."""


@dataclass
class Copies:
    """What `copy_lessons` found and did, as file names.

    Attributes:
        added: lessons copied just now.
        kept: lessons that were there already.
        newer: those of ``kept`` that the course has changed since.
        unreadable: those of ``kept`` that are no notebooks any more.
    """

    added: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    newer: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def choose_folder(folder: Path | None) -> Path:
    """Return the absolute folder for the student's copies, made if need be.

    Args:
        folder: the folder asked for. None means ``amur-course`` in the current
            folder, or the current folder itself if it holds copies already.

    Raises:
        StartError: it is a file, or holds the course itself, or cannot be
            written to.
    """
    if folder is None:
        here = Path.cwd()
        first = here / FIRST
        inside = first.is_file() and here.resolve() != lessons_dir().resolve()
        folder = here if inside else here / FOLDER
    folder = Path(os.path.abspath(folder.expanduser()))
    if folder.exists() and not folder.is_dir():
        raise StartError(
            f"{folder} is a file, not a folder. Name another folder: course start FOLDER"
        )
    if folder.resolve() == lessons_dir().resolve():
        raise StartError(
            f"{folder} holds the course's own lessons, which stay as they are. Name "
            "another folder for your copies: course start FOLDER"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StartError(_refusal(folder, error)) from error
    return folder


def copy_lessons(folder: Path) -> Copies:
    """Copy the lessons that ``folder`` lacks; change nothing that is there.

    Args:
        folder: an existing folder.

    Returns:
        What was added, and what was there already.

    Raises:
        StartError: the course's lessons are missing or damaged, or a copy
            cannot be written; no half-written lesson stays.
    """
    lessons = sorted(lessons_dir().glob("[0-9][0-9]_*.ipynb"))
    if not lessons:
        raise StartError(
            "The lessons are missing from this installation. `course doctor` names "
            "the command that mends it."
        )
    copies = Copies()
    for lesson in lessons:
        notebook = read_notebook(lesson)
        if notebook is None:
            raise StartError(
                f"The lesson {lesson.name} of this installation is damaged. "
                "`course doctor` names the command that mends it."
            )
        made_from = fingerprint(notebook)
        copy = folder / lesson.name
        if not os.path.lexists(copy):
            notebook.setdefault("metadata", {})[STAMP] = made_from
            text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
            if _create(copy, text.encode("utf-8")):
                copies.added.append(lesson.name)
                continue
        copies.kept.append(lesson.name)
        theirs = read_notebook(copy)
        if theirs is None:
            copies.unreadable.append(lesson.name)
        elif theirs.get("metadata", {}).get(STAMP, fingerprint(theirs)) != made_from:
            copies.newer.append(lesson.name)
    return copies


def report(folder: Path, copies: Copies) -> list[str]:
    """Say in a few lines what `copy_lessons` did in ``folder``."""
    lines = [f"Your lessons are in {folder}"]
    if copies.added and copies.kept:
        lines.append(f"New in your folder: {', '.join(copies.added)}.")
    elif copies.added:
        lines.append(f"{len(copies.added)} lessons copied. They are yours to change.")
    else:
        lines.append("Everything is as you left it.")
    if copies.newer:
        lines.append(
            f"The course has another version of {', '.join(copies.newer)}; your copy "
            "stays as it is. To get that version too, rename your copy and start again."
        )
    if copies.unreadable:
        lines.append(
            f"Not readable as a notebook, and left alone: "
            f"{', '.join(copies.unreadable)}. To get a fresh copy, rename that file "
            "and start again."
        )
    return lines


def fingerprint(notebook: dict[str, Any]) -> str:
    """Return a hash of what the cells say; outputs and layout do not count."""
    cells = [
        [cell.get("cell_type"), "".join(cell.get("source", ""))] for cell in notebook["cells"]
    ]
    return hashlib.sha256(json.dumps(cells).encode("ascii")).hexdigest()


def read_notebook(path: Path) -> dict[str, Any] | None:
    """Return a notebook as a dict; None if the file is no notebook."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        fingerprint(notebook)
        notebook.get("metadata", {}).get(STAMP)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return notebook


def _create(path: Path, content: bytes) -> bool:
    """Write a file that must not exist yet, whole or not at all.

    Returns:
        False if somebody else made the file in the meantime; it stays theirs.
    """
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}.copying")
    try:
        _write_new(made, content)
        try:
            os.link(made, path)
        except OSError as error:
            if error.errno not in _NO_LINKS or os.path.lexists(path):
                raise
            _write_new(path, content)  # a memory stick knows no links
        finally:
            made.unlink()
    except FileExistsError:
        return False
    except OSError as error:
        raise StartError(_refusal(path, error)) from error
    return True


def _write_new(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # a full disk must be noticed here
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _refusal(path: Path, error: OSError) -> str:
    if error.errno in _FULL:
        return (
            f"The disk is full, so {path} was not written; nothing half-written is "
            "left. Free some space, or name a folder on another disk: "
            "course start FOLDER"
        )
    if error.errno in {errno.EEXIST, errno.ENOTDIR}:
        return (
            f"{path} cannot be made a folder, because a part of it is a file. Name "
            "another folder: course start FOLDER"
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"You may not write to {path}. Name a folder of your own: course start FOLDER"
    return (
        f"{path} cannot be written ({error.strerror or error}). Name another folder: "
        "course start FOLDER"
    )
