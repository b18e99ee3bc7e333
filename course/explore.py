"""Explorers: a pure function from a declared state to a view, and a thin shell.

``course.explore.claims()`` shows one in the notebook. The explorers themselves stand
in the rooms of their lessons.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib.resources import files
from itertools import product
from secrets import token_hex
from typing import Any

import anywidget
import traitlets
from IPython.display import display, update_display

from course.errors import CourseError, known
from course.lessons import EXPLORERS, room
from course.notebook import replace_last
from course.words import NO_FORMULA, _

PLACE = files("course").joinpath("place.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Control:
    """One control of an explorer."""

    label: str  # the words beside it
    options: list[Any] | Callable[[], list[Any]]  # values, or pairs of words and value
    start: Any = None  # the value shown first; the first option if None
    slider: bool = False  # instead of a list

    def pairs(self) -> list[tuple[str, Any]]:
        """Return the options as (words, value) pairs."""
        listed = self.options() if callable(self.options) else self.options
        return [o if isinstance(o, tuple) else (str(o), o) for o in listed]


@dataclass(frozen=True)
class Explorer:
    """Controls and the view they lead to.

    With an ``area`` there is a map of it, which stays while the features on it change: the
    view returns a pair, its HTML and a list of features, drawn in this order. A feature is a
    dict with one of these places::

        {"at": [lat, lon], "radius": 7}
        {"line": [[lat, lon], ...], "width": 3, "dash": "6 4"}
        {"region": "RU-AMU"}
        {"country": "CHN"}

    and with what it looks like and says: ``color``, ``fill``, ``says`` (when pointed at),
    ``label`` (beside a point). One with an ``id`` can be clicked: then the control named by
    ``picks`` takes this value. So it does at a button in the HTML,
    ``<button data-pick="heihe">``.
    """

    title: str  # what it explores, in a few words
    controls: dict[str, Control]  # the state: argument of the view -> its control
    view: Callable[..., Any]  # a pure function of the state that returns HTML
    area: str = ""
    picks: str = ""  # the control that a click on a feature or a button sets
    alt: str = ""  # what the map shows, in a sentence
    height: int = 440  # of the map, in pixels

    def states(self) -> Iterator[dict[str, Any]]:
        """Yield every state the controls can reach."""
        for chosen in product(*(control.pairs() for control in self.controls.values())):
            yield {name: value for name, (_w, value) in zip(self.controls, chosen, strict=True)}

    def draw(self, **state: Any) -> tuple[str, list[dict[str, Any]]]:
        """Return the HTML of a state, and the features on the map if there is one."""
        seen = self.view(**state)
        return seen if self.area else (seen, [])

    def start(self) -> dict[str, Any]:
        """Return the state shown first."""
        first = {name: control.pairs()[0][1] for name, control in self.controls.items()}
        return first | {n: c.start for n, c in self.controls.items() if c.start is not None}


class Shell(anywidget.AnyWidget):
    """An explorer at work: controls in one output of its cell, the view in the next.

    Both outputs are plain HTML, the second is rewritten at every move: what was seen last
    is what is saved, and is seen again without a kernel. explore.js fills in the controls.
    """

    _esm = PLACE + files("course").joinpath("explore.js").read_text(encoding="utf-8")
    _css = files("course").joinpath("explore.css").read_text(encoding="utf-8")
    controls = traitlets.Dict().tag(sync=True)  # what the page makes them from
    chosen: Any = traitlets.List().tag(sync=True)  # which option, one number per control
    token = traitlets.Unicode().tag(sync=True)  # names the two outputs
    awake = traitlets.Bool(True).tag(sync=True)  # shown, and not yet seen by a page

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        self._pairs = {name: control.pairs() for name, control in explorer.controls.items()}
        # views are pure: these hold for as long as the shell; one takes 2 to 70 kB
        self._drawn = lru_cache(64)(self._draw)
        self._ahead: asyncio.Task[None] | None = None
        inputs = [
            {"label": c.label, "slider": c.slider, "words": [w for w, _v in self._pairs[name]]}
            for name, c in explorer.controls.items()
        ]
        names = [str(value) for _w, value in self._pairs.get(explorer.picks, [])]
        self._names = names
        boxed = _("An explorer needs a cell of its own: it cannot stand in a box.")
        super().__init__(
            controls={
                "title": explorer.title,
                "boxed": boxed,
                "inputs": inputs,
                "picks": [*explorer.controls].index(explorer.picks) if names else -1,
                "names": names,
            },
            chosen=self._places(explorer.start()),
            token=token_hex(8),
        )
        self._stage = self._made_stage() if explorer.area else None
        self.observe(self._moved, "chosen")
        replace_last(self)

    def _made_stage(self) -> Any:
        from course.maps.stage import Stage  # folium is loaded where there is a map

        one = self.explorer
        stage = Stage(one.area, one.alt, one.height, self._drawn(*self.chosen)[1], self._names)
        stage.picked = self._picked
        stage.observe(lambda change: self._pick(change["new"]), "picked")
        return stage

    @property
    def _picked(self) -> str:
        """The id of the features that stand for the state."""
        return str(self.state.get(self.explorer.picks, ""))

    def _pick(self, name: str) -> None:
        if name in self._names and name != self._picked:
            chosen = [*self.chosen]
            chosen[self.controls["picks"]] = self._names.index(name)
            self.chosen = chosen

    @property
    def state(self) -> dict[str, Any]:
        """Argument of the view -> the value chosen."""
        return self._values(self.chosen)

    @property
    def html(self) -> str:
        """The view of this state, or a sentence on why there is none."""
        return self._drawn(*self.chosen)[0]

    def set(self, **changes: Any) -> None:
        """Choose other values, as a hand at the controls does.

        Args:
            changes: argument of the view -> one of its control's values.

        Raises:
            CourseError: there is no such control, or it has no such value.
        """
        self.chosen = self._places(self.state | changes)

    def __repr__(self) -> str:
        return f"{self.explorer.title}. {self._choices()}."

    def _choices(self) -> str:
        both = zip(self.controls["inputs"], self.chosen, strict=True)
        return "; ".join(f"{made['label']}: {made['words'][place]}" for made, place in both)

    def _values(self, chosen: Iterable[int]) -> dict[str, Any]:
        both = zip(self._pairs.items(), chosen, strict=True)
        return {name: pairs[place][1] for (name, pairs), place in both}

    def _places(self, state: dict[str, Any]) -> list[int]:
        places = []
        for name, value in state.items():
            known(name, self._pairs, _("control"))
            values = [v for _w, v in self._pairs[name]]
            if value not in values:
                say = _("{name} cannot be {value}. Choose one of: {values}.")
                listed = ", ".join(map(repr, values))
                raise CourseError(say.format(name=name, value=repr(value), values=listed))
            places.append(values.index(value))
        return places

    def _draw(self, *chosen: int) -> tuple[str, list[dict[str, Any]]]:
        try:
            return self.explorer.draw(**self._values(chosen))
        except CourseError as error:
            why = str(error)
        except Exception as error:
            say = _("This view cannot be drawn ({reason}). Another choice may work.")
            why = say.format(reason=f"{type(error).__name__}: {error}")
        return f'<p role="alert">⚠ {escape(why)}</p>', []

    def _redraw(self) -> None:
        choices = f'<p class="course-choices"><small>{escape(self._choices())}</small></p>'
        kind = f'class="course-view {NO_FORMULA}" data-course-view="{self.token}"'
        html = f"<div {kind}>{self.html}</div>{choices}"
        view = {"text/html": html, "text/plain": repr(self)}
        update_display(view, display_id=self.token, raw=True)

    def _moved(self, change: Any) -> None:
        if self._stage:
            with self._stage.hold_sync():
                self._stage.features = self._drawn(*self.chosen)[1]
                self._stage.picked = self._picked
        self._redraw()
        if self._ahead:
            self._ahead.cancel()
        with suppress(RuntimeError):  # outside a kernel nothing runs on
            again = [new - old for old, new in zip(change["old"], change["new"], strict=True)]
            self._ahead = asyncio.get_running_loop().create_task(self._draw_ahead(again))

    async def _draw_ahead(self, again: list[int]) -> None:
        """Draw the views that the next move may ask for: the same move again, or one step."""
        await asyncio.sleep(0.08)  # the page paints
        units = [[int(k == n) for n in range(len(again))] for k in range(len(again))]
        for step in [again, *units, *([-n for n in unit] for unit in units)]:
            state = [place + n for place, n in zip(self.chosen, step, strict=True)]
            offered = zip(state, self._pairs.values(), strict=True)
            if all(0 <= place < len(pairs) for place, pairs in offered):
                await asyncio.sleep(0.02)  # what waits comes first: a move, a cell
                self._drawn(*state)

    def _ipython_display_(self, **_kwargs: Any) -> None:
        self.awake = True
        asleep = _("Run this cell to use the controls.")
        place = (
            f'<style>{self._css}</style><div data-course-explorer="{self.token}">'
            f"<p><b>{escape(self.explorer.title)}.</b> {asleep}</p></div>"
        )
        display({"text/html": place, "text/plain": asleep}, raw=True)
        if self._stage:
            display(self._stage._repr_mimebundle_(), raw=True)
        wait = _("Drawing. The first picture takes a few seconds ...")  # altair is loaded
        words = {"text/html": f'<p role="status">{wait}</p>', "text/plain": wait}
        display(words, display_id=self.token, raw=True)
        self._redraw()


def explorer(name: str) -> Explorer:
    """Return an explorer by name, without drawing it."""
    return getattr(room(EXPLORERS[known(name, EXPLORERS, _("explorer"))]), name)


def __getattr__(name: str) -> Callable[[], Shell]:
    if name not in EXPLORERS:
        say = _("course.explore has no explorer {name!r}. It has: {names}.")
        raise AttributeError(say.format(name=name, names=", ".join(EXPLORERS)))
    return lambda: Shell(explorer(name))


def __dir__() -> list[str]:
    # the Tab key offers what a lesson calls; what is imported here is no help
    return sorted([*EXPLORERS, "explorer"])
