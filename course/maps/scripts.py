"""The scripts and styles that folium links, as parts of a page that needs no network.

They come from installed packages; what no package carries is kept in others/ unchanged, one
folder per npm package and version, with its licence (NOTICE lists them all).
"""

import base64
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import islice
from mimetypes import guess_type
from types import ModuleType
from urllib.parse import urlsplit

import folium
from branca.element import Element, Figure, Link

from course.errors import CourseError
from course.words import _

_CLUSTER = "xstatic.pkg.leaflet_markercluster/data"
# What folium links -> the package and file we have; neither version nor ".min" counts.
_FILES = {
    "leaflet.js": "xstatic.pkg.leaflet/data/leaflet.js",
    "leaflet.css": "xstatic.pkg.leaflet/data/leaflet.css",
    "jquery.js": "xstatic.pkg.jquery/data/jquery.min.js",
    "d3.js": "xstatic.pkg.d3/data/d3.js",
    "leaflet.markercluster.js": f"{_CLUSTER}/leaflet.markercluster.js",
    "MarkerCluster.css": f"{_CLUSTER}/MarkerCluster.css",
    "MarkerCluster.Default.css": f"{_CLUSTER}/MarkerCluster.Default.css",
    "leaflet_heat.js": "folium/templates/leaflet_heat.min.js",
    "pa7_hm.js": "folium/templates/pa7_hm.min.js",
    "pa7_leaflet_hm.js": "folium/templates/pa7_leaflet_hm.min.js",
}
_OTHER_NAMES = {"leaflet-side-by-side.js": "index.js", "leaflet.terminator": "L.Terminator.js"}
_NEEDLESS = re.compile(r"/(jqueryui|highlight\.js)/")  # linked, and never used
_INSTEAD = {  # folium's class that does not work in a map of the course -> what does
    "DualMap": _("course.DualMap(area) sets two maps side by side."),
    "FitOverlays": _("m.fit_bounds(layer.get_bounds()) shows all of a layer."),
    "Geocoder": _("folium.plugins.Search finds what is in a layer of your own."),
    "GeoMan": _("folium.plugins.Draw draws shapes."),
    "LocateControl": _("Put a folium.Marker at your place."),
    "RegularPolygonMarker": _('Use folium.CircleMarker, or a Marker with folium.DivIcon("▲").'),
    "ScrollZoomToggler": _("Zoom by the +/- buttons, or click the map and turn the wheel."),
    "TimeSliderChoropleth": _("course.LiveMap colours regions by year with a slider."),
    "TimestampedWmsTileLayers": _("folium.plugins.TimestampedGeoJson shows shapes by date."),
    "Vega": _("Show the chart in a cell of its own."),
    "VegaLite": _("Show the chart in a cell of its own."),
    "VectorGridProtobuf": _("Load the shapes as GeoJSON, for folium.GeoJson."),
}


def embed(page: Figure) -> None:
    """Give each link of a page its code: branca would fetch what has none."""
    parts, header = list(tree(page)), page.header._children
    online = any(isinstance(part, folium.TileLayer) for part in parts)
    links = {name: part for name, part in header.items() if isinstance(part, Link)}
    written = [*(header[name] for name in header.keys() - links), page.html, page.script]
    body = "".join(part.render() for part in written)
    kinds = [type(part) for part in parts if type(part).__module__.startswith("folium.")]
    say = _("{kind} does not work in a map of the course. {way}")
    unfit = [kind.__name__ for kind in kinds if kind.__name__ in _INSTEAD]
    refused = [say.format(kind=kind, way=_INSTEAD[kind]) for kind in unfit]
    given = set() if re.search(r"\$[.(]|jQuery", body) else {_FILES["jquery.js"]}
    for name, link in links.items():
        path = _path(link.url)
        if path is not None:
            link.code = "" if path in given else _code(path)  # type: ignore[assignment]  # no bytes
            given.add(path)
        elif online:  # the map asks for tiles anyway: this may stay a link
            header[name] = Element(link.render())
        else:
            refused.append(_unknown(link.url))
    if refused and not online:
        say = _(
            '{reason} (With a connection, course.area_map(..., tiles="OpenStreetMap") lets '
            "folium fetch what it links.)"
        )
        raise CourseError(say.format(reason=refused[0]))
    if any("/others/" in path for path in given) or re.search("alert|clipboard", body):
        page.header.add_child(Element(f"<script>{_code('course.maps/plugins.js')}</script>"))


def tree(element: Element) -> Iterator[Element]:
    """Yield an element and all below it."""
    yield element
    for child in element._children.values():
        yield from tree(child)


