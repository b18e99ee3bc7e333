"""The picture that stands for a map: all that is drawn at the opening view, and no more."""

import base64
import re
import time
from importlib.resources import files
from xml.etree import ElementTree

import folium
import numpy as np
import pytest
from branca.colormap import LinearColormap
from folium import plugins
from hypothesis import given, settings
from hypothesis import strategies as st

import course
from course.data import read
from course.maps.atlas import map_words
from course.maps.picture import Drawn, Picture, doubts, look
from course.maps.still import still

SQUARE = [[50, 120], [50, 130], [60, 130], [60, 120], [50, 120]]
HOLE = [[52, 122], [52, 124], [54, 124], [54, 122], [52, 122]]


def parts(m, tag, extra=None):
    """Elements of a kind in the picture of a map, with their attributes."""
    root = ElementTree.fromstring(still(m, extra))
    return [
        dict(e.attrib) | {"words": e.text} for e in root.iter() if e.tag.endswith("}" + tag)
    ]


def words(m, extra=None):
    return [part["words"] for part in parts(m, "text", extra)]


def shapes(*rings, **properties):
    ring = [[[lon, lat] for lat, lon in ring] for ring in rings]
    geometry = {"type": "Polygon", "coordinates": ring}
    return {"type": "Feature", "properties": {"id": "a"} | properties, "geometry": geometry}


@pytest.mark.parametrize(
    ("area", "language", "names"),
    [
        ("far_east", "ru", {"Якутск", "Магадан"}),
        ("heilongjiang", "zh", {"哈尔滨", "齐齐哈尔"}),
        ("mongolia_corridor", "mn", {"Улаанбаатар", "МОНГОЛ"}),
    ],
)
def test_basemap_names_and_note_in_the_language_of_the_map(area, language, names):
    m = course.area_map(area, language)
    seen = words(m)
    assert names <= set(seen) and len(seen) > 15
    note = map_words()[language]["boundary_note"]
    assert note in seen[-1]
    assert len(parts(m, "path")) > 40


def test_pictures_are_small_and_quick():
    for area in ("far_east", "heilongjiang", "mongolia_corridor", "borderland"):
        m = course.area_map(area)
        assert len(base64.b64encode(still(m).encode("utf-8"))) < 50_000, area
    begin = time.process_time()
    for _ in range(5):
        still(m)
    assert (time.process_time() - begin) / 5 < 0.5  # 0.03 when nothing else runs


def test_a_region_drawn_on_its_basemap_is_written_once():
    bare, m = course.area_map("far_east"), course.area_map("far_east")
    folium.GeoJson(course.shapes("region_polygons")).add_to(m)
    assert len(parts(m, "use")) > 10
    assert len(still(m)) < len(still(bare)) + 10_000


def test_marks_lines_and_areas_look_as_on_the_map():
    m = course.area_map("borderland")
    folium.CircleMarker([62, 130], radius=9, color="#b3261e", fill=True).add_to(m)
    folium.Circle([62, 130], radius=100_000, color="navy").add_to(m)
    folium.Marker([43.1, 131.9], icon=folium.Icon(color="purple")).add_to(m)
    folium.Marker([43.1, 131.9], icon=folium.DivIcon("<b>a &lt; b</b>")).add_to(m)
    folium.PolyLine([[45, 126], [48, 135]], dash_array="4 4", weight=7).add_to(m)
    folium.Rectangle([[50, 100], [55, 105]], fill=True, color="teal").add_to(m)
    style = {"fillColor": "#123456", "fillOpacity": 0.7}
    folium.GeoJson(shapes(SQUARE, HOLE), style_function=lambda _: style).add_to(m)
    circles = {c.get("stroke"): c for c in parts(m, "circle")}
    assert circles["#b3261e"]["r"] == "9" and circles["#b3261e"]["fill"] == "#b3261e"
    assert 5 < float(circles["navy"]["r"]) < 30 and circles["navy"]["fill"] == "none"
    paths = parts(m, "path")
    line = next(p for p in paths if p.get("stroke-dasharray") == "4 4" and p.get("id"))
    assert line["stroke-width"] == "7" and line["fill"] == "none"
    area = next(p for p in paths if p.get("fill") == "#123456")
    assert area["d"].count("M") == 2 and area["fill-opacity"] == "0.7"  # a ring and its hole
    assert any(p.get("fill") == "purple" for p in paths) and "a < b" in words(m)
    assert any(p.get("fill") == "teal" and p["d"].endswith("z") for p in paths)


