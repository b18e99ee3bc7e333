"""Charts and tables in a browser: they answer, shrink, and show one picture only."""

import json

import altair as alt
import pandas as pd
import pytest
from lab import notebook
from playwright.sync_api import expect

import course

TRADE = pd.DataFrame({"year": [2015, 2016, 2017], "bn": [68.0, 69.5, None], "by": "<b>x"})
WORDS = "Trade in three years; nobody has counted the last of them yet."


def drawn(**look):
    """A chart of one line."""
    line = alt.Chart(TRADE.dropna()).mark_line(**look)
    line = line.encode(x="year:Q", y=alt.Y("bn:Q", title="Trade, billion dollars"))
    return course.chart(line, alt=WORDS, sources="a test")._repr_html_()


# what stands under the middle of a mark, and what the reader sees of chart and image
_UNDER = """n => { const box = document.querySelectorAll('.answers > *')[n].getBoundingClientRect();
  const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2 + 4);
  return seen.querySelector(':scope > title')?.textContent }"""
_SEEN = """() => ['svg', 'img'].map(what =>
  document.querySelector('figure ' + what)?.checkVisibility() ?? false)"""


@pytest.fixture
def show(context, guard, tmp_path):
    """Open a page from disk, in a window of some width."""
    page = context.new_page()

    def opened(html, width=1280):
        path = tmp_path / "page.html"
        path.write_text(f"<!doctype html><meta charset=utf-8>{html}", encoding="utf-8")
        guard.pages.add(path.as_uri())
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(path.as_uri())
        return page

    yield opened
    page.close()


@pytest.mark.parametrize("look", [{}, {"point": True}])
def test_a_line_tells_its_values_to_who_points_near_it(show, look):
    page = show(drawn(**look))
    assert page.evaluate(_UNDER, 1) == "Year: 2016; Trade, billion dollars: 69.5"
    assert page.evaluate(_SEEN) == [True, False]


def test_the_point_under_the_pointer_shows_itself(show):
    page = show(drawn())
    mark = page.locator(".answers > *").first
    assert mark.evaluate("m => getComputedStyle(m).opacity") == "0"
    box = mark.evaluate("m => m.getBoundingClientRect().toJSON()")
    page.mouse.move(box["x"] + 9, box["y"] + 3)  # near it
    expect(mark).to_have_css("opacity", "1")


@pytest.mark.parametrize(("width", "drawn_at"), [(1280, 900), (400, 384)])
def test_a_chart_fills_its_place_and_shrinks(show, width, drawn_at):
    page = show(drawn(), width)
    box = page.locator("figure svg").bounding_box()
    assert box["width"] == drawn_at
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_long_names_beside_an_axis_and_in_a_legend_are_whole(show):
    rows = pd.DataFrame({"at": ["Ganqimaodu (Ganqmod) – Gashuunsukhait, 2024"], "bn": [1.0]})
    side = alt.Y("at:N", title=None, axis=alt.Axis(labelLimit=320))
    bars = alt.Chart(rows).mark_bar().encode(x="bn:Q", y=side, color="at:N")
    html = course.chart(bars, alt=WORDS, sources="-")._repr_html_()
    page = show(f"<style>figure * {{ font-family: 'Noto Sans' }}</style>{html}", 800)
    ends = """all => all.map(t => t.getBoundingClientRect())
      .flatMap(box => [box.left, box.right])"""
    found = page.locator("figure text").evaluate_all(ends)
    box = page.locator("figure").bounding_box()
    assert box["x"] <= min(found) and max(found) <= box["x"] + box["width"]


