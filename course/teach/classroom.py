"""``course class``: where a class is and what is hard, by the journals that students share.

A journal is the student's own word, by the clock of the student's computer: a help, no grade.
"""

import argparse
import gc
import hashlib
import json
import re
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.progress import track
from rich.table import Table
from rich.text import Text

from course.data import read
from course.description import table
from course.errors import CourseError
from course.exercises import journal
from course.exercises.show import DONE, LOOKS
from course.exercises.spread import Spread, Stamp, lay, nothing, read_student, students
from course.exercises.verdict import scale
from course.lessons import lessons, room
from course.paths import write_page
from course.words import _, clean, plural

_STUCK, _AWAY = timedelta(minutes=10), timedelta(minutes=30)
_BURST = timedelta(seconds=30)  # in which all cells of a lesson are run
_SKEW = timedelta(minutes=2)  # by which clocks may differ
_BEGAN = datetime(2026, 11, 1, tzinfo=UTC)  # no journal is older than the course
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">{again}
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'"><title>{title}</title><style>
:root {{ color-scheme: light dark; font: 16px/1.4 system-ui, "Noto Sans", sans-serif; }}
.course-table {{ max-height: none !important; overflow-x: auto; }}
@page {{ size: A4 landscape; margin: 12mm; }}
@media print {{ :root {{ font-size: 9pt; }} tr {{ break-inside: avoid; }}
  h2 {{ break-after: avoid; }} th {{ position: static !important; }}
  .course-table {{ overflow: visible !important; }} }}
</style></head><body><main><h1>{title}</h1>{body}</main></body></html>
"""


@dataclass
class Classroom:
    """What `classroom` returns; a notebook shows it.

    Attributes:
        students: one row per student, who is stuck first (``stuck`` in minutes).
        exercises: one row per exercise: by how many it was tried and passed, medians of
            ``tries`` and of ``minutes`` between them, the usual mistake and ``by`` how many.
        verdicts: as from `course.spread`.
        summary: the time, how many are stuck, and what all this is worth, in words.
    """

    students: pd.DataFrame
    exercises: pd.DataFrame
    verdicts: Spread
    summary: str

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return what is shown: heading -> rows; of exercises, the hardest first."""
        hard, said = self.exercises.query("tried > 0").round(1), self.verdicts
        hard = hard.assign(left=hard["tried"] - hard["passed"])
        hard = hard.sort_values(["left", "tries"], ascending=False).drop(columns="left")
        hard = hard if hard["mistake"].any() else hard.drop(columns=["mistake", "by"])
        said = said[said[["students", "drafts"]].any(axis="columns")].round(1)
        shown = {
            _("Students"): self.students[["exercise", "state", "passed", "seen", "note"]],
            _("What is hard"): hard,
            _("Verdicts"): said.drop(columns="confidence_sd"),
        }
        names = {"minutes": _("minutes between"), "mistake": _("usual mistake")}
        names |= {"by": _("made by")}
        named = {head: rows.reset_index().rename(columns=names) for head, rows in shown.items()}
        return {head: rows for head, rows in named.items() if len(rows)}

    def _repr_html_(self) -> str:
        shown = ((head, table(rows, len(rows))) for head, rows in self.tables().items())
        parts = (f"<h2>{head}</h2>{rows._repr_html_()}" for head, rows in shown)
        return f"<p>{self.summary}</p>{''.join(parts)}"

    def to_html(self, path: str | Path, every: int = 0) -> Path:
        """Write a page that needs no network, and prints.

        Args:
            path: where to.
            every: seconds after which a browser reads it again; 0 for never.

        Raises:
            CourseError: it cannot be written there.
        """
        again = f'<meta http-equiv="refresh" content="{every}">' if every else ""
        title, body = _("Where the class is"), self._repr_html_()
        return write_page(path, _PAGE.format(again=again, title=title, body=body))

    def to_json(self) -> str:
        """Return the three tables as JSON, each a list of rows."""
        names = ("students", "exercises", "verdicts")
        texts = [getattr(self, name).reset_index().to_json(orient="records") for name in names]
        return json.dumps(dict(zip(names, map(json.loads, texts), strict=True)), indent=1)


