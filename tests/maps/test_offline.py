"""Pages that need no network: everything folium draws in the lessons, and what it cannot."""

import base64
import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import folium
import numpy as np
import pytest
from branca.colormap import LinearColormap
from branca.element import CssLink, Figure, JavascriptLink
from folium import plugins
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell

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


def drawn(layer):
    """An offline map with one kind of layer."""
    m = course.area_map("far_east")
    LAYERS[layer][0](m)
    return m


def scripts(page):
    """A page's scripts: those of libraries joined, and those folium wrote."""
    found = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    libraries = {n for n, (own, _) in SCRIPTS.items() if any(re.search(own, s) for s in found)}
    return libraries, found[-1]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_brings_all_it_needs_and_asks_nothing_of_the_network(layer, tmp_path):
    m = drawn(layer)
    page = m.get_root().render()
    fetched = re.findall(r"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)\s*=[^>]*>", page)
    outside = [t[:120] for t in fetched if not re.search(r"""(?:src|href)=["']?data:""", t)]
    assert outside == []
    rest = re.sub(r"(?s)<script.*?</script>", "", page)
    assert not re.search(r"url\(['\"]?(?!data:|#|['\"])", rest)
    libraries, own = scripts(page)
    assert "tileLayer(" not in own
    needed = {name for name, (_, use) in SCRIPTS.items() if re.search(use, own)}
    assert {"leaflet"} | LAYERS[layer][1] <= needed <= libraries
    assert m.get_root().render() == page  # folium's layers grow with every look at them
    m.save(tmp_path / "m.html")
    saved = (tmp_path / "m.html").read_bytes()
    assert saved == page.encode("utf-8") and 150_000 < len(saved) < 1_000_000


def test_large_scripts_stay_out_of_pages_that_do_not_need_them():
    assert scripts(drawn("CircleMarker").get_root().render())[0] == {"leaflet", "pin"}


def test_layers_added_after_a_first_look_get_their_scripts():
    m = drawn("CircleMarker")
    before = scripts(m.get_root().render())[0]
    LAYERS["Popup"][0](m)
    LAYERS["MarkerCluster"][0](m)
    assert scripts(m.get_root().render())[0] - before == {"jquery", "cluster"}


@pytest.mark.parametrize(("kind", "tag"), [(JavascriptLink, "script"), (CssLink, "style")])
def test_branca_embeds_the_code_it_was_handed(kind, tag, monkeypatch):
    # a little-used corner: it writes out what `code` holds, word for word
    monkeypatch.setattr("branca.element.urlopen", lambda url: pytest.fail("it fetches"))
    link = kind("https://example.invalid/x")
    link.code = "{{ 1 }} Амур"
    assert link.render(embedded=True) == f"<{tag}>{link.code}</{tag}>"
    assert "example.invalid/x" in link.render()
    link.code = ""
    assert link.render(embedded=True) == f"<{tag}></{tag}>"


def test_a_map_is_drawn_once_when_it_is_shown(monkeypatch):
    m = drawn("Choropleth")
    page, count = type(m.get_root()), []
    real = page.render
    monkeypatch.setattr(page, "render", lambda s, **k: count.append(1) or real(s, **k))
    shown, _ = InteractiveShell.instance().display_formatter.format(m)
    assert "<iframe" in shown["text/html"] and len(count) == 1


def test_a_map_says_in_words_what_it_shows():
    m = course.area_map(alt="Ports of Primorye.")
    assert repr(m) == "Ports of Primorye."
    for layer in ("Marker", "Marker", "GeoJson"):
        LAYERS[layer][0](m)
    assert repr(m) == "Ports of Primorye. Added: 2 Marker, 1 GeoJson."
    assert repr(course.area_map("heilongjiang")) == "Map of Heilongjiang and its neighbours."


# --- saving ------------------------------------------------------------------


def test_saving_takes_what_folium_takes(tmp_path):
    m = drawn("Marker")
    page = m.get_root().render().encode("utf-8")
    m.save(str(tmp_path / "a.html"))
    m.save(outfile=tmp_path / "b.html")
    buffer = io.BytesIO()
    m.save(buffer, close_file=False)
    assert [(tmp_path / f"{n}.html").read_bytes() for n in "ab"] == [page] * 2
    assert buffer.getvalue() == page
    m.save(buffer)
    assert buffer.closed


def test_saving_where_no_page_belongs_leaves_what_is_there(tmp_path):
    (tmp_path / "01_x.ipynb").write_text("work", encoding="utf-8")
    for path in (tmp_path / "no" / "m.html", tmp_path / "01_x.ipynb"):
        with pytest.raises(CourseError):
            drawn("Marker").save(path)
    assert (tmp_path / "01_x.ipynb").read_text(encoding="utf-8") == "work"
    assert len(list(tmp_path.iterdir())) == 1


