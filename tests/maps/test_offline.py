"""Pages that need no network: everything folium draws in the lessons, and what it cannot."""

import io
import json
import os
import re
from pathlib import Path

import folium
import pytest
from branca.colormap import LinearColormap
from folium import plugins
from hypothesis import given
from hypothesis import strategies as st

import course
from course.errors import CourseError
from course.maps import offline

AT = [48.48, 135.08]
SQUARE = {
    "type": "Feature",
    "properties": {"id": "a", "name": "Амур <b>"},
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[130, 45], [131, 45], [131, 46], [130, 46], [130, 45]]],
    },
}
SHAPES = {"type": "FeatureCollection", "features": [SQUARE]}


def grouped(m):
    group = folium.FeatureGroup("Ports").add_to(m)
    folium.CircleMarker(AT).add_to(group)
    folium.LayerControl().add_to(m)


def popup_with_html(m):
    folium.Marker(AT, popup=folium.Popup("<b>Хабаровск</b>", max_width=200)).add_to(m)


def choropleth(m):
    folium.Choropleth(SHAPES, data={"a": 3, "b": 9}, key_on="feature.properties.id").add_to(m)


def cluster(m):
    folium.Marker(AT).add_to(plugins.MarkerCluster().add_to(m))


def tooltip(m):
    folium.GeoJson(SHAPES, tooltip=folium.GeoJsonTooltip(["name"])).add_to(m)


def geojson_popup(m):
    folium.GeoJson(SHAPES, popup=folium.GeoJsonPopup(["name"])).add_to(m)


# layer -> the scripts beside Leaflet that it needs
LAYERS = {
    "nothing": (lambda m: None, set()),
    "GeoJson": (lambda m: folium.GeoJson(SHAPES).add_to(m), set()),
    "Choropleth": (choropleth, {"d3"}),
    "Marker": (lambda m: folium.Marker(AT).add_to(m), set()),
    "Icon": (lambda m: folium.Marker(AT, icon=folium.Icon("red")).add_to(m), {"pin"}),
    "DivIcon": (lambda m: folium.Marker(AT, icon=folium.DivIcon("<b>1</b>")).add_to(m), set()),
    "CircleMarker": (lambda m: folium.CircleMarker(AT).add_to(m), set()),
    "Circle": (lambda m: folium.Circle(AT, radius=5).add_to(m), set()),
    "PolyLine": (lambda m: folium.PolyLine([AT, [43, 131]]).add_to(m), set()),
    "Polygon": (lambda m: folium.Polygon([AT, [43, 131], [44, 130]]).add_to(m), set()),
    "Rectangle": (lambda m: folium.Rectangle([AT, [43, 131]]).add_to(m), set()),
    "Popup": (popup_with_html, {"jquery"}),
    "Tooltip": (lambda m: folium.Marker(AT, tooltip="哈巴罗夫斯克").add_to(m), set()),
    "FeatureGroup, LayerControl": (grouped, set()),
    "GeoJsonTooltip": (tooltip, set()),
    "GeoJsonPopup": (geojson_popup, set()),
    "MarkerCluster": (cluster, {"cluster"}),
    "FastMarkerCluster": (lambda m: plugins.FastMarkerCluster([AT]).add_to(m), {"cluster"}),
    "ColorMap": (lambda m: LinearColormap(["red", "blue"]).add_to(m), {"d3"}),
    "LatLngPopup": (lambda m: m.add_child(folium.LatLngPopup()), set()),
}
# what a script defines: (words in its own code, words in a page that uses it)
SCRIPTS = {
    "leaflet": (r"L\.Icon\.Default\.mergeOptions\(\{iconUrl", r"L\.map\("),
    "jquery": (r"jQuery v3|jQuery requires a window", r"\$\(|jQuery"),
    "d3": (r"d3 = \{|version: \"3\.5", r"\bd3\.(?:scale|select|svg)"),
    "cluster": (r"L\.MarkerClusterGroup *=|MarkerClusterGroup=", r"L\.markerClusterGroup\("),
    "pin": (r"L\.AwesomeMarkers = \{", r"L\.AwesomeMarkers\.icon"),
}
LINK = re.compile(r"""<(?:script|link|img|iframe|a)\b[^>]*?\b(?:src|href)\s*=\s*["']([^"']*)""")


def drawn(layer):
    """An offline map with one kind of layer."""
    m = course.area_map("far_east")
    LAYERS[layer][0](m)
    return m


def scripts(page):
    """A page's scripts: those of libraries joined, and those folium wrote."""
    found = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    libraries = {n for n, (own, _) in SCRIPTS.items() if any(re.search(own, s) for s in found)}
    return libraries, found[-1]


@pytest.mark.parametrize("layer", LAYERS)
def test_layer_asks_nothing_of_the_network(layer):
    page = drawn(layer).get_root().render()
    fetched = re.findall(r"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)\s*=[^>]*>", page)
    outside = [t[:120] for t in fetched if not re.search(r"""(?:src|href)=["']?data:""", t)]
    assert outside == []
    assert not re.search(
        r"url\(['\"]?(?!data:|#|['\"])", re.sub(r"(?s)<script.*?</script>", "", page)
    )
    assert "tileLayer(" not in scripts(page)[1]


