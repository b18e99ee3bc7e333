"""What a reader can tell apart on a map, and what not."""

import math

import folium
import pandas as pd
import pytest

from course.data import shapes
from course.maps import legible
from course.maps.area import area_map
from course.maps.picture import look

VALUES = pd.Series({"RU-AMU": 1.0, "RU-KHA": 2.0, "RU-PRI": 3.0, "RU-SA": 4.0})


def coloured(**style):
    m = area_map("far_east")
    key = "feature.properties.region_id"
    folium.Choropleth(shapes("region_polygons"), VALUES, key_on=key, **style).add_to(m)
    return look(m)


def dotted(*circles, kind=folium.CircleMarker, **more):
    m = area_map("far_east")
    for n, style in enumerate(circles):
        kind([60 + n, 130], **style, **more).add_to(m)
    return look(m)


def layered(*names):
    m = area_map("far_east")
    for name in names:
        folium.Marker([60, 130]).add_to(folium.FeatureGroup(name).add_to(m))
    return legible.layers_named(look(m))


@pytest.mark.parametrize(
    ("colours", "fine"),
    [
        (["red", "blue", "green"], True),
        (["#0072B2", "#56B4E9", "#D55E00", "#E69F00"], True),
        (["red", "RED"], False),
        (["red", "#fe0000"], False),
        (["red", "rgb(250, 5, 5)", "blue"], False),
        (["blue", "navy"], False),
        (["green", "hsl(120, 100%, 23%)"], False),
        (["no colour", "nor this"], False),
        (["", "black"], False),
        (["orange"], True),
    ],
)
def test_colours_of_marks_differ_or_not(colours, fine):
    assert legible.apart(colours) is fine


@pytest.mark.parametrize(
    ("style", "fine"),
    [
        ({"nan_fill_color": "grey"}, True),
        ({"nan_fill_color": "white", "fill_color": "YlOrRd"}, True),
        ({"nan_fill_color": "white"}, False),  # beside the lowest of the blues
        ({"nan_fill_color": "#eff3ff"}, False),  # which it is
        ({"nan_fill_color": "#f0f4fe"}, False),
        ({"nan_fill_color": "grey", "nan_fill_opacity": 0.05}, False),
        ({"nan_fill_color": "grey", "fill_color": "Greys"}, False),
        ({"nan_fill_color": "black"}, False),
        ({"nan_fill_color": "transparent", "fill_color": "YlOrRd"}, True),
        ({"nan_fill_color": "transparent"}, False),  # as white
        ({"nan_fill_color": None}, False),  # drawn in the colour of its line
        ({"nan_fill_color": "grey", "nan_fill_opacity": None}, True),
        ({}, False),  # folium's own choice, black
    ],
)
def test_no_data_is_told_from_each_class(style, fine):
    assert legible.gaps_apart(coloured(**style), VALUES.index) is fine


def test_a_map_without_gaps_has_none_to_tell():
    everywhere = [s["properties"]["region_id"] for s in shapes("region_polygons")["features"]]
    assert legible.gaps_apart(coloured(), everywhere)
    assert legible.fills(coloured(nan_fill_color="Grey"))["CN-HL"] == "grey"


def test_layers_have_names_of_their_own():
    assert layered("ports", "<b>cities</b>")
    assert not layered("ports", "Ports")
    assert not layered("ports", None)  # folium makes one up
    assert not layered("<b> </b>", "ports")
    assert layered("港")


def test_marks_that_say_nothing():
    said = dotted({"tooltip": "Heihe"}, {}, {"tooltip": "nan"}, {"popup": "<b>Chita</b>"})
    assert [mark.at[0] for mark in legible.silent(said.marks)] == [61, 62, 63]


