"""Every layer of folium and of folium.plugins: it works in a sandboxed frame, or says what does."""

import json
import re
from importlib import import_module
from pathlib import Path

import branca.colormap
import folium
import folium.plugins as fp
import pandas as pd
import pytest
from branca.element import Element
from folium.utilities import JsCode
from playwright.sync_api import expect

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
        "coordinates": [[[130, 48], [138, 48], [138, 55], [130, 55], [130, 48]]],
    },
}
SHAPES = {"type": "FeatureCollection", "features": [SQUARE]}
LINE = {"type": "LineString", "coordinates": [AT[::-1], [131, 50], NEXT[::-1]]}
TIMES = ["2015-01-01", "2015-02-01", "2015-03-01"]
ROUTE = {"type": "Feature", "geometry": LINE, "properties": {"times": TIMES, "popup": WORDS}}
TOPOLOGY = {
    "type": "Topology",
    "arcs": [[[130, 48], [138, 48], [138, 55], [130, 48]]],
    "objects": {
        "x": {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "arcs": [[0]]}]}
    },
}
DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
URL = "https://maps.example/{z}/{x}/{y}.png"

MAP = "window[Object.keys(window).find(k => k.startsWith('map_'))]"
ICON, PATH = ".leaflet-marker-icon.leaflet-interactive", "path.leaflet-interactive"
PAINTED = (
    "[...document.querySelectorAll('canvas')].some(c => c.width && "
    "c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v))"
)

# class -> (how to add one to a map, what is true in the page then, what a reader does with it)
WORKS = {}


def works(probe, *names):
    """Keep how an example of a class is made; the probe is JavaScript or a selector."""

    def keep(make):
        WORKS.update(dict.fromkeys(names or [make.__name__], (make, probe, None)))
        return make

    return keep


def reader(make):
    """Keep what a reader does with an example, and what must come of it."""

    def keep(does):
        name = next(name for name, (of, *_) in WORKS.items() if of is make)
        WORKS[name] = (*WORKS[name][:2], does)

    return keep


def says_words(frame, selector):
    """Click something: its popup says what it should in two scripts."""
    frame.locator(selector).last.dispatch_event("click")
    box = frame.locator(".leaflet-popup-content")
    box.wait_for()
    assert "Хабаровск 哈巴罗夫斯克" in box.inner_text()


# --- folium.plugins ----------------------------------------------------------


@works(PATH)
def AntPath(m):
    fp.AntPath([AT, NEXT], popup=WORDS).add_to(m)


@reader(AntPath)
def _(frame):
    says_words(frame, PATH)


@works(".beautify-marker")
def BeautifyIcon(m):
    folium.Marker(AT, icon=fp.BeautifyIcon(number=7)).add_to(m)


@works(PAINTED)
def BoatMarker(m):
    fp.BoatMarker(AT, heading=45, wind_heading=150, wind_speed=45).add_to(m)


@works("document.querySelector('path[fill^=url]')", "StripePattern", "CirclePattern")
def pattern(m):
    for kind in (fp.StripePattern(angle=-45), fp.CirclePattern(radius=8)):
        kind.add_to(m)
        style = {"fillPattern": kind, "fillOpacity": 1}
        folium.GeoJson(SHAPES, style_function=lambda _, style=style: style).add_to(m)


@works(".leaflet-draw-draw-polygon")
def Draw(m):
    fp.Draw(export=True, filename="данные.geojson").add_to(m)


@reader(Draw)
def _(frame):
    for tool, points in {
        "polygon": [(200, 100), (300, 100), (250, 200), (200, 100)],
        "polyline": [(400, 100), (450, 150), (450, 150)],
        "marker": [(350, 300)],
    }.items():
        frame.click(f".leaflet-draw-draw-{tool}")
        for x, y in points:
            frame.locator(".folium-map").click(position={"x": x, "y": y})
    for tool, (x, y) in {"rectangle": (500, 100), "circle": (500, 250)}.items():
        frame.click(f".leaflet-draw-draw-{tool}")
        frame.locator(".folium-map").drag_to(
            frame.locator(".folium-map"),
            source_position={"x": x, "y": y},
            target_position={"x": x + 60, "y": y + 50},
        )
    frame.locator(PATH).first.dispatch_event("click")
    expect(frame.locator("dialog textarea")).to_have_value(re.compile('"Polygon"'))
    frame.click("dialog button")
    with frame.page.expect_download() as got:
        frame.click("#export")
    assert got.value.suggested_filename == "данные.geojson"
    kinds = [
        f["geometry"]["type"]
        for f in json.loads(got.value.path().read_text("utf-8"))["features"]
    ]
    assert kinds == ["Polygon", "LineString", "Point", "Polygon", "Point"]


