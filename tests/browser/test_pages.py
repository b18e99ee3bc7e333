"""Maps outside JupyterLab (saved pages, exports), and what a widget can do inside."""

import json
import re
from contextlib import suppress

import folium
import nbformat
import pandas as pd
import pytest
from folium.plugins import LocateControl, MarkerCluster
from lab import ARTEFACTS, notebook, soon, until, write
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import TimeoutError

import course
from course.errors import CourseError
from course.maps.series import class_colours

MAP = "window[document.querySelector('.folium-map').id]"
HATCHED = "path.leaflet-interactive[fill='url(#nodata)']"
# nbconvert's own page asks for these; the maps in it do not need them
EXPORT = ("require.min.js", "mathjax", "html-manager", "mermaid")


@pytest.fixture(scope="module")
def values():
    """Population by region: some regions lack some years."""
    return course.LiveMap("population", area="borderland", height=520)


@pytest.fixture
def live(show, values, tmp_path):
    """A saved live map, opened in the browser."""
    html = values.to_html(tmp_path / "live.html").read_text(encoding="utf-8")
    page = show("live.html", html)
    page.wait_for_selector(HATCHED + ", path.leaflet-interactive", state="attached")
    return page


def boxes(page, words, font="11px system-ui, 'Noto Sans', 'Noto Sans CJK SC', sans-serif"):
    """Draw each character; return those that look like the box of a missing glyph."""
    return page.evaluate(
        """([words, font]) => {
          const draw = (c) => {
            const canvas = Object.assign(document.createElement('canvas'),
              {width: 40, height: 40});
            const pen = canvas.getContext('2d');
            pen.font = font.replace('11px', '28px');
            pen.fillText(c, 2, 30);
            return canvas.toDataURL();
          };
          const boxes = ['\\uffff', '\\u{10ffff}', '\\ue777'].map(draw).concat(draw(' '));
          return [...words].filter(c => boxes.includes(draw(c)));
        }""",
        [words, font],
    )


# --- a saved live map -------------------------------------------------------


def test_slider_by_keyboard(live, values):
    shown = live.inner_text("#shown")
    assert shown == str(values.year)
    fills = "() => [...document.querySelectorAll('path.leaflet-interactive')]"
    fills += ".map(p => p.getAttribute('fill')).join()"
    before = live.evaluate(fills)
    live.focus("#year")
    live.keyboard.press("Home")
    assert live.inner_text("#shown") != shown
    assert live.get_attribute("#year", "aria-valuetext") == live.inner_text("#shown")
    assert live.evaluate(fills) != before


def test_every_control_is_in_tab_order(live):
    live.focus("#year")
    reached = ["year"]
    for _ in range(4):
        live.keyboard.press("Tab")
        reached.append(live.evaluate("document.activeElement.id"))
    assert reached == ["year", "play", "selected", "language", "open"]


def test_colours_match_the_values(live, values):
    drawn = set(live.eval_on_selector_all("#selected option", "a => a.map(o => o.value)"))
    table = values.values()
    table = table[table["region_id"].isin(drawn)]  # one region has figures and no shape
    assert len(table) > 5
    plain = f"path.leaflet-interactive:not({HATCHED.removeprefix('path.leaflet-interactive')})"
    assert len(live.query_selector_all(plain)) == len(table)
    biggest = live.evaluate(
        "id => { courseLive.set({selected: id}); return document.querySelector('#readout').innerText }",
        table["region_id"].iloc[0],
    )
    assert f"{table['value'].iloc[0]:,.0f}" in biggest


def test_a_value_on_a_limit_has_the_colour_above(show, tmp_path):
    regions = course.LiveMap(area="far_east").values()["region_id"].head(7)
    rows = pd.DataFrame({"region_id": regions, "year": 2020, "value": range(-20, 50, 10)})
    made = course.LiveMap(rows, "far_east")
    page = show("limits.html", made.to_html(tmp_path / "m.html").read_text(encoding="utf-8"))
    page.wait_for_selector("path.leaflet-interactive", state="attached")
    fills = page.evaluate(
        f"""() => {{ const fills = {{}}; {MAP}.eachLayer(l => {{
          if (l.feature) fills[l.feature.properties.region_id] = l.options.fillColor; }});
          return fills; }}"""
    )
    colours = class_colours()  # the limits are -10, 0, 10, 20 and 30
    assert [fills[region] for region in regions] == [*colours, colours[-1]]
    assert page.get_attribute("#legend", "aria-label").startswith("< -10 · -10–0 · 0–10 · ")


