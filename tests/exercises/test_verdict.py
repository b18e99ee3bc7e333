"""A verdict: what is checked, what is kept, what is shown and when."""

import json
import re
import time
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import course
from course.exercises import budget, journal
from course.exercises.verdict import MOST_TEXT
from course.lessons import lessons, room
from course.paths import lessons_dir
from tests.exercises.test_exercise import BOMBS, anything

SAYS = "Trade came to 84.4 bn dollars in 2017. That is less than the 95.2 bn of 2014."
CHANGE = "A second series that says otherwise."


@pytest.fixture(autouse=True, scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        path = tmp_path_factory.mktemp("student")
        patch.setenv("COURSE_FOLDER", str(path))
        yield path


def rows(years=(2014, 2017)):
    trade = course.load("bilateral_trade")
    return trade[(trade["reporter"] == "CHN") & (trade["series"] == "IMF DOTS")
                 & (trade["partner"] == "RUS") & trade["year"].isin(years)]  # fmt: skip


def signed(claim="c42", word="mixed", **changes):
    fields = {"confidence": "low", "because": [rows()], "says": SAYS, "would_change": CHANGE}
    return course.Verdict(claim, word, **fields | changes)


def reasons(**changes):
    return "\n".join(signed(**changes).reasons)


# --- what is checked ------------------------------------------------------------


def test_a_sound_verdict_is_written_with_its_sources():
    one = signed()
    assert (one.status, one.reasons) == ("written", [])
    assert one.sources == list(course.cite(rows()).table.index)
    assert one.evidence[0]["table"] == "bilateral_trade"


@pytest.mark.parametrize("task", [r.EXERCISES[-1] for r in map(room, lessons()) if r.EXERCISES[-1].kind == "verdict"],
                         ids=lambda task: task.id)  # fmt: skip
def test_the_example_of_each_lesson_is_written(task):
    one = course.Verdict(**task.answer())
    assert one.reasons == [] and one.claim in task.claims
    assert " ".join(one.says.split()) in " ".join(task.solution.split())


def test_lessons_end_in_a_verdict():
    ends = {lesson: room(lesson).EXERCISES[-1].kind for lesson in lessons()}
    assert {lesson for lesson, kind in ends.items() if kind != "verdict"} == {"00"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"word": "partly"}, "The verdict is one of: supported, supported in part"),
        ({"word": "contradictd"}, "Did you mean 'contradicted'?"),
        ({"word": 5}, "The verdict is one of"),
        ({"confidence": "sure"}, "confidence is one of: high, medium, low"),
        ({"because": []}, "rows of tables with their column source_id"),
        ({"because": [84.4, rows()["total_usd_bn"]]}, "rows of tables with their column source_id"),
        ({"because": [rows(), "a text"]}, "Evidence 2: It holds text. Evidence is rows"),
        ({"because": [rows(), print]}, "Evidence 2:"),
        ({"because": [rows(), course.cite(rows())]}, "Evidence 2: It holds something that cannot be read (Citation). Evidence is rows"),
        ({"because": [course.load("region_indicators")]}, "too much for a reader to check"),
        ({"because": [rows()] * 13}, "at most 12 pieces"),
        ({"because": [course.load("claims").head(3)]}, "The table claims holds the claim and the verdict of the course, so it is none"),
        ({"because": [course.load("places").head(3)]}, "No row is from a table with which the lessons weigh c42"),
        ({"because": [rows().assign(source_id="hearsay")]}, "There is no source 'hearsay'"),
        ({"says": "Trade grew."}, "Write two sentences of your own or more (says has 0). A sentence begins with a capital"),
        ({"says": "blah blah blah blah. Blah blah blah!"}, "(says has 0)"),
        ({"says": "x" * 9_000}, f"keep to {MOST_TEXT:,} characters"),
        ({"would_change": "dunno"}, "what would change your verdict"),
        ({"would_change": ...}, "what would change your verdict"),
        ({"says": SAYS.replace("84.4", "96.0")}, "The evidence has no 96.0 bn dollars."),
        ({"says": SAYS + " It rose by 96 percent."}, "The evidence has no 96 percent."),
        ({"says": SAYS.replace("bn", "million")}, "no 84.4 million dollars, 95.2 million."),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(changes, words):
    assert words in reasons(**changes)


