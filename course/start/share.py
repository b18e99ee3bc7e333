"""``course share``: a student lets a teacher see how far they are, by choice.

One file in a folder that both can open is written anew after each check, in a thread of its
own: a disk that is slow, full or gone delays and spoils nothing.
"""

import argparse
import atexit
import errno
import json
import os
import re
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from course.errors import CourseError
from course.exercises import journal
from course.paths import student_dir, sweep, write_whole
from course.start import copies
from course.words import _, clean

_STATE = f"{journal.FOLDER}/share"  # in the student's folder: its path, that of the file
# ~/a, ~me/a, C:\a, /a/b; in quotes it may hold spaces, and quotes of another kind
_ROOT = r"(?:(?:~(?:[^\W\d][\w.-]*)?|[A-Za-z]:)[\\/]+(?=\w)|[\\/]+[\w.~-]+[\\/])"
_PATH = re.compile(rf"(?s)(?<=([`'\"])){_ROOT}(?:(?!\1).)*|(?<!\w){_ROOT}[^\s`'\"]*")
_due = threading.Event()
_job: dict[str, Any] = {"thread": None, "since": 0, "trouble": "", "said": ""}


def options(parser: argparse.ArgumentParser) -> None:
    """Say what ``course share`` takes."""
    text = _("a folder that your teacher can open; without it: what you share now")
    parser.add_argument("to", nargs="?", type=Path, metavar="TO", help=text)
    text = _("the name of your file there")
    parser.add_argument("--as", dest="name", default="", metavar="NAME", help=text)
    parser.add_argument("--stop", action="store_true", help=_("delete your file"))
    parser.add_argument("--yes", action="store_true", help=_("do not ask"))


def run(args: argparse.Namespace) -> None:
    """Carry out ``course share``."""
    if "COURSE_FOLDER" not in os.environ:  # in a terminal of the student's own
        here = Path.cwd()  # whatever lessons there are: the journal is what is shared
        folder = here if (here / journal.FOLDER).is_dir() else copies.find_folder(None)
        os.environ["COURSE_FOLDER"] = str(folder)
    print(share(args.to, args.name, stop=args.stop, yes=args.yes))


def share(
    to: str | Path | None = None, name: str = "", *, stop: bool = False, yes: bool = False
) -> str:
    """Share how far you are: one small file, renewed after each check.

    What is in it, who can read it and how to delete it is said before, and asked.

    Args:
        to: a folder that your teacher can open; None changes nothing.
        name: the name of your file there; if you name none, that of your own folder, or of your
            account on a hub.
        stop: delete the file, and share no more.
        yes: do not ask.

    Returns:
        What you share now, in words.

    Raises:
        CourseError: you said no, or it cannot be done.
    """
    own = student_dir().resolve()
    state = own / _STATE
    shared = _file(state)
    if not own.is_dir():
        raise CourseError(_("Your lessons are not here. Go to the folder you work in first."))
    if stop and shared:
        state.unlink(missing_ok=True)
        try:
            sweep(shared.parent, shared.name)
            shared.unlink(missing_ok=shared.parent.is_dir())
        except OSError as error:
            say = _("{file} is renewed no more, but you must delete it yourself ({reason}).")
            raise CourseError(say.format(file=shared, reason=error.strerror)) from error
    if stop or not (to or shared):
        return _("You share nothing. `course share FOLDER --as NAME` begins it.")
    name = name or (shared.stem if shared else "")
    file = _chosen(own, Path(to), name) if to else shared or state
    if shared and shared != file:
        say = _("You share {file}. Say `course share --stop` first.", file=shared)
        raise CourseError(say)
    try:
        if not shared:
            _ask(file, yes)
            state.parent.mkdir(exist_ok=True)
            write_whole(file, b"", new=True)  # nobody else's is replaced
            with suppress(OSError):  # some disks know no permissions
                file.chmod(0o644)  # the teacher is to read it
            write_whole(state, os.fsencode(f"{state}\n{file}\n{_number(state)}"))
        _write(state)
        _job["trouble"] = ""
    except OSError as error:
        say = _("{file} cannot be written ({reason}). Choose another folder or --as NAME.")
        reason = error.strerror or _("it is there already")
        raise CourseError(say.format(file=file, reason=reason)) from error
    return _("You share {file}. `course share --stop` deletes it.", file=file)