def test_language_switch_changes_everything(live):
    seen = {}
    for language in ("en", "ru", "zh", "mn"):
        live.select_option("#language", language)
        live.wait_for_timeout(100)
        seen[language] = {
            "names": live.eval_on_selector_all("#selected option", "a => a.map(o => o.text)")[
                1:
            ],
            "labels": live.eval_on_selector_all(".name span", "a => a.map(o => o.innerText)"),
            "legend": live.inner_text("#legend"),
            "words": live.inner_text(".live-bar .wide span"),
            "note": live.inner_text(".leaflet-control-attribution"),
            "hint": live.inner_text("#readout"),
        }
        assert live.evaluate("document.documentElement.lang") == language
        ARTEFACTS.mkdir(exist_ok=True)
        live.screenshot(path=ARTEFACTS / f"page-live-{language}.png")
    for key in seen["en"]:
        assert len({str(s[key]) for s in seen.values()}) == 4, key
    text = "".join("".join(seen["ru"]["names"]) + "".join(seen["zh"]["names"]))
    assert any("а" <= c <= "я" for c in text) and any("一" <= c <= "龥" for c in text)


def test_no_empty_boxes_for_letters(live):
    words = "АБЖЯабжяӨҮөү中国黑龙江省人口哈尔滨無"
    assert boxes(live, words) == []
    assert boxes(live, "\U0010fffe") != [], "the check itself does not see boxes"


def test_region_by_list_and_by_click(live):
    ids = live.eval_on_selector_all("#selected option", "all => all.map(o => o.value)")
    chosen = ids[3]
    live.select_option("#selected", chosen)
    assert live.evaluate("courseLive.state.selected") == chosen
    assert live.inner_text("#selected option:checked") in live.inner_text("#readout")
    current = live.query_selector_all("path[aria-current=true]")
    name = live.inner_text("#selected option:checked")
    assert [c.get_attribute("aria-label").split(":")[0] for c in current] == [name]
    assert len(live.query_selector_all("path[stroke='#b3261e']")) == 1
    spot = live.evaluate(
        f"""() => {{ const map = {MAP}, box = map.getContainer().getBoundingClientRect();
          const p = map.latLngToContainerPoint([65, 128]);
          return [box.left + p.x, box.top + p.y]; }}"""
    )
    live.mouse.click(*spot)
    assert live.evaluate("courseLive.state.selected") == "RU-SA"
    assert live.input_value("#selected") == "RU-SA"


def test_tooltip_has_value_year_and_source(live):
    spot = live.evaluate(
        f"""() => {{ const map = {MAP}, box = map.getContainer().getBoundingClientRect();
          const p = map.latLngToContainerPoint([65, 128]);
          return [box.left + p.x, box.top + p.y]; }}"""
    )
    live.mouse.move(*spot)
    tip = live.wait_for_selector(".live-tip").inner_text()
    name, reading, source = tip.split("\n")
    assert name == "Sakha Republic (Yakutia)" and re.fullmatch(r"[\d,]+ persons", reading)
    year, publisher = source.split(" · ")
    assert year == live.inner_text("#shown")
    assert publisher in set(course.load("sources")["publisher"])


def test_region_without_a_value_is_hatched(live, values):
    years = live.evaluate("courseLive.choices.year")
    counts = {y: len(values.values(y)) for y in years}
    year = min(counts, key=counts.get)
    live.evaluate("y => courseLive.set({year: y})", year)
    hatched = live.query_selector_all(HATCHED)
    total = len(live.query_selector_all("path.leaflet-interactive"))
    assert len(hatched) == total - counts[year] > 0
    assert "no data" in live.inner_text("#legend")
    live.screenshot(path=ARTEFACTS / "page-no-data.png")


