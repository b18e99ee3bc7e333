"""A session that is planned: it fits the time, in an order that can be taught."""

import json
import re
from functools import cache
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.cli import main
from course.errors import CourseError
from course.exercises.verbs import exercises
from course.lessons import contracts
from course.paths import lessons_dir
from course.teach.notes import goes_wrong, notes, when_late
from course.teach.plan import BREAK, DAY, DAYS, FREE, LEAST, LEVELS, LUNCH, plan
from tests.lessons.design import Lesson, defined, read_names

CONTRACTS = contracts()
LESSONS = list(CONTRACTS)
FORM = ["Aim", "Plan", "How to teach it", "What usually goes wrong", "What to discuss",
        "When late"]  # fmt: skip


def taught(made):
    """Lesson -> the rows of it, in order."""
    found = {}
    for block in made.blocks:
        if block.lesson:
            found.setdefault(block.lesson, []).append(block)
    return found


def done(made):
    return {task.id for block in made.blocks for task in block.exercises}


@cache
def whole_course():
    return taught(plan(DAY * DAYS))


def work(made):
    return sum(block.minutes for block in made.blocks if block.lesson)


# --- the notes of INSTRUCTORS.md ----------------------------------------------


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_notes_of_a_lesson_have_one_form(lesson):
    found = notes(lesson)
    assert [*found][: len(FORM)] == FORM and all(found.values())
    text = (lessons_dir() / "INSTRUCTORS.md").read_text(encoding="utf-8")
    assert f"### {lesson} · {CONTRACTS[lesson]['title']}\n" in text
    whole = CONTRACTS[lesson]["minutes"]
    parts = map(int, re.findall(r"\((\d+)\)", found["Plan"]))
    assert sum(parts) == whole["teach"] + whole["practise"]


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_plan_in_the_notes_follows_from_the_lesson(lesson):
    """Each part of it, "01.1 to 01.3 (21)", is as long as the sheet says."""
    ends = [*accumulate(block.minutes for block in whole_course()[lesson])]
    said = 0
    for minutes in map(int, re.findall(r"\((\d+)\)", notes(lesson)["Plan"])):
        said += minutes
        assert said in ends


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_a_late_class_skips_is_there_and_no_later_exercise_needs_it(lesson):
    tasks, (skip, never) = exercises(lesson), when_late(lesson)
    assert {*skip, *never, *goes_wrong(lesson)} <= tasks.keys()
    assert not {*skip} & {*never} and (skip or lesson == "00")
    told = [text for text in goes_wrong(lesson).values() if re.search(r"\d\d\.\d:", text)]
    assert told == [], "what goes wrong at one exercise stands with another"
    assert [one for one in skip if tasks[one].kind == "verdict"] == []
    path = next(lessons_dir().glob(f"{lesson}_*.ipynb"))
    cells = {name for _n, cell in Lesson.read(path).code() for name in defined(cell)}
    order = [*tasks]
    for place, one in enumerate(order):  # a plan may leave out any but the last
        gives = defined(tasks[one].solution) - cells
        later = [tasks[t].solution for t in order[place + 1 :]]
        assert [s for s in later if read_names(s) & gives] == [], one


def test_notes_that_cannot_be_had_are_a_sentence(tmp_path, monkeypatch):
    from course.teach import notes as room

    monkeypatch.setattr(room, "lessons_dir", lambda: tmp_path)
    room._all.cache_clear()
    with pytest.raises(CourseError, match="cannot be read"):
        notes("01")
    monkeypatch.undo()
    room._all.cache_clear()
    with pytest.raises(CourseError, match="no lesson '1'"):
        notes("1")


# --- the plan ------------------------------------------------------------------

TOPICS = ["transport", "trade", "Mongolia", "free trade zone", "projects", "maps", "хлеб"]


@settings(max_examples=25, deadline=None)
@given(
    minutes=st.integers(1, 2000),
    topic=st.none() | st.sampled_from(TOPICS) | st.text(max_size=8),
    level=st.sampled_from([None, *LEVELS]),
    hour=st.integers(0, 23),
)
def test_a_plan_fits_the_time_and_the_order(minutes, topic, level, hour):
    holds(plan(minutes, topic, level, f"{hour}:30"), minutes, new=level != "some")


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 2000), st.lists(st.sampled_from(LESSONS), max_size=4))
def test_a_plan_of_lessons_fits_the_time_and_the_order(minutes, lessons):
    made = plan(minutes, lessons=lessons)
    holds(made, minutes)
    lost = {*lessons} - {*taught(made)}
    assert all(any(one in text for text in made.says) for one in lost)


