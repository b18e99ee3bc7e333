"""The verbs around exercises: check, hint, solution, progress.

The exercises of lesson NN stand in ``answers_NN.py`` as a list ``EXERCISES``; such a
module takes all it needs from here.
"""

import re
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

import pandas as pd

from course.errors import CourseError, nearest
from course.exercises.exercise import LONGEST, Exercise
from course.exercises.journal import RANKS, Change, ProgressFile
from course.exercises.on_map import (
    bounds,
    features,
    layers,
    legends,
    lines,
    points,
    rounded,
    spots,
)
from course.exercises.show import Feedback, Hint, Progress, Solution
from course.exercises.values import type_name, unwrap

__all__ = [
    "Exercise",
    "bounds",
    "check",
    "exercise",
    "exercises",
    "features",
    "hint",
    "layers",
    "legends",
    "lessons",
    "lines",
    "points",
    "progress",
    "rounded",
    "solution",
    "spots",
]  # fmt: skip


# --- the registry -------------------------------------------------------------


def lessons() -> list[str]:
    """List the lessons that have exercises, two digits each."""
    names = (path.name for path in files("course.lessons").iterdir())
    found = (re.fullmatch(r"answers_(\d\d)\.py", name) for name in names)
    return sorted(match[1] for match in found if match)


@cache
def exercises(lesson: str) -> dict[str, Exercise]:
    """Return the exercises of one lesson by id.

    Args:
        lesson: two digits.

    Raises:
        CourseError: the lesson does not exist or has no exercises.
    """
    if not isinstance(lesson, str) or lesson not in lessons():
        raise CourseError(
            f"There is no lesson {_name(lesson)} with exercises. The lessons are: "
            f'{", ".join(lessons())}. Write two digits in quotes, such as "01".'
        )
    module = import_module(f"course.lessons.answers_{lesson}")
    return {exercise.id: exercise for exercise in module.EXERCISES}


def _name(thing: Any) -> str:
    if isinstance(thing, str):
        return repr(str.__str__(thing)[:40])
    return str(thing) if type(thing) in (int, float) else f"of type {type_name(thing)}"


def exercise(exercise_id: str) -> Exercise:
    """Return an exercise by its id, reading only the module of its lesson.

    Raises:
        CourseError: there is no such exercise; the message lists those near.
    """
    wanted = str.__str__(exercise_id) if isinstance(exercise_id, str) else ""
    if type(exercise_id) is float:  # 6.3, where quotes were forgotten
        wanted = str(exercise_id)
    for guess in (wanted, f"0{wanted}"):
        if guess[:2] not in lessons():
            continue
        known = exercises(guess[:2])
        if guess == wanted and isinstance(exercise_id, str) and guess in known:
            return known[guess]
        raise CourseError(
            f"There is no exercise {_name(exercise_id)}.{nearest(guess, known)} "
            f"The exercises of this lesson are: {', '.join(known)}."
        )
    raise CourseError(
        f"There is no exercise {_name(exercise_id)}. An id is the lesson and a number in "
        f'quotes, such as "01.2". The lessons are: {", ".join(lessons())}.'
    )


# --- the verbs ----------------------------------------------------------------

_file = ProgressFile()
_hints: dict[str, int] = {}


def check(exercise_id: str, answer: Any = ...) -> Feedback:
    """Check an answer and remember how it went.

    Args:
        exercise_id: the exercise, such as "06.3".
        answer: your answer; three dots mean that you have not tried yet.

    Returns:
        The feedback: ``status``, ``message``, and a box the notebook shows.

    Raises:
        CourseError: there is no such exercise.
    """
    task = exercise(exercise_id)
    found = task.judge(answer)
    change = Change(task.id, found.status)
    if task.kind == "free" and found.status in ("passed", "not yet"):
        change.text = _text(answer)
    found.notes = _file.record(change)
    return found


def _text(answer: Any) -> str | None:
    try:
        text = unwrap(answer)
        if isinstance(text, str) and len(text) <= LONGEST:
            # the file cannot hold half a character; kept as the file keeps it, the
            # text is known again when it is checked once more
            return str.__str__(text).encode("utf-8", "replace").decode("utf-8")
    except Exception:
        pass  # what cannot be read cannot be kept
    return None


def hint(exercise_id: str) -> Hint:
    """Give the next hint of an exercise, one more each time.

    Args:
        exercise_id: the exercise, such as "06.3".

    Raises:
        CourseError: there is no such exercise.
    """
    task = exercise(exercise_id)
    number = min(_hints.get(task.id, 0) + 1, len(task.hints))
    _hints[task.id] = number
    notes = _file.record(Change(task.id, hints=number))
    return Hint(task.id, number, len(task.hints), task.hints[number - 1], notes)


def solution(exercise_id: str) -> Solution:
    """Show one way to do an exercise, folded up, and what it tells.

    Args:
        exercise_id: the exercise, such as "06.3".

    Raises:
        CourseError: there is no such exercise.
    """
    task = exercise(exercise_id)
    return Solution(task.id, task.solution, task.after)


def progress(lesson: str | None = None) -> Progress:
    """Show which exercises are done.

    Args:
        lesson: two digits; all lessons if left out.

    Returns:
        What the notebook shows as a table; ``.table`` is a DataFrame.

    Raises:
        CourseError: there is no such lesson.
    """
    chosen = lessons() if lesson is None else [lesson]
    notes = _file.save()
    entries, rows = _file.entries(), []
    for number in chosen:
        for task in exercises(number).values():
            entry = entries.get(task.id, {})
            status = entry.get("status", RANKS[0])
            rows.append((task.id, task.ask, status, entry.get("tries", 0)))
    frame = pd.DataFrame(rows, columns=["id", "ask", "status", "tries"])
    return Progress(frame.set_index("id"), notes)
