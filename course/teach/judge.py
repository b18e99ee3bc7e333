"""One notebook: read, run in the sandbox, and judged here by the plain values it hands out."""

import ast
import json
import re
import tempfile
import threading
from collections import Counter
from functools import cache, lru_cache
from math import inf
from pathlib import Path
from typing import Any

from course.errors import CourseError
from course.exercises import journal
from course.exercises.budget import OutOfTime, limited
from course.exercises.evidence import Kept
from course.exercises.exercise import Exercise
from course.exercises.run import trouble
from course.exercises.values import Plain, Unfit
from course.exercises.verbs import exercises
from course.exercises.verdict import Verdict
from course.lessons import lessons
from course.teach.sandbox import Limits, Sandbox, stripped, tasks
from course.words import _, clean

MOST = 64 << 20  # bytes of a notebook
_RUNS, _CELLS, _LINES = 3, 1_000, 5_000
RANKS = ["not attempted", "cannot tell", "not yet", "to judge", "passed"]
_CALL = re.compile(r"""\bcheck\(\s*(?:exercise_id\s*=\s*)?["'](\d\d\.\d{1,2})["']""")
_NONE, _MANY = ("dots", "nothing", "missing", "other"), ("map", "function", "verdict")
_FORMS: dict[str, Any] = dict.fromkeys(_NONE, type(None)) | dict.fromkeys(_MANY, dict)
_FORMS |= {"number": float, "truth": bool, "text": str, "date": str}
_FORMS |= {"list": list, "pairs": list, "table": list | None}
_local = threading.local()


def judge(content: bytes, setting: dict[str, Any]) -> dict[str, Any]:
    """Run a notebook apart, and judge its answers.

    Args:
        content: of the file.
        setting: ``tree`` (see `course.teach.sandbox.stripped`), ``wall``, ``hidden`` and
            ``limits``, as `course.teach.grade.grade` makes it.

    Returns:
        A dict, which is JSON: ``lesson`` ("" if it is of none), ``flags`` and ``problems``
        (sentences), and ``exercises``: a dict for each with exercise, status, points (None
        until a human has judged), flag, words and, of a verdict, ``signed``.

    Raises:
        CourseError: the sandbox cannot be started; the notebook is not to blame.
    """
    result: dict[str, Any] = {"lesson": "", "flags": [], "problems": [], "exercises": []}
    try:
        about, cells, note = _read(content)
    except ValueError as error:
        return result | {"problems": [str(error)]}
    called = Counter(name for _kind, source in cells for name in _CALL.findall(source))
    lesson = result["lesson"] = _lesson(about, called)
    if not lesson:
        problem = _("It is no notebook of this course: it checks no exercise.")
        return result | {"problems": [problem]}
    lines, ends = _run(cells, setting)
    result["problems"] += note + [_died(n, why) for n, why in ends.items()]
    if not all(line.get("ours", True) for line in lines):
        result["flags"].append(_("course.check was replaced"))
    if others := sorted({name[:2] for name in called} - {lesson}):
        say = _("exercises of lesson {others} are in it", others=", ".join(others))
        result["flags"].append(say)
    for task in exercises(lesson).values():
        result["exercises"].append(_exercise(task, cells, lines, ends))
    return result


# --- the file --------------------------------------------------------------------------


def _read(content: bytes) -> tuple[dict[str, Any], list[tuple[str, str]], list[str]]:
    """Return metadata, cells (type and source), and what to tell of the file.

    Raises:
        ValueError: it is no notebook; the message says so to its author.
    """
    no_notebook = _(
        "It cannot be read as a notebook. Save it in JupyterLab and hand it in again."
    )
    if len(content) > MOST:
        say = _("It is larger than {count} MB. Clear its outputs, save it, hand it in again.")
        raise ValueError(say.format(count=MOST >> 20))
    utf16, note = content[:2] in (b"\xff\xfe", b"\xfe\xff"), []
    try:
        text = content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1251", "replace")
        note = [_("It is not in UTF-8, so letters other than English ones may be misread.")]
    try:
        book = json.loads(text, parse_int=float)
        raw, about = book["cells"], book.get("metadata")
        cells = [
            (str(one["cell_type"]), clean("".join(one["source"]), 200_000))
            for one in raw
            if isinstance(one, dict) and isinstance(one.get("source"), str | list)
        ]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(no_notebook) from error
    if len(cells) > _CELLS:
        raise ValueError(_("It has more than {count:,} cells.", count=_CELLS))
    return about if isinstance(about, dict) else {}, cells, note


