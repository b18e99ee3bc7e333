"""The verdict board: what it keeps, what it tells, and what a page may say to it."""

import ast
import html
import json
import os
import re
import sys
from pathlib import Path
from subprocess import PIPE, Popen

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import course
from course.exercises import journal
from course.exercises.evidence import KEPT
from course.exercises.verdict import MOST_TEXT
from course.lessons.lesson_12.board import FEW, offers

CLAIMS = list(course.load("claims")["claim_id"])
WORDS = {
    "word": "supported in part",
    "confidence": "low",
    "says": "The third forum met on 14 June 2016. Two hosts are named for it.",
    "would_change": "A programme of the fourth meeting that names its guests.",
}


@pytest.fixture(autouse=True)
def folder(tmp_path_factory):
    """A student's folder; what a test left pending is saved elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_FOLDER", str(tmp_path_factory.mktemp("student")))
        yield
        patch.setenv("COURSE_FOLDER", str(tmp_path_factory.mktemp("rest")))
        assert journal.notes() == ()


def rows(years=range(2000, 2018)):
    trade = course.load("bilateral_trade")
    return trade[(trade["reporter"] == "CHN") & (trade["series"] == "IMF DOTS")
                 & (trade["partner"] == "RUS") & trade["year"].isin(years)]  # fmt: skip


def signed(**changes):
    fields = {
        "confidence": "medium",
        "because": [rows()],
        "says": "Trade came to 84.4 bn dollars in 2017. That is less than the 95.2 bn of 2014.",
        "would_change": "A second series that says otherwise.",
    }
    return course.Verdict("c42", "mixed", **fields | changes)


def shown(board):
    """What the cell of a board holds: the HTML of its outputs, one after another."""
    InteractiveShell.instance()
    with capture_output() as captured:
        board._ipython_display_()
    InteractiveShell.clear_instance()
    return [output.data["text/html"] for output in captured.outputs]


def row(claim):
    return course.verdicts().loc[claim]


# --- a verdict, a draft ---------------------------------------------------------------


def test_a_form_filled_in_is_a_verdict_like_any_other():
    board = course.board()
    look = board.save("c01", **WORDS, ticked=[0])
    assert (look.status, look.reasons, look.notes) == ("written", [], ())
    assert row("c01")["status"] == "written" and row("c01")["saved"]
    assert dict(row("c01")[[*WORDS]]) == WORDS
    (piece,) = row("c01")["evidence"]
    assert piece["table"] == "events" and "university_page_on_the_3rd_forum" in piece["sources"]
    assert board.table.loc["c01", "state"] == "written"
    assert board.summary.startswith("1 of 49 verdicts are written.")
    assert course.progress("01").verdicts.loc["c01", "status"] == "written"


def test_what_lacks_is_kept_as_a_draft_and_said_with_the_line_that_signs_it():
    board = course.board()
    look = board.save("c01", **WORDS | {"would_change": ""})
    assert look.status == "not yet" and len(look.reasons) == 2
    assert board.table.loc["c01", "state"] == "draft" and "1 is a draft" in board.summary
    assert row("c01")["says"] == WORDS["says"]
    told = shown(board)[1]
    assert all(html.escape(reason) in told for reason in look.reasons)
    code = html.unescape(re.search(r"<pre>(.*?)</pre>", told, re.DOTALL)[1])
    (call,) = [one for one in ast.walk(ast.parse(code)) if isinstance(one, ast.Call)]
    given = {one.arg: ast.unparse(one.value) for one in call.keywords}
    assert ast.literal_eval(given["says"]) == WORDS["says"] and given["would_change"] == "..."


def test_every_change_is_a_line_and_no_change_is_none():
    board = course.board()
    count = lambda: sum(e.read_bytes().count(b"\n") for e in journals())  # noqa: E731
    for text in ("Th", "The third", "The third forum met."):
        board.save("c01", says=text)
    assert count() == 3 and row("c01")["says"] == "The third forum met."
    board.save("c01", says="The third forum met.")
    board.pick("c02")
    board.pick("c01")
    course.board()
    assert count() == 3


def journals():
    return sorted(Path(os.environ["COURSE_FOLDER"], journal.FOLDER).glob("*"))


def test_another_kernel_shows_the_latest():
    course.board().save("c01", **WORDS, ticked=[0])
    code = (
        "import course; b = course.board(); print(b.chosen); b.pick('c01'); print(dict(b.form))"
    )
    with Popen([sys.executable, "-c", code], stdout=PIPE, text=True) as other:
        chosen, form = other.communicate()[0].splitlines()
    assert chosen == "c02"  # the first that is not written
    form = ast.literal_eval(form)
    assert {name: form[name] for name in WORDS} == WORDS
    assert [one["ticked"] for one in form["offers"]] == [True, False]


def test_what_another_notebook_signed_is_there_when_its_claim_is_chosen():
    board = course.board()
    signed()
    assert board.table.loc["c42", "state"] == "written"
    board.pick("c42")
    assert board.form["word"] == "mixed" and len(board.form["kept"]) == 1


# --- evidence -------------------------------------------------------------------------


def test_changes_to_a_written_verdict_keep_its_evidence():
    assert len(rows()) > KEPT
    signed()
    first, board = row("c42")["evidence"], course.board()
    board.pick("c42")
    held = {name: board.form[name] for name in WORDS}
    assert board.save("c42", **held | {"confidence": "low"}).status == "written"
    assert row("c42")["confidence"] == "low" and row("c42")["evidence"] == first
    # numbers of rows that were not kept may stay, others are named
    more = held["says"] + " It was 96.7 bn at some time."
    assert "no 96.7 bn" in board.save("c42", **held | {"says": more}).message
    assert row("c42")["status"] == "not yet" and row("c42")["evidence"] == first
    assert board.save("c42", **held).status == "written"


def test_an_emptied_form_is_missing_and_loses_no_evidence():
    signed()
    board = course.board()
    board.pick("c42")
    held = {name: board.form[name] for name in WORDS}
    board.save("c42")
    assert board.table.loc["c42", "state"] == "missing" and row("c42")["says"] == ""
    assert course.progress("06").verdicts.loc["c42", "status"] == "not attempted"
    again = course.board()
    assert again.save("c42", **held).status == "written"
    assert row("c42")["evidence"][0]["table"] == "bilateral_trade"


def test_a_tick_alone_is_kept_and_can_be_taken_back():
    board = course.board()
    board.save("c01", ticked=[1])
    board.pick("c02")
    board.pick("c01")
    assert [one["ticked"] for one in board.form["offers"]] == [False, True]
    board.save("c01", ticked=[])
    assert not any(one["ticked"] for one in board.form["offers"]) and board.form["kept"] == []


def test_what_is_offered_is_little_has_sources_and_is_no_verdict_of_the_course():
    for offer in [offer for claim in CLAIMS for offer in offers(claim)]:
        assert 0 < len(offer.rows) <= FEW and offer.kept["sources"]
        assert offer.kept["table"] not in ("claims", "sources", "")
        assert f"{offer.kept['table']}, {len(offer.rows)} row" in offer.words


def test_what_is_offered_rests_on_a_page_of_the_claims_row():
    claims = course.load("claims").set_index("claim_id")
    assert claims["source2_id"].isna().any()  # a missing page is not that of other rows
    for claim, row in claims.iterrows():
        pages = {*row[["source_id", "source2_id"]].dropna()}
        for offer in offers(str(claim)):
            named = offer.rows.filter(items=["source_id", "source2_id"])
            assert named.isin(pages).any(axis=1).all(), (claim, offer.words)


def test_where_nothing_can_be_ticked_code_can_sign():
    bare = [claim for claim in CLAIMS if not offers(claim)]
    assert len(bare) < 10
    board = course.board()
    for claim in bare:
        board.pick(claim)
        assert f"course.Verdict(&quot;{claim}&quot;, ..., confidence=..." in shown(board)[1]


# --- the verdict of the course --------------------------------------------------------


def course_words(board):
    """Whether the cell of a board says what the course found on its chosen claim."""
    row = course.load("claims").set_index("claim_id").loc[board.chosen]
    held = html.unescape(" ".join(shown(board))) + json.dumps(board.form, ensure_ascii=False)
    return row["evidence"] in held or row["would_change"] in held


def test_the_course_keeps_silent_before_ones_own_word():
    board = course.board()
    for claim in CLAIMS[::5]:
        board.pick(claim)
        assert not course_words(board) and set(board.table["beside"]) == {""}


def test_the_course_answers_after_ones_own_word():
    board = course.board()
    board.save("c01", word="supported", confidence="high", ticked=[0])
    assert not course_words(board) and board.table.loc["c01", "beside"] == ""
    board.save("c01", **WORDS | {"would_change": ""})  # only that lacks
    assert course_words(board) and board.table.loc["c01", "beside"] == "same"
    board.save("c01", **WORDS | {"word": "contradicted"}, ticked=[0])
    assert course_words(board) and board.table.loc["c01", "beside"] == "differs"
    assert "1 has another word than the course" in board.summary


# --- lists and outputs ----------------------------------------------------------------


def test_the_lists_hold_what_they_say():
    board = course.board()
    board.save("c01", **WORDS, ticked=[0])
    board.save("c02", **WORDS | {"word": "contradicted"}, ticked=[0])
    board.save("c03", says="A beginning.")
    board.pick("c04")
    lists = {}
    for which in ("all", "missing", "differs"):
        board.show(which)
        lists[which] = [claim for claim, _words in board.listed]
    assert lists["all"] == CLAIMS
    assert lists["missing"] == [one for one in CLAIMS if one not in ("c01", "c02")]
    assert lists["differs"] == ["c02", "c04"]  # and the one in the form
    assert re.findall(r">(c\d\d)</td>", shown(board)[2]) == ["c02"]
    with pytest.raises(course.CourseError, match="Choose one of: all, missing, differs"):
        board.show("rubbish")


def test_the_cell_is_plain_html_that_needs_no_kernel():
    board = course.board()
    board.save("c01", **WORDS, ticked=[0])
    place, told, table = shown(board)
    assert "Run this cell to fill in verdicts." in place and "written · c01" not in place
    assert re.findall(r">(c\d\d)</td>", table) == CLAIMS
    assert "✎ written" in table and "○ missing" in table  # no status by colour alone
    assert "<script" not in place + told + table
    assert repr(board) == board.summary


def test_what_a_student_writes_is_text_everywhere():
    evil = "<img src=x onerror=alert(1)> is what I wrote here. </textarea><script>alert(2)</script>"
    frame = rows([2014, 2017]).rename(columns={"note": evil[:40]})
    signed(because=[frame], says=evil, would_change=evil, confidence="<b>high</b>")
    board = course.board()
    board.pick("c42")
    board.save("c42", word="<i>mixed</i>", says=evil, would_change=evil, confidence="low")
    held = "".join(shown(board)) + "".join(one["html"] for one in board.form["kept"])
    assert "&lt;img src=x onerror" in held and "&lt;i&gt;mixed" in held
    assert not re.search(
        r"<(img|script|/textarea|i|b)\b(?! class)[^>]*(alert|>mixed|>high)", held
    )
    assert "<img" not in held and "<script" not in held and "<i>" not in held


def test_a_text_that_is_too_long_is_a_draft():
    look = course.board().save("c01", **WORDS | {"says": "A word too many. " * 500}, ticked=[0])
    assert f"keep to {MOST_TEXT:,} characters" in look.message


# --- what a page says -----------------------------------------------------------------


def hears(board, message):
    """Let a board hear a message, as ipywidgets hands it on."""
    board._handle_custom_msg(message, [])


def said(board, **changes):
    hears(board, {"number": 7, "claim": "c01", **WORDS, "ticked": [0]} | changes)
    return board.answer


def test_a_page_is_answered():
    board = course.board()
    assert said(board) == {"number": 7, "words": "Saved. ✎ written"}
    assert said(board, number=float("inf"))["number"] is None
    hears(board, {"pick": "c05"})
    assert board.chosen == board.form["claim"] == "c05"
    hears(board, {"show": "missing"})
    assert len(board.listed) == 48


def test_a_save_of_another_claim_leaves_the_form_alone():
    board = course.board()
    board.pick("c05")
    assert said(board)["words"].startswith("Saved") and board.form["claim"] == "c05"
    assert row("c01")["status"] == "written"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
keys = st.sampled_from(["pick", "show", "number", "claim", "ticked", *WORDS])


@settings(max_examples=150, deadline=None)
@given(anything | st.dictionaries(keys, anything), st.dictionaries(keys, anything))
def test_whatever_a_page_says_is_no_traceback_and_no_strange_claim(message, changes):
    board = course.board()
    hears(board, message)
    answer = said(board, **changes)
    assert answer == {} or isinstance(answer["words"], str)
    assert board.chosen in CLAIMS and set(course.verdicts().index) <= set(CLAIMS)
    assert json.loads(json.dumps(board.answer)) == board.answer


def test_a_claim_that_is_none_is_said():
    board = course.board()
    assert "There is no claim 'c99'" in said(board, claim="c99")["words"]
    hears(board, {"pick": "c99"})
    assert board.answer == {"number": None, "words": board.answer["words"]}
    assert "c99" in board.answer["words"] and course.verdicts().empty


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such limit")
def test_a_disk_that_is_full_is_told_and_loses_nothing():
    code = f"""
import course, resource
from course.exercises import journal
b = course.board()
b.save("c01", **{WORDS!r}, ticked=[0])
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
b._handle_custom_msg({{"number": 1, "claim": "c02", **{WORDS!r}, "ticked": [0]}}, [])
assert "Not saved" in b.answer["words"] and "File too large" in b.answer["words"]
assert b.table.loc["c02", "state"] == "written"
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""
    full = Popen([sys.executable, "-c", code])
    assert full.wait() == 0
    assert list(course.verdicts().index) == ["c01", "c02"]  # saved as the kernel ended


def test_a_long_evening_is_read_to_its_end():
    piece = {"what": "x" * 90_000, "table": "", "sources": [], "columns": [], "rows": []}
    verdict = dict.fromkeys(WORDS, "w") | {"evidence": [piece]}
    for n in range(100):  # 9 MB; no more than 8 of one file are read
        journal.record("verdict", "c01", status="not yet", verdict=verdict | {"says": f"{n}"})
    assert row("c01")["says"] == "99" and journal.notes() == () and len(journals()) >= 2
    assert isinstance(course.verdicts(), pd.DataFrame)
