"""Progress survives damage, kills, full disks, and several notebooks at once."""

import errno
import itertools
import json
import os
import sys
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import course
from course.exercises.journal import FOLDER, OLD, RANKS, entries, notes, record

CAPTURED = Path(__file__).parents[1] / "fixtures" / "folder_2026_11_0" / OLD
LINE = {
    "v": 1, "time": "2026-11-28T11:56:34Z", "session": "s", "n": 1, "exercise": "01.1",
    "status": "not yet",
}  # fmt: skip
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such thing")


@pytest.fixture(autouse=True)
def folder(tmp_path_factory):
    """A student's folder; what a test left pending is saved elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_FOLDER", str(tmp_path_factory.mktemp("student")))
        yield Path(os.environ["COURSE_FOLDER"])
        patch.setenv("COURSE_FOLDER", str(tmp_path_factory.mktemp("rest")))
        assert not any("not saved" in note for note in notes())


def journals(folder):
    return sorted((folder / FOLDER).iterdir())


def write(folder, *rows, name="other"):
    """Put lines, given as objects or bytes, into a journal."""
    (folder / FOLDER).mkdir(exist_ok=True)
    rows = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    (folder / FOLDER / f"{name}.jsonl").write_bytes(b"".join(b"\n" + row for row in rows))


def kernel(code):
    """Start another kernel in the student's folder."""
    command = [sys.executable, "-c", "from course.exercises.journal import *\n" + code]
    return Popen(command, stdout=PIPE, text=True)


# --- what is kept -------------------------------------------------------------


def test_an_entry_says_what_happened(folder):
    assert (entries(), notes(), list(folder.iterdir())) == ({}, (), [])  # a look makes nothing
    assert record("check", "01.1", status="not yet", mistake="Half.") == ()
    record("hint", "01.1", hints=2)
    record("check", "01.1", status="passed")
    record("check", "01.1", status="not yet")  # the best stays, and is no new try
    record("check", "01.2", status="not attempted")
    one, two = entries()["01.1"], entries()["01.2"]
    assert (one.status, one.tries, one.hints, one.saved) == ("passed", 2, 2, True)
    assert (two.status, two.tries, two.first) == ("not attempted", 0, two.last)
    (path,) = journals(folder)
    assert [one.name for one in folder.iterdir()] == [FOLDER]  # nothing litters
    text = path.read_text(encoding="ascii")
    lines = [json.loads(row) for row in text.splitlines() if row]
    assert [line["event"] for line in lines] == ["check", "hint", "check", "check", "check"]
    keys = {"v", "time", "session", "n", "event", "exercise", "course", "status", "mistake"}
    assert lines[0].keys() == keys and str(folder) not in text
    assert lines[0]["course"] == course.__version__ and lines[0]["mistake"] == "Half."


def test_a_journal_that_an_editor_saved_is_read(folder):
    write(
        folder, *(LINE | {"n": n, "later": text} for n, text in enumerate(["второй", "第三 ?"]))
    )
    expected = entries()
    assert expected["01.1"].tries == 2
    (path,) = journals(folder)
    text = path.read_text(encoding="ascii")
    for encoding in ("utf-8-sig", "utf-16", "utf-16-be"):
        path.write_text(text + "\n", encoding=encoding)
        assert entries() == expected and notes() == ()


# --- verdicts -------------------------------------------------------------------

ROWS = {
    "what": "a table", "table": "events", "sources": ["a"], "columns": ["x"], "rows": [["y", 1]]
}  # fmt: skip
SIGNED = {
    "word": "mixed", "confidence": "low", "says": "Ждем.", "would_change": "", "evidence": [ROWS]
}  # fmt: skip
VERDICT = LINE | {"event": "verdict", "exercise": "c42", "verdict": SIGNED}


