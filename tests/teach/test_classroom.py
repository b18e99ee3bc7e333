"""Where a class is: true of good journals, and of bad ones only in their own row."""

import errno
import json
import os
import random
import re
import shutil
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path
from statistics import median

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

import course
from course import cli
from course.exercises import journal
from course.exercises.journal import FOLDER, OLD
from course.exercises.verbs import exercises
from course.lessons import lessons
from course.teach import classroom as module
from course.teach.classroom import classroom
from tests.exercises.test_journal import CAPTURED, ODD, posix
from tests.exercises.test_spread import HOSTILE
from tests.exercises.test_spread import line as verdict_line

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def line(minute, status="not yet", exercise="01.1", mistake="Half.", **more):
    """A line, so many minutes before now."""
    at = (NOW - timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")
    row = {"v": 1, "time": at, "session": "s", "n": 900_000 - int(minute), "event": "check",
           "exercise": exercise, "course": "2026.11.1", "status": status}  # fmt: skip
    return row | ({"mistake": mistake} if status == "not yet" else {}) | more


def share(folder, name, *rows):
    """Put lines, given as objects or bytes, into the file that a student shares."""
    rows = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    (folder / f"{name}.jsonl").write_bytes(b"".join(b"\n" + row for row in rows))


def full_course(folder, count, seed=5):
    """Write what so many students share who did all of the course."""
    draw = random.Random(seed)
    tasks = [task for lesson in lessons() for task in exercises(lesson)]
    for number in range(count):
        at, rows = 24 * 60 * 18 + draw.random() * 60, []

        def add(status, exercise, *, apart=0.0, **more):
            nonlocal at
            at -= apart
            more = {"session": f"{number}-{len(rows) // 40}", "n": len(rows)} | more
            rows.append(line(at, status, exercise, **more))

        for place, task in enumerate(tasks):
            add("not attempted", task, apart=24 * 60 if place % 9 == 2 else 1.0)
            for _ in range(draw.randrange(4)):
                mistake = (
                    f"You counted {draw.randrange(99)} rows twice, so the sum is too high."
                )
                add("not yet", task, apart=draw.uniform(0.5, 6), mistake=mistake)
                add("not attempted", task, apart=0.5, event="hint", hints=1)
            add("passed", task, apart=draw.uniform(0.5, 6))
        for claim in course.load("claims")["claim_id"]:
            word = draw.choice(["supported", "mixed", "contradicted"])
            add("written", claim, apart=3.0, verdict=verdict_line(claim, word)["verdict"])
        share(folder, f"student {number:03}", *rows)


@pytest.fixture
def group(tmp_path):
    """A class of four."""
    share(tmp_path, "Анна", line(30, "passed"), line(20, "not yet", "01.2"),
          line(4, "passed", "01.2"), line(3, "not attempted", "02.1"))  # fmt: skip
    share(tmp_path, "Boris", line(25), line(14), line(2, mistake="You counted 12 rows."))
    share(tmp_path, "陈 伟", line(12, mistake="You counted 7 rows."), line(9, "passed"),
          line(8, exercise="01.2"), verdict_line(time="2026-11-19T00:00:00Z"))  # fmt: skip
    share(tmp_path, "Dora")
    return tmp_path


def test_who_is_where(group):
    who = classroom(group, now=NOW).students
    assert list(who.index) == ["Boris", "Dora", "Анна", "陈 伟"]  # who is stuck first
    assert list(who["exercise"]) == ["01.1", "", "02.1", "01.2"]
    assert list(who["lesson"]) == ["01", "", "02", "01"]
    assert list(who["passed"]) == [0, 0, 2, 1]
    assert list(who["seen"]) == ["2 minutes ago", "not yet", "3 minutes ago", "8 minutes ago"]
    assert who["stuck"].dropna().to_dict() == {"Boris": 23}
    assert list(who["state"]) == ["stuck for 23 minutes, 3 tries", "", "Not attempted, 0 tries",
                                  "Not yet, 1 try"]  # fmt: skip
    assert set(who["note"]) == {""}


def test_what_is_hard(group):
    view = classroom(group, now=NOW)
    first, second = view.exercises.loc["01.1"], view.exercises.loc["01.2"]
    assert first[["tried", "passed", "stuck", "tries"]].tolist() == [3, 2, 1, 2]
    assert first["minutes"] == 11  # of 11, 12 and 3
    assert second[["tried", "passed", "stuck", "tries", "minutes"]].tolist() == [
        2,
        1,
        0,
        1.5,
        16,
    ]
    # alike but for a number: by two; then one of them in its own words
    assert (first["mistake"], first["by"]) == ("You counted 12 rows.", 2)
    assert (second["mistake"], second["by"]) == ("Half.", 2)
    assert len(view.exercises) == sum(len(exercises(lesson)) for lesson in lessons())
    assert view.exercises["tried"].sum() == 5


def test_a_lesson_run_again_from_the_top_is_no_new_try(tmp_path):
    share(tmp_path, "A", line(30), line(29, "passed"), line(9, mistake="A."), line(4, "passed"))
    share(tmp_path, "B", line(9, exercise="01.2"))
    view = classroom(tmp_path, now=NOW)
    # who has not passed counts before how often it was tried
    assert list(view.tables()["What is hard"]["exercise"]) == ["01.2", "01.1"]
    one = view.exercises.loc["01.1"]
    assert one[["tried", "passed", "tries", "minutes", "by"]].tolist() == [1, 1, 2, 1, 1]
    assert one["mistake"] == "Half."


STUCK = {
    "for ten minutes": ([line(13), line(3)], 10),
    "nine": ([line(12), line(3)], None),
    "with much thought": ([line(40), line(20), line(1)], 39),
    "passed": ([line(20), line(10), line(1, "passed")], None),
    "passed before, run again": ([line(50, "passed"), line(20), line(1)], None),
    "one try": ([line(12)], None),
    "one try, then a hint": ([line(14), line(2, "not attempted", hints=1)], None),
    "went home": ([line(40), line(30), line(20)], None),
    "came back": ([line(24 * 60), line(24 * 60 - 15), line(2)], None),
    "came back and is stuck": ([line(24 * 60), line(14), line(2)], 12),
    "came back from a break": ([line(43), line(12), line(2)], 10),
    "went on": ([line(20), line(5), line(2, "not yet", "01.2")], None),
    "cannot tell": ([line(20, "cannot tell"), line(2, "cannot tell")], 18),
    "only dots": ([line(20, "not attempted"), line(2, "not attempted")], None),
    "took a hint since": ([line(20), line(9), line(1, "not attempted", hints=1)], 19),
    "a break, then a hint": ([line(60), line(59), line(1, "not attempted", hints=1)], None),
    "a break, then all cells": ([line(60), line(59), line(1, "not attempted", "01.5")], None),
    "ran all cells since": ([line(20), line(8), line(2), line(2, "passed", "01.2", n=899_999),
                             line(2, "not attempted", "01.3", n=900_000)], 18),
    "has passed it, ran all cells": ([line(20), line(8, "passed", n=899_992), line(2, "passed"),
                                      line(2, "not attempted", "01.3", n=900_000)], None),
    "left it, tries another": ([line(30), line(18), line(2, exercise="01.3")], None),
    "in the future": ([line(20), line(-3)], None),
    "a minute ahead": ([line(20), line(-1)], 21),
    "long ago": ([line(60 * 24 * 365), line(60 * 24 * 365 + 20)], None),
    "the clock jumped": ([line(2, n=1), line(20, n=2)], None),
    "it jumped in an older session": ([line(90, n=2, session="a"), line(80, n=1, session="a"),
                                       line(13), line(3)], 10),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "minutes"), STUCK.values(), ids=STUCK)
