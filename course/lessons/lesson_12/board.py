"""The verdict board: every claim of the article, the student's verdicts, and a form for one.

What stands in the form is looked at by `Verdict`, and goes to the journal at each change,
as a draft if something lacks. The cell has three outputs of plain HTML: a place, in which
board.js makes the form, what is told of the chosen claim, and the table.
"""

from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files
from secrets import token_hex
from typing import Any, NamedTuple

import anywidget
import pandas as pd
import traitlets
from IPython.display import display, update_display

from course.data import FeatureCollection, cite, read, resources
from course.description import to_html
from course.errors import CourseError, known
from course.exercises import journal
from course.exercises.evidence import Kept, bare, kept_rows, read_evidence
from course.exercises.show import folded
from course.exercises.verdict import (
    MOST,
    MOST_TEXT,
    Verdict,
    course_verdict,
    own_sentences,
    scale,
    weighing,
)
from course.explore import PLACE
from course.notebook import replace_last
from course.words import NO_FORMULA, _, plural

FEW = 40  # rows of a table that are offered: among more, any number stands
_OFFERS = 6  # pieces of evidence that are offered
_WORDS = ("word", "confidence", "says", "would_change")
_STATES = {
    "written": "✎ " + _("written"),
    "draft": "… " + _("draft"),
    "missing": "○ " + _("missing"),
}
_SHOWS = {
    "all": _("all claims"),
    "missing": _("not written yet"),
    "differs": _("another word than the course"),
}
_BESIDE = {"same": _("the same word"), "differs": _("another word"), "": ""}


class _Form(Verdict):
    """A verdict as it stands in the form: told there, and signed when it has changed."""

    def _keep(self) -> tuple[str, ...]:
        return ()

    def tell(self) -> "_Form":
        return self

    def sign(self) -> tuple[str, ...]:
        return super()._keep()


class Offer(NamedTuple):
    """Rows that may be ticked as evidence."""

    rows: pd.DataFrame
    kept: dict[str, Any]  # as the journal keeps them
    words: str
    html: str


@cache
def offers(claim: str) -> list[Offer]:
    """Return rows that may bear on a claim: few of a table, from the sources of its row.

    Those of tables with which the lessons weigh the claim come first.
    """
    row = read("claims").set_index("claim_id").loc[claim]
    named = {*row[["source_id", "source2_id"]].dropna()}  # a missing one matches no row
    first = [table for one in weighing(claim) for table in one["tables"]]
    found: list[Offer] = []
    for name in dict.fromkeys([*first, *resources()]):
        table = read(name)
        if name in {"claims", "sources"} or isinstance(table, FeatureCollection):
            continue
        if len(found) == _OFFERS:
            break
        columns = [one for one in ("source_id", "source2_id") if one in table]
        rows = table[table[columns].isin(named).any(axis=1)] if columns else table[:0]
        if 0 < len(rows) <= FEW:
            other = rows.filter(regex=r"_(ru|zh|mn)$").columns
            rows = rows.drop(columns=other)
            count = plural("{count} row", "{count} rows", len(rows))
            words = f"{name}, {count}: {'; '.join(cite(rows).table['title'][:2])}"
            found.append(Offer(rows, read_evidence(rows)[0], words, to_html(bare(rows))))
    return found


