"""Grade what a class handed in: a table, a sheet for verdicts, a page for each student.

Each notebook is a job for any executor (`course.teach.judge`). What a job found is kept in
``.grades_work`` under a hash of all that it depends on, so that a batch that was stopped goes
on, and the same notebooks give the same bytes.
"""

import argparse
import json
import multiprocessing
import os
import re
import signal
import stat
import sys
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from concurrent.futures import ProcessPoolExecutor as Pool
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from html import escape
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape as markless
from rich.progress import Progress
from rich.table import Table

from course import __version__
from course.data import read
from course.errors import CourseError
from course.exercises.verbs import exercise
from course.exercises.verdict import RUBRIC, course_lines
from course.lessons import contracts
from course.paths import write_whole
from course.teach.judge import MOST, OPEN, RANKS, UNTRIED, judge
from course.teach.sandbox import Limits, stripped
from course.words import _, plural

_WINDOW = 16  # jobs under way or waiting, whose notebooks are in memory
_MEMBERS, _FILES = 60, 20_000  # notebooks of one student; files that are looked through
_COLUMNS = ["student", "lesson", "file", "points", "of", "to_judge", "flags", "problem"]
_EXERCISE = ["student", "lesson", "exercise", "status", "points", "flag", "words"]
_SIGNED = ["claim", "word", "confidence", "says", "would_change", "evidence", "note"]
_VERDICT = [*_EXERCISE[:3], *_SIGNED, "course", "points", "comment"]
_KEY = ("student", "exercise", "says")  # of a verdict
_BESIDE = ("_exercises.csv", "_verdicts.csv", "_verdicts.html", "_feedback")
_NOTHING: dict[str, Any] = {"lesson": "", "flags": [], "problems": [], "exercises": []}
_STATUS = [_("… not attempted"), _("? cannot tell"), _("✗ not yet"), _("✎ to judge")]
_TOLD = dict(zip(RANKS, [*_STATUS, _("✓ passed")], strict=True))
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}"
    "section{border-top:1px solid #999;break-inside:avoid;overflow-wrap:anywhere}"
    "@media print{body{margin:0;font-size:11pt}}"
)


def options(parser: argparse.ArgumentParser) -> None:
    """Say what ``course grade`` takes."""
    parser.allow_abbrev = False  # --no-sandbox is said in full
    text = _("a folder with a folder, a .zip or a notebook for each student")
    parser.add_argument("submissions", type=Path, metavar="SUBMISSIONS", help=text)
    text = _("the table to write; the other files go beside it")
    parser.add_argument("--out", type=Path, default=Path("grades.csv"), help=text)
    text = _("run strangers' code as you, with all that you may read and do")
    parser.add_argument("--no-sandbox", action="store_true", help=text)
    text = _("address of a Dask scheduler that shares out the work")
    parser.add_argument("--scheduler", metavar="ADDRESS", help=text)
    text = _("processes at a time (one for each core, if you do not say)")
    parser.add_argument("--workers", type=int, default=0, metavar="N", help=text)
    parser.add_argument("--json", action="store_true", help=_("print the table as JSON"))


def run(args: argparse.Namespace) -> int:
    """Carry out ``course grade``."""
    if args.no_sandbox:
        say = _("Without a sandbox, notebooks can read, change and send all that you can.")
        print(say, file=sys.stderr)
    table = grade(
        args.submissions, args.out, sandbox=not args.no_sandbox, workers=args.workers,
        executor=_cluster(args.scheduler) if args.scheduler else None,
        limits=Limits.named(os.environ.get("COURSE_GRADE_LIMITS", "")),
    )  # fmt: skip
    if kept := table.attrs.get("kept"):
        say = _(
            "Some verdicts changed after they were judged: the sheet as it was is in {kept}."
        )
        print(say.format(kept=kept), file=sys.stderr)
    if args.json:
        print(table.to_json(orient="records", force_ascii=False))
        return 0
    shown = Table(*[name for name in _COLUMNS if name != "file"])
    for row in table.drop(columns="file").astype(str).itertuples(index=False):
        shown.add_row(*map(markless, row))
    Console().print(shown)
    say = _("Written: {out}, and beside it the verdicts to judge and a page for each student.")
    print(say.format(out=args.out))
    return 0


