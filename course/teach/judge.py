"""One notebook: read, run in the sandbox, and judged here by the plain values it hands out."""

import ast
import atexit
import json
import re
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache, lru_cache
from math import inf
from pathlib import Path
from typing import Any

from course.errors import CourseError
from course.exercises import journal
from course.exercises.budget import OutOfTime, limited
from course.exercises.evidence import Kept
from course.exercises.exercise import Exercise
from course.exercises.values import Plain, Unfit
from course.exercises.verbs import exercises
from course.exercises.verdict import Verdict
from course.lessons import lessons
from course.teach.sandbox import Limits, Sandbox, stripped, tasks
from course.words import _, clean

MOST = 64 << 20  # bytes of a notebook
UNTRIED, UNCLEAR, WRONG, OPEN, RIGHT = RANKS = (
    "not attempted", "cannot tell", "not yet", "to judge", "passed",
)  # fmt: skip
_TEMPORARY = "course-grade-"
_RUNS, _CELLS, _TRIES = 3, 1_000, 30  # tries: the last cells that may answer an exercise
_CALL = re.compile(r"""\bcheck\(\s*(?:exercise_id\s*=\s*)?["'](\d\d\.\d{1,2})["']""")
# what a terminal obeys, and what turns the text around it
HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_FORMS: dict[str, Any] = dict.fromkeys(("dots", "nothing", "missing", "other"), type(None))
_FORMS |= {"number": float, "truth": bool, "text": str, "date": str, "list": list}
_FORMS |= {"pairs": list, "table": list | None, "map": dict, "function": dict, "verdict": dict}
_local = threading.local()

_Cells = list[tuple[str, str]]  # type and source
_Code = list[tuple[int, str]]  # number and source
_Lines = list[dict[str, Any]]
_Judged = tuple[str, str, dict[str, Any] | None]  # status, words, a verdict to judge


