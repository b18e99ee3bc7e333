"""A class's boards laid together: how far its verdicts on each claim lie apart."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pandas as pd

from course.charts import COLOURS, Chart, chart
from course.data import read
from course.description import to_html
from course.errors import CourseError
from course.exercises import journal
from course.exercises.verdict import scale
from course.words import _, plural

_SURE = {"low": 1, "medium": 2, "high": 3}
_MOST = 200  # journals of one student
_SHADES = [
    COLOURS[0],
    COLOURS[4],
    COLOURS[7],
    COLOURS[5],
    COLOURS[1],
    "#999999",
]  # of the words


class Spread(pd.DataFrame):
    """What `spread` returns: a DataFrame that can be drawn."""

    def _repr_html_(self) -> str:
        return to_html(self)

    def chart(self) -> Chart:
        """Draw the verdicts as one bar per claim that has some; the word of the course beside.

        Raises:
            CourseError: there are no verdicts.
        """
        import altair as alt

        words, rows = scale("verdict"), self[self["students"] > 0].reset_index()
        if rows.empty:
            raise CourseError(_("There are no verdicts to draw yet."))
        rows["line"] = rows["claim_id"] + " · " + rows["course"]
        long = rows.melt("line", words, "word", "verdicts").query("verdicts > 0")
        shades = alt.Scale(domain=words, range=_SHADES)
        whole = alt.Axis(format="d", tickMinStep=1)
        bars = alt.Chart(long.assign(place=long["word"].map(words.index))).encode(
            x=alt.X("verdicts:Q", title=_("Verdicts"), axis=whole),
            y=alt.Y("line:N", sort=list(rows["line"]), title=""),
            color=alt.Color("word:N", scale=shades, title="", legend=alt.Legend(orient="top")),
            order="place:Q",
        )
        number = plural("{count} student", "{count} students", self.attrs["students"])
        say = _(
            "Verdicts of {number}, one bar for each claim with any, from supported on the "
            "left to contradicted, then cannot tell. Beside each claim the word of the course.",
            number=number,
        )
        sources = _("the journals of the class, and the verdicts of the course")
        drawn = bars.mark_bar(stroke="white").properties(height=alt.Step(22))
        return chart(drawn, alt=say, sources=sources)


def spread(folder: str | Path) -> Spread:
    """Lay the boards of a class together, without a name.

    Args:
        folder: it holds a folder for each student, as ``course start`` makes it (the
            journals in ``course_journal``), or journals side by side, one for each student.

    Returns:
        DataFrame indexed by claim_id, in the order of the article: claim, the number of
        written verdicts with each word, ``students`` (all of these), ``drafts``,
        ``confidence`` (mean; low 1, medium 2, high 3) and ``confidence_sd`` (standard
        deviation, of two or more), and the word of the course. ``attrs`` holds "students",
        how many boards there are, and "skipped": sentences on what could not be read.

    Raises:
        CourseError: there is no such folder, or no journal in it.
    """
    claims = read("claims").set_index("claim_id")
    given: list[tuple[str, str, str]] = []  # claim, word, confidence
    skipped: list[str] = []
    boards, drafts = 0, dict.fromkeys(claims.index, 0)
    for files in _students(Path(folder)):
        if len(files) > _MOST:
            say = _(
                "{name}: only the first {count} journals are read.",
                count=_MOST,
                name=_at(files),
            )
            skipped.append(say)
        lines, trouble = journal.read_files(files[:_MOST])
        skipped += [f"{_at(files)}: {one}" for one in trouble]
        boards += bool(lines)
        for claim, entry in journal.merged(lines).items():
            if claim in drafts and entry.verdict:
                word, sure = entry.verdict["word"], entry.verdict["confidence"]
                if entry.status == "written" and word in scale("verdict") and sure in _SURE:
                    given.append((claim, word, sure))
                else:
                    drafts[claim] += bool(word)
    if not boards:
        say = _(
            "No journal of a student was found in {folder}. It holds a folder for each "
            "student, with the folder course_journal in it, or journals (.jsonl).",
            folder=folder,
        )
        raise CourseError(" ".join([say, *skipped[:3]]))
    rows = pd.DataFrame(given, columns=["claim_id", "word", "confidence"])
    counts = pd.crosstab(rows["claim_id"], rows["word"])
    table = claims[["claim"]].join(counts.reindex(columns=scale("verdict"), fill_value=0))
    table = table.fillna(0).astype(dict.fromkeys(scale("verdict"), int))
    sure = rows["confidence"].map(_SURE).astype(float).groupby(rows["claim_id"])
    table["students"] = table[scale("verdict")].sum(axis="columns")
    table = table.assign(drafts=drafts, confidence=sure.mean(), confidence_sd=sure.std())
    found = Spread(table.assign(course=claims["verdict"]))
    found.attrs |= {"students": boards, "skipped": skipped}
    return found


def _students(folder: Path) -> Iterator[list[Path]]:
    """Yield the journals of each student."""
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        say = _("{folder} is no folder that can be read.", folder=folder)
        raise CourseError(say) from error
    for path in inside:
        if path.is_dir():
            found = (
                one
                for pattern in (
                    journal.OLD,
                    "*.jsonl",
                    f"{journal.FOLDER}/*.jsonl",
                    f"*/{journal.FOLDER}/*.jsonl",
                )
                for one in path.glob(pattern)
                if one.is_file()  # a FIFO would be waited for, and a device never ends
            )
            if files := [*islice(found, _MOST + 1)]:
                yield files
        elif path.suffix == ".jsonl" and path.is_file():
            yield [path]


def _at(files: list[Path]) -> str:
    return (
        files[0].parent.parent.name if files[0].parent.name == journal.FOLDER else files[0].name
    )
