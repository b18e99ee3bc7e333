"""Turning collected rows into tidy ones: second sources, periods, numbers."""

import calendar
import re
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd

ADDITIONS = Path(__file__).parent / "additions"
_URL = re.compile(r"https?://[^\s;]+")
_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
_MONTH = "|".join(_MONTHS)


def collected(reference: Path, name: str) -> pd.DataFrame:
    """Read one collected table as text, with the rows added by later research.

    Args:
        reference: folder of the collected facts.
        name: path of the table inside it, without the ending.

    Returns:
        DataFrame of text columns; an empty cell is an empty text.
    """
    frame = _text_table(reference / f"{name}.csv")
    extra = ADDITIONS / f"{Path(name).name}.csv"
    if extra.exists():
        more = _text_table(extra)
        frame = pd.concat([frame, more], ignore_index=True).fillna("")
    return frame


def _text_table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")


def host(url: str) -> str:
    """The name of the site an address belongs to, without www."""
    return urlsplit(url).netloc.removeprefix("www.")


def split_note(note: str) -> tuple[str, str]:
    """Take the addresses out of a note.

    Returns:
        The note with each address replaced by the name of its site, without the
        parts that only say "also at", and the first address ("" if none).
    """
    urls = [u.rstrip(".,:)") for u in _URL.findall(note)]
    text = note
    for url in urls:
        text = text.replace(url, host(url), 1)
    for site in {host(url) for url in urls}:
        site = re.escape(site)
        text = re.sub(rf"[;,.]?\s*\b(and )?[Aa]lso (at )?{site}(?=\s*([;.,)]|$))", "", text)
        text = re.sub(rf":\s+{site}(?=\s*([;.]|$))", f" ({site})", text)
    text = re.sub(r"\\(.)", r"\1", text)
    text = re.sub(r"\s+([.,;])", r"\1", re.sub(r"\s{2,}", " ", text))
    text = re.sub(r"\(\s*\)", "", text).strip(" .;,:")
    return text[:1].upper() + text[1:], urls[0] if urls else ""


def number(column: pd.Series) -> pd.Series:
    """Text to numbers; an empty text becomes a missing value."""
    return pd.to_numeric(column.replace("", None))


def whole(column: pd.Series) -> pd.Series:
    """Text to whole numbers that may be missing."""
    return number(column).round().astype("Int64")


def add_days(frame: pd.DataFrame, years: bool = False) -> None:
    """Add the first and last day of each period.

    Args:
        frame: rows with a column ``period`` in words; gets period_start, period_end.
        years: the words leave out the year, which stands in a column of its own.
    """
    whose = frame.year if years else [""] * len(frame)
    days = [period_dates(y, p) for y, p in zip(whose, frame.period, strict=True)]
    frame["period_start"] = [first for first, _ in days]
    frame["period_end"] = [last for _, last in days]


def period_dates(year: str, period: str) -> tuple[str, str]:
    """First and last day of a period, as far as its words give them.

    Args:
        year: the year the row belongs to, or "".
        period: words like "full year", "Jan-May", "to 17 Dec", "2024-Q1",
            "2023-01/2023-08".

    Returns:
        Two ISO dates, or two empty texts where the words leave the days open.
    """
    period = period.strip()
    if iso := re.fullmatch(r"([\d-]+)/([\d-]+)", period):
        return _edge(iso[1], first=True), _edge(iso[2], first=False)
    if quarter := re.fullmatch(r"(\d{4})-Q(\d)", period):
        last = 3 * int(quarter[2])
        return (
            f"{quarter[1]}-{last - 2:02}-01",
            _edge(f"{quarter[1]}-{last:02}", first=False),
        )
    if re.fullmatch(r"\d{4}(-\d\d){0,2}", period):
        return _edge(period, first=True), _edge(period, first=False)
    if period == "full year":
        return f"{year}-01-01", f"{year}-12-31"
    if months := re.fullmatch(rf"({_MONTH})(?:-({_MONTH}))?", period):
        first, last = _MONTHS[months[1]], _MONTHS[months[2] or months[1]]
        return f"{year}-{first:02}-01", _edge(f"{year}-{last:02}", first=False)
    since = rf"cumulative since (?:(\d+) )?({_MONTH}) (\d+), to (\d+) ({_MONTH}) (\d+)"
    if span := re.fullmatch(since, period):
        day, month, start, last, end_month, end = span.groups()
        return (
            f"{start}-{_MONTHS[month]:02}-{int(day or 1):02}",
            f"{end}-{_MONTHS[end_month]:02}-{int(last):02}",
        )
    until = rf"(?:1 Jan ?- ?|to (?:about )?)(\d+) ({_MONTH})"
    if until := re.fullmatch(until, period):
        return f"{year}-01-01", f"{year}-{_MONTHS[until[2]]:02}-{int(until[1]):02}"
    return "", ""


def _edge(day: str, first: bool) -> str:
    """Complete a shortened ISO date to its first or last day."""
    parts = [int(p) for p in day.split("-")]
    if len(parts) == 1:
        parts.append(1 if first else 12)
    if len(parts) == 2:
        parts.append(1 if first else calendar.monthrange(*parts)[1])
    return "{:04}-{:02}-{:02}".format(*parts)


def titles(reference: Path) -> dict[str, str]:
    """Every address the collected tables name as a source, with its title."""
    known: dict[str, str] = {}
    for path in sorted(reference.glob("*/*.csv")):
        frame = _text_table(path)
        if {"source_title", "source_url"} <= set(frame.columns):
            for title, url in zip(frame.source_title, frame.source_url, strict=True):
                known.setdefault(url, title)
    return known


