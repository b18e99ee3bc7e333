"""Plan a session: the lessons and sections that fit the time, as a run sheet."""

import argparse
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate, count
from pathlib import Path

from course.data import read
from course.errors import CourseError, known, nearest
from course.lessons import contracts
from course.paths import write_page
from course.teach.notes import goes_wrong, notes
from course.teach.sections import Block, blocks, cells_of, heart, needs_of
from course.words import _

FREE = 0.2  # of a session: for questions and slow machines
LEAST, DAY, DAYS = 30, 480, 5  # minutes of a session, of a day; days at most
BEGIN = 20  # minutes of a lesson that breaks off, at least
STRETCH, BREAK, LUNCH = 110, 15, 60  # minutes between two breaks at most, and of these
LEVELS = {
    "first": _("new to tables and maps; what a lesson needs comes along"),
    "some": _("has done what a lesson needs, or knows it from elsewhere"),
}
_RUN = _("Cells of what is left out are run all the same, unread: later cells need them.")
_SKIP = _("skip when late")
_HEADS = [_("Time"), _("Min."), _("What"), _("Exercises"), _("What usually goes wrong")]

_Stretch = tuple[int, int, int]  # day, start in minutes since midnight, length


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
        names = ("day", "time", "minutes", "lesson", "title", "skip")
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
        head = '<!doctype html><html lang="en"><meta charset="utf-8">'
        return write_page(path, f"{head}<title>{self._title()}</title>{self._repr_html_()}\n")

    def _title(self) -> str:
        return _("Run sheet: {minutes} minutes", minutes=self.minutes)

    def _repr_html_(self) -> str:
        from jinja2 import Environment
        from markdown_it import MarkdownIt

        env = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
        env.filters["markdown"] = MarkdownIt("js-default").renderInline
        form = Path(__file__).with_name("plan.jinja").read_text(encoding="utf-8")
        words = {"home": _("Homework"), "day": _("Day"), "skip": _SKIP, "run": _RUN}
        told = {"notes": notes, "goes_wrong": goes_wrong, "contracts": contracts()}
        page = env.from_string(form)
        return page.render(plan=self, title=self._title(), heads=_HEADS, **words, **told)


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
    days, each, says = _days(minutes)
    clock = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(start))
    if not clock:
        raise CourseError(_("Write the start as hours and minutes, such as 09:00."))
    begin, latest = int(clock[1]) * 60 + int(clock[2]), 24 * 60 - each
    if begin > latest:
        says.append(_("It would pass midnight, so it begins earlier."))
    new = known(level or "first", LEVELS, _("level")) == "first"
    wanted = [*dict.fromkeys(known(one, contracts(), _("lesson")) for one in lessons)]
    about = [] if wanted else _about(topic, says)
    usual = ["01", "02"] if new else []
    usual += ["12"] if about or days > 1 else []  # two days end in verdicts
    usual += [one for one in contracts() if new or one > "02"]
    first = blocks("00") if new else []  # who has done what a lesson needs has done that, too
    session = _Session(_stretches(days, each, min(begin, latest)), first)
    session.choose(wanted or about[:1], [] if wanted else [*about[1:], *usual], new)
    taught = session.lessons()
    if lost := [one for one in wanted if one not in taught]:
        least = [*first, *(block for one in wanted for block in heart(one))]
        fits = (m for m in count(days * each) if _laid(least, _stretches(*_days(m)[:2])))
        say = _("No time is left for {names}: a session of all takes {minutes} minutes.")
        says.append(say.format(names=", ".join(lost), minutes=next(fits)))
    if lacks := sorted({need for one in taught for need in needs_of(one)} - {"00", *taught}):
        names = ", ".join(lacks)
        says.append(_("Lessons assumed, done before or known: {names}.", names=names))
    rows = _laid(session.chosen, session.stretches)
    if (rows[-1].day, rows[-1].start) < session.stretches[-1][:2]:
        says.append(_("All lessons of this plan take less than that."))
    return Plan(days * each, rows, says, _homework(session.chosen))


