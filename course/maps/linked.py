"""A map that a widget keeps up to date: the page's own map, linked with the kernel."""

import secrets
from importlib.resources import files
from typing import Any

import anywidget
import folium
import traitlets

from course.maps.area import area_map
from course.maps.offline import Part, script_json
from course.maps.picture import Picture
from course.words import _

_START = '"the state shown first"'  # stands in a drawn page until it is handed out


class LinkedMap(anywidget.AnyWidget):
    """A map of an area whose frame shares a state with the kernel.

    The HTML of the map is what a notebook shows and keeps; widget.js links it.
    """

    _esm = files("course.maps").joinpath("widget.js").read_text(encoding="utf-8")
    _nonce = traitlets.Unicode().tag(sync=True)  # who knows it speaks for this map
    # part of the state -> what a frame may set it to
    _choices: Any = traitlets.Dict().tag(sync=True)
    _words = traitlets.Unicode().tag(sync=True)
    map: folium.Map

    @property
    def alt(self) -> str:
        """What the map shows, in a sentence or two."""
        raise NotImplementedError

    def _draw_on(self, area: str, part: Part, **options: Any) -> None:
        """Make the map and what runs in its page; before `__init__` of a widget."""
        self._nonce = secrets.token_urlsafe()
        alt = options["alt"]
        self._words = _("{alt} If it does not appear here, run this cell again.", alt=alt)
        self.map = area_map(area, **options)
        self.map.add_child(part)

    def _state(self) -> dict[str, Any]:
        """Return what its frames show, by name."""
        return {name: getattr(self, name) for name in self._choices}

    def _picture(self) -> Picture:
        """Return what its script draws on the map, for the still picture."""
        raise NotImplementedError

    def _figure(self) -> str:
        """Return the map as it is now, as HTML."""
        start = {**self._state(), "nonce": self._nonce}
        page: Any = self.map.get_root()
        return page.figure(
            self.alt,
            lambda drawn: opened(drawn, start),
            extra=self._picture(),
            language=start.get("language", ""),
        )

    def _repr_mimebundle_(self, **_kwargs: Any) -> Any:
        # no widget: a saved notebook shows the map itself, and widget.js links it
        return {"text/plain": repr(self), "text/html": self._figure()}

    def _answer(self, _widget: Any, message: Any, _buffers: Any) -> None:
        if "ask" in message:  # a view inside another widget, where no display of ours is
            self.send({**message, "html": self._figure()})


def script(name: str, function: str, *data: Any) -> Part:
    """Return the part of a page that draws a linked map: ``function`` of ``name.js``.

    The function takes the map, the state shown first, and ``data``.
    """
    return Part(name, function, _START, *map(script_json, data), also="link")


def opened(page: str, state: dict[str, Any]) -> str:
    """Return a drawn page that opens on a state."""
    return page.replace(_START, script_json(state), 1)
