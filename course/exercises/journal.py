"""The student's progress: a journal that no crash and no second notebook spoils.

Each kernel adds lines of JSON to a file of its own, ``course_journal/SESSION.jsonl`` in
the student's folder, and to ``SESSION-1.jsonl`` when that is full; readers merge all
files, so nothing is locked or rewritten. A line holds no name and no path of the machine:

    {"v": 1, "time": "2026-11-28T11:56:34Z", "session": "9f3c", "n": 3, "event": "check",
     "exercise": "06.3", "course": "2026.11.0", "status": "not yet", "mistake": "..."}

The line of a verdict has its claim as ``exercise``, and what was signed as ``verdict``.
``course_progress.json`` of release 2026.11.0 is read too, and never touched.
"""

import atexit
import itertools
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from course import __version__
from course.paths import student_dir
from course.words import _

FOLDER, OLD = "course_journal", "course_progress.json"
RANKS = ["not attempted", "cannot tell", "not yet", "passed", "written"]
_CELLS = [str | float | int | None]
_PIECE = {"what": str, "table": str, "sources": [str], "columns": [str], "rows": [_CELLS]}
_WORDS = {"word": str, "confidence": str, "says": str, "would_change": str}
SIGNED = {**_WORDS, "evidence": [_PIECE]}  # what a verdict holds
_TIME = "%Y-%m-%dT%H:%M:%SZ"
LONGEST = 100_000  # bytes of a verdict
_MOST = 8_000_000  # bytes read of one file, some 30,000 checks


@dataclass
class Entry:
    """How far an exercise is; times are ISO 8601 in UTC."""

    status: str = RANKS[0]  # the best so far, one of RANKS
    tries: int = 0  # answers checked until one passed
    hints: int = 0  # how many have been shown
    verdict: dict[str, Any] = field(default_factory=dict)  # of a claim: what was signed last
    written: dict[str, Any] = field(default_factory=dict)  # and last with nothing lacking
    first: str = ""  # when it was begun
    last: str = ""  # when something last happened
    saved: bool = True  # whether all of this is on the disk


class _Line(NamedTuple):
    """What counts in a line; lines are merged in the order of these fields."""

    time: str = ""
    session: str = ""
    n: int = 0
    exercise: str = ""
    status: str = RANKS[0]
    hints: int = 0
    tries: int = 1  # in the old file a sum
    verdict: str = ""  # as JSON
    v: int = 0


_pending: dict[_Line, str] = {}  # not on the disk yet, oldest first
_numbers = itertools.count(1)
_SESSION = secrets.token_hex(8)  # a random name for this kernel


def record(event: str, exercise: str, **what: Any) -> tuple[str, ...]:
    """Add a line to the journal.

    Args:
        event: what happened, such as "check".
        exercise: its id.
        what: ``status``, ``mistake`` (the sentence of the check), ``hints`` (how many are
            out by now), ``verdict`` (what was signed on a claim).

    Returns:
        What the student should be told; empty if all is well.

    Raises:
        ValueError: a value is not what it should be.
    """
    raw = {"v": 1, "time": datetime.now(UTC).strftime(_TIME), "session": _SESSION}
    raw |= {"n": next(_numbers), "event": event, "exercise": exercise, "course": __version__}
    raw |= what
    line = _line(raw)
    if line is None:
        raise ValueError(raw)
    # in ASCII, to be read in any encoding; a newline first, so that nothing before it harms
    _pending[line] = "\n" + json.dumps(raw)
    return _save()


def entries() -> dict[str, Entry]:
    """Return exercise -> how far it is, by all that is saved and all that is not yet."""
    _save()
    return merged({*read_files(_sources())[0], *_pending})


def merged(lines: Iterable[_Line]) -> dict[str, Entry]:
    """Return exercise -> how far it is, by lines of one student."""
    found: dict[str, Entry] = {}
    for line in sorted(lines):
        entry = found.setdefault(line.exercise, Entry(first=line.time))
        # running a lesson again from the top is no new try
        if line.status != RANKS[0] and entry.status not in RANKS[3:]:
            entry.tries += line.tries
        entry.status = max(entry.status, line.status, key=RANKS.index)
        if line.verdict:  # the latest counts, not the best
            entry.status, entry.verdict = line.status, json.loads(line.verdict)
            if line.status == RANKS[-1]:
                entry.written = entry.verdict
        entry.hints = max(entry.hints, line.hints)
        entry.last = line.time
        entry.saved &= line not in _pending
    return found


def notes() -> tuple[str, ...]:
    """Return what the student should know: what is not saved, and what cannot be read."""
    return (*_save(), *read_files(_sources())[1])