def judge(content: bytes, setting: dict[str, Any]) -> dict[str, Any]:
    """Run a notebook apart, and judge its answers.

    Args:
        content: of the file.
        setting: ``tree`` (see `course.teach.sandbox.stripped`), ``wall``, ``hidden`` and
            ``limits``, as `course.teach.grade.grade` makes it.

    Returns:
        A dict, which is JSON: ``lesson`` ("" if it is of none), ``flags`` and ``problems``
        (sentences), and ``exercises``: a dict for each with exercise, status, points (None
        until a person has judged), flag, words and, of a verdict, ``signed``.

    Raises:
        CourseError: the sandbox cannot be started; the notebook is not to blame.
    """
    result: dict[str, Any] = {"lesson": "", "flags": [], "problems": [], "exercises": []}
    try:
        about, cells = _read(content, result["problems"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        say = _("It cannot be read as a notebook. Save it in JupyterLab, and hand it in again.")
        return result | {"problems": [say]}
    called = Counter(name for _kind, source in cells for name in _CALL.findall(source))
    if not (lesson := _lesson(about, called)):
        return result
    lines, ends = _run(cells, setting)
    stopped = {line["cell"]: "time" for line in lines if line.get("late") is True} | ends
    result["problems"] += [_died(n, why) for n, why in sorted(stopped.items())]
    if not all(line.get("ours", True) is True for line in lines):
        result["flags"].append(_("course.check was replaced"))
    if others := sorted({name[:2] for name in called} - {lesson}):
        say = _("has exercises of lesson {others}, not counted", others=", ".join(others))
        result["flags"].append(say)
    found = [_exercise(task, cells, lines, stopped) for task in exercises(lesson).values()]
    return result | {"lesson": lesson, "exercises": found}


def _read(content: bytes, problems: list[str]) -> tuple[dict[str, Any], _Cells]:
    """Return metadata and cells."""
    if len(content) > MOST:
        say = _("It is larger than {count} MB. Clear its outputs, and hand it in again.")
        problems.append(say.format(count=MOST >> 20))
        return {}, []
    try:
        utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        text = content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1251", "replace")
        problems.append(_("It is not in UTF-8: letters that are not English may be misread."))
    book = json.loads(text, parse_int=float)
    kinds = [(one["cell_type"], one["source"]) for one in book["cells"] if "source" in one]
    if len(kinds) > _CELLS:
        problems.append(_("Only its first {count:,} cells were run.", count=_CELLS))
    cells = [(str(kind), clean("".join(source), 200_000)) for kind, source in kinds[:_CELLS]]
    about = book.get("metadata")
    return about if isinstance(about, dict) else {}, cells


def _lesson(about: dict[str, Any], called: Counter[str]) -> str:
    """Return the lesson of a notebook: by its stamp, unless it checks exercises of others."""
    count = Counter(name[:2] for name in called.elements() if name[:2] in lessons())
    for stamp, key in (("course_copy", "lesson"), ("course", "id")):
        held = about.get(stamp)
        said = held.get(key) if isinstance(held, dict) else ""
        if said in lessons() and (count[said] or not count):
            return str(said)
    return count.most_common(1)[0][0] if count else ""


# --- in the sandbox ----------------------------------------------------------------------


def _sandbox(setting: dict[str, Any]) -> Sandbox:
    """Return the sandbox of this thread, warm; another if that one has ended."""
    tree, held = setting["tree"], getattr(_local, "held", None)
    if held and held[0] == tree and held[1].alive:
        return held[1]
    if held:
        held[1].close()
    folder = Path(tree) if Path(tree).is_dir() else _tree_here()
    box = Sandbox(folder, wall=setting["wall"], hidden=map(Path, setting["hidden"]))
    _local.held = tree, box
    return box


@contextmanager
def own_tree() -> Iterator[Path]:
    """Make a tree, and remove those of graders that were killed.

    Who makes one holds a lock beside it, which ends with the process, however that ends.
    """
    from fcntl import LOCK_EX, LOCK_NB, flock  # not on Windows

    base = tempfile.TemporaryDirectory(prefix=_TEMPORARY, ignore_cleanup_errors=True)
    with base as folder, Path(folder, "lock").open("wb") as ours:
        flock(ours, LOCK_EX)  # before there is a tree
        for tree in Path(folder).parent.glob(f"{_TEMPORARY}*/tree"):
            with suppress(OSError), tree.with_name("lock").open("rb") as theirs:
                flock(theirs, LOCK_EX | LOCK_NB)
                shutil.rmtree(tree.parent)
        yield stripped(Path(folder))


@cache
def _tree_here() -> Path:
    """Make a tree on a machine that has not the one of the batch."""
    kept = ExitStack()
    atexit.register(kept.close)
    return kept.enter_context(own_tree())


def _run(cells: _Cells, setting: dict[str, Any]) -> tuple[_Lines, dict[int, str]]:
    """Run the code, and once more without a cell that ended all.

    Returns:
        The lines of the last run, and the cells that were left out and why.
    """
    ends: dict[int, str] = {}
    lines: _Lines = []
    while len(ends) < _RUNS:
        code = {n: one[1] for n, one in enumerate(cells) if one[0] == "code" and n not in ends}
        came, why = _sandboxed([*code.items()], setting)
        lines = _lines(came, {*code})
        begun = [line["cell"] for line in lines if "begins" in line]
        if not begun or any("ends" in line for line in lines):
            break
        ends[begun[-1]] = why
        if why == "seconds":
            break
    return lines, ends


def _sandboxed(code: _Code, setting: dict[str, Any]) -> tuple[bytes, str]:
    came, why = b"", ""
    for _start in range(2):  # what is warm may be killed from outside: no fault of a notebook
        box = _sandbox(setting)
        try:
            came, why = box.run(code, Limits(**setting["limits"]))
        except OSError:
            box.close()
        if box.alive and (came or not code):
            break
        box.close()  # it may have been stopped, and be silent for ever
    if code and not came:
        say = _("The sandbox was started, but runs no notebooks. Is memory short?")
        raise CourseError(say)
    return came, why


def _lines(came: bytes, numbers: set[int]) -> _Lines:
    """Read what came through the door; what is no line of ours is dropped."""
    found = []
    for row in came.split(b"\n"):
        try:
            line = _tame(json.loads(row, parse_int=_whole, parse_constant=_constant))
            if line["cell"] in numbers:
                found.append(line | {"cell": int(line["cell"])})
        except (ValueError, LookupError, TypeError, RecursionError, OverflowError):
            continue
    return found


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) < 19 else float(digits)  # to read a long one takes long


def _constant(name: str) -> float | None:
    return {"Infinity": inf, "-Infinity": -inf}.get(name)


def _tame(value: Any, depth: int = 12) -> Any:
    """Return JSON that is not too deep, with no long text in it and no hidden sign."""
    if not depth:
        raise ValueError
    if isinstance(value, dict):
        return {_tame(key[:300]): _tame(one, depth - 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_tame(one, depth - 1) for one in value]
    return HIDDEN.sub("?", clean(value, 3_000)) if isinstance(value, str) else value


# --- judged ------------------------------------------------------------------------------


def _exercise(
    task: Exercise, cells: _Cells, lines: _Lines, stopped: dict[int, str]
) -> dict[str, Any]:
    """Judge one exercise: in a cell the last answer counts, of the cells the best."""
    given: dict[int, list[str]] = {}
    for line in lines:
        if line.get("check") == task.id:
            given.setdefault(line["cell"], []).append(json.dumps(line | {"cell": 0}))
    answers = {at: _last(task.id, given[at][-_TRIES:]) for at in sorted(given)[-_TRIES:]}
    flags: list[str] = []
    if answers:
        at = max(sorted(answers, reverse=True), key=lambda n: RANKS.index(answers[n][0]))
        status, words, signed = answers[at]
        flags += [_("as course.solution")] * _alike(cells[at][1], task.solution)
    else:
        status, words, signed = _missing(task.id, cells, lines, stopped)
    if (tried := sum(one[0] != UNTRIED for one in answers.values())) > 5:
        flags.append(_("answered in {n} cells", n=tried))
    points = None if status == OPEN else int(status == RIGHT)
    found = {"exercise": task.id, "status": status, "points": points}
    return found | {"flag": "; ".join(flags), "words": words, "signed": signed}


def _last(name: str, given: list[str]) -> _Judged:
    """Judge the last answer of a cell; three dots are none, if one stands before them."""
    found = _decided(name, given[-1])
    while found[0] == UNTRIED and (given := given[:-1]):
        found = _decided(name, given[-1])
    return found


@lru_cache(256)  # a class gives the same answers
def _decided(name: str, line: str) -> _Judged:
    """Judge what a cell handed out, and trust nothing that it says of itself."""
    task, said, signed = exercises(name[:2])[name], json.loads(line), None
    try:
        with limited():
            if "plain" not in said:  # the check could not read it: it never is right
                status = WRONG if said.get("status") == WRONG else UNCLEAR
                return status, str(said.get("message"))[:600], None
            plain = _plain(said["plain"])
            if plain["form"] == "verdict":
                signed = _weighed(plain["value"])
            if plain["form"] == "function":
                plain["value"]["runs"] = _runs(name, plain["value"]["runs"])
            status, words = task.decide(plain)
    except Unfit as error:
        status, words = error.status, str(error)
    except OutOfTime:
        status, words = UNCLEAR, _("It takes too long to be judged.")
    except Exception:  # a shape that no check of ours makes
        status, words = UNCLEAR, _("What was handed out is no answer to this exercise.")
    if status == "written":
        return OPEN, _("It keeps to the rules. A person judges whether it is good."), signed
    return status, words, None


def _plain(raw: Any) -> Plain:
    form, value, what = raw["form"], raw["value"], raw.get("what") or ""
    pair = form != "pairs" or all(isinstance(one, list) and len(one) == 2 for one in value)
    if not (isinstance(value, _FORMS[form]) and isinstance(what, str) and pair):
        raise ValueError
    return dict(raw, what=what[:200])


def _runs(name: str, runs: list[Any]) -> _Lines:
    """Return the runs of a function, on the inputs that it was given."""
    inputs, found = tasks()[name][1], []
    for run, given in zip(runs, inputs, strict=False):
        more = {key: str(run[key]) for key in ("raised", "line") if key in run}
        what: dict[str, Any] = more or {"returned": _plain(run["returned"])}
        found.append({"input": list(given)} | what)
    if len(runs) > len(inputs) or (len(runs) < len(inputs) and "raised" not in found[-1]):
        raise ValueError
    return found


class _Again(Verdict):
    """A verdict that is looked at once more, and kept nowhere."""

    def _keep(self) -> tuple[str, ...]:
        return ()

    def tell(self) -> "_Again":
        return self


def _weighed(value: dict[str, Any]) -> dict[str, Any] | None:
    """Look at a signed verdict; its status becomes ours. Return it, if a person is to judge.

    Raises:
        ValueError: it has another shape than a verdict.
    """
    signed, claim = value["signed"], str(value["claim"])
    if not journal.fits(signed, journal.SIGNED) or value["status"] not in journal.RANKS:
        raise ValueError
    value["message"] = str(value["message"])[:1500]
    if value["status"] != "written":  # it was not even for the check inside
        return None
    words = ("word", "confidence", "says", "would_change")
    looks = [
        _Again(
            claim,
            **{name: signed[name] for name in words},
            because=[Kept(piece, text) for piece in signed["evidence"]],
        )
        for text in (signed["says"], "")  # with numbers of rows that were not kept; without
    ]
    value["status"], value["message"] = looks[0].status, looks[0].message
    more = {
        "evidence": "\n".join(map(_rows, looks[0].evidence)),
        "note": " ".join(looks[1].reasons),
    }
    return {"claim": claim} | {name: signed[name] for name in words} | more


def _rows(piece: dict[str, Any]) -> str:
    """Write a piece of evidence out, with the rows that were kept of it."""
    rows = [
        ", ".join(f"{name}: {cell}" for name, cell in zip(piece["columns"], row, strict=False)
                  if cell is not None) for row in piece["rows"]
    ]  # fmt: skip
    head = f"{piece['table']}: {piece['what']}".strip(": ")
    return "\n".join([head, *(f"· {row[:300]}" for row in rows)])


def _alike(source: str, solution: str) -> bool:
    try:
        return ast.dump(ast.parse(source)) == ast.dump(ast.parse(solution))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _missing(name: str, cells: _Cells, lines: _Lines, stopped: dict[int, str]) -> _Judged:
    """Say why an exercise has no answer."""
    asked = [n for n, (_kind, source) in enumerate(cells) if name in _CALL.findall(source)]
    code = [n for n in asked if cells[n][0] == "code"]
    if not asked:
        return UNTRIED, _('No cell has course.check("{id}", ...) in it.', id=name), None
    at = (code or asked)[-1]
    if not code:
        words = _("Cell {n} checks it, but is no code cell. Set its type to Code.", n=at + 1)
    elif at in stopped:
        words = _died(at, stopped[at])
    elif errors := [str(one["error"]) for one in lines if one["cell"] == at and "error" in one]:
        say = _("Cell {n} stops before the check. {error}")
        words = say.format(n=at + 1, error=errors[-1][:200])
    else:
        words = _("Cell {n} never came to the check.", n=at + 1)
    return WRONG, words, None


def _died(cell: int, why: str) -> str:
    """Say what became of a cell that was stopped."""
    reasons = {"time": _("it runs too long"), "memory": _("it takes too much memory")}
    reasons |= {"seconds": _("all cells together run too long")}
    reasons |= {"answers": _("it hands out too much"), "": _("it ends the whole notebook")}
    return _("Cell {n} was stopped: {why}.", n=cell + 1, why=reasons[why])
