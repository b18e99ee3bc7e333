"""A briefing: verdicts with their evidence, maps, charts and sources as one page for others."""

from collections.abc import Iterable
from datetime import date
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from course import __version__
from course.charts import Chart
from course.data import cite, package, read
from course.description import Table, table, to_html
from course.errors import CourseError, known
from course.exercises.evidence import bare, kept_rows
from course.exercises.read import type_name
from course.exercises.verdict import course_lines, verdicts
from course.paths import write_page
from course.words import NO_FORMULA, _, clean

WIDE = 8  # columns of a table that a page of paper holds upright
# frames of maps run their own scripts, under a policy of their own; nothing is fetched
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; frame-src data:; base-uri 'none'; form-action 'none'"
)


def briefing(
    path: str | Path = "briefing.html",
    *,
    title: str,
    text: str = "",
    claims: Iterable[str] | None = None,
    figures: Iterable[Any] = (),
    compare: bool = False,
) -> Path:
    """Write a page on your verdicts that opens without kernel and network, and prints.

    Args:
        path: where to, for example ``"briefing.html"``; an older page is replaced.
        title: its title.
        text: your own words. An empty line parts paragraphs; a line that begins with
            ``"# "`` is a heading.
        claims: ids of claims with a written verdict; all of these if left out. They stand
            in the order of the article.
        figures: maps of the course, charts (`course.chart`), DataFrames; each alone, or
            as a pair with a caption.
        compare: whether the verdict of the course stands beside each of yours.

    Returns:
        The path written.

    Raises:
        CourseError: there is no title or no written verdict, a claim or a figure is none,
            or the page cannot be written there.
    """
    if not (isinstance(title, str) and title.strip() and isinstance(text, str)):
        say = _(
            'Give the briefing a title, such as title="Trade on the Amur", and text in quotes.'
        )
        raise CourseError(say)
    chosen = _chosen(claims)
    sources: list[str] = []
    told = "".join(_claim(claim, row, compare) for claim, row in chosen.iterrows())
    for held in chosen["evidence"]:
        sources += [one for piece in held for one in piece["sources"]]
    drawn = ""
    for n, figure in enumerate(_pairs(figures), 1):
        drawn += _figure(n, *figure)
        sources += _behind(figure[0])
    parts = [_paragraphs(text), _section(_("The claims and the verdicts"), told)]
    parts += [_section(_("Maps, charts and tables"), drawn)] if drawn else []
    parts += [
        _section(_("Sources"), _sources(sources)),
        _section(_("How it was made"), _made()),
    ]
    style = files(__package__).joinpath("briefing.css").read_text(encoding="utf-8")
    head, day = escape(title.strip()), date.today()
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{head}</title><style>{style}</style></head><body class='{NO_FORMULA}'>"
        f"<header><h1 dir='auto'>{head}</h1>"
        f"<p><time datetime='{day}'>{day.day} {day:%B %Y}</time></p>"
        f"</header><main>{''.join(parts)}</main></body></html>\n"
    )
    return write_page(path, clean(page))


def _chosen(claims: Iterable[str] | None) -> pd.DataFrame:
    """Return the written verdicts that are asked for, with the claims they are on."""
    all_of, signed = read("claims").set_index("claim_id"), verdicts()
    written = signed[signed["status"] == "written"]
    asked = written.index if claims is None else [claims] if isinstance(claims, str) else claims
    if not isinstance(asked, Iterable):
        raise CourseError(_('claims is a list of ids, such as ["c42", "c08"].'))
    asked = [known(one, list(all_of.index), _("claim")) for one in asked]
    lacks = [one for one in dict.fromkeys(asked) if one not in written.index]
    if lacks or not asked:
        say = _(
            "No verdict is written on {claims} yet.", claims=", ".join(lacks) or _("a claim")
        )
        more = _("Sign it with course.Verdict or on course.board(); a draft does not count.")
        raise CourseError(f"{say} {more}")
    return written[written.index.isin(asked)].join(all_of["claim"])


def _claim(claim: Any, row: pd.Series, compare: bool) -> str:
    """Return a claim, the verdict on it and its evidence."""
    word = _("{word}, {sure} confidence.", word=row["word"], sure=row["confidence"])
    head = f"<span class='word'>{_('Verdict')}: {escape(word)}</span>"
    change = f"<bdi>{escape(row['would_change'])}</bdi>"  # it may run from right to left
    parts = [
        f"<h3>{claim}. {escape(row['claim'])}</h3>",
        f"<p>{head} <bdi>{escape(row['says'])}</bdi></p>",
        *map(_piece, row["evidence"]),
        f"<p>{_('What would change it: {words}', words=change)}</p>",
    ]
    if compare:
        said = " ".join(map(escape, course_lines(claim)))
        parts.append(f"<p><b>{_('The verdict of the course')}:</b> {said}</p>")
    return f"<article>{''.join(parts)}</article>"


