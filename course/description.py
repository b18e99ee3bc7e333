"""What the tables hold, told to a reader: in a notebook, or as a page on all of them."""

from html import escape

import pandas as pd

from course.data import FeatureCollection, cite, entry, package, read, resources
from course.words import _, plural

# what a notebook sets for its own tables changes no figure in ours, and $ is money
_PLAIN = (
    "display.float_format", None, "display.chop_threshold", None, "display.precision", 6,
    "display.colheader_justify", "right", "display.html.use_mathjax", False,
)  # fmt: skip
_STYLE = """
body { font: 16px/1.5 system-ui, "Noto Sans", sans-serif; max-width: 60em; margin: 2em auto; }
table { border-collapse: collapse; display: block; overflow-x: auto; font-size: 90%; }
th, td { border: 1px solid #ccc; padding: 3px 8px; }
"""


class Description:
    """What `describe` shows of a table.

    Attributes:
        resource: the table's entry in the descriptor.
        frame: its rows; of shapes, their properties.
        sources: what `cite` says of all rows, or None where the table names none.
    """

    def __init__(self, name: str) -> None:
        self.resource, content = entry(name), read(name)
        self.frame = content.table if isinstance(content, FeatureCollection) else content
        self.sources = cite(self.frame) if "source_id" in self.frame else None

    @property
    def columns(self) -> pd.DataFrame:
        """One row per column: type, unit, how many values are missing, meaning."""
        fields = self.resource.get("schema", {}).get("fields", [])
        rows = [{"unit": "", "description": ""} | field for field in fields]
        table = pd.DataFrame(rows, columns=["name", "type", "unit", "missing", "description"])
        missing = self.frame.isna().sum()
        table["missing"] = missing.reindex(table["name"], fill_value=0).to_numpy()
        table.columns = ["column", "type", "unit", "missing", "meaning"]
        return table.set_index("column")

    @property
    def coverage(self) -> str:
        """How many rows, the years they cover, and the years missing in between."""
        rows = plural("{count} row", "{count} rows", len(self.frame))
        if "year" not in self.frame:
            return f"{rows}."
        years = sorted({int(y) for y in self.frame["year"].dropna()})
        if not years:
            return _("{rows}, no years.", rows=rows)
        gaps = runs(sorted({*range(years[0], years[-1])} - {*years}), "-")
        say = _("{rows}, {first} to {last}, without {gaps}.")
        if not gaps:
            say = _("{rows}, {first} to {last}, no year missing.")
        return say.format(rows=rows, first=years[0], last=years[-1], gaps=gaps)

    def __repr__(self) -> str:
        with pd.option_context(*_PLAIN):
            return f"{self.resource['title']}\n{self.coverage}\n\n{self.columns.to_string()}"

    def _repr_html_(self) -> str:
        shown = ""
        if self.sources is not None:
            count = plural("{count} source", "{count} sources", len(self.sources))
            shown = f"<details><summary>{count}</summary>{self.sources._repr_html_()}</details>"
        return (
            f"<h3>{escape(self.resource['title'])}</h3>"
            f"<p>{escape(self.resource.get('description', ''))}</p>"
            f"<p>{escape(self.coverage)}</p>{to_html(self.columns.reset_index())}{shown}"
        )


def describe(name: str) -> Description:
    """Show what a table holds: columns, units, years, gaps and sources.

    Args:
        name: a table's name; ``course.tables()`` lists them all.

    Returns:
        An object the notebook shows; its ``columns`` (a DataFrame), ``coverage`` (a
        sentence) and ``sources`` (as from `cite`) can be used on their own.

    Raises:
        CourseError: there is no such table, or its file is damaged.
    """
    return Description(name)


def to_html(rows: pd.DataFrame) -> str:
    """Return rows as an HTML table, words on the left, whatever a notebook has set.

    Args:
        rows: any table; its index is not shown.
    """
    with pd.option_context(*_PLAIN):
        table = rows.to_html(index=False, border=0, justify="left", na_rep="")
    left = 'style="text-align:left;vertical-align:top"'
    return table.replace("<th>", f"<th {left}>").replace("<td>", f"<td {left}>")


def runs(years: list[int], to: str = " to ") -> str:
    """Write ascending years as runs: 1996 to 2001, 2003.

    Args:
        years: the years.
        to: what stands between the ends of a run.
    """
    ends: list[list[int]] = []
    for year in years:
        if ends and year == ends[-1][1] + 1:
            ends[-1][1] = year
        else:
            ends.append([year, year])
    return ", ".join(str(a) if a == b else f"{a}{to}{b}" for a, b in ends)


def catalogue() -> str:
    """Return a page on all tables that needs no network.

    Returns:
        HTML: a list of the tables, then for each its file, its licence, and what
        `describe` shows of it.
    """
    items, parts = "", ""
    for name, resource in resources().items():
        shown = describe(name)
        items += f'<li><a href="#{name}">{name}</a>: {escape(resource["title"])}</li>'
        path, licence = f"<code>data/{resource['path']}</code>", shown.frame.attrs["licence"]
        file = _("File: {path}. Licence: {licence}.", path=path, licence=licence)
        parts += (
            f'<section id="{name}"><h2>{name}</h2>{shown._repr_html_()}<p>{file}</p></section>'
        )
    title, about = (escape(package()[key]) for key in ("title", "description"))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>"
        f"<p>{about}</p><ul>{items}</ul>{parts}</body></html>\n"
    )
