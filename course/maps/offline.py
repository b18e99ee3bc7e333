"""Folium pages that need no network: scripts come from installed packages."""

import base64
import gzip
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, lru_cache, partial
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink

from course.errors import CourseError

# What folium asks a CDN for -> the same file in an installed XStatic package.
_SCRIPTS = {
    "leaflet.js": ("leaflet", "leaflet.js"),
    "jquery-3.7.1.min.js": ("jquery", "jquery.min.js"),
    "d3.min.js": ("d3", "d3.js"),
    "leaflet.markercluster.js": ("leaflet_markercluster", "leaflet.markercluster.js"),
}
_STYLES = {
    "leaflet.css": ("leaflet", "leaflet.css"),
    "MarkerCluster.css": ("leaflet_markercluster", "MarkerCluster.css"),
    "MarkerCluster.Default.css": (
        "leaflet_markercluster",
        "MarkerCluster.Default.css",
    ),
}
# Part of every folium page, but nothing a map of ours needs to be drawn.
_UNUSED = {
    "bootstrap.bundle.min.js",
    "bootstrap.min.css",
    "all.min.css",
    "bootstrap-glyphicons.css",
    "leaflet.awesome-markers.css",
    "leaflet.awesome.rotate.min.css",
}
_INSTEAD = {
    "heat": "draw a folium.CircleMarker per place and let the radius show the value",
    "timeslider": "use course.LiveMap, which has a year slider",
    "timedimension": "use course.LiveMap, which has a year slider",
    "timeline": "use course.LiveMap, which has a year slider",
    "d3.v4": "use course.LiveMap, which has a year slider",
    "moment": "use course.LiveMap, which has a year slider",
    "topojson": "load the shapes as GeoJSON and use folium.GeoJson",
    "groupedlayercontrol": "use folium.LayerControl",
    "featuregroup": "use folium.FeatureGroup",
}

# folium.Icon needs Leaflet.awesome-markers, which no package carries: a plain
# pin in the icon's colour takes its place.
_PIN = """
L.AwesomeMarkers = {icon: function (o) {
  var named = {lightred: '#ff8e7f', beige: '#ffcb92', darkpurple: '#5b396b',
    cadetblue: '#436978', lightgray: '#a3a3a3'};
  var fill = named[o.markerColor] || o.markerColor || '#2a81cb';
  return L.divIcon({className: 'course-pin', iconSize: [26, 38],
    iconAnchor: [13, 38], popupAnchor: [0, -34], tooltipAnchor: [12, -24],
    html: '<svg viewBox="0 0 26 38" width="26" height="38">' +
      '<path d="M13 37C9 26 1 20 1 12a12 12 0 0 1 24 0c0 8-8 14-12 25z" fill="' +
      fill + '" stroke="#fff" stroke-width="1.5"/>' +
      '<circle cx="13" cy="12.500" r="4.500" fill="#fff"/></svg>'});
}};
"""


