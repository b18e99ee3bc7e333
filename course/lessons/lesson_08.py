"""Lesson 08, a free trade zone: its figures, exercises and explorer."""

from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any

import folium
import numpy as np
import pandas as pd

from course.data import load, shapes
from course.errors import CourseError
from course.exercises.exercise import Check, Exercise
from course.explore import Control, Explorer
from course.lessons.shared import by_id
from course.maps.area import area_map
from course.maps.legible import fills, gaps_apart, shows
from course.maps.picture import Drawn, Picture
from course.words import _

# --- agreements ---------------------------------------------------------------

CUTS, NO_CUT = "in force, cuts duties", "in force, cuts no duty"
SIGNED, STUDIED = "signed, not yet in force", "only studied"
AGREEMENTS = ["apta", "eaeu_china", "eaeu_mongolia", "china_mongolia_fta"]


def _state(agreement: str) -> str:
    """Return what became of an agreement, from its rows in the table."""
    rows = load("agreements").query("agreement_id == @agreement")
    happened = rows["event"].str
    if happened.contains("entered into force|concessions applied").any():
        return CUTS if rows["cuts_tariffs"].eq("yes").any() else NO_CUT
    return SIGNED if happened.contains("^signed").any() else STUDIED


def _states(**changes: str) -> dict[str, str]:
    return {one: _state(one) for one in AGREEMENTS} | changes


# --- a tariff cut -------------------------------------------------------------


def _fall(before: float, after: float) -> float:
    return (before - after) / (1 + before)


def _creation(imports: float, elasticity: float, before: float, after: float) -> float:
    return imports * elasticity * _fall(before, after)


def _diversion(
    partner: float, others: float, substitution: float, before: float, after: float
) -> float:
    share = partner * others / (partner + others)
    return share * substitution * _fall(before, after)


def _creations(rng: Random) -> list[tuple[float, ...]]:
    """Return imports, an elasticity, and a duty before and after."""
    some = [(100.0, 2.0, 0.25, 0.0), (80.0, 1.5, 0.6, 0.2), (50.0, 3.0, 0.1, 0.05)]
    more = [
        (rng.randint(20, 90), rng.choice([0.5, 1.2, 2.5]), rng.randint(20, 60) / 100, 0.15)
        for _n in range(2)
    ]
    return [*some, *more]


@dataclass(frozen=True)
class Market:
    """What a country buys of some goods before a cut, and how it answers to prices.

    Attributes:
        partner: imports from the partner, without duty.
        others: imports from everybody else.
        duty: the duty on both, as a share of one.
        demand: by how many percent imports grow if their price falls by one percent.
        substitution: by how many percent the ratio partner to others grows then.
    """

    partner: float
    others: float
    duty: float
    demand: float
    substitution: float

    def cut(self, after: float = 0.0) -> dict[str, float]:
        """Return imports, revenue and welfare once the duty on the partner is lower.

        World prices stay, as in SMART; nobody at home makes the goods.

        Args:
            after: the new duty on the partner, as a share of one.

        Raises:
            CourseError: a duty or an elasticity makes no sense.
        """
        self._sane(after)
        created = _creation(self.partner, self.demand, self.duty, after)
        goods = (self.partner, self.others, self.substitution)
        diverted = min(_diversion(*goods, self.duty, after), self.others)
        partner, others = self.partner + created + diverted, self.others - diverted
        revenue = after * partner + self.duty * others
        gone = self.duty * (self.partner + self.others)
        step = self.duty - after
        consumers = step * self.partner + step * (created + diverted) / 2
        return {
            "created": created, "diverted": diverted, "partner": partner, "others": others,
            "revenue before": gone, "revenue": revenue - gone, "consumers": consumers,
            "net": consumers + revenue - gone,
        }  # fmt: skip

    def _sane(self, after: float) -> None:
        if not 0 <= self.duty <= 1:
            say = _("A duty of {duty:.0%} is outside of what this model can say: 0 to 100 %.")
            raise CourseError(say.format(duty=self.duty))
        if not 0 <= after <= self.duty:
            say = _(
                "A cut ends between no duty and the old one ({duty:.0%}), not at {after:.0%}."
            )
            raise CourseError(say.format(duty=self.duty, after=after))
        if min(self.demand, self.substitution, self.partner, self.others) < 0:
            raise CourseError(_("Imports and elasticities are given as positive numbers here."))


TIMBER = Market(partner=60, others=180, duty=0.2, demand=1.5, substitution=4)
_ASKED = ["partner", "others", "revenue", "consumers", "net"]


def _after(market: Market = TIMBER, **changes: float) -> dict[str, float]:
    """Return what exercise 08.3 asks for."""
    found = market.cut()
    return {name: found[name] for name in _ASKED} | changes


def _without(created: bool = True, diverted: bool = True) -> dict[str, float]:
    """Return the same with one of the two effects forgotten."""
    return _after(
        Market(
            TIMBER.partner, TIMBER.others, TIMBER.duty,
            TIMBER.demand * created, TIMBER.substitution * diverted,
        )
    )  # fmt: skip


def _undivided() -> dict[str, float]:
    """Return the same with the duty taken for the fall of the price."""
    one = 1 + TIMBER.duty
    goods = (TIMBER.partner, TIMBER.others, TIMBER.duty)
    return _after(Market(*goods, TIMBER.demand * one, TIMBER.substitution * one))


