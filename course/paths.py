"""Where files are, whether the course's own are still whole, and how a file is written.

``course doctor`` rests on this: it imports the standard library and its neighbours only.
"""

import base64
import csv
import hashlib
import os
import secrets
import shutil
import time
from contextlib import suppress
from functools import cache
from glob import escape
from pathlib import Path

from course.errors import CourseError
from course.words import _

_HERE = Path(__file__).resolve().parent


def data_dir() -> Path:
    """Return the folder of the data package (inside the wheel, or in a clone)."""
    return _bundled("data")


def lessons_dir() -> Path:
    """Return the folder of the untouched lessons (inside the wheel, or in a clone)."""
    return _bundled("lessons")


def student_dir() -> Path:
    """Return the folder that holds the student's own copies and progress.

    ``course start`` names it in the environment variable ``COURSE_FOLDER``;
    a notebook opened by other means uses its own working directory.
    """
    return Path(os.environ.get("COURSE_FOLDER") or Path.cwd())


def _bundled(name: str) -> Path:
    inside = _HERE / f"_{name}"
    return inside if inside.is_dir() else _HERE.parent / name


@cache
def recorded() -> dict[Path, str]:
    """Return what pip's RECORD, beside this very package, says of its files.

    Returns:
        Absolute path to ``"sha256=..."``. Empty in a clone and in an editable
        install: these have git.
    """
    from importlib.metadata import distributions

    root, rows = _HERE.parent, list[list[str]]()
    with suppress(OSError, ValueError, csv.Error):
        for found in distributions(name="amur-course", path=[str(root)]):
            rows += csv.reader((found.read_text("RECORD") or "").splitlines())
    return {root / row[0]: row[1] for row in rows if len(row) > 1 and row[1]}


def altered(path: Path, record: str | None = None) -> bool:
    """Tell whether an installed file is no longer what was installed.

    Args:
        path: a file of the course, such as ``data_dir() / "claims.csv"``.
        record: the hash on record, for a file of another package.

    Returns:
        True if RECORD holds a hash of the file and its content has another, or is
        not to be had; False if they agree, or there is no record of it.
    """
    if record is None:
        record = recorded().get(Path(os.path.abspath(path)), "")
    kind, _sign, expected = record.partition("=")
    if kind not in hashlib.algorithms_available:
        return False
    try:
        digest = hashlib.new(kind, path.read_bytes()).digest()
    except OSError:
        return True
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=") != expected


def write_whole(path: Path, content: bytes, *, new: bool = False) -> None:
    """Write a file in full or not at all, so that a full disk costs no old content.

    Of a link, what it leads to is rewritten; permissions stay; a device takes the bytes.
    A failed attempt leaves nothing, and what a killed one left goes with the next.

    Args:
        path: the file; its folder exists.
        content: all of its bytes.
        new: write over nothing, not even over a link that leads nowhere.

    Raises:
        FileExistsError: it was to be new, and there is one, be it for a moment.
        OSError: it cannot be written; what was there before is as it was.
    """
    target = Path(os.path.realpath(path))
    stem = sweep(target.parent, path.name)
    if new and os.path.lexists(path):
        raise FileExistsError(path)
    if path.exists() and not path.is_file():
        path.write_bytes(content)  # a folder refuses them
        return
    beside = target.with_name(f"{stem}{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # a full disk must be noticed here
        if new:
            with suppress(OSError):  # a memory stick knows no links
                os.link(beside, target)
                return
            target.open("xb").close()
        elif target.exists():
            target.open("r+b").close()  # what may not be written stays as it is
            with suppress(OSError):  # some disks know no permissions
                shutil.copymode(target, beside)
        for pause in (0.05, 0.1, 0.2):
            with suppress(PermissionError):  # Windows: someone is reading it just now
                beside.replace(target)
                return
            time.sleep(pause)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def write_page(path: str | Path, page: str) -> Path:
    """Write an HTML page for a student, over nothing but an older page.

    Args:
        path: where to, for example ``"map.html"``.
        page: HTML.

    Returns:
        The path written.

    Raises:
        CourseError: the name is not that of a page, or it cannot be written there.
    """
    try:
        target, ending = Path(path), Path(os.path.realpath(path)).suffix.lower()
        if ending not in {".html", ".htm"} and (target.is_file() or not target.exists()):
            raise ValueError(_("that is not the name of a page"))
        write_whole(target, page.encode("utf-8"))
    except (OSError, ValueError, TypeError) as error:
        say = _(
            "The page cannot be saved as {path} ({reason}). Choose a folder that exists and "
            "that you may write to, and a name that ends in .html."
        )
        raise CourseError(
            say.format(path=path, reason=getattr(error, "strerror", None) or error)
        ) from error
    return target


def sweep(folder: Path, name: str) -> str:
    """Remove what killed writers of a file left; return how the names of such begin."""
    stem = f".{name[:40]}."  # then the process
    for left in folder.glob(f"{escape(stem)}*-*.part"):
        with suppress(OSError, ValueError, OverflowError):
            if os.name == "posix":  # elsewhere a file in use cannot be removed
                with suppress(ProcessLookupError):
                    os.kill(int(left.name.removeprefix(stem).partition("-")[0]), 0)
                    continue
            left.unlink()
    return stem