class OfflineFigure(Figure):
    """The page around a folium map, with every script written into it.

    Attributes:
        alt: what the map shows, in a sentence; also the iframe's title.
        caption: HTML shown below the map, outside the iframe.
        online: True where the map asks for tiles anyway, so that scripts that
            no installed package holds may stay links.
    """

    def __init__(
        self, alt: str, caption: str = "", online: bool = False, height: int = 480
    ) -> None:
        super().__init__(height=f"{height}px", title=escape(alt))
        self.alt = alt
        self.caption = caption
        self.online = online
        self.header.add_child(
            Element(
                "<style>.course-pin{background:none;border:0}"
                ".folium-map.leaflet-container{font-family:system-ui,'Noto Sans',"
                "'Noto Sans CJK SC','Microsoft YaHei',sans-serif;background:#dbe7ee}"
                ".leaflet-container .leaflet-control{font-size:11px}</style>"
            ),
            name="course_style",
        )

    def render(self, **kwargs) -> str:
        """Return the page as HTML that fetches no script and no style.

        Rendering leaves the map as it was: folium's layers add parts to
        themselves each time, and would grow with every look at them.

        Raises:
            CourseError: a plugin on the map needs a script that no installed
                package holds.
        """
        roots = [self, self.header, self.html, self.script]
        before = [(e, e._children.copy()) for root in roots for e in _tree(root)]
        try:
            return self._page(**kwargs)
        finally:
            for element, children in before:
                element._children = children

    def _page(self, **kwargs) -> str:
        for child in self._children.values():
            child.render(**kwargs)
        body = self.html.render(**kwargs) + self.script.render(**kwargs)
        missing = []
        for name, link in list(self.header._children.items()):
            if isinstance(link, JavascriptLink | CssLink):
                inlined = self._inline(link, body)
                if inlined is not None:
                    self.header._children[name] = inlined
                elif not self.online:
                    missing.append(link.url)
        if missing:
            raise CourseError(_no_network(missing))
        page = self._template.render(this=self, kwargs=kwargs)
        # folium forbids zooming the page; readers with weak sight need it
        fixed = r"initial-scale=1.0,\s*maximum-scale.*?no"
        page = re.sub(fixed, "initial-scale=1", page)
        return page.replace("<html>", '<html lang="en">', 1)

    def _inline(self, link: JavascriptLink | CssLink, body: str) -> Element | None:
        """Return what takes a link's place, or None where no package holds it."""
        file = _file_name(link.url)
        if file in _SCRIPTS:
            if file.startswith("jquery") and not re.search(r"\$\(|jQuery", body):
                return _raw("")
            return _raw(f"<script>{_script(file)}</script>")
        if file in _STYLES:
            return _raw(f"<style>{_style(file)}</style>")
        if file == "leaflet.awesome-markers.js":
            used = "AwesomeMarkers" in body
            return _raw(f"<script>{_PIN}</script>" if used else "")
        if file in _UNUSED:
            return _raw("")
        return None

    def _repr_html_(self, **kwargs) -> str:
        try:
            page = self.render(**kwargs)
        except CourseError as error:
            return no_map(error)
        return frame_html(page, self.alt, self.height, self.caption)


def make_offline(
    folium_map: folium.Map, alt: str, caption: str = "", height: int = 480
) -> folium.Map:
    """Let any folium map carry its own scripts.

    Args:
        folium_map: a map made with ``tiles=None``.
        alt: what the map shows, in a sentence, for those who do not see it.
        caption: HTML to stand below the map.
        height: height in pixels.

    Returns:
        The same map; shown in a notebook, saved or exported it needs no network.
    """
    tiles = any(isinstance(c, folium.TileLayer) for c in folium_map._children.values())
    OfflineFigure(alt, caption, online=tiles, height=height).add_child(folium_map)
    # folium's own empties the file before it finds that it cannot draw the map
    folium_map.save = partial(_save, folium_map)
    return folium_map


def write_page(path: str | Path, page: str) -> Path:
    """Write a page to disk.

    Args:
        path: where to, for example ``"map.html"``.
        page: HTML.

    Returns:
        The path written.

    Raises:
        CourseError: the file cannot be written there.
    """
    target = Path(path)
    try:
        _replace(target, page.encode("utf-8"))
    except (OSError, ValueError) as error:
        raise CourseError(
            f"The page cannot be saved as {target} ({error}). "
            "Choose a folder that exists and that you may write to."
        ) from error
    return target


def _replace(target: Path, content: bytes) -> None:
    """Write a file in full or not at all: a full disk must not cost the old page."""
    target = Path(os.path.realpath(target))  # of a link, what it leads to is rewritten
    if target.exists() and not target.is_file():  # a device, or a folder, which refuses
        target.write_bytes(content)
        return
    beside = target.with_name(f".page-{secrets.token_hex(4)}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(content)
        if target.exists():
            target.open("r+b").close()  # what may not be written stays as it is
            with suppress(OSError):  # some disks know no permissions
                shutil.copymode(target, beside)
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _save(folium_map: folium.Map, outfile: Any, close_file: bool = True, **kwargs) -> None:
    page = folium_map.get_root().render(**kwargs)
    if not hasattr(outfile, "write"):
        write_page(os.fsdecode(outfile), page)
        return
    outfile.write(page.encode("utf-8"))
    if close_file:
        outfile.close()


def _tree(element: Element) -> Iterator[Element]:
    yield element
    for child in element._children.values():
        yield from _tree(child)


@lru_cache(maxsize=4)  # a live map is asked for the same page up to four times
def squeeze(page: str) -> str:
    """Return a small page that unpacks ``page`` in the browser (gzip, base64)."""
    packed = base64.b64encode(gzip.compress(page.encode("utf-8"), 9, mtime=0)).decode()
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>map</title>'
        "</head><body><script>(async()=>{"
        f'const b=Uint8Array.from(atob("{packed}"),c=>c.charCodeAt(0));'
        "const s=new Blob([b]).stream().pipeThrough(new DecompressionStream('gzip'));"
        "const t=await new Response(s).text();"
        "document.open();document.write(t);document.close()})()</script></body></html>"
    )