# --- in a notebook -----------------------------------------------------------


def test_page_in_a_notebook_is_a_third_and_speaks():
    m = course.area_map(alt='say "<hi>" & go', caption="<i>As of 2019</i>", height=300)
    choropleth(m)
    shown, page = m._repr_html_(), m.get_root().render()
    assert len(shown) < min(300_000, len(page) / 1.5)
    assert 'title="say &quot;&lt;hi&gt;&quot; &amp; go"' in shown and "<hi>" not in shown
    assert "&lt;i&gt;As of 2019" in shown and "<i>" not in shown
    assert "height:300px" in shown and "Trust Notebook" in shown
    # another kernel would count from one again: the same id twice, and the wrong words
    assert not re.search(r"\bid=|aria-labelledby", shown)
    packed = re.search(r"atob\(&quot;([^&]+)&quot;", shown)[1]
    assert gzip.decompress(base64.b64decode(packed)).decode() == page


def test_readers_may_zoom_the_page_and_hear_its_language():
    page = course.area_map(language="zh").get_root().render()
    viewport = re.search(r'<meta name="viewport"\s+content="([^"]*)"', page)[1]
    assert "user-scalable" not in viewport and "maximum-scale" not in viewport
    assert page.count('<html lang="zh">') == 1


@settings(deadline=None)
@given(st.recursive(st.text('<>!-/{}%#scriptSCRIPT &\u2028я"\\'), st.lists, max_leaves=5))
def test_no_word_ends_the_script(content):
    packed = offline.script_json({"a": {"b": content}})
    assert "<" not in packed
    assert json.loads(packed) == {"a": {"b": content}}


def test_markers_carry_their_picture():
    page = drawn("Marker").get_root().render()
    for option in ("iconUrl", "iconRetinaUrl", "shadowUrl"):
        image = option + r":'data:image/png;base64,[A-Za-z0-9+/=]{100,}'"
        assert re.search(image, page), option


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"height": "3em"}, "height is a whole number of pixels from 50 to 5000, not '3em'"),
        ({"height": 0}, "height is a whole number"),
        ({"height": 1e9}, "height is a whole number"),
        ({"height": "300px;background:url(x)"}, "height is a whole number"),
    ],
)
def test_odd_wishes_are_explained(wish, words):
    with pytest.raises(CourseError, match=words):
        course.area_map(**wish)


@pytest.mark.parametrize("height", [300, "300", " 300px", np.int64(300)])
def test_height_is_taken_as_number_or_text(height):
    assert "height:300px;" in course.area_map(height=height)._repr_html_()


def test_a_layer_may_be_on_two_maps():
    group = folium.FeatureGroup("both")
    marker = folium.Marker([50, 130], popup="x").add_to(group)
    maps = [course.area_map("heilongjiang"), course.area_map("far_east")]
    for m in maps:
        group.add_to(m)
    for m in [*maps, *maps]:
        page = m.get_root().render()
        assert page.count(f"var {marker.get_name()} =") == 1
        assert f"{group.get_name()}.addTo({m.get_name()})" in page


def test_what_names_other_layers_may_be_added_before_them():
    m = course.area_map("far_east")
    group, cluster = folium.FeatureGroup("later"), plugins.MarkerCluster()
    late = [folium.LayerControl(), plugins.FeatureGroupSubGroup(cluster, "part")]
    for part in (*late, plugins.Search(group), group, cluster):
        part.add_to(m)
    page = m.get_root().render()
    for part, named in [(late[0], group), (late[0], late[1]), (late[1], cluster)]:
        assert page.index(f"var {named.get_name()} =") < page.index(f"var {part.get_name()}")


def test_a_figure_around_a_map_is_explained():
    with pytest.raises(CourseError, match="without a Figure"):
        Figure(width=500).add_child(course.area_map())._repr_html_()


# --- what no installed package holds ----------------------------------------

OF_LATER = "leaflet-of-later"


class Later(folium.elements.JSCSSMixin):
    """A plugin of a folium to come."""

    _template = folium.template.Template("{% macro script(this, kwargs) %}{% endmacro %}")
    default_js = [("later", f"https://cdn.example/{OF_LATER}@1.0.0/{OF_LATER}.min.js")]


