"""Every class of folium.plugins and every layer of folium: it works, or says what does."""

import inspect
import json
from html import escape

import folium
import folium.plugins as fp
import pytest
from folium.utilities import JsCode

import course
from course.errors import CourseError

AT, NEXT = [48.48, 135.08], [50.29, 127.53]
WORDS = "Хабаровск <b>哈巴罗夫斯克</b>"
SQUARE = {
    "type": "Feature",
    "id": "a",
    "properties": {"name": "Амур 黑龙江", "start": "2015-01-01", "end": "2016-01-01"},
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[130, 45], [138, 45], [138, 52], [130, 52], [130, 45]]],
    },
}
SHAPES = {"type": "FeatureCollection", "features": [SQUARE]}
ROUTE = {
    "type": "Feature",
    "properties": {"times": ["2015-01-01", "2016-01-01"], "popup": WORDS, "tooltip": "路"},
    "geometry": {"type": "LineString", "coordinates": [AT[::-1], NEXT[::-1]]},
}
TOPO = {
    "type": "Topology",
    "arcs": [[[130, 45], [138, 45], [138, 52], [130, 45]]],
    "objects": {"x": {"type": "GeometryCollection", "geometries": [
        {"type": "Polygon", "arcs": [[0]], "properties": {"name": "Амур"}}]}},
}  # fmt: skip
DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
URL = "https://maps.example/{z}/{x}/{y}"

WORKS = {}  # class -> how to add an example to a map, and what is then true in the page


def works(probe, *names):
    """Note how an example of a class is made."""

    def note(make):
        WORKS.update(dict.fromkeys(names or [make.__name__], (make, probe)))

    return note


def shown(selector):
    """JavaScript that is true once something of this kind is drawn."""
    return f"[...document.querySelectorAll({json.dumps(selector)})].some(e => e.getBoundingClientRect().width)"


def marker(m, **kind):
    """A marker with words of two scripts."""
    return folium.Marker(AT, popup=folium.Popup(WORDS), tooltip=WORDS, **kind).add_to(m)


ICON = shown(".leaflet-marker-icon")
LINES = "path.leaflet-interactive"


@works(shown(LINES))
def AntPath(m):
    fp.AntPath([AT, NEXT], popup=WORDS).add_to(m)


@works(shown(".beautify-marker"))
def BeautifyIcon(m):
    marker(m, icon=fp.BeautifyIcon(number=7, border_color="#00f"))


@works("Object.values(window).some(v => v instanceof L.BoatMarker) && " + ICON)
def BoatMarker(m):
    fp.BoatMarker(AT, heading=45, wind_heading=150, wind_speed=45).add_to(m)


@works("document.querySelector('pattern circle, pattern path') && " + shown(LINES))
def CirclePattern(m):
    pattern = fp.CirclePattern(width=20, height=20, radius=8)
    pattern.add_to(m)
    folium.Circle(AT, radius=2e5, fill_pattern=pattern).add_to(m)


@works(shown(".leaflet-draw-draw-polygon"))
def Draw(m):
    fp.Draw(export=True).add_to(m)


@works(ICON)
def FastMarkerCluster(m):
    fp.FastMarkerCluster([AT, NEXT]).add_to(m)


@works(ICON)
def FeatureGroupSubGroup(m):
    group = folium.FeatureGroup("g").add_to(m)
    marker(fp.FeatureGroupSubGroup(group, "Порты").add_to(m))
    folium.LayerControl().add_to(m)


@works(shown("img[alt=float_image]"))
def FloatImage(m):
    fp.FloatImage(DOT, width="20px").add_to(m)


@works(shown(".fullscreen-icon"))
def Fullscreen(m):
    fp.Fullscreen().add_to(m)


@works(shown(".leaflet-control-layers"))
def GroupedLayerControl(m):
    group = folium.FeatureGroup("港口").add_to(m)
    marker(group)
    fp.GroupedLayerControl({"Порты": [group]}, collapsed=False).add_to(m)


HEAT = (
    "[...document.querySelectorAll('canvas')].some(c => c.width && "
    "c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v))"
)


@works(HEAT)
def HeatMap(m):
    fp.HeatMap([AT, NEXT]).add_to(m)