def test_who_is_stuck(tmp_path, rows, minutes):
    share(tmp_path, "A", *rows)
    view = classroom(tmp_path, now=NOW)
    row = view.students.loc["A"]
    assert (None if pd.isna(row["stuck"]) else row["stuck"]) == minutes
    assert ("1 is stuck" if minutes else "0 are stuck") in view.summary
    odd = (
        (rows[-1]["time"] > "2026-11-20T09:02") or rows[0]["time"] < "2026" or rows[0]["n"] == 1
    )
    assert (row["seen"] == "clock?") == odd
    assert view.exercises.loc["01.1", "stuck"] == bool(minutes)


def test_of_what_was_tried_once_the_last_is_where_a_student_is(tmp_path):
    share(tmp_path, "A", line(2, exercise="02.1", n=1), line(2, n=2),
          line(2, exercise="01.2", n=3))  # fmt: skip
    assert classroom(tmp_path, now=NOW).students.loc["A", "exercise"] == "01.2"


def test_times_between_leave_out_breaks(tmp_path):
    share(tmp_path, "A", line(200), line(100), line(96), line(2, "passed"))
    assert classroom(tmp_path, now=NOW).exercises.loc["01.1", "minutes"] == 4


def test_verdicts_are_those_of_spread(group):
    view = classroom(group, now=NOW)
    assert view.verdicts.equals(course.spread(group)) and view.verdicts["students"].sum() == 1
    assert "c42" in view._repr_html_() and "c41" not in view._repr_html_()


