"""The frame around a map: what cannot get out of it, what stands for it, what is said beside it."""

import json

import folium
import nbformat
import pytest
from branca.colormap import LinearColormap
from folium import plugins
from lab import notebook, soon
from nbclient import NotebookClient
from nbconvert import HTMLExporter

import course
from course.maps.offline import squeeze

MAP = "window[document.querySelector('.folium-map').id]"
ODD = (
    "`a` ${1/0} {{ 7*7 }} {% x %} {# y #} </script> \\ \\n ' \" \u2028 <!-- <x> & < 5 "
    "<img src=x onerror=hit()> Ж 江"
)
SQUARE = {
    "type": "Feature",
    "properties": {"name": ODD, "more": {"deep": ODD}, "number": 1234.5},
    "geometry": {"type": "Polygon", "coordinates": [[[120, 50], [130, 50], [130, 60]]]},
}
SAID = f"""() => {{
  const said = [], add = (overlay) => said.push(overlay.getElement().innerText);
  {MAP}.eachLayer((layer) => {{
    if (layer.getTooltip?.()) {{ layer.openTooltip(); add(layer.getTooltip()); }}
    if (layer.getPopup?.()) {{ layer.openPopup(); add(layer.getPopup()); }}
  }});
  return said.concat([...document.querySelectorAll(".leaflet-control-layers label")].map(
    (label) => label.innerText));
}}"""


def spoken(text):
    """A text as a page shows it: runs of white space are one space."""
    return " ".join(text.split())


@pytest.fixture
def show(context, guard, tmp_path):
    """Open a page from disk."""
    page = context.new_page()

    def opened(html):
        path = tmp_path / "page.html"
        path.write_text(html, encoding="utf-8")
        guard.pages.add(path.as_uri())
        page.goto(path.as_uri())
        return page

    yield opened
    page.close()


def drawn(page):
    """The page of a map, once it is drawn."""
    page.wait_for_selector(".leaflet-container path", state="attached")
    return page


def test_any_text_is_drawn_as_it_is(show):
    m = course.area_map("far_east", alt=ODD, caption=ODD)
    group = folium.FeatureGroup(ODD).add_to(m)
    folium.Marker([60, 140], popup=ODD, tooltip=ODD).add_to(group)
    folium.Marker([62, 140], popup=folium.Popup(ODD, parse_html=True)).add_to(m)
    tip = folium.GeoJsonTooltip(
        ["name", "more", "number"], aliases=[ODD, "more", "n"], localize=True
    )
    shapes = {"type": "FeatureCollection", "features": [SQUARE]}
    folium.GeoJson(shapes, tooltip=tip, popup=folium.GeoJsonPopup(["name"])).add_to(m)
    LinearColormap(["red", "blue"], caption=ODD).add_to(m)
    folium.LayerControl().add_to(m)
    page = drawn(show(m.get_root().render()))
    assert spoken(page.title()) == spoken(ODD)
    assert page.get_attribute(".leaflet-container", "aria-label") == ODD
    said = [spoken(text) for text in page.evaluate(SAID)]
    holding = [text for text in said if spoken(ODD) in text]
    assert len(holding) == 6 and any("n 1,234.5" in text for text in holding), said
    assert spoken(page.text_content(".legend .caption")) == spoken(ODD)


def test_plain_tags_stay_and_html_can_be_asked_for(show):
    m = course.area_map("far_east")
    folium.Marker([60, 140], popup="<b>Port</b><br>5 &lt; 7 t", tooltip="<i>Чита</i>").add_to(m)
    html = folium.Element("<div><img alt=asked src='data:,'></div>")
    folium.Marker([60, 141], popup=folium.Popup(html)).add_to(m)
    page = drawn(show(m.get_root().render()))
    assert [spoken(text) for text in page.evaluate(SAID)][:2] == ["Чита", "Port 5 < 7 t ×"]
    assert page.query_selector(".leaflet-popup img[alt=asked]")


ATTACK = (
    "<b onmouseover='parent.hit=window.hit=1' onclick='hit=1'>b</b>"
    "<a href='javascript:window.hit=1'>a</a><p><script>window.hit=1</script>"
    "<img src=x onerror='window.hit=1'><svg onload='window.hit=1'>"
)


def test_code_in_texts_and_html_does_not_run(show, guard):
    m = course.area_map("far_east", alt=ATTACK, caption=ATTACK)
    folium.Marker([60, 140], popup=ATTACK, tooltip=ATTACK).add_to(m)
    asked = folium.Popup(folium.Element(f"<div>{ATTACK}</div>".replace("</script>", "")))
    folium.Marker([61, 140], popup=asked, icon=folium.DivIcon(ATTACK)).add_to(m)
    control = f"{MAP}.attributionControl.addAttribution"
    page = show(m._repr_html_())
    inside = drawn(page.wait_for_selector("iframe").content_frame())
    inside.evaluate(f"text => {{ {control}(text) }}", ATTACK)
    inside.evaluate(SAID)
    for part in inside.query_selector_all("b, a[href^=javascript]"):
        part.dispatch_event("mouseover")
        part.evaluate("part => part.click()")
    assert inside.evaluate("window.hit") is None and page.evaluate("window.hit") is None
    refused = guard.found().pop("console")
    refusals = ("Content Security Policy", "Not allowed to load local resource")
    assert refused and all(any(r in words for r in refusals) for words in refused)