@pytest.mark.parametrize("layer", LAYERS)
def test_every_global_a_layer_uses_is_in_the_page(layer):
    libraries, own = scripts(drawn(layer).get_root().render())
    needed = {name for name, (_, use) in SCRIPTS.items() if re.search(use, own)}
    assert "leaflet" in needed
    assert needed <= libraries
    assert LAYERS[layer][1] <= libraries


def test_a_script_no_layer_needs_stays_out():
    libraries, _ = scripts(drawn("CircleMarker").get_root().render())
    assert libraries == {"leaflet"}


@pytest.mark.parametrize("layer", LAYERS)
def test_rendering_twice_gives_the_same(layer):
    m = drawn(layer)
    assert m.get_root().render() == m.get_root().render()


def test_layers_added_after_a_first_look_get_their_scripts():
    m = drawn("CircleMarker")
    before = scripts(m.get_root().render())[0]
    LAYERS["Popup"][0](m)
    LAYERS["Icon"][0](m)
    LAYERS["MarkerCluster"][0](m)
    after = scripts(m.get_root().render())[0]
    assert after - before == {"jquery", "pin", "cluster"}


@pytest.mark.parametrize("layer", LAYERS)
def test_saved_page_is_small_and_whole(layer, tmp_path):
    m = drawn(layer)
    m.save(tmp_path / "m.html")
    saved = (tmp_path / "m.html").read_bytes()
    assert 150_000 < len(saved) < 1_000_000
    assert saved.decode("utf-8").rstrip().endswith("</html>")


def test_saving_takes_what_folium_takes(tmp_path):
    m = drawn("Marker")
    page = m.get_root().render()
    m.save(str(tmp_path / "a.html"))
    m.save(outfile=tmp_path / "b.html")
    buffer = io.BytesIO()
    m.save(buffer, close_file=False)
    written = [(tmp_path / f"{n}.html").read_bytes() for n in "ab"]
    assert [*written, buffer.getvalue()] == [page.encode("utf-8")] * 3


def test_saving_where_nothing_can_be_written(tmp_path):
    with pytest.raises(CourseError, match="Choose a folder that exists"):
        drawn("Marker").save(tmp_path / "no" / "m.html")


class Full:
    """A file on a full disk."""

    def __init__(self, file):
        self.file = file

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, content):
        self.file.write(content[:10])
        raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_the_old_page(tmp_path, monkeypatch):
    path = tmp_path / "m.html"
    path.write_text("yesterday's map", encoding="utf-8")
    opened = Path.open
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", lambda self, *a, **k: Full(opened(self, *a, **k)))
        with pytest.raises(CourseError, match="No space left"):
            offline.write_page(path, "today's map")
    assert path.read_text(encoding="utf-8") == "yesterday's map"
    assert list(tmp_path.iterdir()) == [path]  # and no half page beside it


def test_words_that_cannot_be_written_leave_the_old_page(tmp_path):
    path = tmp_path / "m.html"
    path.write_text("yesterday's map", encoding="utf-8")
    with pytest.raises(CourseError, match="cannot be saved"):
        offline.write_page(path, "half an emoji: \ud83c")
    assert path.read_text(encoding="utf-8") == "yesterday's map"


def test_a_page_is_written_over_the_old_one(tmp_path):
    path = tmp_path / "карта.html"
    assert offline.write_page(path, "one\r\n") == path
    offline.write_page(str(path), "two\n")
    assert path.read_bytes() == b"two\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_page_keeps_its_permissions_and_links(tmp_path):
    plain, path, link = (tmp_path / name for name in ("p", "m.html", "link.html"))
    plain.write_text("x", encoding="utf-8")
    offline.write_page(path, "one")
    assert path.stat().st_mode == plain.stat().st_mode
    path.chmod(0o640)
    link.symlink_to(path)
    offline.write_page(link, "two")
    assert link.is_symlink() and path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o640
    with pytest.raises(CourseError, match="Choose a folder"):
        offline.write_page(tmp_path, "a folder is no page")


def test_a_page_may_go_into_a_device():
    offline.write_page(os.devnull, "x")
    assert not Path(os.devnull).is_file()


def test_page_in_a_notebook_is_a_third_and_speaks():
    m = drawn("Choropleth")
    shown, page = m._repr_html_(), m.get_root().render()
    assert len(shown) < 300_000
    assert len(shown) < len(page) / 1.5
    assert 'title="Map of the Russian Far East."' in shown
    assert "Trust Notebook" in shown


def test_squeezed_page_unpacks_to_itself():
    page = "<html>Хабаровск 哈尔滨 \U0001f30f</html>" * 50
    packed = re.search(r'atob\("([^"]+)"', offline.squeeze(page))[1]
    assert offline.gzip.decompress(offline.base64.b64decode(packed)).decode() == page
    assert offline.squeeze(page) == offline.squeeze(page)


