"""Lesson 00: what its task says of the course holds."""

import re

import pytest

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


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (1200, "100 minutes a lesson"),
        (60, "minutes of one lesson"),
        (100, "minutes of one lesson"),
    ],
)
def test_minutes_are_told_as_minutes(given, words):
    """1,200 is a hundred times 12 as well, yet no percent."""
    assert words in TASK.judge(given).message and "Percent" not in TASK.judge(given).message


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("Khabarovsk Krai", "its name"),
        ("live.selected", "Leave out the quotes"),
    ],
)
def test_a_name_or_a_quoted_word_is_told(given, words):
    found = _CLICK.judge(given)
    assert found.status == "not yet" and words in found.message
