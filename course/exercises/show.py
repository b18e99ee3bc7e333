"""What a check, a hint, a solution and the progress table look like."""

import sys
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from course.description import to_html
from course.words import _, plural

# status -> symbol, word, dark text, light ground (contrast at least 7:1)
LOOKS = {
    "passed": ("✓", _("Passed"), "#0b3d1e", "#e3f4e8"),
    "not yet": ("✗", _("Not yet"), "#5c1a10", "#fdeae6"),
    "not attempted": ("…", _("Not attempted"), "#2b2b2b", "#eeeeee"),
    "cannot tell": ("?", _("Cannot tell"), "#40300a", "#fdf3d3"),
}


def _label(status: str) -> str:
    return " ".join(LOOKS[status][:2])


class _Shown:
    """A head, words and notes: a terminal shows them as lines, and a notebook in a box."""

    status: str

    def _lines(self) -> list[str]:
        raise NotImplementedError

    def __repr__(self) -> str:
        text = "\n".join(filter(None, self._lines()))
        # a Chinese or Russian console may have no tick: the words are enough
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        return text.encode(encoding, "replace").decode(encoding)

    def _repr_html_(self) -> str:
        head, words, *notes = map(escape, self._lines())
        *_words, ink, ground = LOOKS[self.status]
        small = "".join(f"<div><em>{note}</em></div>" for note in notes)
        return (
            f'<div role="status" style="background:{ground};color:{ink};padding:.5em .8em;'
            f'border-left:5px solid {ink};margin:.3em 0;max-width:60em;line-height:1.45">'
            f"<strong>{head}</strong><div>{words}</div>{small}</div>"
        )


@dataclass(repr=False)
class Feedback(_Shown):
    """What a check found."""

    exercise: str  # its id
    status: str  # one of LOOKS
    message: str  # what that means for the answer, in words
    notes: tuple[str, ...] = ()  # what else to know, such as trouble with saving
    plain: dict[str, Any] | None = None  # the answer as the check read it, if it could

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.status == "passed"

    def _lines(self) -> list[str]:
        return [f"{_label(self.status)} · {self.exercise}", self.message, *self.notes]


@dataclass(repr=False)
class Hint(_Shown):
    """Hint ``number`` of the ``of`` hints of an exercise."""

    exercise: str
    number: int
    of: int
    text: str
    notes: tuple[str, ...] = ()
    status = "not attempted"

    def _lines(self) -> list[str]:
        head = _("Hint {number} of {of}", number=self.number, of=self.of)
        left = _("{count} more: run it again.", count=self.of - self.number)
        if self.number == self.of:
            way = f'course.solution("{self.exercise}")'
            left = _("No more hints. {way} shows one way.", way=way)
        return [f"{head} · {self.exercise}", self.text, left, *self.notes]


@dataclass(repr=False)
class Solution(_Shown):
    """One way to do an exercise, folded up until the student opens it."""

    exercise: str
    code: str
    explanation: str

    def _lines(self) -> list[str]:
        head = _("Solution") + f" · {self.exercise}"
        return [head, f"\n{self.code}\n", self.explanation]

    def _repr_html_(self) -> str:
        head = _("One way to do {exercise} (click to open)", exercise=self.exercise)
        return (
            f"<details><summary>{escape(head)}</summary><pre>{escape(self.code)}</pre>"
            f"<p>{escape(self.explanation)}</p></details>"
        )


@dataclass(repr=False)
class Progress(_Shown):
    """How far a student is."""

    table: pd.DataFrame  # by exercise id; columns ask, status, tries, saved
    notes: tuple[str, ...] = ()  # trouble with saving or reading

    @property
    def summary(self) -> str:
        """How many exercises are passed, and how many are not saved, in words."""
        done = (self.table["status"] == "passed").sum()
        late = int(len(self.table) - self.table["saved"].sum())
        words = _("{done} of {all} exercises passed.", done=done, all=len(self.table))
        more = plural("{count} is not saved yet.", "{count} are not saved yet.", late)
        return f"{words} {more}" if late else words

    def _rows(self) -> pd.DataFrame:
        late = self.table["saved"].map({True: "", False: " · " + _("not saved yet")})
        rows = self.table.assign(status=self.table["status"].map(_label) + late)
        heads = [_("Exercise"), _("Ask"), _("Status"), _("Tries")]
        return rows.drop(columns="saved").reset_index().set_axis(heads, axis=1)

    def _lines(self) -> list[str]:
        return [self.summary, self._rows().to_string(index=False), *self.notes]

    def _repr_html_(self) -> str:
        notes = "".join(f"<p><em>{escape(note)}</em></p>" for note in self.notes)
        return f"<p>{escape(self.summary)}</p>{to_html(self._rows())}{notes}"
