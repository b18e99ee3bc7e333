"""``course update``: the copies of the lessons brought up to date, without git.

What changes in a notebook, and why no older version of it is needed, says `merge`. Each
file is written whole or not at all. As it was before, it stays in a hidden folder until
the next update that changes it: nothing the student wrote goes, but outputs of cells with
a new text do.
"""

import argparse
import json
import os
import shutil
import textwrap
import warnings
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import NamedTuple

from course.cli import folder_option
from course.errors import CourseError
from course.paths import write_whole
from course.start import copies, stamps
from course.start.lab import one_at_a_time, opened
from course.start.merge import Change, judge
from course.start.stamps import Notebook
from course.words import _

BEFORE = ".before_update"  # in the student's folder: each lesson before its last update


class Outcome(NamedTuple):
    """What an update does about one lesson."""

    lesson: str  # name of its file
    state: str  # added, updated, kept; or one of those it leaves alone, see `_LEFT`
    changes: Sequence[Change] = ()
    reason: str = ""
    was: str = ""  # name of the file until now, if the lesson has a new one


_DONE = {
    "offered": _("yours, the new version below ({count})"),
    "deleted": _("new in the course, but no longer in your copy, and stays away ({count})"),
    "kept": _("yours, kept ({count})"),
    "stale": _("yours, but it uses a name the lesson no longer makes ({count})"),
    "updated": _("brought up to date ({count})"),
    "new": _("new ({count})"),
    "moved": _("moved, as in the lesson ({count})"),
    "gone": _("gone from the lesson and from here ({count})"),
    "taken": _("an offer that is no longer needed, gone ({count})"),
}
_LEFT = {
    "open": _(
        "Open in JupyterLab, so not brought up to date: {names}. Choose File > Save Notebook "
        "and File > Close and Shut Down Notebook there, then run `course update` again."
    ),
    **copies.LEFT,
    "failed": _("Cannot be written ({why}), and stays as it was: {names}."),
}


def options(parser: argparse.ArgumentParser) -> None:
    """Say what ``course update`` takes."""
    folder_option(parser)
    text = _("only say what would change")
    parser.add_argument("--dry-run", action="store_true", help=text)
    parser.add_argument("--json", action="store_true", help=_("say it as JSON"))
    text = _("do not ask JupyterLab what is open: all lessons are closed")
    parser.add_argument("--closed", action="store_true", help=text)


def run(args: argparse.Namespace) -> int:
    """Carry out ``course update``."""
    folder = copies.find_folder(args.folder)
    found = update(folder, dry_run=args.dry_run, closed=args.closed)
    if args.json:
        rows = [o._asdict() | {"changes": [*map(Change._asdict, o.changes)]} for o in found]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        wrap = textwrap.TextWrapper(max(40, shutil.get_terminal_size().columns - 1))
        wrap.subsequent_indent, wrap.break_on_hyphens = " " * 6, False
        for line in report(folder, found, args.dry_run):
            print(wrap.fill(line) if line[0] == " " else line)
    return int(any(one.state in _LEFT for one in found))


def update(
    folder: Path | None = None, *, dry_run: bool = False, closed: bool = False
) -> list[Outcome]:
    """Bring the copies of the lessons up to date, and add those that are missing.

    Args:
        folder: where the student's copies live; see `copies.find_folder`.
        dry_run: only say what would change.
        closed: do not ask JupyterLab what is open.

    Returns:
        What was done about each lesson.

    Raises:
        CourseError: there are no copies, or the course is damaged.
    """
    folder, originals = copies.find_folder(folder), copies.read_lessons()
    if not any(map(os.path.lexists, copies.find_copies(folder, originals).values())):
        say = _("There are no copies of the lessons in {folder}. Name the folder of yours: ")
        say += _("course update FOLDER. `course start` makes copies.")
        raise CourseError(say.format(folder=folder))
    with nullcontext() if dry_run else one_at_a_time(folder):
        in_use = set() if closed else opened(folder)
        found = copies.find_copies(folder, originals)  # whom it waited for may have renamed
        return [_one(name, found[name], originals, in_use, dry_run) for name in originals]


def _one(
    name: str, copy: Path, originals: dict[str, Notebook], in_use: set[Path], dry_run: bool
) -> Outcome:
    """Bring one copy up to date."""
    found = Outcome(name, "added")
    try:
        if not os.path.lexists(copy):
            if not dry_run:
                copies.write_fresh(copy, originals[name])
            return found
        content = b""
        with suppress(OSError):  # a link that leads nowhere, a folder
            content = copy.read_bytes()
        mine = stamps.parse_notebook(content)
        state, merged, changes = judge(mine, copy.name, name, originals)
        was = "" if copy.name == name else copy.name
        found = Outcome(name, state, changes, was=was)
        if not merged or (merged == mine and not was):
            return found  # kept is written below, if only stamps are renewed
        if {copy.resolve(), copy.parent.resolve()} & in_use:
            return found._replace(state="open") if found.state == "updated" else found
        if dry_run:
            return found
        if found.state == "updated":
            before = copy.parent / BEFORE
            before.mkdir(exist_ok=True)
            write_whole(before / name, content)
        made = stamps.as_file(merged)
        _keep_trust(content, made)
        if copy.read_bytes() != content:
            return found._replace(state="open")  # it was saved just now
        # first the name: killed here, it is found by that
        placed = copy.rename(copy.with_name(name)) if was else copy
        try:
            write_whole(placed, made)
        except OSError:
            if was:
                placed.rename(copy)
            raise
    except OSError as error:
        return found._replace(state="failed", reason=str(error.strerror or error))
    return found


def _keep_trust(old: bytes, made: bytes) -> None:
    """Have Jupyter show what ran here before: maps in a notebook it does not trust are gone."""
    from nbformat import reads, sign

    # what is not trusted can be run again
    with suppress(Exception), warnings.catch_warnings(action="ignore"):
        notary = sign.NotebookNotary()
        if notary.check_signature(reads(old.decode("utf-8"), as_version=4)):
            notary.sign(reads(made.decode("utf-8"), as_version=4))


def report(folder: Path, found: list[Outcome], dry_run: bool = False) -> list[str]:
    """Say what `update` did, lesson by lesson, and what it left alone and why."""
    lines = [_("Your lessons are in {folder}", folder=folder)]
    if dry_run:
        lines.append(_("Nothing is changed yet. `course update` would do this:"))
    updated = [one for one in found if one.state == "updated"]
    for one in updated:
        new = _("{lesson} (its new name; until now {was})", lesson=one.lesson, was=one.was)
        lines.append(new if one.was else one.lesson)
        for what, say in _DONE.items():
            if places := [change.place for change in one.changes if change.what == what]:
                where = "; ".join(filter(None, dict.fromkeys(places)))
                lines.append(f"    {say.format(count=len(places))}: {where}".rstrip(": "))
    if names := ", ".join(one.lesson for one in found if one.state == "added"):
        lines.append(_("New in your folder: {names}.", names=names))
    for state, say in _LEFT.items():
        for why in {one.reason: None for one in found if one.state == state}:
            left = (one for one in found if (one.state, one.reason) == (state, why))
            names = ", ".join(one.was or one.lesson for one in left)
            lines.append(say.format(names=names, why=why))
    if updated and not dry_run:
        lines.append(_("As they were before: {folder}", folder=folder / BEFORE))
    elif all(one.state == "kept" for one in found):
        lines[1:] = [_("Everything is up to date.")]
    return lines
