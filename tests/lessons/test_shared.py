"""Tables for the answers of several lessons."""

import pytest

from course.data import load
from course.lessons.shared import wide


def test_years_by_regions():
    rows = load("region_indicators")
    rows = rows[rows["indicator_id"].eq("gdp_current_prices")]
    row = rows.iloc[0]
    table = wide("gdp_current_prices", row["vintage"])
    assert table.at[row["year"], row["region_id"]] == row["value"]
    assert table.index.name == "year" and set(table.columns) <= set(rows["region_id"])


def test_editions_are_never_mixed():
    with pytest.raises(ValueError, match="duplicate"):
        wide("gdp_current_prices")