# --- kinds of folders ---------------------------------------------------------------------


def test_homes_of_a_hub_and_several_journals_are_a_row_each(tmp_path):
    for name, place in [("anna", "amur-course"), ("boris", ""), ("chen", "my course")]:
        home = tmp_path / name / place / FOLDER
        home.mkdir(parents=True)
        share(home, "a", line(20), line(9, session="a"))
        share(home, "b", line(9, session="a"), line(8, "passed", "01.2", session="b"))
    (tmp_path / "anna" / "measurements.jsonl").write_text('{"x": 1}\n', encoding="utf-8")
    (tmp_path / "dora").mkdir()
    shutil.copy(CAPTURED, tmp_path / "dora" / OLD)
    home = tmp_path / "e.dorj" / FOLDER
    home.mkdir(parents=True)
    share(home, "a", line(9))
    (tmp_path / "guest" / "Documents").mkdir(parents=True)
    share(tmp_path, "anna", line(7, "passed", "01.3"))  # shares as well
    who = classroom(tmp_path, now=NOW).students
    assert list(who.index) == ["anna", "boris", "chen", "dora", "e.dorj"]
    assert list(who["passed"])[:3] == [2, 1, 1] and who.loc["dora", "passed"] > 10
    assert list(who["exercise"])[:3] == ["01.3", "01.2", "01.2"] and set(who["note"]) == {""}
    assert classroom(tmp_path, now=NOW).exercises.loc["01.1", "tries"] == 2  # a copy is no try


@pytest.mark.parametrize("place", ["nowhere", "empty", "file.txt", "others"])
def test_a_folder_of_other_things_is_a_sentence(tmp_path, capsys, place):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("x", encoding="utf-8")
    (tmp_path / "others" / "pictures").mkdir(parents=True)
    share(tmp_path / "others", "data", b'{"text": "a line of something else", "n": 12345}')
    assert cli.main(["class", str(tmp_path / place)]) == 2
    said = capsys.readouterr().err
    assert re.search("no folder that can be read|No journal of a student", said)
    assert said.count("\n") == 1


# --- damaged, forged, foreign, huge -------------------------------------------------------

BAD = {name: (content,) for name, content in HOSTILE.items() if name != "zeros"} | {
    "another course": (line(5, exercise="zz.1"), line(4, exercise="zz.2")),
    "html": (line(5, mistake="<script>alert(1)</script>"), line(4, exercise="<b>")),
    "a million tries": tuple(line(5, session=f"{n}" * 3_000) for n in range(3_000)),
    "n": (line(5), line(5, n=10**30)),
    "no mistake": (line(5, mistake=["x"]),),
    "short rows": (b"{}\n" * 200_000,),
}


@pytest.mark.parametrize("rows", BAD.values(), ids=BAD)
def test_a_bad_journal_spoils_only_its_own_row_and_says_so(group, rows):
    before = classroom(group, now=NOW)
    share(group, "Mallory", *rows)
    after = classroom(group, now=NOW)
    assert after.students.drop("Mallory").equals(before.students)
    same = before.exercises.index.difference(["01.1"])
    assert after.exercises.loc[same].equals(before.exercises.loc[same])
    quiet = rows[0] in (HOSTILE["deep"], HOSTILE["strange words"])  # half a line; words
    assert quiet or after.students.loc["Mallory", "note"]
    assert "<script" not in after._repr_html_() and "Boris" in after._repr_html_()
    json.loads(after.to_json())


