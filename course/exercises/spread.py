"""A class's boards laid together: how far its verdicts on each claim lie apart."""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from course.data import read
from course.description import to_html
from course.errors import CourseError
from course.exercises import journal
from course.exercises.verdict import scale
from course.words import _, plural

if TYPE_CHECKING:
    from course.charts import Chart

Stamp = tuple[int, int, Path]  # changed (ns), bytes (-1: it is no file), where
_SURE = {"low": 1, "medium": 2, "high": 3}
_MOST = 200  # journals of one student
_SHADES = [0, 4, 7, 5, 1]  # of the words, in the colours of charts


class Spread(pd.DataFrame):
    """What `spread` returns: a DataFrame that can be drawn."""

    def _repr_html_(self) -> str:
        rows = self.round({"confidence": 2, "confidence_sd": 2})
        style = "<style>.course-spread td:nth-child(2) { min-width: 20em; }</style>"
        return f'{style}<div class="course-spread">{to_html(rows)}</div>'

    def chart(self) -> "Chart":
        """Draw the verdicts as one bar per claim that has some; the word of the course beside.

        Raises:
            CourseError: there are no verdicts.
        """
        import altair as alt

        from course.charts import COLOURS, chart

        words, rows = scale("verdict"), self[self["students"] > 0].reset_index()
        if rows.empty:
            raise CourseError(_("There are no verdicts to draw yet."))
        rows["line"] = rows["claim_id"] + " · " + rows["course"]
        long = rows.melt("line", words, "word", "verdicts").query("verdicts > 0")
        colours = [*(COLOURS[shade] for shade in _SHADES), "#999999"]
        shades = alt.Scale(domain=words, range=colours)
        whole = alt.Axis(format="d", tickMinStep=1)
        bars = alt.Chart(long.assign(place=long["word"].map(words.index))).encode(
            x=alt.X("verdicts:Q", title=_("Verdicts"), axis=whole),
            y=alt.Y("line:N", sort=list(rows["line"]), title=""),
            color=alt.Color("word:N", scale=shades, title="", legend=alt.Legend(orient="top")),
            order="place:Q",
        )
        number = plural("{count} student", "{count} students", self.attrs["students"])
        say = _(
            "Verdicts of {number}, one bar for each claim with any, from supported on the "
            "left to contradicted, then cannot tell. Beside each claim the word of the course.",
            number=number,
        )
        sources = _("the journals of the class, and the verdicts of the course")
        drawn = bars.mark_bar(stroke="white").properties(height=alt.Step(22))
        return chart(drawn, alt=say, sources=sources)


def spread(folder: str | Path) -> Spread:
    """Lay the boards of a class together, without a name.

    Args:
        folder: it holds a folder for each student, as ``course start`` makes it (the
            journals in ``course_journal``), or journals side by side, one for each student.

    Returns:
        DataFrame indexed by claim_id, in the order of the article: claim, the number of
        written verdicts with each word, ``students`` (all of these), ``drafts``,
        ``confidence`` (mean; low 1, medium 2, high 3) and ``confidence_sd`` (standard
        deviation, of two or more), and the word of the course. ``attrs`` holds "students",
        how many boards there are, and "skipped": sentences on what could not be read.

    Raises:
        CourseError: there is no such folder, or no journal in it.
    """
    boards: list[dict[str, journal.Entry]] = []
    skipped: list[str] = []
    for name, files in students(folder).items():
        lines, trouble = read_student(files)
        skipped += [f"{name}: {one}" for one in trouble]
        boards += [journal.merged(lines)] if lines else []
    if not boards:
        raise nothing(folder, skipped)
    found = lay(boards)
    found.attrs |= {"students": len(boards), "skipped": skipped}
    return found