# what a script in a map may try -> it never gets this far
REACHES = {
    "cookie": "document.cookie",
    "storage": "localStorage.length",
    "parent": "parent.document.title",
    "config": "parent.document.getElementById('jupyter-config-data').textContent",
    "own frame": "window.frameElement.title",
    "a window": "await new Promise((f, no) => { const w = open('/api/status'); setTimeout(() =>"
    " { try { f(w.document.body.innerText) } catch { no() } finally { w.close() } }, 2000); })",
    "page": "(top.location = 'about:blank', await new Promise((f) => setTimeout(f, 500)), 1)",
    "contents": "await fetch('/api/contents').then((answer) => answer.text())",
    "socket": "await new Promise((f, no) => { const s = new WebSocket('ws://outside.invalid');"
    " s.onopen = f; s.onerror = no; })",
    "picture": "await new Promise((f, no) => { const i = new Image(); i.onload = f;"
    " i.onerror = no; i.src = 'http://outside.invalid/x.png'; })",
    "beacon": "(navigator.sendBeacon('http://outside.invalid/'), no())",
    "outside": "await fetch('http://outside.invalid/').then((answer) => answer.text())",
}
TRY = """async () => {{
  const way = async () => {{ const got = {}; return `got ${{got}}`; }};
  const late = new Promise((end) => setTimeout(end, 3000, null));
  return Promise.race([way().catch(() => null), late]);
}}"""


def test_a_script_in_a_map_reaches_neither_jupyter_nor_the_network(lab, server, guard):
    opened(lab, server, course.area_map("far_east"), trusted=True)
    inside = drawn(lab.page.wait_for_selector(".course-map iframe").content_frame())
    address = lab.page.url
    for name, way in REACHES.items():
        assert inside.evaluate(TRY.format(way)) is None, name
    assert lab.page.url == address
    found = guard.found()
    assert all(words.endswith(": csp") for words in found.pop("failed", []))
    assert set(found) == {"console"}, found
    lab.close()


def test_a_saved_page_reads_nothing_beside_it(show, tmp_path, guard):
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    guard.pages.add((tmp_path / "secret.txt").as_uri())
    page = drawn(show(course.area_map("far_east").get_root().render()))
    for way in (
        "await fetch('secret.txt').then((answer) => answer.text())",
        "await new Promise((f, no) => { const x = new XMLHttpRequest(); x.onload = f; "
        "x.onerror = no; x.open('GET', 'secret.txt'); x.send(); })",
        REACHES["picture"].replace("http://outside.invalid/x.png", "secret.txt"),
        REACHES["outside"],
    ):
        assert page.evaluate(TRY.format(way)) is None, way
    found = guard.found()
    assert all(words.endswith(": csp") for words in found.pop("failed"))
    assert set(found) == {"console"}


def test_tiles_may_be_fetched_and_nothing_else_changes(show, guard):
    m = course.area_map("far_east", tiles="OpenStreetMap")
    page = show(m.get_root().render())
    page.wait_for_selector(".leaflet-tile", state="attached")
    soon(page, lambda: bool(guard.outside), True)
    page.wait_for_timeout(300)
    asked = guard.found()["outside"]
    assert all("tile.openstreetmap.org" in url for url in asked)


def test_a_page_that_cannot_be_unpacked_says_so(show):
    page = show("<!doctype html><title>old</title>")
    page.add_init_script("delete window.DecompressionStream")
    page = show(squeeze(course.area_map("far_east").get_root().render()))
    assert "newer browser" in page.wait_for_selector("p:not([hidden])").inner_text()
    assert "Trust" not in page.inner_text("body")


def broken():
    return plugins.Search(folium.FeatureGroup("a"), placeholder="Who's there?")


@pytest.mark.parametrize("packed", [str, squeeze])
@pytest.mark.parametrize(("added", "told"), [(broken, 1), (plugins.Fullscreen, 0)])
def test_a_page_whose_script_fails_says_so(show, guard, packed, added, told):
    m = course.area_map("far_east")
    added().add_to(m)
    page = show(packed(m.get_root().render()))
    page.wait_for_load_state()
    page.wait_for_selector(
        "[role=alert]" if told else ".leaflet-container path", state="attached"
    )
    assert page.locator("[role=alert]").count() == told
    if told:
        assert "added last" in page.inner_text("[role=alert]")
        assert len(guard.found()["errors"]) == 1