class _Session:
    """The blocks chosen so far; each step takes more of them, if there is time."""

    def __init__(self, stretches: list[_Stretch], first: Iterable[Block]) -> None:
        self.stretches = stretches
        self.chosen = {*first}

    def lessons(self) -> set[str]:
        return {block.lesson for block in self.chosen}

    def choose(self, asked: list[str], further: list[str], new: bool) -> None:
        """Choose what is asked and what that needs, their hearts first; then further lessons.

        A further lesson comes with all it needs; the last one may break off.
        """
        hearts = [one for one in asked if self.take(heart(one))]
        if asked and not hearts:
            self.begin(asked[0])
            return
        needs = sorted({need for one in hearts if new for need in needs_of(one)})
        for need in needs:
            if not self.take(heart(need)):
                break
        self.fill([*asked, *needs])
        for one in further:
            missing = sorted(needs_of(one) - self.lessons()) if new else []
            if self.take(block for lesson in [*missing, one] for block in heart(lesson)):
                self.fill([one, *missing])
            elif not missing and one > max(self.lessons(), default="00") and self.begin(one):
                break

    def take(self, more: Iterable[Block]) -> bool:
        """Take all of these, or none."""
        every = self.chosen.union(more)
        fits = bool(_laid(every, self.stretches))
        self.chosen = every if fits else self.chosen
        return fits

    def begin(self, lesson: str) -> bool:
        """Take the heart of a lesson as far as there is time, if that is worth a beginning."""
        least = 0 if self.lessons() <= {"00"} else BEGIN
        for most in range(len(heart(lesson)) - 1, 0, -1):
            part = heart(lesson)[:most]
            if sum(block.minutes for block in part) >= least and self.take(part):
                self.fill([lesson])
                return True
        return False

    def fill(self, lessons: Iterable[str]) -> None:
        """Take what is left of lessons that are chosen; first what a late class skips last."""
        for lesson in lessons:
            reach = max((b.number for b in self.chosen if b.lesson == lesson), default=0)
            for block in sorted(blocks(lesson), key=lambda block: block.skip):
                if block.number < reach:
                    self.take([block])


def _laid(chosen: Iterable[Block], stretches: list[_Stretch]) -> list[Block]:
    """Lay blocks into stretches of time; return nothing if they do not fit."""
    todo = sorted(chosen, key=lambda block: (block.lesson, block.number), reverse=True)
    rows: list[Block] = []
    for place, (day, start, length) in enumerate(stretches):
        now, end = start, start + length
        if rows and rows[-1].day == day:
            before = rows[-1].start + rows[-1].minutes
            rows.append(Block("", _("Break"), start - before, day=day, start=before))
        while todo and now + todo[-1].minutes <= end - FREE * length:
            rows.append(replace(todo.pop(), day=day, start=now))
            now += rows[-1].minutes
        closes = not todo or day not in [later[0] for later in stretches[place + 1 :]]
        rows.append(Block("", _free(rows, closes), end - now, day=day, start=now))
        if not todo:
            return rows
    return []


def _free(rows: list[Block], closes: bool) -> str:
    """Say what the time kept free is for; a day ends in a verdict, or in a claim."""
    lesson = max((block.lesson for block in rows), default="00")
    if not closes or lesson == "00":
        return _("Questions, slow machines; pairs compare what they found")
    if any(block.verdict for block in rows if block.lesson == lesson):
        return _("Questions; pairs compare their verdicts")
    return _("Questions; each pair says one claim: can it be tested, and what is the verdict?")


def _homework(chosen: set[Block]) -> list[str]:
    """Say what is left out of the lessons: exercises, and all from a section on."""
    says = []
    for lesson in sorted({block.lesson for block in chosen}):
        last = max(block.number for block in chosen if block.lesson == lesson)
        left = [block for block in blocks(lesson) if block not in chosen]
        says += [t.id for block in left if block.number < last for t in block.exercises]
        for block in blocks(lesson)[last + 1 :][:1]:
            title = block.title.partition(" · ")[0]
            says.append(_("{lesson} from “{title}” on", lesson=lesson, title=title))
    return says