@works(ICON)
def FastMarkerCluster(m):
    fp.FastMarkerCluster([AT, NEXT]).add_to(m)


@works(ICON)
def FeatureGroupSubGroup(m):
    group = folium.FeatureGroup("g").add_to(m)
    folium.Marker(AT).add_to(fp.FeatureGroupSubGroup(group, "Порты").add_to(m))


@works("img[alt=float_image]")
def FloatImage(m):
    fp.FloatImage(DOT, width="20px").add_to(m)


@works(".fullscreen-icon")
def Fullscreen(m):
    fp.Fullscreen().add_to(m)


@reader(Fullscreen)
def _(frame):
    frame.click(".fullscreen-icon")
    frame.wait_for_function("() => document.fullscreenElement")
    frame.click(".fullscreen-icon")
    frame.wait_for_function("() => !document.fullscreenElement")


@works(".leaflet-control-layers-group")
def GroupedLayerControl(m):
    groups = [folium.FeatureGroup(name).add_to(m) for name in ("港口", "Станции")]
    folium.Marker(AT).add_to(groups[0])
    fp.GroupedLayerControl({"Порты": groups}, collapsed=False).add_to(m)


@reader(GroupedLayerControl)
def _(frame):
    frame.locator("label", has_text="Станции").locator("input").check()
    frame.wait_for_selector(ICON, state="detached")


@works(PAINTED)
def HeatMap(m):
    fp.HeatMap([[*AT, 0.5], [*NEXT, 1]]).add_to(m)


@works(PAINTED)
def HeatMapWithTime(m):
    fp.HeatMapWithTime([[AT], [NEXT]], index=["2015 年", "2016 год"]).add_to(m)


@reader(HeatMapWithTime)
def _(frame):
    frame.click(".timecontrol-forward")
    frame.locator(".timecontrol-date", has_text="2016 год").wait_for()


@works(".marker-cluster")
def MarkerCluster(m):
    group = fp.MarkerCluster().add_to(m)
    for east in (0, 0.01):
        folium.Marker([AT[0], AT[1] + east]).add_to(group)


@works(".leaflet-control-measure-toggle")
def MeasureControl(m):
    fp.MeasureControl().add_to(m)


@reader(MeasureControl)
def _(frame):
    frame.hover(".leaflet-control-measure")
    frame.click(".leaflet-control-measure .js-start")
    for x in (200, 300):
        frame.locator(".folium-map").click(position={"x": x, "y": 150})
    frame.click(".leaflet-control-measure .js-finish")
    popup = frame.locator(".leaflet-measure-resultpopup")
    expect(popup).to_contain_text(re.compile(r"\d (Kilom|M)eters"))


@works(".leaflet-control-minimap path")
def MiniMap(m):
    fp.MiniMap(toggle_display=True).add_to(m)


@works(".leaflet-control-mouseposition")
def MousePosition(m):
    fp.MousePosition(prefix="位置").add_to(m)


@reader(MousePosition)
def _(frame):
    frame.hover(".folium-map", position={"x": 300, "y": 200})
    assert re.search(
        r"位置 \d+\.\d+ : \d+\.\d+", frame.inner_text(".leaflet-control-mouseposition")
    )


@works(ICON)
def OverlappingMarkerSpiderfier(m):
    for _ in "ab":
        folium.Marker(AT).add_to(m)
    fp.OverlappingMarkerSpiderfier(keep_spiderfied=True).add_to(m)


@reader(OverlappingMarkerSpiderfier)
def _(frame):
    frame.locator(ICON).last.dispatch_event("click")
    frame.wait_for_selector("path")  # legs


@works(PATH, "PolyLineFromEncoded", "PolygonFromEncoded")
def encoded(m):
    fp.PolyLineFromEncoded("_cidHklmqX_ulLnnqC_mqNvxq`@").add_to(m)
    fp.PolygonFromEncoded("_cidHklmqX_ulLnnqC_mqNvxq`@").add_to(m)


@works(PATH)
def PolyLineOffset(m):
    fp.PolyLineOffset([AT, NEXT], offset=5).add_to(m)


