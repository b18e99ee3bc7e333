"""Plan a session: the lessons and sections that fit the time, as a run sheet."""

import argparse
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from course.data import read
from course.errors import CourseError, known, nearest
from course.exercises.exercise import Exercise
from course.exercises.verbs import exercises
from course.lessons import contracts
from course.paths import lessons_dir, write_page
from course.teach.notes import goes_wrong, notes, when_late
from course.words import _

WORDS, CELL = 200, 40  # read in a minute; seconds for a cell of code
FREE = 0.2  # of a session: for questions and slow machines
LEAST, DAY, DAYS = 30, 480, 10  # minutes of a session, of a day; days at most
STRETCH, BREAK, LUNCH = 110, 15, 60  # minutes between two breaks at most, and of these
LEVELS = {
    "first": _("new to tables and maps: what a lesson needs comes along"),
    "some": _("has done what a lesson needs, or knows it from elsewhere"),
}


def to_follow(cell: dict[str, Any]) -> float:
    """Return the minutes it takes to follow a cell; an exercise has minutes of its own."""
    if cell["cell_type"] == "code":
        return 0 if "exercise" in cell["metadata"] else CELL / 60
    return len("".join(cell["source"]).split()) / WORDS


@dataclass(frozen=True)
class Block:
    """A row of a run sheet: a lesson up to its next exercise, a break, or time kept free."""

    lesson: str  # two digits; "" for a break
    title: str  # the sections
    follow: int  # minutes without the exercises
    exercises: tuple[Exercise, ...] = ()
    day: int = 0
    start: int = 0  # minutes since midnight

    @property
    def minutes(self) -> int:
        """Minutes to follow and to practise."""
        return self.follow + sum(task.minutes for task in self.exercises)

    @property
    def time(self) -> str:
        """When it begins, such as "09:05"."""
        return f"{self.start // 60:02}:{self.start % 60:02}"


@dataclass(frozen=True)
class Plan:
    """What `plan` returns; a notebook shows it as the run sheet.

    Attributes:
        minutes: how long the session is, breaks included.
        blocks: its rows, in order of time.
        says: which wishes could not be met, and which lessons are assumed.
        homework: what is left out of the lessons.
    """

    minutes: int
    blocks: list[Block]
    says: list[str]
    homework: list[str]

    def to_json(self) -> str:
        """Return the plan as JSON."""
        names = ("day", "time", "minutes", "lesson", "title")

        def row(block: Block) -> dict[str, Any]:
            ids = [task.id for task in block.exercises]
            return {name: getattr(block, name) for name in names} | {"exercises": ids}

        return json.dumps(vars(self) | {"blocks": [*map(row, self.blocks)]}, ensure_ascii=False)

    def to_html(self, path: str | Path) -> Path:
        """Write the run sheet as a page that needs no network and prints on A4.

        Raises:
            CourseError: it cannot be written there.
        """
        return write_page(path, f'<!doctype html><html lang="en">{self._repr_html_()}</html>\n')

    def _repr_html_(self) -> str:
        from jinja2 import Environment
        from markdown_it import MarkdownIt

        env = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
        env.filters["markdown"] = MarkdownIt().renderInline
        page = Path(__file__).with_name("plan.html").read_text(encoding="utf-8")
        return env.from_string(page).render(
            plan=self, contracts=contracts(), notes=notes, goes_wrong=goes_wrong,
            heads=_heads(), day=_("Day"), home=_("Homework"),
            title=_("Run sheet: {minutes} minutes", minutes=self.minutes),
        )  # fmt: skip


