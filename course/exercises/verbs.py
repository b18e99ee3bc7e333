"""The verbs around exercises: check, hint, solution, progress."""

from contextlib import suppress
from typing import Any

import pandas as pd

from course.data import read
from course.errors import known
from course.exercises import journal
from course.exercises.budget import OutOfTime, limited
from course.exercises.exercise import Exercise
from course.exercises.read import type_name
from course.exercises.show import Feedback, Progress, Solution
from course.exercises.verdict import Verdict, verdicts
from course.lessons import contracts, lessons, room
from course.words import _

_hints: dict[str, int] = {}


def exercises(lesson: str) -> dict[str, Exercise]:
    """Return the exercises of one lesson by id.

    Args:
        lesson: two digits.

    Raises:
        CourseError: there is no such lesson.
    """
    lead = _('Write two digits in quotes, such as "01". The lessons are')
    known(lesson, lessons(), _("lesson"), lead)
    return {task.id: task for task in room(lesson).EXERCISES}


def exercise(exercise_id: str) -> Exercise:
    """Return an exercise by its id, reading only the room of its lesson.

    Raises:
        CourseError: there is no such exercise; the message lists those near.
    """
    usual = isinstance(exercise_id, str | float | int)
    word = exercise_id if usual else type_name(exercise_id)
    lesson = next((one for one in lessons() if f"{word}".startswith((one, one[1:] + "."))), "")
    found = exercises(lesson) if lesson else {}
    form = _('An id is the lesson and a number in quotes, such as "01.2".')
    lead = _("The exercises of this lesson are") if found else _("The lessons are")
    return found[known(word, found or lessons(), _("exercise"), f"{form} {lead}")]


def check(exercise_id: str, answer: Any = ...) -> Feedback:
    """Check an answer and remember how it went.

    Args:
        exercise_id: the exercise, such as "06.3".
        answer: your answer, for the last exercise of a lesson your `Verdict`; three dots
            mean that you have not tried yet.

    Returns:
        The feedback: ``status``, ``message``, and a box the notebook shows; a map is shown
        below it.

    Raises:
        CourseError: there is no such exercise.
    """
    task = exercise(exercise_id)
    found = task.judge(answer)
    if issubclass(type(answer), Verdict):  # isinstance would ask the answer itself
        answer.seen()
        found.beside = answer.beside if found.status == "written" else ""
    if task.kind == "map" and hasattr(type(answer), "add_child"):
        with suppress(Exception, OutOfTime), limited():  # the message says what is wrong
            found.beside = answer._repr_html_() or ""
    what = {"mistake": found.message[:300]} if found.status == "not yet" else {}
    found.notes = journal.record("check", task.id, status=found.status, **what)
    return found.tell()


def hint(exercise_id: str) -> Feedback:
    """Give the next hint of an exercise, one more each time.

    Args:
        exercise_id: the exercise, such as "06.3".

    Raises:
        CourseError: there is no such exercise.
    """
    task = exercise(exercise_id)
    of = len(task.hints)
    number = _hints[task.id] = min(_hints.get(task.id, 0) + 1, of)
    notes = journal.record("hint", task.id, hints=number)
    more = _("{count} more: run it again.", count=of - number)
    if number == of:
        more = _('No more hints. course.solution("{id}") shows one way.', id=task.id)
    title = _("Hint {number} of {of}", number=number, of=of)
    text = task.told("hint", task.hints[number - 1])
    return Feedback(task.id, "not attempted", text, (more, *notes), title=title).tell()


def solution(exercise_id: str) -> Solution:
    """Show one way to do an exercise, folded up, and what it tells.

    Args:
        exercise_id: the exercise, such as "06.3".

    Raises:
        CourseError: there is no such exercise.
    """
    task = exercise(exercise_id)
    return Solution(task.id, task.solution, task.told("after", task.after)).tell()


def progress(lesson: str | None = None) -> Progress:
    """Show which exercises are done, and which verdicts are written.

    Args:
        lesson: two digits; all lessons if left out.

    Returns:
        What the notebook shows as a table; ``.table`` is a DataFrame, one row for each
        exercise: ask, status, tries, saved; ``.verdicts`` is another, one row for each
        claim of the lessons: status ("written", "not yet" or "not attempted"), and what was
        signed last.

    Raises:
        CourseError: there is no such lesson.
    """
    chosen = lessons() if lesson is None else [lesson]
    tasks = [task for number in chosen for task in exercises(number).values()]
    entries, columns = journal.entries(), ["id", "ask", "status", "tries", "saved"]
    rows = [
        {"id": task.id, "ask": task.told("ask", task.ask)}
        | vars(entries.get(task.id, journal.Entry()))
        for task in tasks
    ]
    table = pd.DataFrame(rows, columns=columns).set_index("id")
    claims = [
        claim for number in chosen for claim in contracts().get(number, {}).get("claims", [])
    ]
    signed = verdicts().reindex(list(dict.fromkeys(claims)))
    signed = signed.join(read("claims").set_index("claim_id")["claim"])
    blank = {"status": "not attempted", "word": "", "confidence": ""}
    signed = signed.fillna(blank).assign(saved=signed["saved"].ne(False))
    return Progress(table, journal.notes(), signed).tell()