def test_chukotka_is_not_torn(live):
    wide = live.evaluate(
        f"""() => {{ const map = {MAP}; let found;
          map.eachLayer(l => {{ if (l.feature?.properties.region_id === 'RU-CHU')
            found = l.getBounds(); }});
          return [found.getWest(), found.getEast()]; }}"""
    )
    assert 150 < wide[0] < 170 and 185 < wide[1] < 192
    inner = live.evaluate(
        # no edge runs along 180 degrees inside the shape
        f"""() => {{ const map = {MAP}; let seam = 0;
          map.eachLayer(l => {{ if (l.feature?.properties.region_id === 'RU-CHU') {{
            const rings = l.getLatLngs().flat(Infinity);
            rings.forEach((p, k) => {{ const q = rings[k + 1];
              if (q && Math.abs(p.lng - 180) < .02 && Math.abs(q.lng - 180) < .02 &&
                Math.abs(p.lat - q.lat) > .3) seam++; }}); }} }});
          return seam; }}"""
    )
    assert inner == 0


def test_table_of_values(live, values):
    live.click("#open")
    rows = live.query_selector_all(".live-table tr:has(td)")
    assert len(rows) == len(live.query_selector_all("path.leaflet-interactive"))
    first = rows[0].inner_text()
    assert f"{values.values()['value'].max():,.0f}" in first


WISHES = [
    {"indicator": "mining_output"},  # lacks the year shown
    {"year": 2000},
    {"year": 2010, "indicator": "population"},
    {"indicator": "mining_output", "year": 2001, "selected": "RU-AMU"},
    {"language": "xx", "year": 1700, "selected": "RU-MOW"},
    {"language": "zh", "indicator": None, "year": "2010"},
    {"language": 5, "year": 2010.5, "selected": ""},
    {"year": True, "indicator": "population", "other": 1},
    {"year": None, "selected": None, "language": "toString"},
    {},
]


def test_page_and_kernel_agree_whatever_is_wished(show, tmp_path):
    kernel = course.LiveMap(["population", "mining_output"], "far_east", year=2020)
    names = ["year", "indicator", "language", "selected"]
    page = show("two.html", kernel.to_html(tmp_path / "m.html").read_text(encoding="utf-8"))
    page.wait_for_selector("path.leaflet-interactive", state="attached")
    page.evaluate("courseLive.onchange = (news) => { window.news = news }")
    for wish in WISHES:
        before = page.evaluate("({...courseLive.state})")
        state, news = page.evaluate(
            "w => { window.news = {}; courseLive.set(w); return [{...courseLive.state}, news] }",
            wish,
        )
        told = {k: state[k] for k in names if state[k] != wish.get(k, before[k])}
        assert told.items() <= news.items() <= state.items(), wish  # no wish is left unanswered
        with suppress(CourseError):  # the kernel refuses a message as a whole ...
            kernel.set_state({k: v for k, v in wish.items() if k in names})
        kernel.set_state(state)  # ... and takes what the page made of it as it is
        assert {k: getattr(kernel, k) for k in names} == state, wish
        assert page.inner_text("#shown") == str(kernel.year)
        assert set(kernel.values()["year"]) == {kernel.year}


def test_play_and_pause(live):
    live.evaluate("courseLive.set({year: courseLive.choices.year[0]})")  # far from its end
    live.click("#play")
    begin = live.inner_text("#shown")
    until(live, f"document.querySelector('#shown').value !== '{begin}'")
    live.click("#play")
    assert "Play" in live.inner_text("#play")


# --- folium layers on a saved map -------------------------------------------


