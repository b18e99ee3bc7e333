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
import math
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
OWN = f"{FOLDER}/[!.]*.jsonl"  # what a Mac leaves beside a file on a stick begins with a dot
RANKS = ["not attempted", "cannot tell", "not yet", "passed", "written"]
_CELLS = [str | float | int | None]
_PIECE = {"what": str, "table": str, "sources": [str], "columns": [str], "rows": [_CELLS]}
_WORDS = {"word": str, "confidence": str, "says": str, "would_change": str}
SIGNED = {**_WORDS, "evidence": [_PIECE]}  # what a verdict holds
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_ID = re.compile(r"[a-z0-9_.]{1,40}")
_ISO = re.compile(r"[1-9][0-9]{3}(-[0-9]{2}){2}T([01][0-9]|2[0-3])(:[0-9]{2}){2}Z")
LONGEST = 100_000  # bytes of a verdict
MOST = 8_000_000  # bytes read of one file, some 30,000 checks


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


class _Signed(str):
    """The text of the line of a verdict, which can be compared, and what was signed."""

    value: dict[str, Any]


class Line(NamedTuple):
    """What counts in a line; lines are merged in the order of these fields."""

    time: str = ""
    session: str = ""
    n: int = 0
    exercise: str = ""
    status: str = RANKS[0]
    hints: int = 0
    tries: int = 1  # in the old file a sum
    verdict: _Signed = _Signed()
    mistake: str = ""
    v: int = 0


_EMPTY, _TYPES = Line(), [*map(type, Line())]
_pending: dict[Line, str] = {}  # not on the disk yet, oldest first
_COUNTS = range(10**6)


def _finite(text: str) -> float:
    if math.isfinite(number := float(text)):
        return number
    raise ValueError(text)


_JSON = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)
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
    text = json.dumps(raw)  # in ASCII, to be read in any encoding
    line = _line(_value(text), text)
    if line is None:
        raise ValueError(raw)
    _pending[line] = "\n" + text  # a newline first, so that nothing before it harms
    from course.start.share import renew  # which reads this journal

    return (*_save(), *renew())


def entries() -> dict[str, Entry]:
    """Return exercise -> how far it is, by all that is saved and all that is not yet."""
    _save()
    return merged({*read_files(sources())[0], *_pending})


def merged(lines: Iterable[Line]) -> dict[str, Entry]:
    """Return exercise -> how far it is, by lines of one student."""
    found: dict[str, Entry] = {}
    for line in sorted(lines):
        if line.exercise not in found:
            found[line.exercise] = Entry(first=line.time)
        entry = found[line.exercise]
        # running a lesson again from the top is no new try
        if line.status != RANKS[0] and entry.status not in RANKS[3:]:
            entry.tries += line.tries
        if line.status != entry.status:
            entry.status = max(entry.status, line.status, key=RANKS.index)
        if line.verdict:  # the latest counts, not the best
            entry.status, entry.verdict = line.status, line.verdict.value
            if line.status == RANKS[-1]:
                entry.written = entry.verdict
        entry.hints = max(entry.hints, line.hints)
        entry.last = line.time
        entry.saved &= not _pending or line not in _pending
    return found


def notes() -> tuple[str, ...]:
    """Return what the student should know: what is not saved, and what cannot be read."""
    return (*_save(), *read_files(sources())[1])


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


def read_files(paths: Iterable[Path]) -> tuple[list[Line], list[str]]:
    """Return the lines of journals, and what of them could not be read, in words."""
    lines: list[Line] = []
    trouble: list[str] = []
    for path in paths:
        found, reason = read_file(path)
        lines += found
        if reason:
            words = _("{name} could not be read in full ({reason}). It stays where it is.")
            trouble.append(words.format(name="/".join(path.parts[-2:]), reason=reason))
    return lines, trouble


