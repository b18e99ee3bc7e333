"""Lesson 08: the model of a tariff cut, the gravity equation, and the simulator."""

import re

import numpy as np
import pandas as pd
import pytest

from course.data import load
from course.errors import CourseError
from course.explore import explorer
from course.lessons.lesson_08 import EXERCISES, Market

TASKS = {task.id: task for task in EXERCISES}
ROUND = Market(partner=100, others=100, duty=0.25, demand=2, substitution=3)
STATE = {"pair": "RUS-CHN", "duty": 20, "cut": 100, "demand": 1.5, "substitution": 3.0}
STATE |= {"coverage": 100}


# --- a tariff cut ------------------------------------------------------------------


def test_the_round_example_is_what_paper_and_pencil_give():
    found = ROUND.cut()
    assert found == pytest.approx(
        {"created": 40, "diverted": 30, "partner": 170, "others": 70, "revenue before": 50,
         "revenue": -32.5, "consumers": 33.75, "net": 1.25}
    )  # fmt: skip


@pytest.mark.parametrize("after", [0.0, 0.1, 0.25])
@pytest.mark.parametrize("substitution", [0, 1.5, 4, 9])
def test_net_is_the_triangle_less_the_duty_on_what_was_diverted(after, substitution):
    market = Market(100, 300, 0.25, 2, substitution)
    found = market.cut(after)
    new = found["created"] + found["diverted"]
    triangle, kept = (0.25 - after) * new / 2, after * new
    assert found["net"] == pytest.approx(triangle + kept - 0.25 * found["diverted"])


def test_nothing_cut_changes_nothing():
    found = ROUND.cut(0.25)
    assert found["partner"] == 100 and found["net"] == 0 and found["revenue"] == 0


def test_nobody_sells_less_than_nothing():
    found = Market(1000, 10, 1, 0, 500).cut()
    assert found["others"] == 0 and found["diverted"] == 10


def test_the_country_gains_exactly_if_more_is_created_than_diverted():
    turn = TASKS["08.4"].answer()
    below, at, above = (Market(60, 180, 0.2, 1.5, turn + d).cut()["net"] for d in (-1, 0, 1))
    assert below > 0 > above and at == pytest.approx(0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"duty": 400}, "A duty of 400%"),
        ({"duty": -5}, "A duty of -5%"),
        ({"cut": -20}, "not at 24%"),
        ({"demand": -1.0}, "positive numbers"),
        ({"substitution": -1.0}, "positive numbers"),
    ],
)
def test_bad_input_gets_a_sentence(changes, words):
    with pytest.raises(CourseError, match=re.escape(words)):
        explorer("tariff_cut").draw(**STATE | changes)


# --- the simulator -----------------------------------------------------------------


def _numbers(html):
    """The rows of the table: name -> its numbers."""
    rows = re.findall(r"<tr><td[^>]*>(.*?)</td>(.*?)</tr>", html)
    found = {}
    for name, cells in rows:
        values = re.findall(r"<td>(.*?)</td>", cells)
        found[name] = [float(value.replace(",", "")) for value in values]
    return found


def test_the_table_starts_from_the_trade_of_2016():
    flows = load("gravity_flows").query("importer == 'RUS'").set_index("exporter")
    rows = _numbers(explorer("tariff_cut").draw(**STATE)[0])
    sold, whole = flows["exports_usd_mn"]["CHN"], flows["exports_usd_mn"].sum()
    assert rows["imports from the partner"][0] == pytest.approx(sold, abs=1)
    assert rows["imports from the others"][0] == pytest.approx(whole - sold, abs=1)


def test_what_the_others_lose_was_diverted_and_the_sums_hold():
    html, _features = explorer("tariff_cut").draw(**STATE)
    rows = _numbers(html)
    created, diverted = (
        float(n.replace(",", "")) for n in re.findall(r"([\d,.]+) are (?:new|taken)", html)
    )
    assert rows["imports from the others"][2] == pytest.approx(-diverted, abs=1)
    assert rows["imports from the partner"][2] == pytest.approx(created + diverted, abs=2)
    (net,), (gain,) = rows["net: buyers' gain and change of duties"], rows["buyers gain"]
    assert net == pytest.approx(gain + rows["duties collected on the goods covered"][2], abs=2)


def test_half_of_the_goods_is_half_of_the_answer():
    view = explorer("tariff_cut").draw
    whole, half = (_numbers(view(**STATE | {"coverage": c})[0]) for c in (100, 50))
    name = "imports from the partner"
    assert half[name][0] == whole[name][0]
    assert half[name][2] == pytest.approx(whole[name][2] / 2, abs=1)


def _lines(features):
    """Who sells -> colour -> width of its lines, in the order drawn."""
    found = {}
    for one in features:
        if "line" in one:
            found.setdefault(one["says"].split(" to ")[0], {})[one["color"]] = one["width"]
    return found