@pytest.fixture(scope="module")
def layered(show):
    """A saved map with one of each layer the lessons use."""
    m = course.area_map("borderland", language="ru", alt="Map with one of each layer.")
    shapes = course.shapes("region_polygons")
    group = folium.FeatureGroup("круги").add_to(m)
    folium.CircleMarker([62, 130], radius=9, color="#b3261e", tooltip="Якутия").add_to(group)
    folium.Marker([43.1, 131.9], popup="Владивосток", tooltip="符拉迪沃斯托克").add_to(m)
    folium.Marker([52, 113.5], icon=folium.Icon(color="red")).add_to(m)
    folium.PolyLine([[45.8, 126.5], [48.5, 135.1]], tooltip="линия").add_to(m)
    cluster = MarkerCluster(name="порты").add_to(m)
    for step in range(8):
        folium.Marker([66 + step / 50, 100 + step / 50]).add_to(cluster)
    table = shapes.table.assign(value=range(len(shapes["features"])))
    folium.Choropleth(
        shapes,
        data=table,
        columns=["region_id", "value"],
        key_on="feature.properties.region_id",
        legend_name="человек 人口",
        name="цвета",
    ).add_to(m)
    tip = folium.GeoJsonTooltip(["name_en"], aliases=["Region"])
    hidden = {"fillOpacity": 0, "weight": 0}
    folium.GeoJson(shapes, tooltip=tip, style_function=lambda f: hidden).add_to(m)
    group.add_to(m)
    folium.LayerControl(collapsed=False).add_to(m)
    page = show("layers.html", m.get_root().render())
    page.wait_for_selector(".leaflet-container path", state="attached")
    page.screenshot(path=ARTEFACTS / "page-layers.png")
    return page


def at(page, lat, lon):
    """Where a place is on the screen."""
    return page.evaluate(
        f"""([lat, lon]) => {{ const map = {MAP}, box = map.getContainer().getBoundingClientRect();
          const p = map.latLngToContainerPoint([lat, lon]);
          return [box.left + p.x, box.top + p.y]; }}""",
        [lat, lon],
    )


def test_markers_popups_and_tooltips(layered):
    assert layered.query_selector(".course-pin svg"), "folium.Icon"
    assert layered.query_selector("img.leaflet-marker-icon").evaluate("i => i.naturalWidth") > 0
    x, y = at(layered, 43.1, 131.9)
    layered.mouse.move(x, y - 15)
    assert "符拉迪沃斯托克" in layered.wait_for_selector(".leaflet-tooltip").inner_text()
    layered.mouse.click(x, y - 15)
    assert "Владивосток" in layered.wait_for_selector(".leaflet-popup").inner_text()
    until(layered, f"!{MAP}._panAnim?._inProgress")  # it makes room for the popup
    layered.click(".leaflet-popup-close-button")
    layered.wait_for_selector(".leaflet-popup", state="detached")


def test_cluster_legend_and_line(layered):
    assert layered.inner_text(".marker-cluster") == "8"
    assert "человек 人口" in layered.inner_text(".legend")
    assert len(layered.query_selector_all(".legend .tick")) >= 3
    assert boxes(layered, "человек人口") == []
    assert layered.query_selector("path[stroke='#3388ff']"), "PolyLine"


def test_geojson_tooltip(layered):
    layered.mouse.move(*at(layered, 66, 150))
    layered.mouse.move(*at(layered, 66.2, 150.5))
    until(
        layered,
        "[...document.querySelectorAll('.leaflet-tooltip')].some(t => t.innerText.includes('Region'))",
    )


def test_layer_control_switches_a_layer(layered):
    circles = "path[stroke='#b3261e']"
    before = len(layered.query_selector_all(circles))
    box = layered.query_selector(".leaflet-control-layers label:has-text('круги') input")
    assert before == 1 and box
    box.click()
    assert len(layered.query_selector_all(circles)) == 0
    box.click()
    assert len(layered.query_selector_all(circles)) == 1


def test_labels_do_not_cover_each_other(layered):
    drawn = layered.eval_on_selector_all(
        ".name span",
        "all => all.map(e => { const r = e.getBoundingClientRect(); return"
        " [e.innerText, r.left, r.top, r.right, r.bottom]; })",
    )
    assert len(drawn) > 5
    over = [
        (a[0], b[0])
        for k, a in enumerate(drawn)
        for b in drawn[:k]
        if a[1] < b[3] and a[3] > b[1] and a[2] < b[4] and a[4] > b[2]
    ]
    assert over == []


def test_dragging_by_keyboard(layered):
    centre = f"(() => {{ const c = {MAP}.getCenter(); return [c.lat, c.lng] }})()"
    before = layered.evaluate(centre)
    layered.focus(".leaflet-container")
    layered.keyboard.press("ArrowRight")
    until(layered, f"{centre}[1] > {before[1]}")


