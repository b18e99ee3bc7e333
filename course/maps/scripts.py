"""The scripts and styles that folium links, from installed packages, as parts of a page."""

import base64
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

import folium
from branca.element import Element, Figure, Link

from course.errors import CourseError
from course.words import _

# What folium links, without the version in its name -> the same in an XStatic package.
_FILES = {
    "leaflet.js": "leaflet/data/leaflet.js",
    "leaflet.css": "leaflet/data/leaflet.css",
    "jquery.min.js": "jquery/data/jquery.min.js",
    "d3.min.js": "d3/data/d3.js",
    "leaflet.markercluster.js": "leaflet_markercluster/data/leaflet.markercluster.js",
    "MarkerCluster.css": "leaflet_markercluster/data/MarkerCluster.css",
    "MarkerCluster.Default.css": "leaflet_markercluster/data/MarkerCluster.Default.css",
}
_INSTEAD = {  # what a plugin fetches -> what works without
    "heat": _("draw a folium.CircleMarker per place and let the radius show the value"),
    "time[sdl]|moment|d3.v4": _("use course.LiveMap, which has a year slider"),
    "topojson": _("load the shapes as GeoJSON and use folium.GeoJson"),
    "groupedlayercontrol": _("use folium.LayerControl"),
    "featuregroup": _("use folium.FeatureGroup"),
    "": _("use another folium layer"),
}


def embed(page: Figure) -> None:
    """Give each link of a page its code: branca would fetch what has none."""
    body = page.html.render() + page.script.render()
    online = any(isinstance(part, folium.TileLayer) for part in tree(page))
    links = [(n, e) for n, e in page.header._children.items() if isinstance(e, Link)]
    missing = []
    for name, link in links:
        code = _code(link.url)
        if "jquery" in link.url and not re.search(r"\$\(|jQuery", body):
            code = ""
        if code is not None:
            link.code = code  # type: ignore[assignment]  # bytes come out as b'...'
        elif online:  # the map asks for tiles anyway: this may stay a link
            page.header._children[name] = Element(link.render())
        else:
            missing.append(link.url)
    if missing:
        raise CourseError(_no_network(missing))


def tree(element: Element) -> Iterator[Element]:
    """Yield an element and all below it."""
    yield element
    for child in element._children.values():
        yield from tree(child)


@cache
def _code(url: str) -> str | None:
    """Return a script or a style as it may stand in a page, if an installed package has it."""
    name = re.sub(r"-\d[\d.]*\d", "", urlsplit(url).path.rsplit("/", 1)[-1])  # no version
    if name not in _FILES and url != name:  # what has no address is ours
        return None
    path = f"xstatic.pkg.{_FILES[name]}" if name in _FILES else f"course.maps/{url}"
    code = _bytes(path).decode("utf-8").replace("</script", "<\\/script")
    code = re.sub(r"(?m)^//# sourceMappingURL=.*$", "", code)
    code = re.sub(r"url\(images/([\w.-]+)\)", lambda m: f"url({_image(m[1])})", code)
    if name == "leaflet.js":
        icons = {"iconUrl": "icon", "iconRetinaUrl": "icon-2x", "shadowUrl": "shadow"}
        given = ",".join(f"{k}:'{_image(f'marker-{v}.png')}'" for k, v in icons.items())
        code += f"\nL.Icon.Default.imagePath='';L.Icon.Default.mergeOptions({{{given}}});"
    return code


def _image(name: str) -> str:
    image = _bytes(f"xstatic.pkg.leaflet/data/images/{name}")
    return f"data:image/png;base64,{base64.b64encode(image).decode()}"


def _bytes(path: str) -> bytes:
    package, file = path.split("/", 1)
    try:
        return (files(package) / file).read_bytes()
    except (ImportError, OSError) as error:
        say = _(
            "The file {path} is not installed, so maps cannot be drawn. Run `course doctor` "
            "in a terminal: it names the one command that mends it."
        )
        raise CourseError(say.format(path=path)) from error


def _no_network(urls: list[str]) -> str:
    asked = " ".join(urls).lower()
    instead = next(hint for words, hint in _INSTEAD.items() if re.search(words, asked))
    scripts = [url for url in urls if url.endswith(".js")] or urls
    say = _(
        "This map uses a folium plugin that fetches {file} from the internet, and the "
        "course works without. What works here: {instead}. With a connection, "
        'course.area_map(..., tiles="OpenStreetMap") lets the plugin fetch it.'
    )
    return say.format(file=scripts[0].rsplit("/", 1)[-1], instead=instead)