def grade(
    submissions: Path,
    out: Path,
    *,
    executor: Executor | None = None,
    sandbox: bool = True,
    workers: int = 0,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
) -> pd.DataFrame:
    """Grade the notebooks of a class.

    Args:
        submissions: holds a folder, a .zip or a notebook for each student.
        out: the table to write, such as ``grades.csv``. Beside it: ``grades_exercises.csv``,
            ``grades_verdicts.csv`` and ``.html`` (verdicts that a person judges; points
            filled in there count the next time), ``grades_feedback`` (a page for each
            student) and ``.grades_work``.
        executor: takes the jobs; a pool of processes of its own if None.
        sandbox: whether notebooks run behind bubblewrap.
        workers: processes of that pool; 0 for one on each core.
        limits: what one notebook may use.

    Returns:
        The table: one row for each student and lesson; points and of (1 for each
        exercise), to_judge (how many verdicts wait), flags and problem (for the teacher).

    Raises:
        CourseError: nothing can be graded, or written, or there is no sandbox.
    """
    out = Path(os.path.abspath(out))
    if out.is_dir() or out.suffix != ".csv":
        raise CourseError(_("Name a file that ends in .csv, such as --out grades.csv."))
    if workers < 0:
        raise CourseError(_("The number of workers is 1 or more."))
    if os.name != "posix":
        raise CourseError(_("Grading needs Linux or macOS: use WSL, or the container."))
    work = out.with_name(f".{out.stem}_work")
    ours = {out, work, *(out.with_name(out.stem + end) for end in _BESIDE)}
    try:
        entries = sorted(Path(os.path.abspath(submissions)).iterdir())
        entries = [one for one in entries if one.name[0] not in "._" and one not in ours]
        files = [file for one in entries for file in _files(one)]
        if not files:
            say = _("There is nothing to grade in {folder}: no folder, .zip or notebook.")
            raise CourseError(say.format(folder=submissions))
        work.mkdir(parents=True, exist_ok=True)
        sheet = out.with_name(f"{out.stem}_verdicts.csv")
        marks = _marks(sheet)
        hidden = [os.path.abspath(submissions), str(out.parent)]
        setting = {"wall": sandbox, "limits": asdict(limits), "hidden": hidden}
        found = _found(files, work, setting, executor, workers)
        tables = _tables(files, found, marks)
        keys = {tuple(map(_safe, key)) for key in tables[2][[*_KEY]].itertuples(index=False)}
        if any("".join(mark) and key not in keys for key, mark in marks.items()):
            old = sheet.read_bytes()  # the verdict was changed since; the mark is not lost
            write_whole(work / f"verdicts_{sha256(old).hexdigest()[:8]}.csv", old)
            tables[0].attrs["kept"] = str(work)
        _write(out, *tables)
    except OSError as error:
        say = _("{path} cannot be used: {reason}.")
        say = say.format(path=error.filename or out, reason=error.strerror or error)
        raise CourseError(say) from error
    return tables[0]


# --- what was handed in ------------------------------------------------------------------


@dataclass
class _File:
    """A notebook that was handed in, or what stands in its place."""

    student: str
    name: str
    read: Callable[[], bytes] = bytes
    problem: str = ""


def _files(entry: Path) -> Iterator[_File]:
    """Yield the notebooks of one entry; one with a problem if there is none."""
    student, trouble = entry.name if entry.is_dir() else entry.stem, list[OSError]()
    if entry.suffix == ".ipynb" and (early := re.match(r"(.+?)[ _-]+\d\d_", student)):
        student = early[1]
    file = partial(_File, _legible(student))
    found = list[_File]()
    paths = islice(_walk(entry, trouble), _FILES) if entry.is_dir() else [entry]
    for path in sorted(paths):
        name, kind = _legible(os.path.relpath(path, entry.parent)), path.suffix.lower()
        try:
            if kind not in (".ipynb", ".zip"):
                continue
            if path.is_symlink() or not path.is_file():
                say = _("{name} is a link, or no file. Hand in the notebook itself.", name=name)
                found.append(file(name, problem=say))
            elif kind == ".ipynb":
                found.append(file(name, partial(_head, path)))
            else:
                for one in _members(path):
                    name_in = f"{name}/{_legible(one.filename)}"
                    found.append(file(name_in, partial(_head, path, one)))
        except Exception as error:  # a zip can be damaged in many ways
            found.append(file(name, problem=_unopened(error)))
    found += [file(entry.name, problem=_unopened(error)) for error in trouble]
    if len(found) > _MEMBERS:
        say = _("Only the first {count} notebooks are graded.", count=_MEMBERS)
        found[_MEMBERS:] = [file(entry.name, problem=say)]
    yield from found or [file(entry.name, problem=_("There is no notebook in it."))]