def _break_even(share: float | None = None) -> float:
    """Return the substitution elasticity at which a market neither gains nor loses."""
    both = TIMBER.partner + TIMBER.others
    return TIMBER.demand / (TIMBER.others / both if share is None else share)


# --- gravity ------------------------------------------------------------------

LOGS = ["log_distance", "shared_border", "shared_language", "agreement"]
PAIRS = ["CHN-RUS", "RUS-CHN", "CHN-MNG", "MNG-CHN"]


@cache
def _flows() -> pd.DataFrame:
    """Return the pairs whose agreements are known, with the logs of size and distance."""
    flows = load("gravity_flows").dropna(subset=["agreement"])
    size = by_id("gravity_economies")["gdp_usd_bn"]
    return flows.assign(
        log_distance=np.log(flows["distance_km"]),
        log_gdp_exporter=np.log(flows["exporter"].map(size).astype(float)),
        log_gdp_importer=np.log(flows["importer"].map(size).astype(float)),
        agreement=flows["agreement"].astype(float),
    ).reset_index(drop=True)


@cache
def _by_logs() -> pd.Series:
    """Return the coefficients of least squares on the logs of what is above zero."""
    rows = _flows().query("exports_usd_mn > 0")
    columns = ["log_gdp_exporter", "log_gdp_importer", *LOGS]
    left = np.column_stack([np.ones(len(rows)), rows[columns].to_numpy(float)])
    found = np.linalg.lstsq(left, np.log(rows["exports_usd_mn"].to_numpy(float)), rcond=None)
    return pd.Series(found[0], index=["Intercept", *columns])


@cache
def _logs_with_effects() -> pd.Series:
    """Return the coefficients of the same with effects of exporters and importers."""
    rows = _flows().query("exports_usd_mn > 0")
    sides = pd.get_dummies(rows[["exporter", "importer"]], dtype=float)
    left = np.column_stack([rows[LOGS].to_numpy(float), sides.to_numpy()])
    found = np.linalg.lstsq(left, np.log(rows["exports_usd_mn"].to_numpy(float)), rcond=None)
    return pd.Series(found[0][: len(LOGS)], index=LOGS)


@cache
def _ppml() -> tuple[pd.Series, pd.Series]:
    """Return the coefficients with effects of both sides, and trade as fitted by pair.

    Reweighted least squares on squares of numbers, exporters down and importers across:
    a check must not wait for statsmodels, and a test holds both to each other.
    """
    grids = _flows().pivot(index="exporter", columns="importer")
    trade = grids["exports_usd_mn"]
    known, actual = trade.notna().to_numpy(float), trade.fillna(0).to_numpy(float)
    causes = np.array([grids[name].fillna(0).to_numpy(float) for name in LOGS])
    fitted = (actual + actual.sum() / known.sum()) / 2 * known
    while True:
        safe = np.where(known, fitted, 1)
        seen = np.log(safe) + (actual - fitted) / safe
        rest = _less_effects(np.array([seen, *causes]), fitted)
        weighed = fitted * rest[1:]
        found = np.linalg.solve(
            np.tensordot(weighed, rest[1:], ([1, 2], [1, 2])),
            np.tensordot(weighed, rest[0], 2),
        )
        last, off = fitted, rest[0] - np.tensordot(found, rest[1:], 1)
        fitted = np.exp(seen - off) * known
        if np.abs(fitted - last).max() <= 1e-8 * fitted.max():
            break
    pairs = pd.Series(pd.DataFrame(fitted, trade.index, trade.columns).where(known > 0).stack())
    pairs.index = pd.Index([f"{exporter}-{importer}" for exporter, importer in pairs.index])
    return pd.Series(found, index=LOGS), pairs.dropna()