def _lesson(about: dict[str, Any], called: Counter[str]) -> str:
    """Return the lesson of a notebook: by its stamp, if it asks for any of its exercises."""
    ours = Counter(dict.fromkeys(lessons(), 0))
    for name, count in called.items():
        if name[:2] in ours:
            ours[name[:2]] += count
    for stamp, key in (("course_copy", "lesson"), ("course", "id")):
        held = about.get(stamp)
        said = str(held.get(key)) if isinstance(held, dict) else ""
        if said in ours and (ours[said] or not any(ours.values())):
            return said
    best, count = max(ours.items(), key=lambda one: one[1])
    return best if count else ""


# --- in the sandbox ----------------------------------------------------------------------


def _sandbox(setting: dict[str, Any]) -> Sandbox:
    """Return the sandbox of this thread, warm; another if that one has ended."""
    held = getattr(_local, "held", None)
    if held and (held[0] != setting["tree"] or not held[1].alive):
        held[1].close()
        held = None
    if not held:
        tree = Path(setting["tree"])
        tree = tree if tree.is_dir() else _own_tree()
        box = Sandbox(tree, wall=setting["wall"], hidden=map(Path, setting["hidden"]))
        held = _local.held = setting["tree"], box
    return held[1]


@cache
def _own_tree() -> Path:
    """Make a tree on a machine that has not the one of the batch."""
    return stripped(Path(tempfile.mkdtemp(prefix="course-grade-")))


def _run(
    cells: list[tuple[str, str]], setting: dict[str, Any]
) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """Run the code; once more without a cell that ended all.

    Returns:
        The lines of the last run, and the cells that were left out and why.
    """
    ends: dict[int, str] = {}
    lines: list[dict[str, Any]] = []
    for _again in range(_RUNS):
        code = [(n, source) for n, (kind, source) in enumerate(cells) if kind == "code"]
        code = [one for one in code if one[0] not in ends]
        for _start in range(2):  # what is warm may have been killed since
            try:
                came, why = _sandbox(setting).run(code, Limits(**setting["limits"]))
                break
            except OSError:
                _local.held[1].close()
        else:
            raise CourseError(_("The sandbox ends as soon as it is started."))
        lines = _lines(came, {n for n, _source in code})
        begun = [line["cell"] for line in lines if "begins" in line]
        if code and not begun and not why:
            raise CourseError(_("The sandbox does not run notebooks on this machine."))
        if any("ends" in line for line in lines) or not begun:
            break
        ends[begun[-1]] = why
    return lines, ends


def _lines(came: bytes, numbers: set[int]) -> list[dict[str, Any]]:
    """Read what came through the door; what is no line of ours is dropped."""
    found = []
    for row in came.split(b"\n")[:_LINES]:
        try:
            line = _tame(json.loads(row, parse_int=float, parse_constant=_constant))
            if line["cell"] in numbers or "ends" in line:
                found.append(line | {"cell": int(line["cell"])})
        except (ValueError, LookupError, TypeError, RecursionError, OverflowError):
            continue
    return found


def _constant(name: str) -> float | None:
    return {"Infinity": inf, "-Infinity": -inf}.get(name)