def _piece(piece: dict[str, Any]) -> str:
    """Return a piece of evidence: what it is, its first rows, the titles of its sources."""
    titles = read("sources").set_index("source_id")["title"]
    named = "; ".join(titles[one] for one in piece["sources"] if one in titles)
    head = _("Evidence: {what}", what=piece["what"])
    head += f" ({piece['table']})" if piece["table"] else ""
    shown, many, rows = "", "", kept_rows(piece)
    if len(rows):
        shown, many = to_html(bare(rows)), " many" if bare(rows).shape[1] > WIDE else ""
    words = f"<p>{escape(_('From: {titles}', titles=named))}</p>" if named else ""
    head = f"<p class='caption'>{escape(head)}</p>"
    return f"<div class='piece evidence{many}'>{head}{shown}{words}</div>"


def _pairs(figures: Any) -> list[tuple[Any, str]]:
    """Return things to show with their captions; a lone one need not stand in a list."""
    alone = not isinstance(figures, list | tuple) or _captioned(figures)
    return [one if _captioned(one) else (one, "") for one in ([figures] if alone else figures)]


def _captioned(one: Any) -> bool:
    return isinstance(one, tuple) and len(one) == 2 and isinstance(one[1], str)


def _figure(number: int, thing: Any, caption: str) -> str:
    """Return a map, a chart or a table as a notebook shows it, with its caption."""
    from course.maps.dual import DualMap
    from course.maps.live import LiveMap
    from course.maps.offline import OfflineMap, asks_network
    from course.maps.scripts import tree

    if isinstance(thing, pd.DataFrame | pd.Series):
        thing = table(thing)
    if isinstance(thing, Table):
        thing = Table(bare(thing.rows), thing.first)
    wide = isinstance(thing, Table) and thing.rows.shape[1] > WIDE
    if isinstance(thing, LiveMap | OfflineMap | DualMap):
        held = thing.map if isinstance(thing, LiveMap) else getattr(thing, "m1", thing)
        page: Any = held.get_root()
        if any(map(asks_network, tree(page))):
            say = _("Figure {n} loads pictures from the network. Leave out tiles=...", n=number)
            raise CourseError(say)
        shown = thing._repr_mimebundle_() if isinstance(thing, LiveMap) else {}
        html = shown.get("text/html") or page._repr_html_()
    elif isinstance(thing, Chart | Table):
        html = thing._repr_html_()
    else:
        say = _(
            "Figure {n} is {kind}. Figures are maps of the course, charts made with "
            'course.chart(), and DataFrames, each alone or as a pair: (map, "caption").',
            n=number,
            kind=type_name(thing),
        )
        raise CourseError(say)
    head = _("Figure {n}", n=number) + (f": {caption}" if caption else "")
    opened = "<div class='piece wide'>" if wide else "<div class='piece'>"
    return f"{opened}<h3 dir='auto'>{escape(head)}</h3>{html}</div>"


def _behind(thing: Any) -> list[str]:
    """Return the ids of the sources of a figure, as far as it knows them."""
    from course.maps.live import LiveMap

    rows = thing.rows if isinstance(thing, Table) else thing
    rows = rows.values() if isinstance(rows, LiveMap) else rows
    if isinstance(rows, pd.DataFrame) and "source_id" in rows:
        return list(cite(rows).table.index)
    return []


def _paragraphs(text: str) -> str:
    """Return a student's text as HTML: headings and paragraphs."""
    html, lines = "", list[str]()
    for line in [*text.splitlines(), ""]:
        heading = line.strip().startswith("# ")
        if lines and (heading or not line.strip()):
            html += f"<p dir='auto'>{escape(' '.join(lines))}</p>"
            lines = []
        if heading:
            html += f"<h2 dir='auto'>{escape(line.strip()[2:].strip())}</h2>"
        elif line.strip():
            lines.append(line.strip())
    return html


def _section(title: str, html: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{html}</section>"


def _sources(ids: list[str]) -> str:
    """Return a list of sources, each with its address."""
    rows, items = read("sources").fillna("").set_index("source_id"), ""
    for one in dict.fromkeys(ids):
        if one in rows.index:
            row = rows.loc[one]
            words = ". ".join(row[k] for k in ("title", "publisher", "published") if row[k])
            url = escape(row["url"])
            if url.startswith("http"):
                url = f'<a href="{url}" rel="noreferrer">{url}</a>'
            items += f"<li>{escape(words)}. {url}</li>"
    return f"<ol class='sources'>{items}</ol>"


def _made() -> str:
    say = _(
        "Written with the course Claims on the Amur {version}, its data {data}. Numbers in a "
        "verdict were held against its evidence; the words are a judgement.",
        version=__version__,
        data=package().get("version", ""),
    )
    return f"<p>{escape(say)}</p>"