def _less_effects(grids: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return grids less their weighted means of rows and of columns."""
    down, across = weights.sum(axis=0), weights.sum(axis=1, keepdims=True)
    for _step in range(1000):
        rows = (weights * grids).sum(axis=2, keepdims=True) / across
        grids = grids - rows
        columns = (weights * grids).sum(axis=1, keepdims=True) / down
        grids = grids - columns
        if max(np.abs(rows).max(), np.abs(columns).max()) < 1e-9:
            break
    return grids


def _actual() -> pd.Series:
    rows = _flows()
    return rows["exports_usd_mn"].set_axis(rows["exporter"] + "-" + rows["importer"])


def _ratios() -> pd.Series:
    return _actual()[PAIRS] / _ppml()[1][PAIRS]


def _doubled(coefficient: str = "log_distance") -> float:
    return float(100 * (2 ** _by_logs()[coefficient] - 1))


def _more_with_agreement() -> float:
    return float(100 * (np.exp(_ppml()[0]["agreement"]) - 1))


# --- a map of duties and agreements -------------------------------------------

SPOTS = {"RUS": [58.0, 112.0], "MNG": [46.6, 103.5], "CHN": [42.0, 116.5]}
_NAMES = {"RUS": "Russia", "MNG": "Mongolia", "CHN": "China"}


@cache
def _rates(year: int = 2017) -> pd.Series:
    rows = load("tariffs").query("measure == 'simple average MFN (WDI)' and year == @year")
    return rows.set_index("economy")["rate_pct"]


def _duty_map(
    year: int = 2017,
    legend: str = "average duty in 2017, %",
    says: str = "{name}: {rate:.1f} %",
    solid: tuple[str, ...] = ("CHN-MNG",),
    dashed: tuple[str, ...] = ("RUS-MNG",),
    fill: bool = True,
    no_data: str = "grey",
) -> folium.Map:
    """Return a map with the duties as fills and names, and agreements as lines."""
    m = area_map("borderland")
    if fill:
        folium.Choropleth(
            shapes("countries"), data=_rates(year), key_on="feature.properties.iso_a3",
            legend_name=legend, nan_fill_color=no_data,
        ).add_to(m)  # fmt: skip
    for iso, spot in SPOTS.items():
        words = says.format(name=_NAMES[iso], rate=_rates(year)[iso], iso=iso)
        folium.CircleMarker(spot, radius=6, tooltip=words).add_to(m)
    for pairs, dash in ((solid, None), (dashed, "8")):
        for pair in pairs:
            ends = [SPOTS[iso] for iso in pair.split("-")]
            folium.PolyLine(ends, weight=4, dash_array=dash).add_to(m)
    return m


def _shows_duties(p: Picture, year: int = 2017) -> bool:
    """Tell whether each of the three has the colour of the class of its duty."""
    return shows(p, _rates(year)[list(SPOTS)], "iso_a3")


def _at(point: list[float]) -> str:
    """Return the country whose spot a point is; "" if it is none."""
    near = [iso for iso, (lat, lon) in SPOTS.items()
            if abs(point[0] - lat) < 0.3 and abs(point[1] - lon) < 0.3]  # fmt: skip
    return near[0] if near else ""


def _ends(line: Drawn) -> str:
    return "-".join(sorted(_at(point) for point in (line.points[0], line.points[-1])))


def _lines(p: Picture, dashed: bool) -> set[str]:
    return {_ends(d) for d in p.lines if bool(d.style.get("dashArray")) == dashed}


def _named(p: Picture, rate: bool) -> bool:
    """Tell whether each of the three says its name, or its duty, when pointed at."""
    words = {iso: " ".join(d.words for d in p.marks if _at(d.at) == iso) for iso in SPOTS}
    wanted = {iso: f"{_rates()[iso]:.1f}" if rate else _NAMES[iso] for iso in SPOTS}
    return all(wanted[iso] in words[iso] for iso in SPOTS)


# --- the exercises ------------------------------------------------------------

_SAYS = """The Union's agreement with China has been in force since October 2019 and cuts no
    duty, by its own text. China and Mongolia cut some duties on 1 January 2021, yet no such
    cut between Russia and China was found."""
_CHANGE = "An official start of talks on lower duties between Russia and China."


def _example() -> dict[str, Any]:
    """Return a verdict as an example."""
    rows = load("agreements")
    chosen = rows[rows["agreement_id"].isin(["apta", "eaeu_china"]) & rows["year"].notna()]
    texts = {"says": _SAYS, "would_change": _CHANGE}
    return {
        "claim": "c16",
        "word": "contradicted",
        "confidence": "medium",
        "because": [chosen],
    } | texts


EXERCISES = [
    Exercise(
        "08.1",
        ask="Tell what an agreement does from what it is called",
        objective=0,
        kind="mapping",
        options=[CUTS, NO_CUT, SIGNED, STUDIED],
        answer=_states,
        mistakes={
            "The agreement of the Union with China is in force, but look at the column "
            "cuts_tariffs in its rows: it says no.": lambda: _states(eaeu_china=CUTS),
            "The Union and Mongolia signed. Look for a row that says it entered into "
            "force, and read how many have ratified.": lambda: _states(eaeu_mongolia=CUTS),
            "China and Mongolia studied a free trade agreement of their own. Do you find "
            "a row in which it was signed?": lambda: _states(china_mongolia_fta=SIGNED),
            "Mongolia joined the Asia-Pacific Trade Agreement, and there is a row for what "
            "came next: from when on were its cuts applied?": lambda: _states(apta=SIGNED),
            "All four are not free trade agreements in force. Read the column event, one "
            "agreement at a time.": lambda: dict.fromkeys(AGREEMENTS, CUTS),
        },
        solution="""
what_it_does = {
    "apta": "in force, cuts duties",
    "eaeu_china": "in force, cuts no duty",
    "eaeu_mongolia": "signed, not yet in force",
    "china_mongolia_fta": "only studied",
}

course.check("08.1", what_it_does)
""",
        hints=[
            "For each agreement two questions: is there a row that says it is in force or "
            "applied, and does cuts_tariffs say yes?",
            "apta cuts duties between China and Mongolia since 2021. One of the others is "
            "in force and cuts none.",
        ],
        after="The one that sounds largest cuts no duty at all. The only one in force that "
        "cuts duties in this triangle has no free trade in its name.",
    ),
    Exercise(
        "08.2",
        ask="Write trade creation as a function",
        objective=1,
        kind="function",
        digits=2,
        answer=lambda: _creation,
        inputs=_creations,
        minutes=6,
        mistakes={
            "You took the duty for the price. The buyer pays 1 + duty, so divide the cut "
            "by 1 + before.": lambda: lambda m, e, t0, t1: m * e * (t0 - t1),
            "You divided by the new price. A fall in percent is counted from the old one: "
            "1 + before.": lambda: lambda m, e, t0, t1: m * e * (t0 - t1) / (1 + t1),
            "The sign is turned round: a lower duty makes imports grow. The elasticity is "
            "given as a positive number here.": lambda: (
                lambda m, e, t0, t1: -_creation(m, e, t0, t1)
            ),
            "That is all imports after the cut. Return only what is new.": lambda: (
                lambda m, e, t0, t1: m + _creation(m, e, t0, t1)
            ),
            "You divided the cut by the old duty. What the buyer sees is the price, "
            "1 + before.": lambda: lambda m, e, t0, t1: m * e * (t0 - t1) / t0,
            "The elasticity is missing: imports grow by elasticity times the fall of the "
            "price.": lambda: lambda m, e, t0, t1: m * _fall(t0, t1),
        },
        solution="""
def creation(imports, elasticity, before, after):
    return imports * elasticity * (before - after) / (1 + before)

course.check("08.2", creation)
""",
        hints=[
            "First by which share the price falls: the cut, divided by the old price.",
            "Imports times elasticity times that share. The old price is 1 + before.",
        ],
        after="Twice the elasticity, twice the new trade. The whole answer hangs on a "
        "number that nobody reads off a customs form.",
    ),
    Exercise(
        "08.3",
        ask="Say who gains and who pays when a duty goes",
        objective=2,
        kind="mapping",
        unit="million",
        digits=1,
        answer=_after,
        mistakes={
            "Diversion is missing: with a lower price the partner also takes sales from "
            "the others.": lambda: _without(diverted=False),
            "Creation is missing: at a lower price people also buy more.": (
                lambda: _without(created=False)
            ),
            "You took the duty for the fall of the price. Divide it by 1 + 0.20.": _undivided,
            "Imports from the others did not fall: what the partner takes from them has "
            "to leave them.": lambda: _after(others=TIMBER.others),
            "Consumers gain on what they bought before and, by half, on what is new. The "
            "triangle has the half.": lambda: _after(
                consumers=TIMBER.duty * _after()["partner"],
                net=TIMBER.duty * _after()["partner"] + _after()["revenue"],
            ),
            "That is only the triangle. Consumers also pay less for what they bought "
            "before: add the rectangle.": lambda: _after(
                consumers=TIMBER.duty * (_after()["partner"] - TIMBER.partner) / 2,
                net=TIMBER.duty * (_after()["partner"] - TIMBER.partner) / 2
                + _after()["revenue"],
            ),
            "The sign of the revenue is turned round: what the state collects falls.": (
                lambda: _after(revenue=-_after()["revenue"])
            ),
            "The net adds what the state loses as if it were a gain. The revenue falls: its "
            "change is negative, and net is the sum of the two.": lambda: _after(
                revenue=-_after()["revenue"], net=_after()["consumers"] - _after()["revenue"]
            ),
            "The state loses more than the duty on what the partner sold before. What was "
            "diverted paid duty, too, and pays none now.": lambda: _after(
                revenue=-TIMBER.duty * TIMBER.partner,
                net=_after()["consumers"] - TIMBER.duty * TIMBER.partner,
            ),
            "You swapped the two elasticities: demand makes creation, substitution makes "
            "diversion.": lambda: _after(
                replace(TIMBER, demand=TIMBER.substitution, substitution=TIMBER.demand)
            ),
            "For revenue you gave what is collected after the cut. The task asks for the "
            "change.": lambda: _after(revenue=TIMBER.duty * _after()["others"]),
        },
        solution="""
fall = 0.20 / 1.20
created = 60 * 1.5 * fall
diverted = 60 * 180 / (60 + 180) * 4 * fall
new = created + diverted
revenue = 0.20 * (180 - diverted) - 0.20 * (60 + 180)
consumers = 0.20 * 60 + 0.20 * new / 2
balance = {
    "partner": 60 + new,
    "others": 180 - diverted,
    "revenue": revenue,
    "consumers": consumers,
    "net": consumers + revenue,
}

course.check("08.3", balance)
""",
        hints=[
            "Work through the steps of the example with the new numbers: fall, created, "
            "diverted, then who gets what.",
            "created is 15 and diverted is 30. Only imports from the others still pay.",
        ],
        after="Trade with the partner grew by three quarters, and the country is worse "
        "off. More trade and more welfare are two different things.",
    ),
    Exercise(
        "08.4",
        ask="Find where a trade zone turns from gain to loss",
        objective=2,
        digits=1,
        minutes=4,
        answer=_break_even,
        mistakes={
            "That is the elasticity of 08.3, at which the country loses. Look for a "
            "smaller one.": lambda: TIMBER.substitution,
            "That is the demand elasticity. It enters, but so does how large the others "
            "are.": lambda: TIMBER.demand,
            "You took the share of the partner. Diversion depends on the share of the "
            "others.": lambda: _break_even(TIMBER.partner / (TIMBER.partner + TIMBER.others)),
            "Without any substitution the country gains. How far can you go up before "
            "net is zero?": lambda: 0,
        },
        solution="""
turning_point = 1.5 * (60 + 180) / 180

course.check("08.4", turning_point)
""",
        hints=[
            "When the duty goes altogether, net is zero if the trade diverted is as large "
            "as the trade created. Set the two formulas equal.",
            "Or try: 1, 2, 3 in place of the 4. In between the sign of net changes.",
        ],
        after="Gain or loss hangs on one number, and studies of it differ widely. "
        "Jacob Viner said in 1950 that a trade zone may do either.",
    ),
    Exercise(
        "08.5",
        ask="Read what twice the distance does to trade",
        objective=3,
        unit="percent",
        digits=1,
        minutes=4,
        answer=_doubled,
        mistakes={
            "That is the coefficient in percent: what one percent more distance does, a "
            "hundred times over. A doubling multiplies trade by 2 to the power of it.": (
                lambda: 100 * _by_logs()["log_distance"]
            ),
            "That is what is left of the trade. By how many percent does it change?": (
                lambda: 100 + _doubled()
            ),
            "A loss is negative: trade at twice the distance is smaller.": lambda: -_doubled(),
            "You took the base of the logarithm. Twice as far means a 2: 2 ** "
            "coefficient.": lambda: 100 * (np.exp(_by_logs()["log_distance"]) - 1),
            "That is the change as a fraction of one. The task asks for percent.": (
                lambda: _doubled() / 100
            ),
            "That is what trade is multiplied by. By how many percent does it change?": (
                lambda: 1 + _doubled() / 100
            ),
            "That is what half the distance does. Twice as far means a 2.": lambda: (
                100 * (0.5 ** _by_logs()["log_distance"] - 1)
            ),
            "That is the change of the logarithm. Undo it: np.exp, less 1.": lambda: (
                100 * np.log(2) * _by_logs()["log_distance"]
            ),
        },
        solution="""
b = by_logs.params["log_distance"]
twice_as_far = 100 * (2**b - 1)

course.check("08.5", twice_as_far)
""",
        hints=[
            'by_logs.params["log_distance"] is the exponent d of the equation.',
            "In the equation trade is proportional to distance to the power of d. Put 2 "
            "in place of the distance and see what it multiplies.",
        ],
        after="Nearly half of the trade is gone, in these data and by this method. "
        "The next section asks whether the method is to be trusted.",
    ),
    Exercise(
        "08.6",
        ask="Turn the coefficient of an agreement into percent",
        objective=4,
        unit="percent",
        digits=1,
        minutes=4,
        answer=_more_with_agreement,
        mistakes={
            "That is the coefficient times 100. It is a difference of logarithms: take "
            "np.exp of it, and subtract 1.": lambda: 100 * _ppml()[0]["agreement"],
            "That is how many times as much, in percent. How much more is it?": (
                lambda: 100 + _more_with_agreement()
            ),
            "That is from least squares on logs. Take the coefficient of ppml.": (
                lambda: 100 * (np.exp(_by_logs()["agreement"]) - 1)
            ),
            "That is the fraction of one. The task asks for percent.": (
                lambda: _more_with_agreement() / 100
            ),
            "That is how many times as much they trade. How many percent more is it?": (
                lambda: 1 + _more_with_agreement() / 100
            ),
            "That is from least squares with effects. Take the coefficient of ppml.": lambda: (
                100 * (np.exp(_logs_with_effects()["agreement"]) - 1)
            ),
            "You rounded the coefficient before np.exp. Round at the end only.": lambda: (
                100 * (np.exp(round(_ppml()[0]["agreement"], 2)) - 1)
            ),
            "That is 2 to the power of it, the rule for twice the distance. Agreement goes "
            "from 0 to 1: use np.exp.": lambda: 100 * (2 ** _ppml()[0]["agreement"] - 1),
        },
        solution="""
more_trade = 100 * (np.exp(ppml.params["agreement"]) - 1)

course.check("08.6", more_trade)
""",
        hints=[
            'ppml.params["agreement"] is added to the logarithm of trade.',
            "np.exp undoes the logarithm. 1 would be: as much as without.",
        ],
        after="So much more do pairs with an agreement trade than this equation expects "
        "of pairs like them without one. It does not say that signing made the difference.",
    ),
    Exercise(
        "08.7",
        ask="Compare actual trade with what the equation expects",
        objective=5,
        kind="mapping",
        digits=2,
        answer=_ratios,
        mistakes={
            "Upside down: actual trade is divided by what was fitted.": lambda: 1 / _ratios(),
            "You divided by the fit of the opposite direction. Each direction has its "
            "own.": lambda: pd.Series(
                {
                    pair: _actual()[pair] / _ppml()[1]["-".join(pair.split("-")[::-1])]
                    for pair in PAIRS
                }
            ),
            "These are differences in millions. A ratio makes small and large trade "
            "comparable: divide.": lambda: _actual()[PAIRS] - _ppml()[1][PAIRS],
            "These are logarithms of the ratio. Leave out np.log.": lambda: np.log(_ratios()),
            "These are in percent. The task asks for the ratio: 1 is as expected.": (
                lambda: 100 * _ratios()
            ),
            "That is how far the ratio is from 1. Leave out the subtraction.": lambda: (
                _ratios() - 1
            ),
        },
        solution="""
wanted = ["CHN-RUS", "RUS-CHN", "CHN-MNG", "MNG-CHN"]
ratio = fit["exports_usd_mn"] / fit["fitted"]
actual_over_expected = ratio[wanted]

course.check("08.7", actual_over_expected)
""",
        hints=[
            "One division of two columns of fit gives all 5,671 ratios.",
            "Its index are the pairs, so ratio[[...]] picks the four.",
        ],
        after="In 2016, a year before the article, China and Russia traded about as much "
        "as the equation expects. Before you say that there was nothing to gain: read on.",
    ),
    Exercise(
        "08.8",
        ask="Draw duties and agreements on one map",
        objective=6,
        kind="map",
        area="borderland",
        answer=_duty_map,
        mistakes={},
        minutes=15,
        checks=[
            Check(
                "There is no folium.Choropleth on the map yet.",
                lambda p: bool(fills(p, "iso_a3")),
                lambda: _duty_map(fill=False),
            ),
            Check(
                "These are the duties of another year. Take rates_2017.",
                lambda p: not _shows_duties(p, 2019) or _shows_duties(p),
                lambda: _duty_map(2019, says="{name}"),
            ),
            Check(
                "The colours do not follow the duties of the three countries. Check data "
                "and key_on: the key is in feature.properties.iso_a3.",
                _shows_duties,
                lambda: _recoloured(),
            ),
            Check(
                "Countries without a duty here cannot be told from a class of duties. Choose "
                "another nan_fill_color, such as 'grey'.",
                lambda p: gaps_apart(p, _rates().index, "iso_a3"),
                lambda: _duty_map(no_data="white"),
            ),
            Check(
                "Readers cannot tell what the colours mean. Put the year and the sign % "
                "into legend_name.",
                lambda p: "%" in p.legends[0]["caption"] and "2017" in p.legends[0]["caption"],
                lambda: _duty_map(legend="duty"),
            ),
            Check(
                "A marker is missing, or it does not say the English name of its country "
                "in the tooltip. Put one at each place of spots.",
                lambda p: _named(p, rate=False),
                lambda: _duty_map(says="{iso}"),
            ),
            Check(
                "A tooltip lacks its duty, or has it with other digits: one decimal.",
                lambda p: _named(p, rate=True),
                lambda: _duty_map(says="{name}: {rate:.0f} %"),
            ),
            Check(
                "A line joins Russia and China. Their agreement is in force, but it cuts no "
                "duty, so this map draws no line.",
                lambda p: "CHN-RUS" not in _lines(p, True) | _lines(p, False),
                lambda: _duty_map(solid=("CHN-MNG", "CHN-RUS")),
            ),
            Check(
                "The solid line is for cuts in force: between which two of the three are "
                "there any? Exercise 08.1 has it.",
                lambda p: _lines(p, False) == {"CHN-MNG"},
                lambda: _duty_map(solid=("RUS-MNG",), dashed=("CHN-MNG",)),
            ),
            Check(
                "The dashed line (dash_array) is for cuts signed and not yet in force. "
                "Draw it, between spots of two countries.",
                lambda p: _lines(p, True) == {"MNG-RUS"},
                lambda: _duty_map(dashed=()),
            ),
        ],
        solution="""
duty_map = course.area_map("borderland", alt="Average duties of 2017, and agreements on them.")
folium.Choropleth(
    countries, data=rates_2017, key_on="feature.properties.iso_a3",
    legend_name="average duty in 2017, %", nan_fill_color="grey",
).add_to(duty_map)
for iso, spot in spots.items():
    words = f"{names[iso]}: {rates_2017[iso]:.1f} %"
    folium.CircleMarker(spot, radius=6, tooltip=words).add_to(duty_map)
folium.PolyLine([spots["CHN"], spots["MNG"]], weight=4).add_to(duty_map)
folium.PolyLine([spots["RUS"], spots["MNG"]], weight=4, dash_array="8").add_to(duty_map)

course.check("08.8", duty_map)
""",
        hints=[
            "Begin with the Choropleth of lesson 02: the shapes are countries, the data is "
            "rates_2017, the key is feature.properties.iso_a3.",
            'Then a loop: for iso, spot in spots.items(). f"{rates_2017[iso]:.1f}" writes '
            "one decimal.",
            "Two lines are left: folium.PolyLine([spots[...], spots[...]]), the second with "
            'dash_array="8".',
        ],
        after="Only one solid line on the map, and it does not touch Russia. Averages "
        "fill the countries; what a trader pays depends on the good.",
    ),
    Exercise(
        "08.9",
        ask="Sign a verdict on the free trade zone",
        objective=7,
        kind="verdict",
        claims=["c16", "c29"],
        answer=_example,
        mistakes={},
        minutes=6,
        solution=f'''
steps = agreements[agreements["agreement_id"].isin(["apta", "eaeu_china"])]
my_verdict = course.Verdict(
    "c16", "contradicted", confidence="medium",
    because=[steps],
    says="""{_SAYS}""",
    would_change="{_CHANGE}",
)

course.check("08.9", my_verdict)
''',
        hints=[
            "Choose c16 or c29. Was it advice or a forecast? What would have had to happen?",
            "Rows that bear on it: agreements, tariffs, events. Pick those you speak of.",
            "A model of what a cut would do is no evidence that a cut was made.",
        ],
        after="A recommendation can be good and not followed. Your verdict says which of "
        "the two you judged.",
    ),
]


def _recoloured() -> folium.Map:
    """Return the map with a key that finds no country."""
    m = area_map("borderland")
    folium.Choropleth(
        shapes("countries"), data=_rates().rename(index={"RUS": "CHN", "CHN": "RUS"}),
        key_on="feature.properties.iso_a3", legend_name="average duty in 2017, %",
    ).add_to(m)  # fmt: skip
    return m


# --- the explorer: a tariff cut -----------------------------------------------

_BUYERS = {
    "RUS-CHN": _("Russia buys from China"),
    "CHN-RUS": _("China buys from Russia"),
    "RUS-MNG": _("Russia buys from Mongolia"),
    "MNG-RUS": _("Mongolia buys from Russia"),
    "CHN-MNG": _("China buys from Mongolia"),
    "MNG-CHN": _("Mongolia buys from China"),
}
# Where flows begin and end on the map; Japan stands for the others.
_ENDS = SPOTS | {"JPN": [40.2, 140.6]}
_SAID = {"RUS": _("Russia"), "CHN": _("China"), "MNG": _("Mongolia"),
         "JPN": _("Japan")}  # fmt: skip
_PARTNER, _OTHERS, _GAIN, _LOSS = "#D55E00", "#0072B2", "#009E73", "#CC79A7"
_WIDEST = 14  # pixels


@cache
def _imports(buyer: str) -> dict[str, float]:
    """Return what a country bought in 2016 from each of the other 77, in USD million."""
    rows = load("gravity_flows").query("importer == @buyer")
    return dict(zip(rows["exporter"], rows["exports_usd_mn"].astype(float), strict=True))


def _tariff_cut(
    pair: str, duty: int, cut: int, demand: float, substitution: float, coverage: int
) -> tuple[str, list[dict[str, Any]]]:
    buyer, partner = pair.split("-")
    bought = _imports(buyer)
    sold, whole = bought[partner], sum(bought.values())
    part = coverage / 100
    market = Market(
        sold * part, (whole - sold) * part, duty / 100, demand, substitution
    )  # of the goods covered; the rest stays as it is
    after = duty / 100 * (1 - cut / 100)
    found = market.cut(after)
    grown = found["created"] + found["diverted"]
    left = 1 - found["diverted"] / (whole - sold)
    html = _told(pair, market, after, found) + _picture(market, after, found)
    html += _balance(sold, whole - sold, found) + _lacks()
    return html, _drawn(buyer, partner, bought, grown, left)


def _money(value: float) -> str:
    """Write USD million for a reader: with as many digits as can matter."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}"


def _told(pair: str, market: Market, after: float, found: dict[str, float]) -> str:
    buyer, partner = (_SAID[iso] for iso in pair.split("-"))
    if not found["created"] + found["diverted"]:
        first = _("Nothing is cut, so nothing changes.")
    else:
        first = _(
            "The duty falls from {before:.1f} to {after:.1f} %. {buyer} buys "
            "<b>{grown} million dollars</b> more from {partner}: {created} are new, "
            "{diverted} are taken from others.",
            before=100 * market.duty, after=100 * after, buyer=buyer, partner=partner,
            grown=_money(found["created"] + found["diverted"]),
            created=_money(found["created"]), diverted=_money(found["diverted"]),
        )  # fmt: skip
    net = found["net"]
    words = _("{buyer} neither gains nor loses.") if abs(net) < 0.05 else (
        _("In this model {buyer} <b>gains {net} million</b>.")
        if net > 0
        else _("In this model {buyer} <b>loses {net} million</b>.")
    )  # fmt: skip
    much = ""
    if found["created"] + found["diverted"] > market.partner / 2:
        much = _("⚠ So large a change is more than straight lines can tell.")
    return f"<p>{first} {words.format(buyer=buyer, net=_money(abs(net)))} {much}</p>"


def _picture(market: Market, after: float, found: dict[str, float]) -> str:
    """Draw demand for the partner's goods, and what the others lose; each on its own scale."""
    base, top, wide = 160, 34, 240
    step = (base - top) / max(market.duty, 0.05)
    y0, y1 = base - step * market.duty, base - step * after
    old = 44 + wide * market.partner / max(found["partner"], 1e-9)
    new = 44.0 + wide
    kept = wide * found["others"] / max(market.others, 1e-9)
    left = (
        _box(44, y0, old - 44, y1 - y0, _PARTNER, ".35")
        + f'<polygon points="{old:.1f},{y0:.1f} {old:.1f},{y1:.1f} {new:.1f},{y1:.1f}" '
        f'fill="{_GAIN}" fill-opacity=".75"/>'
        f'<line x1="{old:.1f}" y1="{y0:.1f}" x2="{new:.1f}" y2="{y1:.1f}" '
        f'stroke="{_PARTNER}" stroke-width="3"/>'
    )
    right = _box(44, y0, kept, base - y0, _OTHERS, ".35")
    right += _box(44 + kept, y0, wide - kept, base - y0, _LOSS, ".85")
    panels = (
        (left, _("the partner's goods"), market.partner, found["partner"], y1, after),
        (right, _("the goods of the others"), market.others, found["others"], base, 0.0),
    )
    drawn = ""
    for inside, name, before, then, low, rate in panels:
        words = _("{name}: {before} to {then} million", name=name, before=_money(before),
                  then=_money(then))  # fmt: skip
        label = max(low + 4, y0 + 16)
        drawn += (
            f'<svg viewBox="0 0 300 200" width="300" style="max-width:48%" role="img" '
            f'aria-label="{words}" font-size="12" fill="currentColor">{inside}'
            f'<line x1="44" y1="{base}" x2="294" y2="{base}" stroke="currentColor"/>'
            f'<line x1="44" y1="{top - 10}" x2="44" y2="{base}" stroke="currentColor"/>'
            f'<text x="4" y="14">{_("price with duty")}</text>'
            f'<text x="40" y="{y0 + 4:.1f}" text-anchor="end">{1 + market.duty:.2f}</text>'
            f'<text x="40" y="{label:.1f}" text-anchor="end">{1 + rate:.2f}</text>'
            f'<text x="44" y="{base + 16}">{name}</text>'
            f'<text x="44" y="{base + 32}">{_money(before)} → {_money(then)}</text></svg>'
        )
    key = [
        (_PARTNER, _("duty no longer paid on what was bought before: from state to buyers")),
        (_GAIN, _("triangle: gain on what is new")),
        (_OTHERS, _("duty still paid on the goods of the others")),
        (_LOSS, _("duty lost on what was diverted")),
    ]
    said = "".join(
        f'<span style="margin-right:14px;white-space:nowrap"><span class="course-colour" '
        f'style="display:inline-block;width:12px;height:12px;background:{colour}"></span> '
        f"{text}</span> "
        for colour, text in key
    )
    return f"<div>{drawn}</div><p><small>{said}</small></p>"


def _box(x: float, y: float, width: float, height: float, colour: str, faint: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" '
        f'height="{max(height, 0):.1f}" fill="{colour}" fill-opacity="{faint}"/>'
    )


def _balance(sold: float, rest: float, found: dict[str, float]) -> str:
    grown = found["created"] + found["diverted"]
    rows = [
        (_("imports from the partner"), sold, sold + grown),
        (_("imports from the others"), rest, rest - found["diverted"]),
        (_("duties collected on the goods covered"), found["revenue before"],
         found["revenue before"] + found["revenue"]),
    ]  # fmt: skip
    head = (_("USD million, 2016"), _("before"), _("after"), _("change"))
    cells = f'<th style="text-align:left">{head[0]}</th>'
    cells += "".join(f"<th>{word}</th>" for word in head[1:])
    lines = "".join(
        f'<tr><td style="text-align:left">{name}</td><td>{_money(old)}</td>'
        f"<td>{_money(new)}</td><td>{_money(new - old)}</td></tr>"
        for name, old, new in rows
    )
    sums = "".join(
        f'<tr><td style="text-align:left" colspan="3">{name}</td><td>{_money(value)}</td></tr>'
        for name, value in (
            (_("buyers gain"), found["consumers"]),
            (_("net: buyers' gain and change of duties"), found["net"]),
        )
    )
    return f"<table><tr>{cells}</tr>{lines}{sums}</table>"


def _lacks() -> str:
    return "<p><small>" + _(
        "Left out: producers at home, prices on the world market, rules of origin, barriers "
        "that are no duties, and everything that takes years. One average duty stands for "
        "thousands. The goods covered are taken to be an even slice of all goods. Imports: 77 "
        "economies, BACI by CEPII, 2016. What you set is an assumption, not an estimate."
    ) + "</small></p>"  # fmt: skip


def _drawn(
    buyer: str, partner: str, bought: dict[str, float], grown: float, left: float
) -> list[dict[str, Any]]:
    """Return the flows as lines for the map; the rim of each is what was gained or lost."""
    features: list[dict[str, Any]] = [
        {"country": buyer, "fill": "#DDDDDD", "says": _("{name} buys", name=_SAID[buyer])},
        {"country": partner, "fill": "#F6D5BC",
         "says": _("{name}: the partner", name=_SAID[partner])},
    ]  # fmt: skip
    new = {iso: bought[iso] * left for iso in _ENDS if iso != buyer}
    new[partner] = bought[partner] + grown
    scale = _WIDEST / max(*new.values(), *(bought[iso] for iso in new))
    for iso, value in new.items():
        own, rim = (_PARTNER, _GAIN) if iso == partner else (_OTHERS, _LOSS)
        words = _(
            "{seller} to {buyer}: {old} before, {new} after, USD million",
            seller=_SAID[iso], buyer=_SAID[buyer], old=_money(bought[iso]), new=_money(value),
        )  # fmt: skip
        line = {"line": [_ENDS[iso], _ENDS[buyer]], "says": words}
        widths = {own: min(value, bought[iso]), rim: max(value, bought[iso])}
        for colour, width in reversed(widths.items()):
            extra = 2 if colour == rim and value != bought[iso] else 0  # a rim to be seen
            features.append(line | {"color": colour, "width": max(width * scale, 2) + extra})
    for iso, spot in _ENDS.items():
        features.append({"at": spot, "radius": 4, "color": "#000000", "fill": "#FFFFFF",
                         "says": _SAID[iso], "label": _SAID[iso]})  # fmt: skip
    return features


tariff_cut = Explorer(
    _("A tariff cut"),
    {
        "pair": Control(_("Who buys from whom"), [(n, pair) for pair, n in _BUYERS.items()]),
        "duty": Control(_("Duty before, %"), [0, 5, 7, 10, 20, 30, 50], start=7, slider=True),
        "cut": Control(_("How much of it goes, %"), [25, 50, 100], start=100, slider=True),
        "demand": Control(
            _("Demand elasticity"), [0.5, 1.0, 1.5, 2.0, 3.0], start=1.5, slider=True
        ),
        "substitution": Control(
            _("Substitution elasticity"), [0.0, 1.5, 3.0, 5.0, 8.0], start=3.0, slider=True
        ),
        "coverage": Control(_("Goods covered, %"), [10, 50, 100], start=100, slider=True),
    },
    _tariff_cut,
    area="borderland",
    alt=_("The flows that a tariff cut changes, as lines between countries."),
    height=360,  # so that the words below it are in sight
)
