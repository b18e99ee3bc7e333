"""What a reader of a live map sees, hears and reaches by keyboard, in a saved page."""

import itertools

import pandas as pd
import pytest
from playwright.sync_api import expect

import course
from course.maps.atlas import region_shapes

REGION = "path[role=button]"
LANGUAGES = ["en", "ru", "zh", "mn"]
FAR_EAST = sorted(f["properties"]["region_id"] for f in region_shapes("far_east"))
CONTRAST = """([ink, paper]) => {
  const light = (colour) => { const [r, g, b] = colour.match(/[\\d.]+/g).map((c) => {
    const v = c / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05; };
  const [low, high] = [light(ink), light(paper)].sort((a, b) => a - b);
  return high / low; }"""


@pytest.fixture(scope="module")
def opened(show, tmp_path_factory):
    """Open a live map's saved page at a width of the window; its frame is as high as the map."""

    def at(made, width=930):
        html = made.to_html(tmp_path_factory.mktemp("live") / "m.html")
        page = show("m.html", html.read_text(encoding="utf-8"))
        page.set_viewport_size({"width": width, "height": made.height})
        page.emulate_media(media="screen", color_scheme="light", forced_colors="none")
        page.mouse.move(0, 0)
        page.reload()  # at the new size
        page.wait_for_selector(REGION, state="attached")
        return page

    return at


@pytest.fixture(scope="module")
def several():
    """A map of three indicators; mining output lacks the years before 2005."""
    names = ["population", "mining_output", "grp_volume_index"]
    return course.LiveMap(names, "far_east", year=2010, height=520)


def own(values, years=(2020,), **arguments):
    """A map of one's own figures: one for all, or one for each region and year in turn."""
    rows = pd.DataFrame(itertools.product(FAR_EAST, years), columns=["region_id", "year"])
    return course.LiveMap(rows.assign(value=values), "far_east", **arguments)