def test_a_plugin_nobody_tried_is_refused_and_leaves_the_old_page(tmp_path):
    m = course.area_map("far_east").add_child(Later())
    (tmp_path / "m.html").write_text("yesterday's map", encoding="utf-8")
    with pytest.raises(CourseError, match=rf"would fetch {OF_LATER}\.min\.js"):
        m.save(tmp_path / "m.html")
    assert (tmp_path / "m.html").read_text(encoding="utf-8") == "yesterday's map"
    shown = m._repr_html_()  # a notebook says so in a box
    assert 'role="alert"' in shown and "⚠" in shown and "<iframe" not in shown


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("npm/leaflet@1.9.3/dist/leaflet.js", True),
        ("npm/leaflet@1/dist/leaflet.js", True),
        ("npm/leaflet@2.0.1/dist/leaflet.js", False),
        ("libs/leaflet.draw/1.0.4/leaflet.draw.js", True),
        ("libs/leaflet.draw/2.0.0/leaflet.draw.js", False),
        ("libs/leaflet-groupedlayercontrol/0.6.3/leaflet.groupedlayercontrol.js", True),
        ("libs/leaflet-groupedlayercontrol/0.7.0/leaflet.groupedlayercontrol.js", False),
        ("jquery-3.6.0.min.js", True),
        ("jquery-4.0.0.min.js", False),
        ("gh/folium@main/templates/leaflet_heat.min.js", True),
    ],
)
def test_another_major_version_is_not_passed_off_as_ours(url, known, monkeypatch):
    monkeypatch.setattr(Later, "default_js", [("later", f"https://cdn.example/{url}")])
    m = course.area_map().add_child(Later())
    if known:
        assert url not in m.get_root().render()
    else:
        with pytest.raises(CourseError, match="a version .* has not tried"):
            m.get_root().render()


def test_with_tiles_a_plugin_may_fetch():
    tiled = course.area_map("far_east", tiles="OpenStreetMap").add_child(Later())
    page = tiled.add_child(plugins.MiniMap()).get_root().render()
    assert f'{OF_LATER}.min.js"></script>' in page
    assert scripts(page)[0] >= {"leaflet"}  # but what we have, we do not fetch
    assert not re.search(r'src="[^"]*/(leaflet|Control.MiniMap)\.js"', page)


def test_a_plugin_fattens_the_pages_that_use_it_and_no_other():
    def shape(m):  # ids are new for every map
        return re.sub(r"_[0-9a-f]{32}", "_", m.get_root().render())

    plain = shape(course.area_map())
    larger = shape(course.area_map().add_child(plugins.Draw()))
    assert shape(course.area_map()) == plain and len(larger) - len(plain) > 60_000
    assert "L.Control.MiniMap" not in plain


def test_a_script_that_two_layers_link_is_written_once():
    m = course.area_map().add_child(plugins.TimestampedGeoJson(SHAPES))
    popup_with_html(m)
    assert m.get_root().render().count("jQuery requires a window") == 1


# --- scripts of others -------------------------------------------------------

REPO = Path(__file__).resolve().parents[2]
OTHERS = REPO / "course" / "maps" / "others"


def test_files_of_others_are_unchanged():
    lines = (OTHERS / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {path: digest for digest, path in (line.split("  ") for line in lines)}
    files = {f.relative_to(OTHERS).as_posix(): f.read_bytes() for f in OTHERS.glob("*/*")}
    assert {path: hashlib.sha256(held).hexdigest() for path, held in files.items()} == listed
    assert sum(map(len, files.values())) < 830_000
    # inside a script it would hide the script's end
    assert [p for p, held in files.items() if p.endswith(".js") and b"<!--" in held] == []


def test_others_are_named_with_version_licence_and_origin():
    notice = (REPO / "NOTICE").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^(\S+) +(\d\S*) +(\S.*?) +sha512-\S{86}==$", notice)
    named = {f"{name.lstrip('@').replace('/', '-')}-{version}" for name, version, _ in rows}
    assert named == {folder.name for folder in OTHERS.iterdir() if folder.is_dir()}
    for folder in named:
        assert len((OTHERS / folder / "LICENSE").read_text(encoding="utf-8")) > 500
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    licences = {one for _, _, licence in rows for one in licence.split(" AND ")}
    assert licences <= {"MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"}
    ours = {"BSD-3-Clause", "CC-BY-4.0", "ODbL-1.0"}
    assert set(project["license"].split(" AND ")) == ours | licences
    assert {"NOTICE", "course/maps/others/*/LICENSE"} <= set(project["license-files"])


def test_missing_package_sends_to_the_doctor():
    code = (
        "import sys, course; sys.modules['xstatic.pkg.leaflet'] = None\n"
        "print(course.area_map()._repr_html_())"
    )
    repo = Path(__file__).resolve().parents[2]
    run = [sys.executable, "-c", code]
    said = subprocess.run(run, capture_output=True, encoding="utf-8", cwd=repo, check=True)
    assert 'role="alert"' in said.stdout and "`course doctor`" in said.stdout