def _days(minutes: int | str) -> tuple[int, int, list[str]]:
    """Return the days, the minutes of each, and what to say of a wish that cannot be met."""
    asked = int(minutes) if re.fullmatch(r"0*[1-9]\d{0,9}", str(minutes)) else 0
    if not asked:
        raise CourseError(_("Write the minutes as a whole number, such as 180."))
    days, says = min(-(-asked // DAY), DAYS), []
    each = min(max(asked, LEAST) // days, DAY)
    if asked < LEAST:
        say = _("{asked} minutes are too few: this is the shortest session, {each} minutes.")
        says.append(say.format(asked=asked, each=each))
    if days > 1:
        say = _("One day is too short: these are {days} days of {each} minutes.")
        says.append(say.format(days=days, each=each))
    return days, each, says


def _stretches(days: int, each: int, begin: int = 0) -> list[_Stretch]:
    """Return the stretches of time between breaks."""
    lunch = LUNCH if each >= 300 else 0
    pauses = [BREAK] * ((each - lunch) // STRETCH)
    if lunch:
        pauses[len(pauses) // 2] = lunch
    span = (each - sum(pauses)) // (len(pauses) + 1)
    starts = [*accumulate((span + pause for pause in pauses), initial=begin)]
    return [(day, at, span) for day in range(1, days + 1) for at in starts]


def _about(topic: str | None, says: list[str]) -> list[str]:
    """Return the lessons named after a topic, or those that speak of it most, most first."""
    if not (topic or "").strip():
        return []
    # "bridges" finds a bridge; but gas, news, crisis and census are no plurals
    said = re.findall(r"\w{2,}", str(topic).lower())
    words = [r"\b" + re.sub(r"(?<=[^aiusw])s$", "", word) for word in said]
    titles = {one: c["title"].lower() for one, c in contracts().items() if one != "00"}
    named = [one for one in titles if words and all(re.search(w, titles[one]) for w in words)]
    if named:
        return named
    claims, scores = read("claims").set_index("claim_id")["claim"], dict[str, int]()
    for lesson in titles:
        prose = [cell["source"] for cell in cells_of(lesson) if cell["cell_type"] == "markdown"]
        text = " ".join([*prose, *claims[contracts()[lesson]["claims"]]]).lower()
        counts = [len(re.findall(word, text)) for word in words]
        together = len(re.findall(r"\w*\W+".join(words), text)) if words else 0
        scores[lesson] = min(counts, default=0) + 9 * together
    best = max(scores.values())
    if not best:
        names = {w for c in contracts().values() for w in re.findall(r"\w{5,}", c["title"])}
        say = _("No lesson speaks of {topic}; this is the plan without a topic.", topic=topic)
        says.append(say + nearest(topic, names))
    found = [one for one in scores if scores[one] >= max(best / 2, 1)]
    return sorted(found, key=lambda lesson: (-scores[lesson], lesson))


def options(parser: argparse.ArgumentParser) -> None:
    """Say what ``course plan`` takes."""
    text = _("how long the session is, breaks included; above 480, several days")
    parser.add_argument("--minutes", required=True, metavar="N", help=text)
    text = _("what it is about, such as transport")  # several words need no quotes
    parser.add_argument("--topic", nargs="+", default=[], metavar="WORD", help=text)
    text = ". ".join(f"{name}: {text}" for name, text in LEVELS.items())
    parser.add_argument("--level", metavar="|".join(LEVELS), help=text)
    text = _("when each day begins (09:00)")
    parser.add_argument("--start", default="09:00", metavar="HH:MM", help=text)
    text = _("the lessons wanted, such as 03,06, in place of a topic")
    parser.add_argument("--lessons", nargs="+", default=[], metavar="NN", help=text)
    text = _("write the run sheet as a page to print, such as plan.html")
    parser.add_argument("--out", metavar="FILE.html", help=text)
    parser.add_argument("--json", action="store_true", help=_("print it as JSON"))


def run(args: argparse.Namespace) -> None:
    """Carry out ``course plan``."""
    from rich.console import Console
    from rich.table import Table

    wanted = [one.zfill(2) for one in re.findall(r"[^\s,;]+", " ".join(args.lessons))]
    made = plan(args.minutes, " ".join(args.topic), args.level, args.start, wanted)
    page = made.to_html(args.out) if args.out else None
    if args.json:
        print(made.to_json())
        return
    table, days = Table(*_HEADS[:4]), made.blocks[-1].day
    for b in made.blocks:
        asks = "\n".join(f"{t.id} ({t.minutes}) {t.told('ask', t.ask)}" for t in b.exercises)
        what = f"{b.lesson} · {b.title}" if b.lesson else b.title
        what += f" ({_SKIP})" if b.skip else ""
        when = f"{_('Day')} {b.day} {b.time}" if days > 1 else b.time
        table.add_row(when, str(b.minutes), what, asks)
    said = [_("Homework: {names}.", names=", ".join(made.homework))] if made.homework else []
    more = _("What to say and what usually goes wrong is on the sheet: --out plan.html")
    said += [_("To print, open {file} in a browser.", file=page) if page else more]
    for part in [*made.says, table, *said]:
        Console(markup=False, highlight=False).print(part)
