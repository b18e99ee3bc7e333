"""What a check, a hint, a solution and the progress table look like."""

from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

# status -> symbol, word, dark text, light ground (contrast at least 7:1)
LOOKS = {
    "passed": ("✓", "Passed", "#0b3d1e", "#e3f4e8"),
    "not yet": ("✗", "Not yet", "#5c1a10", "#fdeae6"),
    "not attempted": ("…", "Not attempted", "#2b2b2b", "#eeeeee"),
    "cannot tell": ("?", "Cannot tell", "#40300a", "#fdf3d3"),
}
_BOX = (
    "background:{ground};color:{ink};border-left:5px solid {ink};padding:.5em .8em;"
    "margin:.3em 0;max-width:60em;line-height:1.45"
)


def label(status: str) -> str:
    """Return symbol and word of a status."""
    return " ".join(LOOKS[status][:2])


def box(status: str, inner: str, role: str = "") -> str:
    """Return HTML for a box in the colours of a status."""
    _, _, ink, ground = LOOKS[status]
    style = _BOX.format(ink=ink, ground=ground)
    return f'<div{role and f" role={chr(34)}{role}{chr(34)}"} style="{style}">{inner}</div>'


class _Shown:
    """Things a notebook shows as HTML and a terminal as text."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


@dataclass(repr=False)
class Feedback(_Shown):
    """What a check found.

    Attributes:
        exercise: id of the exercise.
        status: "passed", "not yet", "not attempted" or "cannot tell".
        message: what that means for the answer, in words.
        notes: what else the student should know, such as trouble with saving.
    """

    exercise: str
    status: str
    message: str
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.status == "passed"

    def __repr__(self) -> str:
        lines = [f"{label(self.status)} · {self.exercise}", self.message, *self.notes]
        return "\n".join(line for line in lines if line)

    def _repr_html_(self) -> str:
        inner = f"<strong>{label(self.status)}</strong> · {escape(self.exercise)}"
        inner += f"<div>{escape(self.message)}</div>"
        inner += "".join(f"<div><em>{escape(note)}</em></div>" for note in self.notes)
        return box(self.status, inner, "status")


@dataclass(repr=False)
class Hint(_Shown):
    """One hint of an exercise."""

    exercise: str
    number: int
    of: int
    text: str
    notes: tuple[str, ...] = ()

    @property
    def left(self) -> str:
        """How many hints are left, in words."""
        if self.number < self.of:
            return f"{self.of - self.number} more: run it again."
        return f'No more hints. course.solution("{self.exercise}") shows one way.'

    def __repr__(self) -> str:
        head = f"Hint {self.number} of {self.of} · {self.exercise}"
        return "\n".join([head, self.text, self.left, *self.notes])

    def _repr_html_(self) -> str:
        inner = f"<strong>Hint {self.number} of {self.of}</strong> · "
        inner += f"{escape(self.exercise)}<div>{escape(self.text)}</div>"
        inner += f"<div><em>{escape(' '.join([self.left, *self.notes]))}</em></div>"
        return box("not attempted", inner, "status")


@dataclass(repr=False)
class Solution(_Shown):
    """One way to do an exercise, folded up until the student opens it."""

    exercise: str
    code: str
    explanation: str

    def __repr__(self) -> str:
        return f"Solution · {self.exercise}\n\n{self.code}\n\n{self.explanation}"

    def _repr_html_(self) -> str:
        inner = (
            f"<details><summary><strong>One way to do {escape(self.exercise)}</strong> "
            f"(click to open)</summary><pre style='color:inherit;background:transparent;"
            f"white-space:pre-wrap'>{escape(self.code)}</pre>"
            f"<div>{escape(self.explanation)}</div></details>"
        )
        return box("not attempted", inner)


@dataclass(repr=False)
class Progress(_Shown):
    """How far a student is.

    Attributes:
        table: DataFrame indexed by exercise id; columns ask, status, tries.
        notes: trouble with the progress file, if any.
    """

    table: pd.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """How many exercises are passed, in words."""
        done = int((self.table["status"] == "passed").sum())
        return f"{done} of {len(self.table)} exercises passed."

    def __repr__(self) -> str:
        rows = self.table.assign(status=[label(s) for s in self.table["status"]])
        return "\n".join([rows.to_string(), self.summary, *self.notes])

    def _repr_html_(self) -> str:
        rows = []
        for name, row in self.table.iterrows():
            _, _, ink, ground = LOOKS[row["status"]]
            rows.append(
                f"<tr><th scope='row'>{escape(str(name))}</th>"
                f"<td style='text-align:left'>{escape(row['ask'])}</td>"
                f"<td style='text-align:left;background:{ground};color:{ink}'>"
                f"{label(row['status'])}</td><td>{row['tries']}</td></tr>"
            )
        head = "".join(
            f"<th scope='col'>{word}</th>" for word in ("Exercise", "Ask", "Status", "Tries")
        )
        notes = "".join(f"<p><em>{escape(note)}</em></p>" for note in self.notes)
        return (
            f"<table><caption>{escape(self.summary)}</caption><thead><tr>{head}</tr>"
            f"</thead><tbody>{''.join(rows)}</tbody></table>{notes}"
        )
