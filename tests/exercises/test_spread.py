"""A class's boards laid together: counts, confidence, and journals of any kind."""

import json
import os
import re
import shutil

import pytest

import course
from course.exercises.journal import FOLDER, OLD
from tests.exercises.test_journal import CAPTURED, ODD, posix

WORDS = list(course.load("claims")["verdict"].unique())


def line(claim="c42", word="mixed", confidence="low", status="written", **more):
    texts = {"says": "One. Two.", "would_change": "A page.", "evidence": []}
    verdict = {"word": word, "confidence": confidence, **texts}
    return {"v": 1, "time": "2026-11-28T11:56:34Z", "session": "s", "n": 1, "event": "verdict",
            "exercise": claim, "course": "2026.11.1", "status": status, "verdict": verdict} | more  # fmt: skip


def write(folder, *rows, name="s"):
    """Put lines, given as objects or bytes, into a student's journal."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    rows = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    (folder / FOLDER / f"{name}.jsonl").write_bytes(b"".join(b"\n" + row for row in rows))


@pytest.fixture
def group(tmp_path):
    """A class of three."""
    write(tmp_path / "Anna", line(), line("c01", "supported", "high"))
    write(tmp_path / "Boris", line(word="supported", confidence="high"))
    write(tmp_path / "Chen", line(), name="a")
    later = {"time": "2026-11-29T11:56:34Z"}
    write(tmp_path / "Chen", line(word="cannot tell", confidence="medium", **later),
          line("c01", "mixed", "", "not yet"), name="b")  # fmt: skip
    return tmp_path


def test_the_latest_verdict_of_each_student_counts_once(group):
    spread = course.spread(group)
    c42, c01 = spread.loc["c42"], spread.loc["c01"]
    assert dict(c42[["mixed", "supported", "cannot tell"]]) == {
        "mixed": 1,
        "supported": 1,
        "cannot tell": 1,
    }
    assert (c42["students"], c42["drafts"], c42["confidence"], c42["confidence_sd"]) == (
        3,
        0,
        2.0,
        1.0,
    )
    assert (c01["supported"], c01["students"], c01["drafts"], c01["confidence"]) == (
        1,
        1,
        1,
        3.0,
    )
    assert len(spread) == 49 and (spread[WORDS].sum(axis=1) == spread["students"]).all()
    assert list(spread["course"]) == list(course.load("claims")["verdict"])
    assert spread.attrs == {"students": 3, "skipped": []}


def test_no_name_is_shown(group):
    spread = course.spread(group)
    shown = spread._repr_html_() + str(spread) + spread.chart()._repr_html_()
    assert not any(name in shown for name in ("Anna", "Boris", "Chen"))


def test_journals_side_by_side_are_a_student_each(group, tmp_path_factory):
    flat = tmp_path_factory.mktemp("flat")
    for n, path in enumerate(sorted(group.glob(f"*/{FOLDER}/*.jsonl"))):
        shutil.copy(path, flat / f"{n}.jsonl")
    (flat / "notes.txt").write_text("no journal")
    spread = course.spread(flat)
    assert spread.attrs["students"] == 4 and spread.loc["c42", "students"] == 4


def test_what_a_real_board_saved_is_counted(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "Dulmaa"))
    (tmp_path / "Dulmaa").mkdir()
    course.board().save(
        "c01", word="mixed", confidence="low", ticked=[0], would_change="A programme of the day itself.",
        says="The third forum met on 14 June 2016. Two hosts are named for it.",
    )  # fmt: skip
    assert course.spread(tmp_path).loc["c01", ["mixed", "students"]].tolist() == [1, 1]


DEEP = b'{"v": 1, "verdict": ' + b"[" * 100_000
HOSTILE = {
    "rubbish": b"\xff\xfe rubbish",
    "deep": DEEP,
    "huge": b"x" * 9_000_000,
    "zeros": bytes(10_000),
    "strange words": json.dumps(line(word="<b>mixed", confidence="sure")).encode(),
    "strange claim": json.dumps(line(claim="c99")).encode(),
    "numbers": json.dumps(line() | {"verdict": 5, "status": []}).encode(),
    "nan": json.dumps(line()).replace('"One. Two."', "NaN").encode(),
    "no dict": b"[1, 2, 3]",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_bad_journal_spoils_only_its_own_row(group, content):
    before = course.spread(group)
    write(group / "Mallory", content)
    after = course.spread(group)
    counted = [name for name in before if name != "drafts"]
    assert after[counted].equals(before[counted])
    assert all("Mallory" in note for note in after.attrs["skipped"])
    told = content[:1] not in (b"{", b"\0") or b'"status": []' in content or b"NaN" in content
    assert bool(after.attrs["skipped"]) == told


@posix
@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_odd_things_hang_nothing(group, make):
    (group / "Mallory" / FOLDER).mkdir(parents=True)
    make(group / "Mallory" / FOLDER / "x.jsonl")
    make(group / "y.jsonl")
    make(group / "z")
    assert course.spread(group).attrs["students"] == 3


def test_a_folder_of_the_first_release_is_a_student_without_verdicts(group):
    (group / "Old").mkdir()
    shutil.copy(CAPTURED, group / "Old" / OLD)
    assert course.spread(group).attrs == {"students": 4, "skipped": []}


def test_many_journals_of_one_are_read_in_part_and_said(group):
    for n in range(300):
        write(group / "Anna", line(), name=f"{n:03}")
    (note,) = course.spread(group).attrs["skipped"]
    assert "only the first 200 journals are read" in note


@pytest.mark.parametrize("place", ["nowhere", "empty", "file.txt"])
def test_where_nothing_is_found_is_said(tmp_path, place):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("x")
    with pytest.raises(
        course.CourseError, match="no folder that can be read|No journal of a student"
    ):
        course.spread(tmp_path / place)


def test_the_chart_has_a_bar_for_each_claim_with_verdicts(group):
    chart = course.spread(group).chart()
    assert "Verdicts of 3 students" in chart.alt
    titles = re.findall("<title>(.*?)</title>", chart.svg)
    assert sum("c42" in words for words in titles) >= 3
    assert "c05" not in chart.svg and "supported in part" in chart.svg
    write(group / "Anna", line("c01", "", "", "not yet"))
    shutil.rmtree(group / "Boris")
    shutil.rmtree(group / "Chen")
    with pytest.raises(course.CourseError, match="no verdicts to draw"):
        course.spread(group).chart()


def test_it_reads_no_journal_of_ones_own(group, tmp_path_factory, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path_factory.mktemp("own")))
    course.spread(group)
    assert course.verdicts().empty and os.listdir(os.environ["COURSE_FOLDER"]) == []