def _walk(folder: Path, trouble: list[OSError]) -> Iterator[Path]:
    if folder.is_symlink():
        return
    for above, folders, names in os.walk(folder, onerror=trouble.append):
        folders[:] = sorted(one for one in folders if one[0] not in "._")
        yield from (Path(above, one) for one in names if one[0] != ".")


def _members(path: Path) -> list[zipfile.ZipInfo]:
    """List the notebooks in a zip; nothing is ever unpacked to a name of its choice."""
    if path.stat().st_size > MOST:
        raise ValueError(_("it is too large"))
    with zipfile.ZipFile(path) as packed:
        every = sorted(packed.infolist()[:_FILES], key=lambda one: one.filename)
    found = [one for one in every if one.filename.lower().endswith(".ipynb")]
    found = [one for one in found if not re.search(r"(^|/)(\.\w|_)", one.filename)]
    return [one for one in found if not stat.S_ISLNK(one.external_attr >> 16)][: _MEMBERS + 1]


def _head(path: Path, member: zipfile.ZipInfo | None = None) -> bytes:
    """Read a notebook, in a zip or not, up to a byte too much."""
    if member is None:
        with path.open("rb") as file:
            return file.read(MOST + 1)
    with zipfile.ZipFile(path) as packed, packed.open(member) as part:
        return part.read(MOST + 1)


def _unopened(error: BaseException) -> str:
    why = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return _("It cannot be opened: {why}.", why=why.rstrip("."))