class Board(anywidget.AnyWidget):
    """All claims with the verdicts of the student, and a form for the chosen one.

    Attributes:
        chosen: id of the claim in the form.
        table: DataFrame indexed by claim_id, in the order of the article: claim, lesson,
            word, confidence, state ("written", "draft" or "missing") and beside ("same" or
            "differs": the word, and that of the course; "" before one's own is given).
        summary: how many are written, in words.
    """

    _esm = PLACE + files(__package__).joinpath("board.js").read_text(encoding="utf-8")
    _css = files(__package__).joinpath("board.css").read_text(encoding="utf-8")
    page = traitlets.Dict().tag(sync=True)  # words and lists that stay
    listed: Any = traitlets.List().tag(sync=True)  # claims to choose from: id and words
    form = traitlets.Dict().tag(sync=True)  # what the chosen claim's fields hold
    answer = traitlets.Dict().tag(sync=True)  # to the last save: its number, and words
    token = traitlets.Unicode().tag(sync=True)  # names the outputs
    awake = traitlets.Bool(True).tag(sync=True)  # shown, and not yet seen by a page

    def __init__(self) -> None:
        self._claims = read("claims").set_index("claim_id")
        self._entries = journal.entries()  # as they were when something last happened
        self._filter, self._seen = "all", dict[str, str]()
        super().__init__(page=_page(), token=token_hex(8))
        state = self._table()["state"]
        self.pick(str(next(iter(state.index[state != "written"]), state.index[0])))
        self.on_msg(self._heard)
        replace_last(self)

    @property
    def table(self) -> pd.DataFrame:
        """All claims and the verdicts on them, by the journal as it is now."""
        self._entries = journal.entries()
        return self._table()

    def _table(self) -> pd.DataFrame:
        rows = []
        for claim, of in self._claims.iterrows():
            entry = self._entries.get(str(claim), journal.Entry())
            held = dict.fromkeys(_WORDS, "") | entry.verdict
            state = "written" if entry.status == "written" else "draft"
            if not any(held[name] for name in _WORDS):
                state = "missing"
            beside = "same" if held["word"] == of["verdict"] else "differs"
            if not _given(str(claim), held, state):
                beside = ""
            rows.append([of["claim"], of["lesson"], *map(held.get, _WORDS[:2]), state, beside])
        columns = ["claim", "lesson", "word", "confidence", "state", "beside"]
        return pd.DataFrame(rows, self._claims.index, columns)

    @property
    def summary(self) -> str:
        """How many verdicts are written, are drafts, and have another word, in words."""
        return _summary(self.table)

    def pick(self, claim: str) -> None:
        """Choose the claim in the form.

        Raises:
            CourseError: there is no such claim.
        """
        self.chosen = known(claim, list(self._claims.index), _("claim"))
        self._entries = journal.entries()  # another notebook may have signed since
        self._fill()

    def show(self, which: str) -> None:
        """Choose which claims are listed: "all", "missing" or "differs".

        Raises:
            CourseError: it is none of these.
        """
        self._filter = known(which, _SHOWS, _("list of claims"))
        self._entries = journal.entries()
        self._draw()

    def save(self, claim: str, *, ticked: Iterable[int] = (), **words: str) -> Verdict:
        """Keep what stands in the form: a verdict, or a draft that says what it lacks.

        Args:
            claim: its id.
            ticked: numbers of the offered pieces of evidence that are chosen. What an
                earlier verdict rests on stays.
            words: word, confidence, says and would_change.

        Returns:
            The verdict as it was looked at.

        Raises:
            CourseError: there is no such claim.
        """
        known(claim, list(self._claims.index), _("claim"))
        self._entries = journal.entries()
        entry = self._entries.get(claim, journal.Entry())
        look = self._look(claim, entry, [*ticked], words)
        now = {name: getattr(look, name) for name in journal.SIGNED}
        if now != (entry.verdict or dict.fromkeys(_WORDS, "") | {"evidence": []}):
            look.notes = look.sign()
            self._entries = journal.entries()
        if claim == self.chosen:
            self._fill(look)
        else:
            self._draw()
        return look

    # --- what is looked at ------------------------------------------------------------

    def _look(
        self, claim: str, entry: journal.Entry, ticked: list[int], words: dict[str, str]
    ) -> _Form:
        chosen = [one.rows for n, one in enumerate(offers(claim)) if n in ticked]  # no others
        pieces = [*_kept(claim, entry), *chosen][:MOST]
        look = _Form(claim, **words, because=pieces)
        look.title = _STATES[look.status if look.status == "written" else "draft"]
        if look.status == "not attempted":
            look.title, look.message = _STATES["missing"], _("Nothing is in the form yet.")
            look.evidence = [read_evidence(one)[0] for one in pieces]
        return look

    def _fill(self, look: _Form | None = None) -> None:
        """Fill the form from the journal, and tell what lacks."""
        entry = self._entries.get(self.chosen, journal.Entry())
        held = dict.fromkeys(_WORDS, "") | {"evidence": []} | entry.verdict
        ours = offers(self.chosen)
        chosen = [n for n, one in enumerate(ours) if one.kept in held["evidence"]]
        look = look or self._look(self.chosen, entry, chosen, {n: held[n] for n in _WORDS})
        of = self._claims.loc[self.chosen]
        self.form = {
            "claim": self.chosen,
            "text": f"{self.chosen}. {of['claim']}",
            "about": _("Lesson {lesson}. {how}", lesson=of["lesson"], how=of["how_to_test"]),
            **{name: held[name] for name in _WORDS},
            "kept": [_told(one.piece) for one in _kept(self.chosen, entry)],
            "offers": [
                {"words": one.words, "html": one.html, "ticked": n in chosen}
                for n, one in enumerate(ours)
            ],
        }
        self._told = look
        self._draw()

    def _shown(self, table: pd.DataFrame) -> pd.Series:
        if self._filter == "differs":
            return table["beside"] == "differs"
        return (table["state"] != "written") | (self._filter == "all")

    # --- what is shown ------------------------------------------------------------------

    def _draw(self) -> None:
        """Bring the list of claims and the outputs up to date."""
        table = self._table()
        shown = table[self._shown(table) | (table.index == self.chosen)]
        lines = zip(shown.index, shown["state"].map(_STATES), shown["claim"], strict=True)
        self.listed = [[claim, f"{claim} {state}: {words}"] for claim, state, words in lines]
        for part, (html, text) in self._outputs().items():
            if self._seen.get(part, html) != html:
                show = {"text/html": html, "text/plain": text}
                update_display(show, display_id=f"{self.token}-{part}", raw=True)
                self._seen[part] = html

    def _outputs(self) -> dict[str, tuple[str, str]]:
        """Return the HTML and the text of what stands below the form."""
        look, table = self._told, self._table()
        beside, more = str(table.loc[look.claim, "beside"]), ""
        if beside:
            more = f"<p>{_('The course chose {word}.', word=_BESIDE[beside])}</p>"
        if look.status != "written":
            more += course_verdict(look.claim) if beside else ""
            more += folded(_("The line of code that signs it"), f"<pre>{_code(look)}</pre>")
        shown = table[self._shown(table)]
        shown = shown.assign(
            state=shown["state"].map(_STATES), beside=shown["beside"].map(_BESIDE)
        )
        names = [_("Claim"), _("In our words"), _("Lesson"), _("Your word"), _("Confidence")]
        shown = shown.reset_index().set_axis([*names, _("State"), _("The course")], axis=1)
        summary = _summary(table)
        head = f"<p><b>{summary}</b> {_('Shown')}: {_SHOWS[self._filter]}.</p>"
        body = to_html(shown) if len(shown) else f"<p>{_('There are none.')}</p>"
        return {
            "told": (look._repr_html_() + more, repr(look)),
            "table": (
                f'<div class="course-board-table {NO_FORMULA}">{head}{body}</div>',
                f"{summary}\n{shown.to_string(index=False)}",
            ),
        }

    def __repr__(self) -> str:
        return self.summary

    def _ipython_display_(self, **_kwargs: Any) -> None:
        self.awake = True
        self.pick(self.chosen)
        asleep = _("Run this cell to fill in verdicts.")
        place = (
            f'<style>{self._css}</style><div data-course-board="{self.token}">'
            f"<p><b>{self.page['title']}.</b> {asleep}</p></div>"
        )
        display({"text/html": place, "text/plain": asleep}, raw=True)
        for part, (html, text) in self._outputs().items():
            self._seen[part] = html
            show = {"text/html": html, "text/plain": text}
            display(show, display_id=f"{self.token}-{part}", raw=True)

    # --- what a page says -----------------------------------------------------------------

    def _heard(self, _widget: Any, message: Any, _buffers: Any) -> None:
        """Do what a page asks for, if it can be meant."""
        number, say = None, ""
        try:
            if "pick" in message:
                self.pick(message["pick"])
            elif "show" in message:
                self.show(message["show"])
            else:
                number = int(message["number"])
                words = {name: message[name] for name in _WORDS}  # a verdict reads texts only
                look = self.save(message["claim"], ticked=[*message["ticked"]], **words)
                saved = _("Not saved!") if look.notes else _("Saved.")
                say = " ".join([saved, look.title, *look.notes])
        except CourseError as error:
            say = str(error)
        except (LookupError, OverflowError, TypeError, ValueError):
            say = _("This was not understood. Run the cell again.")
        if say:
            self.answer = {"number": number, "words": say}