@pytest.mark.parametrize(
    ("words", "fine"),
    [
        (("Heihe port", "Чита"), True),
        (("黑河", "chita"), True),
        (("Heihe (old name)", "Heihe"), False),
        (("wiki", "Chita"), False),  # of where the name is from
        (("Heihe", "nan"), False),
    ],
)
def test_marks_say_the_names_of_their_own_places(words, fine):
    rows = pd.DataFrame({
        "lat": [60, 61], "lon": [130, 130], "name_en": ["Heihe (Aihun)", "Chita"],
        "name_ru": [None, "Чита"], "name_zh": ["黑河", None], "name_source_id": "wiki",
    })  # fmt: skip
    drawn = dotted(*({"tooltip": word} for word in words))
    assert legible.say_names(drawn, rows) is fine


def test_circles_are_neither_dust_nor_lids():
    assert legible.sizes(dotted({"radius": 5}, {"radius": 30}, {"radius": 0})) == ""
    assert legible.sizes(dotted({"radius": 5}, {"radius": 300})) == "large"
    assert legible.sizes(dotted({"radius": 1}, {"radius": 0.5}, {"radius": 9})) == "small"
    metres = {"kind": folium.Circle}
    assert legible.sizes(dotted({"radius": 100_000}, **metres)) == ""
    assert legible.sizes(dotted({"radius": 2_000_000}, **metres)) == "large"
    assert legible.sizes(dotted({}, **metres)) == "small"  # folium's 50 metres
    assert legible.sizes(dotted({"radius": "300"})) == "large"
    assert legible.sizes(dotted({"radius": math.nan})) == "small"  # and so is one without size
    for radius, words in ((9000, "large"), (500, ""), (20, "small")):
        point = dotted({"radius": radius}, **metres)
        point.view = [[60, 130], [60, 130]]  # as fit_bounds has it of one place: zoom 12
        assert legible.sizes(point) == words
    shape = area_map("far_east")
    here = {"type": "Point", "coordinates": [130, 60]}
    folium.GeoJson(here, style_function=lambda _: {"radius": "x"}).add_to(shape)
    assert legible.sizes(look(shape)) == ""  # drawn as a pin


def test_the_colour_of_a_mark_is_that_of_its_inside_if_it_has_one():
    inside = {"color": "red", "fill_color": "blue", "fill": True}
    clear = {"fill_color": "transparent"}
    styles = [{"color": "red"}, inside, inside | clear, inside | {"fill_opacity": 0.05}]
    drawn = [legible.ink(mark) for mark in dotted(*styles).marks]
    assert drawn == ["red", "blue", "red", "red"]
    pin = area_map("far_east")
    folium.Marker([60, 130], icon=folium.Icon(color="green")).add_to(pin)
    assert legible.ink(look(pin).marks[0]) == "green"


@pytest.mark.parametrize(
    ("style", "words"),
    [
        ({}, ""),
        ({"weight": 0.2}, "faint"),
        ({"opacity": 0}, "faint"),
        ({"stroke": False, "fill": False}, "faint"),
        ({"stroke": False, "fill": True, "fill_opacity": 0.8}, ""),
        ({"opacity": 0, "fill": True, "fill_opacity": 0.01}, "faint"),
        ({"color": "bleu"}, "colour"),
        ({"color": "rgb(0, 0, 255)", "fill_color": "#f0f"}, ""),
        ({"fill": True, "fill_color": "rouge"}, "colour"),
        ({"color": "currentColor"}, ""),
        ({"color": "color-mix(in srgb, red, blue)"}, ""),
        ({"color": "transparent"}, "faint"),
        ({"color": "none"}, "faint"),
        ({"color": "#ff000008"}, "faint"),
        ({"color": "#ff0000aa"}, ""),
        ({"color": "transparent", "fill": True, "fill_color": "red", "fill_opacity": 0.8}, ""),
        ({"stroke": False, "fill": True, "fill_color": "transparent"}, "faint"),
        ({"weight": "3px", "opacity": "0.9"}, ""),
        ({"weight": "0px"}, "faint"),
        ({"weight": None, "opacity": None}, ""),
        ({"opacity": "50%"}, ""),
    ],
)
def test_what_nobody_sees(style, words):
    assert legible.unseen(dotted({"radius": 6} | style)) == words
    line = area_map("far_east")
    folium.PolyLine([[60, 130], [62, 130]], **style).add_to(line)
    if "fill" not in style:
        assert legible.unseen(look(line)) == words