@posix
@pytest.mark.parametrize("make", [os.mkdir, *ODD.values()], ids=["folder", *ODD])
def test_odd_things_hang_nothing(group, make):
    make(group / "Mallory.jsonl")
    (group / "Eve" / FOLDER).mkdir(parents=True)
    make(group / "Eve" / FOLDER / "x.jsonl")
    share(group / "Eve" / FOLDER, "y", line(5, "passed"))
    who = classroom(group, now=NOW).students
    assert who.loc["Eve", "note"] == "a journal is no file, or hidden from you"
    assert who.loc["Eve", "passed"] == 1
    assert "Mallory" not in who.index or who.loc["Mallory", "note"]


def test_what_may_not_be_read_is_said_and_nothing_claimed(group, monkeypatch):
    (group / "Eve").mkdir()
    monkeypatch.setattr(os, "access", lambda path, _mode: path.name != "Eve")
    view = classroom(group, now=NOW)
    row = view.students.loc["Eve"]
    assert "hidden from you" in row["note"] and row["seen"] == row["state"] == ""
    assert pd.isna(row["passed"]) and len(view.students) == 5


def test_a_student_of_many_large_files_is_read_in_part(group, monkeypatch):
    monkeypatch.setattr(journal, "MOST", 1_000)
    (group / "Mallory" / FOLDER).mkdir(parents=True)
    for n in range(30):
        share(group / "Mallory" / FOLDER, f"{n}", line(5, "passed"), b"x" * 900)
    note = classroom(group, now=NOW).students.loc["Mallory", "note"]
    assert "it is too large" in note and "only the first 2 journals" in note


NAMES = [
    "<img src=x onerror=alert(1)>",
    "[red]&amp;",
    "a\x1b[31mb",
    "a\u202eb",
    "\udce4",
    "x" * 200,
]


def test_what_disks_and_computers_leave_is_no_student(group):
    share(group, "._Boris", bytes(range(200)))
    home = group / "Eve" / "amur-course"
    (home / FOLDER).mkdir(parents=True)
    share(home / FOLDER, "a", line(5, "passed"))
    share(home / FOLDER, "._a", bytes(range(200)))
    shutil.copy(CAPTURED, home / OLD)  # of the first release: counts in a home, too
    (group / "lost+found").write_bytes(b"")
    who = classroom(group, now=NOW).students
    assert len(who) == 5 and set(who["note"]) == {""} and who.loc["Eve", "passed"] > 10


def test_a_home_that_does_not_answer_is_a_row_that_says_so(group, monkeypatch):
    (group / "Eve").mkdir()
    is_dir = Path.is_dir

    def away(path):
        if path.name == "Eve":
            raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")
        return is_dir(path)

    monkeypatch.setattr(Path, "is_dir", away)
    who = classroom(group, now=NOW).students
    assert len(who) == 5
    assert "hidden from you" not in "".join(who.drop("Eve")["note"])


@posix
@pytest.mark.parametrize("name", NAMES)
def test_names_that_are_code(group, name, capsys):
    share(group, name, line(5, "passed"))
    assert cli.main(["class", str(group), "--page", str(group / "p.html")]) == 0
    shown = capsys.readouterr().out
    page = (group / "p.html").read_text(encoding="utf-8")
    assert not re.search("[\x1b\u202e]|<img", page) and "\x1b[31m" not in shown
    assert "[red]" not in name or "[red]" in shown
    assert len(classroom(group, now=NOW).students) == 5


def test_two_names_that_look_alike_are_two_rows(group):
    share(group, "a\u202eb", line(5, "passed"))
    share(group, "a\u202db", line(5, "passed"))
    view = classroom(group, now=NOW)
    assert len(view.students) == 6 and view.students.index.is_unique
    assert view.exercises.loc["01.1", "tried"] == 5


# --- names hidden -------------------------------------------------------------------------


def hidden(folder):
    view = classroom(folder, hide_names=True, now=NOW)
    return view, view._repr_html_() + view.to_json()


