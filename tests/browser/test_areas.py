"""What an area map shows at first, and the manners of every map page."""

import re
from itertools import combinations

import pytest
from lab import soon, until, write

import course
from course.data import read
from course.maps import area as maps

AREAS = list(read("areas")["area_id"])
LANGUAGES = ["en", "ru", "zh", "mn"]
MAP = "coursePage.map"
VIEW = f"(() => {{ const m = {MAP}, c = m.getCenter(); return [m.getZoom(), c.lat, c.lng] }})()"
# too small on the opening view for its name, in one language or another
SMALL = {
    "far_east": {"RU-YEV"},
    "heilongjiang": set(),
    "mongolia_corridor": {"MN-037", "MN-064", "MN-035", "MN-1", "CN-BJ", "CN-TJ"},
    "borderland": {"RU-YEV", "RU-PRI", "CN-LN", "CN-HE", "CN-BJ", "CN-TJ"}
    | {region for region in maps.region_ids("borderland") if region.startswith("MN-")},
}
RIVERS = {
    "far_east": ["Amur", "Lena", "Kolyma"],
    "heilongjiang": ["Amur", "Songhua (Sungari)", "Ussuri", "Argun"],
    "mongolia_corridor": ["Selenga", "Argun"],
    "borderland": ["Amur", "Lena"],
}


@pytest.fixture(scope="module")
def page(context):
    """A page of the size that a notebook gives to a map."""
    page = context.new_page()
    page.set_viewport_size({"width": 900, "height": 480})
    yield page
    page.close()


@pytest.fixture
def show(page, guard, tmp_path):
    """Open the page of a map from disk, without any network."""

    def opened(m):
        path = tmp_path / "m.html"
        m.save(path)
        guard.pages.add(path.as_uri())
        page.goto(path.as_uri())
        page.wait_for_selector(".name", state="attached")
        return page

    return opened


def names(page):
    """The names on a map: (kind, words, left, top, right, bottom)."""
    return page.eval_on_selector_all(
        ".name span",
        """all => all.map(s => { const r = s.getBoundingClientRect();
          return [s.parentElement.className.match(/country|place|region|water/)[0],
            s.textContent.replace('\\n', ' '), r.left, r.top, r.right, r.bottom] })""",
    )