def read_file(path: Path) -> tuple[list[Line], str]:
    """Return the lines of a journal, and why it is not read in full, "" if it is."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST)
    except OSError as error:
        return [], str(error.strerror)
    found = list((_old_lines if path.name == OLD else _new_lines)(data))
    reason = _("part of it is damaged") if None in found else ""
    reason = _("it is too large") if len(data) == MOST else reason
    return [line for line in found if line], reason


def _file(folder: Path, more: int) -> Path:
    """Return the file of this kernel that has room for more bytes: no reader takes all."""
    names = (f"{_SESSION}-{n}.jsonl" if n else f"{_SESSION}.jsonl" for n in itertools.count())
    return next(
        path
        for path in map(folder.joinpath, names)
        if not path.exists() or path.stat().st_size + more < MOST
    )


def sources() -> Iterator[Path]:
    """Yield the journals of the student."""
    with suppress(FileNotFoundError):  # the working directory is gone
        folder = student_dir()
        # a FIFO would be waited for, and a device never ends
        yield from filter(os.path.isfile, (folder / OLD, *folder.glob(OWN)))


def _new_lines(data: bytes) -> Iterator[Line | None]:
    """Yield the lines of a journal, None for each that is damaged."""
    # a power cut may have left zeros, an editor may have made it UTF-16
    for row in data.replace(b"\0", b"").decode("utf-8-sig", "ignore").split("\n"):
        # half a line is left by a kill or a full disk: nothing is wrong with the file
        if line := _line(_value(row), row.strip()) if len(row) > 50 else None:
            yield line
        elif row.strip() and (row[0] != "{" or row.rstrip().endswith("}")):
            yield None


def _old_lines(data: bytes) -> Iterator[Line | None]:
    """Yield what the file of release 2026.11.0 says, None for what is damaged."""
    texts = (data.decode(name, "replace") for name in ("utf-8", "utf-16"))
    # entry by entry, so that one fault costs one entry
    found = (re.split(r'"([0-9]{2}\.[0-9]{1,3})"\s*:\s*(?={)', text)[1:] for text in texts)
    parts = max(found, key=len) or ["", ""]
    for exercise, part in zip(parts[::2], parts[1::2], strict=True):
        entry = _value(part) or {}
        rows = [{"time": entry.get("first")}, entry | {"time": entry.get("last")}]
        for n, row in enumerate(rows):
            yield _line(row | {"v": 1, "n": n, "exercise": exercise}, part)


def _value(text: str) -> Any:
    """Return the first JSON object in a text, None if there is none."""
    text = text[text.find("{") :]
    try:
        return _JSON.raw_decode(text)[0]
    except (ValueError, RecursionError):
        with suppress(ValueError, RecursionError):  # one comma too many
            return _JSON.raw_decode(re.sub(r",(?=\s*[}\]])", "", text))[0]
    return None


def _line(raw: Any, text: str) -> Line | None:
    """Return what a line says, None if a value in it is not what it should be."""
    try:
        if "verdict" in raw:
            raw = raw | {"verdict": _signed(raw["verdict"], text)}
        line = Line(*map(raw.get, Line._fields, _EMPTY))  # a class has 100,000 lines
        right = (
            [*map(type, line)] == _TYPES
            and (line.v == 1 and line.status in RANKS)
            and (line.n in _COUNTS and line.hints in _COUNTS and line.tries in _COUNTS)
            and _ID.fullmatch(line.exercise)
            and _ISO.fullmatch(line.time)
            and datetime.fromisoformat(line.time)
        )
    except (AttributeError, LookupError, TypeError, ValueError):
        return None
    return line if right else None


def _signed(value: Any, text: str) -> _Signed:
    if not fits(value, SIGNED):
        raise ValueError
    # to write all of it takes longest: only if it is long, or has an escaped half character
    doubtful = len(text) > LONGEST or "\\ud" in text.lower()
    if doubtful and len(json.dumps(value, ensure_ascii=False).encode()) > LONGEST:
        raise ValueError
    signed = _Signed(text)
    signed.value = value
    return signed


def fits(value: Any, form: Any) -> bool:
    """Tell whether JSON has a form: a type, a list of one form, or a dict of several."""
    if isinstance(form, list):
        if not isinstance(value, list):
            return False
        kinds = {*map(type, value)}
        if isinstance(form[0], dict):
            return all(fits(one, form[0]) for one in value)
        if isinstance(form[0], list):  # a verdict has hundreds of cells: all rows at once
            return kinds <= {list} and fits([*itertools.chain(*value)], form[0])
        return all(issubclass(kind, form[0]) for kind in kinds)
    if isinstance(form, dict):
        same = isinstance(value, dict) and value.keys() == form.keys()
        return same and all(fits(value[name], form[name]) for name in form)
    return isinstance(value, form)
