"""Lesson 12: its invented boards, its explorers, and its cells with a board that is not empty."""

import json
import re

import pandas as pd
import pytest

import course
from course import explore
from course.lessons import lesson_12, read_contract
from course.paths import lessons_dir

PATH = lessons_dir() / "12_the_verdict.ipynb"
CELLS = {
    cell["id"][4:]: "".join(cell["source"])
    for cell in json.loads(PATH.read_text(encoding="utf-8"))["cells"]
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(*names, **given):
    """What the cells of these names leave behind, run one after the other."""
    space = {"course": course, "pd": pd, "claims": course.load("claims"), **given}
    for name in names:
        exec(CELLS[name], space)
    return space


# --- what is invented ---------------------------------------------------------


def test_the_boards_of_the_lesson_are_those_of_its_exercises():
    space = told("example-board", "two", "silence-numbers")
    pd.testing.assert_frame_equal(space["example"], lesson_12.example())
    pd.testing.assert_frame_equal(space["two"], lesson_12.boards())
    assert space["before"] == lesson_12.BEFORE
    assert space["would_find"] == lesson_12.WOULD_FIND


def test_what_is_invented_says_so():
    before = {"example-board": "example", "silence-numbers": "silence-say"}
    before |= {"two": "proper-say", "explore-run": "explore"}
    assert all("invented" in CELLS[words] for words in before.values())
    names = [words for words, _v in lesson_12.calibration.controls["board"].pairs()]
    assert all("invented" in name for name in names)


def test_the_score_is_proper():
    expected = lesson_12.EXERCISES[4].answer()
    for q in (0.1, 0.35, 0.7):
        scores = {p: expected(p / 100, q) for p in range(101)}
        assert min(scores, key=scores.get) == round(100 * q)


def test_kappa_is_that_of_the_textbook():
    """Fleiss, Levin and Paik's form of it: from the cells of the table, not from shares."""
    table = pd.crosstab(*(lesson_12.boards()[name] for name in ("Anna", "Boris"))).to_numpy()
    n = table.sum()
    off = n - table.trace()
    by_chance = (table.sum(0)[:, None] * table.sum(1)).sum() / n
    by_chance -= (table.sum(0) * table.sum(1)).sum() / n
    kappa = lesson_12.EXERCISES[5].answer()["kappa"]
    assert kappa == pytest.approx(1 - off / by_chance)


# --- a board with something on it ------------------------------------------------


def sign(claim, word, sure):
    events = course.load("events")
    rows = events[events["kind"].isin(["treaty", "expert forum"])]
    says = "I read the rows on the treaty of 2001. They leave the question of words open."
    signed = course.Verdict(
        claim, word, confidence=sure, because=[rows], says=says,
        would_change="A paper of that year which I have not seen yet.",
    )  # fmt: skip
    assert signed.status == "written", signed


@pytest.mark.parametrize("signed", [0, 2])
def test_the_cells_on_your_own_board_fit_any_board(folder, signed, capsys):
    for claim in ["c09", "c48"][:signed]:
        sign(claim, "mixed", "low")
    seen = []
    names = ["load", "stated", "yours-table", "yours-agree", "spread"]
    space = told(*names, display=seen.append, seen=seen)
    said = capsys.readouterr().out
    assert f"{signed} of 49 claims have your verdict." in said
    assert f"{signed} of your verdicts can be compared." in said
    assert f"{int(signed > 0)} of {signed} signed verdicts have the word" in said
    assert ("Nobody in this folder" in said) == (signed == 0)
    assert all(list(rows.rows["students"]) == [1] * signed for rows in space["seen"])
    assert len(space["seen"]) == (signed > 0)
    assert ("nan" in said, "yardstick" in said) == (False, signed > 0)
    assert list(space["yours"]["claim_id"]) == ["c09", "c48"][:signed]


def test_the_briefing_waits_for_a_map_and_a_verdict(folder, capsys):
    m = course.area_map("heilongjiang", alt="A map of one's own, in a test of the briefing.")
    told("export-code", my_map=m)
    assert "needs a signed verdict" in capsys.readouterr().out
    sign("c09", "mixed", "low")
    told("export-code", my_map=...)
    assert "needs a signed verdict" in capsys.readouterr().out
    told("export-code", my_map=m)
    page = (folder / "briefing.html").read_text(encoding="utf-8")
    assert "My five sentences." in page and "c09" in page


# --- the explorers -----------------------------------------------------------------


def test_the_score_is_lowest_where_the_words_say_what_they_are_worth():
    def score(**words):
        html, _none = lesson_12.calibration.draw(board="bold", **words)
        return float(re.search(r"Brier score (\d\.\d{3})", html)[1])

    assert score(high=60, medium=60, low=50) < score(high=90, medium=70, low=60)
    assert score(high=50, medium=50, low=50) == 0.25


def test_every_verdict_of_the_course_is_found():
    claims, view = course.load("claims"), explore.explorer("verdicts")
    html, _features = view.draw(kind="all", verdict="all", place="all")
    assert set(re.findall(r"\bc\d\d\b", html)) == set(claims["claim_id"])
    for word, rows in claims.groupby("verdict"):
        html, _features = view.draw(kind="all", verdict=word, place="all")
        assert set(re.findall(r"\bc\d\d\b", html)) == set(rows["claim_id"])


def test_a_place_shows_the_claims_that_its_circle_names():
    view = explore.explorer("verdicts")
    _html, features = view.draw(kind="all", verdict="all", place="all")
    assert len(features) >= 5
    for one in features:
        html, now = view.draw(kind="all", verdict="all", place=one["id"])
        assert set(re.findall(r"\bc\d\d\b", html)) == set(re.findall(r"c\d\d", one["says"]))
        assert [f["label"] for f in now if f["label"]] == [one["id"]]


def test_an_empty_choice_gets_a_sentence():
    html, features = explore.explorer("verdicts").draw(
        kind="forecast", verdict="contradicted", place="all"
    )
    assert "No claim fits all of this" in html and features == []


# --- what the lesson promises --------------------------------------------------------


def test_the_lesson_shows_no_verdict_of_the_course_before_the_last_one_is_signed():
    """Counts may be seen, and whatever the student has signed."""
    before = list(CELLS)[: list(CELLS).index("try-9")]
    shown = re.compile(r"course\.table\([^\n]*\"(verdict|confidence)\"")
    found = [name for name in before if shown.search(CELLS[name])]
    found = [name for name in found if not name.startswith("yours")]
    assert found == ["crosstab"]


def test_its_claims_are_those_that_data_hardly_reach():
    claims = course.load("claims").set_index("claim_id")
    own = claims.loc[read_contract(PATH)["claims"]]
    assert (own["verdict"] == "cannot tell").sum() == 6
    assert (own["testable"] != "yes").sum() == len(own) - 1  # the photograph could be tested