def named(row, language):
    """The name of a row of a table on a map in a language, by the rule of data/README.md."""
    name = row.get(f"name_{language}")
    if not isinstance(name, str):
        name = row["name_ru"] if language == "mn" else row["name_en"]
    return re.split(r" ?[(（]", name)[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("area", AREAS)
def test_the_first_view_names_what_it_is_about(show, area, language):
    page = show(course.area_map(area, language))
    found = names(page)
    seen = {(kind, words) for kind, words, *_ in found}
    places, regions = (
        read("places").set_index("place_id"),
        read("regions").set_index("region_id"),
    )
    for town in read("area_places").query("area_id == @area")["place_id"]:
        assert ("place", named(places.loc[town], language)) in seen
    for region in maps.region_ids(area) - SMALL[area]:
        assert ("region", named(regions.loc[region], language)) in seen
    rivers = {r["properties"]["name_en"]: r["properties"] for r in read("rivers")["features"]}
    for river in RIVERS[area]:
        assert ("water", named(rivers[river], language)) in seen
    for one, two in combinations(found, 2):  # by a pixel more than the letters need
        (a, b, c, d), (e, f, g, h) = one[2:], two[2:]
        assert not (a + 1 < g and c - 1 > e and b + 1 < h and d - 1 > f), (one, two)
    for _, words, left, top, right, bottom in found:
        assert left >= 0 and top >= 0 and right <= 900 and bottom <= 480, words


@pytest.mark.parametrize("area", AREAS)
def test_the_area_is_outlined_and_fills_the_frame(show, area):
    page = show(course.area_map(area))
    wide, high = page.evaluate(
        """() => { const all = [...document.querySelectorAll('path[stroke-width="5"]')];
          const r = all.map(p => p.getBoundingClientRect());
          const reach = (low, high, most) => Math.min(Math.max(...r.map(high)), most)
            - Math.max(Math.min(...r.map(low)), 0);
          return [reach(a => a.left, a => a.right, 900), reach(a => a.top, a => a.bottom, 480)] }"""
    )
    assert high > 430 or wide > 830
    assert wide > 550
    box = page.evaluate(f"{MAP}.getBounds().toBBoxString()")
    west, south, east, north = (float(side) for side in box.split(","))
    row = read("areas").set_index("area_id").loc[area]
    assert south <= row["south"] + 0.1 and north >= row["north"] - 0.1
    assert 52 < west <= row["west"] and row["east"] <= east < 200  # beyond are no shapes


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_on_a_page_speaks_its_language(show, language):
    m = course.area_map("heilongjiang", language)
    page = show(m)
    words = maps.map_words()[language]
    assert page.get_attribute("html", "lang") == language
    assert re.search(rf'<figure class="course-map[^>]* lang="{language}"', m._repr_html_())
    for part, word in [("control-zoom-in", "zoom_in"), ("control-zoom-out", "zoom_out")]:
        assert page.get_attribute(f".leaflet-{part}", "title") == words[word]
        assert page.get_attribute(f".leaflet-{part}", "aria-label") == words[word]
    assert page.get_attribute(".course-home", "aria-label") == words["home"]
    assert re.fullmatch(rf"\d+ {words['km']}", page.inner_text(".leaflet-control-scale"))
    assert words["boundary_note"] in page.inner_text(".leaflet-control-attribution")


def test_names_can_be_read(show):
    page = show(course.area_map("heilongjiang"))
    styles = page.eval_on_selector_all(
        ".name span, .leaflet-control-attribution",
        "a => [...new Set(a.map(s => getComputedStyle(s).color + getComputedStyle(s).fontSize))]",
    )
    ground = [(0xD3, 0xE3, 0xEC), (0xEC, 0xE8, 0xDF), (0xFC, 0xFA, 0xF5)]  # water, land, area
    for style in styles:
        *ink, size = (float(n) for n in re.findall(r"[\d.]+", style))
        assert size >= 12
        assert min(contrast(ink, paper) for paper in ground) >= 4.5, style


def contrast(one, two):
    """Contrast of two colours, as WCAG 2 counts it."""

    def light(colour):
        parts = [c / 255 for c in colour]
        red, green, blue = (
            c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted([light(one), light(two)])
    return (bright + 0.05) / (dark + 0.05)


# --- manners -----------------------------------------------------------------


STILL = f"!{MAP}._animatingZoom"  # a key or a wheel that meets a moving map is lost


def near(view):
    """Say in JavaScript that the map shows this, and does not move."""
    return f"{STILL} && {VIEW}.every((part, k) => Math.abs(part - {view}[k]) < .05)"


def turn(page, keys=(), zooms=True):
    """Turn the wheel over the map, and see that it zooms, or does not."""
    zoom = page.evaluate(VIEW)[0]
    page.mouse.move(450, 240)
    for key in keys:
        page.keyboard.down(key)
    page.mouse.wheel(0, -240)
    if zooms:
        until(page, f"{STILL} && {MAP}.getZoom() > {zoom}")
    else:
        page.wait_for_timeout(400)
        assert page.evaluate(VIEW)[0] == zoom
    for key in keys:
        page.keyboard.up(key)


def test_the_wheel_is_the_pages_until_the_map_is_clicked(show):
    page = show(course.area_map("heilongjiang", "ru"))
    hint = maps.map_words()["ru"]["wheel"]
    assert page.is_hidden(".course-hint")
    turn(page, zooms=False)
    assert page.inner_text(".course-hint") == hint and page.is_visible(".course-hint")
    turn(page, ["Control"])
    turn(page, zooms=False)
    page.mouse.click(450, 240)
    assert page.is_hidden(".course-hint")
    turn(page)
    page.keyboard.press("Escape")
    turn(page, zooms=False)
    page.mouse.click(450, 240)
    page.mouse.move(450, 700)  # out of the map
    turn(page, zooms=False)


def test_a_button_leads_back_to_the_first_view(show):
    m = course.area_map("heilongjiang")
    m.fit_bounds([[41, 88], [54, 137]])  # the last one asked for counts
    page = show(m)
    first = page.evaluate(VIEW)
    assert page.evaluate(f"{MAP}.getBounds().contains([[41.1, 88.2], [53.9, 136.8]])")
    page.mouse.click(450, 240)
    turn(page)
    page.focus(".leaflet-control-zoom-out")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until(page, near(first))


def test_a_map_fits_again_until_somebody_moves_it(show):
    page = show(course.area_map("mongolia_corridor"))
    first = page.evaluate(VIEW)
    try:
        page.set_viewport_size({"width": 500, "height": 300})
        until(page, f"{MAP}.getSize().x === 500 && {MAP}.getZoom() < {first[0]} - .3")
        page.set_viewport_size({"width": 900, "height": 480})
        until(page, f"{MAP}.getSize().x === 900 && {near(first)}")
        page.focus(".leaflet-control-zoom-in")
        page.keyboard.press("Enter")
        until(page, f"{STILL} && {MAP}.getZoom() > {first[0]} + .5")
        zoom, lat, lon = page.evaluate(VIEW)
        page.set_viewport_size({"width": 500, "height": 300})
        until(page, f"{MAP}.getSize().x === 500")
        page.wait_for_timeout(300)
        assert page.evaluate(VIEW) == pytest.approx([zoom, lat, lon], abs=0.2)
    finally:
        page.set_viewport_size({"width": 900, "height": 480})


HIDDEN = """
import course
from IPython.display import HTML
inner = course.area_map("heilongjiang")._repr_html_()
HTML("<details class='later'><summary>open</summary>" + inner + "</details>")
"""
LONG = "\n".join(f"# line {n}" for n in range(120))


@pytest.fixture(scope="module")
def notebook(lab, server):
    """A notebook with a map in sight, one in a closed <details>, and a long cell."""
    cell = 'import course\ncourse.area_map("heilongjiang")'
    lab.open(write(server.folder, "manners.ipynb", cell, HIDDEN, "1\n" + LONG))
    assert lab.run_all() == []
    yield lab
    lab.close()


def test_a_map_first_seen_later_opens_on_its_area(notebook):
    page = notebook.page
    page.click(".later summary")
    frame = page.wait_for_selector(".later iframe")
    frame.scroll_into_view_if_needed()
    inside = frame.content_frame()
    until(inside, f"window.coursePage && {MAP}.getSize().x > 300")
    until(inside, f"{MAP}.getZoom() > 4 && {MAP}.getBounds().contains([50.25, 127.45])")


def test_the_wheel_over_a_map_scrolls_the_notebook(notebook):
    page = notebook.page
    frame = page.query_selector(".jp-OutputArea iframe")
    frame.scroll_into_view_if_needed()
    inside = frame.content_frame()
    inside.wait_for_selector(".name", state="attached")
    before, zoom = frame.bounding_box()["y"], inside.evaluate(VIEW)[0]
    box = frame.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 200)
    for _ in range(3):
        page.mouse.wheel(0, 60)
        page.wait_for_timeout(100)
    soon(page, lambda: before - frame.bounding_box()["y"] > 100, True)
    assert inside.evaluate(VIEW)[0] == zoom


def test_saving_by_key_reaches_jupyterlab_from_inside_a_map(notebook, server):
    page = notebook.page
    notebook.save()
    page.evaluate(
        "() => jupyterapp.shell.currentWidget.content.widgets[2].model.sharedModel"
        ".setSource('# written since')"
    )
    frame = page.query_selector(".jp-OutputArea iframe")
    frame.scroll_into_view_if_needed()
    inside = frame.content_frame()
    for _ in range(60):  # while the notebook still moves, a click may meet what was there
        inside.click(".leaflet-container", position={"x": 300, "y": 200})
        page.wait_for_timeout(500)
        if inside.evaluate("document.hasFocus() && self.origin === 'null'"):  # in a sandbox
            break
    else:
        pytest.fail("a click gave the map no focus")
    page.keyboard.press("Control+s")
    for _ in range(200):
        if "# written since" in (server.folder / "manners.ipynb").read_text(encoding="utf-8"):
            return
        page.wait_for_timeout(50)
    pytest.fail("it was not saved")