def hover(page, nth=0):
    """Rest the mouse on one of many points in regions; return the tooltip's lines."""
    points = page.evaluate(
        """region => { const map = document.querySelector('.folium-map').getBoundingClientRect();
          const all = [];
          for (let y = map.top + 60; y < map.bottom - 30; y += 7)
            for (let x = map.left + 60; x < map.right - 30; x += 7)
              if (document.elementFromPoint(x, y).matches(region)) all.push([x, y]);
          return all; }""",
        REGION,
    )
    page.mouse.move(*points[len(points) // 2 + nth])
    return tip(page)


def tip(page):
    return page.wait_for_selector("#tip").inner_text().split("\n")


def place(page, selector):
    """Where a part of the page is: left, top, right, bottom."""
    b = page.query_selector(selector).bounding_box()
    return b["x"], b["y"], b["x"] + b["width"], b["y"] + b["height"]


def to_regions(page):
    """Go to the regions with the Tab key, from the last control on."""
    page.focus("#open")
    page.keyboard.press("Tab")  # the map itself
    page.keyboard.press("Tab")
    return focused(page)


def focused(page):
    return page.evaluate("document.activeElement.getAttribute('aria-label')")


# --- tooltip ------------------------------------------------------------------


def test_tooltip_follows_while_the_mouse_rests(opened, several):
    page = opened(several)
    name, value, source = hover(page)
    assert value.endswith(" persons") and source.startswith("2010 · ")
    page.focus("#year")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert tip(page)[2].startswith("2008 · ")
    page.select_option("#indicator", "mining_output")
    assert tip(page)[1].endswith(" million roubles")
    page.select_option("#language", "ru")
    assert tip(page)[0] != name and tip(page)[1].endswith(" млн руб.")
    page.click("#play")
    hover(page)
    begin = tip(page)[2]
    expect(page.locator("#tip")).not_to_contain_text(begin)
    both = "['#tip', '#shown'].map(one => document.querySelector(one).innerText)"
    told, year = page.evaluate(both)  # at once: it plays on
    assert told.split("\n")[2].startswith(f"{year} · ")
    page.click("#play")


@pytest.mark.parametrize("width", [930, 700, 420])
def test_tooltip_is_small_and_stays_inside_the_map(opened, width):
    name = "a long title <b>"
    page = opened(own(1.56, title=name, unit="times the average of all regions " * 9), width)
    for language in LANGUAGES:
        page.select_option("#language", language)
        to_regions(page)
        seen = set()
        for _ in FAR_EAST:
            assert tip(page)[0] == focused(page).split(":")[0]
            seen.add(focused(page))
            inner, outer = place(page, "#tip"), place(page, ".folium-map")
            assert inner[2] - inner[0] <= 220 and inner[3] - inner[1] <= 70
            assert inner[0] >= outer[0] and inner[1] >= outer[1]
            assert inner[2] <= outer[2] and inner[3] <= outer[3]
            page.keyboard.press("ArrowRight")
        assert len(seen) == len(FAR_EAST)


def test_tooltip_goes_when_another_region_may_lie_below(opened, several):
    page = opened(several)
    hover(page)
    page.keyboard.press("Escape")
    assert page.is_hidden("#tip")
    hover(page, 1)
    page.focus(".folium-map")
    page.keyboard.press("ArrowDown")  # moves the map
    assert page.is_hidden("#tip")


# --- regions by keyboard and for screen readers -------------------------------


def test_regions_are_one_stop_and_arrows_lead_on(opened, several):
    page = opened(several)
    west = to_regions(page)
    assert west and len(page.query_selector_all(f"{REGION}[tabindex='0']")) == 1
    order = [west]
    for _ in FAR_EAST[1:]:
        page.keyboard.press("ArrowRight")
        order.append(focused(page))
    assert len(set(order)) == len(FAR_EAST)
    page.keyboard.press("ArrowLeft")
    assert focused(page) == order[-2]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.leaflet-control-zoom-in')")
    page.keyboard.press("Shift+Tab")
    assert focused(page) == order[-2]  # back where one was


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_enter_and_space_choose_a_region(opened, several, key):
    page = opened(several)
    to_regions(page)
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    label = focused(page)
    dashed = page.query_selector_all("path.focused")
    page.keyboard.press(key)
    name, value = label.split(": ")
    assert page.inner_text("#selected option:checked") == name
    assert page.inner_text("#readout").startswith(f"{name} · 2010 · {value} · Rank ")
    assert focused(page) == label and len(dashed) == 1  # the focus stays, and shows
    assert page.get_attribute("path[aria-current=true]", "aria-label") == label


def test_names_of_regions_are_those_of_now(opened, several):
    page = opened(several)
    labels = lambda: [p.get_attribute("aria-label") for p in page.query_selector_all(REGION)]  # noqa: E731
    before = labels()
    assert len(set(before)) == len(FAR_EAST) and all(" persons" in label for label in before)
    page.focus("#year")
    page.keyboard.press("ArrowLeft")
    earlier = labels()
    assert earlier != before
    page.select_option("#language", "zh")
    assert not set(labels()) & set(earlier) and all("人" in label for label in labels())


def test_controls_come_in_order(opened, several):
    page = opened(several)
    page.focus("#indicator")
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
    assert reached == ["year", "play", "selected", "language", "open"]
    assert opened(own(1)).is_hidden("#indicator")  # one indicator leaves nothing to choose


# --- heading, readout, table --------------------------------------------------


@pytest.mark.parametrize("width", [930, 700, 420])
def test_nothing_jumps(opened, several, width):
    page = opened(several, width)
    before = place(page, ".folium-map")
    for language in LANGUAGES:
        page.select_option("#language", language)
        for indicator in ("population", "mining_output", "grp_volume_index"):
            page.select_option("#indicator", indicator)
            page.select_option("#selected", "RU-CHU")
            hover(page)
            page.click("#open")
            assert place(page, ".folium-map") == before, (language, indicator)
            page.keyboard.press("Escape")
            page.select_option("#selected", "")
            assert place(page, ".folium-map") == before, (language, indicator)
    if width >= 700:
        assert before[3] - before[1] >= 380  # of 520
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_heading_says_what_the_map_shows(opened, several):
    page = opened(several)
    assert page.inner_text("#title") == "Population · persons · 2010"
    page.select_option("#indicator", "grp_volume_index")
    page.select_option("#language", "ru")
    assert page.inner_text("#title").endswith(" · предыдущий год = 100 · 2010")


def test_a_year_that_is_lacking_is_told(opened, several):
    page = opened(several)
    page.focus("#year")
    page.keyboard.press("Home")
    assert page.inner_text("#shown") == "2000" and "2000:" not in page.inner_text("#readout")
    page.select_option("#indicator", "mining_output")
    first = page.inner_text("#shown")
    assert page.inner_text("#readout") == f"No figures for 2000: {first} is shown."
    page.select_option("#language", "zh")
    page.select_option("#selected", "RU-AMU")
    assert page.inner_text("#readout").startswith(f"2000年无数据，显示{first}年。 · ")
    page.focus("#year")
    page.keyboard.press("ArrowRight")
    assert "2000年" not in page.inner_text("#readout")


def test_table_lies_over_the_map(opened, several):
    page = opened(several)
    page.click("#open")
    inner, outer = place(page, "#table"), place(page, ".folium-map")
    assert outer[0] <= inner[0] and inner[2] <= outer[2] and inner[3] <= outer[3]
    assert page.get_attribute("#open", "aria-expanded") == "true"
    assert page.inner_text("#table th:last-child") == "persons"
    cells = page.eval_on_selector_all(
        "#table tr:has(td)", "a => a.map(r => r.innerText.split('\\t'))"
    )
    values = [int(cell[2].replace(",", "")) for cell in cells]
    assert values == sorted(values, reverse=True) and len(values) == len(FAR_EAST)
    assert [cell[0] for cell in cells] == [str(k + 1) for k in range(len(cells))]
    look = "td => getComputedStyle(td).textAlign"
    assert page.eval_on_selector("#table td:last-child", look) == "right"
    page.focus("#year")
    page.keyboard.press("ArrowLeft")
    assert "2009" in page.inner_text("#table caption")
    page.keyboard.press("Escape")
    assert page.is_hidden("#table") and page.evaluate("document.activeElement.id") == "open"


def test_a_long_table_leaves_the_note_on_boundaries_free(opened):
    page = opened(course.LiveMap("population", "borderland", height=400))
    page.click("#open")
    note = place(page, ".leaflet-control-attribution")
    assert place(page, "#table")[3] <= note[1]


def test_equal_values_share_a_rank(opened):
    page = opened(own([5.0, 5.0, 7.0, None] + [1.0] * (len(FAR_EAST) - 4)))
    page.click("#open")
    ranks = page.eval_on_selector_all("#table td:first-child", "a => a.map(c => c.innerText)")
    assert ranks == ["1", "2", "2", *["4"] * (len(FAR_EAST) - 4), ""]


def test_play_is_quiet_and_stops_at_the_end(opened):
    page = opened(own(1, (2018, 2019, 2020), year=2019))
    page.focus("#play")
    page.keyboard.press("Space")
    assert page.evaluate("document.querySelector('#readout').ariaLive") == "off"
    expect(page.locator("#play")).to_contain_text("Play")
    assert page.inner_text("#shown") == "2020"
    assert page.evaluate("document.querySelector('#readout').ariaLive") == "polite"


# --- numbers, units, words ----------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (1234567, "persons", ["1,234,567 persons", "1 234 567 чел.", "1,234,567人", "1,234,567 хүн"]),
        (54.72, "percent", ["54.7%", "54,7 %", "54.7%", "54.7%"]),
        (54.72, "percent of GRP", ["54.7% of GRP", "54,7 % ВРП", "占地区生产总值的54.7%", "ДНБ-ий 54.7%"]),
        (104.3, "previous year = 100", ["104.3 (previous year = 100)",
            "104,3 (предыдущий год = 100)", "104.3（上年=100）", "104.3 (өмнөх он = 100)"]),
        (100, "2009 = 100", ["100 (2009 = 100)"] * 4),
        (1.5623, "times the average", ["1.56 times the average", "1,56 times the average"]),
        (-12.5, "USD {value} a head", ["USD -12.5 a head", "USD -12,5 a head"]),
        (0.00123, "per thousand", ["0.0012 per thousand"]),
        (1e200, "", ["1E200"]),
        (1e-9, "</script>$&<b>'\"`{{ 7*7 }}", ["1E-9 </script>$&<b>'\"`{{ 7*7 }}"]),
    ],
)  # fmt: skip
def test_values_read_as_words(opened, value, unit, said):
    page = opened(own(value, unit=unit, title="a <b>'\"</script>{{ 7*7 }}"))
    assert page.inner_text("#title").startswith("A <b>'\"</script>{{ 7*7 }} · ")
    page.select_option("#selected", "RU-AMU")
    for language, words in zip(LANGUAGES, said, strict=False):
        page.select_option("#language", language)
        label = page.get_attribute("path[aria-current=true]", "aria-label")
        assert label.split(": ", 1)[1].replace("\xa0", " ") == words
        assert hover(page)[1].replace("\xa0", " ") == words
        assert page.inner_text("#readout").replace("\xa0", " ").split(" · ")[2] == words


