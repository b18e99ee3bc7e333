"""The verbs around exercises: check, hint, solution, progress."""

from functools import cache
from typing import Any

import pandas as pd

from course.errors import CourseError, nearest
from course.exercises import journal
from course.exercises.exercise import Exercise
from course.exercises.show import Feedback, Hint, Progress, Solution
from course.exercises.values import lone, type_name
from course.lessons import lessons, room
from course.words import _

_hints: dict[str, int] = {}


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
            _(
                "There is no lesson {name} with exercises. The lessons are: {lessons}. Write "
                'two digits in quotes, such as "01".',
                name=_name(lesson),
                lessons=", ".join(lessons()),
            )
        )
    return {exercise.id: exercise for exercise in room(lesson).EXERCISES}


def exercise(exercise_id: str) -> Exercise:
    """Return an exercise by its id, reading only the room of its lesson.

    Raises:
        CourseError: there is no such exercise; the message lists those near.
    """
    text = str(exercise_id) if isinstance(exercise_id, str | float) else ""
    for wanted in (text, f"0{text}"):  # 6.3, where quotes were forgotten
        if wanted[:2] not in lessons():
            continue
        known = exercises(wanted[:2])
        if wanted == exercise_id and wanted in known:
            return known[wanted]
        raise CourseError(
            _(
                "There is no exercise {name}.{near} The exercises of this lesson are: {ids}.",
                name=_name(exercise_id),
                near=nearest(wanted, known),
                ids=", ".join(known),
            )
        )
    raise CourseError(
        _(
            "There is no exercise {name}. An id is the lesson and a number in quotes, such as "
            '"01.2". The lessons are: {lessons}.',
            name=_name(exercise_id),
            lessons=", ".join(lessons()),
        )
    )


def _name(thing: Any) -> str:
    if isinstance(thing, str):
        return repr(str.__str__(thing)[:40])
    known = type(thing) in (int, float)
    return str(thing) if known else _("of type {type}", type=type_name(thing))


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
    free = task.kind == "free"
    texts = [one for one in lone(found.plain) if isinstance(one, str)] if found.plain else []
    text = texts[0] if free and texts and found.status != "not attempted" else None
    told = found.message if found.status == "not yet" and not free else None
    found.notes = journal.record("check", task.id, status=found.status, text=text, mistake=told)
    return found


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
    notes = journal.record("hint", task.id, hints=number)
    text = task.told("hint", task.hints[number - 1])
    return Hint(task.id, number, len(task.hints), text, notes)


def solution(exercise_id: str) -> Solution:
    """Show one way to do an exercise, folded up, and what it tells.

    Args:
        exercise_id: the exercise, such as "06.3".

    Raises:
        CourseError: there is no such exercise.
    """
    task = exercise(exercise_id)
    return Solution(task.id, task.solution, task.told("after", task.after))


def progress(lesson: str | None = None) -> Progress:
    """Show which exercises are done.

    Args:
        lesson: two digits; all lessons if left out.

    Returns:
        What the notebook shows as a table; ``.table`` is a DataFrame, one row for each
        exercise: ask, status, tries, saved.

    Raises:
        CourseError: there is no such lesson.
    """
    chosen = lessons() if lesson is None else [lesson]
    entries, rows = journal.entries(), {}
    for task in (task for number in chosen for task in exercises(number).values()):
        entry = entries.get(task.id, journal.Entry())
        rows[task.id] = (task.told("ask", task.ask), entry.status, entry.tries, entry.saved)
    columns = ["ask", "status", "tries", "saved"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("id")
    return Progress(table, journal.notes())
