"""The table of sources: who published each, when, in which language, how strong.

What is known of a site stands in ``additions/publishers.csv``, one line per host; a
GitHub repository counts as a host of its own (github.com/owner/name). What is known
of a single page, or has to be corrected, stands in ``additions/sources_reviewed.csv``,
by its address or its title. What a page is about, where its title does not say it,
stands in ``additions/source_subjects.csv``. A site without a line is an error.
"""

import calendar
import re
from typing import Any

import pandas as pd

from tests.derive.common import UNTITLED, resource, slug, text
from tests.derive.tidy import ADDITIONS, host

KINDS = [
    "official",
    "statistics office",
    "international body",
    "news agency",
    "press",
    "reference work",
    "data repository",
    "company",
    "research",
    "own computation",
    "other website",
]
STRENGTHS = ["primary", "quotes a primary", "secondary", "weak"]
SEEN = "2026-11"
NO_ADDRESS = "(no address kept)"
OWN = "(own arithmetic)"

_MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_abbr) if name}
_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_TITLE_DATES = [  # "TASS, 17 Oct 2023"; not "January-October 2024", "on 14 June 2016"
    rf"(?:^|[,/]|\bof|printed) ?(?P<day>\d\d?) {_MONTH} {_YEAR}\b",
    rf"(?:^|[,/]|\bof) ?{_MONTH} {_YEAR}\b(?! trade)",
    rf", {_YEAR}(?:$| \(|:| copy)",
    rf"\b{_YEAR} (?:release|edition)\b",
    rf"\bexport of (?:autumn )?{_YEAR}\b(?!-)",
]
_Y, _M, _D = r"(?P<year>20[0-2]\d)", r"(?P<month>0?[1-9]|1[0-2])", r"(?P<day>\d\d?)"
_MM, _DD = r"(?P<month>0[1-9]|1[0-2])", r"(?P<day>0[1-9]|[12]\d|3[01])"
_URL_DATES = [  # from the most precise; ids that only look like dates fit none
    rf"/{_Y}[/-]{_M}[/-]{_D}(?=[/_-]|$)",
    rf"/{_Y}[/-]{_MM}{_DD}/",
    rf"/{_Y}-?{_MM}/{_DD}/",
    rf"/(?:t|eng)?{_Y}{_MM}{_DD}(?=\D|\d{{6,}})",
    rf"[/-]{_DD}-{_MM}-{_Y}(?=\D|$)",
    rf"/{_DD}/{_MM}/{_Y}/",
    rf"/{_Y}[/-]?{_MM}/",
]
_ARCHIVED = re.compile(r"^https?://[^/]+/web/\d+/(https?://.+)$")
_REPOSITORY = r"\bgithub(?:\.com/| )(?P<repo>[\w.-]+/[\w.-]+?)(?=[\s:;/]|$)"
_GITHUB = re.compile(_REPOSITORY, re.IGNORECASE)
_FILE = re.compile(r"^github(?:\.com/| )\S+?(?:\s:|:)\s(?P<file>.+)$", re.IGNORECASE)
_PATH_LANGUAGES = {
    "en": "en", "eng": "en", "english": "en", "ru": "ru", "rus": "ru", "zh": "zh",
    "cn": "zh", "ja": "ja", "jp": "ja", "de": "de", "es": "es", "pt": "pt", "mn": "mn",
}  # fmt: skip


def describe(listed: pd.DataFrame) -> pd.DataFrame:
    """Build the table of sources.

    Args:
        listed: what was registered: source_id, title, url.

    Returns:
        DataFrame with one row per source, columns as in `RESOURCES`.

    Raises:
        ValueError: a source stands on a site without a line in publishers.csv.
    """
    sites = _sites()
    table = listed[["source_id"]].copy()
    table["site"] = listed["url"].map(site)
    _refuse_unknown(listed[~table["site"].isin(sites.index)])
    table["title"] = _titles(listed)
    table["url"] = listed["url"].map(address)
    known = sites.loc[table["site"]].set_index(table.index)
    for column in ("publisher", "kind", "licence", "strength"):
        table[column] = known[column]
    table["language"] = [
        _path_language(url) or usual
        for url, usual in zip(listed["url"], known["language"], strict=True)
    ]
    table["published"] = _dates(listed, table)
    table["seen"] = SEEN
    _correct(table, listed)
    return table[[field["name"] for field in RESOURCES[0]["schema"]["fields"]]]


def add_subjects(table: pd.DataFrame) -> None:
    """Say what a page is about where its title only names outlet and date.

    The words stand in ``additions/source_subjects.csv``, by the address of the page.

    Args:
        table: the sources, changed in place.

    Raises:
        ValueError: an address there is no source's.
    """
    subjects = _read("source_subjects.csv")["subject"]
    if lost := sorted(set(subjects.index) - set(table["url"])):
        raise ValueError(f"source_subjects.csv has addresses of no source: {lost}")
    said = table["url"].map(subjects)
    table["title"] = table["title"].where(said.isna(), table["title"] + ": " + said)