def test_no_duty_no_change_and_it_says_so():
    html, features = explorer("tariff_cut").draw(**STATE | {"duty": 0})
    assert "Nothing is cut, so nothing changes" in html
    for widths in _lines(features).values():
        assert len(set(widths.values())) == 1


def test_the_map_shows_the_partner_grow_and_the_others_shrink():
    _html, features = explorer("tariff_cut").draw(**STATE)
    lines = _lines(features)
    assert set(lines) == {"China", "Mongolia", "Japan"}
    for name, widths in lines.items():
        rim, own = widths.items()  # what is drawn first lies below
        assert rim[1] > own[1]
        assert (rim[0], own[0]) == (
            ("#009E73", "#D55E00") if name == "China" else ("#CC79A7", "#0072B2")
        )
    assert {"country": "RUS"}.items() <= features[0].items()
    assert len(features) <= 300


def test_a_change_too_large_for_straight_lines_is_said():
    view = explorer("tariff_cut").draw
    small, large = STATE | {"duty": 5}, STATE | {"duty": 50, "substitution": 8.0}
    assert "straight lines" not in view(**small)[0]
    assert "straight lines" in view(**large)[0]


def test_what_is_left_out_is_said():
    assert "Left out: producers at home" in explorer("tariff_cut").draw(**STATE)[0]


# --- gravity -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def fits():
    """Least squares on logs and PPML as the lesson fits them, with statsmodels."""
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    size = load("gravity_economies").set_index("economy")["gdp_usd_bn"]
    flows = load("gravity_flows")
    flows = flows.assign(
        pair=flows["exporter"] + "-" + flows["importer"],
        log_distance=np.log(flows["distance_km"]),
        log_gdp_exporter=np.log(flows["exporter"].map(size)),
        log_gdp_importer=np.log(flows["importer"].map(size)),
    ).set_index("pair")
    controls = "log_distance + shared_border + shared_language + agreement"
    some = flows[flows["exports_usd_mn"] > 0]
    some = some.assign(log_trade=np.log(some["exports_usd_mn"]))
    sizes = "log_trade ~ log_gdp_exporter + log_gdp_importer + "
    known = flows.dropna(subset=["agreement"])
    effects = "exports_usd_mn ~ C(exporter) + C(importer) + "
    model = smf.glm(effects + controls, data=known, family=sm.families.Poisson())
    return smf.ols(sizes + controls, data=some).fit(), model.fit(cov_type="HC0"), known


def test_the_answers_are_those_of_statsmodels(fits):
    by_logs, ppml, known = fits
    assert TASKS["08.5"].answer() == pytest.approx(
        100 * (2 ** by_logs.params["log_distance"] - 1), abs=1e-6
    )
    assert TASKS["08.6"].answer() == pytest.approx(
        100 * (np.exp(ppml.params["agreement"]) - 1), abs=1e-4
    )
    ratio = known["exports_usd_mn"] / ppml.fittedvalues
    answer = pd.Series(TASKS["08.7"].answer())
    assert answer.to_dict() == pytest.approx(ratio[answer.index].to_dict(), abs=1e-5)


def test_ppml_with_effects_keeps_every_total(fits):
    _by_logs, ppml, known = fits
    for side in ("exporter", "importer"):
        both = known.assign(fitted=ppml.fittedvalues).groupby(side)
        totals = both[["exports_usd_mn", "fitted"]].sum()
        assert np.allclose(totals["exports_usd_mn"], totals["fitted"], rtol=1e-5)


def test_the_words_of_the_lesson_hold(fits):
    _by_logs, ppml, known = fits
    answer = pd.Series(TASKS["08.7"].answer())
    assert answer["CHN-RUS"] == pytest.approx(1, abs=0.1)  # about as much as expected
    assert answer["RUS-CHN"] == pytest.approx(1, abs=0.15)
    assert answer["MNG-CHN"] > 2 and answer["CHN-MNG"] < 0.8
    ratio = known["exports_usd_mn"] / ppml.fittedvalues
    assert ratio["RUS-MNG"] > 5 and ratio["MNG-RUS"] < 0.6
    ours, paper = (
        ppml.params["log_distance"],
        load("gravity_estimates").set_index("estimate_id"),
    )
    assert ours == pytest.approx(paper["value"]["silva_tenreyro_ppml"], abs=0.1)
    near = known.groupby("agreement")["distance_km"].mean()
    assert near[1] < near[0]


def test_least_squares_on_logs_loses_the_zeros(fits):
    by_logs, ppml, known = fits
    zeros = (known["exports_usd_mn"] == 0).sum()
    assert zeros > 0 and ppml.nobs - by_logs.nobs == zeros
