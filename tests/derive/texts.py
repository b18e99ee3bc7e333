"""Tables that are texts: the claims of the article, dated events, projects."""

from pathlib import Path

import pandas as pd

from tests.derive.common import (
    CHECKS,
    SOURCE_KEYS,
    TAIL,
    Sources,
    field,
    names,
    resource,
    text,
)
from tests.derive.regions import ALPHA3
from tests.derive.tidy import ADDITIONS, Evidence, collected, number, split_note, whole

LEFT_OUT = [
    "claims: half-sentences of the article that only praise or repeat (good results "
    "of the Beijing talks, huge potential, a new level of relations, the prosperity of "
    "both countries); what they add stands in c08, c11, c17, c32 and c44",
    "claims: the ranks of Heilongjiang among 31 provinces (22nd by trade to product, "
    "last but one by growth) and the ratio of Guangdong: the tables hold only the "
    "provinces of the region, so they could not be computed again",
    "claims: a third and fourth page of evidence, for which the table has no column; "
    "the note names the table or event that has them",
    "events and projects: further pages beyond the second source",
    "projects: where coordinates come from (all are towns of public gazetteers; the "
    "table places has its own sources)",
    "projects: second figures behind a unit, such as a plan (they stand in the note)",
]

ARTICLE = (
    "intmassmedia.com, 25 June 2017 (the article)",
    "https://intmassmedia.com/2017/06/25/"
    "russian-chinese-cooperation-in-the-framework-of-the-project-one-belt-one-road/",
)
GEO_PRECISION = {  # words collected -> how exact the point is
    "town": "town",
    "district centroid": "district centre",
    "district centre (Mogocha)": "district centre",
    "regional capital (Chita)": "regional capital",
    "regional capital (Salekhard), plant is at Sabetta": "regional capital",
    "province capital (Dalanzadgad)": "regional capital",
    "nearest large town (Ussuriysk)": "stand-in",
    "symbolic place (programme or fund)": "stand-in",
    "none": "none",
}
EVENT_IDS = {"trutnev_820bn_2023": "chinese_investment_2023"}  # collected -> ours
_CODES = ALPHA3 | {
    "AM": "ARM",
    "BY": "BLR",
    "FR": "FRA",
    "KG": "KGZ",
    "KZ": "KAZ",
    "SU": "SUN",
    "US": "USA",
}


def derive(reference: Path, sources: Sources) -> dict[str, pd.DataFrame]:
    """Build the tables of claims, events and projects.

    Args:
        reference: folder of the collected facts.
        sources: registry that gives each source its id.

    Returns:
        Tables by name.
    """
    pages = _Pages(reference, sources)
    return {
        "claims": _claims(reference, pages),
        "events": _events(reference, pages),
        "projects": _projects(reference, pages),
    }


class _Pages:
    """Gives both sources of each row an id; one address has one title."""

    def __init__(self, reference: Path, sources: Sources) -> None:
        self.evidence = Evidence(reference, sources)
        self.titles = {ARTICLE[1]: ARTICLE[0]}

    def id(self, title: str, url: str) -> str:
        """The id of a page, "" for none."""
        if not title:
            return ""
        if not url:  # the claims call it "The article itself"
            title, url = ARTICLE
        if url.startswith("http") and "//github.com/" not in url:
            title = self.titles.setdefault(url, self.evidence.titles.get(url, title))
        return self.evidence.id(title, url)

    def add(self, frame: pd.DataFrame) -> None:
        """Put the ids of both pages of each row into the frame."""
        for column in ("source", "source2"):
            pairs = zip(frame[f"{column}_title"], frame[f"{column}_url"], strict=True)
            frame[f"{column}_id"] = [self.id(title, url) for title, url in pairs]
        same = frame.source2_id == frame.source_id
        frame.loc[same, "source2_id"] = ""


def _reviewed(frame: pd.DataFrame, name: str, key: str) -> pd.DataFrame:
    """Replace cells by those of a table made by hand on rereading.

    A cell of that table counts where it holds something; a dash empties the cell.
    """
    path = ADDITIONS / f"{name}.csv"
    by_hand = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    by_hand = by_hand.set_index(key)
    if strangers := set(by_hand.index) - set(frame[key]):
        raise ValueError(f"{path.name} reviews rows that do not exist: {strangers}")
    frame = frame.set_index(key)
    for column in by_hand.columns:
        if column not in frame:
            frame[column] = ""
        said = by_hand[column][by_hand[column] != ""].replace("-", "")
        frame.loc[said.index, column] = said
    return frame.reset_index()