def test_hidden_names_are_nowhere_and_codes_stay(tmp_path):
    for n, name in enumerate(["Anna", "Борис", "陈伟"]):
        share(tmp_path, name, line(9, "passed", f"01.{n + 1}", session=f"random {n}"))
    share(tmp_path, "Dora", b"damaged " * 9)
    view, text = hidden(tmp_path)
    assert not {*map(module._code, ("Anna", "Борис", "陈伟", "Dora"))} & {*view.students.index}
    assert not any(name in text for name in ("Anna", "Борис", "陈伟", "Dora", "random"))
    codes = dict(zip(view.students["exercise"], view.students.index, strict=True))
    assert len({*codes.values()}) == 4 and all(
        re.fullmatch("[A-Z]{4}", one) for one in codes.values()
    )
    # a code says nothing of a name, and stays when others join and when the work goes on
    (tmp_path / "Anna.jsonl").rename(tmp_path / "Zoya.jsonl")
    share(tmp_path, "Aaron", line(300, "passed", "01.9", session="random 9"))
    own = line(9, "passed", "01.3", session="random 2"), line(1, exercise="01.4", session="a")
    share(tmp_path, "陈伟", *own)
    now = hidden(tmp_path)[0].students
    again = dict(zip(now["exercise"], now.index, strict=True))
    assert [again[one] for one in ("01.1", "01.2", "01.4", "")] == [
        codes[one] for one in ("01.1", "01.2", "01.3", "")
    ]
    assert list(now.index) == sorted(now.index)  # nothing is left of the order of names


def test_hidden_names_are_not_in_an_error(tmp_path, capsys):
    share(tmp_path, "Dora", b"damaged " * 9)
    assert cli.main(["class", str(tmp_path), "--hide-names"]) == 2
    assert "Dora" not in capsys.readouterr().err


# --- the same, counted another way ---------------------------------------------------------

LINES = st.lists(
    st.tuples(
        st.integers(0, 90),  # minutes ago
        st.sampled_from(["01.1", "01.2", "02.1"]),
        st.sampled_from(["not yet", "cannot tell", "passed"]),
        st.sampled_from(["A 1.", "A 2.", "B."]),
    ),
    min_size=1, max_size=12, unique_by=lambda row: row[0],
)  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=4))
def test_what_is_said_is_what_a_plain_count_says(tmp_path_factory, group):
    folder, kinds = tmp_path_factory.mktemp("class"), {}
    tries, gaps, passed, stuck = defaultdict(list), defaultdict(list), Counter(), {}
    for number, rows in enumerate(group):
        rows = sorted(rows, reverse=True)
        share(folder, f"{number}", *(line(minute, status, task, mistake, n=n)
                                     for n, (minute, task, status, mistake) in enumerate(rows)))  # fmt: skip
        for task in {row[1] for row in rows}:
            own = [row for row in rows if row[1] == task]
            states = [row[2] for row in own]
            until = states.index("passed") + 1 if "passed" in states else len(own)
            own, ended = own[:until], "passed" in states
            tries[task].append(until)
            passed[task] += ended
            between = [a[0] - b[0] for a, b in pairwise(own)]
            gaps[task] += [gap for gap in between if gap <= 30]
            alike = {row[3][0] for row in own if row[2] == "not yet"}
            kinds.setdefault(task, Counter()).update(alike)
            breaks = [n for n, gap in enumerate(between, 1) if gap > 30]
            run = own[breaks[-1] if breaks else 0 :]
            over, here = run[0][0] - rows[-1][0], task == rows[-1][1]
            if here and not ended and len(run) > 1 and over >= 10 >= rows[-1][0]:
                stuck[f"{number}"] = over
    view = classroom(folder, now=NOW)
    assert view.students["stuck"].dropna().to_dict() == stuck
    for task, row in view.exercises[view.exercises["tried"] > 0].iterrows():
        assert row[["tried", "passed"]].tolist() == [len(tries[task]), passed[task]]
        assert row["tries"] == median(tries[task])
        assert row["minutes"] == median(gaps[task]) if gaps[task] else pd.isna(row["minutes"])
        most = max(kinds[task].values(), default=0)
        assert row["by"] == most and kinds[task][row["mistake"][:1]] == most


# --- the command --------------------------------------------------------------------------