def test_every_reason_is_said_at_once():
    one = signed(
        word="so so", confidence=1, because=[], says="Trade was 17 bn.", would_change="?"
    )
    assert one.status == "not yet" and len(one.reasons) == 6
    assert all(reason in repr(one) for reason in one.reasons)


def test_the_words_of_the_course_are_not_ones_own():
    row = course.load("claims").set_index("claim_id").loc["c42"]
    assert "(says has 0)" in reasons(says=row["claim"] + " " + row["would_change"])
    assert "what would change" in reasons(would_change=row["would_change"])
    task = "Were the economic ties of the two countries gathering speed in June 2017? Sign your verdict."
    assert "(says has 0)" in reasons(says=task)


def test_numbers_may_be_computed_rounded_and_told_in_other_units():
    series = rows(range(2014, 2018)).set_index("year")["total_usd_bn"]
    growth, share = 100 * series.pct_change(), Decimal("0.261")
    says = (
        "Торговля выросла на 21,0 % в 2017 году и на 2,6 % в 2016, до 84,4 млрд долларов. "
        "2017年贸易额为844亿美元。A share of 26 % was named, four points or so."
    )
    assert reasons(because=[rows(range(2014, 2018)), growth, share], says=says) == ""
    assert reasons(because=rows(), says=SAYS) == ""  # rows alone, without a list
    shares = {"share": [56.1, 63.5]}
    points = "The share rose by 7.4 percentage points. That is a lot for a single year."
    assert reasons(because=[rows(), pd.DataFrame(shares)], says=points) == ""
    ends = "It rose from 56.1 to 63.5 percent, by 7.4 percentage points. That is a lot."
    assert reasons(because=[rows(), 56.1, 63.5], says=ends) == ""
    assert "7.5 percentage points" in reasons(
        because=[rows(), 56.1], says=points.replace("4", "5")
    )


def test_quoted_sentences_count_and_a_shown_table_is_its_rows():
    says = '"Trade came to 84.4 bn dollars." «Это меньше, чем 95,2 млрд в 2014 году.»'
    assert reasons(says=says, because=[course.table(rows())]) == ""


def test_a_short_sentence_with_a_figure_is_one():
    says = "2017年贸易额为844亿美元。2014年为952亿，并不低。"
    assert reasons(says=says) == ""
    assert "(says has 0)" in reasons(says="84.4 95.2 84.4. 84.4 bn 84.4.")


def test_a_unit_of_the_table_is_not_believed_of_other_numbers():
    changed = rows().assign(total_usd_bn=[12.5, 26.1])
    assert (
        reasons(because=[changed], says="It grew by 26.1 %. Before, it grew by 12.5 %.") == ""
    )
    assert "26.1 %" in reasons(
        because=[rows()], says="It grew by 26.1 %. Before, it grew less."
    )


@pytest.mark.parametrize(
    ("table", "telling"),
    [
        ("part_year_trade", {"total_usd_bn", "yoy_total_pct"}),
        ("energy_flows", {"volume", "unit", "year"}),
        ("border_delays", {"value", "unit", "hours"}),
        ("projects", {"status", "status_as_of"}),
        ("trade_structure", {"share_pct", "value_usd_bn"}),
        ("events", {"date", "title", "note"}),
    ],
)
def test_the_columns_that_are_kept_hold_what_was_measured(table, telling):
    kept = signed(because=[course.load(table).head(40)]).evidence[0]
    assert telling <= set(kept["columns"]) and len(kept["columns"]) <= 12
    assert not {"source_id", "source2_id"} & set(kept["columns"])
    order = list(course.load(table).columns)
    assert kept["columns"] == sorted(kept["columns"], key=order.index)


