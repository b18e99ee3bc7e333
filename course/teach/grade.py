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
import unicodedata
import zipfile
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from concurrent.futures import ProcessPoolExecutor as Pool
from contextlib import closing, nullcontext, suppress
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment
from rich.console import Console
from rich.markup import escape as markless
from rich.progress import Progress
from rich.table import Table

import course
from course.data import read
from course.errors import CourseError
from course.exercises.verbs import exercise
from course.exercises.verdict import RUBRIC, course_lines
from course.lessons import contracts
from course.paths import data_dir, lessons_dir, write_whole
from course.teach.judge import HIDDEN, MOST, OPEN, RANKS, UNTRIED, judge, own_tree
from course.teach.sandbox import Limits
from course.words import _, plural

_WINDOW = 16  # jobs under way or waiting, whose notebooks are in memory
_MEMBERS, _FILES = 60, 20_000  # notebooks of one student; files that are looked through
_KINDS = {
    "book": (".ipynb", ".ipynb.txt", ".ipynb.json"),  # browsers add an ending
    "zip": (".zip",),
    "sealed": (".rar", ".7z", ".tar", ".tgz", ".gz", ".bz2", ".xz"),
}
_PACKAGES = {"site-packages", "node_modules"}  # of others, thousands of files
_COLUMNS = ["student", "lesson", "file", "points", "of", "to_judge", "flags", "problem"]
_EXERCISE = ["student", "lesson", "exercise", "status", "points", "flag", "words"]
_SIGNED = {
    "claim": _("Claim"), "word": _("Verdict"), "confidence": _("Confidence"),
    "says": _("In words"), "would_change": _("What would change it"),
    "evidence": _("Evidence"), "note": _("Note of the check"),
    "course": _("The course says"),
}  # fmt: skip
# a spreadsheet makes 6.9 of 06.9 and a date of 1-2: the key it leaves alone
_FILLED = ["points", "comment"]
_VERDICT = [*_EXERCISE[:3], *_SIGNED, *_FILLED, "key"]
_BESIDE = ("{}.csv", ".{}_work", "{}_exercises.csv", "{}_verdicts.csv", "{}_verdicts.html",
           "{}_feedback")  # fmt: skip
_Json = dict[str, Any]  # a row of a table, what `judge` found, or its setting
_NOTHING: _Json = {"lesson": "", "flags": [], "problems": [], "exercises": []}
_STATUS = [_("… not attempted"), _("? cannot tell"), _("✗ not yet"), _("✎ to judge")]
_TOLD = dict(zip(RANKS, [*_STATUS, _("✓ passed")], strict=True))


def options(parser: argparse.ArgumentParser) -> None:
    """Say what ``course grade`` takes."""
    parser.allow_abbrev = False  # --no-sandbox is said in full
    text = _("a folder with a folder, a .zip or a notebook for each student")
    parser.add_argument("submissions", type=Path, metavar="SUBMISSIONS", help=text)
    text = _("the table to write (grades.csv); the other files go beside it")
    parser.add_argument("--out", type=Path, default="grades.csv", metavar="FILE.csv", help=text)
    text = _("run strangers' code as you, with all that you may read and do")
    parser.add_argument("--no-sandbox", action="store_true", help=text)
    text = _("address of a Dask scheduler that shares out the work")
    parser.add_argument("--scheduler", metavar="ADDRESS", help=text)
    text = _("processes at a time (one for each core, if you do not say)")
    parser.add_argument("--workers", type=int, default=0, metavar="N", help=text)
    parser.add_argument("--json", action="store_true", help=_("print the table as JSON"))


