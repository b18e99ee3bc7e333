"""Grade what a class handed in: a table, a sheet for verdicts, a page for each student.

Each notebook is a job for any executor (`course.teach.judge`). What a job found is kept in
``.grades_work`` under a hash of all that it depends on, so a batch that was stopped goes on,
and the same notebooks give the same bytes again.
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
from hashlib import sha256
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from course import __version__
from course.errors import CourseError
from course.exercises.verdict import RUBRIC, course_lines
from course.lessons import contracts
from course.paths import write_whole
from course.teach import sandbox
from course.teach.judge import MOST, RANKS, judge
from course.words import _, plural

_WINDOW = 16  # jobs under way or waiting, whose notebooks are in memory
_MEMBERS, _FILES = 60, 20_000  # notebooks of one student; files that are looked through
_COLUMNS = ["student", "lesson", "file", "points", "of", "to_judge", "flags", "problem"]
_EXERCISE = ["student", "lesson", "exercise", "status", "points", "flag", "words"]
_SIGNED = ["claim", "word", "confidence", "says", "would_change", "evidence", "note"]
_VERDICT = [*_EXERCISE[:3], *_SIGNED, "course", "points", "comment"]
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
    parser.add_argument("--workers", type=int, metavar="N", help=_("processes at a time"))
    parser.add_argument("--json", action="store_true", help=_("print the table as JSON"))


def run(args: argparse.Namespace) -> int:
    """Carry out ``course grade``."""
    walled = not args.no_sandbox
    if not walled:
        say = _("Without a sandbox, the notebooks can read, change and send all that you can.")
        print(say, file=sys.stderr)
    if args.workers is not None and args.workers < 1:
        raise CourseError(_("The number of workers is 1 or more."))
    executor: Executor | None = None
    if args.scheduler:
        executor = _cluster(args.scheduler)
    elif args.workers:
        executor = _Own(args.workers)
    table = grade(args.submissions, args.out, executor=executor, sandbox=walled)
    if args.json:
        print(table.to_json(orient="records", force_ascii=False))
        return 0
    shown = Table(*map(str, _COLUMNS[:2] + _COLUMNS[3:]))
    for row in table.drop(columns="file").fillna("").astype(str).itertuples(index=False):
        shown.add_row(*map(_markless, row))
    Console().print(shown)
    print(_("Written: {out}, and beside it the verdicts to judge and a page for each student.",
            out=args.out))  # fmt: skip
    return 0


def _markless(text: str) -> str:
    return text.replace("[", r"\[")


def grade(
    submissions: Path,
    out: Path,
    *,
    executor: Executor | None = None,
    sandbox: bool = True,
    limits: sandbox.Limits = sandbox.Limits(),  # noqa: B008 - it is frozen
) -> pd.DataFrame:
    """Grade the notebooks of a class.

    Args:
        submissions: holds a folder, a .zip or a notebook for each student.
        out: the table to write, such as ``grades.csv``. Beside it: ``grades_exercises.csv``,
            ``grades_verdicts.csv`` and ``.html`` (verdicts that a person judges; points
            that are filled in there count the next time), ``grades_feedback`` (a page for
            each student) and ``.grades_work``.
        executor: takes the jobs; a pool of processes of its own if None.
        sandbox: whether notebooks run behind bubblewrap.
        limits: what one notebook may use.

    Returns:
        The table: one row for each student and lesson; points and of (1 for each
        exercise), to_judge (how many verdicts wait), flags and problem (for the teacher).

    Raises:
        CourseError: nothing can be graded, or written, or there is no sandbox.
    """
    out = Path(os.path.abspath(out))
    try:
        entries = sorted(Path(submissions).iterdir())
        work = out.with_name(f".{out.stem}_work")
        if out.is_dir() or out.suffix != ".csv":
            raise CourseError(_("Name a file that ends in .csv, such as --out grades.csv."))
        work.mkdir(parents=True, exist_ok=True)
        ours = {out, work, *(out.with_name(out.stem + end) for end in _BESIDE)}
        entries = [one for one in entries if Path(os.path.abspath(one)) not in ours]
        files = [file for one in entries if one.name[0] not in "._" for file in _files(one)]
        if not files:
            say = _("There is nothing to grade in {folder}: no folder, .zip or notebook.")
            raise CourseError(say.format(folder=submissions))
        marks = _marks(out)
        found = _found(files, work, executor, sandbox, limits, [Path(submissions), out.parent])
        tables = _tables(files, found, marks)
        _write(out, *tables)
    except OSError as error:
        say = _("{path} cannot be used: {reason}.")
        raise CourseError(say.format(path=error.filename, reason=error.strerror)) from error
    return tables[0]


_BESIDE = ("_exercises.csv", "_verdicts.csv", "_verdicts.html", "_feedback")

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
    named = entry.name if entry.is_dir() else entry.stem
    if entry.suffix == ".ipynb" and (early := re.match(r"(.+?)[ _-]+\d\d_", named)):
        named = early[1]
    student = _legible(named)

    def bad(problem: str, name: str = "") -> _File:
        return _File(student, _legible(name or entry.name), problem=problem)

    if entry.is_symlink():
        yield bad(_("It is a link. Hand in the notebook itself."))
        return
    paths = [entry]
    if entry.is_dir():
        trouble: list[OSError] = []
        paths = sorted(islice(_walk(entry, trouble), _FILES))
        for error in trouble:
            yield bad(_("A folder cannot be opened: {why}.", why=error.strerror))
        paths = [one for one in paths if one.suffix.lower() in (".ipynb", ".zip")]
    found = 0
    for path in paths:
        name = path.name if path == entry else path.relative_to(entry).as_posix()
        try:
            if path.is_symlink() or not path.is_file():
                yield bad(_("It is a link or no file. Hand in the notebook itself."), name)
            elif path.suffix.lower() == ".ipynb":
                yield _File(student, _legible(name), lambda path=path: _head(path.open("rb")))
            elif path.suffix.lower() == ".zip":
                found -= 1
                for member in _members(path):
                    found += 1
                    read = lambda path=path, member=member: _member(path, member)  # noqa: E731
                    yield _File(student, _legible(f"{name}/{member.filename}"), read)
            else:
                found -= 1
        except (
            OSError,
            ValueError,
            RuntimeError,
            zipfile.BadZipFile,
            NotImplementedError,
        ) as e:
            yield bad(
                _("It cannot be opened: {why}.", why=getattr(e, "strerror", None) or e), name
            )
        found += 1
        if found > _MEMBERS:
            yield bad(_("Only the first {count} notebooks are graded.", count=_MEMBERS))
            return
    if not found:
        yield bad(_("There is no notebook in it."))


def _walk(folder: Path, trouble: list[OSError]) -> Iterator[Path]:
    for above, folders, names in os.walk(folder, onerror=trouble.append):
        folders[:] = sorted(one for one in folders if one[0] not in "._")
        yield from (Path(above) / one for one in names if one[0] != ".")


def _members(path: Path) -> list[zipfile.ZipInfo]:
    if path.stat().st_size > MOST:
        raise ValueError(_("it is too large"))
    with zipfile.ZipFile(path) as packed:
        inside = [
            one
            for one in packed.infolist()[:_FILES]
            if one.filename.lower().endswith(".ipynb")
            and not re.search(r"(^|/)[._]", one.filename.replace("../", ""))
            and not stat.S_ISLNK(one.external_attr >> 16)
        ]
    return sorted(inside, key=lambda one: one.filename)[: _MEMBERS + 1]


def _member(path: Path, member: zipfile.ZipInfo) -> bytes:
    with zipfile.ZipFile(path) as packed:
        return _head(packed.open(member))


def _head(file: Any) -> bytes:
    with file:
        return bytes(file.read(MOST + 1))


def _legible(name: str) -> str:
    """Write a name of a file so that it can stand in a table, and no two become one."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    text = unicodedata.normalize("NFC", text)
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]", "?", text)


