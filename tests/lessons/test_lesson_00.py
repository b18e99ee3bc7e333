"""Lesson 00: what its task says of the course holds."""

import re

from course.lessons import contracts, lesson_00
from course.paths import lessons_dir

(TASK, _CLICK) = lesson_00.EXERCISES
TEXT = next(lessons_dir().glob("00_*.ipynb")).read_text(encoding="utf-8")


def test_every_lesson_takes_what_the_first_task_says():
    found = {name: one["minutes"] for name, one in contracts().items() if name != "00"}
    assert len(found) == 12 and "The twelve lessons after this one (01 to 12)" in TEXT
    assert f"{lesson_00.SHORTEST} to {lesson_00.LONGEST} minutes" in TEXT
    for name, minutes in found.items():
        whole = minutes["teach"] + minutes["practise"]
        assert lesson_00.SHORTEST <= whole <= lesson_00.LONGEST, name


def test_the_answer_follows_the_contracts():
    assert TASK.answer() == (len(contracts()) - 1) * lesson_00.SHORTEST / 60


def test_no_colour_is_promised_that_another_theme_lacks():
    assert not re.search(r"\b(grey|gray|white|blue)\b", TEXT)
