"""At the end of a notebook's cell: feedback that nobody saw, a lost name; and cells run again.

Loaded with the first public name that is used inside IPython.
"""

import sys
from typing import Any, Self

from course.words import _

_unseen: list["Told"] = []
_lost: list[Any] = []  # what took the name course last
_made: dict[str, tuple[str, list[Any]]] = {}  # id of a cell -> its last run, its widgets


class Told:
    """Something a cell tells its reader.

    A cell shows its last line only, and not that if it stands in an ``if`` or ends with
    a semicolon. What called `tell` and was not `seen` is shown at the end of its cell.
    """

    def tell(self) -> Self:
        """Have this seen."""
        if _shell():
            _unseen.append(self)
        return self

    def seen(self) -> None:
        """Say that it was shown."""
        _unseen[:] = [other for other in _unseen if other is not self]


def watch() -> None:
    """Look after each cell from now on, if this is a notebook."""
    if shell := _shell():
        shell.events.register("post_run_cell", _end_of_cell)


def replace_last(widget: Any) -> None:
    """Close what the last run of this cell made: ipywidgets would keep it for ever."""
    message = getattr(_shell(), "parent_header", {})
    if cell := message.get("metadata", {}).get("cellId"):  # only some programs name it
        run = message["header"]["msg_id"]
        before, widgets = _made.get(cell, (run, []))
        while before != run and widgets:
            for part in (widgets[-1].layout, widgets.pop()):
                part.close()
        _made[cell] = run, [*widgets, widget]


def _shell() -> Any:
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def _end_of_cell(_result: Any = None) -> None:
    from IPython.display import display

    ours = sys.modules["course"]
    now = _shell().user_ns.get("course", ours)
    if now is not ours and not any(now is one for one in _lost):  # said once
        say = _(
            "The name course now means something else ({kind}), so course.check and the rest "
            "are out of reach. Give that another name, then run: import course"
        )
        print(say.format(kind=type(now).__name__))
    _lost[:] = [now]
    while _unseen:
        display(_unseen.pop(0))