# --- the jobs ----------------------------------------------------------------------------


class _Own(Executor):
    """A pool of processes that is made anew when one of them is killed."""

    def __init__(self, workers: int = 0) -> None:
        self._workers = workers or len(getattr(os, "sched_getaffinity", lambda _: "1")(0))
        self.anew()

    def anew(self) -> None:
        """Go on with other processes."""
        context = multiprocessing.get_context("spawn")
        self._pool = Pool(
            self._workers, context, signal.signal, (signal.SIGINT, signal.SIG_IGN)
        )

    def submit(self, fn: Any, /, *args: Any, **more: Any) -> Future[Any]:
        """Take a job."""
        return self._pool.submit(fn, *args, **more)

    def stop(self) -> None:
        """End at once."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for one in multiprocessing.active_children():
            one.kill()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End when the jobs are done."""
        self._pool.shutdown(wait, cancel_futures=cancel_futures)


def _cluster(address: str) -> Executor:
    try:
        from distributed import Client  # type: ignore[import-not-found,unused-ignore]

        return Client(address, timeout=10).get_executor()  # type: ignore[no-any-return,unused-ignore]
    except ImportError as error:
        say = _("--scheduler needs Dask: pip install 'amur-course[dask]'")
        raise CourseError(say) from error
    except (OSError, ValueError, TypeError) as error:
        say = _("There is no Dask scheduler at {address}.", address=address)
        raise CourseError(say) from error


