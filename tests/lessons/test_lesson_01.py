"""Lesson 01: the claim browser keeps its answers closed, and what the lesson says holds."""

import json
import re
from html import unescape

import folium
import pytest

from course.data import load
from course.exercises.verdict import Verdict
from course.explore import explorer
from course.lessons import lesson_01
from course.lessons.shared import by_id
from course.maps.area import area_map
from course.paths import lessons_dir
from tests.lessons.design import Lesson

LESSON = Lesson.read(next(lessons_dir().glob("01_*.ipynb")))
CELLS = {cell["id"]: cell["source"] for cell in LESSON.cells}
TASKS = {task.id: task for task in lesson_01.EXERCISES}
BROWSER = explorer("claims")


def open_words(html):
    """What is seen before anything is opened."""
    html = re.sub(r"(<summary>.*?</summary>).*?</details>", r"\1", html)
    return unescape(re.sub(r"<[^>]+>", " ", html))


# --- the claim browser -------------------------------------------------------------


def test_the_browser_opens_with_the_claims_alone():
    seen = BROWSER.view(**BROWSER.start())
    for row in load("claims").itertuples():
        assert row.claim in unescape(seen)
        assert row.how_to_test not in unescape(seen) and row.evidence not in unescape(seen)


@pytest.mark.parametrize(
    ("beside", "column"), [("test", "how_to_test"), ("verdict", "evidence")]
)
def test_each_answer_waits_for_a_guess_of_its_own(beside, column):
    html = BROWSER.view(**BROWSER.start() | {"beside": beside})
    claims = load("claims")
    assert html.count("<details>") == len(claims) == html.count("Guess first")
    for row in claims.to_dict("records"):
        assert row[column] in unescape(html)
        assert row[column] not in open_words(html)
        assert row["claim"] in open_words(html)
    assert not re.search("supported|contradicted|mixed|cannot tell", open_words(html))


def test_no_pile_of_claims_is_no_table():
    html = BROWSER.view(**BROWSER.start() | {"kind": "forecast", "paragraph": 1})
    assert html == "<p>No claim of this kind in this paragraph.</p>"


# --- nothing is given away -----------------------------------------------------------


def test_no_verdict_of_an_exercise_is_shown_before_it():
    names = [cell["id"] for cell in LESSON.cells]
    early = names[: names.index("l01-course-says")]
    shown = [n for n in early if re.search(r'"verdict"|\bverdicts\(', CELLS[n])]
    assert shown == ["l01-try-7", "l01-example"]
    assert '"c04"' in CELLS["l01-example"]


def test_the_first_size_that_is_shown_is_not_the_one_asked_for():
    assert CELLS["l01-shape"] == "first_five.shape"


def test_the_example_of_the_words_is_not_the_claim_that_is_judged():
    words = CELLS["l01-scale"]
    assert "ferry" in words and "c03" not in words
    for word in ("supported in part", "mixed", "contradicted in part", "cannot tell"):
        assert re.search(rf"\| {word} \|", words)


def test_high_confidence_in_cannot_tell_is_explained():
    assert "*Cannot tell, high confidence* sounds odd." in CELLS["l01-verdict"]


# --- what the words say ----------------------------------------------------------------


def test_the_events_are_in_the_order_that_the_lesson_says():
    assert load("events")["date"].is_monotonic_increasing


def test_a_mongolian_map_falls_back_on_russian_names():
    """What the lesson says of names that are not known."""
    names = by_id("places").filter(like="name_")
    assert names["name_mn"].notna().mean() < 0.5  # "the course knows few"
    assert names["name_ru"].isna().any() and names["name_zh"].isna().any()
    script = (lessons_dir().parent / "course/maps/names.js").read_text(encoding="utf-8")
    assert 'names[language] || (language === "mn" && names.ru) || names.en' in script
    assert "it has none, the map writes the Russian one" in CELLS["l01-language"]


def test_the_hosts_of_the_series_are_in_the_rows_shown():
    assert '"note"' in CELLS["l01-series-rows"]
    series = load("events").query("kind == 'expert forum'")
    assert "Heilongjiang government and CASS" in " ".join(series["title"])
    assert "same hosts" in " ".join(series["note"].dropna())