_UNTELLING = re.compile(r"^page_at_|_(?!(?:19|20)\d\d$)(?=\d*[a-f])[0-9a-f]{4}$")
_FILES = {  # file named in a title -> the id of that source
    r"wiot_(\d{4})\.RData": r"world_input_output_database_2013_release_\1",
    r"en_(\w{3})_AllYears_WITS": r"world_bank_wits_trade_summary_\1",
    r"worked out from the (NBS|Rosstat)": r"claims_on_the_amur_own_arithmetic_\1",
    r"MultiATSM .* divided by": "imf_direction_of_trade_statistics_divided_by_comtrade",
}


def telling_ids(table: pd.DataFrame) -> dict[str, str]:
    """New ids for sources whose id says nothing about them.

    Most were registered by their address alone and got a title only later; the rest
    are files of one data set. The new id comes from the final title.

    Args:
        table: the sources, with source_id and title.

    Returns:
        New id by old id.

    Raises:
        ValueError: two sources would get one id.
    """
    new: dict[str, str] = {}
    for old, title in zip(table["source_id"], table["title"], strict=True):
        file = next(((p, i) for p, i in _FILES.items() if re.search(p, title)), None)
        if file:
            new[old] = re.search(file[0], title).expand(file[1]).lower()
        elif _UNTELLING.search(old):
            new[old] = slug(title, 60)
    ids = table["source_id"].replace(new)
    if twice := ids[ids.duplicated()].tolist():
        raise ValueError(f"sources that need another title: {twice}")
    return new


def site(url: str) -> str:
    """What a source stands on: a line of publishers.csv.

    Args:
        url: an address, or the words the collectors wrote in its place.

    Returns:
        A host, "github.com/owner/name", or one of `NO_ADDRESS` and `OWN`.
    """
    if url.startswith("derived from"):
        return OWN
    if archived := _ARCHIVED.match(url):
        return site(archived[1])
    if (not url.startswith("http") or host(url) == "github.com") and (
        repository := _GITHUB.search(url.replace("no address kept: GitHub code", ""))
    ):
        return f"github.com/{repository['repo']}"
    return host(url).rstrip(".") or NO_ADDRESS


def address(url: str) -> str:
    """The address a reader can open, "" where none was kept."""
    where = site(url)
    if where.startswith("github.com/") and not url.startswith("http"):
        return f"https://{where}"
    return url.replace("archive.org./", "archive.org/") if _is_web(url) else ""


def published(title: str, url: str = "") -> str:
    """The date that the title or the address gives, with the precision it has.

    Args:
        title: for example "TASS, 17 Oct 2023".
        url: looked at where the title says less.

    Returns:
        An ISO date, year and month, or year; "" where neither gives a date.
    """
    said = next((d for p in _TITLE_DATES if (d := _iso(re.search(p, title)))), "")
    path = _ARCHIVED.sub("", url)
    read = next((d for p in _URL_DATES if (d := _iso(re.search(p, path)))), "")
    return read if read.startswith(said) else said


def _iso(found: re.Match[str] | None) -> str:
    """The parts of a date as ISO, "" for none or for a day that does not exist."""
    if not found:
        return ""
    parts = found.groupdict()
    month = parts.get("month") or ""
    number = int(month) if month.isdigit() else _MONTHS.get(month[:3].lower())
    date = parts["year"]
    if number is None:
        return date
    date += f"-{number:02}"
    if day := parts.get("day"):
        last = calendar.monthrange(int(parts["year"]), number)[1]
        date = f"{date}-{int(day):02}" if 1 <= int(day) <= last else ""
    return date


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _sites() -> pd.DataFrame:
    """Read publishers.csv, by host."""
    frame = _read("publishers.csv")
    for column in ("publisher", "kind", "strength"):
        if bare := frame.index[frame[column].eq("")].tolist():
            raise ValueError(f"publishers.csv: no {column} for {bare}")
    return frame


def _read(name: str) -> pd.DataFrame:
    """Read an addition by its first column, and refuse strange words in it."""
    path = ADDITIONS / name
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    frame = frame.set_index(frame.columns[0])
    twice = frame.index[frame.index.duplicated()].tolist()
    if twice:
        raise ValueError(f"{name}: more than one line for {twice}")
    for column, allowed in (("kind", KINDS), ("strength", STRENGTHS)):
        strange = set(frame.get(column, [])) - {*allowed, ""}
        if strange:
            raise ValueError(f"{name}: {column} cannot be {sorted(strange)}")
    return frame


def _refuse_unknown(lost: pd.DataFrame) -> None:
    """Refuse sources on sites that publishers.csv does not know."""
    if lost.empty:
        return
    lines = [f"{site(u)}: {t} ({u})" for t, u in zip(lost["title"], lost["url"])]
    raise ValueError(
        "Add one line per site to tests/derive/additions/publishers.csv (host, "
        "publisher, kind, language, strength, licence):\n" + "\n".join(sorted(set(lines)))
    )