def _found(
    files: list[_File],
    work: Path,
    executor: Executor | None,
    walled: bool,
    limits: sandbox.Limits,
    hidden: list[Path],
) -> list[dict[str, Any]]:
    """Return what was found of each file, by the store or by a job."""
    why = sandbox.refusal() if walled else ""
    if why:
        say = _(
            "There is no sandbox here ({why}). Notebooks of others can do all that you can. "
            "Grade in the container of the course, where the container is the wall (see "
            "INSTRUCTORS.md); or say --no-sandbox, if you trust every student."
        )
        raise CourseError(say.format(why=why))
    with tempfile.TemporaryDirectory(
        prefix="course-grade-", ignore_cleanup_errors=True
    ) as base:
        Path(base).chmod(0o755)
        (tree := Path(base) / "tree").mkdir()
        setting = {
            "tree": str(sandbox.stripped(tree)),
            "wall": walled,
            "limits": asdict(limits),
        }
        setting["hidden"] = [os.path.abspath(one) for one in hidden]
        seal = json.dumps([__version__, walled, setting["limits"]])
        jobs, keys = dict[str, _File](), list[str]()
        for file in files:
            content = b""
            if not file.problem:
                try:
                    content = file.read()
                except Exception as error:  # a zip can be damaged in many ways
                    file.problem = _("It cannot be opened: {why}.", why=_reason(error))
            key = sha256(seal.encode() + b"\n" + content).hexdigest()[:40]
            keys.append("" if file.problem else key)
            if not file.problem and _kept(work / f"{key}.json") is None:
                jobs.setdefault(key, file)
        own = executor or _Own()
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task(_("Grading"), total=len(jobs))

            def done(key: str, result: dict[str, Any], keep: bool = True) -> None:
                if keep:
                    text = json.dumps(result, ensure_ascii=False, indent=1)
                    write_whole(work / f"{key}.json", text.encode("utf-8", "replace"))
                else:
                    lost[key] = result
                bar.advance(task)

            lost: dict[str, dict[str, Any]] = {}
            try:
                _all(jobs, own, setting, done)
            except BaseException as error:
                (own.stop if isinstance(own, _Own) else own.shutdown)()
                if isinstance(error, KeyboardInterrupt):
                    say = _("Stopped. What is graded is kept: the same command goes on there.")
                    raise CourseError(say) from error
                raise
            if executor is None or isinstance(executor, _Own):
                own.shutdown()
    nothing: dict[str, Any] = {"lesson": "", "flags": [], "exercises": []}
    return [
        (lost.get(key) or _kept(work / f"{key}.json") or {}) if key
        else nothing | {"problems": [file.problem]}
        for key, file in zip(keys, files, strict=True)
    ]  # fmt: skip


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _kept(path: Path) -> dict[str, Any] | None:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return held if held.keys() >= {"lesson", "flags", "problems", "exercises"} else None
    except (OSError, ValueError, AttributeError):
        return None


