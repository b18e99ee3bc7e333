"""Tables as several lessons' answers need them."""

import pandas as pd

from course.data import load


def wide(indicator: str, vintage: str = "") -> pd.DataFrame:
    """Return an indicator of the regions as years by regions.

    Args:
        indicator: an ``indicator_id``.
        vintage: the edition; may be left out where there is only one.

    Raises:
        ValueError: there are several figures for one region and year, so that the
            edition has to be named.
    """
    rows = load("region_indicators")
    rows = rows[rows["indicator_id"] == indicator]
    if vintage:
        rows = rows[rows["vintage"] == vintage]
    return rows.pivot(index="year", columns="region_id", values="value")