def renew() -> tuple[str, ...]:
    """Have what is shared written anew soon; return what the student should know, once."""
    with suppress(OSError, RuntimeError):  # no folder, no thread
        if not (student_dir() / _STATE).is_file():
            return ()
        _due.set()
        if not _job["thread"]:
            _job["thread"] = threading.Thread(target=_work, daemon=True)
            _job["thread"].start()
    late = _job["since"] and time.monotonic() - _job["since"] > 30
    before, _job["said"] = _job["said"], _("it does not answer") if late else _job["trouble"]
    if _job["said"] in ("", before):
        return ()
    words = _(
        "What you share is not renewed just now ({reason}). Your own progress is kept as ever.",
        reason=_job["said"],
    )
    return (words,)


def _work() -> None:
    while _due.wait():
        _job["since"] = time.monotonic()
        _due.clear()
        try:
            _write(student_dir() / _STATE)
            _job["trouble"] = ""
        except Exception as error:  # a thread that ends says nothing to anybody
            _job["trouble"] = str(getattr(error, "strerror", None) or type(error).__name__)
        _job["since"] = 0


@atexit.register
def _finish() -> None:
    """Let the last check be shared, if the disk is not slow."""
    end = time.monotonic() + 2
    while (_due.is_set() or _job["since"]) and time.monotonic() < end:
        time.sleep(0.01)


def _write(state: Path) -> None:
    """Write the shared file anew, and again if another kernel added to the journal."""
    before, file = None, _file(state)
    while file and before != (now := {path: path.stat().st_size for path in journal.sources()}):
        before = now
        if file.is_symlink():  # it would be followed
            raise OSError(errno.ELOOP, _("a link stands in its place"))
        if file.parent.is_dir() and not file.exists():  # who deletes it wants no new one
            raise OSError(errno.ENOENT, _("it was deleted; `course share --stop` ends this"))
        write_whole(file, _content())
        if _file(state) != file:  # stopped in the meantime
            file.unlink(missing_ok=True)
            return


def _content() -> bytes:
    """Return the journal without a path, and of a verdict without a text of the student."""
    rows = ""
    for line in sorted({*journal.read_files(journal.sources())[0]})[-10_000:]:
        row = line._asdict() | {"mistake": _PATH.sub("…", clean(line.mistake, 300))}
        blank = {"says": "", "would_change": "", "evidence": []}
        row["verdict"] = line.verdict.value | blank if line.verdict else ""
        rows += "\n" + json.dumps({key: value for key, value in row.items() if value != ""})
    return rows.encode("ascii")


def _file(state: Path) -> Path | None:
    """Return the shared file, if there is one; who copies a folder has not agreed to share."""
    with suppress(OSError, ValueError):
        own, file, number = os.fsdecode(state.read_bytes()).split("\n")
        renamed = number == _number(state) and not Path(own).exists()
        return Path(file) if renamed or Path(own) == state.resolve() else None
    return None


def _number(state: Path) -> str:
    """Return what a folder keeps when it is renamed, and a copy of it does not have."""
    return str(state.parent.stat().st_ino)


def _chosen(own: Path, to: Path, name: str) -> Path:
    usual = own.name if own.name != copies.FOLDER else os.environ.get("JUPYTERHUB_USER", "")
    name = name.strip() or usual
    if not name:
        say = _("Give your file a name: course share {to} --as NAME")
        raise CourseError(say.format(to=to))
    if len(name) > 60 or re.search(r'^\.|[/\\:*?"<>|\x00-\x1f\x7f]', name):
        raise CourseError(_("Name your file with letters, digits and spaces: --as NAME"))
    place = to.expanduser().resolve()
    if not place.is_dir() or place in (own, own / journal.FOLDER):
        say = _("'{to}' is no folder that you share with your teacher. Ask for it.", to=to)
        raise CourseError(say)
    return place / f"{name}.jsonl"


def _ask(file: Path, yes: bool) -> None:
    say = _(
        "You are about to share one file: {file}\n"
        "In it: which exercises you tried and when, the hints you took, whether an answer "
        "passed, what the check said (that may quote your answer), the word and confidence of "
        "your verdicts. Its name is the only name. It is renewed after each check.\n"
        "Not in it: your notebooks, your texts, any path of this computer.\n"
        "All who can open that folder can read it. `course share --stop` deletes it, in a "
        "notebook course.share(stop=True).",
        file=file,
    )
    print(say)
    try:
        said = "y" if yes else input(_("Share it? (y/n) ")).strip().casefold()
    except (EOFError, NotImplementedError):  # nobody is there to answer
        said = ""
    if said not in ("y", "yes", _("yes")):
        raise CourseError(_("Nothing is shared. --yes agrees unasked, in a notebook yes=True."))