def _all(
    jobs: dict[str, _File],
    executor: Executor,
    setting: dict[str, Any],
    done: Callable[..., None],
) -> None:
    """Do the jobs. What was under way when a process was killed is done again, alone."""
    todo, under = iter(jobs.items()), dict[Future[Any], str]()
    while True:
        doubtful = []
        try:
            for key, file in islice(todo, _WINDOW - len(under)):
                doubtful.append(key)
                under[executor.submit(judge, file.read(), setting)] = key
                doubtful.pop()
        except BrokenExecutor:
            pass
        if not under and not doubtful:
            return
        ready = wait(under, return_when=FIRST_COMPLETED).done if under else set()
        for future in ready:
            key = under.pop(future)
            try:
                done(key, future.result())
            except CourseError:
                raise
            except Exception:
                doubtful.append(key)
        if doubtful:
            for future in wait(under).done:
                key = under.pop(future)
                if future.exception():
                    doubtful.append(key)
                else:
                    done(key, future.result())
            for key in doubtful:
                if isinstance(executor, _Own):
                    executor.anew()
                try:
                    done(key, executor.submit(judge, jobs[key].read(), setting).result())
                except CourseError:
                    raise
                except Exception as error:
                    say = _("It ended the grader itself ({why}).", why=type(error).__name__)
                    blank: dict[str, Any] = {"lesson": "", "flags": [], "exercises": []}
                    done(key, blank | {"problems": [say]}, keep=False)
            if isinstance(executor, _Own):
                executor.anew()


# --- tables and pages --------------------------------------------------------------------


def _marks(out: Path) -> dict[tuple[str, ...], tuple[str, str]]:
    """Return what a person filled into the sheet: points and a comment for each verdict."""
    sheet = out.with_name(f"{out.stem}_verdicts.csv")
    if not sheet.exists():
        return {}
    try:
        rows = pd.read_csv(sheet, sep=None, engine="python", dtype=str, keep_default_na=False)
        keys = zip(*(rows[one] for one in ("student", "exercise", "says")), strict=True)
        return dict(zip(keys, zip(rows["points"], rows["comment"], strict=True), strict=True))
    except (ValueError, LookupError) as error:
        say = _("{name} cannot be read. Give it another name; it is made anew.")
        raise CourseError(say.format(name=sheet.name)) from error