def classroom(
    folder: str | Path,
    hide_names: bool = False,
    *,
    now: datetime | None = None,
    progress: bool = False,
) -> Classroom:
    """See where a class is.

    Stuck is who has tried one exercise twice or more over at least ten minutes, with no
    break of half an hour, has not passed it, and was seen in the last ten minutes.

    Args:
        folder: what students share: their files, their folders, or the homes of a hub.
        hide_names: put a code in place of each name; it stays with the student.
        now: the moment to judge by, with its time zone; this one if None.
        progress: show in a terminal how much is read.

    Raises:
        CourseError: there is no such folder, or no journal in it.
    """
    now, seen, rows = now or datetime.now(UTC), dict[str, dict[str, Any]](), []
    every: Iterable[tuple[str, list[Stamp]]] = students(folder).items()
    if progress and sys.stderr.isatty():
        bar = Console(stderr=True)
        every = track([*every], _("Reading"), console=bar, transient=True)
    for name, stamps in every:
        one = _student(tuple(stamps))
        # no code of a name: whoever knows the class could try its names
        key = one["session"] or str(stamps[0][0])
        code = _code(key) if hide_names else _printable(name, 60)
        while code in seen:  # they only look alike
            code += "'"
        seen[code] = one
        rows.append({"student": code} | _row(one, now))
    if all(row["note"] and not row["last"] for row in rows):
        raise nothing(folder, [row["note"] for row in rows])
    rows.sort(key=lambda row: (-(row["stuck"] or 0), row["student"].casefold()))
    who = pd.DataFrame(rows).astype({"stuck": "Int64", "passed": "Int64"}).set_index("student")
    count = plural("{count} is stuck.", "{count} are stuck.", int(who["stuck"].count()))
    say = _("{now:%Y-%m-%d %H:%M}. {count} Journals are the students' own word: no grade.")
    said = say.format(now=now.astimezone(), count=count)
    hard = _hard([*seen.values()], who["exercise"][who["stuck"].notna()])
    return Classroom(who, hard, lay(one["entries"] for one in seen.values()), said)