def _legible(name: str) -> str:
    """Write a name of a file so that it can stand in a table, and no two become one."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    hidden = r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
    return re.sub(hidden, "?", unicodedata.normalize("NFC", text))


# --- the jobs ----------------------------------------------------------------------------


def _found(
    files: list[_File],
    work: Path,
    setting: dict[str, Any],
    executor: Executor | None,
    workers: int,
) -> list[dict[str, Any]]:
    """Return what is found of each file, by the store or by a job."""
    seal = json.dumps([__version__, setting["wall"], setting["limits"]]).encode("ascii")
    keys, found, jobs = list[str](), dict[str, dict[str, Any]](), dict[str, _File]()
    for file in files:
        content = b""
        try:
            content = file.read()
        except Exception as error:
            file.problem = _unopened(error)
        keys.append(sha256(seal + content + file.problem.encode()).hexdigest()[:40])
        if file.problem:
            found[keys[-1]] = _NOTHING | {"problems": [file.problem]}
        elif keys[-1] not in found and (kept := _kept(work / f"{keys[-1]}.json")):
            found[keys[-1]] = kept
        elif keys[-1] not in found:
            jobs.setdefault(keys[-1], file)
    shown = Progress(console=Console(stderr=True), disable=not sys.stderr.isatty())
    base = tempfile.TemporaryDirectory(prefix="course-grade-", ignore_cleanup_errors=True)
    with base as folder, shown:
        bar = shown.add_task(_("Grading"), total=len(jobs))

        def done(key: str, result: dict[str, Any], *, keep: bool = True) -> None:
            found[key] = result
            if keep:
                text = json.dumps(result, ensure_ascii=False, indent=1)
                write_whole(work / f"{key}.json", text.encode("utf-8", "replace"))
            shown.advance(bar)

        if jobs:
            (tree := Path(folder, "tree")).mkdir()
            Path(folder).chmod(0o755)
            _work(jobs, setting | {"tree": str(stripped(tree))}, executor, workers, done)
    return [json.loads(json.dumps(found[key])) for key in keys]  # two may share one


def _kept(path: Path) -> dict[str, Any] | None:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return held if held.keys() == _NOTHING.keys() else None
    except (OSError, ValueError, AttributeError):
        return None


def _work(
    jobs: dict[str, _File],
    setting: dict[str, Any],
    executor: Executor | None,
    workers: int,
    done: Callable[..., None],
) -> None:
    """Do the jobs; what failed as a process was killed once more, one at a time."""
    others, under = multiprocessing.active_children(), dict[Future[Any], str]()
    pool, failed = executor or _pool(workers), dict[str, Exception]()
    try:
        for again, window in enumerate((_WINDOW, 1)):
            queue, failed = [*(failed if again else jobs)][::-1], {}
            while queue or under:
                try:
                    while queue and len(under) < window:
                        job = pool.submit(judge, jobs[queue[-1]].read(), setting)
                        under[job] = queue.pop()
                except BrokenExecutor as error:
                    if executor:
                        raise CourseError(_("The workers ended. Start again.")) from error
                    pool = pool if under else _pool(workers)
                for job in wait(under, return_when=FIRST_COMPLETED).done:
                    key = under.pop(job)
                    try:
                        done(key, job.result())
                    except (CourseError, OSError):
                        raise
                    except Exception as error:
                        failed[key] = error
        for key, cause in failed.items():
            say = _("It ended the grader itself ({why}).", why=type(cause).__name__)
            done(key, _NOTHING | {"problems": [say]}, keep=False)
    except KeyboardInterrupt as error:
        say = _("Stopped. What is graded is kept: the same command goes on from there.")
        raise CourseError(say) from error
    finally:
        for job in under:
            job.cancel()
        if not executor:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                if child not in others:
                    child.kill()


def _pool(workers: int) -> Pool:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Pool(workers or cores, multiprocessing.get_context("spawn"), _begin)


def _begin() -> None:
    """Make a process of the pool end with the grader, and leave Ctrl+C to that."""
    from course.teach.zygote import die_with_parent

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()


def _cluster(address: str) -> Executor:
    try:
        from distributed import Client

        found: Executor = Client(address, timeout=10).get_executor()
    except ImportError as error:
        say = _("--scheduler needs Dask: pip install 'amur-course[dask]'")
        raise CourseError(say) from error
    except (OSError, ValueError, TypeError) as error:
        say = _("There is no Dask scheduler at {address}.", address=address)
        raise CourseError(say) from error
    return found


# --- tables and pages --------------------------------------------------------------------

_Marks = dict[tuple[str, ...], tuple[str, str]]  # student, exercise, text -> points, comment


def _marks(sheet: Path) -> _Marks:
    """Return what a person filled into the sheet."""
    if not sheet.exists():
        return {}
    try:
        text = sheet.read_text(encoding="utf-8-sig")
        sep = max(",;\t", key=text.split("\n", 1)[0].count)  # as spreadsheets save it
        rows = pd.read_csv(StringIO(text), sep=sep, dtype=str, keep_default_na=False)
        keys = zip(*(rows[one] for one in _KEY), strict=True)
        return dict(zip(keys, zip(rows["points"], rows["comment"], strict=True), strict=True))
    except (ValueError, LookupError) as error:
        say = _("{name} cannot be read. Give it another name; it is made anew.")
        raise CourseError(say.format(name=sheet.name)) from error


def _tables(
    files: list[_File], found: list[dict[str, Any]], marks: _Marks
) -> list[pd.DataFrame]:
    """Return one row for each student and lesson, for each exercise, for each verdict."""
    groups: dict[tuple[str, str], list[tuple[_File, dict[str, Any]]]] = {}
    for file, one in zip(files, found, strict=True):
        groups.setdefault((file.student, one["lesson"]), []).append((file, one))
    graded = {student for student, lesson in groups if lesson}
    claims = read("claims").set_index("claim_id")["claim"]
    rows, every, verdicts = [], [], []
    for (student, lesson), ones in sorted(groups.items(), key=lambda group: group[0]):
        if not lesson:
            strange = [] if student in graded else [_("It is no lesson of this course.")]
            told: dict[str, list[str]] = {}  # strange are notes, the glossary
            for file, one in ones:
                told.setdefault(" ".join(one["problems"] or strange), []).append(file.name)
            for problem, names in told.items():
                more = f" (+ {len(names) - 1})" if len(names) > 1 else ""
                rows += (
                    [[student, "", names[0] + more, 0, 0, 0, "", problem]] if problem else []
                )
            continue
        file, best = max(ones, key=lambda pair: _worth(pair[1]))
        flags, marked, points, waiting = [*best["flags"]], dict[str, list[str]](), 0.0, 0
        if len({json.dumps(one) for _file, one in ones}) > 1:
            say = _("{count} notebooks of this lesson: the best counts", count=len(ones))
            flags.append(say)
        for one in best["exercises"]:
            if signed := one["signed"]:
                key = (_safe(student), one["exercise"], _safe(signed["says"]))
                mark, comment = marks.get(key, ("", ""))
                ours = " ".join(course_lines(signed["claim"]))
                asked = {"claim": f"{signed['claim']}: {claims[signed['claim']]}"}
                about = [student, lesson, one["exercise"], *map((signed | asked).get, _SIGNED)]
                verdicts.append([*about, ours, mark, comment])
                one["points"], one["words"] = _mark(mark), f"{one['words']} {comment}".strip()
            points += one["points"] or 0
            waiting += one["points"] is None
            if one["flag"]:
                marked.setdefault(one["flag"], []).append(one["exercise"])
            every.append([student, lesson, *map(one.get, _EXERCISE[2:])])
        flags += [f"{flag}: {', '.join(ids)}" for flag, ids in marked.items()]
        counts = [float(points) if points % 1 else int(points), len(best["exercises"]), waiting]
        words = ["; ".join(flags), " ".join(best["problems"])]
        rows.append([student, lesson, file.name, *counts, *words])
    columns = [(rows, _COLUMNS), (every, _EXERCISE), (verdicts, _VERDICT)]
    return [pd.DataFrame(of, columns=names, dtype=object) for of, names in columns]


def _worth(result: dict[str, Any]) -> list[int]:
    status = [one["status"] for one in result["exercises"]]
    return [status.count(rank) for rank in RANKS[::-1] if rank != UNTRIED]


def _mark(text: str) -> float | None:
    """Read the points that a person gave, with a comma or a point."""
    found = re.fullmatch(r"'?(\d{1,2})(?:[.,](\d+))?", text.strip())
    if not found:
        return None
    return float(f"{found[1]}.{found[2]}") if found[2] else int(found[1])


def _safe(cell: Any) -> str:
    """Write a cell so that no spreadsheet takes it for a formula; 1 is never 1.0."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if re.match(r"[=+\-@\t\r]", text) else text