# --- exports ----------------------------------------------------------------


@pytest.fixture(scope="module")
def exported(tmp_path_factory, server):
    """A notebook with a map and a live map, run and turned into a page."""
    cells = (
        'import course\ncourse.area_map("heilongjiang", language="zh")',
        'course.LiveMap("population", area="far_east")',
    )
    book = nbformat.reads(json.dumps(notebook(*cells)), as_version=4)
    NotebookClient(book, timeout=300, startup_timeout=300, kernel_name="python3").execute()
    book.metadata.pop("widgets", None)
    return book


def test_exported_notebook(show, exported, guard):
    html, _ = HTMLExporter().from_notebook_node(exported)
    page = show("exported.html", html)
    frames = page.query_selector_all("iframe")
    assert len(frames) == 2
    for frame in frames:
        frame.scroll_into_view_if_needed()
        frame.content_frame().wait_for_selector(".leaflet-container path", state="attached")
    live = frames[1].content_frame()
    year = live.inner_text("#shown")
    live.focus("#year")
    page.keyboard.press("ArrowLeft")
    until(live, f"document.querySelector('#shown').value !== '{year}'")
    page.screenshot(path=ARTEFACTS / "page-exported.png")
    found = guard.found()
    assert [u for u in found.pop("outside", []) if not any(n in u for n in EXPORT)] == []
    # what the template's own scripts say when they are not there
    for kind in ("console", "errors"):
        words = "ERR_FAILED", "require is not defined", "MathJax is not defined"
        found[kind] = [e for e in found.get(kind, []) if not any(w in e for w in words)]
    assert not any(found.values()), found


def test_a_long_tooltip_stays_on_the_map(show):
    m = course.area_map("heilongjiang", alt="A circle with a long tooltip, and nothing else.")
    titles = "; ".join(["A bridge over the river opens to freight"] * 8)
    folium.CircleMarker([50.25, 127.5], radius=9, color="#b3261e", tooltip=titles).add_to(m)
    page = show("tip.html", m.get_root().render())
    page.wait_for_selector("path[stroke='#b3261e']")
    x, y = at(page, 50.25, 127.5)
    page.mouse.move(x + 9, y)
    box = page.wait_for_selector(".leaflet-tooltip").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]
    assert box["height"] > 60


def test_words_cannot_break_a_live_map(show, tmp_path):
    title = "<!--<script>"  # after these a browser does not see the script's end
    rows = course.LiveMap("population", "far_east").values()
    made = course.LiveMap(rows, "far_east", title=title)
    page = show("words.html", made.to_html(tmp_path / "m.html").read_text(encoding="utf-8"))
    page.wait_for_selector("path.leaflet-interactive", state="attached")
    assert page.inner_text("#title").startswith(title)


def test_a_socket_to_the_outside_is_seen(show, guard):
    page = show("socket.html", "<!doctype html><title>socket</title>")
    page.evaluate(
        "() => new Promise(done => { new WebSocket('ws://outside.invalid/x').onclose = done })"
    )
    found = guard.found()
    assert found.pop("outside") == ["ws://outside.invalid/x"]
    assert [e for e in found.pop("console") if "outside.invalid" not in e] == []
    assert found == {}


def test_plugin_without_scripts_says_so(show, guard):
    m = course.area_map("far_east")
    LocateControl().add_to(m)
    page = show("refused.html", f"<!doctype html><meta charset=utf-8>{m._repr_html_()}")
    words = page.inner_text("[role=alert]")
    assert "No map" in words and "folium.Marker" in words
    assert page.query_selector("iframe") is None


# --- inside JupyterLab ------------------------------------------------------

LINKED = """
import ipywidgets, course
from IPython.display import display
live = course.LiveMap("population", area="far_east", year=2015, height=420)
slider = ipywidgets.IntSlider(min=2010, max=2020, value=2015, description="Year")
ipywidgets.jslink((slider, "value"), (live, "year"))
words = ipywidgets.HTML("nothing yet")
def show(change):
    words.value = f"<b>{change['new']}</b> seen by Python in {live.year}"
live.observe(show, "selected")
words.add_class("told")
ipywidgets.VBox([slider, live, words])
"""


