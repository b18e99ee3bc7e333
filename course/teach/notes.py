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
        lessons more. Empty for a lesson without notes.

    Raises:
        CourseError: there is no such lesson, or the file cannot be read.
    """
    return dict(_all().get(known(lesson, lessons(), _("lesson")), {}))


def skippable(lesson: str) -> list[str]:
    """Return the exercises a late class may skip: those "When late" names before "Never".

    Args:
        lesson: two digits.

    Raises:
        CourseError: as `notes` does.
    """
    text = notes(lesson).get("When late", "").partition("Never")[0]
    return re.findall(rf"\b{lesson}\.\d\b", text)


@cache
def _all() -> dict[str, dict[str, str]]:
    """Read the file once: lesson -> lead -> text."""
    path = lessons_dir() / "INSTRUCTORS.md"
    try:
        text = path.read_text(encoding="utf-8")
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
