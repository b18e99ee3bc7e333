"""Folium maps that need no network: what folium would link is written into the page."""

import base64
import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

import branca.element
import folium
from branca.element import Element, Figure
from folium.elements import JSCSSMixin
from folium.template import Template

from course.errors import CourseError
from course.maps.picture import doubts, look
from course.maps.scripts import embed, tree
from course.maps.still import still
from course.paths import write_page
from course.words import NO_FORMULA, _, clean

_DRAW = {"leaflet", "leaflet_css", "jquery"}  # of folium's own links, all that our maps need
_PIN, _STYLE = [("pin", "pin.js")], [("page", "page.css")]
# tags that stay in texts; what needs others is handed in as folium.Popup(folium.Element(html))
_TAGS = (
    "a|b|big|blockquote|br|center|code|dd|div|dl|dt|em|font|h[1-6]|hr|i|li|ol|p|pre|s|small|"
    "span|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|u|ul"
)
_OURS = {"manners", "basemap", "live", "FitBounds"}  # parts of a map before anything is added
_LATE = ["SubGroup", "SideBySide", "Slider", "Search", "Control"]  # name other layers


class _Written(str):
    """What folium wrote; it would read it as a template again and run a name with "{{"."""

    def render(self, **_kwargs: Any) -> str:
        # the one thing folium leaves to the second reading
        return re.sub(r"""(?<="fillPattern": ){{'(\w+)'}}""", r"\1", self)