def lay(boards: Iterable[dict[str, journal.Entry]]) -> Spread:
    """Return what `spread` does, by the entries of each student."""
    claims = read("claims").set_index("claim_id")
    given: list[tuple[str, str, str]] = []  # claim, word, confidence
    drafts = dict.fromkeys(claims.index, 0)
    for claim, entry in (pair for board in boards for pair in board.items()):
        if claim in drafts and entry.verdict:
            word, sure = entry.verdict["word"], entry.verdict["confidence"]
            if entry.status == "written" and word in scale("verdict") and sure in _SURE:
                given.append((claim, word, sure))
            else:
                drafts[claim] += bool(word)
    rows = pd.DataFrame(given, columns=["claim_id", "word", "confidence"])
    counts = pd.crosstab(rows["claim_id"], rows["word"])
    table = claims[["claim"]].join(counts.reindex(columns=scale("verdict"), fill_value=0))
    table = table.fillna(0).astype(dict.fromkeys(scale("verdict"), int))
    sure = rows["confidence"].map(_SURE).astype(float).groupby(rows["claim_id"])
    table["students"] = table[scale("verdict")].sum(axis="columns")
    table = table.assign(drafts=drafts, confidence=sure.mean(), confidence_sd=sure.std())
    return Spread(table.assign(course=claims["verdict"]))


def nothing(folder: str | Path, skipped: list[str]) -> CourseError:
    """Return what is said of a folder in which no student was found."""
    say = _(
        "No journal of a student was found in '{folder}'. It holds a folder for each "
        "student, with the folder course_journal in it, or journals (.jsonl).",
        folder=folder,
    )
    return CourseError(" ".join([say, *skipped[:3]]))


def students(folder: str | Path) -> dict[str, list[Stamp]]:
    """Return the journals of each student, the newest first, by the name of folder or file.

    Raises:
        CourseError: there is no such folder.
    """
    found: dict[str, list[Path]] = {}
    ours = [f"{place}{one}" for one in (journal.OLD, journal.OWN) for place in ("", "*/")]
    try:
        paths = sorted(Path(folder).iterdir())
    except OSError as error:
        say = _("'{folder}' is no folder that can be read.", folder=folder)
        raise CourseError(say) from error
    for path in paths:
        name = path.name.removesuffix(".jsonl")
        if name.startswith(".") or name == "lost+found":  # of a Mac, of a disk
            continue
        files = [path]
        with suppress(OSError):  # a home that does not answer spoils only its own row
            if not path.is_dir():
                files = [path] if name != path.name else []
            elif os.access(path, os.R_OK | os.X_OK):
                files = [one for pattern in ours for one in path.glob(pattern)]
                # a home may hold others of this kind
                files = files or [*islice(path.glob("[!.]*.jsonl"), 10 * _MOST)]
        found.setdefault(name, []).extend(files)
    return {k: sorted(map(_stamp, v), reverse=True) for k, v in found.items() if v}


def _stamp(path: Path) -> Stamp:
    try:
        about = path.stat()
    except OSError:
        return 0, -1, path
    # a FIFO would be waited for, and a device never ends
    return about.st_mtime_ns, about.st_size if stat.S_ISREG(about.st_mode) else -1, path


def read_student(stamps: Iterable[Stamp]) -> tuple[list[journal.Line], list[str]]:
    """Return the lines in a student's journals, and why some are not read, in words."""
    lines: dict[journal.Line, None] = {}  # one that is in two copies counts once
    found: list[journal.Line]
    trouble: dict[str, None] = {}
    left = 2 * journal.MOST  # bytes
    for number, (_time, size, path) in enumerate(stamps):
        if number == _MOST or left <= 0:
            trouble[_("only the first {count} journals are read", count=number)] = None
            break
        found, reason = [], _("a journal is no file, or hidden from you") if size < 0 else ""
        if size > 0:  # what is empty may be a link to /proc, and be waited for
            found, reason = journal.read_file(path)
        left -= size
        lines |= dict.fromkeys(found)
        trouble |= {reason: None} if reason else {}
    return list(lines), list(trouble)