def plan(
    minutes: int | str,
    topic: str | None = None,
    level: str | None = None,
    start: str = "09:00",
    lessons: Iterable[str] = (),
) -> Plan:
    """Plan a session that fits the time, prerequisites first, a fifth of it kept free.

    Args:
        minutes: how long it is, breaks included; more than 480 go over several days.
        topic: what it is about, such as "transport"; from the first lesson on if None.
        level: what the class knows, one of ``LEVELS``; "first" if None.
        start: when each day begins, such as "09:00".
        lessons: the lessons wanted, such as ``["03", "06"]``, in place of a topic.

    Returns:
        The plan. What cannot be met is answered in ``says``; the plan is then the nearest
        that works.

    Raises:
        CourseError: there are no such minutes, level, start or lesson.
    """
    says: list[str] = []
    syllabus = contracts()
    wanted = [known(one, syllabus, _("lesson")) for one in lessons]
    new = known(level or "first", LEVELS, _("level")) == "first"
    length, stretches = _stretches(minutes, start, says)
    main = wanted or _about(topic, says)
    more = ["01", "02", *["12"][: length // DAY], *syllabus]  # long ones end in verdicts
    chosen, assumed = {"00": _steps("00")}, set[str]()
    for goal in [*main, *([] if wanted else more)]:
        need = {*_needs(goal)} - {*chosen}
        assumed |= set() if new else need
        if goal in chosen or (goal in assumed and goal not in main):
            continue
        for tried in _ways(goal, sorted(need - assumed), chosen):
            if _laid(chosen | tried, stretches):
                chosen |= tried
                assumed |= need - {*chosen}
                break
        else:
            if goal in main:
                least = sum(block.minutes for block in _forms(goal)[0][-1])
                say = _("There is no time for lesson {lesson}: it takes {count} minutes more.")
                says.append(say.format(lesson=goal, count=round(least / (1 - FREE))))
    if lacks := sorted({far for one in chosen for far in _needs(one)} - {*chosen}):
        say = _("Lessons {names} are assumed: done before, or known from elsewhere.")
        says.append(say.format(names=", ".join(lacks)))
    return Plan(length, _laid(chosen, stretches), says, _homework(chosen))


def _needs(lesson: str) -> set[str]:
    """Return the lessons that one needs, and those that these need."""
    own = contracts()[lesson]["prerequisites"]
    return {*own, *(far for near in own for far in _needs(near))}


@cache
def _steps(lesson: str) -> list[Block]:
    """Cut a lesson after its exercises; the minutes add up to those of its contract."""
    path, tasks = next(lessons_dir().glob(f"{lesson}_*.ipynb")), exercises(lesson)
    steps, reads = [Block(lesson, "", 0)], [0.0]
    for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        words = "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""
        heads = re.findall(r"(?m)^## (.+)", words)
        if heads and steps[-1].exercises:
            steps.append(Block(lesson, "", 0))
            reads.append(0)
        last, asked = steps[-1], cell["metadata"].get("exercise")
        title = " · ".join([last.title, *heads]).removeprefix(" · ")
        new = (tasks[asked],) if asked else ()
        steps[-1] = replace(last, title=title, exercises=last.exercises + new)
        reads[-1] += to_follow(cell) if number != 1 else 0  # nobody reads the contract
    share = contracts()[lesson]["minutes"]["teach"] / sum(reads)
    ends = [round(share * end) for end in accumulate(reads, initial=0)]
    spans = [end - begin for begin, end in pairwise(ends)]
    return [replace(step, follow=span) for step, span in zip(steps, spans, strict=True)]


@cache
def _forms(lesson: str) -> list[list[Block]]:
    """Return a lesson with ever fewer exercises; then what it hangs on; then none."""
    steps, (late, never) = _steps(lesson), when_late(lesson)
    ids = [task.id for step in steps for task in step.exercises if task.kind != "verdict"]
    drop = [*late, *(one for one in reversed(ids) if one not in {*late, *never})]
    every = [task.id for step in steps for task in step.exercises]
    return [
        [replace(s, exercises=tuple(t for t in s.exercises if t.id not in gone)) for s in steps]
        for gone in [*(drop[:count] for count in range(len(drop) + 1)), every]
    ]


def _ways(
    goal: str, need: list[str], chosen: dict[str, list[Block]]
) -> Iterator[dict[str, list[Block]]]:
    """Yield forms of a lesson and of those it needs, the best first."""
    *fewer, _none = _forms(goal)
    befores = [{one: _forms(one)[depth] for one in need} for depth in (0, -2)]
    if len(chosen) == 1:  # what the session is about may be short of what it needs
        counts = range(len(need), -1, -1)
        befores += [{one: _forms(one)[-1] for one in need[:count]} for count in counts]
    yield from (before | {goal: form} for before in befores for form in fewer)
    if goal > max(chosen) and (len(chosen) == 1 or not need):  # the last one may break off
        late = fewer[len(when_late(goal)[0])]
        yield from ({goal: late[:count]} for count in range(len(late) - 1, 0, -1))


def _laid(chosen: dict[str, list[Block]], stretches: list[tuple[int, int, int]]) -> list[Block]:
    """Lay lessons into stretches of time; return nothing if they do not fit."""
    todo = [step for lesson in sorted(chosen, reverse=True) for step in chosen[lesson][::-1]]
    rows: list[Block] = []
    free = _("Questions, slow machines; pairs compare what they found")
    for day, start, length in stretches if todo else ():
        now, end = start, start + length
        if rows and rows[-1].day == day:
            before = rows[-1].start + rows[-1].minutes
            rows.append(Block("", _("Break"), start - before, (), day, before))
        while todo and now + todo[-1].minutes <= end - FREE * length:
            rows.append(replace(todo.pop(), day=day, start=now))
            now += rows[-1].minutes
        rows.append(Block("", free, end - now, (), day, now))
        if not todo:
            return rows
    return []


def _homework(chosen: dict[str, list[Block]]) -> list[str]:
    """Say what is left out of the lessons: exercises, and all from a section on."""
    says = []
    for lesson, kept in sorted(chosen.items()):
        every, done = _steps(lesson), {t.id for step in kept for t in step.exercises}
        says += [
            t.id for step in every[: len(kept)] for t in step.exercises if t.id not in done
        ]
        if rest := every[len(kept) :]:
            say = _("lesson {lesson}, from “{title}” on")
            says.append(say.format(lesson=lesson, title=rest[0].title.partition(" · ")[0]))
    return says


def _stretches(
    minutes: int | str, start: str, says: list[str]
) -> tuple[int, list[tuple[int, int, int]]]:
    """Return the minutes, and the stretches between breaks: day, start, length in minutes."""
    clock = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(start))
    if not clock:
        raise CourseError(_("Write the start as hours and minutes, such as 09:00."))
    asked = int(minutes) if re.fullmatch(r"0*[1-9]\d{0,9}", str(minutes)) else 0
    if not asked:
        raise CourseError(_("Write the minutes as a whole number, such as 180."))
    days = min(-(-asked // DAY), DAYS)
    each = min(max(asked, LEAST) // days, DAY)
    if asked < LEAST:
        say = _("{asked} minutes are too few: this is the shortest session, {each} minutes.")
        says.append(say.format(asked=asked, each=each))
    if days > 1:
        say = _("That is more than a day: a plan for {days} days of {each} minutes.")
        says.append(say.format(days=days, each=each))
    begin, latest = int(clock[1]) * 60 + int(clock[2]), 24 * 60 - each
    if begin > latest:
        says.append(_("It would pass midnight, so it begins earlier."))
    lunch = each >= 300
    pauses = [BREAK] * ((each - LUNCH * lunch) // STRETCH)
    if lunch:
        pauses[len(pauses) // 2 - (len(pauses) % 2 == 0)] = LUNCH
    span = (each - sum(pauses)) // (len(pauses) + 1)
    starts = [*accumulate((span + pause for pause in pauses), initial=min(begin, latest))]
    return each * days, [(day, at, span) for day in range(1, days + 1) for at in starts]


def _about(topic: str | None, says: list[str]) -> list[str]:
    """Return the lessons that speak of a topic, those that speak of it most first."""
    words = [word.removesuffix("s") for word in re.findall(r"\w{2,}", (topic or "").lower())]
    claims, scores = read("claims").set_index("claim_id")["claim"], dict[str, int]()
    for lesson, contract in contracts().items():
        path = next(lessons_dir().glob(f"{lesson}_*.ipynb"))
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        said = [*prose, *contract["objectives"], *claims[contract["claims"]]]
        text = " ".join([*said, *[contract["title"]] * 20]).lower()
        scores[lesson] = min((len(re.findall(rf"\b{w}", text)) for w in words), default=0)
    best = max(scores.values())
    if topic and topic.strip() and not best:
        names = {w for c in contracts().values() for w in re.findall(r"\w{4,}", c["title"])}
        say = _("No lesson speaks of {topic}; this is the plan without a topic.", topic=topic)
        says.append(say + nearest(topic, names))
    found = [lesson for lesson in scores if scores[lesson] >= max(best / 2, 1)]
    return sorted({*found} - {"00"}, key=lambda lesson: (-scores[lesson], lesson))


def _heads() -> list[str]:
    """Return the heads of the run sheet's columns."""
    return [_("Time"), _("Min."), _("What"), _("Exercises"), _("What usually goes wrong")]


def options(parser: argparse.ArgumentParser) -> None:
    """Say what ``course plan`` takes."""
    levels = "; ".join(f"{name}: {text}" for name, text in LEVELS.items())
    text = _("how long the session is, breaks included; more than 480 are several days")
    parser.add_argument("--minutes", required=True, help=text)
    text = _("what it is about, such as transport")
    parser.add_argument("--topic", nargs="+", metavar="WORD", help=text)
    parser.add_argument("--level", help=levels)
    text = _("when each day begins (09:00)")
    parser.add_argument("--start", default="09:00", metavar="TIME", help=text)
    text = _("the lessons wanted, such as 03,06, in place of a topic")
    parser.add_argument("--lessons", default="", metavar="LESSONS", help=text)
    text = _("write the run sheet as a page to print, such as plan.html")
    parser.add_argument("--out", metavar="FILE", help=text)
    parser.add_argument("--json", action="store_true", help=_("print it as JSON"))


def run(args: argparse.Namespace) -> int:
    """Carry out ``course plan``."""
    from rich.console import Console
    from rich.table import Table

    wanted = [one.zfill(2) for one in re.findall(r"[^\s,;]+", args.lessons)]
    topic = " ".join(args.topic) if args.topic else None
    made = plan(args.minutes, topic, args.level, args.start, wanted)
    page = made.to_html(args.out) if args.out else None
    if args.json:
        print(made.to_json())
        return 0
    table = Table(*_heads()[:4])
    for block in made.blocks:
        asks = "\n".join(
            f"{t.id} {t.told('ask', t.ask)} ({t.minutes})" for t in block.exercises
        )
        what = " · ".join(filter(None, [block.lesson, block.title]))
        day = f"{block.day}, " if made.blocks[-1].day > 1 else ""
        table.add_row(day + block.time, str(block.minutes), what, asks)
    console = Console(markup=False, highlight=False)
    for part in [*made.says, table]:
        console.print(part)
    if made.homework:
        console.print(_("Homework: {names}.", names=", ".join(made.homework)))
    if page:
        console.print(_("The run sheet is in {file}: print it from a browser.", file=page))
    return 0