def test_every_word_of_the_column_check_is_explained():
    """The timeline shows all three."""
    words = CELLS["l01-check-say"] + CELLS["l01-check-why"] + CELLS["l01-ask-6"]
    for word in set(load("events")["check"]):
        assert word.removeprefix("one ") in words, word


def test_the_date_of_the_evidence_is_explained_where_it_is_shown():
    assert '"evidence_date"' in CELLS["l01-now-code"]
    assert "`evidence_date` is" in CELLS["l01-course-says"]


def test_the_sources_are_those_of_rows_that_bear_on_the_claims():
    """Not of everything that a table happened to show."""
    assert not {"june", "from_may"} & set(re.findall(r"\w+", CELLS["l01-src-code"]))


# --- checks ----------------------------------------------------------------------------


def told(task, answer):
    found = TASKS[task].judge(answer)
    return found.status, found.message


@pytest.mark.parametrize("verdict", ["contradicted in part", "supported"])
def test_every_wrong_event_is_told_as_such(verdict):
    events = load("events")
    dates = events["date"]
    for event in events[(dates >= "2017-05") & (dates < "2017-08")]["event_id"]:
        words = told("01.7", {"event_id": event, "verdict": verdict})[1]
        assert words.startswith(f"Before you say '{verdict}': {event} ") == (
            event != "brf_2017"
        )


@pytest.mark.parametrize(
    "name", sorted(set(load("events").query("kind == 'trade fair'").event_id))
)
def test_every_other_fair_is_told(name):
    status, words = told("01.5", name)
    assert (status == "passed") == (name == "expo4_2017")
    assert status == "passed" or "Which row names the 28th?" in words or "which row" in words


@pytest.mark.parametrize("verdict", ["mixed", "supported in part", "contradicted in part"])
def test_a_verdict_that_passes_is_right_beside_a_wrong_event_too(verdict):
    words = told("01.7", {"event_id": "eaeu_china_2018", "verdict": verdict})[1]
    assert words == "1 of 2 are right. Look again at: event_id."


@pytest.mark.parametrize("word", ["shown", "refuted", "not shown", "Not refuted"])
def test_what_is_said_of_a_part_is_no_verdict(word):
    words = told("01.7", {"event_id": "brf_2017", "verdict": word})[1]
    assert "is said of one part" in words and f"'{word.lower()}'" in words


@pytest.mark.parametrize("kind", ["factual", "recommendation", "evaluative"])
def test_the_share_of_another_kind_is_told(kind):
    share = (load("claims")["claim_type"] == kind).mean()
    for given in (share, round(share, 3)):
        assert f"share of the {kind} claims" in told("01.2", given)[1]


def test_a_share_with_too_few_decimals_is_told():
    assert "rounded too far" in told("01.2", 0.2)[1]


def test_the_share_of_all_other_claims_is_told():
    assert (
        "are no forecasts"
        in told("01.2", (load("claims")["claim_type"] != "forecast").mean())[1]
    )


def test_the_number_of_the_last_row_is_not_how_many_there_are():
    assert "from 0" in told("01.1", load("claims").index[-1])[1]


@pytest.mark.parametrize("kind", ["factual", "evaluative"])
def test_piles_of_another_kind_are_told(kind):
    piles = load("claims").query("claim_type == @kind").groupby("paragraph").size()
    assert told("01.3", piles)[1].startswith(f"These are the {kind} claims.")


def test_piles_of_the_five_rows_are_told():
    """The right column is the key there: no question about it."""
    piles = load("claims").head().groupby("paragraph").size()
    assert "first five rows" in told("01.3", piles)[1]


def test_one_place_with_its_coordinates_swapped_is_told():
    """Latitude first is what the lesson teaches; that the pin is missing is half of it."""
    for place in PLACES:
        m = mapped(**{p: p for p in PLACES if p != place})
        at = by_id("places").loc[place]
        folium.Marker([at["lon"], at["lat"]], tooltip=place).add_to(m)
        assert "are swapped" in told("01.8", m)[1], place