def _row(one: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return what there is to say now of a student, by what `_student` returns."""
    task, last, trouble = one["exercise"], one["last"], "; ".join(one["trouble"])
    entry, work, stuck = one["entries"].get(task, journal.Entry()), one["work"], None
    tries = plural("{count} try", "{count} tries", entry.tries)
    seen = "" if trouble else _("not yet")
    state = f"{LOOKS[entry.status][1]}, {tries}" if task else ""
    if last and (not _BEGAN < last < now + _SKEW or one["jumped"]):
        seen = _("clock?")
    elif last:
        ago = max((now - last) // timedelta(minutes=1), 0)
        seen = plural("{count} minute ago", "{count} minutes ago", ago)
        seen = seen if ago < 60 else f"{last.astimezone():%Y-%m-%d %H:%M}"
        at_it = work and work.tries > 1 and not work.done and last - work.seen <= _AWAY
        if at_it and last - work.since >= _STUCK >= now - last:
            stuck = (last - work.since) // timedelta(minutes=1)
            state = _("stuck for {count} minutes, {tries}", count=stuck, tries=tries)
    row = {"lesson": task[:2], "exercise": task, "status": entry.status, "tries": entry.tries}
    passed = one["passed"] if last or not trouble else None  # nobody knows
    row |= {"passed": passed, "stuck": stuck, "last": last and last.isoformat()}
    return row | {"state": state, "seen": seen, "note": trouble}


@dataclass
class _Work:
    """What a student did at an exercise."""

    since: datetime  # the first try after the last break
    seen: datetime  # the last try or hint
    tried: datetime | None = None
    tries: int = 0  # since then
    done: bool = False


_Gap = tuple[str, float]  # exercise, minutes from one try to the next
_Followed = tuple[dict[str, _Work], list[_Gap], dict[tuple[str, str], str]]


def _followed(lines: list[journal.Line]) -> _Followed:
    """Return the work at each exercise, the gaps, and mistakes by exercise and kind."""
    works, gaps, mistakes = dict[str, _Work](), list[_Gap](), dict[tuple[str, str], str]()
    for line in lines:
        task, tried = line.exercise, line.status != journal.RANKS[0]
        if not (tried or line.hints):
            continue
        at = datetime.fromisoformat(line.time)
        work = works.setdefault(task, _Work(at, at))
        if at - work.seen > _AWAY:
            work.tries = 0
        work.seen = at
        if work.done or not tried:
            continue
        gap, work.tried = at - (work.tried or at), at
        if timedelta() < gap <= _AWAY:
            gaps.append((task, gap / timedelta(minutes=1)))
        work.since = work.since if work.tries else at
        work.tries += 1
        work.done = line.status in DONE
        if line.mistake and not work.done:
            text = _printable(line.mistake.partition("\n")[0], 300)
            mistakes[task, re.sub(r"\d[\d.,\s]*", "#", text)] = text
    return works, gaps, mistakes


@lru_cache(2_000)
def _student(stamps: tuple[Stamp, ...]) -> dict[str, Any]:
    """Return what the journals of a student say; they are read again when they change."""
    lines, trouble = read_student(stamps)
    lines.sort()
    entries, tasks, moment = journal.merged(lines), _tasks(), datetime.fromisoformat
    if strange := len(entries.keys() - tasks - {*read("claims")["claim_id"]}):
        one, many = _("{count} exercise is unknown"), _("{count} exercises are unknown")
        trouble.append(plural(one, many, strange))
    known = [line for line in lines if line.exercise in tasks]
    works, gaps, mistakes = _followed(known)
    here = known[-1].exercise if known else ""
    end = moment(lines[-1].time) if lines else _BEGAN

    def rank(task: str) -> tuple[int, datetime, str]:
        """Who runs all cells checks starters further down and what is done, too."""
        work = works[task]
        open_now = not work.done and end - work.seen <= _BURST
        return open_now * work.tries, work.seen, task

    here = max((task for task in works if task[:2] == here[:2]), key=rank, default=here)
    session = lines[-1].session if lines else ""
    order = sorted((x.n, moment(x.time)) for x in lines if x.session == session)
    for entry in entries.values():  # evidence is heavy
        signed = entry.verdict and {key: entry.verdict[key] for key in ("word", "confidence")}
        entry.verdict, entry.written = signed, {}
    return {
        "entries": entries, "exercise": here, "work": works.get(here), "gaps": gaps,
        "mistakes": mistakes, "trouble": trouble, "last": end if lines else None,
        "passed": sum(entries[task].status in DONE for task in entries.keys() & tasks),
        "jumped": any(b < a - _SKEW for (_n, a), (_m, b) in pairwise(order)),
        "session": next((line.session for line in lines if line.session), ""),
    }  # fmt: skip


def _hard(seen: list[dict[str, Any]], stuck: pd.Series) -> pd.DataFrame:
    """Return what `Classroom` says of each exercise."""
    every = [pair for one in seen for pair in one["entries"].items()]
    tried = [(task, e.tries, e.status in DONE) for task, e in every if e.tries]
    tries = pd.DataFrame(tried, columns=["task", "tries", "done"]).groupby("task")
    gaps = pd.DataFrame([gap for one in seen for gap in one["gaps"]], columns=["task", "gap"])
    said = [(*key, text) for one in seen for key, text in one["mistakes"].items()]
    texts = pd.DataFrame(said, columns=["task", "alike", "text"])
    texts = texts.groupby(["task", "alike"])["text"].agg(["size", "min"])
    texts = texts.sort_values(["size", "min"], ascending=[False, True]).groupby("task").first()
    rows = pd.DataFrame({"ask": _tasks()}).rename_axis("exercise")
    rows = rows.assign(tried=tries.size(), passed=tries["done"].sum())
    rows = rows.assign(stuck=stuck.value_counts(), tries=tries["tries"].median())
    rows = rows.assign(minutes=gaps.groupby("task")["gap"].median())
    rows = rows.assign(mistake=texts["min"], by=texts["size"]).fillna({"mistake": ""})
    counts = ["tried", "passed", "stuck", "by"]
    return rows.assign(**rows[counts].astype(float).fillna(0).astype(int))


@cache
def _tasks() -> dict[str, str]:
    """Return exercise -> what it asks, in the order of the course."""
    every = (task for lesson in lessons() for task in room(lesson).EXERCISES)
    return {task.id: task.told("ask", task.ask) for task in every}


def _code(key: str) -> str:
    """Return four letters by a key that tells nothing of a name."""
    digest = hashlib.sha256(clean(key).encode()).digest()
    return "".join("BCDFGHJKLMNPQRSTVWXZ"[byte % 20] for byte in digest[:4])


def _printable(text: str, most: int) -> str:
    text = clean(text, most)
    if text.isprintable():  # as nearly all are
        return text
    return "".join(one if one.isprintable() else "\ufffd" for one in text)


def options(parser: argparse.ArgumentParser) -> None:
    """Say what ``course class`` takes."""
    text = _("what students share: their files, their folders, or the homes of a hub")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help=text)
    how = parser.add_mutually_exclusive_group()
    text = _("look again every N seconds (10), until Ctrl+C")
    how.add_argument("--watch", nargs="?", type=int, const=10, metavar="N", help=text)
    how.add_argument("--json", action="store_true", help=_("write JSON, for a script"))
    text = _("write a page as well")
    parser.add_argument("--page", type=Path, metavar="FILE.html", help=text)
    parser.add_argument("--hide-names", action="store_true", help=_("codes in place of names"))


def run(args: argparse.Namespace) -> None:
    """Carry out ``course class``."""
    if args.watch is not None and not 1 <= args.watch <= 3_600:
        raise CourseError(_("--watch takes a number of seconds from 1 to 3600."))
    gc.freeze()  # what is loaded stays: a search through it for garbage takes a tenth of all
    console, view = Console(highlight=False, markup=False, emoji=False), None
    if not args.watch:
        view = classroom(args.folder, args.hide_names, progress=True)
        print(view.to_json()) if args.json else console.print(_drawn(view, console.width))
    else:
        with suppress(KeyboardInterrupt), Live(console=console, screen=True) as live:
            while True:
                try:
                    view = classroom(args.folder, args.hide_names)
                    live.update(_drawn(view, *console.size), refresh=True)
                    if args.page:
                        view.to_html(args.page, args.watch)
                except CourseError as error:  # nobody shares yet, or a disk is away
                    live.update(str(error), refresh=True)
                time.sleep(args.watch)
    if args.page and view:
        print(_("The page is in {file}.", file=view.to_html(args.page)), file=sys.stderr)


def _drawn(view: Classroom, width: int, height: int = 0) -> Any:
    """Return the tables for a terminal: in full, or what a window of a height holds."""
    drawn, words, tables = list[Any]([view.summary]), scale("verdict"), view.tables()
    left = (height or 10**6) - 1 - len(view.summary) // width  # lines
    drop = ["ask", "claim", *words]
    if width < (100 if height else 80):
        drop += ["tries", _("minutes between"), "drafts", "confidence"]
    for head, rows in tables.items():
        if left < 5:  # a table is head, names, rule, rows, and how many more
            break
        if words[0] in rows:  # in one column, without noughts
            said = [[f"{n} {word}" for word, n in row.items() if n]
                    for row in rows[words].to_dict("records")]  # fmt: skip
            rows.insert(1, _("verdicts"), [*map(", ".join, said)])
        most = max((left if head == [*tables][-1] else left // 2) - 4, 1)
        more = plural("and {count} more", "and {count} more", len(rows) - most)
        lines = Table(title=head, box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0),
                      caption=more if len(rows) > most else None,
                      title_justify="left", caption_justify="left")  # fmt: skip
        cells = rows.head(most).drop(columns=drop, errors="ignore").astype(object)
        cells = cells.map(lambda cell: "" if pd.isna(cell) else str(cell))
        cells = cells.loc[:, cells.any()]  # notes are rare
        for name, column in cells.items():
            title = str(name) if height else str(name).replace(" ", "\n")
            # only what is long gives way
            lines.add_column(title, no_wrap=column.str.len().max() <= 16)
        for row in cells.itertuples(index=False):
            lines.add_row(*(Text(one, no_wrap=height > 0, overflow="ellipsis") for one in row))
        drawn += [lines] if height else ["", lines]
        left -= lines.row_count + 4
    return Group(*drawn)
