"""The verdict board under a hand, after a crash and without a kernel; a briefing offline."""

import os
import signal
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import chromium, until, write

import course

PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden) "
FORM = f"{PANEL}.course-board"
SAYS = "The third forum met on <b>14 June</b> 2016. Two hosts are named for it."
CHANGE = "A programme of the day itself."


def axe(page, context=None):
    """What axe-core finds that keeps readers out, with the elements."""
    found = Axe().run(page, context).response
    assert len(found["passes"]) > 5  # it did look
    return [
        (one["id"], one["impact"], [node["target"] for node in one["nodes"]])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


@pytest.fixture
def opened(lab, server):
    """Open a notebook with a board, run, and close it at the end."""

    def run(name="board.ipynb"):
        lab.open(write(server.folder, name, "import course", "course.board()"))
        assert lab.run_all() == []
        lab.page.wait_for_selector(FORM)
        return lab.page

    yield run
    lab.close()


def status(page, words):
    """Wait until the line below the form says this."""
    page.wait_for_function(
        "([all, words]) => document.querySelector(all)?.textContent.includes(words)",
        arg=[f"{FORM} > [role=status]", words],
    )


def label(page, words):
    """A field by its label."""
    return page.locator(FORM).get_by_label(words)


def chosen(page, claim):
    """Wait until the form is that of a claim."""
    page.wait_for_function(
        "([all, claim]) => document.querySelector(all)?.textContent.startsWith(claim)",
        arg=[f"{FORM} fieldset p", claim],
    )


def test_a_verdict_filled_in_by_keyboard_outlives_its_kernel(lab, opened, server):
    page = opened()
    keys = page.keyboard
    label(page, "Your verdict").focus()
    for press in ("ArrowDown", "ArrowDown", "Tab", "ArrowDown", "Tab"):
        keys.press(press)
    keys.type(SAYS)
    keys.press("Tab")
    keys.type(CHANGE)
    for press in ("Tab", "Space"):
        keys.press(press)
    status(page, "Saved. ✎ written")
    page.wait_for_selector(f"{PANEL} >> text=1 of 49 verdicts are written.")
    assert axe(page, f"{PANEL}.jp-OutputArea") == []
    # a draft, and no time to say farewell
    page.get_by_role("button", name="Next").focus()
    keys.press("Enter")
    chosen(page, "c02.")
    label(page, "What would change").fill("A page of the hosts")
    status(page, "Saved. … draft")
    os.kill(int(lab.python("import os; print(os.getpid())")), signal.SIGKILL)
    page.wait_for_function(
        "jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status !== 'idle'"
    )
    page.wait_for_selector(f"{PANEL} >> text=Run this cell to fill in verdicts.")
    lab.load()
    opened()
    chosen(page, "c02.")
    assert label(page, "What would change").input_value() == "A page of the hosts"
    page.select_option(f"{FORM} .course-claim", "c01")
    chosen(page, "c01.")
    assert label(page, "Your verdict").input_value() == "supported in part"
    assert label(page, "What the evidence says").input_value() == SAYS
    assert page.is_checked(f"{FORM} input >> nth=0")


def test_what_is_not_saved_stays_when_the_kernel_goes(lab, opened):
    page = opened()
    # a busy kernel still hears, in a thread; one that stands still does not
    os.kill(int(lab.python("import os; print(os.getpid())")), signal.SIGSTOP)
    label(page, "What the evidence says").fill("Half a sentence")
    status(page, "Not saved yet")
    status(page, "No answer yet")
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    status(page, "The kernel has gone. Copy what is not saved")
    assert label(page, "What the evidence says").input_value() == "Half a sentence"


def test_writing_goes_on_while_it_is_saved(opened):
    page = opened()
    page.select_option(f"{FORM} .course-claim", "c03")
    chosen(page, "c03.")
    label(page, "What the evidence says").focus()
    page.keyboard.type("One word after another,")
    status(page, "Saved. … draft")
    page.keyboard.type(" and on")
    page.wait_for_timeout(100)
    page.keyboard.type(" and on.")
    status(page, "Saved. … draft")
    assert (
        label(page, "What the evidence says").input_value().endswith("another, and on and on.")
    )
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"


def test_lists_and_rows_lead_to_a_claim(opened):
    page = opened()
    page.click(f"{PANEL}.course-board-table tr:has(td:text-is('c10'))")
    chosen(page, "c10.")
    page.select_option(f"{FORM} select >> nth=0", "differs")
    page.wait_for_function(
        "all => document.querySelector(all).options.length === 1", arg=f"{FORM} .course-claim"
    )
    page.wait_for_selector(f"{PANEL} >> text=There are none.")


def test_saved_it_is_a_table_that_needs_no_kernel(lab, opened, server):
    page = opened("asleep.ipynb")
    lab.close()
    path = server.folder / "asleep.ipynb"
    book = nbformat.read(path, 4)
    assert "widgets" not in book.metadata
    book.cells[-1].source += "  # as if it came from another machine"
    nbformat.write(book, path)
    lab.open("asleep.ipynb")
    words = page.inner_text(f"{PANEL}.jp-Notebook")
    assert "Run this cell to fill in verdicts." in words and "49 verdicts are written" in words
    assert page.query_selector(FORM) is None and "c49" in words


# --- a briefing -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def briefing(tmp_path_factory):
    """A briefing with all that may stand in one."""
    import altair as alt

    folder = tmp_path_factory.mktemp("student")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_FOLDER", str(folder))
        rows = course.load("bilateral_trade")
        rows = rows[(rows["reporter"] == "CHN") & (rows["partner"] == "RUS")]
        course.board().save(
            "c01", word="mixed", confidence="low", ticked=[0], says=SAYS, would_change=CHANGE
        )
        drawn = alt.Chart(rows).mark_bar().encode(x="year:O", y="total_usd_bn:Q")
        chart = course.chart(
            drawn, alt="Trade of China and Russia, in billions of dollars.", sources=rows
        )
        live = course.LiveMap("population", area="far_east")
        figures = [
            (live, "People"),
            course.area_map("heilongjiang"),
            course.DualMap(),
            chart,
            (rows, "Trade"),
        ]
        return course.briefing(folder / "briefing.html", title="On the forum", text="# Why\n\nA text.",
                               figures=figures, compare=True)  # fmt: skip


@pytest.fixture
def page(playwright, briefing):
    """The briefing in a window that is cut off, and what it asked for."""
    asked = []
    with chromium(playwright, offline=True) as window:
        page = window.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("weberror", lambda error: asked.append(str(error)))
        page.on("console", lambda message: asked.append(message.text))
        page.goto(briefing.as_uri())
        yield page, asked


def test_a_briefing_asks_for_nothing_and_its_live_map_answers(page, briefing):
    page, asked = page
    frames = page.frames[1:]
    assert len(frames) == 3
    for frame in frames:
        until(frame, "document.querySelectorAll('.leaflet-container path').length > 20")
    fills = "[...document.querySelectorAll('path')].map(p => p.getAttribute('fill')).join()"
    before = frames[0].evaluate(fills)
    frames[0].focus("input[type=range]")
    frames[0].press("input[type=range]", "Home")
    until(frames[0], f"{fills} !== {before!r}")
    assert asked == [Path(briefing).as_uri()]


def test_a_briefing_keeps_nobody_out(page):
    page, _asked = page
    assert axe(page) == []
    for width in (1366, 400):
        page.set_viewport_size({"width": width, "height": 768})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_briefing_prints_stills_and_whole_tables(page):
    page, _asked = page
    page.set_viewport_size({"width": 680, "height": 960})  # A4 less its margins
    page.emulate_media(media="print")
    shown = (
        """all => [...document.querySelectorAll(all)].map(e => getComputedStyle(e).display)"""
    )
    assert (
        page.eval_on_selector_all(
            ".course-map > img", "all => all.map(e => e.offsetWidth > 300)"
        )
        == [True] * 2
    )
    assert page.evaluate(shown, ".course-map:has(> img) > iframe") == ["none"] * 2
    assert page.evaluate(shown, ".course-map:not(:has(> img)) > iframe") == ["block"]
    cut = """all => all.filter(e => e.scrollHeight > e.clientHeight + 1 ||
      getComputedStyle(e).overflowX !== 'visible').length"""
    assert page.eval_on_selector_all(".course-table", cut) == 0
    # the widest table has a page of its own, turned
    assert page.eval_on_selector_all(
        ".piece.wide", "all => all.map(e => getComputedStyle(e).page)"
    ) == ["wide"]
    outer = "all => all.filter(e => e.getBoundingClientRect().right > innerWidth).length"
    assert page.eval_on_selector_all(".piece:not(.wide) *:not(svg *)", outer) == 0
    page.set_viewport_size({"width": 1009, "height": 680})
    assert page.eval_on_selector_all(".piece.wide *", outer) == 0
