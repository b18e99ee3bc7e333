"""Explorers: a pure function from a declared state to a view, and a thin shell.

``course.explore.claims()`` shows one in the notebook. The explorers themselves stand
in the rooms of their lessons.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import product
from typing import Any

import anywidget
import ipywidgets
import pandas as pd

from course.description import to_html
from course.errors import CourseError, known
from course.lessons import EXPLORERS, room
from course.words import _


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
    """Controls and the view they lead to."""

    title: str  # what it explores, in a few words
    controls: dict[str, Control]  # the state: argument of the view -> its control
    view: Callable[..., str]  # a pure function of the state that returns HTML

    def states(self) -> Iterator[dict[str, Any]]:
        """Yield every state the controls can reach."""
        for chosen in product(*(control.pairs() for control in self.controls.values())):
            yield {name: value for name, (_w, value) in zip(self.controls, chosen, strict=True)}

    def start(self) -> dict[str, Any]:
        """Return the state shown first."""
        first = {name: control.pairs()[0][1] for name, control in self.controls.items()}
        return first | {n: c.start for n, c in self.controls.items() if c.start is not None}

    def html(self, **changes: Any) -> str:
        """Return the view of the first state, or of one that differs from it."""
        return self.view(**self.start() | changes)


class _Page(anywidget.AnyWidget):
    """What the page adds: room in tables, and arrow keys that stay in the explorer."""

    _esm = files("course").joinpath("explore.js").read_text(encoding="utf-8")
    _css = files("course").joinpath("explore.css").read_text(encoding="utf-8")


class Shell(ipywidgets.VBox):
    """Widgets around an explorer; one HTML widget is rewritten, none is added.

    ipywidgets keeps every widget that was made until the kernel ends, even when its
    cell runs again: a shell must not make new ones as it is used.
    """

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        boxes = map(_input, explorer.controls.values(), explorer.start().values())
        self.inputs = dict(zip(explorer.controls, boxes, strict=True))
        self.shown = ipywidgets.HTML()
        for box in self.inputs.values():
            box.observe(self._redraw, names="value")
        self._redraw()
        rows = ipywidgets.HBox([*self.inputs.values()], layout={"flex_flow": "row wrap"})
        super().__init__([rows, self.shown, _Page()])
        self.add_class("course-explorer")

    def _redraw(self, _change: Any = None) -> None:
        state = {name: box.value for name, box in self.inputs.items()}
        try:
            self.shown.value = self.explorer.view(**state)
        except CourseError as error:
            self.shown.value = f'<p role="alert">⚠ {escape(str(error))}</p>'

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        # exports without a kernel keep the state of now
        html = f"<h4>{escape(self.explorer.title)}</h4>{self.shown.value}"
        return {**super()._repr_mimebundle_(**kwargs), "text/html": html}


def _input(control: Control, start: Any) -> ipywidgets.Widget:
    kind = ipywidgets.SelectionSlider if control.slider else ipywidgets.Dropdown
    return kind(
        options=control.pairs(),
        value=start,
        description=control.label,
        style={"description_width": "initial"},
        layout={"width": "520px" if control.slider else "340px", "max_width": "100%"},
    )


def table(rows: pd.DataFrame) -> str:
    """Return rows as an HTML table that scrolls inside a box of its own."""
    return to_html(rows)


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