def test_the_evidence_of_the_course_supports_no_number():
    claim = course.load("claims").query("claim_id == 'c42'")
    assert "26.1%" in claim["evidence"].item()
    says = "It grew by 26.1 %. Before, it grew less."
    assert "no 26.1 %" in reasons(because=[rows(), claim], says=says)


def test_rows_of_the_tables_with_which_a_claim_is_weighed_are_wanted():
    says = "Two bridges were opened. One of them took years."
    assert "No row is from a table" in reasons(claim="c35", says=says)
    row = rows().iloc[0]
    assert reasons(because=[row, rows().merge(rows()[["year"]], on="year")]) == ""
    shapes = course.shapes("region_polygons")
    assert "No row is from a table" in reasons(because=[shapes])


def test_an_unknown_claim_is_answered():
    with pytest.raises(course.CourseError, match=r"no claim 'c99'.*c01, c02"):
        course.Verdict("c99", "mixed")
    with pytest.raises(course.CourseError, match="no claim 'DataFrame'"):
        course.Verdict(rows())


# --- what may be handed in --------------------------------------------------------

HOSTILE = [
    *BOMBS, rows, pd.NA, float("nan"), [float("inf"), -float("inf")], Decimal("sNaN"), "\ud800",
    pd.DataFrame(np.ones((1_000_000, 2))), pd.DataFrame([[1, 2]], columns=["source_id", "source_id"]),
    rows().assign(note="\ud800" * 9), {"a": rows()}, [[]], pd.DataFrame(), np.zeros((2, 2, 2)),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_no_object_breaks_a_verdict(number):
    thing = HOSTILE[number]
    for because in (thing, [thing], [rows(), thing]):
        one = signed(because=because)
        assert one.status in ("written", "not yet")
        assert "boom" not in repr(one) + one._repr_html_()
    for field in ("word", "confidence", "says", "would_change"):
        assert signed(**{field: thing}).status == "not yet"
    assert journal.notes() == ()


@settings(deadline=None, max_examples=60)
@given(anything, st.text() | st.just(SAYS))
def test_anything_ends_in_words(thing, says):
    one = signed(because=[rows(), thing], says=says, would_change=says)
    assert repr(one) and one._repr_html_() and journal.notes() == ()


def test_what_never_ends_is_ended(monkeypatch):
    class Slow(list):
        def __iter__(self):
            while True:
                yield 1
                time.sleep(0.01)

    monkeypatch.setattr(budget, "SECONDS", 0.3)
    assert "stopped" in reasons(because=[rows(), Slow([1])])


# --- what is shown ----------------------------------------------------------------


def test_a_starter_is_not_attempted_and_leaves_no_trace(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    one = course.Verdict("c42", ..., confidence=..., because=[...], says=..., would_change=...)
    assert one.status == "not attempted" and list(tmp_path.iterdir()) == []
    assert repr(one).startswith("… Not attempted · c42")
    assert course.check("06.9", one).status == "not attempted"


def test_the_verdict_of_the_course_is_folded_and_comes_after_ones_own():
    course_says = "the level stayed below 2014. It was a recovery."
    early, written = signed(confidence="?")._repr_html_(), signed()._repr_html_()
    assert course_says in written and course_says not in early
    before = written[: written.index(course_says)]
    assert before.count("<details ") == before.count("</details>") + 1
    assert "rubric" in written and "rubric" not in early
    assert course_says not in repr(signed())


def test_sure_of_knowing_nothing_is_explained():
    one = signed(word="cannot tell", confidence="high")
    assert one.status == "written"
    assert (
        "With cannot tell: we looked well" in repr(one) and "looked well" in one._repr_html_()
    )


def test_what_is_shown_is_escaped():
    shown = signed(says="<script>1</script> is not here. Nor is <b>that</b> at all.")
    frame = rows().rename(columns={"note": "<i>"})
    for html in (shown._repr_html_(), signed(because=[frame], word="<b>")._repr_html_()):
        assert not re.search("<script|<b>|<i>", html)
    assert "<script" not in course.progress("06")._repr_html_()


def test_a_check_reports_the_verdict():
    found = course.check("06.9", signed())
    assert found.status == "written"
    assert "Two readers can sign different words" in found.message
    assert "The verdict of the course" in found._repr_html_()
    found = course.check(
        "06.9", signed(confidence="?", says="Trade was 17 bn. It was not 16 bn.")
    )
    assert (
        found.status == "not yet" and "17 bn" in found.message and "confidence" in found.message
    )
    other = course.check("06.9", signed("c08"))
    assert other.status == "not yet" and "asks for c42" in other.message
    assert "The verdict of the course" not in other._repr_html_()
    text = course.check("06.9", "Claim c42 is mixed, as customs said in 2014.")
    assert text.status == "cannot tell" and 'course.Verdict("c42", ...)' in text.message
    assert "course.Verdict" in course.solution("06.9").code


# --- what is kept -------------------------------------------------------------------


def test_a_verdict_is_kept_and_gathered(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    assert course.verdicts().empty
    assert course.progress("00").verdicts.empty  # a lesson without claims
    before = course.progress("06").verdicts["status"]
    assert before.to_dict() == dict.fromkeys(["c42", "c08", "c40"], "not attempted")
    signed("c08", "supported")
    signed(word="supported")
    signed(confidence="?")
    course.check("06.9", signed(because=[rows(), Decimal("1.5")]))
    signed("c08", "supported", confidence="?")
    found = course.verdicts()
    assert found.index.tolist() == ["c08", "c42"]  # as in the article
    assert found["status"].tolist() == ["not yet", "written"]
    row = found.loc["c42"]
    assert (row["word"], row["confidence"], row["says"], row["would_change"]) == (
        "mixed", "low", SAYS, CHANGE,
    )  # fmt: skip
    table, number = row["evidence"]
    assert table["sources"] == list(course.cite(rows()).table.index)
    assert number["rows"] == [[1.5]] and len(table["rows"]) == 2
    shown = course.progress("06")
    assert shown.verdicts["status"].to_dict() == {
        "c42": "written", "c08": "not yet", "c40": "not attempted",
    }  # fmt: skip
    assert shown.table.loc["06.9", "status"] == "written"
    assert "1 of 9 exercises done." in repr(shown)
    assert "✎ Written" in shown._repr_html_() and "… Not attempted" in repr(shown)
    (path,) = (tmp_path / journal.FOLDER).iterdir()
    lines = [json.loads(line) for line in path.read_text(encoding="ascii").splitlines() if line]
    assert [line["event"] for line in lines] == ["verdict"] * 4 + ["check", "verdict"]
    assert str(tmp_path) not in path.read_text(encoding="ascii")


def test_a_line_of_the_journal_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    wide = pd.DataFrame({"字" * 99 + str(n): ["字" * 999] * 99 for n in range(40)})
    one = signed(because=[rows(), *[wide] * 11], says="字" * 9_000, would_change="字" * 9_000)
    (path,) = (tmp_path / journal.FOLDER).iterdir()
    assert path.stat().st_size < 110_000 and one.notes == () == journal.notes()
    assert course.verdicts().loc["c42", "word"] == "mixed"


def test_a_word_of_the_scale_has_a_sentence_that_lesson_01_shows():
    words = course.data.read("verdict_words").set_index("word")
    claims = course.load("claims")
    assert set(words.index[words["kind"] == "verdict"]) >= set(claims["verdict"])
    assert set(words.index[words["kind"] == "confidence"]) == set(claims["confidence"])
    path = next(lessons_dir().glob("01_*.ipynb"))
    cells = "\n".join(
        "".join(cell["source"])
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
    )
    assert [m for m in words["meaning"] if m not in cells] == []