def test_what_lies_out_of_view_takes_no_room_and_stays_around_it():
    m = course.area_map("heilongjiang")
    steps = [n / 10 for n in range(900)]
    ring = [[85, 60 + n] for n in steps] + [[85 - n, 150] for n in steps]
    ring += [[-5, 150 - n] for n in steps] + [[n - 5, 60] for n in steps]
    folium.Polygon(ring, color="teal", fill=True).add_to(m)
    (path,) = (p["d"] for p in parts(m, "path") if p.get("fill") == "teal")
    left, top, *moves = (int(n) for n in re.findall(r"-?\d+", path))
    across, down = np.cumsum(
        [[left, top], *zip(moves[::2], moves[1::2], strict=True)], axis=0
    ).T
    assert len(path) < 150
    assert across.min() < 0 and across.max() > 760 and down.min() < 0 and down.max() > 480


def test_what_is_hidden_or_cannot_be_drawn_is_not_shown_and_counted():
    m = course.area_map("far_east")
    hidden = folium.FeatureGroup("h", show=False).add_to(m)
    folium.CircleMarker([62, 130], color="lime").add_to(hidden)
    plugins.HeatMap([[62, 130]], show=False).add_to(m)
    assert "lime" not in still(m) and "Not in this picture" not in words(m)[-1]
    plugins.HeatMap([[62, 130]]).add_to(m)
    folium.TileLayer("OpenStreetMap").add_to(m)
    assert words(m)[-1].startswith("Not in this picture: 2 more.")
    for n in range(1600):
        folium.CircleMarker([62, 130 + n / 100], radius=2).add_to(m)
    assert words(m)[-1].startswith("Not in this picture: 102 more.")


def test_pins_have_the_colours_they_have_on_the_map():
    script = (files("course.maps") / "pin.js").read_text(encoding="utf-8")
    named = dict(re.findall(r'(\w+): "(#\w{6})"', script))
    m = course.area_map("far_east")
    for colour in named:
        folium.Marker([62, 130], icon=folium.Icon(color=colour)).add_to(m)
    assert len(named) == 5
    assert {*named.values()} <= {pin.get("fill") for pin in parts(m, "path")}


def test_a_legend_of_many_colours_shows_some_and_both_ends():
    m = course.area_map("far_east")
    LinearColormap(["white"] * 99, vmin=7000, vmax=8000).add_to(m)
    seen = [word for word in words(m) if word.replace(",", "").isdigit()]
    assert len(seen) == 9 and (seen[0], seen[-1]) == ("7,000", "8,000")


def test_legends_say_their_edges():
    m = course.area_map("far_east")
    LinearColormap(["white", "red"], vmin=0, vmax=5.5, caption="tonnes <a>").add_to(m)
    assert {"tonnes <a>", "0", "5.5"} <= set(words(m))
    assert {"#ffffff", "#ff0000"} <= {p.get("fill") for p in parts(m, "path")}
    legend = {"caption": "x", "colours": ["red", "lime", "blue"], "edges": [1, 2000]}
    extra = Picture(
        areas=[Drawn("", [SQUARE], style={"fillColor": "url(#nodata)"})],
        legends=[legend | {"none": "no data"}],
    )
    assert {"< 1", "1 – 2,000", "≥ 2,000", "no data"} <= set(words(m, extra))
    assert any(p.get("fill") == "url(#nodata)" and p.get("id") for p in parts(m, "path", extra))