def test_a_list_of_sources_fits_its_page(show):
    page = show(course.cite(course.load("regions"))._repr_html_(), 500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 500


def test_a_chart_goes_dark_with_the_page(show):
    for light, filtered in (("true", False), ("false", True)):
        page = show(f'<body data-jp-theme-light="{light}">{drawn()}')
        found = page.locator("figure svg").evaluate("s => getComputedStyle(s).filter")
        assert (found != "none") == filtered


def test_a_table_scrolls_under_its_heads(show):
    page = show(course.table(course.load("claims"))._repr_html_(), 800)
    page.locator(".course-table").evaluate("box => box.scrollTop = 500")
    box, head = (page.locator(what).first.bounding_box() for what in (".course-table", "th"))
    assert head["y"] == box["y"] and box["height"] < 700
    assert page.evaluate("document.documentElement.scrollWidth") <= 800


def test_a_date_stays_on_its_line(show):
    rows = pd.DataFrame({"day": ["2017-06-28"] * 2, "words": ["many words " * 40] * 2})
    page = show(course.table(rows)._repr_html_(), 300)
    lines = """all => all.map(cell => { const range = document.createRange();
      range.selectNodeContents(cell); return range.getClientRects().length })"""
    counts = page.locator("td").evaluate_all(lines)
    assert counts[0] == counts[2] == 1 and counts[1] > 1


def test_a_notebook_that_is_not_trusted_shows_the_image(lab, server):
    made = notebook("chart", "table")
    shown = [drawn(), course.table(TRADE)._repr_html_()]
    for cell, html in zip(made["cells"], shown, strict=True):
        data = {"text/plain": "Chart", "text/html": html}
        output = {"output_type": "execute_result", "execution_count": 1}
        cell |= {"outputs": [output | {"data": data, "metadata": {}}], "execution_count": 1}
    path = server.folder / "untrusted_chart.ipynb"
    path.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    lab.open(path.name)
    lab.page.wait_for_selector(".jp-OutputArea figcaption")
    assert lab.page.evaluate(_SEEN) == [False, True]
    assert lab.page.inner_text("figure").startswith(WORDS)  # not the words of the SVG
    sides = lab.page.locator(".jp-OutputArea td").evaluate_all(
        "all => all.slice(0, 3).map(cell => getComputedStyle(cell).textAlign)"
    )
    assert sides == ["right", "right", "left"]
    lab.page.evaluate(
        "() => { window.trusting = jupyterapp.commands.execute('notebook:trust') }"
    )
    lab.page.locator(".jp-Dialog .jp-mod-accept").click()
    lab.page.evaluate("() => window.trusting")  # it saves: closing must not save meanwhile
    lab.page.wait_for_selector("figure svg")
    assert lab.page.evaluate(_SEEN) == [True, False]
    lab.close()


PRICES = "from $5 bn to $6 bn, so it was told to them. And back again to $4 bn"
MONEY = f"""
import course, altair, pandas
from IPython.display import HTML
from course.exercises.show import Feedback, Solution
prices = {PRICES!r}
rows = pandas.DataFrame({{"costs": [prices], "bn": [5]}})
bars = altair.Chart(rows, title=prices).mark_bar().encode(x="bn:Q", y="costs:N")
folium_map = course.area_map(alt=prices, caption=prices)
verdict = dict(confidence="high", because=rows, says=prices, would_change=prices)
"""
SHOWN = [
    "course.table(rows)",
    "course.chart(bars, alt=prices, sources=prices)",
    "folium_map",
    "course.Verdict('c42', 'supported', **verdict)",
    "Feedback('00.1', 'passed', prices)",
    "Solution('00.1', prices, prices)",
]


def test_a_dollar_is_money_in_whatever_the_course_shows(lab, server):
    made = notebook(MONEY, *SHOWN, "HTML('<p id=formula>$x_1$ and $x_2$</p>')")
    path = server.folder / "money.ipynb"
    path.write_text(json.dumps(made), encoding="utf-8")
    lab.open(path.name)
    assert lab.run_all() == []
    lab.page.wait_for_selector("#formula mjx-container >> nth=1")
    assert lab.page.locator("mjx-container").count() == 2  # a reader's own formulas
    lab.close()