@cache
def _path(url: str) -> str | None:
    """Return "package/file" of what is linked, "" if it is not needed, None if unknown."""
    name = _name(url)
    if url == name:  # what has no address is ours
        return f"course.maps/{url}"
    if _NEEDLESS.search(url):
        return ""
    path = _FILES.get(name) or _kept().get(_OTHER_NAMES.get(name, name), "")
    # a file's name may be common: the package must be named too
    package = re.search(r"/others/([^/]+)-", path)
    if not path or (package and _letters(package[1]) not in _letters(url)):
        return None
    return path if _fits(url, path) else None


def _name(url: str) -> str:
    file = urlsplit(url).path.rsplit("/", 1)[-1]
    return re.sub(r"-\d[\d.]*\d|\.min(?=\.)", "", file)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.lower())


@cache
def _kept() -> dict[str, str]:
    """Return where the files of others are, by name without version and ".min"."""
    folders = [f for f in (files("course.maps") / "others").iterdir() if f.is_dir()]
    return {
        _name(file.name): f"course.maps/others/{folder.name}/{file.name}"
        for folder in folders
        for file in folder.iterdir()
    }


def _fits(url: str, path: str) -> bool:
    """Tell whether we have the major version that is asked for (before 1.0: and minor)."""
    asked = re.search(r"(?<=[@/-])\d+(\.\d+)*(?=/|\.min|\.js|\.css|$)", url)
    if asked is None or path.startswith("folium/"):  # no version, or folium's own file
        return True
    kept = re.search(r"-(\d[\d.]*)/", path)
    ours = kept[1] if kept else _package(path).VERSION
    count = 2 if ours.startswith("0.") else 1
    pairs = zip(asked[0].split("."), ours.split("."), strict=False)
    return all(theirs == our for theirs, our in islice(pairs, count))


@cache
def _code(path: str) -> str:
    """Return a script or a style as it may stand in a page."""
    if not path:
        return ""
    code = _file(path).read_bytes().decode("utf-8")
    if path.endswith(".css"):
        return _pictures(code, path)
    code = re.sub(r"(?m)^//# sourceMappingURL=.*$", "", code.replace("</script", "<\\/script"))
    folder = path.rsplit("/", 1)[0]
    if path.endswith("/leaflet.js"):
        icons = {"iconUrl": "icon", "iconRetinaUrl": "icon-2x", "shadowUrl": "shadow"}
        given = (
            f"{k}:'{_data_uri(f'{folder}/images/marker-{v}.png')}'" for k, v in icons.items()
        )
        options = f"imagePath='';L.Icon.Default.mergeOptions({{{','.join(given)}}});"
        code += f"\nL.Icon.Default.{options}"
    if path.endswith("/index.js"):  # written for a bundler, which would add its styles
        names = re.findall(r"require\('\./(\w+\.css)'\)", code)
        style = "".join(_code(f"{folder}/{name}") for name in names)
        code = f"((require,module)=>{{{code}\n}})(()=>L,{{}});"
        code += "document.head.appendChild(document.createElement('style'))"
        code += f".textContent={json.dumps(style)};"
    return code


def _pictures(style: str, path: str) -> str:
    """Write the pictures and fonts that a style names into it; what is not here is left out."""

    def written(match: re.Match[str]) -> str:
        name = _name(match[1])
        ours = _kept().get(name) or f"{path.rsplit('/', 1)[0]}/images/{name}"
        return f"url({_data_uri(ours) if _file(ours).is_file() else 'data:,'})"

    return re.sub(r"""url\(["']?(?!#|data:)([^)"']+)["']?\)""", written, style)


def _data_uri(path: str) -> str:
    kind = guess_type(path)[0] or "font/woff"
    return f"data:{kind};base64,{base64.b64encode(_file(path).read_bytes()).decode()}"


def _file(path: str) -> Traversable:
    return files(_package(path)) / path.split("/", 1)[1]


def _package(path: str) -> ModuleType:
    try:
        return import_module(path.split("/", 1)[0])
    except ImportError as error:
        say = _(
            "The file {path} is not installed, so maps cannot be drawn. Run `course doctor` "
            "in a terminal: it names the one command that mends it."
        )
        raise CourseError(say.format(path=path)) from error


def _unknown(url: str) -> str:
    """Say why a link cannot be followed."""
    file = urlsplit(url).path.rsplit("/", 1)[-1]
    if _name(url) in _FILES | _kept():
        say = _("folium {version} links a version of {file} that the course has not tried.")
        return say.format(version=folium.__version__, file=file)
    say = _("folium would fetch {file} from the internet. Use another folium layer.")
    return say.format(file=file)
