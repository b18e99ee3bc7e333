"""What INSTRUCTORS.md says of each lesson, by its leads."""

import re
from functools import cache

from course.errors import CourseError, known
from course.lessons import lessons
from course.paths import lessons_dir
from course.words import _


def notes(lesson: str) -> dict[str, str]:
    """Return what a teacher should know of a lesson.

    Args:
        lesson: two digits, such as "03".

    Returns:
        Lead -> its text in Markdown, in the order of INSTRUCTORS.md: "Aim", "Plan", "How to
        teach it", "What usually goes wrong", "What to discuss", "When late", and in some
        lessons more.

    Raises:
        CourseError: there is no such lesson, or the file cannot be read.
    """
    return dict(_all().get(known(lesson, lessons(), _("lesson")), {}))


def when_late(lesson: str) -> tuple[list[str], list[str]]:
    """Return the ids of the exercises to leave out first, in order, and of those never to."""
    skip, _never, never = notes(lesson).get("When late", "").partition("Never")
    return re.findall(r"\b\d\d\.\d\b", skip), re.findall(r"\b\d\d\.\d\b", never)


def goes_wrong(lesson: str) -> dict[str, str]:
    """Return what usually goes wrong at each exercise, in Markdown, by its id."""
    leads = notes(lesson)
    text = " ".join(" ".join(leads[one] for one in leads if "goes wrong" in one).split())
    return dict(re.findall(r"\b(\d\d\.\d): (.+?)(?= \d\d\.\d: |$)", text))


@cache
def _all() -> dict[str, dict[str, str]]:
    """Read the file once: lesson -> lead -> text."""
    try:
        text = (lessons_dir() / "INSTRUCTORS.md").read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        say = _(
            "The notes for instructors cannot be read ({reason}). Install the course again."
        )
        raise CourseError(say.format(reason=error)) from error
    found = {}
    for part in re.split(r"(?m)^(?=###? )", text):
        if head := re.match(r"### (\d\d) · ", part):
            leads = re.split(r"(?m)^\*\*([^*]+?)(?: \(\d+\))?\.\*\*\s+", part)
            found[head[1]] = dict(zip(leads[1::2], map(str.strip, leads[2::2]), strict=True))
    return found