@atexit.register
def _save() -> tuple[str, ...]:
    """Write what is pending; say why if that is impossible."""
    batch = dict(_pending)
    if not batch:
        return ()
    try:
        folder = student_dir() / FOLDER
        folder.mkdir(exist_ok=True)
        data = "".join(batch.values()).encode("ascii")
        with _file(folder, len(data)).open("ab") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        words = _(
            "Your progress is not saved yet: the folder course_journal cannot be written "
            "({reason}). Mend that and run a check again before you close this notebook.",
            reason=error.strerror,
        )
        return (words,)
    for line in batch:  # not clear(): a thread may have added one
        _pending.pop(line, None)
    return ()


def read_files(paths: Iterable[Path]) -> tuple[list[_Line], list[str]]:
    """Return the lines of journals, and what of them could not be read, in words."""
    lines: list[_Line] = []
    trouble: list[str] = []
    for path in paths:
        try:
            with path.open("rb") as file:
                data = file.read(_MOST)
            found = list((_old_lines if path.name == OLD else _new_lines)(data))
            lines += filter(None, found)
            reason = _("part of it is damaged") if None in found else ""
            reason = _("it is too large") if len(data) == _MOST else reason
        except OSError as error:
            reason = str(error.strerror)
        if reason:
            words = _("{name} could not be read in full ({reason}). It stays where it is.")
            trouble.append(words.format(name="/".join(path.parts[-2:]), reason=reason))
    return lines, trouble


def _file(folder: Path, more: int) -> Path:
    """Return the file of this kernel that has room for more bytes: no reader takes all."""
    names = (f"{_SESSION}-{n}.jsonl" if n else f"{_SESSION}.jsonl" for n in itertools.count())
    return next(
        path
        for path in map(folder.joinpath, names)
        if not path.exists() or path.stat().st_size + more < _MOST
    )


def _sources() -> Iterator[Path]:
    with suppress(FileNotFoundError):  # the working directory is gone
        folder = student_dir()
        # a FIFO would be waited for, and a device never ends
        yield from filter(os.path.isfile, (folder / OLD, *folder.glob(f"{FOLDER}/*.jsonl")))


def _new_lines(data: bytes) -> Iterator[_Line | None]:
    """Yield the lines of a journal, None for each that is damaged."""
    # a power cut may have left zeros, an editor may have made it UTF-16
    for row in data.replace(b"\0", b"").decode("utf-8-sig", "ignore").split("\n"):
        # half a line is left by a kill or a full disk: nothing is wrong with the file
        half = row.startswith("{") and not row.rstrip().endswith("}")
        if (line := _line(_value(row))) or (row.strip() and not half):
            yield line


def _old_lines(data: bytes) -> Iterator[_Line | None]:
    """Yield what the file of release 2026.11.0 says, None for what is damaged."""
    texts = (data.decode(name, "replace") for name in ("utf-8", "utf-16"))
    # entry by entry, so that one fault costs one entry
    found = (re.split(r'"([0-9]{2}\.[0-9]{1,3})"\s*:\s*(?={)', text)[1:] for text in texts)
    parts = max(found, key=len) or ["", ""]
    for exercise, part in zip(parts[::2], parts[1::2], strict=True):
        entry = _value(part) or {}
        rows = [{"time": entry.get("first")}, entry | {"time": entry.get("last")}]
        for n, row in enumerate(rows):
            yield _line(row, v=1, n=n, exercise=exercise)


def _value(text: str) -> Any:
    """Return the first JSON object in a text, None if there is none."""
    text = text[text.find("{") :]
    for attempt in (text, re.sub(r",(?=\s*[}\]])", "", text)):  # one comma too many
        with suppress(ValueError, RecursionError):
            return json.JSONDecoder().raw_decode(attempt)[0]
    return None


def _line(raw: Any, **more: Any) -> _Line | None:
    """Return what a line says, None if a value in it is not what it should be."""
    try:
        signed = raw.get("verdict")
        if signed is not None:
            more["verdict"] = json.dumps(signed, ensure_ascii=False, allow_nan=False)
        line = _Line(**{key: raw[key] for key in _Line._fields if key in raw} | more)
        right = [type(value) for value in line] == [type(value) for value in _Line()]
        right &= line.v == 1 and line.status in RANKS
        right &= signed is None or fits(signed, SIGNED)
        right &= len(line.verdict.encode()) <= LONGEST
        right &= all(count in range(10**6) for count in (line.hints, line.tries))
        right &= re.fullmatch(r"[a-z0-9_.]{1,40}", line.exercise) is not None
        right &= datetime.fromisoformat(line.time).strftime(_TIME) == line.time
    except (AttributeError, LookupError, TypeError, ValueError):
        return None
    return line if right else None


def fits(value: Any, form: Any) -> bool:
    """Tell whether JSON has a form: a type, a list of one form, or a dict of several."""
    if isinstance(form, list):
        return isinstance(value, list) and all(fits(one, form[0]) for one in value)
    if isinstance(form, dict):
        same = isinstance(value, dict) and value.keys() == form.keys()
        return same and all(fits(value[name], form[name]) for name in form)
    return isinstance(value, form)
