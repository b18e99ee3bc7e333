"""Folium maps that need no network: what folium would link is written into the page."""

import base64
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from html import escape
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import folium
from branca.element import Element, Figure, Link
from folium.elements import JSCSSMixin
from folium.template import Template

from course.errors import CourseError
from course.paths import write_page
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
_DRAW = {"leaflet", "leaflet_css", "jquery"}  # of folium's own links, all that our maps need
_PIN, _STYLE = [("pin", "pin.js")], [("page", "page.css")]
_OURS = {"manners", "basemap", "live", "FitBounds"}  # parts of a map before anything is added
_INSTEAD = {  # what a plugin fetches -> what works without
    "heat": _("draw a folium.CircleMarker per place and let the radius show the value"),
    "time[sdl]|moment|d3.v4": _("use course.LiveMap, which has a year slider"),
    "topojson": _("load the shapes as GeoJSON and use folium.GeoJson"),
    "groupedlayercontrol": _("use folium.LayerControl"),
    "featuregroup": _("use folium.FeatureGroup"),
    "": _("use another folium layer"),
}


class Part(JSCSSMixin):
    """What the course adds to a map: JSON texts, and the function of ``name.js`` they go to."""

    _template = Template(
        "{% macro script(this, kwargs) %}{{ this.function }}("
        "{{ this._parent.get_name() }}, {{ this.data | join(', ') }});{% endmacro %}"
    )

    def __init__(self, name: str, function: str, *data: str) -> None:
        super().__init__()
        self._name, self.function, self.data = name, function, data
        self.default_js = [(name, f"{name}.js")]
        self.default_css = [(f"{name}_style", f"{name}.css")]


class OfflineMap(folium.Map):
    """A folium map that brings its own page, with every script written into it."""

    default_js = [link for link in folium.Map.default_js if link[0] in _DRAW] + _PIN
    default_css = [link for link in folium.Map.default_css if link[0] in _DRAW] + _STYLE

    def __init__(
        self,
        alt: str,
        caption: str = "",
        height: int = 480,
        language: str = "en",
        **options: Any,
    ) -> None:
        if not isinstance(height, int) or height < 1:
            say = _("height is a whole number of pixels, such as 480; not {height!r}.")
            raise CourseError(say.format(height=height))
        super().__init__(**{"tiles": None, **options})
        page = self._page = _Page(height=f"{height}px", title=escape(str(alt)))
        page.alt, page.caption, page.language = str(alt), str(caption), language
        page.add_child(self)

    def __repr__(self) -> str:
        held = Counter(part._name for part in self._children.values())
        added = ", ".join(f"{n} {name}" for name, n in held.items() if name not in _OURS)
        alt = self._page.alt
        return f"{alt} {_('Added: {layers}.', layers=added)}" if added else alt

    def render(self, **kwargs: Any) -> Any:
        """Write the map's parts into its page, as folium asks."""
        if self._parent is not self._page:
            say = _(
                "A map of the course brings its own page. Show the map itself, without a "
                "Figure around it; course.area_map(..., height=300) sets its height."
            )
            raise CourseError(say)
        return super().render(**kwargs)

    def save(self, outfile: Any, close_file: bool = True, **kwargs: Any) -> None:
        """Save the page as folium does; a map that cannot be drawn leaves the old one."""
        if hasattr(outfile, "write"):
            super().save(outfile, close_file, **kwargs)
        else:
            write_page(outfile, self._page.render(**kwargs))


class _Page(Figure):
    """The page around a map; its ``_repr_html_`` is what a notebook shows."""

    alt, caption, language = "", "", "en"

    def render(self, **kwargs: Any) -> str:
        """Return the page as HTML that fetches no script and no style."""
        roots = [self, self.header, self.html, self.script]
        before = [(part, part._children.copy()) for root in roots for part in _tree(root)]
        try:
            for child in self._children.values():
                child.render(**kwargs)
            self._embed()
            page = self._template.render(this=self, kwargs={**kwargs, "embedded": True})
        finally:  # folium's layers grow each time they are rendered
            for part, children in before:
                part._children = children
        # folium forbids zooming the page; readers with weak sight need it
        page = re.sub(r"initial-scale=1.0,\s*maximum-scale.*?no", "initial-scale=1", page)
        return page.replace("<html>", f'<html lang="{self.language}">', 1)

    def _embed(self) -> None:  # branca would fetch what has no code
        body = self.html.render() + self.script.render()
        online = any(isinstance(part, folium.TileLayer) for part in _tree(self))
        links = [(n, e) for n, e in self.header._children.items() if isinstance(e, Link)]
        missing = []
        for name, link in links:
            code = _code(link.url)
            if "jquery" in link.url and not re.search(r"\$\(|jQuery", body):
                code = ""
            if code is not None:
                link.code = code  # type: ignore[assignment]  # bytes come out as b'...'
            elif online:  # the map asks for tiles anyway: this may stay a link
                self.header._children[name] = Element(link.render())
            else:
                missing.append(link.url)
        if missing:
            raise CourseError(_no_network(missing))

    def _repr_html_(self, **kwargs: Any) -> str:
        try:
            page = self.render(**kwargs)
        except CourseError as error:
            return no_map(error)
        return frame_html(page, self.alt, str(self.height), self.caption)


def _tree(element: Element) -> Iterator[Element]:
    yield element
    for child in element._children.values():
        yield from _tree(child)


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


@lru_cache(maxsize=2)  # a live map's page is packed for the widget and for exports
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
    """Return an iframe with the page, and words: untrusted notebooks lose their iframes."""
    # no ids: cells run in different kernels would bring the same one twice
    words, srcdoc = escape(alt, quote=True), escape(squeeze(page), quote=True)
    advice = _("(No map above? Choose File › Trust Notebook, or run the cell again.)")
    return (
        f'<figure style="margin:0" aria-label="{words}">'
        f'<iframe srcdoc="{srcdoc}" title="{words}" '
        f'style="width:100%;height:{height};border:1px solid #c8c8c8" '
        "allowfullscreen></iframe>"
        f'<figcaption style="font-size:90%">{words} {escape(caption)} '
        f"<small>{escape(advice)}</small></figcaption></figure>"
    )


def no_map(error: CourseError) -> str:
    """Return what takes a map's place if it cannot be drawn: HTML with the reason."""
    return (
        '<div role="alert" style="border:2px solid #8a4b00;padding:8px;'
        'background:#fff8ec;color:#222;font-family:system-ui,sans-serif">'
        f"<b>⚠ {escape(_('No map.'))}</b> {escape(str(error))}</div>"
    )


def script_json(content: Any) -> str:
    """Return JSON that may stand inside a script, whatever words it holds."""
    packed = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # "</script" ends a script, "<!--" hides its end; branca reads "{{" as its own
    return re.sub(r"<|\{(?=[{%#])", lambda m: f"\\u{ord(m[0]):04x}", packed)
