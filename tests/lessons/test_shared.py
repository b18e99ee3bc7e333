"""Figures that several lessons compute from."""

import pytest

from course.data import load
from course.lessons.shared import by_id, far_eastern, growth, wide


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


def test_the_far_east_has_eleven_regions():
    assert len(far_eastern()) == 11
    assert by_id("regions").loc[far_eastern(), "country"].eq("RUS").all()


def test_growth_is_in_percent():
    assert growth(80, 100) == 25 and growth(100, 80) == pytest.approx(-20)