# --- colours, themes, print ---------------------------------------------------


def test_colours_turn_at_the_center(opened):
    values = [0.2, 0.6, 0.99, 1, 1.01, 1.5, 2.4, 3, 5, 0.4, 1.2][: len(FAR_EAST)]
    page = opened(own(values, center=1))
    fills = dict(
        page.eval_on_selector_all(
            REGION, "a => a.map(p => [p.ariaLabel, p.getAttribute('fill')])"
        )
    )
    sides = {"less": set(), "more": set()}
    for label, fill in fills.items():
        red, _green, blue = (int(fill[k : k + 2], 16) for k in (1, 3, 5))
        sides["less" if float(label.split(": ")[1]) < 1 else "more"].add(red > blue)
    assert sides == {"less": {True}, "more": {False}}
    assert page.inner_text("#legend b") == "1"


def test_only_what_changes_is_painted(opened):
    values = list(range(len(FAR_EAST)))
    both = [v for pair in zip(values, [10, *values[1:]], strict=True) for v in pair]
    page = opened(own(both, (2019, 2020), year=2019))
    page.eval_on_selector_all(
        REGION,
        """all => { window.painted = new Set(); for (const path of all) new MutationObserver(
             () => window.painted.add(path)).observe(path, { attributeFilter: ["fill"] }); }""",
    )
    page.focus("#year")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#shown") == "2020" and page.evaluate("window.painted.size") == 1


