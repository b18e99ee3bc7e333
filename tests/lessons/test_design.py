"""Every lesson is held to the rules of the design, without exception."""

import json
from pathlib import Path

import pytest

from course.data import read
from course.exercises.exercise import Exercise
from course.paths import lessons_dir
from tests.lessons import design
from tests.lessons.design import Lesson

LESSONS = {
    one.id: one for one in map(Lesson.read, sorted(lessons_dir().glob("[0-9][0-9]_*.ipynb")))
}
TAUGHT = json.loads(design.TAUGHT.read_text(encoding="utf-8"))
every_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)


@every_lesson
@pytest.mark.parametrize("rule", design.RULES, ids=lambda rule: rule.__name__)
def test_a_lesson_keeps_the_rules(rule, lesson):
    assert rule(lesson) == []


@every_lesson
def test_what_open_code_uses_was_taught(lesson):
    assert design.not_taught(lesson, LESSONS, TAUGHT) == []


@every_lesson
def test_what_is_taught_is_said(lesson):
    assert design.not_said(lesson, TAUGHT) == []


def test_every_claim_is_tested_in_a_lesson_and_judged_in_the_last():
    claims = set(read("claims")["claim_id"])
    assert len(claims) == 49
    tested = {claim: [] for claim in claims}
    for lesson in LESSONS.values():
        for claim in lesson.contract["claims"]:
            tested[claim].append(lesson.id)
    assert sorted(claim for claim, where in tested.items() if not where) == []
    book = LESSONS["12"]
    assert any("course.board()" in cell["source"] for _n, cell in book.code())


# --- each rule finds what it is for ---------------------------------------------------


def small(*cells, tasks=(), **contract):
    """A lesson of one's own; cells are words, or code after a leading >>>, folded after >>~."""
    made = [{"cell_type": "markdown", "id": "head", "metadata": {}, "source": "# Title"}]
    for n, text in enumerate(("contract", *cells)):
        kind = "code" if text.startswith(">>") else "markdown"
        about = {"jupyter": {"source_hidden": True}} if text.startswith(">>~") else {}
        source = text[3:].strip() if kind == "code" else text
        for task in tasks:
            if f'course.check("{task.id}"' in source:
                about = {"exercise": task.id}
        made.append({"cell_type": kind, "id": f"c{n}", "metadata": about, "source": source})
    promise = {
        "id": "50",
        "prerequisites": [],
        "claims": [],
        "minutes": {"teach": 0, "practise": 0},
    }
    return Lesson(Path("x"), promise | contract, made, {task.id: task for task in tasks})


def task(solution, answer=12.34, **more):
    more = {"kind": "number", "digits": 2, "minutes": 4, "mistakes": {}} | more
    return Exercise(
        "50.1", ask="?", objective=0, hints=[], after="", answer=lambda: answer,
        solution=solution + '\n\ncourse.check("50.1", x)', **more,
    )  # fmt: skip


START = '>>>x = ...\n\ncourse.check("50.1", x)'


def test_long_open_cells_are_found():
    eleven = "\n".join(f"a{n} = {n}" for n in range(11))
    assert design.cells_too_long(small(">>>a = 1", f">>~{eleven}", ">>>b = 1")) == []
    assert design.cells_too_long(small(f">>>{eleven}")) == [
        "c1: 11 lines",
        "median of 11 lines",
    ]


def test_open_drawings_are_found():
    chart = "a = 1\nb = 2\nc = 3\nd = 4\ncourse.chart(d, alt=a, sources=b)"
    assert design.drawing_open(small("It draws:", f">>~{chart}")) == []
    assert design.drawing_open(small("It draws:", f">>>{chart}")) == ["c2: draws and is open"]
    assert design.drawing_open(small(">>>a = 1", f">>~{chart}")) != []


def test_what_an_exercise_needs_in_a_folded_cell_is_found():
    asks = [task("x = rows.sum() / 2")]
    assert design.needs_folded(small(">>>rows = 1", START, tasks=asks)) == []
    assert design.needs_folded(small(">>~rows = 1", START, tasks=asks)) != []