def holds(made, asked, new=True):
    """What is true of every plan."""
    assert made.minutes <= asked or (made.minutes == LEAST and made.says)
    ends = {}
    for block in made.blocks:
        assert block.minutes >= 0
        assert block.start == ends.get(block.day, block.start)  # no gap, and no overlap
        ends[block.day] = block.start + block.minutes
        assert ends[block.day] <= 24 * 60
    assert sum(block.minutes for block in made.blocks) <= made.minutes
    pauses = sum(b.minutes for b in made.blocks if b.title == "Break")
    assert work(made) <= (1 - FREE) * (made.minutes - pauses)
    rows = taught(made)
    assert [*rows] == sorted(rows) and ("00" in rows) == new
    for lesson, blocks in rows.items():
        for need in CONTRACTS[lesson]["prerequisites"]:
            assert need in ("00", *rows) or any("assumed" in t and need in t for t in made.says)
        ids = [task.id for block in blocks for task in block.exercises]
        assert ids == sorted(ids)
    whole = whole_course()
    cut = [one for one in rows if rows[one][-1].number < whole[one][-1].number]
    assert cut in ([], [[*rows][-1]])  # only the last breaks off
    left = {task for one in rows for task in exercises(one)} - done(made)
    for one in left:
        at_home = [one, *(f"{lesson} from" for lesson in cut)]
        assert any(text.startswith(word) for text in made.homework for word in at_home)
    for lesson, blocks in rows.items():  # it begins where the lesson does, and has its heart
        heart = {block.number for block in whole[lesson] if not block.skip}
        assert blocks[0].number == 0
        assert heart <= {block.number for block in blocks} or lesson in cut
    last, closing = [*rows][-1], made.blocks[-1].title
    signed = any(
        task[:2] == last and exercises(last)[task].kind == "verdict" for task in done(made)
    )
    ends_of_days = {block.day: block.title for block in made.blocks}.values()
    assert all("verdict" in title for title in ends_of_days) or last == "00"
    assert signed == ("their verdicts" in closing)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_minutes_of_the_sections_add_up_to_those_of_the_contract(lesson):
    blocks = whole_course()[lesson]
    assert sum(block.minutes for block in blocks) == sum(CONTRACTS[lesson]["minutes"].values())
    assert sum(map(len, (block.exercises for block in blocks))) == len(exercises(lesson))