@works("document.querySelector('textPath').textContent.includes('路线')")
def PolyLineTextPath(m):
    line = folium.PolyLine([AT, NEXT]).add_to(m)
    fp.PolyLineTextPath(line, "路线 Путь", offset=-5).add_to(m)


@works(ICON)
def Realtime(m):
    point = {"type": "Point", "coordinates": AT[::-1]}
    spot = {"type": "Feature", "properties": {"id": 1}, "geometry": point}
    fp.Realtime(JsCode(f"(done) => done({json.dumps(spot)})"), interval=60_000).add_to(m)


@works(".leaflet-control-search input")
def Search(m):
    layer = folium.GeoJson(SHAPES, popup=folium.GeoJsonPopup(["name"])).add_to(m)
    fp.Search(layer, search_label="name", geom_type="Polygon", placeholder="搜索").add_to(m)


@reader(Search)
def _(frame):
    frame.locator(".leaflet-control-search input").fill("аму")
    frame.locator(".leaflet-control-search input").dispatch_event("keyup")
    frame.wait_for_selector(".search-tip")
    frame.press(".leaflet-control-search input", "Enter")
    frame.locator(".leaflet-popup-content", has_text="Амур 黑龙江").wait_for()


@works(PATH)
def SemiCircle(m):
    fp.SemiCircle(AT, radius=3e5, start_angle=20, stop_angle=90).add_to(m)


@works(".leaflet-sbs-divider")
def SideBySideLayers(m):
    left, right = (
        folium.GeoJson(SHAPES, style_function=lambda _, c=c: {"color": c}).add_to(m)
        for c in ("red", "blue")
    )
    fp.SideBySideLayers(left, right).add_to(m)


@reader(SideBySideLayers)
def _(frame):
    side = "e => getComputedStyle(e.closest('.leaflet-pane[style*=clip]')).clip"
    frame.locator(".leaflet-sbs-range").evaluate(
        "e => { e.value = 0.1; e.oninput?.(); e.dispatchEvent(new Event('input')) }"
    )
    left, right = (frame.locator(f"path[stroke={c}]").evaluate(side) for c in ("red", "blue"))
    assert left != right and left.startswith("rect(")


@works(".easy-button-button")
def TagFilterButton(m):
    folium.Marker(AT, tags=["порт"]).add_to(m)
    folium.Marker(NEXT, tags=["城"]).add_to(m)
    fp.TagFilterButton(["порт", "城"]).add_to(m)


@reader(TagFilterButton)
def _(frame):
    frame.click(".easy-button-button")
    frame.locator("label", has_text="城").or_(frame.locator("li", has_text="城")).first.click()
    frame.wait_for_function(f"() => document.querySelectorAll('{ICON}').length === 1")


@works("document.querySelector('path[fill-opacity=\"0.5\"]')")
def Terminator(m):
    fp.Terminator().add_to(m)


@works(".leaflet-timeline-control .play", "Timeline", "TimelineSlider")
def timeline(m):
    line = fp.Timeline(SHAPES).add_to(m)
    fp.TimelineSlider(auto_play=False).add_timelines(line).add_to(m)


@works(".timecontrol-play")
def TimestampedGeoJson(m):
    shapes = {"type": "FeatureCollection", "features": [ROUTE]}
    fp.TimestampedGeoJson(shapes, period="P1M", auto_play=False).add_to(m)


@reader(TimestampedGeoJson)
def _(frame):
    for _ in range(2):
        frame.click(".timecontrol-forward")
    frame.locator(".timecontrol-date", has_text="2015-03-01").wait_for()
    says_words(frame, PATH)


@works(".leaflet-layerstree-children label")
def TreeLayerControl(m):
    group = folium.FeatureGroup("g").add_to(m)
    folium.Marker(AT).add_to(group)
    tree = {"label": "Порты", "children": [{"label": "港口", "layer": group}]}
    fp.TreeLayerControl(overlay_tree=tree, collapsed=False).add_to(m)


@reader(TreeLayerControl)
def _(frame):
    frame.locator("label", has_text="港口").locator("input").uncheck()
    frame.wait_for_selector(ICON, state="detached")


# --- folium ------------------------------------------------------------------


@works(ICON, "Marker", "Popup", "Tooltip")
def Marker(m):
    folium.Marker(AT, popup=folium.Popup(WORDS), tooltip=folium.Tooltip(WORDS)).add_to(m)


