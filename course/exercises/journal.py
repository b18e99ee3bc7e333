"""The student's progress: one JSON file that no crash and no second kernel spoils.

Every change is first kept in memory. To save, the file is locked, read again, changed
and replaced in one step, so that two notebooks writing at once keep each other's
entries. The lock belongs to the operating system: it ends with the process that holds
it. It is only ever tried, never waited for without end; what could not be saved stays
in memory and is saved with the next change.
"""

import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course.paths import student_dir

NAME = "course_progress.json"
RANKS = ["not attempted", "cannot tell", "not yet", "passed"]
PATIENCE = 3.0  # seconds to wait for another notebook
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would change line ends twice

Entry = dict[str, Any]


class Damaged(Exception):
    """The file is no progress file (any more)."""


@dataclass
class Change:
    """Something that happened to one exercise.

    Attributes:
        exercise: its id.
        status: what the check said; None for a hint.
        hints: how many hints are out by now.
        text: the text of a "free" exercise.
        time: when, ISO 8601 in UTC.
    """

    exercise: str
    status: str | None = None
    hints: int = 0
    text: str | None = None
    time: str = ""


def now() -> str:
    """Return the present time, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def apply(entries: dict[str, Entry], change: Change) -> None:
    """Work a change into the entries: the best status stays, texts pile up."""
    empty = {"status": RANKS[0], "tries": 0, "hints": 0}
    entry = entries.setdefault(change.exercise, empty | {"first": change.time})
    best = entry.get("status")
    # running a lesson again from the top is no new try
    if change.status in ("not yet", "passed", "cannot tell") and best != "passed":
        entry["tries"] = _count(entry.get("tries")) + 1
    ranks = [status for status in (best, change.status) if status in RANKS]
    entry["status"] = max(ranks, key=RANKS.index, default=RANKS[0])
    entry["hints"] = max(_count(entry.get("hints")), change.hints)
    entry["last"] = change.time
    if change.text is not None:
        texts = entry.setdefault("texts", [])
        if not any(kept.get("text") == change.text for kept in texts):
            texts.append({"time": change.time, "text": change.text})


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0


class ProgressFile:
    """Progress in memory and, whenever possible, on disk."""

    def __init__(self) -> None:
        self.pending: list[Change] = []
        self._told = ""

    def path(self) -> Path:
        """Return where the file is."""
        return student_dir() / NAME

    def record(self, change: Change) -> tuple[str, ...]:
        """Keep a change and save it.

        Returns:
            What the student should be told; empty if all went well.
        """
        change.time = change.time or now()
        self.pending.append(change)
        return self.save()

    def save(self) -> tuple[str, ...]:
        """Write down what is pending; say so once if that is impossible.

        Returns:
            What the student should be told; empty if all went well.
        """
        try:
            path = self.path()
            if not self.pending and _is_whole(path):
                return ()  # to look at the progress makes no file
            notes = []
            with _locked(path):
                try:
                    content = _read(path)
                except Damaged:
                    notes.append(_set_aside(path))
                    content = _new()
                for change in self.pending:
                    apply(content["exercises"], change)
                _replace(path, content)
        except OSError as error:
            reason = error.strerror or str(error) or type(error).__name__
            if reason == self._told:
                return ()
            self._told = reason
            return (
                f"Your progress could not be saved ({reason}). Checks work all the same, "
                "and it is saved later if that becomes possible.",
            )
        self.pending.clear()
        self._told = ""
        return tuple(notes)

    def entries(self) -> dict[str, Entry]:
        """Return the progress as saved, with what is still pending."""
        try:
            content = _read(self.path())
        except (OSError, Damaged):
            content = _new()
        for change in self.pending:
            apply(content["exercises"], change)
        return content["exercises"]


def _new() -> dict[str, Any]:
    return {"format": 1, "exercises": {}}


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _new()
    except (ValueError, RecursionError) as error:
        raise Damaged from error
    entries = content.get("exercises") if isinstance(content, dict) else None
    if not isinstance(entries, dict) or not all(map(_is_entry, entries.values())):
        raise Damaged
    return content


def _is_whole(path: Path) -> bool:
    try:
        _read(path)
    except Damaged:
        return False
    return True


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict) or entry.get("status", RANKS[0]) not in RANKS:
        return False
    texts = entry.get("texts", [])
    return isinstance(texts, list) and all(isinstance(text, dict) for text in texts)


def _set_aside(path: Path) -> str:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    aside = path.with_name(f"{path.stem}.damaged-{stamp}.json")
    os.replace(path, aside)
    return (
        f"The progress file was damaged. It is kept as {aside.name}, and a new one was "
        "begun. Run your checks again to fill it."
    )


def _replace(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    # not mkstemp: whoever may read the folder, such as a teacher, may read the file
    name = path.with_name(f".{path.stem}-{secrets.token_hex(4)}.tmp")
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        for left in range(5, -1, -1):
            try:
                os.replace(name, path)
                break
            except PermissionError:  # Windows: someone is reading it just now
                if not left:
                    raise
                time.sleep(0.05)
    except BaseException:
        name.unlink(missing_ok=True)
        raise


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = os.open(path.with_name(f".{path.stem}.lock"), os.O_RDWR | os.O_CREAT, 0o666)
    try:
        deadline = time.monotonic() + PATIENCE
        while not _try_lock(handle):
            if time.monotonic() > deadline:
                raise TimeoutError(0, "another notebook is busy saving")
            time.sleep(0.02)
        yield
    finally:
        os.close(handle)  # this also gives the lock back


def _try_lock(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # this disk knows no locks: go on without
    return True