def _countries(codes: pd.Series) -> pd.Series:
    """Two-letter codes joined by ; to three-letter ones."""
    return codes.map(
        lambda joined: ";".join(_CODES[code] for code in joined.split(";") if code)
    )


def _claims(reference: Path, pages: _Pages) -> pd.DataFrame:
    frame = collected(reference, "projects/claims")
    frame = frame.rename(columns={"test_data": "how_to_test"})
    frame = _reviewed(frame, "claims_reviewed", "claim_id")
    pages.add(frame)
    frame["paragraph"] = whole(frame.paragraph)
    frame = frame.sort_values(["paragraph", "claim_id"], ignore_index=True)
    return frame[[f["name"] for f in _CLAIM_FIELDS]]


def _events(reference: Path, pages: _Pages) -> pd.DataFrame:
    frame = collected(reference, "projects/events")
    frame = frame.rename(columns={"title_en": "title"})
    frame["event_id"] = frame.event_id.replace(EVENT_IDS)
    frame = _reviewed(frame, "events_reviewed", "event_id")
    pages.add(frame)
    frame["countries"] = _countries(frame.countries)
    frame["note"] = [_sentence(note) for note in frame.note]
    frame = frame.sort_values(["date", "event_id"], ignore_index=True)
    return frame[[f["name"] for f in _EVENT_FIELDS]]


def _projects(reference: Path, pages: _Pages) -> pd.DataFrame:
    frame = collected(reference, "projects/projects")
    frame["geo_precision"] = frame.geo_precision.map(GEO_PRECISION)
    frame = _reviewed(frame, "projects_reviewed", "project_id")
    pages.add(frame)
    frame["countries"] = _countries(frame.countries)
    for column in ["lat", "lon", "value_usd_bn", "capacity"]:
        frame[column] = number(frame[column])
    frame["note"] = [_sentence(note) for note in frame.note]
    frame = frame.sort_values(["sector", "project_id"], ignore_index=True)
    return frame[[f["name"] for f in _PROJECT_FIELDS]]


def _sentence(note: str) -> str:
    """A note without addresses that ends like a sentence."""
    note = split_note(note)[0]
    return f"{note}." if note and note[-1] not in ".?!" else note


_PARTIAL = r"\d{4}(-\d{2}){0,2}"
_FOLLOWED = ["yes", "in part", "no", "cannot tell"]
_VERDICTS = [
    "supported",
    "supported in part",
    "mixed",
    "contradicted in part",
    "contradicted",
    "cannot tell",
]


def _date(name: str, description: str, required: bool = False) -> dict:
    """Describe a date that may be shortened to month or year."""
    shortened = f"{description} YYYY, YYYY-MM or YYYY-MM-DD, as exact as known."
    return text(name, shortened, required=required, pattern=_PARTIAL)


_CLAIM_FIELDS = [
    text("claim_id", "Name of the claim.", pattern=r"c\d{2}"),
    field(
        "paragraph",
        "integer",
        "Paragraph of the article, from 1; the caption of the photograph is 8.",
        required=True,
        minimum=1,
        maximum=11,
    ),
    text("claim", "What the article claims, in our own words."),
    text(
        "claim_type",
        "factual: it is or was so. forecast: it will come about. recommendation: it "
        "should be done. evaluative: it is good, great, perfect.",
        "factual",
        "forecast",
        "recommendation",
        "evaluative",
    ),
    text("topic", "What it is about."),
    text("testable", "Whether data could test it.", "yes", "partly", "no"),
    text("how_to_test", "What one would look at."),
    text(
        "verdict",
        "What the evidence says. Factual: did sources say so? Forecast: had it come "
        "about? Recommendation: was it followed (not: was it good advice)? "
        "Evaluative: does the evidence fit? With happened or followed it agrees so: yes "
        "goes with supported, or with supported in part where a cause that the claim names "
        "is not shown; in part with supported in part, mixed or contradicted in part, as "
        "most, about half or little of it came; no with contradicted, whole or in part.",
        *_VERDICTS,
    ),
    text("confidence", "How sure the verdict is.", "high", "medium", "low"),
    text("evidence", "What the verdict rests on."),
    text(
        "evidence_kind",
        "reported: a source says it. derived: computed from tables of the course. "
        "none: there is no evidence.",
        "reported",
        "derived",
        "none",
    ),
    _date(
        "evidence_date",
        "Date of the latest evidence; blank if there is none, or its page prints no year.",
    ),
    text(
        "happened",
        "Forecasts only: did what was forecast come about?",
        *_FOLLOWED,
        required=False,
    ),
    text(
        "followed",
        "Recommendations only: was it done, for whatever reason?",
        *_FOLLOWED,
        required=False,
    ),
    text(
        "cause",
        "Forecasts only: where A was to bring B, is there evidence that A caused it? "
        "Happening together is no cause.",
        "shown",
        "not shown",
        "not applicable",
        required=False,
    ),
    text("would_change", "What would change the verdict."),
    text("lesson", "Lesson that weighs the claim.", pattern=r"(0[1-9]|1[0-2])"),
    text("source_id", "Where the evidence stands: sources.source_id."),
    text(
        "source2_id",
        "A second page: it confirms the evidence or carries another part of it.",
        required=False,
    ),
    text(
        "check",
        "two sources: the evidence rests on two pages, which may carry different "
        "parts of it. one source: on one page or one office.",
        *CHECKS,
    ),
    text("note", "Short remark in our own words.", required=False),
]