@pytest.mark.parametrize("dark", [False, True])
def test_words_can_be_read_in_either_theme(opened, several, dark):
    page = opened(several)
    page.evaluate("d => { document.documentElement.toggleAttribute('data-dark', d) }", dark)
    page.click("#open")
    hover(page)
    papers = set()
    for part in (".live-bar", "#table", "#tip"):
        look = "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
        colours = page.eval_on_selector(part, look)
        papers.add(colours[1])
        assert page.evaluate(CONTRAST, colours) >= 7, (part, colours)
    assert papers == {"rgb(30, 30, 30)" if dark else "rgb(255, 255, 255)"}


def test_print_keeps_title_legend_and_map(opened, several):
    page = opened(several)
    page.click("#open")
    page.emulate_media(media="print")
    for part in ("#indicator", "#year", "#play", "#language", "#open", "#table", "#readout"):
        assert page.is_hidden(part), part
    assert page.is_visible("#title") and page.is_visible("#legend")
    swatches = "a => a.map(e => getComputedStyle(e).printColorAdjust)"
    assert set(page.eval_on_selector_all("#legend i, .folium-map", swatches)) == {"exact"}


def test_forced_colours_keep_the_legend(opened, several):
    page = opened(several)
    colours = "a => a.map(e => getComputedStyle(e).backgroundColor)"
    before = page.eval_on_selector_all("#legend i", colours)
    page.emulate_media(forced_colors="active")
    assert page.eval_on_selector_all("#legend i", colours) == before
    assert len(set(before)) == 7  # six classes, and the one without data


def test_limits_stand_below_the_line_between_two_classes(opened, several):
    page = opened(several, 700)
    middles, swatches = page.evaluate(
        """() => { const box = (e) => e.getBoundingClientRect();
          const all = [...document.querySelectorAll('#legend > span')];
          const middle = (b) => (b.left + b.right) / 2;
          return [all.map((s) => middle(box(s.lastChild))),
            all.map((s) => [box(s.firstChild).left, box(s.firstChild).right])]; }"""
    )
    edges = zip(middles[1:-1], swatches[:-1], swatches[1:], strict=False)
    for middle, left, right in edges:
        assert abs(middle - right[0]) < 1.5 and abs(left[1] - right[0]) < 1.5
    widths = [round(right - left) for left, right in swatches]
    assert max(widths) - min(widths) <= 1