def test_words_around_a_map_are_escaped():
    html = offline.frame_html("<p>", 'say "<hi>" & go', "300px", "<i>note</i>")
    assert 'title="say &quot;&lt;hi&gt;&quot; &amp; go"' in html
    assert "<hi>" not in html
    assert "<i>note</i>" in html
    assert '<figure style="margin:0" aria-label="say &quot;&lt;hi&gt;&quot; &amp; go">' in html


def test_a_map_brings_no_id_into_the_notebook():
    # another kernel would count from one again: the same id twice, and the wrong words
    html = offline.frame_html("<p>", "x", "300px")
    assert not re.search(r"\bid=|aria-labelledby", html)
    assert html == offline.frame_html("<p>", "x", "300px")


@given(st.recursive(st.text('<>!-/scriptSCRIPT &\u2028я"\\'), st.lists, max_leaves=5))
def test_no_word_ends_the_script_or_hides_its_end(content):
    packed = offline.script_json(content)
    assert "<" not in packed
    assert json.loads(packed) == content


def test_readers_may_zoom_the_page():
    page = drawn("nothing").get_root().render()
    viewport = re.search(r'<meta name="viewport"\s+content="([^"]*)"', page)[1]
    assert "user-scalable" not in viewport and "maximum-scale" not in viewport
    assert page.count('<html lang="en">') == 1


# --- what no installed package holds ----------------------------------------

YEARS = [[AT], [AT]]
FETCHING = {
    "HeatMap": (lambda: plugins.HeatMap([AT]), "folium.CircleMarker"),
    "HeatMapWithTime": (lambda: plugins.HeatMapWithTime(YEARS), "course.LiveMap"),
    "TimestampedGeoJson": (lambda: plugins.TimestampedGeoJson(SHAPES), "course.LiveMap"),
    "TimeSliderChoropleth": (
        lambda: plugins.TimeSliderChoropleth(
            SHAPES, {"0": {"1": {"color": "red", "opacity": 1}}}
        ),
        "course.LiveMap",
    ),
    "GroupedLayerControl": (lambda: plugins.GroupedLayerControl({}), "folium.LayerControl"),
    "AntPath": (lambda: plugins.AntPath([AT, [43, 131]]), "another folium layer"),
    "MiniMap": (lambda: plugins.MiniMap(), "another folium layer"),
    "Fullscreen": (lambda: plugins.Fullscreen(), "another folium layer"),
    "Draw": (lambda: plugins.Draw(), "another folium layer"),
    "MeasureControl": (lambda: plugins.MeasureControl(), "another folium layer"),
}


@pytest.mark.parametrize("plugin", FETCHING)
def test_plugin_from_the_net_is_refused_with_a_way_out(plugin, tmp_path):
    make, instead = FETCHING[plugin]
    m = course.area_map("far_east").add_child(make())
    (tmp_path / "m.html").write_text("yesterday's map", encoding="utf-8")
    with pytest.raises(CourseError, match=re.escape(instead)) as error:
        m.save(tmp_path / "m.html")
    assert re.search(r"fetches [\w.-]+\.js from the internet", str(error.value))
    assert (tmp_path / "m.html").read_text(encoding="utf-8") == "yesterday's map"


@pytest.mark.parametrize("plugin", FETCHING)
def test_notebook_says_so_in_a_box(plugin):
    shown = course.area_map("far_east").add_child(FETCHING[plugin][0]())._repr_html_()
    assert 'role="alert"' in shown and "⚠" in shown
    assert "<iframe" not in shown


def test_with_tiles_a_plugin_may_fetch():
    m = course.area_map("far_east", tiles="OpenStreetMap").add_child(plugins.MiniMap())
    page = m.get_root().render()
    assert "Control.MiniMap.js" in page
    assert scripts(page)[0] >= {"leaflet"}  # but what we have, we do not fetch
    assert not re.search(r'src="[^"]*/leaflet\.js"', page)


def test_missing_package_sends_to_the_doctor(monkeypatch):
    offline._script.cache_clear()
    offline._asset.cache_clear()
    monkeypatch.setitem(offline._SCRIPTS, "leaflet.js", ("no_such_package", "leaflet.js"))
    try:
        with pytest.raises(CourseError, match="`course doctor`"):
            drawn("nothing").get_root().render()
    finally:
        offline._script.cache_clear()


def test_any_folium_map_can_go_offline():
    m = offline.make_offline(folium.Map(AT, tiles=None), "A map of my own.", height=333)
    page = m.get_root().render()
    assert not re.search(r'<script src=|<link[^>]*href="http', page)
    assert "height:333px" in m._repr_html_()


def test_markers_carry_their_picture():
    page = drawn("Marker").get_root().render()
    for option in ("iconUrl", "iconRetinaUrl", "shadowUrl"):
        assert re.search(option + r":'data:image/png;base64,[A-Za-z0-9+/=]{100,}'", page), (
            option
        )