# --- the picture that stands for a map ---------------------------------------


def opened(lab, server, m, *, trusted):
    """Open a notebook that holds a map shown before; nothing is run."""
    made = notebook("1" if trusted else "2")
    data = {"text/html": m._repr_html_(), "text/plain": repr(m)}
    result = {"output_type": "execute_result", "execution_count": 1, "metadata": {}}
    made["cells"][0] |= {"execution_count": 1, "outputs": [result | {"data": data}]}
    path = server.folder / "opened.ipynb"
    path.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    lab.open(path.name)
    if trusted:
        trust(lab.page)


def trust(page):
    """Trust the notebook as the advice below a map says."""
    page.click(".lm-MenuBar-item:has-text('View')")
    page.click(".lm-Menu-item:has-text('Activate Command Palette')")
    page.fill(".lm-CommandPalette-input", "trust notebook")
    page.click(".lm-CommandPalette-item:has-text('Trust Notebook')")
    page.click(".jp-Dialog button.jp-mod-accept, .jp-Dialog button.jp-mod-warn")


def test_an_untrusted_notebook_shows_the_picture_and_trusting_brings_the_map(lab, server):
    opened(lab, server, course.area_map("far_east", alt="Nobody trusts it yet."), trusted=False)
    words = lab.page.wait_for_selector(".course-map figcaption").inner_text()
    assert "Nobody trusts it yet." in words
    assert "View › Activate Command Palette › Trust Notebook" in words
    image = lab.page.wait_for_selector(".course-map img")
    assert image.evaluate("i => i.decode().then(() => i.naturalWidth)") > 300
    assert image.get_attribute("alt") == "Nobody trusts it yet."
    assert lab.page.query_selector(".course-map iframe") is None
    trust(lab.page)
    drawn(lab.page.wait_for_selector(".course-map iframe").content_frame())
    assert not lab.page.is_visible(".course-map img")
    assert "Trust Notebook" not in lab.page.inner_text(".course-map figcaption")
    lab.close()


CELLS = [
    "import course, folium",
    "course.area_map('far_east', language='ru')",
    "m = course.area_map('heilongjiang')\n"
    "shapes = course.shapes('region_polygons')\n"
    "rows = [[s['properties']['region_id'], n] for n, s in enumerate(shapes['features'])]\n"
    "folium.Choropleth(shapes, data=dict(rows), key_on='feature.properties.region_id',\n"
    "                  legend_name='a number per region').add_to(m)\n"
    "m",
]


def test_an_export_draws_its_maps_and_prints_their_pictures(show, guard):
    book = nbformat.from_dict(notebook(*CELLS))
    NotebookClient(book, timeout=300, startup_timeout=300).execute()
    exporter = HTMLExporter(exclude_input=True)
    exporter.require_js_url = exporter.jquery_url = exporter.mathjax_url = ""
    page = show(exporter.from_notebook_node(book)[0])
    frames = page.query_selector_all(".course-map iframe")
    assert len(frames) == 2
    for frame in frames:
        frame.scroll_into_view_if_needed()
        drawn(frame.content_frame())
    page.emulate_media(media="print")
    images = page.query_selector_all(".course-map img")
    sizes = [image.evaluate("i => [i.naturalWidth, i.clientWidth]") for image in images]
    assert len(sizes) == 2 and all(min(size) > 300 for size in sizes), sizes
    assert not any(frame.is_visible() for frame in frames)
    assert page.pdf().count(b"/Type /Page\n") >= 1
    page.emulate_media(media="screen")
    found = guard.found()
    assert all("mermaid" in url or "mathjax" in url for url in found.pop("outside", []))


def test_where_no_script_runs_the_picture_shows(context, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(course.area_map("far_east")._repr_html_(), encoding="utf-8")
    with_none = context.browser.new_context(java_script_enabled=False)
    page = with_none.new_page()
    page.goto(path.as_uri())
    assert page.is_visible(".course-map img") and not page.is_visible(".course-map iframe")
    with_none.close()


def test_words_can_be_read_in_a_theme_that_colours_some_of_them(show):
    """As Jupyter Book 1 does when it is dark: light boxes, captions and heads for dark ones."""
    figures = [course.area_map("far_east"), course.table(course.load("regions").head(2))]
    page = show(
        "<!doctype html><style>:root { color-scheme: dark } figure figcaption { color: #9ca4af }"
        " div { background: #ced6dd; color: #222832 }</style>"
        + "".join(f"<div>{made._repr_html_()}</div>" for made in figures)
    )
    colour = "e => getComputedStyle(e).color"
    assert page.eval_on_selector("figcaption", colour) == "rgb(34, 40, 50)"
    assert page.eval_on_selector("th", colour) == "rgb(255, 255, 255)"
    assert page.eval_on_selector("th", colour.replace("color", "backgroundColor")) == (
        "rgb(18, 18, 18)"
    )
