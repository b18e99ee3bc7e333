"""The sections of a lesson, as a plan may take them or leave them out."""

import json
import re
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import accumulate
from typing import Any

from course.exercises.exercise import Exercise
from course.exercises.verbs import exercises
from course.lessons import contracts
from course.paths import lessons_dir
from course.teach.notes import when_late

WORDS, CELL = 200, 40  # read in a minute; seconds for a cell of code


def to_follow(cell: dict[str, Any]) -> float:
    """Return the minutes it takes to follow a cell; an exercise has minutes of its own."""
    if cell["cell_type"] == "code":
        return 0 if "exercise" in cell["metadata"] else CELL / 60
    return len("".join(cell["source"]).split()) / WORDS


@dataclass(frozen=True)
class Block:
    """A row of a run sheet: sections up to an exercise, a break, or time kept free."""

    lesson: str  # two digits; "" for a break
    title: str  # the sections
    minutes: int
    exercises: tuple[Exercise, ...] = field(default=(), hash=False)
    number: int = 0  # its place in the lesson
    skip: int = 0  # when late: 1 may go, 2 or more goes first; 0 is the heart of the lesson
    day: int = 0
    start: int = 0  # minutes since midnight

    @property
    def time(self) -> str:
        """When it begins, such as "09:05"."""
        return f"{self.start // 60:02}:{self.start % 60:02}"

    @property
    def verdict(self) -> bool:
        """Whether a verdict is signed in it."""
        return any(task.kind == "verdict" for task in self.exercises)


@cache
def needs_of(lesson: str) -> set[str]:
    """Return the lessons that one needs, and those that these need."""
    own = contracts()[lesson]["prerequisites"]
    return {*own, *(far for near in own for far in needs_of(near))}


@cache
def cells_of(lesson: str) -> list[dict[str, Any]]:
    """Return the cells of a lesson, each with its source in one piece."""
    path = next(lessons_dir().glob(f"{lesson}_*.ipynb"))
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in cells]


def _heads(cell: dict[str, Any]) -> list[str]:
    prose = cell["source"] if cell["cell_type"] == "markdown" else ""
    return re.findall(r"(?m)^## (.+)", prose)


@cache
def blocks(lesson: str) -> list[Block]:
    """Cut a lesson after its exercises; the minutes add up to those of its contract."""
    cells, parts = cells_of(lesson), [list[dict[str, Any]]()]
    for cell in cells[:1] + cells[2:]:  # nobody reads the contract
        if _heads(cell) and any("exercise" in before["metadata"] for before in parts[-1]):
            parts.append([])
        parts[-1].append(cell)
    reads = [sum(map(to_follow, part)) for part in parts]
    share = contracts()[lesson]["minutes"]["teach"] / sum(reads)
    ends = [round(share * end) for end in accumulate(reads, initial=0)]
    late, never = when_late(lesson)
    ranks = {one: rank for rank, one in enumerate(reversed(late), 2)}
    found = []
    for number, part in enumerate(parts):
        title = " · ".join(head for cell in part for head in _heads(cell))
        ids = [cell["metadata"]["exercise"] for cell in part if "exercise" in cell["metadata"]]
        tasks = tuple(exercises(lesson)[one] for one in ids)
        minutes = ends[number + 1] - ends[number] + sum(task.minutes for task in tasks)
        block = Block(lesson, title, minutes, tasks, number)
        if 0 < number < len(parts) - 1 and not block.verdict and not {*ids} & {*never}:
            block = replace(block, skip=max(ranks.get(one, 1) for one in ids))
        found.append(block)
    return found


def heart(lesson: str) -> list[Block]:
    """Return how a lesson begins, what it hangs on, its verdict, and its end."""
    return [block for block in blocks(lesson) if not block.skip]
