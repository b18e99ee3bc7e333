"""What the task in a lesson says, and what its exercise holds an answer to."""

import nbformat
import pytest

from course.exercises.explain import digits_words
from course.lessons import lessons, room
from course.paths import lessons_dir


def tasks(lesson):
    """Exercise id -> the prose between the check before it and its own."""
    (path,) = lessons_dir().glob(f"{lesson}_*.ipynb")
    found, prose = {}, ""
    for cell in nbformat.read(path, as_version=4).cells:
        prose += cell.source if cell.cell_type == "markdown" else ""
        if "exercise" in cell.metadata:
            found[cell.metadata["exercise"]], prose = prose, ""
    return found


@pytest.mark.parametrize("lesson", lessons())
def test_a_task_says_to_how_many_digits_and_for_which_years(lesson):
    prose = tasks(lesson)
    lacks = []
    for task in room(lesson).EXERCISES:
        entries = [e[0] if isinstance(e, tuple) else e for e in (task.named or {}).values()]
        said = [digits_words(task.digits), *(str(e) for e in entries if isinstance(e, int))]
        lacks += [
            f"{task.id}: {words}" for words in said if words not in prose.get(task.id, "")
        ]
    assert lacks == [], "the task in the notebook (or its metadata) lacks these words"