def test_what_was_not_taught_is_found():
    lesson = small("`melt` turns it.", ">>>a.melt().stack()")
    lessons = {"50": lesson}
    assert design.not_taught(lesson, lessons, {"50": ["melt"]}) == ["stack"]
    assert design.not_said(lesson, {"50": ["melt"]}) == []
    assert design.not_said(lesson, {"50": ["stack"]}) == ["stack"]
    asks = [task("x = a.stack().sum()")]
    for words, missing in (("Look.", ["stack"]), ("`stack` piles up.", [])):
        lesson = small(words, START, tasks=asks)
        assert design.not_taught(lesson, {"50": lesson}, {}) == missing
    late = small(">>>a.melt()", ">>>1", "`melt` turned it.")
    assert design.not_said(late, {"50": ["melt"]}) == ["melt"]


def test_a_solution_in_sight_is_found():
    asks = [task('x = goods.loc[2017, "A"] * 1000 / people.loc[2017, "A"]')]
    same = ">>>y = goods.loc[2012, all] * 1 / people.loc[2012, all]"
    other = ">>>y = people.loc[2012, all] * 1 / goods.loc[2012, all]"
    assert design.expressions_in_sight(small("## A", other, START, other, tasks=asks)) == []
    for cells in ((same, START), (START, same), (START, "words", same)):
        assert design.expressions_in_sight(small("## A", *cells, tasks=asks)) != [], cells
    hidden = same.replace(">>>", ">>~")
    assert design.expressions_in_sight(small(START, "words", hidden, tasks=asks)) == []
    assert design.expressions_in_sight(small(START, "## Next", same, tasks=asks)) == []


def test_a_value_in_sight_is_found():
    asks = [task("x = 12.34")]
    assert (
        design.values_in_prose(small("## A", "It is 112.34 or 12.345", START, tasks=asks)) == []
    )
    assert design.values_in_prose(small("## A", "It is 12.34.", START, tasks=asks)) != []
    shown = {"outputs": [{"text": "a  12.34"}]}
    drawn = {"outputs": [{"data": {"text/html": "<svg>12.34</svg>", "text/plain": "12.34"}}]}
    lesson = small("## A", START, tasks=asks)
    assert design.values_in_outputs(lesson, [shown, {}, {}, {}]) != []
    assert design.values_in_outputs(lesson, [drawn, {}, {}, shown]) == []


def test_minutes_that_do_not_follow_are_found():
    words = "word " * 3000  # 15 minutes
    maps = [task("x = 1", kind="map", minutes=15)]
    fair = {"teach": 15, "practise": 15}
    assert design.minutes(small(words, START, tasks=maps, minutes=fair)) == [
        "30 minutes together"
    ]
    short = [task("x = 1", kind="map", minutes=10)]
    assert len(design.minutes(small(words, START, tasks=short, minutes=fair))) == 3


def test_a_shape_that_lacks_something_is_found():
    assert "no map" in design.shape(small(">>>a = 1", START, tasks=[task("x = 1")]))
    assert design.evidence(small(">>>a = 1", claims=["c01"])) == [
        "c01: no cell shows its evidence"
    ]


def test_words_of_our_own_are_found():
    fine = small("The *book* is a textbook: book *Trade*, a stand-in, `stands`; bookkeeping.")
    assert design.own_words(fine) == ["c1: book"]
    assert len(design.own_words(small("It stands in the books, we are told."))) == 3


def test_an_end_out_of_order_is_found():
    heads = ["What the claims look like now", "What the course says", "Key points",
             "Further questions", "How far are you?", "Sources of this lesson"]  # fmt: skip
    asks = [task("x = 1")]

    def ended(words, last, columns=json.dumps(design.VERDICT)):
        first, *rest = (f"## {head}" for head in words)
        says = f"## {heads[1]}"
        if says in rest:
            rest.insert(rest.index(says) + 1, f">>>course.table(claims[{columns}])")
        return design.end(small(first, START, *rest, last, tasks=asks))

    assert ended(heads, ">>~course.cite(rows)") == []
    assert ended(heads, ">>>course.cite(rows)") == ["the code of the sources is open"]
    assert ended(heads, ">>~course.cite(rows)", '["claim"]')[0] == "verdict is not shown"
    assert len(ended(heads[::-1], ">>~course.cite(rows)")) == 1
    assert len(ended(heads[:-1], ">>~course.cite(rows)")) == 1