def _titles(listed: pd.DataFrame) -> list[str]:
    """The titles; a page known by its address only borrows one, a file is named."""
    named = listed[~listed["title"].str.startswith(UNTITLED)]
    by_url = dict(zip(named["url"], named["title"], strict=True))
    titles = []
    for title, url in zip(listed["title"], listed["url"], strict=True):
        if title.startswith(UNTITLED):
            title = by_url.get(url, title)
        if (file := _FILE.match(url)) and " ; " not in url:
            title = f"{title}: {file['file'].replace(' (', ', ').rstrip(')')}"
        titles.append(title)
    return titles


def _path_language(url: str) -> str:
    """The language an address names as a folder: /en/, /ru/; "" for none."""
    path = url.lower().split("://")[-1]
    for part in re.findall(r"(?<!curated)/([a-z]+)(?:-[a-z]+)?(?=/)", path):
        if part in _PATH_LANGUAGES:
            return _PATH_LANGUAGES[part]
    return ""


def _dates(listed: pd.DataFrame, table: pd.DataFrame) -> pd.Series:
    """Dates of publication; what one title of a page says holds for the others."""
    pairs = zip(listed["title"], listed["url"], strict=True)
    dates = pd.Series([published(*pair) for pair in pairs], index=listed.index)
    dates[table["kind"].eq("reference work")] = ""  # they change all the time
    web = listed["url"].where(listed["url"].map(_is_web), listed["source_id"])
    longest = dates.groupby(web).transform(lambda group: max(group, key=len))
    pairs = zip(dates, longest, strict=True)
    fuller = [more if more.startswith(own) else own for own, more in pairs]
    return pd.Series(fuller, index=listed.index, dtype=str)


def _correct(table: pd.DataFrame, listed: pd.DataFrame) -> None:
    """Put in what sources_reviewed.csv says on single sources; "-" empties a cell.

    A title for an address only replaces one that says no more than the host.
    """
    reviewed = _read("sources_reviewed.csv")
    pairs = zip(table.index, listed["title"], listed["url"], strict=True)
    for row, title, url in pairs:
        for name in dict.fromkeys([url, title]):
            if name not in reviewed.index or not name:
                continue
            for column, value in reviewed.loc[name].items():
                named = not table.at[row, "title"].startswith(UNTITLED)
                if value and not (column == "title" and _is_web(name) and named):
                    table.at[row, column] = "" if value == "-" else value


RESOURCES: list[dict[str, Any]] = [
    resource(
        "sources",
        "Where every figure and date of the course comes from",
        "One row per page or file that a row of another table names. The pages were "
        "read in stored copies, not on the live web: an address may have changed "
        "since. Only files of one GitHub repository share an address.",
        [
            text(
                "source_id",
                "Short name of the source; the other tables point here.",
                pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$",
                unique=True,
            ),
            text(
                "title",
                "What the page or file is, in English. An agency in brackets or after "
                "'quoting' is the one that the page names as its source. Where outlet and "
                "date stand first, our own words after the colon say what we used it for.",
            ),
            text(
                "publisher",
                "Who put the page or file in front of the public. 'Copy at' and 'via' "
                "mean that somebody else passed the text or the data on.",
            ),
            text(
                "kind",
                "What sort of publisher it is. Statistics that reach us through "
                "somebody's copy on GitHub count as data repository; treaties and laws "
                "as official, also where a legal database keeps the text. Own "
                "computation: the arithmetic of this course.",
                *KINDS,
            ),
            text(
                "published",
                "Day, month or year of publication, as far as the page or its address "
                "tells; for a copy of data the edition or the day of the export. Empty "
                "where neither says, and for encyclopaedias: they change all the time.",
                required=False,
                pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$",
            ),
            text(
                "language",
                "Language of the page as an ISO 639-1 code (en English, ru Russian, zh "
                "Chinese, ja Japanese ...); empty where it is not known.",
                required=False,
                pattern=r"^[a-z]{2}$",
            ),
            text(
                "licence",
                "Licence or terms, where they were seen. '(package)' means that the "
                "licence is that of the software that carries the data. Empty: not "
                "looked up; it does not mean free to use.",
                required=False,
            ),
            text(
                "strength",
                "How near the source is to what it reports. primary: the body that "
                "made the figure or took the decision, or the full text of its "
                "document. quotes a primary: news or a copy of data that passes such "
                "a body's words or figures on. secondary: somebody's own reading of "
                "others, and our own arithmetic. weak: forums, mirrors, copies on "
                "unrelated sites, machine-made pages, pages whose address was not "
                "kept. It rates the publisher, not the single statement.",
                *STRENGTHS,
            ),
            text(
                "url",
                "Address of the page, or of the repository that holds the file; empty "
                "where no address was kept.",
                required=False,
                pattern=r"^https?://\S+$",
            ),
            text(
                "seen",
                "Month in which the page was read, in a stored copy that may be older.",
                pattern=r"^\d{4}-\d{2}$",
            ),
        ],
        ["source_id"],
    )
]