def _tables(
    files: list[_File],
    found: list[dict[str, Any]],
    marks: dict[tuple[str, ...], tuple[str, str]],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    groups: dict[tuple[str, str], list[tuple[_File, dict[str, Any]]]] = {}
    for file, one in zip(files, found, strict=True):
        groups.setdefault((file.student, one["lesson"]), []).append((file, one))
    graded = {student for student, lesson in groups if lesson}
    rows, every, verdicts = [], [], []
    for (student, lesson), ones in sorted(groups.items()):
        if not lesson:
            for file, one in ones:
                strange = not file.problem and student in graded  # notes, the glossary
                if not strange or not one["problems"][0].startswith(_STRANGE):
                    problem = " ".join(one["problems"])
                    rows.append([student, "", file.name, 0, 0, 0, "", problem])
            continue
        file, best = max(ones, key=lambda pair: _worth(pair[1]))
        flags = [*best["flags"]]
        if len({json.dumps(one) for _file, one in ones}) > 1:
            flags.append(
                _("{count} notebooks of this lesson: the best counts", count=len(ones))
            )
        points, waiting, marked = 0, 0, dict[str, list[str]]()
        for one in best["exercises"]:
            if signed := one["signed"] if one["status"] == RANKS[3] else None:
                key = (_safe(student), one["exercise"], _safe(signed["says"]))
                mark, comment = marks.get(key, ("", ""))
                one["points"], one["words"] = _mark(mark), f"{one['words']} {comment}".strip()
                ours = " ".join(course_lines(signed["claim"]))
                about = [student, lesson, one["exercise"], *(signed[n] for n in _SIGNED)]
                verdicts.append([*about, ours, mark, comment])
            points += one["points"] or 0
            waiting += one["points"] is None
            if one["flag"]:
                marked.setdefault(one["flag"], []).append(one["exercise"])
            every.append([student, lesson, *(one[name] for name in _EXERCISE[2:])])
        flags += [f"{flag}: {', '.join(ids)}" for flag, ids in marked.items()]
        about = [student, lesson, file.name, points, len(best["exercises"]), waiting]
        rows.append([*about, "; ".join(flags), " ".join(best["problems"])])
    return (
        pd.DataFrame(rows, columns=_COLUMNS),
        pd.DataFrame(every, columns=_EXERCISE).astype({"points": object}),
        pd.DataFrame(verdicts, columns=_VERDICT),
    )


_STRANGE = _("It is no notebook of this course")


def _worth(result: dict[str, Any]) -> tuple[int, ...]:
    status = [one["status"] for one in result["exercises"]]
    return tuple(status.count(rank) for rank in RANKS[:0:-1])


def _mark(text: str) -> float | int | None:
    """Read the points that a person gave, with a comma or a point."""
    found = re.fullmatch(r"'?(\d{1,2})([.,]\d+)?", text.strip())
    if not found:
        return None
    return float(f"{found[1]}.{found[2][1:]}") if found[2] else int(found[1])


def _safe(cell: Any) -> Any:
    """Write a cell so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if isinstance(cell, str) and re.match(r"[=+\-@\t\r]", cell) else cell


def _write(out: Path, rows: pd.DataFrame, every: pd.DataFrame, verdicts: pd.DataFrame) -> None:
    tables = {"": rows, "_exercises": every, "_verdicts": verdicts}
    for end, table in tables.items():
        text = table.map(_safe).to_csv(index=False, lineterminator="\n")
        write_whole(out.with_name(f"{out.stem}{end}.csv"), text.encode("utf-8-sig"))
    page = _page(_("Verdicts to judge"), "".join(map(_sheet, verdicts.itertuples())))
    write_whole(out.with_name(f"{out.stem}_verdicts.html"), page)
    folder = out.with_name(f"{out.stem}_feedback")
    folder.mkdir(exist_ok=True)
    taken: set[str] = set()
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
    told = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(str(getattr(row, name)))}</dd>"
        for name in [*_SIGNED, "course"]
    )
    head = f"{row.student} · {row.exercise}"
    box = _("Points: ____ Comment: ____________________")
    return f"<section><h2>{escape(head)}</h2><dl>{told}</dl>{_rubric()}<p>{box}</p></section>"


def _lesson(row: Any, every: pd.DataFrame) -> str:
    if not row.lesson:
        return f"<section><h2>{escape(row.file)}</h2><p>{escape(row.problem)}</p></section>"
    title = f"{row.lesson}. {contracts()[row.lesson]['title']}"
    waits = plural("{count} verdict waits for a person.", "{count} verdicts wait for a person.",
                   row.to_judge)  # fmt: skip
    say = _("{points} of {of} points.", points=row.points, of=row.of)
    if row.to_judge:
        say += " " + waits
    own = every[(every["student"] == row.student) & (every["lesson"] == row.lesson)]
    parts = "".join(
        f"<section><h3>{one.exercise}: {_STATUS[one.status]}</h3>"
        f"<p>{'<br>'.join(escape(one.words).splitlines())}</p>"
        f"{_rubric() if one.status == RANKS[3] else ''}</section>"
        for one in own.itertuples()
    )
    note = f"<p>{escape(row.problem)}</p>" if row.problem else ""
    return f"<h2>{escape(title)}</h2><p>{say}</p>{note}{parts}"


_STATUS = dict(
    zip(
        RANKS,
        (
            _("… not attempted"),
            _("? cannot tell"),
            _("✗ not yet"),
            _("✎ to judge"),
            _("✓ passed"),
        ),
        strict=True,
    )
)