def frame_html(page: str, alt: str, height: str, caption: str = "") -> str:
    """Return an iframe with the page, and what must stay readable without it.

    JupyterLab drops iframes from notebooks it does not trust, so the words that
    say so stand outside.

    Args:
        page: HTML of the page.
        alt: what it shows, in a sentence.
        height: CSS height, for example ``"480px"``.
        caption: HTML to stand below.
    """
    # no ids: cells run in different kernels would bring the same one twice
    words, srcdoc = escape(alt, quote=True), escape(squeeze(page), quote=True)
    return (
        f'<figure style="margin:0" aria-label="{words}">'
        f'<iframe srcdoc="{srcdoc}" title="{words}" '
        f'style="width:100%;height:{height};border:1px solid #c8c8c8" '
        "allowfullscreen></iframe>"
        f'<figcaption style="font-size:90%">{escape(alt)} {caption} '
        "<small>(No map above? Choose File › Trust Notebook, or run the cell "
        "again.)</small></figcaption></figure>"
    )


def no_map(error: CourseError) -> str:
    """Return what takes a map's place if it cannot be drawn: HTML with the reason."""
    return (
        '<div role="alert" style="border:2px solid #8a4b00;padding:8px;'
        'background:#fff8ec;color:#222;font-family:system-ui,sans-serif">'
        f"<b>⚠ No map.</b> {escape(str(error))}</div>"
    )


def script_json(content: Any) -> str:
    """Return JSON that may stand inside a script, whatever words it holds.

    Args:
        content: what `json.dumps` takes.
    """
    packed = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # "</script" ends a script; after "<!--" and "<script" its end is not seen
    return packed.replace("<", "\\u003c")


def _raw(html: str) -> Element:
    # branca renders templates: our text must not be read as one
    element = Element()
    element._template = _Verbatim(html)
    return element


class _Verbatim:
    def __init__(self, html: str) -> None:
        self.html = html

    def render(self, **_: object) -> str:
        return self.html


@cache
def _asset(package: str, file: str) -> bytes:
    try:
        return (files(f"xstatic.pkg.{package}") / "data" / file).read_bytes()
    except (ImportError, OSError) as error:
        raise CourseError(
            f"The package XStatic with {file} is not installed, so maps cannot be "
            "drawn. Run `course doctor` in a terminal: it names the one command "
            "that mends it."
        ) from error


@cache
def _script(file: str) -> str:
    text = _asset(*_SCRIPTS[file]).decode("utf-8").replace("</script", "<\\/script")
    text = re.sub(r"(?m)^//# sourceMappingURL=.*$", "", text)
    if file == "leaflet.js":
        icons = ",".join(
            f"{option}:'{_image(image)}'"
            for option, image in [
                ("iconUrl", "marker-icon.png"),
                ("iconRetinaUrl", "marker-icon-2x.png"),
                ("shadowUrl", "marker-shadow.png"),
            ]
        )
        text += f"\nL.Icon.Default.imagePath='';L.Icon.Default.mergeOptions({{{icons}}});"
    return text


@cache
def _style(file: str) -> str:
    text = _asset(*_STYLES[file]).decode("utf-8")
    return re.sub(r"url\(images/([\w.-]+)\)", lambda m: f"url({_image(m[1])})", text)


def _image(name: str) -> str:
    data = base64.b64encode(_asset("leaflet", f"images/{name}")).decode()
    return f"data:image/png;base64,{data}"


def _file_name(url: str) -> str:
    return urlsplit(url).path.rsplit("/", 1)[-1]


def _no_network(urls: list[str]) -> str:
    asked = " ".join(urls).lower()
    found = [hint for word, hint in _INSTEAD.items() if word in asked]
    instead = found[0] if found else "use another folium layer"
    scripts = [url for url in urls if url.endswith(".js")] or urls
    return (
        "This map uses a folium plugin that fetches "
        f"{_file_name(scripts[0])} from the internet, and "
        f"the course works without. What works here: {instead}. With a connection, "
        'course.area_map(..., tiles="OpenStreetMap") lets the plugin fetch it.'
    )
