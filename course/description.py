"""What a table holds, told to a reader: columns, units, years, gaps and sources."""

from html import escape

import pandas as pd

from course.data import Citation, cite, entry, read


class Description:
    """What `describe` shows: a table's meaning, columns, coverage and sources."""

    def __init__(self, name: str) -> None:
        self.resource = entry(name)
        content = read(name)
        self.frame = content.table if isinstance(content, dict) else content

    @property
    def columns(self) -> pd.DataFrame:
        """One row per column: type, unit, how many values are missing, meaning."""
        rows = []
        for field in self.resource.get("schema", {}).get("fields", []):
            column = self.frame.get(field["name"], pd.Series(dtype=object))
            rows.append(
                {
                    "column": field["name"],
                    "type": field["type"],
                    "unit": field.get("unit", ""),
                    "missing": int(column.isna().sum()),
                    "meaning": field.get("description", ""),
                }
            )
        names = ["column", "type", "unit", "missing", "meaning"]
        return pd.DataFrame(rows, columns=names).set_index("column")

    @property
    def coverage(self) -> str:
        """Years covered and the years missing in between, in one sentence."""
        if "year" not in self.frame:
            return f"{len(self.frame)} rows."
        years = sorted({int(y) for y in self.frame["year"].dropna()})
        if not years:
            return f"{len(self.frame)} rows, no years."
        gaps = sorted(set(range(years[0], years[-1] + 1)) - set(years))
        text = f"{len(self.frame)} rows, {years[0]} to {years[-1]}"
        return text + (f", without {runs(gaps, '-')}." if gaps else ", no year missing.")

    @property
    def sources(self) -> Citation | None:
        """The sources behind all rows, or None where the table names none."""
        return cite(self.frame) if "source_id" in self.frame else None

    def __repr__(self) -> str:
        return f"{self.resource['title']}\n{self.coverage}\n\n{self.columns}"

    def _repr_html_(self) -> str:
        sources = self.sources
        shown = ""
        if sources is not None:
            shown = (
                f"<details><summary>{len(sources)} sources</summary>"
                f"{sources._repr_html_()}</details>"
            )
        return (
            f"<h4>{escape(self.resource['title'])}</h4>"
            f"<p>{escape(self.resource.get('description', ''))}</p>"
            f"<p>{escape(self.coverage)}</p>{to_html(self.columns.reset_index())}{shown}"
        )


def to_html(rows: pd.DataFrame) -> str:
    """Return rows as an HTML table with its words on the left, unlike a notebook's."""
    table = rows.to_html(index=False, border=0, justify="left", na_rep="")
    left = 'style="text-align:left;vertical-align:top"'
    return table.replace("<th>", f"<th {left}>").replace("<td>", f"<td {left}>")


def describe(name: str) -> Description:
    """Show what a table holds: columns, units, years, gaps and sources.

    Args:
        name: a table's name.

    Returns:
        An object the notebook shows; ``columns``, ``coverage`` and ``sources``
        can be used on their own.

    Raises:
        CourseError: there is no such table.
    """
    return Description(name)


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