def run(args: argparse.Namespace) -> None:
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
        say = _("Not every judged row fits a verdict of now. The sheet as it was: {kept}")
        print(say.format(kept=kept), file=sys.stderr)
    if args.json:
        print(table.to_json(orient="records", force_ascii=False))
        return
    rows = table.drop(columns="file").astype(str)
    shown = Table(*rows)
    flags = shown.columns[[*rows].index("flags")]
    flags.no_wrap, flags.max_width = True, 16  # the file has all
    for row in rows.itertuples(index=False):
        shown.add_row(*map(markless, row))
    Console().print(shown)
    say = _("Written: {out}, and beside it the verdicts to judge and a page for each student.")
    print(say.format(out=args.out))


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
    out, folder = (Path(os.path.abspath(one)) for one in (out, submissions))
    if out.is_dir() or out.suffix != ".csv":
        raise CourseError(_("Name a file that ends in .csv, such as --out grades.csv."))
    if workers < 0:
        raise CourseError(_("The number of workers is 1 or more."))
    if os.name != "posix":
        raise CourseError(_("Grading needs Linux or macOS: use WSL, or the container."))
    work, sheet = out.with_name(f".{out.stem}_work"), out.with_name(f"{out.stem}_verdicts.csv")
    try:
        if folder.is_file():
            say = _("{path} is no folder. Unpack it: grading takes the folder of a class.")
            raise CourseError(say.format(path=submissions))
        files = [file for one in _entries(folder, out) for file in _files(one)]
        if not files:
            say = _("There is nothing to grade in {folder}: no folder, .zip or notebook.")
            raise CourseError(say.format(folder=submissions))
        work.mkdir(parents=True, exist_ok=True)
        marks = _marks(sheet)
        hidden = [str(folder), str(out.parent)]
        setting = {"wall": sandbox, "limits": asdict(limits), "hidden": hidden}
        found = _found(files, work, setting, executor, workers)
        tables = _tables(files, found, marks)
        if len(marks) > len(_judged(tables[2])):  # a verdict was changed, or a row copied
            old = sheet.read_bytes()
            kept = work / f"verdicts_{sha256(old).hexdigest()[:8]}.csv"
            write_whole(kept, old)  # no mark is lost
            tables[0].attrs["kept"] = str(kept)
        _write(out, *tables)
    except OSError as error:
        say = _("{path} cannot be used: {reason}.")
        say = say.format(path=error.filename or out, reason=error.strerror or error)
        raise CourseError(say) from error
    except KeyboardInterrupt as error:
        say = _("Stopped. What is graded is kept: the same command goes on from there.")
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


def _entries(folder: Path, out: Path) -> list[Path]:
    """List what is in the folder of a class, but for what grading wrote there."""
    stems = {out.stem} | {path.name[1:-5] for path in folder.glob(".*_work")}
    ours = {folder / name.format(stem) for name in _BESIDE for stem in stems}
    return sorted(one for one in {*folder.iterdir()} - ours if not _aside(one.name))


def _aside(name: str) -> bool:
    """Tell whether a name, or a path, is that of no work of a student, such as __MACOSX."""
    parts = {*name.split("/")} - {".", ".."}
    return any(one.startswith((".", "__")) for one in parts) or bool(parts & _PACKAGES)


def _kind(name: str) -> str:
    found = (kind for kind, ends in _KINDS.items() if name.lower().endswith(ends))
    return next(found, "")


def _student(entry: Path) -> str:
    """Return whose work an entry is: of a file, what stands before the name of a lesson.

    Of no other name, be it ``hw_03_anna.ipynb``: two students would become one.
    """
    if entry.is_dir():
        return entry.name
    names = "|".join(re.escape(path.stem) for path in lessons_dir().glob("*.ipynb"))
    stem = re.sub(r"(?i)\.ipynb$", "", entry.stem)
    again = r"(?:[ _-]*(?:\(\d+\)|copy ?\d*|-\d))?"  # handed in, or saved, once more
    early = re.fullmatch(rf"(?i)(.+?)[ _-]+(?:{names}){again}", stem)
    return early[1] if early else stem