def _summary(table: pd.DataFrame) -> str:
    count = table["state"].value_counts()
    say = _("{n} of {all} verdicts are written.", n=count.get("written", 0), all=len(table))
    if drafts := int(count.get("draft", 0)):
        say += " " + plural("{count} is a draft.", "{count} are drafts.", drafts)
    if others := int((table["beside"] == "differs").sum()):
        say += " " + plural(
            "{count} has another word than the course.",
            "{count} have another word than the course.",
            others,
        )
    return say


def board() -> Board:
    """Show the verdict board: all claims, your verdicts on them, and a form for one.

    It saves as you go, in the journal of your progress, and shows the latest when its cell
    runs again. A verdict that lacks something is kept as a draft and says what it lacks.
    The verdict of the course shows once your own is given.
    """
    return Board()


def _page() -> dict[str, Any]:
    """Return the words of the form."""
    return {
        "title": _("The verdict board"),
        "most": MOST_TEXT - 1,
        "shows": [*_SHOWS.items()],
        "scales": {kind: scale(kind) for kind in ("verdict", "confidence")},
        "words": {
            "show": _("Show"),
            "claim": _("Claim"),
            "before": _("Previous"),
            "next": _("Next"),
            "word": _("Your verdict"),
            "confidence": _("Confidence"),
            "says": _("What the evidence says, in two sentences or more"),
            "would_change": _("What would change my mind"),
            "evidence": _("Evidence: tick what bears on the claim"),
            "kept": _("kept from an earlier verdict"),
            "look": _("Look at it"),
            "none": _("No rows are at hand for this claim. Sign it in code, as shown below."),
            "choose": _("choose ..."),
            "waiting": _("Not saved yet ..."),
            "late": _("No answer yet: the kernel is busy, or it has gone."),
            "gone": _("The kernel has gone. Copy what is not saved, and run the cell again."),
        },
        "boxed": _("The board needs a cell of its own: it cannot stand in a box."),
    }


