"""What a check sees of a folium map, and what it says of one that cannot be right."""

import json
from time import sleep

import folium
import pandas as pd
import pytest
from folium import plugins

import course
from course.exercises import budget
from course.exercises.exercise import Check, Exercise
from course.exercises.on_map import read_map
from course.maps.live import LiveMap
from course.maps.picture import Picture, rounded

HARBIN, HEIHE = (45.8, 126.5), (50.2, 127.5)
SHAPE = {
    "type": "Feature",
    "properties": {"id": "a"},
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[120, 50], [130, 50], [130, 60], [120, 50]]],
    },
}
TWO = Check("Two markers, please.", lambda p: len(p.marks) == 2, lambda: marked(HARBIN))


def marked(*spots, **options):
    m = folium.Map(tiles=None)
    for spot in spots:
        folium.Marker(spot, **options).add_to(m)
    return m


def seen(m):
    """What the check sees, as it comes out of JSON."""
    return Picture.of(json.loads(json.dumps(read_map(m)))["value"])


def said(m, *checks):
    task = Exercise(
        "98.1",
        ask="Draw it",
        objective=0,
        kind="map",
        answer=lambda: marked(HARBIN, HEIHE),
        mistakes={},
        checks=checks or [TWO],
        hints=[],
        after="So it is.",
        solution="",
    )
    found = task.judge(m)
    return found.status, found.message


def test_words_for_maps():
    assert said(marked(HARBIN, HEIHE)) == ("passed", "So it is.")
    assert said(marked(HARBIN)) == ("not yet", "Two markers, please.")
    assert "no marker, line or area" in said(marked())[1]
    assert "swapped" in said(marked(HARBIN[::-1], HEIHE[::-1]))[1]
    line = folium.Map(tiles=None)
    folium.PolyLine([HARBIN[::-1], HEIHE[::-1]]).add_to(line)
    assert "swapped" in said(line)[1]
    assert said(marked((66.0, -172.0), HARBIN))[0] == "passed"  # Chukotka


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (lambda: 5, "a number"),
        (lambda: object(), "type object"),
        (lambda: LiveMap(area="heilongjiang"), "LiveMap (the map is its .map)"),
        (lambda: pd.DataFrame({"a": [1]}), "1 column"),
        (lambda: folium.Marker(HARBIN), "Marker (add_to gives back what was added: hand in the map)"),
        (lambda: plugins.DualMap(), "DualMap (its maps are .m1 and .m2: hand in one)"),
        (lambda: folium.FeatureGroup("a"), "Group (add_to gives back what was added: hand in the map)"),
    ],
)  # fmt: skip
def test_what_is_no_map_is_told_the_way_to_it(thing, words):
    status, message = said(thing())
    assert status == "not yet" and message.endswith(
        f"{words}. This exercise wants a folium map."
    )


def test_a_map_with_nothing_that_a_check_can_read_is_not_called_empty():
    heat = marked()
    plugins.HeatMap([HARBIN]).add_to(heat)
    assert said(heat)[1].startswith("There is no marker, line or area on the map yet.")


@pytest.mark.parametrize("missing", [lambda p: p.nothing_of_the_kind, lambda p: p.marks[7]])
def test_the_first_failing_check_speaks_also_where_something_is_missing(missing):
    checks = [Check(words, holds, marked) for words, holds in
              (("One.", lambda p: True), ("Two.", missing), ("Three.", lambda p: False))]  # fmt: skip
    assert said(marked(HARBIN), *checks) == ("not yet", "Two.")


def test_a_shape_that_no_check_foresaw_is_no_mistake():
    status, words = said(marked(HARBIN), Check("One.", lambda p: float("5px"), marked))
    assert status == "cannot tell" and "ValueError" in words


def test_marks_lines_and_areas():
    m = marked((50.20004, 127.5), HARBIN, tooltip="<b>here</b>")
    group = folium.FeatureGroup("towns").add_to(m)
    folium.CircleMarker(HEIHE, radius=7, tooltip="5 tonnes", popup="a page").add_to(group)
    folium.PolyLine([[HARBIN, (47, 126)], [(48, 127), HEIHE]], weight=4).add_to(group)
    folium.Polygon([HARBIN, HEIHE, (47, 130)]).add_to(m)
    folium.GeoJson({"type": "FeatureCollection", "features": [SHAPE]}, name="s").add_to(m)
    folium.LayerControl().add_to(m)
    m.fit_bounds([[42, 114], [51, 136]])
    picture = seen(m)
    assert picture.spots(3) == [HARBIN, HEIHE, HEIHE] and picture.spots(3, 0) == [HEIHE]
    circle = picture.marks[2]
    assert (circle.kind, circle.style["radius"], circle.words) == (
        "CircleMarker",
        7,
        "5 tonnes",
    )
    assert [len(line.points) for line in picture.lines] == [2, 2, 3]
    assert picture.lines[0].style["weight"] == 4 and picture.lines[0].layer == 0
    area = picture.areas[0]
    assert area.bounds == (50, 120, 60, 130) and area.properties == {"id": "a"}
    assert [(layer["name"], layer["kind"]) for layer in picture.layers] == [
        ("towns", "FeatureGroup")
    ]
    assert picture.switch and picture.view == [[42, 114], [51, 136]]
    assert rounded(pd.DataFrame({"lat": [50.20004], "lon": [127.5]}), 3) == [HEIHE]