def _files(entry: Path) -> Iterator[_File]:
    """Yield the notebooks of one entry; one with a problem if there is none."""
    student, trouble = _student(entry), list[OSError]()

    def file(name: Path | str, problem: str = "", read: Callable[[], bytes] = bytes) -> _File:
        return _File(_legible(student), _legible(str(name)), read, problem)

    found, sealed = list[_File](), _("Of archives, only a .zip of notebooks is opened.")
    for path in sorted(islice(_walk(entry, trouble), _FILES)):
        name, kind = path.relative_to(entry.parent), _kind(path.name)
        try:
            if kind and (path.is_symlink() or not path.is_file()):
                say = _("{name} is a link, or no file. Hand in the notebook itself.")
                found.append(file(name, say.format(name=_legible(str(name)))))
            elif kind == "sealed":
                found.append(file(name, sealed))
            elif kind == "book":
                found.append(file(name, read=partial(_head, path)))
            elif kind == "zip":
                for one in _members(path):
                    problem = "" if _kind(one.filename) == "book" else sealed
                    read = partial(_head, path, one)
                    found.append(file(f"{name}/{one.filename}", problem, read))
        except Exception as error:  # a zip can be damaged in many ways
            found.append(file(name, _unopened(error)))
    found += [file(entry.name, _unopened(error)) for error in trouble]
    if len(found) > _MEMBERS:
        say = _("Only the first {count} notebooks are graded.", count=_MEMBERS)
        found[_MEMBERS:] = [file(entry.name, say)]
    none = _("No notebook was found: only .ipynb files are read, in folders or in a .zip.")
    yield from found or [file(entry.name, none)]


def _walk(entry: Path, trouble: list[OSError]) -> Iterator[Path]:
    if not entry.is_dir():
        yield entry
    elif not entry.is_symlink():
        for above, folders, names in os.walk(entry, onerror=trouble.append):
            folders[:] = sorted(one for one in folders if not _aside(one))
            yield from (Path(above, one) for one in names if not _aside(one))


def _members(path: Path) -> list[zipfile.ZipInfo]:
    """List notebooks and archives in a zip; none is unpacked to a name of its choice."""
    if path.stat().st_size > MOST:
        raise ValueError(_("it is too large"))
    with zipfile.ZipFile(path) as packed:
        every = sorted(packed.infolist()[:_FILES], key=lambda one: one.filename)
    found = [one for one in every if _kind(one.filename) and not _aside(one.filename)]
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
    return _("It cannot be opened: {why}.", why=_legible(why.rstrip(".")))