_EVENT_FIELDS = [
    text("event_id", "Short name of the event."),
    _date("date", "Day it took place or began.", required=True),
    text("date_precision", "How exact the date is.", "day", "month", "year"),
    text("title", "What happened."),
    text("kind", "Kind of event."),
    text("places", "Places in English, joined by ;", required=False),
    text(
        "countries",
        "Countries that took part or were meant, ISO 3166-1 alpha-3, joined by ; "
        "(SUN is the Soviet Union).",
        required=False,
        pattern=r"[A-Z]{3}(;[A-Z]{3})*",
    ),
    *TAIL,
]

_STATUS = {
    "announced": "a plan, talks or a deal in the news",
    "agreed": "signed, no building or work seen",
    "under construction": "being built",
    "operating": "works, wholly or in part, or is in force",
    "completed": "a single event that took place",
    "stalled": "stopped or never got under way",
    "ended": "its term is over or a partner left",
    "unknown": "the sources leave it open",
}

_PROJECT_FIELDS = [
    text("project_id", "Short name of the project."),
    *names("project", "en", "ru", "zh"),
    text("sector", "Sector, in the words of the article where it has one."),
    text("sub_sector", "What it is within the sector."),
    text(
        "countries",
        "Countries that take part, ISO 3166-1 alpha-3, joined by ;",
        pattern=r"[A-Z]{3}(;[A-Z]{3})*",
    ),
    text("place_name", "Town of the project or near it.", required=False),
    field("lat", "number", "Latitude.", unit="degrees", minimum=-90, maximum=90),
    field("lon", "number", "Longitude.", unit="degrees", minimum=20, maximum=180),
    text(
        "geo_precision",
        "What the point shows: the town of the project; the centre of its district; "
        "the capital of its region; a stand-in where it has no single place or its "
        "place is only near; none.",
        *sorted(set(GEO_PRECISION.values())),
    ),
    _date("agreed_on", "Day it was agreed."),
    _date("started_on", "Day work or service began, or was to begin: see the note."),
    _date("completed_on", "Day it was finished or opened: see the note."),
    text(
        "status",
        "State at status_as_of, not today. "
        + "; ".join(f"{word}: {meaning}" for word, meaning in _STATUS.items())
        + ".",
        *_STATUS,
    ),
    text("status_detail", "The same in a few words."),
    _date("status_as_of", "Date of the latest source on its state.", required=True),
    field("value_usd_bn", "number", "Money named.", unit="USD bn", minimum=0),
    text("value_note", "What the money is: contract, cost, plan.", required=False),
    field("capacity", "number", "Size, in the unit beside.", minimum=0),
    text("capacity_unit", "Unit of the size.", required=False),
    text("description", "What it is."),
    *TAIL,
]

RESOURCES = [
    resource(
        "claims",
        "Claims of the article, each with a verdict",
        "One row per claim of the news article of June 2017 on an expert meeting in "
        "Harbin, told in our own words, with what was found and a verdict. The "
        "verdicts are judgement: they say how sure they are, how old the evidence is "
        "and what would change them.",
        _CLAIM_FIELDS,
        ["claim_id"],
        SOURCE_KEYS,
    ),
    resource(
        "events",
        "Dated events, 1991 to 2026",
        "Agreements, forums, openings, closings and other events around Russia, China "
        "and Mongolia. A choice, not a full list: many rows rest on one source.",
        _EVENT_FIELDS,
        ["event_id"],
        SOURCE_KEYS,
    ),
    resource(
        "projects",
        "Joint projects by sector",
        "Projects and programmes of Russia and China, some with Mongolia. The state "
        "is that of the latest source read, dated by status_as_of. Chosen by looking "
        "back: projects that came to nothing are harder to find.",
        _PROJECT_FIELDS,
        ["project_id"],
        SOURCE_KEYS,
    ),
]