def test_the_tooltips_of_geojson_are_read():
    shape = SHAPE | {"properties": {"id": "a", "name": "Heihe"}}
    for tip in ("Heihe", folium.Tooltip("Heihe"), folium.GeoJsonTooltip(["name"])):
        m = folium.Map(tiles=None)
        folium.GeoJson(shape, tooltip=tip).add_to(m)
        assert seen(m).areas[0].words == "Heihe"


def test_points_and_lines_of_geojson_are_marks_and_lines():
    m = folium.Map(tiles=None)
    at = {"type": "Point", "coordinates": [126.5, 45.8]}
    way = {"type": "LineString", "coordinates": [[126.5, 45.8], [127.5, 50.2]]}
    for shape in (at, way):
        folium.GeoJson(shape, style_function=lambda _: {"weight": 9}).add_to(m)
    picture = seen(m)
    assert picture.spots(1) == [HARBIN] and picture.lines[0].points == [
        list(HARBIN),
        list(HEIHE),
    ]
    assert picture.lines[0].style["weight"] == 9


def test_a_choropleth_with_its_legend():
    m = folium.Map(tiles=None)
    folium.Choropleth(
        {"type": "FeatureCollection", "features": [SHAPE]},
        data={"a": 5},
        key_on="feature.properties.id",
        legend_name="persons per km²",
        bins=[0, 2, 4, 6],
    ).add_to(m)
    picture = seen(m)
    (legend,) = picture.legends
    assert legend["caption"] == "persons per km²" and legend["edges"][-1] == 6
    assert picture.areas[0].style["fillColor"] == legend["colours"][-1]
    assert picture.layers[picture.areas[0].layer]["kind"] == "Choropleth"


def test_what_no_reader_would_see_does_not_pass():
    hidden = folium.Map(tiles=None)
    group = folium.FeatureGroup("a", show=False).add_to(hidden)
    for spot in (HARBIN, HEIHE):
        folium.Marker(spot).add_to(group)
    assert "all its layers hidden" in said(hidden)[1]
    broken = marked(HARBIN, HEIHE)
    broken.add_child(folium.Element("{{ 1/0 }}"))
    broken.render = None
    assert "cannot be drawn" in said(broken)[1]


def test_too_much_to_look_at_is_said():
    m = folium.Map(tiles=None)
    for n in range(20_001):
        m._children[str(n)] = folium.FeatureGroup
    assert said(m)[0] == "cannot tell"


def test_a_map_of_another_area_is_told_apart():
    def drawn(area, **more):
        m = course.area_map(area, **more)
        folium.Marker(HARBIN).add_to(m)
        return m

    task = Exercise(
        "98.1",
        ask="Draw it",
        objective=0,
        kind="map",
        area="heilongjiang",
        answer=lambda: drawn("heilongjiang"),
        mistakes={},
        checks=[Check("A marker, please.", lambda p: p.marks, lambda: marked())],
        hints=[],
        after="So it is.",
        solution="",
    )
    for tiles in (None, "OpenStreetMap"):
        assert task.judge(drawn("heilongjiang", tiles=tiles)).status == "passed"
        other = task.judge(drawn("borderland", tiles=tiles))
        assert (other.status, other.message) == (
            "not yet",
            'The task asks for a map of course.area_map("heilongjiang"). '
            'Yours is course.area_map("borderland").',
        )
    assert task.judge(marked(HARBIN)).message.endswith("Yours is another map.")


def test_circles_that_nobody_can_read_are_told():
    for style, words in (
        ({"radius": 0.5}, "too small"), ({"radius": 300}, "hides the map"),
        ({"weight": 0.2}, "nobody sees it"), ({"color": "bleu"}, "No browser knows"),
        ({"stroke": False, "fill": True, "fill_opacity": 0.5}, "Two markers"),
    ):  # fmt: skip
        m = folium.Map(tiles=None)
        folium.CircleMarker(HARBIN, **{"radius": 6} | style).add_to(m)
        assert words in said(m)[1]


@pytest.mark.parametrize("draws", [lambda _m: sleep(30) or "late", lambda _m: None])
def test_a_map_that_cannot_be_drawn_in_time_is_not_shown(draws, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    monkeypatch.setattr(budget, "SECONDS", 0.5)
    mine = type("Mine", (folium.Map,), {"_repr_html_": draws})
    assert course.check("01.8", mine()).beside == ""


def test_a_checked_map_is_shown_below_what_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    m = course.area_map("borderland")
    assert "no marker, line" in course.check("01.8", m).message
    assert "<iframe" in course.check("01.8", m)._repr_html_()
    assert "<iframe" not in course.check("01.8", ...)._repr_html_()
    assert "<iframe" not in course.check("01.8", 5)._repr_html_()
