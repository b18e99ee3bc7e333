"""A briefing: what stands on the page, in which order, and what it refuses."""

import re
from html.parser import HTMLParser

import altair as alt
import folium
import pytest

import course
from course.exercises import journal

CLAIM = course.load("claims").set_index("claim_id")["claim"]
EVIL = "<script>alert(1)</script> & <b>more</b> of it."


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory):
    """A student's folder with two verdicts, and a draft."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_FOLDER", str(tmp_path_factory.mktemp("student")))
        course.Verdict("c42", "mixed", confidence="medium", because=[trade(), trade()["total_usd_bn"]],
                       says=f"Trade came to 84.4 bn dollars in 2017. {EVIL}",
                       would_change="A second series that says otherwise.")  # fmt: skip
        board = course.board()
        board.save("c01", word="supported", confidence="low", ticked=[0],
                   says="The third forum met on 14 June 2016. Two hosts are named for it.",
                   would_change="A programme of the day itself.")  # fmt: skip
        board.save("c05", word="mixed")
        yield
        assert journal.notes() == ()


def trade():
    rows = course.load("bilateral_trade")
    return rows[(rows["reporter"] == "CHN") & (rows["series"] == "IMF DOTS")
                & (rows["partner"] == "RUS") & rows["year"].isin([2014, 2017])]  # fmt: skip


def chart():
    drawn = alt.Chart(trade()).mark_bar().encode(x="year:O", y="total_usd_bn:Q")
    return course.chart(
        drawn, alt="Trade of China and Russia in two years, in bn dollars.", sources=trade()
    )


@pytest.fixture
def page(tmp_path):
    """Write a briefing; return it as text."""

    def written(**options):
        path = course.briefing(tmp_path / "briefing.html", **{"title": "On trade", **options})
        return path.read_text(encoding="utf-8")

    return written


class Outline(HTMLParser):
    """Headings in order, landmarks, and whether every tag closes."""

    def __init__(self, text):
        super().__init__()
        self.open, self.heads, self.tags, self.fetched = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.fetched += [v for k, v in attrs if k in ("src", "data", "poster")]
        self.fetched += [dict(attrs)["href"]] if tag == "link" else []
        if tag not in ("meta", "img", "br", "hr", "link", "wbr"):
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.heads.append([int(tag[1]), ""])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and re.fullmatch("h[1-6]", self.open[-1]):
            self.heads[-1][1] += data


def test_all_written_verdicts_stand_there_in_the_order_of_the_article(page):
    text = page()
    heads = [head for level, head in Outline(text).heads if level == 3]
    assert heads == [f"c01. {CLAIM['c01']}", f"c42. {CLAIM['c42']}"]
    for words in ("mixed, medium confidence.", "A second series that says otherwise.", "Trade came to 84.4",
                  "Evidence: a table with 2 rows", "(bilateral_trade)", "84.4", "USD bn",
                  "University page on the 3rd forum"):  # fmt: skip
        assert words in text
    assert "c05" not in text


def test_chosen_claims_and_the_word_of_the_course(page):
    asked = page(claims=["c42"], compare=True)
    row = course.load("claims").set_index("claim_id").loc["c42"]
    assert CLAIM["c01"] not in asked and row["evidence"] in asked
    assert row["evidence"] not in page(claims=["c42"])
    assert page(claims=["c42", "c01"]) == page(claims=("c01", "c42", "c42"))


def test_the_sources_are_those_of_the_evidence_and_the_figures(page):
    sources = course.load("sources").set_index("source_id")
    events = course.load("events").head(3)
    held = {
        one
        for piece in course.verdicts()["evidence"][["c01", "c42"]].sum()
        for one in piece["sources"]
    }
    for figures, ids in (
        ((), held),
        ([(events, "Events")], held | {*course.cite(events).table.index}),
    ):
        listed = (
            page(figures=figures).partition("<ol class='sources'>")[2].partition("</ol>")[0]
        )
        assert listed.count("<li>") == len(ids) > 3
        assert all(sources.loc[one, "title"].replace("&", "&amp;") in listed for one in ids)


def test_headings_are_in_order_and_tags_close(page):
    text = page(
        text="# Why\n\nFirst line\nsame paragraph.\n\nA second.\n# How\nThird.",
        figures=[trade(), chart()],
    )
    outline = Outline(text)
    levels = [level for level, _head in outline.heads]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False))
    assert [head for _level, head in outline.heads][:3] == ["On trade", "Why", "How"]
    told = text.replace(" dir='auto'", "")
    assert "<p>First line same paragraph.</p><p>A second.</p><h2>How</h2><p>Third.</p>" in told
    assert {"header", "main", "title"} <= {*outline.tags} and text.startswith(
        '<!doctype html><html lang="en">'
    )


def test_what_a_student_writes_is_text(page):
    text = page(
        title=EVIL, text=f"# {EVIL}\n{EVIL}", figures=[(trade().assign(note=EVIL), EVIL)]
    )
    assert "<script" not in text and "<b>more" not in text
    assert text.count("&lt;script&gt;alert(1)") >= 6


def test_words_that_run_from_right_to_left_do(page):
    text = page(
        title="عنوان", text="# عنوان\n\nوقعت الدولتان (2017).", figures=[(trade(), "جدول")]
    )
    assert text.count("dir='auto'") == 4  # title, heading, paragraph, caption
    assert "<bdi>Trade came to 84.4" in text and "<bdi>A second series" in text


def test_dates_are_not_cut_at_a_hyphen(page):
    cell = '<td class="whole date" style="text-align:left">2017-05-14</td>'
    events = course.load("events")
    assert cell in page(figures=[events[events["date"] == "2017-05-14"][["date", "title"]]])


def test_nothing_is_fetched(page):
    live = course.LiveMap("population", area="far_east")
    area = folium.Marker([50.3, 127.5]).add_to(course.area_map("heilongjiang"))._parent
    figures = [
        (live, "Live"),
        area,
        course.DualMap("borderland"),
        chart(),
        trade(),
        course.table(trade()),
    ]
    text = page(figures=figures)
    assert {one.partition(":")[0] for one in Outline(text).fetched} == {"data"}
    assert (
        text.count("<iframe") == 3 and text.count('<img src="data:image/svg') == 2
    )  # for print
    assert "default-src 'none'" in text and "@import" not in text and "url(http" not in text
    assert [head[1] for head in Outline(text).heads if head[1].startswith("Figure")] == [
        "Figure 1: Live", *(f"Figure {n}" for n in range(2, 7))
    ]  # fmt: skip


def test_a_lone_figure_or_pair_needs_no_list(page):
    rows = trade()
    assert page(figures=rows) == page(figures=[rows])
    assert page(figures=(rows, "Rows")) == page(figures=[(rows, "Rows")])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"title": " "}, "Give the briefing a title"),
        ({"title": 5}, "Give the briefing a title"),
        ({"text": ["a"]}, "Give the briefing a title"),
        ({"claims": ["c99"]}, "There is no claim 'c99'"),
        ({"claims": ["c42", "c05"]}, "No verdict is written on c05 yet"),
        ({"claims": []}, "No verdict is written on a claim yet"),
        ({"claims": 5}, "claims is a list of ids"),
        ({"figures": [trade, 5]}, "Figure 1 is function. Figures are maps"),
        ({"figures": [(5, "caption")]}, "Figure 1 is int"),
        ({"figures": [folium.Map()]}, "Figure 1 is Map. Figures are maps of the course"),
        ({"figures": [course.LiveMap]}, "Figure 1 is"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_said_and_the_old_page_stays(page, tmp_path, options, words):
    before = page()
    with pytest.raises(course.CourseError, match=words.replace("(", r"\(")):
        page(**options)
    assert (tmp_path / "briefing.html").read_text(encoding="utf-8") == before


@pytest.mark.parametrize("path", ["", "briefing.txt", "nowhere/briefing.html"])
def test_a_place_that_will_not_do_is_said(tmp_path, path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "briefing.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(course.CourseError, match="The page cannot be saved as"):
        course.briefing(tmp_path / path, title="On trade")
    assert (tmp_path / "briefing.txt").read_text(encoding="utf-8") == "mine"


def test_a_map_that_asks_the_network_is_refused(page):
    with pytest.raises(course.CourseError, match="Figure 1 loads pictures from the network"):
        page(figures=[course.area_map("heilongjiang", tiles="OpenStreetMap")])


def test_no_verdict_yet_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    with pytest.raises(
        course.CourseError, match="No verdict is written on a claim yet. Sign it"
    ):
        course.briefing(tmp_path / "briefing.html", title="On trade")
    assert list(tmp_path.iterdir()) == []