def _tame(value: Any, depth: int = 12) -> Any:
    """Return JSON with no long text in it, and not too deep."""
    if not depth:
        raise ValueError
    if isinstance(value, dict):
        return {clean(key, 300): _tame(one, depth - 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_tame(one, depth - 1) for one in value]
    return clean(value, 3_000) if isinstance(value, str) else value


# --- judged ------------------------------------------------------------------------------


def _exercise(
    task: Exercise,
    cells: list[tuple[str, str]],
    lines: list[dict[str, Any]],
    ends: dict[int, str],
) -> dict[str, Any]:
    """Judge one exercise: in a cell the last answer counts, of the cells the best."""
    answers: dict[int, tuple[str, str, dict[str, Any] | None]] = {}
    for line in lines:
        if line.get("check") == task.id:
            judged = _decided(task.id, json.dumps(line | {"cell": 0}))
            if judged[0] != RANKS[0] or line["cell"] not in answers:
                answers[line["cell"]] = judged
    tried = [n for n, one in answers.items() if one[0] != RANKS[0]]
    if answers:
        at = max(sorted(answers, reverse=True), key=lambda n: RANKS.index(answers[n][0]))
        status, words, signed = answers[at]
        flag = _("as course.solution") if _alike(cells[at][1], task.solution) else ""
    else:
        status, words = _missing(task.id, cells, lines, ends)
        signed, flag = None, ""
    if len(tried) > 5:
        flag = "; ".join(filter(None, [flag, _("answered in {n} cells", n=len(tried))]))
    points = None if status == "to judge" else int(status == "passed")
    found = {"exercise": task.id, "status": status, "points": points, "flag": flag}
    return found | {"words": words, "signed": signed}


@lru_cache(8192)
def _decided(name: str, line: str) -> tuple[str, str, dict[str, Any] | None]:
    """Judge what a cell handed out, and trust nothing that it says of itself."""
    task, said = exercises(name[:2])[name], json.loads(line)
    signed = None
    try:
        with limited():
            if "plain" not in said:  # the check could not read it: it never is right
                status = "not yet" if said.get("status") == "not yet" else "cannot tell"
                return status, clean(str(said.get("message")), 600), None
            plain = _plain(said["plain"])
            if plain["form"] == "verdict" and task.kind == "verdict":
                signed = _weighed(plain["value"])
            if plain["form"] == "function":
                plain["value"]["runs"] = _runs(name, plain["value"]["runs"])
            status, words = task.decide(plain)
    except Unfit as error:
        status, words = error.status, str(error)
    except OutOfTime as error:
        status, words = trouble(error)
    except Exception:  # a shape that no check of ours makes
        status, words = "cannot tell", _("What was handed out is no answer to this exercise.")
    if status == "written":
        return "to judge", _("It fits the rules. A person judges whether it is good."), signed
    return status, words, None


def _plain(raw: Any) -> Plain:
    form, value, what = raw["form"], raw["value"], raw.get("what")
    right = isinstance(value, _FORMS[form]) and isinstance(what, str | None)
    if form == "pairs" and any(not isinstance(one, list) or len(one) != 2 for one in value):
        right = False
    if not right:
        raise ValueError
    return dict(raw, what=what and what[:200])


@cache
def _inputs(name: str) -> list[Any]:
    return tasks()[name][1]


def _runs(name: str, runs: list[Any]) -> list[dict[str, Any]]:
    """Return the runs of a function, on the inputs that it was given."""
    inputs = _inputs(name)
    whole = len(runs) == len(inputs) or (len(runs) < len(inputs) and "raised" in runs[-1])
    if not runs or not whole:
        raise ValueError
    found = []
    for run, given in zip(runs, inputs, strict=False):
        more = (
            {"raised": str(run["raised"]), "line": str(run["line"])} if "raised" in run else {}
        )
        found.append({"input": list(given)} | (more or {"returned": _plain(run["returned"])}))
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
    words: dict[str, Any] = {
        name: signed[name] for name in ("word", "confidence", "says", "would_change")
    }
    looks = [
        _Again(claim, **words, because=[Kept(piece, text) for piece in signed["evidence"]])
        for text in (signed["says"], "")  # with numbers of rows that were not kept; without
    ]
    value["status"], value["message"] = looks[0].status, looks[0].message
    pieces = [f"{one['table']}: {one['what']}".strip(": ") for one in looks[0].evidence]
    kept = {"claim": claim, **words, "evidence": "; ".join(pieces)}
    return kept | {"note": " ".join(looks[1].reasons)}


def _alike(source: str, solution: str) -> bool:
    try:
        return ast.dump(ast.parse(source)) == ast.dump(ast.parse(solution))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _missing(
    name: str,
    cells: list[tuple[str, str]],
    lines: list[dict[str, Any]],
    ends: dict[int, str],
) -> tuple[str, str]:
    """Say why an exercise has no answer."""
    asked = [n for n, (_kind, source) in enumerate(cells) if name in _CALL.findall(source)]
    code = [n for n in asked if cells[n][0] == "code"]
    if not asked:
        return RANKS[0], _("No cell checks this exercise.")
    if not code:
        say = _("Cell {n} checks it, but is no code cell. Change its type to Code.")
        return "not yet", say.format(n=asked[-1] + 1)
    at = code[-1]
    if at in ends:
        return "not yet", _died(at, ends[at])
    for line in lines:
        if line["cell"] == at and "error" in line:
            if line.get("late") is True:
                return "not yet", _died(at, "time")
            say = _("Cell {n} stops before the check. {error}")
            return "not yet", say.format(n=at + 1, error=str(line["error"])[:200])
    return "not yet", _("Cell {n} never came to the check.", n=at + 1)


def _died(cell: int, why: str) -> str:
    """Say what became of a cell that ended the notebook."""
    reasons = {
        "time": _("it runs too long"),
        "memory": _("it takes too much memory"),
        "answers": _("it hands out too much"),
    }
    say = _("Cell {n} was left out: {why}.")
    return say.format(n=cell + 1, why=reasons.get(why) or _("it ends the whole notebook"))
