"""Plan a session: the lessons and sections that fit the time, as a run sheet."""

import argparse
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate, count, pairwise
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
LEAST, DAY, DAYS = 30, 480, 5  # minutes of a session, of a day; days at most
STRETCH, BREAK, LUNCH = 110, 15, 60  # minutes between two breaks at most, and of these
LEVELS = {
    "first": _("new to tables and maps; what a lesson needs comes along"),
    "some": _("has done what a lesson needs, or knows it from elsewhere"),
}
_HEADS = [_("Time"), _("Min."), _("What"), _("Exercises"), _("What usually goes wrong")]


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


_Lessons = dict[str, list[Block]]  # lesson -> what of it is taught


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
        rows = [
            {name: getattr(block, name) for name in names}
            | {"exercises": [task.id for task in block.exercises]}
            for block in self.blocks
        ]
        return json.dumps(vars(self) | {"blocks": rows}, ensure_ascii=False)

    def to_html(self, path: str | Path) -> Path:
        """Write the run sheet as a page that needs no network and prints on A4.

        Raises:
            CourseError: it cannot be written there.
        """
        head = '<!doctype html><html lang="en"><head><meta charset="utf-8"></head>'
        return write_page(path, f"{head}<body>{self._repr_html_()}</body></html>\n")

    def _repr_html_(self) -> str:
        from jinja2 import Environment
        from markdown_it import MarkdownIt

        env = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
        env.filters["markdown"] = MarkdownIt("js-default").renderInline
        page = Path(__file__).with_name("plan.html").read_text(encoding="utf-8")
        title = _("Run sheet: {minutes} minutes", minutes=self.minutes)
        words = {"title": title, "home": _("Homework"), "day": _("Day"), "heads": _HEADS}
        from_notes = {"notes": notes, "goes_wrong": goes_wrong, "contracts": contracts()}
        return env.from_string(page).render(plan=self, **words, **from_notes)


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
    new = known(level or "first", LEVELS, _("level")) == "first"
    wanted = [*dict.fromkeys(known(one, contracts(), _("lesson")) for one in lessons)]
    length, stretches = _stretches(minutes, start, says)
    about = [] if wanted else _about(topic, says)
    usual = ["12"] if about else ["01", "02", *["12"][: length > DAY]]  # days end in verdicts
    groups = [wanted] if wanted else [[one] for one in [*about, *usual, *contracts()]]
    chosen, skip = {"00": _steps("00")}, set() if new else {"01", "02"}
    for group in groups:
        goals = [g for g in group if g not in chosen and (g in wanted + about or g not in skip)]
        while goals:
            need = set().union(*map(_needs, goals)) - {*chosen, *goals}
            ways = _ways(goals, sorted(need if new else ()), chosen)
            if fits := next((way for way in ways if _laid(chosen | way, stretches)), None):
                chosen |= fits
                break
            goals.pop()
        for one in chosen:  # what time is left goes to the exercises
            for form in _forms(one)[:-1]:
                richer = _time(form) > _time(chosen[one])
                if richer and _laid(chosen | {one: form}, stretches):
                    chosen[one] = form
        if any(len(chosen[one]) < len(_steps(one)) for one in chosen):
            break  # it ends in the middle of a lesson
    if lost := [one for one in wanted if one not in chosen]:
        least = {"00": _steps("00")} | {one: _forms(one)[-2] for one in wanted}
        enough = next(m for m in count(length) if _laid(least, _stretches(m, start, [])[1]))
        say = _("No time is left for {names}: a session of all takes {minutes} minutes.")
        says.append(say.format(names=", ".join(lost), minutes=enough))
    if lacks := sorted(set().union(*map(_needs, chosen)) - {*chosen}):
        names = ", ".join(lacks)
        says.append(_("Lessons assumed, done before or known: {names}.", names=names))
    return Plan(length, _laid(chosen, stretches), says, _homework(chosen))


@cache
def _needs(lesson: str) -> set[str]:
    """Return the lessons that one needs, and those that these need."""
    own = contracts()[lesson]["prerequisites"]
    return {*own, *(far for near in own for far in _needs(near))}


def _time(form: Iterable[Block]) -> int:
    return sum(block.minutes for block in form)


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
    """Return a lesson with ever fewer exercises, down to those it hangs on; then with none."""
    steps, (late, never) = _steps(lesson), when_late(lesson)
    every = [task for step in steps for task in step.exercises]
    rest = [t.id for t in every[::-1] if t.kind != "verdict" and t.id not in {*late, *never}]
    drop = [*late, *rest] if late else []  # 00 stays as it is
    gone = [*(drop[:most] for most in range(len(drop) + 1)), [task.id for task in every]]
    return [
        [replace(s, exercises=tuple(t for t in s.exercises if t.id not in ids)) for s in steps]
        for ids in gone
    ]


def _ways(goals: list[str], need: list[str], chosen: _Lessons) -> Iterator[_Lessons]:
    """Yield forms of some lessons and of those they need, the best first."""
    forms = {one: _forms(one)[:-1] for one in goals}
    most, main = max(map(len, forms.values())), len(chosen) == 1
    goal = [{one: (f + f[-1:] * most)[n] for one, f in forms.items()} for n in range(most)]
    for depth in (0, -2):
        yield from ({one: _forms(one)[depth] for one in need} | way for way in goal)
    for most in range(len(need), -1, -1) if main else ():
        shown = {one: _forms(one)[-1] for one in need[:most]}  # half of the time at most
        short = sum(map(_time, shown.values()))
        yield from (shown | way for way in goal if short <= sum(map(_time, way.values())))
    if len(goals) == 1 and (
        main or (not need and goals[0] > max(chosen))
    ):  # may end in its middle
        late = forms[goals[0]][len(when_late(goals[0])[0])]
        begun = (late[:most] for most in range(len(late) - 1, 0, -1))
        yield from ({goals[0]: form} for form in begun if main or _time(form) >= LEAST)