@reader(Marker)
def _(frame):
    says_words(frame, ICON)


@works(
    "document.querySelectorAll('.leaflet-marker-icon.leaflet-interactive').length === 3",
    "Icon",
    "DivIcon",
    "CustomIcon",
)
def icons(m):
    for icon in (folium.Icon("red"), folium.DivIcon("▲"), folium.CustomIcon(DOT, (9, 9))):
        folium.Marker(AT, icon=icon).add_to(m)


@works(
    f"document.querySelectorAll('{PATH}').length > 4",
    "Circle",
    "CircleMarker",
    "PolyLine",
    "Polygon",
    "Rectangle",
    "FeatureGroup",
    "ColorLine",
)
def shapes(m):
    group = folium.FeatureGroup("a").add_to(m)
    places = [AT, NEXT, [45, 130]]
    for shape in (
        folium.Circle(AT, radius=9e4), folium.CircleMarker(AT), folium.PolyLine(places),
        folium.Polygon(places), folium.Rectangle(places[:2]), folium.ColorLine(places, [1, 2]),
    ):  # fmt: skip
        shape.add_to(group)


@works(PATH, "GeoJson", "GeoJsonPopup", "GeoJsonTooltip")
def geojson(m):
    tip, popup = folium.GeoJsonTooltip(["name"]), folium.GeoJsonPopup(["name"])
    folium.GeoJson(SHAPES, tooltip=tip, popup=popup).add_to(m)


@works(PATH)
def TopoJson(m):
    folium.TopoJson(TOPOLOGY, "objects.x").add_to(m)


@works(".legend path, .legend rect, svg#legend", "Choropleth")
def choropleth(m):
    data = pd.DataFrame({"id": ["a"], "n": [3]})
    folium.Choropleth(
        SHAPES, data=data, columns=["id", "n"], key_on="feature.id", bins=[0, 2, 4, 6]
    ).add_to(m)
    branca.colormap.LinearColormap(["red", "blue"]).add_to(m)


@works(".leaflet-control-layers")
def LayerControl(m):
    folium.LayerControl().add_to(m)


@works(".leaflet-control-scale")
def Control(m):
    folium.Control("Scale", position="topright").add_to(m)


@works("img.leaflet-image-layer")
def ImageOverlay(m):
    folium.raster_layers.ImageOverlay(DOT, bounds=[AT, NEXT]).add_to(m)


@works(f"{MAP}.getZoom() > 4")
def FitBounds(m):
    m.fit_bounds([AT, NEXT])


@works(ICON, "ClickForMarker", "ClickForLatLng", "LatLngPopup")
def clicks(m):
    m.add_child(folium.ClickForMarker(WORDS)).add_child(folium.LatLngPopup())
    m.add_child(folium.ClickForLatLng())
    folium.Marker(AT).add_to(m)


@reader(clicks)
def _(frame):
    frame.click(".folium-map", position={"x": 300, "y": 200})
    expect(frame.locator("dialog textarea")).to_have_value(re.compile(r"^\d+\.\d+,\d+\.\d+$"))
    frame.click("dialog button")
    assert "Latitude" in frame.inner_text(".leaflet-popup-content")


# --- refused -----------------------------------------------------------------


def popup_with(chart):
    """A map with a chart in a popup."""
    return lambda m: folium.Marker(AT, popup=folium.Popup().add_child(chart())).add_to(m)


REFUSED = {
    "DualMap": lambda m: fp.DualMap(tiles=None).add_to(m),
    "FitOverlays": lambda m: folium.FitOverlays().add_to(m),
    "Geocoder": lambda m: fp.Geocoder().add_to(m),
    "GeoMan": lambda m: fp.GeoMan().add_to(m),
    "LocateControl": lambda m: fp.LocateControl().add_to(m),
    "RegularPolygonMarker": lambda m: folium.RegularPolygonMarker(AT).add_to(m),
    "ScrollZoomToggler": lambda m: fp.ScrollZoomToggler().add_to(m),
    "TimeSliderChoropleth": lambda m: fp.TimeSliderChoropleth(
        SHAPES, {"a": {"1": {"color": "red", "opacity": 1}}}
    ).add_to(m),
    "TimestampedWmsTileLayers": lambda m: fp.TimestampedWmsTileLayers(
        folium.WmsTileLayer(URL, "x")
    ).add_to(m),
    "Vega": popup_with(lambda: folium.Vega({"data": []}, width=9, height=9)),
    "VegaLite": popup_with(lambda: folium.VegaLite({"mark": "bar"}, width=9, height=9)),
    "VectorGridProtobuf": lambda m: fp.VectorGridProtobuf(URL).add_to(m),
}
ASKS_THE_NET = {"TileLayer", "WmsTileLayer", "VideoOverlay"}  # what they show is an address
PLUMBING = {  # not on a map by themselves
    "Layer", "Map", "Evented", "EventHandler", "CustomPane", "JSCSSMixin", "IncludeStatement",
    "ElementAddToElement", "GeoJsonDetail", "BaseMultiLocation", "Class", "GlobalSwitches",
}  # fmt: skip
ROOMS = ["plugins", "features", "map", "raster_layers", "vector_layers", "folium"]