def _given(claim: str, held: dict[str, Any], state: str) -> bool:
    """Tell whether a student's own verdict is given, so that another may stand beside it."""
    if state != "draft" or held["word"] not in scale("verdict"):
        return state == "written"
    sure = held["confidence"] in scale("confidence")
    return sure and len(own_sentences(held["says"], claim)) > 1


def _kept(claim: str, entry: journal.Entry) -> list[Kept]:
    """Return what stays: evidence of the verdict, and of the last that was written."""
    pieces = [one.kept for one in offers(claim)]
    ours, text = len(pieces), entry.written.get("says", "")
    for held in (entry.verdict, entry.written):
        pieces += [one for one in held.get("evidence", []) if one not in pieces]
    return [Kept(piece, text) for piece in pieces[ours:]]


def _told(piece: dict[str, Any]) -> dict[str, str]:
    """Return a piece of evidence for the form: what it is in words, and its rows."""
    words = f"{piece['table']}: {piece['what']}" if piece["table"] else piece["what"]
    return {"words": words, "html": to_html(bare(kept_rows(piece))) if piece["rows"] else ""}


def _code(look: Verdict) -> str:
    """Return the line that signs a draft in a cell, as HTML."""
    word, confidence, says, change = (
        repr(getattr(look, n)) if getattr(look, n) else "..." for n in _WORDS
    )
    return escape(
        f'course.Verdict("{look.claim}", {word}, confidence={confidence},\n'
        f"    because=[...],\n    says={says},\n    would_change={change})"
    )