def test_a_table_a_page_and_json(group, capsys):
    words = ["class", str(group), "--page", str(group / "p.html")]
    assert cli.main(words) == 0
    said = capsys.readouterr()
    assert "Boris" in said.out and "no grade" in said.out and "p.html" in said.err
    page = (group / "p.html").read_text(encoding="utf-8")
    assert "no grade" in page and 'http-equiv="refresh"' not in page and "//" not in page
    assert re.findall("<h[12]>(.*?)</h[12]>", page) == ["Where the class is", "Students",
                                                         "What is hard", "Verdicts"]  # fmt: skip
    assert cli.main(["class", str(group), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["student"] for row in rows["students"]} == {"Анна", "Boris", "陈 伟", "Dora"}
    assert {*rows} == {"students", "exercises", "verdicts"}
    assert cli.main([*words[:3], str(group / "nowhere" / "p.html")]) == 2
    assert "cannot be saved" in capsys.readouterr().err


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (120, 40)])
def test_a_small_window_holds_who_is_stuck_and_what_is_hard(group, size):
    for number in range(20):
        share(group, f"student {number:02}", line(40 + number), line(38, exercise="12.1"))
    console = Console(width=size[0], height=size[1], file=StringIO())
    console.print(module._drawn(classroom(group, now=NOW), *size))
    lines = console.file.getvalue().splitlines()
    assert len(lines) <= size[1] and max(map(len, lines)) <= size[0]
    shown = "\n".join(lines)
    for word in ("exercise", "state", "stuck for 23", "tried", "usual mistake", "made by"):
        assert word in shown
    assert re.search(r"and \d+ more", shown) and "┃" not in shown


def test_verdicts_in_a_terminal_are_words(group, capsys):
    assert cli.main(["class", str(group)]) == 0
    assert re.search("c42 +1 mixed +1", capsys.readouterr().out)


def test_a_folder_whose_name_is_markup_can_be_watched(tmp_path, monkeypatch, capsys):
    def sleep(_seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setenv("FORCE_COLOR", "1")  # as in a terminal
    monkeypatch.setenv("COLUMNS", "300")
    assert cli.main(["class", str(tmp_path / "a[" / "b]"), "--watch"]) == 0
    assert "a[/b]" in capsys.readouterr().out.replace("\n", "")


def test_watching_goes_on_until_ctrl_c(tmp_path, capsys, monkeypatch):
    page, seen = tmp_path / "p.html", []

    def sleep(seconds):
        seen.append(page.read_text(encoding="utf-8") if page.exists() else "")
        if len(seen) == 1:  # nobody shared yet
            share(tmp_path, "Anna", line(5, "passed"))
        elif len(seen) == 2:
            share(tmp_path, "Anna", line(5, "passed"), line(3, "passed", "01.2"))
        else:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)
    assert cli.main(["class", str(tmp_path), "--watch", "5", "--page", str(page)]) == 0
    assert seen[0] == "" and "01.2<" not in seen[1] and "01.2<" in seen[2]
    assert all('http-equiv="refresh" content="5"' in text for text in seen[1:])
    assert 'http-equiv="refresh"' not in page.read_text(encoding="utf-8")
    capsys.readouterr()


@pytest.mark.parametrize("seconds", ["0", "-5", "9999999999999"])
def test_a_time_that_cannot_be_waited_is_said(group, seconds, capsys, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("it waits"))
    assert cli.main(["class", str(group), "--watch", seconds]) == 2
    assert "from 1 to 3600" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--watch", "soon"], ["--watch", "--json"]])
def test_what_cannot_be_asked(group, words, capsys):
    with pytest.raises(SystemExit):
        cli.main(["class", str(group), *words])
    assert "usage" in capsys.readouterr().err


def test_what_has_not_changed_is_not_read_again(group, monkeypatch):
    classroom(group, now=NOW)
    read, again = journal.read_file, []
    monkeypatch.setattr(
        journal, "read_file", lambda path: again.append(path.stem) or read(path)
    )
    share(group, "Boris", line(25), line(14), line(2), line(1, "passed"))
    assert classroom(group, now=NOW).students.loc["Boris", "passed"] == 1
    assert again == ["Boris"]


@pytest.mark.parametrize("count", [2, *([200] if os.environ.get("COURSE_TEST_ALL") else [])])
def test_a_full_course_of_many(tmp_path, count):
    full_course(tmp_path, count)
    view = classroom(tmp_path, now=NOW)
    assert len(view.students) == count and set(view.students["note"]) == {""}
    assert set(view.students["passed"]) == {len(view.exercises)} and set(view.students["seen"])
    assert (view.exercises["passed"] == count).all() and view.verdicts["students"].eq(
        count
    ).all()
    assert view.to_html(tmp_path / "p.html").stat().st_size < 1_000_000
    assert module._student.cache_info().hits < 10_000