@works(HEAT + " && " + shown(".timecontrol-play"))
def HeatMapWithTime(m):
    fp.HeatMapWithTime([[AT], [NEXT]], index=["2015 年", "2016 год"]).add_to(m)


@works(ICON)
def MarkerCluster(m):
    group = fp.MarkerCluster().add_to(m)
    marker(group)


@works(shown(".leaflet-control-measure-toggle"))
def MeasureControl(m):
    fp.MeasureControl().add_to(m)


@works(shown(".leaflet-control-minimap path"))
def MiniMap(m):
    fp.MiniMap(toggle_display=True).add_to(m)


@works(shown(".leaflet-control-mouseposition"))
def MousePosition(m):
    fp.MousePosition().add_to(m)


@works(ICON)
def OverlappingMarkerSpiderfier(m):
    marker(m), marker(m)
    fp.OverlappingMarkerSpiderfier().add_to(m)


@works(shown(LINES), "PolyLineFromEncoded", "PolygonFromEncoded")
def encoded(m):
    fp.PolyLineFromEncoded("_p~iF~ps|U_ulLnnqC_mqNvxq`@").add_to(m)
    fp.PolygonFromEncoded("_cidHklmqX_ulLnnqC_mqNvxq`@").add_to(m)


@works(shown(LINES))
def PolyLineOffset(m):
    fp.PolyLineOffset([AT, NEXT], offset=5, popup=WORDS).add_to(m)


@works("document.querySelector('textPath').textContent.includes('路线 путь')")
def PolyLineTextPath(m):
    line = folium.PolyLine([AT, NEXT]).add_to(m)
    fp.PolyLineTextPath(line, "路线 путь ", repeat=True).add_to(m)


@works(ICON)
def Realtime(m):
    source = JsCode(
        "(done) => done({type: 'FeatureCollection', features: [{type: 'Feature', "
        "properties: {id: 1}, geometry: {type: 'Point', coordinates: [135, 48]}}]})"
    )
    fp.Realtime(source, start=True, interval=60_000).add_to(m)


@works(shown(".leaflet-control-search input"))
def Search(m):
    layer = folium.GeoJson(SHAPES, popup=folium.GeoJsonPopup(["name"])).add_to(m)
    fp.Search(layer, search_label="name", geom_type="Polygon").add_to(m)


@works(shown(LINES))
def SemiCircle(m):
    fp.SemiCircle(AT, radius=3e5, start_angle=20, stop_angle=90, popup=WORDS).add_to(m)


@works(shown(".leaflet-sbs-divider"))
def SideBySideLayers(m):
    left, right = (folium.GeoJson(SHAPES, name=n).add_to(m) for n in "ab")
    fp.SideBySideLayers(left, right).add_to(m)


@works("document.querySelector('pattern path') && " + shown(LINES))
def StripePattern(m):
    pattern = fp.StripePattern(angle=-45).add_to(m)
    folium.Circle(AT, radius=2e5, fill_pattern=pattern).add_to(m)


@works(shown(".easy-button-button"))
def TagFilterButton(m):
    marker(m, tags=["порт", "城"])
    fp.TagFilterButton(["порт", "城"]).add_to(m)


@works(shown("path.leaflet-interactive"))
def Terminator(m):
    fp.Terminator().add_to(m)


@works(shown(".leaflet-timeline-controls"), "Timeline", "TimelineSlider")
def timeline(m):
    line = fp.Timeline(SHAPES).add_to(m)
    fp.TimelineSlider(auto_play=False).add_timelines(line).add_to(m)


@works(shown(".timecontrol-play") + " && " + shown(LINES))
def TimestampedGeoJson(m):
    shapes = {"type": "FeatureCollection", "features": [ROUTE]}
    fp.TimestampedGeoJson(shapes, period="P1M", auto_play=False).add_to(m)


@works(shown(".leaflet-layerstree-node"))
def TreeLayerControl(m):
    group = folium.FeatureGroup("g").add_to(m)
    marker(group)
    tree = {"label": "Порты 港口", "children": [{"label": "a", "layer": group}]}
    fp.TreeLayerControl(overlay_tree=tree).add_to(m)