class Part(JSCSSMixin):
    """What the course adds to a map: JSON texts, and the function of ``name.js`` they go to.

    The script ``also`` has a part of its work.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}{{ this.function }}("
        "{{ this._parent.get_name() }}, {{ this.texts | join(', ') }});{% endmacro %}"
    )

    def __init__(self, name: str, function: str, *data: str, also: str = "") -> None:
        super().__init__()
        self._name, self.function, self.texts = name, function, data
        self.default_js = [(script, f"{script}.js") for script in (name, also) if script]
        self.default_css = [(f"{name}_style", f"{name}.css")]


class OfflineMap(folium.Map):
    """A folium map that brings its own page, with every script written into it.

    Texts in popups, tooltips and names of layers are texts: plain tags such as ``<b>`` and
    ``<br>`` work in them, code does not. ``folium.Popup(folium.Element(html))`` takes any HTML.
    """

    area = ""  # which it was made for
    plain = True  # without our basemap
    default_js = [link for link in folium.Map.default_js if link[0] in _DRAW] + _PIN
    default_css = [link for link in folium.Map.default_css if link[0] in _DRAW] + _STYLE

    def __init__(
        self,
        alt: str,
        caption: str = "",
        height: int | str = 480,
        language: str = "en",
        **options: Any,
    ) -> None:
        super().__init__(**{"tiles": None, **options})
        # folium hands zoom limits to tiles only; without them MarkerCluster gives up
        self.options |= {"min_zoom": 2, "max_zoom": 12}
        self.pixels = pixels(height)
        alt, caption = clean(str(alt)), clean(str(caption))
        page = self._page = _Page(height=f"{self.pixels}px", title=escape(alt))
        page.alt, page.caption = alt, caption
        page.language = self.language = language
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
        for word in _LATE:  # in whatever order they were added
            for name in [name for name, c in self._children.items() if word in c._name]:
                self._children.move_to_end(name)
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
        before: list[tuple[Any, str, Any]] = [
            (part, "_children", part._children.copy()) for root in roots for part in tree(root)
        ]
        now = [(branca.element, "Template", _Written), *_plain_texts(self)]
        try:
            for thing, name, value in now:
                before.append((thing, name, getattr(thing, name)))
                setattr(thing, name, value)
            for child in self._children.values():
                child.render(**kwargs)
            embed(self)
            page = self._template.render(this=self, kwargs={**kwargs, "embedded": True})
        finally:  # folium's layers grow each time they are rendered
            for thing, name, value in reversed(before):
                setattr(thing, name, value)
        # folium forbids zooming the page; readers with weak sight need it
        page = re.sub(r"initial-scale=1.0,\s*maximum-scale.*?no", "initial-scale=1", page)
        page = page.replace("<html>", f'<html lang="{self.language}">', 1)
        online = any(map(asks_network, tree(self)))
        return _guarded(clean(page), self.get_name(), online)

    def figure(self, alt: str, opened: Callable[[str], str] = str, **now: Any) -> str:
        """Return the page in a frame with a still picture, or words on why there is none.

        Args:
            alt: what it shows, in a sentence.
            opened: makes of the page as it is drawn the one in the frame.
            now: what `course.maps.still.still` is to draw beside the map.
        """
        try:
            page = opened(self.render())
        except Exception as error:  # folium's own errors are assertions, and any other
            say = _("folium cannot draw this map ({kind}: {error}).")
            words = say.format(kind=type(error).__name__, error=error)
            return no_map(error if isinstance(error, CourseError) else CourseError(words))
        maps = [child for child in self._children.values() if isinstance(child, OfflineMap)]
        try:
            # none of two side by side
            picture = clean(still(maps[0], **now)) if len(maps) == 1 else ""
            notes = [note for m in maps for note in doubts(look(m))]
        except Exception:  # a layer that nobody foresaw: the map is there, without a picture
            picture, notes = "", []
        caption = " ".join([self.caption, *(f"⚠ {note}" for note in notes)])
        return _framed(page, alt, self.height, caption, picture)

    def _repr_html_(self, **_kwargs: Any) -> str:
        return self.figure(self.alt)


def _plain_texts(root: Element) -> Iterator[tuple[Any, str, Any]]:
    """Yield what to set on parts of a page so that texts are drawn as texts."""
    for part in tree(root):
        for child in part._children.values():  # it may have been added to another map since
            yield child, "_parent", part
        if isinstance(part, folium.map.Layer):
            yield part, "layer_name", _plain_html(str(part.layer_name))
        elif isinstance(part, folium.Tooltip):
            yield part, "text", _plain_html(part.text)
        elif isinstance(part, folium.features.GeoJsonDetail):
            yield part, "aliases", [_plain_html(str(alias)) for alias in part.aliases]
        elif isinstance(part, folium.Popup):
            for held in part.html._children.values():
                if isinstance(held, folium.Html):  # made of a text
                    text = held.data if held.script else escape(held.data)
                    yield held, "data", _plain_html(text.replace("\\`", "`"))
                    yield held, "script", True


def _plain_html(text: str) -> str:
    """Return a text as HTML for a template string of JavaScript; its plain tags stay."""
    text = re.sub(rf"<(?!/?({_TAGS})\b)|&(?!#?\w+;)", lambda m: escape(m[0]), text)
    return re.sub(r"[`\\{]", lambda m: f"&#{ord(m[0])};", text)


def asks_network(part: Any) -> bool:
    """Tell whether a part of a page loads pictures from elsewhere."""
    icon = getattr(part, "options", {}).get("icon_url", "")
    addresses = [icon, getattr(part, "url", ""), getattr(part, "image", "")]
    return isinstance(part, folium.TileLayer) or any(
        str(address).startswith("http") for address in addresses
    )


def _guarded(page: str, nonce: str, online: bool) -> str:
    """Let a page run its own scripts only: texts do not know the nonce, which is random."""
    net = " https: http:" if online else ""
    compiles = " 'unsafe-eval'" if "L.Control.Measure(" in page else ""  # its own templates
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src 'nonce-{nonce}'{compiles}{net}; "
        f"style-src 'unsafe-inline'{net}; img-src data: blob:{net}; font-src data:{net}; "
        f"frame-src data:; connect-src{net}"
    )
    page = re.sub(r"(?s)<script\b(.*?</script>)", rf'<script nonce="{nonce}"\1', page)
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    # folium writes values of GeoJSON into a table as they are
    safe = (
        r"return typeof \1 === 'number' ? \1 "
        r": String(\1).replace(/[&<]/g, (c) => `&#${c.charCodeAt()};`);"
    )
    page = re.sub(r"return (feature|JSON\.stringify\(feature\));", safe, page)
    say = _(
        "The browser could not draw all of this map. Take away the layer or the option that "
        "you added last, and run the cell again."
    )
    tell = (
        f'<script nonce="{nonce}">addEventListener("error",()=>document.readyState=="loading"&&'
        f'document.body.insertAdjacentHTML("afterbegin",{script_json(_alert(escape(say)))}),'
        "{once:true})</script>"
    )
    return page.replace("<head>", f"<head>{meta}{tell}", 1)


def squeeze(page: str) -> str:
    """Return a small page that unpacks ``page`` in the browser (gzip, base64)."""
    packed = base64.b64encode(gzip.compress(page.encode("utf-8"), 9, mtime=0)).decode()
    failed = _(
        "The map could not be unpacked: this browser is too old for it, or the page is "
        "damaged. Try a newer browser, or run the cell again."
    )
    return (
        f'<!DOCTYPE html><html lang="{_language(page)}"><head><meta charset="utf-8">'
        "<title>map</title>"
        f"</head><body><p hidden>{escape(failed)}</p><script>(async()=>{{try{{"
        f'const b=Uint8Array.from(atob("{packed}"),c=>c.charCodeAt(0));'
        "const s=new Blob([b]).stream().pipeThrough(new DecompressionStream('gzip'));"
        "const t=await new Response(s).text();"
        "document.open();document.write(t);document.close()"
        "}catch{document.querySelector('p').hidden=false}})()</script></body></html>"
    )


def _framed(page: str, alt: str, height: Any, caption: str, svg: str) -> str:
    """Return a figure with a page in a frame that reaches nothing outside of itself.

    A notebook that is not trusted loses the frame and the style: then the still picture
    (``svg``, which may be "") and the advice show. In print, and where no script runs, it
    stands for the frame. A `CourseError` says that the height is no number of pixels.
    """
    # no ids: cells run in different kernels would bring the same one twice
    # links open tabs, which the sandbox does not follow; only Draw's button needs a download
    sandbox = "allow-scripts allow-popups allow-popups-to-escape-sandbox"
    sandbox += " allow-downloads" if "<a href='#' id='export'>" in page else ""
    words, srcdoc = escape(alt, quote=True), escape(squeeze(page), quote=True)
    advice = _(
        "The map moves again once you run its cell, or trust the notebook (in JupyterLab: "
        "View › Activate Command Palette › Trust Notebook)."
    )
    hide, image = ".course-map small{display:none}", ""
    if svg:
        hide += (
            ".course-map>img{display:none}@media print,(scripting:none){"
            ".course-map>iframe{display:none}.course-map>img{display:block}}"
        )
        picture = base64.b64encode(svg.encode("utf-8")).decode()
        image = (
            f'<img src="data:image/svg+xml;base64,{picture}" alt="{words}" '
            'style="max-width:100%">'
        )
    return (
        f'<figure class="course-map {NO_FORMULA}" lang="{_language(page)}" style="margin:0">'
        f"<style>{hide}</style>"
        f'<iframe sandbox="{sandbox}" srcdoc="{srcdoc}" title="{words}" '
        f'style="width:100%;height:{pixels(height)}px;border:1px solid #c8c8c8" '
        f"allowfullscreen></iframe>{image}"
        f'<figcaption style="font-size:90%;color:inherit">{words} {escape(caption)} '
        f"<small>{escape(advice)}</small></figcaption></figure>"
    )


def _language(page: str) -> str:
    found = re.search(r'<html lang="([\w-]+)"', page)
    return found[1] if found else "en"


def pixels(height: Any) -> int:
    """Return a height in pixels, given as a number or as text such as ``"480px"``.

    Raises:
        CourseError: it is no whole number from 50 to 5000.
    """
    found = re.fullmatch(r"(\d{2,4})(px)?", str(height).strip())
    if not found or not 50 <= int(found[1]) <= 5000:
        say = _("height is a whole number of pixels from 50 to 5000, not {height!r}.")
        raise CourseError(say.format(height=height))
    return int(found[1])


def no_map(error: CourseError) -> str:
    """Return what takes a map's place if it cannot be drawn: HTML with the reason."""
    return _alert(f"<b>{escape(_('No map.'))}</b> {escape(str(error))}")


def _alert(html: str) -> str:
    return (
        f'<div role="alert" class="{NO_FORMULA}" style="border:2px solid #8a4b00;padding:8px;'
        f'background:#fff8ec;color:#222;font-family:system-ui,sans-serif">⚠ {html}</div>'
    )


def script_json(content: Any) -> str:
    """Return JSON that may stand inside a script, whatever words it holds."""
    packed = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # "</script" ends a script, "<!--" hides its end
    return packed.replace("<", "\\u003c")