@pytest.mark.parametrize(
    ("minutes", "level", "lessons"),
    [(60, None, "00 01"), (90, None, "00 01"), (180, None, "00 01 02"), (180, "some", "03 04"),
     (300, None, "00 01 02"), (480, None, "00 01 02 03"),
     (960, None, "00 01 02 03 04 05 09 12")],
)  # fmt: skip
def test_a_usual_session(minutes, level, lessons):
    made = plan(minutes, level=level)
    assert " ".join(taught(made)) == lessons
    breaks = [b.minutes for b in made.blocks if b.title == "Break"]
    days = made.blocks[-1].day
    assert breaks.count(LUNCH) == (days if minutes // days >= 300 else 0)
    assert {*breaks} <= {BREAK, LUNCH} and (breaks or minutes <= 90)


def test_a_short_session_ends_in_a_verdict_or_in_a_claim():
    assert done(plan(30)) >= {"01.1", "01.4"} and "01.7" in done(plan(45))
    assert {"01.1", "01.4", "01.7", "01.9"} <= done(plan(60))
    assert plan(90).homework == ["01.8"]
    assert [*taught(plan(130))] == ["00", "01"]  # what is left is too short to begin 02


@pytest.mark.parametrize(
    ("topic", "lesson"),
    [("transport", "09"), ("Mongolia", "05"), ("free trade zone", "08"), ("projects", "10"),
     ("openness", "04"), ("sanctions", "11"), ("calibration", "12"), ("Russian far east", "03")],
)  # fmt: skip
def test_a_topic_finds_its_lesson_and_what_that_needs(topic, lesson):
    made = plan(120, topic, "some")
    assert lesson in taught(made) and "assumed" in made.says[-1]
    week = plan(960, topic)
    assert {*CONTRACTS[lesson]["prerequisites"]} <= {*taught(week)}


def test_a_topic_finds_its_own_words_and_titles_first():
    for topic in ("gas", "news"):  # which are no plurals of "ga" and "new"
        [first] = taught(plan(60, topic, "some"))
        path = next(lessons_dir().glob(f"{first}_*.ipynb"))
        assert re.search(rf"\b{topic}", path.read_text(encoding="utf-8"))
    # a lesson on trade that the other two need
    assert [*taught(plan(60, "trade", "some"))] == ["06"]


def test_what_a_topic_needs_is_short_where_time_is_short():
    made = plan(180, "transport")
    assert [*taught(made)] == ["00", "01", "09"] and {"01.9", "09.9"} <= done(made)
    assert "01.3" in made.homework and {"09.4", "09.7"} <= done(made)
    assert any("assumed" in text and "02, 05" in text for text in made.says)
    # where 02 does not fit, 05 that needs it has no place either
    assert [*taught(plan(200, lessons=["09"]))] == ["00", "01", "09"]


def test_wishes_that_cannot_be_met_have_an_answer_and_a_plan():
    assert "10 minutes are too few" in plan(10).says[0] and plan(10).blocks == plan(30).blocks
    assert "2 days of 360" in plan(720).says[0]
    unknown = plan(90, "mappng")
    assert "No lesson speaks of mappng" in unknown.says[0]
    assert unknown.blocks == plan(90).blocks
    assert "Did you mean 'Mapping'?" in unknown.says[0]
    late = plan(60, start="23:50")
    assert "midnight" in late.says[0] and late.blocks[0].time == "23:00"
    for wish in (plan(10**9), plan(DAY * DAYS), plan(1200, lessons=["12"])):
        assert "less than that" in wish.says[1]  # it ends before the last day does
        assert f"{wish.blocks[-1].day} days" not in wish.says[0]
    assert "less than that" not in " ".join(plan(960).says)
    assert not plan(60, start="23:00").says  # it ends at midnight


def test_lessons_without_time_say_how_long_all_take():
    made = plan(60, lessons=["03", "06"])
    says = next(text for text in made.says if "No time is left for 06" in text)
    enough = int(re.search(r"(\d+) minutes", says)[1])
    assert {"03", "06"} <= {*taught(plan(enough, lessons=["03", "06"]))}
    assert "06" not in taught(plan(enough - 1, lessons=["03", "06"]))


@pytest.mark.parametrize("minutes", ["abc", 0, -5, 1.5, "", None, True, "1" * 5000, "１e9", []])
def test_minutes_that_are_none_are_a_sentence(minutes):
    with pytest.raises(CourseError, match="whole number"):
        plan(minutes)


def test_other_words_that_are_none_are_a_sentence():
    for start in ("9", "24:00", "09:60", "noon", None):
        with pytest.raises(CourseError, match="hours and minutes"):
            plan(90, start=start)
    with pytest.raises(CourseError, match="no level 'expert'"):
        plan(90, level="expert")
    with pytest.raises(CourseError, match="no lesson '99'"):
        plan(90, lessons=["99"])


# --- what is shown ----------------------------------------------------------------


def test_the_sheet_says_what_a_teacher_needs(tmp_path):
    made = plan(90)
    page = made.to_html(tmp_path / "лист 计划.html").read_text(encoding="utf-8")
    assert made._repr_html_() in page and "@page" in page and "<title>Run sheet" in page
    assert not re.search(r"(src|href)=", page)  # it asks for nothing
    assert "&lt;b&gt;" in plan(90, "<b>")._repr_html_()  # nor does it run a wish
    for block in made.blocks:
        assert f"<td>{block.time}</td><td>{block.minutes}</td>" in page
    for words in ("Do the ferry on the board", "<em>an expert says</em>", "Skip 01.8", "01.8."):
        assert words in page
    assert (
        "later cells need them" in page
        and "skip when late" in page
        and "Count the claims" in page
        and "**" not in page
    )


def test_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["plan", "--minutes", "90", "--lessons", "3", "4,5", "--out", "a b.html"]) == 0
    shown = capsys.readouterr().out
    assert "09:00" in shown and "a b.html" in shown and (tmp_path / "a b.html").is_file()
    assert "assumed" in shown and "skip when" in shown
    assert main(["plan", "--minutes", "720"]) == 0
    assert "Day 2 09:00" in " ".join(capsys.readouterr().out.split())
    assert main(["plan", "--minutes", "720", "--topic", "free", "trade", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["minutes"] == 720 and told["says"] and told["blocks"][-1]["day"] == 2
    assert told["blocks"][0] | {"title": ""} == {
        "day": 1, "time": "09:00", "minutes": 9, "lesson": "00", "title": "", "skip": 0,
        "exercises": ["00.1", "00.2"],
    }  # fmt: skip


def test_the_command_says_what_is_wrong(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for words in (["abc"], ["90", "--out", "no/where.html"], ["90", "--out", "plan.pdf"]):
        assert main(["plan", "--minutes", *words]) == 2
        assert capsys.readouterr().err.startswith("course plan: ")
    assert [*tmp_path.iterdir()] == []