def every_class():
    """All that folium can put on a map."""
    found = {}
    for room in ROOMS:
        held = vars(import_module(f"folium.{room}")).values()
        found |= {c.__name__: c for c in held if isinstance(c, type) and issubclass(c, Element)}
    return {n for n, c in found.items() if c.__module__.startswith("folium")}


def test_no_class_of_folium_is_left_out():
    assert every_class() - PLUMBING - ASKS_THE_NET == WORKS.keys() | REFUSED.keys()


@pytest.fixture(scope="module")
def show(context):
    """Show a map as a notebook does, and give its frame."""
    page = context.new_page()

    def shown(html):
        page.set_content(html)
        return page.query_selector("iframe").content_frame()

    yield shown
    page.close()


@pytest.mark.parametrize("name", WORKS)
def test_a_plugin_works_without_a_network(name, show, guard):
    make, probe, does = WORKS[name]
    m = course.area_map("far_east")
    make(m)
    frame = show(m._repr_html_())
    if not re.search(r"[(=]", probe.replace("=float", "")):
        frame.wait_for_selector(probe)
    else:
        frame.wait_for_function(f"() => {probe}")
    if does:
        does(frame)


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_work_says_what_does(name):
    m = course.area_map("far_east")
    REFUSED[name](m)
    with pytest.raises(CourseError, match=name) as error:
        m.get_root().render()
    said = str(error.value)
    assert said in m._repr_html_().replace("&quot;", '"').replace("&lt;", "<").replace(
        "&#x27;", "'"
    )
    advised = set(re.findall(r"(?:folium|course)\.(?:plugins\.)?(\w+)", said)) - {"area_map"}
    assert all(a in WORKS or hasattr(course, a) for a in advised - {name})


def test_two_maps_side_by_side_move_together(show, guard):
    both = course.DualMap("heilongjiang", language="zh", height=300)
    folium.Marker(AT, popup=WORDS).add_to(both)
    folium.CircleMarker(AT).add_to(both.m2)
    assert repr(both).startswith("Two maps")
    for _ in range(2):  # what was shown once can be shown again
        frame = show(both._repr_html_())
        frame.wait_for_function(f"() => document.querySelectorAll('{ICON}').length === 2")
        assert frame.locator(PATH).count() == 1
        maps = "Object.keys(window).filter(k => k.startsWith('map_')).map(k => window[k])"
        frame.evaluate(f"{maps}[0].setView([45, 130], 7, {{animate: false}}); 0")
        frame.wait_for_function(f"() => {maps}.every(m => m.getZoom() === 7)")
        left, right = (frame.locator(".folium-map").nth(k).bounding_box() for k in (0, 1))
        assert left["x"] + left["width"] <= right["x"] + 1 and left["height"] > 280
    says_words(frame, ICON)
    stacked = show(course.DualMap(layout="vertical")._repr_html_())
    stacked.wait_for_selector(".folium-map")
    upper, lower = (stacked.locator(".folium-map").nth(k).bounding_box() for k in (0, 1))
    assert upper["y"] + upper["height"] <= lower["y"] + 1 and upper["x"] == lower["x"]
    with pytest.raises(CourseError, match="no layout 'diagonal'"):
        course.DualMap(layout="diagonal")


def test_readme_lists_the_plugins():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    told = re.search(r"Of `folium\.plugins`\s+work:(.*?)\.\s+Not:(.*?)\.", readme, re.DOTALL)
    ours, others = (set(re.findall(r"\w+", names)) for names in told.groups())
    assert ours == set(fp.__all__) & WORKS.keys()
    assert others == set(fp.__all__) & REFUSED.keys()