def boxed(lab, selector):
    """The frame of a live map inside another widget, whose output holds no page."""
    for _ in range(30):  # the frame may be put into the page anew, and is another then
        frame = lab.page.wait_for_selector(".jp-OutputArea iframe", state="attached")
        frame.scroll_into_view_if_needed()
        inside = frame.content_frame()
        try:
            inside.wait_for_selector(selector, timeout=1000)
        except TimeoutError:
            continue
        return inside
    pytest.fail(f"no frame with {selector}")


@pytest.fixture(scope="module")
def linked(lab, server):
    """A live map beside a slider and an observer, in JupyterLab."""
    lab.open(write(server.folder, "linked.ipynb", LINKED))
    assert lab.run_all() == []
    inside = boxed(lab, "#shown")
    yield lab, inside
    lab.close()


def test_slider_of_jupyter_moves_the_map(linked):
    lab, inside = linked
    lab.page.focus(".noUi-handle")
    lab.page.keyboard.press("ArrowRight")
    until(inside, "document.querySelector('#shown').value === '2016'")
    inside.focus("#year")
    lab.page.keyboard.press("ArrowLeft")
    lab.page.wait_for_function("document.querySelector('.widget-readout').innerText === '2015'")


def test_click_on_a_region_reaches_python(linked):
    lab, inside = linked
    frame = inside.frame_element()
    for _ in range(60):  # while the notebook still moves, a click may meet what was there
        frame.scroll_into_view_if_needed()
        box = frame.bounding_box()
        x, y = at(inside, 65, 128)
        lab.page.mouse.click(box["x"] + x, box["y"] + y)
        lab.page.wait_for_timeout(500)
        if inside.input_value("#selected") == "RU-SA":
            break
    lab.page.wait_for_function(
        "document.querySelector('.told').innerText.includes('RU-SA seen by Python in 2015')"
    )


def test_python_changes_the_map(linked):
    lab, inside = linked
    lab.page.evaluate(
        """async () => {
          const panel = jupyterapp.shell.currentWidget;
          const kernel = panel.sessionContext.session.kernel;
          await kernel.requestExecute({code:
            'live.language = "zh"; live.year = 2012; live.selected = "RU-AMU"'}).done;
        }"""
    )
    parts = "['shown', 'language', 'selected'].map(id => document.getElementById(id).value)"
    soon(lab.page, lambda: inside.evaluate(parts), ["2012", "zh", "RU-AMU"])
    lab.page.wait_for_function("document.querySelector('.told').innerText.includes('RU-AMU')")


REFUSED = """
import ipywidgets, course
from folium.plugins import LocateControl
live = course.LiveMap("population", area="far_east", height=420)
LocateControl().add_to(live.map)
ipywidgets.VBox([live])
"""


def test_a_live_map_inside_a_box_tells_of_a_plugin_without_scripts(lab, server):
    lab.open(write(server.folder, "refused.ipynb", REFUSED))
    assert lab.run_all() == []
    words = lab.page.wait_for_selector(".jp-OutputArea [role=alert]").inner_text()
    assert "No map" in words and "folium.Marker" in words
    lab.close()


def test_untrusted_notebook_keeps_the_words(lab, server):
    cell = 'import course\ncourse.area_map("far_east", alt="The map that nobody trusts yet.")'
    made = notebook(cell)
    html = course.area_map("far_east", alt="The map that nobody trusts yet.")._repr_html_()
    made["cells"][0] |= {
        "execution_count": 1,
        "outputs": [
            {
                "output_type": "execute_result",
                "execution_count": 1,
                "metadata": {},
                "data": {"text/html": html, "text/plain": "map"},
            }
        ],
    }
    path = server.folder / "untrusted.ipynb"
    path.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    lab.open(path.name)
    words = lab.page.wait_for_selector(".jp-OutputArea figcaption").inner_text()
    assert "The map that nobody trusts yet." in words and "Trust Notebook" in words
    assert lab.page.query_selector(".jp-OutputArea iframe[srcdoc]") is None
    lab.close()