@settings(deadline=None, max_examples=30)
@given(st.text(), st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_any_text_and_any_place_make_a_picture(text, lat, lon):
    m = course.area_map("heilongjiang", alt=text)
    folium.Marker([lat, lon], icon=folium.DivIcon(text)).add_to(m)
    folium.CircleMarker([45, 126], color=text).add_to(m)
    LinearColormap(["red", "blue"], caption=text).add_to(m)
    folium.GeoJson(shapes([[lat, lon], [45, 126], [lon, lat]])).add_to(m)
    ElementTree.fromstring(still(m))


def test_every_map_comes_with_its_picture():
    shown = [course.area_map(area)._repr_html_() for area in read("areas")["area_id"]]
    shown.append(course.LiveMap(area="far_east")._repr_mimebundle_()["text/html"])
    assert all('<img src="data:image/svg+xml;base64,' in html for html in shown)


def test_a_layer_that_breaks_the_picture_leaves_the_map(monkeypatch):
    monkeypatch.setattr("course.maps.offline.still", lambda m: 1 / 0)
    assert "<iframe" in (shown := course.area_map()._repr_html_()) and "<img" not in shown


def test_areas_keep_their_rings():
    m = folium.Map(tiles=None)
    folium.GeoJson(shapes(SQUARE, HOLE)).add_to(m)
    (area,) = look(m).areas
    assert area.parts == [SQUARE, HOLE] and area.points == SQUARE + HOLE


# --- what is said beside a map ------------------------------------------------


def said(*marks, area="heilongjiang", then=lambda m: None):
    m = course.area_map(area)
    for at in marks:
        folium.Marker(at).add_to(m)
    then(m)
    caption = re.search(r"(?s)<figcaption.*?>(.*?)<small>", m._repr_html_())[1]
    return caption, doubts(look(m))


def coloured(codes):
    m = course.area_map("far_east")
    data = dict(zip(codes, (1, 9), strict=True))
    folium.Choropleth(shapes(SQUARE), data=data, key_on="feature.properties.id").add_to(m)
    return look(m)


def test_points_out_of_view_are_told_with_the_way_out():
    assert said([45.8, 126.5])[1] == [] == said()[1]
    assert said([66, -172], [45.8, 126.5])[1] == [
        "These maps go on to the east beyond the date line: add 360 to a longitude such as -172, "
        "so that it is 188."
    ]
    caption, (words,) = said([10, 20], [11, 25])
    assert "m.fit_bounds([[10.0, 20.0], [11.0, 25.0]])" in words and f"⚠ {words}" in caption
    assert said([126.5, 45.8])[1][0].endswith("Look at its coordinates again.")
    assert said([10, 20], then=lambda m: m.fit_bounds([[10, 20], [11, 25]]))[1] == []


@pytest.mark.parametrize(
    ("layer", "lead"),
    [
        (folium.PolyLine([[65, 175], [65, -172]]), "These maps go on to the east"),
        (plugins.HeatMap([[65, -172, 1]]), "These maps go on to the east"),
        (plugins.FastMarkerCluster([[126.5, 45.8]]), "All that you added lies out of view"),
        (plugins.HeatMap([[65, 172, 1]]), ""),
        (plugins.HeatMapWithTime([[[65, 172, 1]]]), ""),
        (folium.PolyLine([[65, 175], [65, 188]]), ""),
    ],
)
def test_layers_of_any_kind_out_of_view_are_told(layer, lead):
    words = doubts(look(course.area_map("far_east").add_child(layer)))
    assert [w[: len(lead)] for w in words] == [lead] * bool(lead)


def test_a_key_that_matches_nothing_is_told():
    assert doubts(coloured("ab")) == []
    (words,) = doubts(coloured("xy"))
    assert "key_on must name the property" in words


def test_what_folium_cannot_draw_is_told_in_place_of_the_map():
    m = course.area_map("far_east")
    folium.GeoJson(
        {"type": "FeatureCollection", "features": [shapes(SQUARE)]},
        tooltip=folium.GeoJsonTooltip(["nmae"]),
    ).add_to(m)
    shown = m._repr_html_()
    assert 'role="alert"' in shown and "The field nmae is not available" in shown
