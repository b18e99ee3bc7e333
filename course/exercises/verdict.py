"""A verdict on a claim: what a student signs, what of it can be checked, what is kept."""

import json
import re
from functools import cache
from html import escape
from typing import Any

import pandas as pd

from course.data import Citation, read
from course.errors import CourseError, known, nearest
from course.exercises import journal
from course.exercises.budget import limited
from course.exercises.evidence import Figures, cell_figures, read_evidence, stands
from course.exercises.numbers import numbers
from course.exercises.read import type_name
from course.exercises.run import trouble
from course.exercises.show import Feedback, folded
from course.exercises.values import Plain, fold, shown
from course.lessons import contracts
from course.paths import lessons_dir
from course.words import _, clean, plural, said

MOST_TEXT = 3_000  # characters of a text that is signed
MOST = 12  # pieces of evidence

RUBRIC = (
    _("Does the word follow from the evidence, or from what one would like to be true?"),
    _("Does the evidence measure what the claim says, or something near it?"),
    _("Is it said who counted, in which series, and from which year to which?"),
    _("Is what speaks against the verdict said as well?"),
    _("Could what would change it be found, by someone, one day?"),
)


class Verdict(Feedback):
    """A signed verdict on a claim of the article, with its evidence.

    What can be checked is checked: the word is on the scale, the evidence has sources and
    bears on the claim, every number in ``says`` stands in the evidence, and what would
    change the verdict is said. Whether it is good, people judge, by the rubric that a
    written verdict shows beside the verdict of the course. It is kept in the journal.

    Args:
        claim: id of the claim, such as "c42".
        word: "supported", "supported in part", "mixed", "contradicted in part",
            "contradicted" or "cannot tell".
        confidence: "high", "medium" or "low".
        because: a list of rows of the course's tables (their sources ride along), and of
            numbers, Series or small tables computed from them.
        says: the verdict in at least two sentences; its numbers may be rounded, and
            written in English, Russian or Chinese.
        would_change: what would change it, in a sentence.

    Attributes:
        status: "written", "not yet" or "not attempted"; ``message`` says it in words.
        reasons: everything that keeps it from being written, in words.
        evidence: what is kept of the evidence, in plain values.
        sources: the ids of its sources.
        notes: trouble with saving, in words.

    Raises:
        CourseError: there is no such claim.
    """

    def __init__(
        self,
        claim: str,
        word: Any = ...,
        *,
        confidence: Any = ...,
        because: Any = ...,
        says: Any = ...,
        would_change: Any = ...,
    ) -> None:
        asked = _text(claim) or type_name(claim)
        lead = _("The claims of the article are in the table claims. Their ids are")
        self.claim = known(asked, list(read("claims")["claim_id"]), _("claim"), lead)
        dots = _("Put your verdict in place of the three dots.")
        super().__init__(self.claim, "not attempted", dots)
        self.word, self.confidence = fold(_text(word))[:60], fold(_text(confidence))[:60]
        self.says, self.would_change = _text(says), _text(would_change)
        self.evidence: list[dict[str, Any]] = []
        self.sources: list[str] = []
        self.reasons: list[str] = []
        if any((self.word, self.confidence, self.says, self.would_change)):
            self._check(because)
            self.status = "not yet" if self.reasons else "written"
            self.message = "\n".join(self.reasons or self._lines())
            self.beside = "" if self.reasons else self._beside()
            self.notes = self._keep()
            self.tell()

    # --- what can be checked: each adds its reasons ---------------------------------

    def _check(self, because: Any) -> None:
        for kind, given, say in (
            ("verdict", self.word, _("The verdict is one of: {words}.")),
            ("confidence", self.confidence, _("Your confidence is one of: {words}.")),
        ):
            words = scale(kind)
            if given not in words:
                self.reasons.append(say.format(words=", ".join(words)) + nearest(given, words))
        numbers("")  # what takes a moment at first is no fault of the evidence
        try:
            with limited():
                self._read(self._weigh(because))
        except BaseException as error:  # an object's own methods may raise anything
            self.reasons.append(trouble(error)[1])
        if not own_sentences(self.would_change, self.claim):
            say = _("Say in a sentence of your own what would change your verdict.")
            self.reasons.append(say)

    def _weigh(self, because: Any) -> Figures:
        """Read the evidence, see whether it bears on the claim, and return its figures."""
        things = because if isinstance(because, list | tuple) else [because]
        things = [one for one in things if one is not ... and one is not None]
        figures: Figures = {}
        if len(things) > MOST:
            say = _("Choose at most {count} pieces of evidence.", count=MOST)
            self.reasons.append(say)
            return figures
        for n, thing in enumerate(things, 1):
            try:
                kept, more = read_evidence(thing)
            except CourseError as error:
                self.reasons.append(_("Evidence {n}: {error}", n=n, error=error))
                continue
            self.evidence.append(kept)
            self.sources += [each for each in kept["sources"] if each not in self.sources]
            if kept["table"] != "claims":  # the verdict of the course is no evidence
                for of, values in more.items():
                    figures.setdefault(of, []).extend(values)
        given = {one["table"] for one in self.evidence if one["sources"]} - {"claims"}
        tables = {table for one in weighing(self.claim) for table in one["tables"]} - {"claims"}
        if not given and len(self.evidence) == len(things):
            say = _(
                "Give evidence: in because, rows of tables with their column source_id. The "
                "table claims holds the claim and the verdict of the course, so it is none."
            )
            self.reasons.append(say)
        elif given and all(given) and tables and not tables & given:
            say = _(
                "No row is from a table with which the lessons weigh {claim} ({tables}). "
                "Others may bear on it too: add one of these to them."
            )
            say = say.format(claim=self.claim, tables=", ".join(sorted(tables)))
            self.reasons.append(say)
        return figures

    def _read(self, figures: Figures) -> None:
        """Read the text; say which of its numbers stand in no evidence."""
        count = len(own_sentences(self.says, self.claim))
        if count < 2:
            say = _(
                "Write two sentences of your own or more (says has {count}). A sentence begins "
                "with a capital letter and ends with a full stop. Words of the task, the claim "
                "and the course do not count, nor sentences of a word or two."
            )
            self.reasons.append(say.format(count=count))
        if MOST_TEXT in (len(self.says), len(self.would_change)):
            self.reasons.append(_("Please keep to {count:,} characters.", count=MOST_TEXT))
        for number, unit in cell_figures(_claim(self.claim)["claim"]):  # may be quoted
            figures.setdefault(("claim", unit), []).append(number)
        lacks = [one.text for one in numbers(self.says) if not stands(one, figures)]
        if lacks:
            say = _(
                "The evidence has no {numbers}. Correct that, or put what you computed into "
                "because."
            )
            self.reasons.append(say.format(numbers=shown(dict.fromkeys(lacks), MOST)))

    # --- what is kept and shown ------------------------------------------------------

    def _keep(self) -> tuple[str, ...]:
        """Write it to the journal, in which the latest counts."""
        signed = {name: getattr(self, name) for name in journal.SIGNED}
        for one in self.evidence[::-1]:  # a line of the journal is bounded
            if len(json.dumps(signed)) > journal.LONGEST:
                one["rows"], one["columns"] = [], []
        return journal.record("verdict", self.claim, status=self.status, verdict=signed)

    def plain(self) -> Plain:
        """Return its plain form, which is JSON, for a check."""
        value = {"claim": self.claim, "status": self.status, "message": self.message}
        return {"form": "verdict", "what": _("a verdict"), "value": value}

    def __repr__(self) -> str:
        rubric = [_("To judge it:"), *self._rubric()] if self.status == "written" else []
        return "\n".join([super().__repr__(), *rubric])

    def _lines(self) -> list[str]:
        count = plural("{count} source", "{count} sources", len(self.sources))
        rests = _("It rests on {count}.", count=count)
        return [*_told(self.word, self.confidence, self.says, self.would_change), rests]

    def _rubric(self) -> list[str]:
        """Return what the chosen words mean, then the questions."""
        means = read("verdict_words").set_index("word")["meaning"]
        lines = [
            f"{one}: {said(f'verdict_words meaning {one}', means[one])}"
            for one in (self.word, self.confidence)
        ]
        return [*lines, *RUBRIC]

    def _beside(self) -> str:
        """Return what stands below once it is written, as folded HTML.

        The sources, a rubric for the student, a neighbour or a teacher, and the verdict of
        the course, which would give away the answer before.
        """
        sources = Citation(read("sources").set_index("source_id").loc[self.sources])
        return (
            folded(_("The sources of your evidence"), sources._repr_html_())
            + folded(_("A rubric, for you, a neighbour or a teacher"), _list(self._rubric()))
            + course_verdict(self.claim)
        )


