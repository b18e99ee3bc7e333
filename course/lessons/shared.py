"""Figures that the rooms of several lessons compute from."""

from functools import cache

import pandas as pd

from course.data import load


def by_id(table: str) -> pd.DataFrame:
    """Return a table with its first column, the id of each row, as index.

    Args:
        table: the name of a table whose first column is an id, such as ``places``.
    """
    rows = load(table)
    return rows.set_index(rows.columns[0])


def far_eastern() -> list[str]:
    """Return the ids of the eleven regions of the Far East, as the table has them."""
    regions = by_id("regions")
    return list(regions.index[regions["macro_region"] == "Far Eastern Federal District"])


def indicator_rows(indicator: str, vintage: str = "") -> pd.DataFrame:
    """Return the rows of one indicator of the regions.

    Args:
        indicator: an ``indicator_id``.
        vintage: the edition; all of them if left out.
    """
    rows = load("region_indicators")
    rows = rows[rows["indicator_id"] == indicator]
    return rows[rows["vintage"] == vintage] if vintage else rows


def wide(indicator: str, vintage: str = "") -> pd.DataFrame:
    """Return an indicator of the regions as years by regions.

    Args:
        indicator: an ``indicator_id``.
        vintage: the edition; may be left out where there is only one.

    Raises:
        ValueError: there are several figures for one region and year, so that the
            edition has to be named.
    """
    return _wide(indicator, vintage).copy()


@cache  # a check compares with a dozen known mistakes, each from the same few tables
def _wide(indicator: str, vintage: str) -> pd.DataFrame:
    rows = indicator_rows(indicator, vintage)
    return rows.pivot(index="year", columns="region_id", values="value")


def growth(earlier: float, later: float) -> float:
    """Return by how many percent a figure has grown."""
    return float((later / earlier - 1) * 100)