def test_what_the_lesson_says_of_numbers_is_what_a_verdict_holds_against_its_evidence():
    text = CELLS["l01-ask-9"]
    assert "every number" not in text
    assert "Years, dates and counts up to twelve" in text
    example = TASKS["01.9"].answer()
    says = "It met on 13 June 2017, with 12 guests. {} of them came by train."
    fine = Verdict(**example | {"says": says.format("Most")})
    odd = Verdict(**example | {"says": says.format("Another 13")})
    assert told("01.9", fine)[0] == "written"
    assert told("01.9", odd)[1].startswith("The evidence has no 13.")


def test_the_rows_the_lesson_counts_on_for_c01_are_there():
    """A third in 2016 and a sixth in 2019, on the same day of June."""
    assert "a third forum in 2016 and a sixth in 2019" in CELLS["l01-weigh"]
    series = load("events").query("kind == 'expert forum'").set_index("date")["title"]
    assert series["2016-06-14"].startswith("Third") and series["2019-06-14"].startswith("Sixth")


def test_the_rows_of_the_small_table_are_not_the_claims():
    assert "small table" in told("01.1", 5)[1]


def test_two_ways_to_one_count_are_both_told():
    """2016 has as many events with two sources as 2017 without December."""
    rows = load("events")
    without = ((rows["check"] == "two sources") & rows["date"].between("2017", "2017-12")).sum()
    assert TASKS["01.6"].answer(year=2016) == without
    words = told("01.6", without)[1]
    assert "2016" in words and "December" in words


@pytest.mark.parametrize("name", ["Beijing", "2017-05-14"])
def test_the_place_or_the_day_of_the_event_is_not_its_id(name):
    assert "Hand in what its row has" in told("01.7", {"event_id": name, "verdict": "mixed"})[1]


PLACES = ("harbin", "beijing", "vladivostok")


def mapped(**tooltips):
    m = area_map("borderland")
    for place, words in tooltips.items():
        row = by_id("places").loc[place]
        folium.Marker([row["lat"], row["lon"]], tooltip=words).add_to(m)
    return m


@pytest.mark.parametrize(
    ("tooltips", "words"),
    [
        (("Harbin", "Beijing", "Vladivostok"), ""),
        (("哈尔滨", "<i>Пекин</i>", "Vladivostok, free port"), ""),
        (("Харбин", "<b>BEIJING</b>", "Владивосток"), ""),
        (("Harbin", "Vladivostok", "Beijing"), "name of another place"),
        (("Harbin", "Harbin", "Harbin"), "name of another place"),
        (("Harbin Beijing Vladivostok",) * 3, "more names than its own"),
        (("here", "there", "elsewhere"), "does not bear the name"),
        (("Harbin", "Beijing", ""), "give each marker its name"),
    ],
)
def test_each_marker_says_the_name_of_its_own_place(tooltips, words):
    answer = mapped(**dict(zip(PLACES, tooltips, strict=True)))
    status, said = told("01.8", answer)
    assert (status, words in said) == ("not yet" if words else "passed", True), said


# --- form ------------------------------------------------------------------------------


def test_the_lesson_ends_like_the_others():
    text = "\n".join(source for _n, source in LESSON.prose())
    heads = re.findall(r"(?m)^## (.*)$", text)
    assert heads[-6:] == [
        "What the claims look like now", "What the course says", "Key points",
        "Further questions", "How far are you?", "Sources of this lesson",
    ]  # fmt: skip
    assert LESSON.cells[-1]["metadata"] == {"jupyter": {"source_hidden": True}}
    assert '"evidence_date"' in CELLS["l01-now-code"]


def test_tables_are_shown_by_the_course():
    """A bare answer of pandas is shown twice, and explained both times."""
    bare = ["l01-condition", "l01-piles"]
    for n, cell in LESSON.code(open_only=True):
        last = cell["source"].splitlines()[-1]
        if cell["id"] in bare:
            assert LESSON.cells[n + 1]["cell_type"] == "markdown"
        else:
            shows = (
                "course.",
                "print",
                "    print",
                "claims = ",
                "m",
                "first_five.shape",
                "places.loc[",
            )
            assert last.startswith(shows), cell["id"]


def test_it_is_json_as_git_shows_it_best():
    text = LESSON.path.read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n"