class Evidence:
    """Gives rows their ``source_id``, ``source2_id`` and a note without addresses."""

    def __init__(self, reference: Path, sources) -> None:
        self.sources = sources
        self.titles = titles(reference)

    def id(self, title: str, url: str) -> str:
        """The id of one source, its title free of what only the collectors need."""
        for old, new in _SCRUB.items():
            title, url = title.replace(old, new), url.replace(old, new)
        for old, new in _NO_NAMES.items():
            title = title.replace(old, new)
        for old, new in _OUTLETS.items():  # "A / B" leaves open whose page it is
            title = title.replace(old, new)
        title = _SAME_DAY.get(url.strip(), title)
        return self.sources.id(title.strip(), url.strip())

    def second(self, url: str) -> str:
        """The id of a source known by its address only, "" for no address."""
        if not url:
            return ""
        return self.id(self.titles.get(url, f"Page at {host(url)}"), url)

    def add(self, frame: pd.DataFrame, notes: dict[str, str] | None = None) -> None:
        """Replace title, address and note of a collected table, in place.

        Args:
            frame: collected rows with source_title, source_url, check and note.
            notes: other words for a note, by the beginning of the tidied one.
        """
        split = [split_note(note) for note in frame.get("note", [""] * len(frame))]
        pairs = zip(frame.source_title, frame.source_url, strict=True)
        first = [self.id(title, url) for title, url in pairs]
        second = [self.second(url) for _, url in split]
        frame["source_id"] = first
        frame["source2_id"] = [b if a != b else "" for a, b in zip(first, second)]
        frame["note"] = [_reword(text, notes or {}) for text, _ in split]


# Words of the collection work, not of the source.
_SCRUB = {
    " (Governor Lu Hao)": " (provincial governor)",
    " (Energy Minister Shmatko)": " (energy minister)",
    " (Deputy Prime Minister Novak)": " (deputy prime minister)",
    ", Deputy Prime Minister Novak": ", deputy prime minister",
    "pages corpus, item without address found under query on ": "no address kept: ",
    "; the index names no repository": "",
    "GitHub code index, file id": "no address kept: GitHub code file",
}

# Persons a page speaks of, who did not write it.
_NO_NAMES = {
    "Trutnev": "presidential envoy",
    "Medvedev": "prime minister",
    "governor Demeshin": "governor",
    "Putin programmes site": "President of Russia, tiger programme",
    "on A. V. Ostrovsky": "on a Russian scholar named in the article",
    "S. A. Ivanov, 2018 (cyberleninka)": "Cyberleninka, 2018: cooperation programme "
    "of eastern Russia and north-eastern China",
    " (Dmochowski)": ": settlement of the Russian-Chinese border",
    "Motrich, Vestnik DVO RAN 2004 no. 6": "Vestnik DVO RAN 2004 no. 6: population of "
    "the Far East",
    "fx361.cc (Diao Xiuhua)": "Fx361.cc, 2018: economic cooperation of north-eastern "
    "China and the Russian Far East",
}
_OUTLETS = {
    "Sputnik / UrduPoint": "UrduPoint quoting Sputnik",
    "RIA Novosti / Sputnik": "Sputnik quoting RIA Novosti",
    "RT, 25 Oct 2022; Imparcial News (Sputnik)": "RT, 25 Oct 2022: trade with China",
    "ToRoss / government": "Tikhookeanskaya Rossiya quoting a government",
    "TASS/UBTZ": "TASS and the Ulaanbaatar Railway",
    " / ": " quoting ",
}
_SAME_DAY = {  # pages of one agency and one day, told apart by what they are about
    "http://piglix.com/piglix/Binzhou_Railway": "Piglix (copy of Wikipedia): "
    "Harbin-Manzhouli railway",
    "https://tass.com/economy/1734985": "TASS, 20 Jan 2024: crude oil to China",
    "https://tass.com/economy/1734991": "TASS, 20 Jan 2024: LNG to China",
    "https://tass.com/economy/1649375": "TASS, 20 Jul 2023: crude oil to China",
    "https://tass.com/economy/1649467": "TASS, 20 Jul 2023: LNG to China",
    "https://tass.com/economy/2011253": "TASS, 3 Sept 2025: tourist trips",
    "https://tass.com/economy/2011425": "TASS, 3 Sept 2025: visa-free travel",
    "https://tass.com/economy/2011275": "TASS, 3 Sept 2025: Power of Siberia 2",
    "http://english.scio.gov.cn/beltandroad/2021-03/01/content_77259193.htm": "Xinhua "
    "via SCIO, 1 Mar 2021: trains through Heilongjiang",
    "http://english.scio.gov.cn/beltandroad/2023-11/29/content_116846124.htm": "Xinhua "
    "via SCIO, 29 Nov 2023: trains through Erenhot",
    "http://en.people.cn/n3/2023/0628/c90000-20036692.html": "Xinhua via People's Daily "
    "Online, 28 June 2023: Hunchun highway port",
    "https://test.pax.peaceagreements.org/agreements/1743": "PA-X Peace Agreements "
    "Database, agreement 1743",
}


def _reword(note: str, words: dict[str, str]) -> str:
    """The note itself, or the other words for it."""
    for start, other in words.items():
        if note.startswith(start):
            return other
    return note