def _write(out: Path, rows: pd.DataFrame, every: pd.DataFrame, verdicts: pd.DataFrame) -> None:
    for end, table in {"": rows, "_exercises": every, "_verdicts": verdicts}.items():
        text = table.map(_safe).to_csv(index=False, lineterminator="\n")
        write_whole(out.with_name(f"{out.stem}{end}.csv"), text.encode("utf-8-sig"))
    page = _page(_("Verdicts to judge"), "".join(map(_sheet, verdicts.itertuples())))
    write_whole(out.with_name(f"{out.stem}_verdicts.html"), page)
    folder, taken = out.with_name(f"{out.stem}_feedback"), set[str]()
    folder.mkdir(exist_ok=True)
    for student, own in rows.groupby("student", sort=True):
        name = base = re.sub(r"[^\w .()-]", "_", str(student)).strip(". ")[:60] or "_"
        while name.casefold() in taken:
            name = f"{base}-{len(taken)}"
        taken.add(name.casefold())
        page = _page(str(student), "".join(_lesson(row, every) for row in own.itertuples()))
        write_whole(folder / f"{name}.html", page)


def _page(title: str, body: str) -> bytes:
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
    head += f"</title><style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
    return f"{head}{body}</body></html>\n".encode("utf-8", "replace")


def _rubric() -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in RUBRIC)}</ul>"


def _sheet(row: Any) -> str:
    """Return a verdict for a person to judge."""
    told = [(name, str(getattr(row, name))) for name in [*_SIGNED, "course"]]
    list_ = "".join(
        f"<dt><b>{escape(name)}</b></dt><dd>{escape(text)}</dd>" for name, text in told
    )
    head, box = f"{row.student} · {row.exercise}", _("Points: ______ Comment: ______")
    return f"<section><h2>{escape(head)}</h2><dl>{list_}</dl>{_rubric()}<p>{box}</p></section>"


def _head_of(one: Any) -> str:
    """Return an exercise in a line: what it asks, and how it went."""
    task, given = exercise(one.exercise), ""
    if one.status == OPEN and one.points is not None:
        given = " " + _("(judged: {points})", points=one.points)
    return f"{task.id} {escape(task.told('ask', task.ask))}<br>{_TOLD[one.status]}{given}"


def _lesson(row: Any, every: pd.DataFrame) -> str:
    """Return a lesson for its student; what is flagged is for the teacher only."""
    note = f"<p>{escape(row.problem)}</p>" if row.problem else ""
    if not row.lesson:
        return f"<section><h2>{escape(row.file)}</h2>{note}</section>"
    title = f"{row.lesson}. {contracts()[row.lesson]['title']}"
    say = _("{points} of {of} points.", points=row.points, of=row.of)
    if row.to_judge:
        one, many = "{count} verdict waits for a person.", "{count} verdicts wait for a person."
        say += " " + plural(one, many, row.to_judge)
    own = every[(every["student"] == row.student) & (every["lesson"] == row.lesson)]
    parts = "".join(
        f"<section><h3>{_head_of(one)}</h3>"
        f"<p>{'<br>'.join(escape(one.words).splitlines())}</p>"
        f"{_rubric() if one.status == OPEN else ''}</section>"
        for one in own.itertuples()
    )
    return f"<h2>{escape(title)}</h2><p>{say}</p>{note}{parts}"
