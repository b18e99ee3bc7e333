"""Second sources: a row confirmed by two pages names both, or says one source.

Some collectors only wrote "also at ..." or "same as ..." beside a row. Where the page
is known, ``additions/second_sources.csv`` names it, by the beginning of the note or by
the first column of the row. What stays without a second page is confirmed by one.
"""

import re
from pathlib import Path
from typing import Any

import pandas as pd

from tests.derive.common import Sources
from tests.derive.tidy import ADDITIONS, Evidence, host

LEFT_OUT = [
    "second sources whose address was not kept: the note still names the site, but "
    "the row says one source",
]
_SAME = "Sum of "  # begins the note of a monthly series that equals another row
_NEAR = 0.005  # part of the value by which two counts of one thing may differ


def name(made: dict[str, Any], reference: Path, sources: Sources) -> None:
    """Fill ``source2_id`` where ``check`` says two sources; else correct ``check``.

    Args:
        made: tables by name, changed in place.
        reference: folder of the collected facts.
        sources: registry that gives each source its id.

    Raises:
        ValueError: a line of second_sources.csv fits no row.
    """
    evidence = Evidence(reference, sources)
    _same_elsewhere(made["energy_flows"], ["commodity", "route", *_WHEN], "volume")
    _same_elsewhere(made["trade_structure"], ["group_code", *_YEARLY], "value_usd_bn")
    _groups_of_wits(made["trade_structure"])
    path = ADDITIONS / "second_sources.csv"
    lines = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    for line in lines.itertuples():
        frame = made[line.table]
        fits = _bare(frame) & (
            frame.note.str.startswith(line.row) | frame.iloc[:, 0].eq(line.row)
        )
        if not fits.any():
            raise ValueError(f"{path.name}: no row of {line.table} for {line.row!r}")
        page = evidence.id(line.title, line.url) if line.title else evidence.second(line.url)
        frame.loc[fits, "source2_id"] = page
    url = sources.listed().set_index("source_id").url
    for content in made.values():
        if not isinstance(content, pd.DataFrame) or "source2_id" not in content:
            continue
        content.loc[_bare(content), "check"] = "one source"
        if "note" in content:
            sites = content.source2_id.map(url.map(host)).fillna("")
            pairs = zip(content.note, sites, strict=True)
            content["note"] = [_without_site(note, site) for note, site in pairs]


def count_copies_once(made: dict[str, Any]) -> None:
    """Two pages with an article of Wikipedia are one source: do not count it twice.

    Args:
        made: tables by name, with the finished table of sources; changed in place.
    """
    pages = made["sources"]
    copy = pages.title.str.contains(_COPY) | pages.publisher.str.contains(_COPY)
    copies = set(pages.source_id[copy])
    for content in made.values():
        if isinstance(content, pd.DataFrame) and "source2_id" in content:
            both = content.source_id.isin(copies) & content.source2_id.isin(copies)
            both &= content["check"].eq("two sources")
            content.loc[both, "check"] = "one source"


_COPY = r"[Ww]ikipedia|[Ww]ikiwand"
_PATH = r"(?:/[\w./-]*\w)?"
_WORDED = {  # what a note reads like once the address is gone -> what it should
    r"\b(?:in|at) the second page": "on the second page",
    r"\(copy the second page\)": "(second page)",
    r", the second page(?=\.|$)": "",
}


def _without_site(note: str, site: str) -> str:
    """A note without the address of the second page, which source2_id gives."""
    if not site or site not in note:
        return note
    name = r"(?:[\w-]+\.)*" + re.escape(site) + _PATH
    note = re.sub(rf"\s*\(\s*{name}\s*\)", "", note)
    note = re.sub(
        rf"(^|[.;,:]\s*)(?:[Aa]lso|[Ss]ame|[Vv]alue from|[Ff]lows from|[Tt]otal from)"
        rf"(?: figure)?(?: at| in| on)? {name}(?: \d+)?(?:, \d+ \w+ \d{{4}})?"
        rf"(?: \([^)]*\))?(?=[.;,]|$)",
        lambda found: _said(found[0]),
        note,
    )
    note = re.sub(name, "the second page", note)
    for words, better in _WORDED.items():
        note = re.sub(words, better, note)
    note = re.sub(r"^[\s.;,:]+", "", note)
    return note if re.match(r"\w+\.\w{2}", note) else note[:1].upper() + note[1:]


def _said(words: str) -> str:
    """What remains of "also at ...": a figure in brackets, or whose number it is."""
    if figure := re.search(r" \(([^)]*\d[^)]*)\)$", words):
        return f"; second page: {figure[1]}"
    part = re.search(r"([Vv]alue|[Ff]lows|[Tt]otal) from", words)
    return f"{words[: words.find(part[0])]}{part[1]} from the second page" if part else ""


_WHEN = ["exporter", "importer", "period_start", "period_end", "measure"]
_YEARLY = ["exporter", "importer", "year", "period"]


def _bare(frame: pd.DataFrame) -> pd.Series:
    """Rows said to have two sources that name only one."""
    return frame["check"].eq("two sources") & frame["source2_id"].eq("")


def _same_elsewhere(frame: pd.DataFrame, keys: list[str], value: str) -> None:
    """Two counts of one thing that agree confirm each other."""
    monthly = frame.note.str.startswith(_SAME)
    for row in frame[_bare(frame)].itertuples():
        same = (frame[keys] == frame.loc[row.Index, keys]).all(axis=1)
        same &= (frame[value] / getattr(row, value) - 1).abs() <= _NEAR
        same &= frame.source_id.ne(row.source_id) & monthly.ne(monthly[row.Index])
        if same.any():
            frame.loc[row.Index, "source2_id"] = frame.source_id[same].iloc[0]


def _groups_of_wits(frame: pd.DataFrame) -> None:
    """The notes of two Mongolian rows quote the groups of WITS."""
    wits = frame[frame.counted_by.str.startswith("WITS") & frame.exporter.eq("MNG")]
    pages = wits.groupby("year").source_id.first()
    quoting = _bare(frame) & frame.note.str.startswith("WITS group")
    frame.loc[quoting, "source2_id"] = frame.year[quoting].map(pages)