def test_the_latest_verdict_counts(folder):
    record("verdict", "c42", status="written", verdict=SIGNED | {"word": "supported"})
    record("verdict", "c42", status="not yet", verdict=SIGNED)
    entry = entries()["c42"]
    assert (entry.status, entry.verdict) == ("not yet", SIGNED)
    line = json.loads(journals(folder)[0].read_text(encoding="ascii").splitlines()[-1])
    assert line["verdict"] == SIGNED and (line["v"], line["event"]) == (1, "verdict")


@pytest.mark.parametrize(
    "change",
    [
        {"word": 5}, {"says": "\ud800"}, {"says": "x" * 200_000}, {"evidence": {}}, {"evidence": [5]},
        {"evidence": [ROWS | {"rows": [[{}]]}]}, {"evidence": [ROWS | {"rows": [[float("nan")]]}]},
        {"evidence": [ROWS | {"sources": [["<b>"]]}]}, {"evidence": [ROWS | {"path": "x"}]},
    ],
)  # fmt: skip
def test_a_forged_verdict_is_skipped_and_said(folder, change):
    write(folder, VERDICT, VERDICT | {"n": 2, "verdict": SIGNED | change})
    found = entries()
    assert found["c42"].verdict == SIGNED and "damaged" in notes()[0]


@pytest.mark.parametrize("what", [{"status": "won"}, {"hints": "2"}, {"hints": -1}])
def test_what_could_not_be_read_again_is_not_written(folder, what):
    with pytest.raises(ValueError):
        record("check", "01.1", **what)
    assert list(folder.iterdir()) == []


# --- the file of release 2026.11.0 --------------------------------------------


def plain(found):
    """Entries in the form of the old file, which also holds texts."""
    kept = ("status", "tries", "hints", "first", "last")
    return {name: {key: getattr(entry, key) for key in kept} for name, entry in found.items()}


def said(content):
    """What the old file says of each exercise, but for its texts."""
    old = json.loads(content)["exercises"]
    return {name: {k: v for k, v in one.items() if k != "texts"} for name, one in old.items()}


def test_the_old_file_is_taken_over_and_left_alone(folder):
    content = CAPTURED.read_bytes()
    (folder / OLD).write_bytes(content)
    old = said(content)
    assert plain(entries()) == old and notes() == ()
    record("check", "02.2", status="passed")
    record("check", "01.1", status="not yet")
    assert (folder / OLD).read_bytes() == content
    assert (entries()["02.2"].status, entries()["02.2"].tries) == ("passed", 2)
    assert entries()["01.1"].tries == old["01.1"]["tries"]


def test_an_old_file_that_an_editor_saved_is_read(folder):
    text = CAPTURED.read_text(encoding="utf-8")
    one_comma = text.replace("}\n }\n}", "},\n },\n}")
    commas = text.replace('"\n  }', '",\n  }').replace("\n", "\r\n")
    assert len({text, one_comma, commas}) == 3
    changed = [text.encode("utf-8-sig"), text.encode("utf-16")]
    for content in (*changed, one_comma.encode(), commas.encode()):
        (folder / OLD).write_bytes(content)
        assert plain(entries()) == said(text) and notes() == ()


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (b"", 0), (b"[]", 0), (b"\xff\xfe\x00", 0),
        (b'{"exercises": {"01.1": ' + b'{"a":' * 100_000, 0),
        (b'{"exercises": {"07.1": {"x": 1}, "01.1": {"status": []}, "01.2": {"texts": 3}}}', 0),
        (CAPTURED.read_bytes()[:900], 6),
        (CAPTURED.read_bytes().replace(b'"tries": 1', b'"tries": "<img src=x>"'), 27),
    ],
)  # fmt: skip
def test_what_is_damaged_in_an_old_file_is_skipped_said_and_left(folder, content, kept):
    (folder / OLD).write_bytes(content)
    assert len(entries()) == kept
    (note,) = notes()
    assert OLD in note and "damaged" in note and "<" not in note
    assert record("check", "01.1", status="passed") == ()
    assert entries()["01.1"].status == "passed"
    assert (folder / OLD).read_bytes() == content


# --- several kernels, kills ---------------------------------------------------