def _laid(chosen: _Lessons, stretches: list[tuple[int, int, int]]) -> list[Block]:
    """Lay lessons into stretches of time; return nothing if they do not fit."""
    todo = [step for lesson in sorted(chosen, reverse=True) for step in chosen[lesson][::-1]]
    rows: list[Block] = []
    free = _("Questions, slow machines; pairs compare what they found")
    for day, start, length in stretches:
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


def _homework(chosen: _Lessons) -> list[str]:
    """Say what is left out of the lessons: exercises, and all from a section on."""
    says = []
    for lesson, kept in sorted(chosen.items()):
        every, done = _steps(lesson), {t.id for step in kept for t in step.exercises}
        left = [t.id for step in every[: len(kept)] for t in step.exercises if t.id not in done]
        says += left if done else [_("all exercises of {lesson}", lesson=lesson)]
        for step in every[len(kept) : len(kept) + 1]:
            title = step.title.partition(" · ")[0]
            says.append(_("{lesson} from “{title}” on", lesson=lesson, title=title))
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
    begin, latest = int(clock[1]) * 60 + int(clock[2]), 24 * 60 - each
    if asked < LEAST:
        say = _("{asked} minutes are too few: this is the shortest session, {each} minutes.")
        says.append(say.format(asked=asked, each=each))
    if days > 1:
        say = _("More than a day holds: a plan for {days} days of {each} minutes.")
        says.append(say.format(days=days, each=each))
    if asked > DAY * DAYS:
        says.append(_("All lessons take less than that."))
    if begin > latest:
        says.append(_("It would pass midnight, so it begins earlier."))
    lunch = LUNCH if each >= 300 else 0
    pauses = [BREAK] * ((each - lunch) // STRETCH)
    if lunch:
        pauses[len(pauses) // 2] = lunch
    span = (each - sum(pauses)) // (len(pauses) + 1)
    starts = [*accumulate((span + pause for pause in pauses), initial=min(begin, latest))]
    return each * days, [(day, at, span) for day in range(1, days + 1) for at in starts]


def _about(topic: str | None, says: list[str]) -> list[str]:
    """Return the lessons that speak of a topic, those that speak of it most first."""
    if not (topic or "").strip():
        return []
    words = [word.removesuffix("s") for word in re.findall(r"\w{2,}", str(topic).lower())]
    phrase = r"\w*\W+".join(words)
    claims, scores = read("claims").set_index("claim_id")["claim"], dict[str, int]()
    for lesson, contract in contracts().items():
        path = next(lessons_dir().glob(f"{lesson}_*.ipynb"))
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        said = [*prose, *claims[contract["claims"]], *[contract["title"]] * 20]
        text = " ".join(said).lower()
        counts = [len(re.findall(rf"\b{word}", text)) for word in [*words, phrase]]
        scores[lesson] = min(counts[:-1], default=0) + 9 * counts[-1] * bool(words)
    best = max(scores.values())
    if not best:
        names = {w for c in contracts().values() for w in re.findall(r"\w{4,}", c["title"])}
        say = _("No lesson speaks of {topic}; this is the plan without a topic.", topic=topic)
        says.append(say + nearest(topic, names))
    found = {one for one in scores if scores[one] >= max(best / 2, 1)} - {"00"}
    return sorted(found, key=lambda lesson: (-scores[lesson], lesson))


def options(parser: argparse.ArgumentParser) -> None:
    """Say what ``course plan`` takes."""
    texts = {
        "minutes": _("how long the session is, breaks included; above 480, several days"),
        "topic": _("what it is about, such as transport"),
        "level": "; ".join(f"{name}: {text}" for name, text in LEVELS.items()),
        "start": _("when each day begins (09:00)"),
        "lessons": _("the lessons wanted, such as 03,06, in place of a topic"),
        "out": _("write the run sheet as a page to print, such as plan.html"),
    }
    for name, text in texts.items():
        several = "+" if name == "topic" else None  # its words need no quotes
        parser.add_argument(f"--{name}", required=name == "minutes", help=text, nargs=several)
    parser.add_argument("--json", action="store_true", help=_("print it as JSON"))


def run(args: argparse.Namespace) -> int:
    """Carry out ``course plan``."""
    from rich.console import Console
    from rich.table import Table

    wanted = [one.zfill(2) for one in re.findall(r"[^\s,;]+", args.lessons or "")]
    made = plan(
        args.minutes, " ".join(args.topic or []), args.level, args.start or "09:00", wanted
    )
    page = made.to_html(args.out) if args.out else None
    if args.json:
        print(made.to_json())
        return 0
    table, days = Table(*_HEADS[:4]), made.blocks[-1].day
    for b in made.blocks:
        asks = "\n".join(f"{t.id} ({t.minutes}) {t.told('ask', t.ask)}" for t in b.exercises)
        what = f"{b.lesson} · {b.title}" if b.lesson else b.title
        when = f"{_('Day')} {b.day} {b.time}" if days > 1 else b.time
        table.add_row(when, str(b.minutes), what, asks)
    said = [_("Homework: {names}.", names=", ".join(made.homework))] if made.homework else []
    said += [_("To print, open {file} in a browser.", file=page)] if page else []
    for part in [*made.says, table, *said]:
        Console(markup=False, highlight=False).print(part)
    return 0