def _legible(name: str) -> str:
    """Write a name of a file so that it can stand in a table and on a page."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return re.sub(r"[\t\n]", "?", HIDDEN.sub("?", unicodedata.normalize("NFC", text)))


# --- the jobs ----------------------------------------------------------------------------


def _found(
    files: list[_File], work: Path, setting: _Json, executor: Executor | None, workers: int
) -> list[_Json]:
    """Return what is found of each file, by the store or by a job."""
    language = os.environ.get("COURSE_LANGUAGE", "")
    seal = json.dumps([_course(), language, setting["wall"], setting["limits"]]).encode()
    keys, found, jobs = list[str](), dict[str, _Json](), dict[str, _File]()
    for file in files:
        content = b""
        try:
            content = b"" if file.problem else file.read()
        except Exception as error:
            file.problem = _unopened(error)
        key = sha256(seal + content + file.problem.encode()).hexdigest()[:40]
        keys.append(key)
        if file.problem:
            found[key] = _NOTHING | {"problems": [file.problem]}
        elif kept := found.get(key) or _kept(work / f"{key}.json"):
            found[key] = kept
        else:
            jobs.setdefault(key, file)
    shown = Progress(console=Console(stderr=True), disable=not sys.stderr.isatty())
    with own_tree() if jobs else nullcontext("") as tree, shown:
        setting = setting | {"tree": str(tree)}
        bar = shown.add_task(_("Grading"), total=len(jobs))
        with closing(_work(jobs, setting, executor, workers)) as results:
            for key, result in results:
                found[key] = result
                if result.pop("keep", True):
                    text = json.dumps(result, ensure_ascii=False, indent=1)
                    write_whole(work / f"{key}.json", text.encode("utf-8", "replace"))
                shown.advance(bar)
    return [found[key] for key in keys]


def _course() -> str:
    """Return a hash of the code and the data that answers are judged by."""
    digest, package = sha256(), Path(course.__file__).parent
    for path in sorted([*package.rglob("*.py"), *data_dir().glob("*.*")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _kept(path: Path) -> _Json | None:
    with suppress(OSError, ValueError, AttributeError):
        held = json.loads(path.read_text(encoding="utf-8"))
        return held if held.keys() == _NOTHING.keys() else None
    return None


def _work(
    jobs: dict[str, _File], setting: _Json, executor: Executor | None, workers: int
) -> Generator[tuple[str, _Json], None, None]:
    """Yield key and result of each job as it ends."""
    others, pool, under = multiprocessing.active_children(), executor, dict[Future[Any], str]()
    try:
        queue = [*jobs]
        for window in (_WINDOW, 1):  # what failed, once more and alone: which one is to blame?
            failed: list[str] = []
            while queue or under:
                pool = pool or _pool(workers)
                # what is started here leaves Ctrl+C to us, from its first moment
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
                try:
                    while queue and len(under) < window:
                        job = pool.submit(judge, jobs[queue[0]].read(), setting)
                        under[job] = queue.pop(0)
                except BrokenExecutor as error:
                    if executor:
                        raise CourseError(_("The workers ended. Start again.")) from error
                    pool = pool if under else None
                finally:
                    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
                for job in wait(under, return_when=FIRST_COMPLETED).done:
                    key = under.pop(job)
                    try:
                        yield key, job.result()
                    except (CourseError, OSError):  # no fault of a notebook
                        raise
                    except Exception as error:
                        if window > 1:
                            failed.append(key)
                            continue
                        say = _("It ended the grader itself ({why}).", why=type(error).__name__)
                        yield key, _NOTHING | {"problems": [say], "keep": False}
            queue = failed
    finally:
        for job in under:
            job.cancel()
        if pool and not executor:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                if child not in others:
                    child.kill()


def _pool(workers: int) -> Pool:
    from course.teach.zygote import die_with_parent

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Pool(workers or cores, multiprocessing.get_context("spawn"), die_with_parent)


def _cluster(address: str) -> Executor:
    try:
        from distributed import Client

        return Client(address, timeout=10).get_executor()
    except ImportError as error:
        say = _("--scheduler needs Dask: pip install 'amur-course[dask]'")
        raise CourseError(say) from error
    except (OSError, ValueError, TypeError) as error:
        say = _("There is no Dask scheduler at {address}.", address=address)
        raise CourseError(say) from error


# --- tables and pages --------------------------------------------------------------------


def _marks(sheet: Path) -> list[dict[Any, Any]]:
    """Return the rows of the sheet into which a person filled something."""
    if not sheet.exists():
        return []
    try:
        text = sheet.read_text(encoding="utf-8-sig")
        sep = max(",;\t", key=text.split("\n", 1)[0].count)  # as spreadsheets save it
        rows = pd.read_csv(StringIO(text), sep=sep, dtype=str, keep_default_na=False)
        return _judged(rows[["key", *_FILLED]]).to_dict("records")
    except (ValueError, LookupError) as error:
        say = _(
            "{name} cannot be read. Save it as CSV in UTF-8, with all its columns; or give it "
            "another name, and it is made anew."
        )
        raise CourseError(say.format(name=sheet.name)) from error


def _judged(verdicts: pd.DataFrame) -> pd.DataFrame:
    return verdicts[(verdicts[_FILLED] != "").any(axis=1)]


def _mark(verdict: _Json) -> float | None:
    """Return the points that a person gave, with a comma or a point; None if there are none."""
    if not (text := verdict["points"].strip().removeprefix("'").replace(",", ".")):
        return None
    with suppress(ValueError):
        if 0 <= float(text) <= 1:
            return _short(float(text))
    say = _("{points} are no points ({student}, {exercise}). Write a number from 0 to 1.")
    raise CourseError(say.format(**verdict))


def _tables(files: list[_File], found: list[_Json], marks: list[_Json]) -> list[pd.DataFrame]:
    """Return one row for each student and lesson, for each exercise, for each verdict."""
    filled = {row["key"]: row for row in marks}
    groups: dict[tuple[str, str], list[tuple[_File, _Json]]] = {}
    for file, one in zip(files, found, strict=True):
        groups.setdefault((file.student, one["lesson"]), []).append((file, one))
    rows, every, verdicts = list[_Json](), list[_Json](), list[_Json]()
    for (student, lesson), ones in sorted(groups.items(), key=lambda group: group[0]):
        about = {"student": student, "lesson": lesson}
        if not lesson:
            graded = any(name == student and of for name, of in groups)
            rows += [about | row for row in _strange(ones, graded)]
            continue
        file, best = max(ones, key=lambda pair: _worth(pair[1]))
        own = [about | one for one in best["exercises"]]
        for one in own:
            if one["signed"]:
                verdicts.append(verdict := _verdict(one, filled))
                one["points"] = _mark(verdict)
                one["words"] = f"{one['words']} {verdict['comment']}".strip()
        every += own
        flags = [*best["flags"]]
        if len({json.dumps(one) for _file, one in ones}) > 1:
            say = _("{count} notebooks of this lesson: the best counts", count=len(ones))
            flags.append(say)
        for flag in dict.fromkeys(one["flag"] for one in own if one["flag"]):
            ids = [one["exercise"] for one in own if one["flag"] == flag]
            flags.append(f"{flag}: {', '.join(ids)}")
        points = [one["points"] for one in own]
        row = {"file": file.name, "points": _short(round(sum(filter(None, points)), 3))}
        row |= {"of": len(points), "to_judge": points.count(None)}
        row |= {"flags": "; ".join(flags), "problem": " ".join(best["problems"])}
        rows.append(about | row)
    columns = [(rows, _COLUMNS), (every, _EXERCISE), (verdicts, _VERDICT)]
    return [pd.DataFrame(of, columns=names, dtype=object) for of, names in columns]


def _strange(ones: list[tuple[_File, _Json]], graded: bool) -> list[_Json]:
    """Return rows for the files that are of no lesson, one for each problem."""
    told: dict[str, list[str]] = {}
    for file, one in ones:
        problem = " ".join(one["problems"])
        if problem or not graded:  # beside lessons: notes, the glossary
            none = _("It has no exercises of this course.")
            told.setdefault(problem or none, []).append(file.name)
    row = {"points": 0, "of": 0, "to_judge": 0, "flags": ""}
    return [
        row | {"file": first + f" (+ {len(more)})" * bool(more), "problem": problem}
        for problem, (first, *more) in told.items()
    ]


def _verdict(one: _Json, marks: dict[str, _Json]) -> _Json:
    """Return the row of a verdict, with what a person filled in for the very same one."""
    signed, claims = one["signed"], read("claims").set_index("claim_id")["claim"]
    same = [one["student"], one["exercise"], *map(signed.get, [*_SIGNED][:-2])]
    key, claim = f"v{sha256(json.dumps(same).encode()).hexdigest()[:12]}", signed["claim"]
    filled = {name: marks.get(key, {}).get(name, "") for name in _FILLED}
    ours = {"course": "\n".join(course_lines(claim)), "claim": f"{claim}: {claims[claim]}"}
    return one | signed | ours | filled | {"key": key}


def _short(points: float) -> float:
    return points if points % 1 else int(points)  # 1 is never 1.0


def _worth(result: _Json) -> list[int]:
    status = [one["status"] for one in result["exercises"]]
    return [status.count(rank) for rank in RANKS[::-1] if rank != UNTRIED]


def _safe(cell: Any) -> str:
    """Write a cell so that no spreadsheet takes it for a formula."""
    text = "" if cell is None else str(cell)
    return re.sub(r"(^|[;\t\r\n])(?=[=+\-@\t\r＝＋－＠])", r"\1'", text)


def _write(out: Path, rows: pd.DataFrame, every: pd.DataFrame, verdicts: pd.DataFrame) -> None:
    for end, table in {"": rows, "_exercises": every, "_verdicts": verdicts}.items():
        text = table.map(_safe).to_csv(index=False, lineterminator="\n")
        write_whole(out.with_name(f"{out.stem}{end}.csv"), text.encode("utf-8-sig", "replace"))
    page = _page(_("Verdicts to judge"), _sheet(verdicts))
    write_whole(out.with_name(f"{out.stem}_verdicts.html"), page)
    folder, taken = out.with_name(f"{out.stem}_feedback"), set[str]()
    titles = {lesson: one["title"] for lesson, one in contracts().items()}
    folder.mkdir(exist_ok=True)
    for student, own in rows.groupby("student", sort=True):
        name = base = re.sub(r"[^\w .()-]", "_", str(student)).strip(". ")[:60] or "_"
        while name.casefold() in taken:
            name = f"{base}-{len(taken)}"
        taken.add(name.casefold())
        page = _page(str(student), _feedback(own, every[every["student"] == student], titles))
        write_whole(folder / f"{name}.html", page)


_Parts = Iterator[_Json]  # of a page, as grade.jinja writes them


def _page(title: str, parts: _Parts) -> bytes:
    env = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    form = Path(__file__).with_name("grade.jinja").read_text(encoding="utf-8")
    page = env.from_string(form).render(title=title, parts=parts, rubric=RUBRIC)
    return page.encode("utf-8", "replace")


def _sheet(verdicts: pd.DataFrame) -> _Parts:
    """Yield the rubric, and each verdict for a person to judge."""
    text = _(
        "Write the points (0, 0.5 or 1) and a comment into the table beside this page, save it "
        "as CSV, and run the same command again."
    )
    yield {"head": _("How to judge"), "texts": [text], "rubric": True}
    for row in verdicts.to_dict("records"):
        terms = [(label, row[name]) for name, label in _SIGNED.items() if row[name]]
        terms += [(_("Points"), row["points"] or "______")]
        terms += [(_("Comment"), row["comment"] or "______")]
        yield {"head": f"{row['student']} · {row['exercise']}", "terms": terms}


def _feedback(rows: pd.DataFrame, every: pd.DataFrame, titles: dict[str, str]) -> _Parts:
    """Yield the lessons of a student; what is flagged is for the teacher only."""
    for row in rows.to_dict("records"):
        if not row["lesson"]:
            yield {"head": row["file"], "texts": [row["problem"]]}
            continue
        texts = [_("{points} of {of} points.", points=row["points"], of=row["of"])]
        texts += [_("Your notebook was run anew, from the top to the end."), row["problem"]]
        if row["to_judge"]:
            one = "{count} verdict waits for a person."
            many = "{count} verdicts wait for a person."
            texts[0] += " " + plural(one, many, row["to_judge"])
        yield {"head": f"{row['lesson']}. {titles[row['lesson']]}", "texts": texts}
        for one in every[every["lesson"] == row["lesson"]].to_dict("records"):
            task, status = exercise(one["exercise"]), _TOLD[one["status"]]
            if one["status"] == OPEN and one["points"] is not None:
                status = _("✎ judged: {points} of 1", points=one["points"])
            head, texts = f"{task.id} {task.told('ask', task.ask)}", [status, one["words"]]
            yield {"level": 3, "head": head, "texts": texts, "rubric": one["status"] == OPEN}