def test_kernels_writing_at_once_lose_nothing(folder):
    code = """
for number in range(50):
    assert record("check", f"NAME.{number}", status="passed", mistake="x" * 9_000) == ()
    record("check", "00.1", status="not yet")
"""
    running = [kernel(code.replace("NAME", name)) for name in ("01", "02", "03", "04")]
    assert [one.wait() for one in running] == [0, 0, 0, 0]
    found = entries()
    assert len(found) == 4 * 50 + 1 and found["00.1"].tries == 4 * 50
    assert len(journals(folder)) == 4 and notes() == ()


@pytest.mark.parametrize("after", [1, 7, 60])
def test_a_kill_loses_nothing_that_was_written(after):
    code = """
import itertools
for number in itertools.count():
    record("check", "00.1", status="not yet", mistake="x" * 5_000)
    print(number, flush=True)
"""
    victim = kernel(code)
    for _ in range(after):
        victim.stdout.readline()
    victim.kill()
    said = after + len(victim.stdout.read().splitlines())
    victim.wait()
    assert said <= entries()["00.1"].tries <= said + 1
    assert notes() == ()


def test_a_file_cut_anywhere_keeps_its_whole_lines(folder):
    for number in range(3):
        record("check", f"01.{number}", status="passed", mistake="} {")
    (path,) = journals(folder)
    content = path.read_bytes()
    ends = [content.index(b"\n", 1), content.rindex(b"\n"), len(content)]
    for cut in range(len(content) + 1):
        path.write_bytes(content[:cut])
        assert len(entries()) == sum(end <= cut for end in ends)
    path.write_bytes(content[:-9])  # and the next line is whole
    record("check", "01.3", status="passed")
    assert set(entries()) == {"01.0", "01.1", "01.3"}


# --- what cannot be saved -----------------------------------------------------


