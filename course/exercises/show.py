"""What a check, a hint, a solution and the progress table look like."""

import sys
from dataclasses import dataclass, field
from html import escape

import pandas as pd

from course.description import to_html
from course.notebook import Told
from course.words import NO_FORMULA, _, clean, plural

# status -> symbol, word, colour: of the edge, and, thin, of the ground in pale and dark themes
LOOKS = {
    "passed": ("✓", _("Passed"), "#2a8f57"),
    "written": ("✎", _("Written"), "#2a8f57"),
    "not yet": ("✗", _("Not yet"), "#d0553e"),
    "not attempted": ("…", _("Not attempted"), "#808080"),
    "cannot tell": ("?", _("Cannot tell"), "#a8801a"),
}

DONE = ("passed", "written")


def _text(*lines: str) -> str:
    # a Chinese or Russian console may have no tick: the words are enough
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return "\n".join(filter(None, lines)).encode(encoding, "replace").decode(encoding)


def folded(head: str, body: str) -> str:
    """Return HTML that stays folded under a line until the reader opens it."""
    return f'<details class="{NO_FORMULA}"><summary>{escape(head)}</summary>{body}</details>'


def _small(notes: tuple[str, ...]) -> str:
    return "".join(f"<div><em>{escape(note)}</em></div>" for note in notes)


@dataclass(repr=False)
class Feedback(Told):
    """What a check found, or a hint."""

    exercise: str  # its id
    status: str  # one of LOOKS
    message: str  # what that means for the answer, in words
    notes: tuple[str, ...] = ()  # what else to know, such as trouble with saving
    title: str = ""  # in place of the status in words
    beside: str = ""  # HTML of ours that stands below

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.status == "passed"

    def _head(self) -> str:
        return f"{self.title or ' '.join(LOOKS[self.status][:2])} · {self.exercise}"

    def __repr__(self) -> str:
        self.seen()
        return _text(self._head(), self.message, *self.notes)

    def _repr_html_(self) -> str:
        self.seen()
        colour = LOOKS[self.status][-1]
        lines = "".join(f"<div>{escape(line)}</div>" for line in self.message.split("\n"))
        return clean(
            f'<div role="status" class="{NO_FORMULA}" style="background:{colour}29;'
            f"padding:.5em .8em;border-left:5px solid {colour};margin:.3em 0;max-width:60em;"
            'line-height:1.45">'
            f"<strong>{escape(self._head())}</strong>"
            f"{lines}{_small(self.notes)}</div>{self.beside}"
        )


@dataclass(repr=False)
class Solution(Told):
    """One way to do an exercise, folded up until the student opens it."""

    exercise: str
    code: str
    explanation: str

    def __repr__(self) -> str:
        self.seen()
        head = _("Solution") + f" · {self.exercise}"
        return _text(f"{head}\n\n{self.code}\n\n{self.explanation}")

    def _repr_html_(self) -> str:
        self.seen()
        head = _("One way to do {exercise} (click to open)", exercise=self.exercise)
        code, why = escape(self.code), escape(self.explanation)
        return folded(head, f"<pre>{code}</pre><p>{why}</p>")


@dataclass(repr=False)
class Progress(Told):
    """How far a student is."""

    table: pd.DataFrame  # by exercise id; columns ask, status, tries, saved
    notes: tuple[str, ...] = ()  # trouble with saving or reading
    verdicts: pd.DataFrame = field(default_factory=pd.DataFrame)  # by claim; columns as shown

    @property
    def summary(self) -> str:
        """How many exercises are passed or written, and how many are not saved, in words."""
        done = self.table["status"].isin(DONE).sum()
        late = int(len(self.table) - self.table["saved"].sum())
        words = _("{done} of {all} exercises done.", done=done, all=len(self.table))
        more = plural("{count} is not saved yet.", "{count} are not saved yet.", late)
        return f"{words} {more}" if late else words

    def _rows(self) -> list[pd.DataFrame]:
        """Return what is shown: the exercises, and the verdicts if the lesson has claims."""
        words = {"index": _("Exercise"), "ask": _("Ask")}
        tables = [_told(self.table, **words, status=_("Status"), tries=_("Tries"))]
        if not self.verdicts.empty:
            words = {"index": _("Claim"), "claim": _("In our words"), "word": _("Word")}
            words |= {"confidence": _("Confidence"), "status": _("Your verdict")}
            tables.append(_told(self.verdicts, **words))
        return tables

    def __repr__(self) -> str:
        self.seen()
        tables = (rows.to_string(index=False) for rows in self._rows())
        return _text(*tables, self.summary, *self.notes)

    def _repr_html_(self) -> str:
        self.seen()
        tables = "".join(map(to_html, self._rows()))
        return f"<p>{escape(self.summary)}</p>{tables}{_small(self.notes)}"


def _told(table: pd.DataFrame, **names: str) -> pd.DataFrame:
    """Return the columns of a table and its index under their names, each status in words."""
    labels = {status: f"{look[0]} {look[1]}" for status, look in LOOKS.items()}
    late = table["saved"].map({True: "", False: " · " + _("not saved yet")})
    told = table.assign(status=table["status"].map(labels) + late).rename_axis("index")
    return told.reset_index()[list(names)].rename(columns=names)