def _told(word: str, confidence: str, says: str, would_change: str) -> list[str]:
    """Return a verdict in words, the student's or that of the course."""
    sure = _("{word}, {confidence} confidence.", word=word, confidence=confidence)
    return [sure, says, _("What would change it: {words}", words=would_change)]


@cache
def scale(kind: str) -> list[str]:
    """Return the words there are for a verdict, or for a confidence."""
    table = read("verdict_words")
    return list(table["word"][table["kind"] == kind])


def course_verdict(claim: str) -> str:
    """Return the verdict of the course as folded HTML."""
    return folded(_("The verdict of the course, to compare"), _list(course_lines(claim)))


def course_lines(claim: str) -> list[str]:
    """Return the verdict of the course in words."""
    row, names = _claim(claim), ("verdict", "confidence", "evidence", "would_change")
    return _told(*(row[name] for name in names))


def _list(lines: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def verdicts() -> pd.DataFrame:
    """Return your latest verdict on each claim, from the journal.

    Returns:
        DataFrame indexed by claim_id, in the order of the article; columns status
        ("written" or "not yet"), word, confidence, says, would_change, evidence (a list of
        dicts: what, table, sources, columns, rows), time (ISO 8601, UTC), saved.
    """
    entries = journal.entries()
    rows = [
        {"claim_id": claim, "status": one.status}
        | one.verdict
        | {"time": one.last, "saved": one.saved}
        for claim in read("claims")["claim_id"]
        if (one := entries.get(claim)) and one.verdict
    ]
    columns = ["claim_id", "status", *journal.SIGNED, "time", "saved"]
    return pd.DataFrame(rows, columns=columns).set_index("claim_id")


def _text(given: Any) -> str:
    """Return a text on one line, "" for anything else and for three dots."""
    if not issubclass(type(given), str):  # isinstance would ask the object itself
        return ""
    text = clean(" ".join(str.__str__(given).split()), MOST_TEXT)
    return "" if text in ("...", "…") else text


def _claim(claim: str) -> dict[str, Any]:
    return read("claims").set_index("claim_id").loc[claim].to_dict()


def weighing(claim: str) -> list[dict[str, Any]]:
    """Return the contracts of the lessons that weigh a claim."""
    own = _claim(claim)["lesson"]
    every = contracts().values()
    return [one for one in every if one["id"] == own or claim in one["claims"]]


@cache
def _printed(claim: str) -> str:
    """Return what the course says of a claim, in its row and in its lessons, folded."""
    parts = list(map(str, _claim(claim).values()))
    for contract in weighing(claim):
        for path in lessons_dir().glob(f"{contract['id']}_*.ipynb"):
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            parts += ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
    return _bare(" ".join(parts))


def _bare(text: str) -> str:
    """Write a text so that signs of Markdown do not matter either."""
    return fold(re.sub(r"[*_`#]", "", text))


def own_sentences(text: str, claim: str) -> list[str]:
    """Return the sentences of a text that say something and do not stand in the course."""
    found = re.split(r"(?<=[.!?…])[\"'»”’)]*\s+(?=[^a-zа-я])|[。！？；]", text)
    return [one for one in found if _full(one) and _bare(one) not in _printed(claim)]


def _full(sentence: str) -> bool:
    """Tell whether it has three words; two Chinese characters make one, figures another."""
    chinese = set(re.findall(r"[\u3400-\u9fff]", sentence))
    others = set(re.findall(r"[^\W\d_\u3400-\u9fff]+", sentence.casefold()))
    return len(others) + len(chinese) / 2 + bool(re.search(r"\d", sentence)) >= 3