@posix
def test_a_disk_that_fills_up_loses_nothing():
    code = """
import resource
said = [record("check", "01.1", status="not yet")]
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, resource.RLIM_INFINITY))
for number in range(20):
    said.append(record("check", "01.1", status="not yet"))
assert entries()["01.1"].tries == 21 and not entries()["01.1"].saved
print(sum("File too large" in str(notes) for notes in said))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""
    full = kernel(code)
    assert int(full.communicate()[0]) >= 10 and full.returncode == 0
    assert entries()["01.1"].tries == 21  # saved as the kernel ended
    assert notes() == ()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_told(folder):
    folder.chmod(0o500)
    try:
        assert "Permission denied" in record("check", "01.1", status="passed")[0]
    finally:
        folder.chmod(0o700)


@posix
def test_a_missing_working_directory_is_told(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    monkeypatch.delenv("COURSE_FOLDER")
    (tmp_path / "gone").rmdir()
    assert "No such file" in record("check", "01.1", status="passed")[0]
    assert entries()["01.1"].status == "passed"


@posix
def test_a_disk_without_locks_will_do(monkeypatch):
    import fcntl

    def no_locks(*args):
        raise OSError(errno.ENOLCK, "No locks available")

    for name in ("flock", "lockf", "fcntl"):
        monkeypatch.setattr(fcntl, name, no_locks)
    assert record("check", "01.1", status="passed") == ()
    assert entries()["01.1"].saved


# --- what else may stand there ------------------------------------------------

ODD = {
    "fifo": os.mkfifo if os.name != "nt" else None,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "loop": lambda path: path.symlink_to(path),
    "nowhere": lambda path: path.symlink_to(path.parent / "nowhere"),
}


@posix
@pytest.mark.parametrize("make", [Path.mkdir, *ODD.values()], ids=["folder", *ODD])
def test_odd_things_are_no_journal_and_hang_nothing(folder, make):
    write(folder, LINE)
    make(folder / OLD)
    make(folder / FOLDER / "x.jsonl")
    one = kernel('print(*record("check", "01.2", status="passed"), *notes(), len(entries()))')
    assert one.communicate(timeout=600)[0] == "2\n" and one.returncode == 0
    assert not (folder / OLD).is_file()


@posix
@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_odd_things_in_place_of_the_folder_are_told(folder, make):
    make(folder / FOLDER)
    one = kernel('print(*record("check", "01.1", status="passed"), len(entries()))')
    said = one.communicate(timeout=600)[0]
    assert one.returncode == 0 and said.endswith(" 1\n") and "not saved yet" in said
    assert not (folder / FOLDER).is_dir()


@posix
def test_links_are_followed_and_stay(folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (folder / FOLDER).symlink_to(tmp_path / "elsewhere")
    (folder / OLD).symlink_to(CAPTURED)
    record("check", "01.1", status="passed")
    assert (folder / FOLDER).is_symlink() and (folder / OLD).is_symlink()
    assert len(list((tmp_path / "elsewhere").iterdir())) == 1 and len(entries()) > 20


def test_a_huge_journal_is_read_in_part_and_said(folder):
    row = json.dumps(LINE | {"later": "x" * 50_000}).encode()
    write(folder, *itertools.repeat(row, 2_000), name="huge")
    write(folder, LINE | {"exercise": "01.2"}, name="z")
    assert set(entries()) == {"01.1", "01.2"}
    (note,) = notes()
    assert f"{FOLDER}/huge.jsonl" in note and "too large" in note


# --- any lines, any bytes -----------------------------------------------------

good = st.fixed_dictionaries(
    {
        "v": st.just(1),
        "time": st.integers(10, 59).map("2026-11-28T11:56:{}Z".format),
        "session": st.sampled_from("abc"),
        "n": st.integers(0, 9),
        "exercise": st.sampled_from(["01.1", "01.2", "c42"]),
    },
    optional={"status": st.sampled_from(RANKS), "later": st.text()},
)
junk = st.one_of(
    st.binary(max_size=30).map(lambda b: b.replace(b"\n", b"")),
    st.sampled_from(list(LINE)).map(lambda key: LINE | {key: [None]}),
    good.map(lambda line: json.dumps(line).encode()[:-2]),
)


@settings(deadline=None)
@given(st.lists(good, max_size=8), st.lists(junk, max_size=4), st.randoms())
def test_whatever_is_added_the_valid_lines_count(lines, noise, random):
    """Whatever junk stands between them, in whatever order and file, once or twice."""
    folder = Path(os.environ["COURSE_FOLDER"])
    write(folder, *lines)
    write(folder, name="second")
    expected = entries()
    assert set(expected) == {line["exercise"] for line in lines} and notes() == ()
    rows = [*lines, *noise, *lines[:2]]
    random.shuffle(rows)
    cut = random.randint(0, len(rows))
    write(folder, *rows[:cut])
    write(folder, *rows[cut:], name="second")
    assert entries() == expected


@settings(deadline=None)
@given(st.binary(max_size=6), st.integers(0, CAPTURED.stat().st_size), st.integers(0, 6))
def test_bytes_put_into_the_old_file_cost_what_they_hit(noise, at, cut):
    content = CAPTURED.read_bytes()
    changed = content[:at] + noise + content[at + cut :]
    Path(os.environ["COURSE_FOLDER"], OLD).write_bytes(changed)
    whole, found = said(content), plain(entries())
    assert sum(found.get(name) == entry for name, entry in whole.items()) >= len(whole) - 2


@pytest.mark.parametrize(
    "row",
    [
        b"junk", b"{}", b"[1]", LINE | {"v": 2}, LINE | {"hints": "<b>"}, LINE | {"hints": True},
        LINE | {"tries": 10**9}, LINE | {"status": "won"}, LINE | {"time": "2026-11-28<11:56:34Z"},
        LINE | {"exercise": "<b>"},
    ],
)  # fmt: skip
def test_a_damaged_or_forged_line_is_skipped_and_said(folder, row):
    write(folder, LINE, row, LINE | {"n": 2})
    assert entries()["01.1"].tries == 2 and len(entries()) == 1
    (note,) = notes()
    assert f"{FOLDER}/other.jsonl" in note and "damaged" in note
