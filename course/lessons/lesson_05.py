"""Lesson 05, the Mongolia corridor: its figures, exercises and explorer."""

from collections.abc import Iterable
from functools import cache
from itertools import chain, pairwise
from random import Random
from typing import Any

import folium
import numpy as np
import pandas as pd

from course.data import load
from course.description import to_html
from course.exercises.exercise import Check, Exercise
from course.explore import Control, Explorer
from course.lessons.shared import by_id, wide
from course.maps.area import area_map
from course.maps.picture import Drawn, Picture
from course.words import _

# --- the route ----------------------------------------------------------------


def _signed() -> set[str]:
    return set(by_id("events")["countries"]["cmr_programme_2016"].split(";"))


@cache
def _corridor() -> pd.DataFrame:
    stops, places = load("route_stops"), load("places")
    stops = stops[stops["route_id"] == "trans_mongolian"].sort_values("seq")
    columns = ["place_id", "name_en", "region_id", "lat", "lon"]
    return stops.merge(places[columns], on="place_id")


def _so_far() -> pd.Series:
    return _corridor()["km_from_prev"].cumsum()


def _row_reached() -> int:
    length = by_id("routes")["total_km"]["trans_mongolian"]
    return int((_so_far() - length).abs().idxmin())


def _kilometres() -> pd.DataFrame:
    """Return the real and the drawn kilometres of each stretch, as far as they are known."""
    columns = {"km_from_prev": "real", "drawn_km_from_prev": "drawn"}
    return _corridor()[list(columns)].rename(columns=columns)


def _ratio(kilometres: pd.DataFrame | None = None) -> float:
    total = (_kilometres().dropna() if kilometres is None else kilometres).sum()
    return total["real"] / total["drawn"]


@cache
def _census(year: int = 2020) -> pd.Series:
    """Return the people of Mongolia by region."""
    people = wide("population_census").T[year].dropna()
    return people[people.index.str.startswith("MN-")]


def _along(year: int = 2020) -> pd.Series:
    census = _census(year)
    return census[census.index.isin(_corridor()["region_id"])]


def _share_along(year: int = 2020) -> float:
    return _along(year).sum() / _census(year).sum()


def _joined() -> float:
    """Return the people of 2020, counted once for each stop."""
    return _corridor()["region_id"].map(_census()).sum()


# --- the map of the route -----------------------------------------------------

_NEAR, _BESIDE = 0.02, 0.15  # degrees: a point this close is the stop, or is beside it
_ROUNDED = 0.051  # degrees: a point rounded to one decimal lies no farther off
_ROUND = [*range(15), 0]  # all stops, and the first once more
_GAUGE = ("gauge", "1435", "1520", "коле", "цариг", "轨", "軌")


def _spots() -> np.ndarray:
    return _corridor()[["lat", "lon"]].to_numpy()


def _stops_on(p: Picture, swap: bool = False, near: float = _NEAR) -> list[list[int]]:
    """Return which stops, from 0, each line runs through, in the order of the line."""
    stops = _spots()[:, ::-1] if swap else _spots()
    lines = [np.array(line.points)[:, None] for line in p.lines]
    return [(abs(line - stops) < near).all(axis=2).nonzero()[1].tolist() for line in lines]


def _complete(stops: Iterable[int]) -> bool:
    return set(stops) == set(_corridor().index)


def _only_stops(line: Drawn) -> bool:
    """Tell whether a line runs through stops of the route and through nothing else."""
    points = np.array(line.points)[:, None]
    return bool((abs(points - _spots()) < _NEAR).all(axis=2).any(axis=1).all())


def _in_order(stops: list[int]) -> bool:
    return {b - a for a, b in pairwise(stops)} in ({1}, {-1}, set())


def _closed(stops: list[int]) -> bool:
    return len(stops) > 1 and stops[0] == stops[-1]


def _by_latitude(stops: list[int]) -> bool:
    south = _corridor()["lat"].sort_values().index.tolist()
    return stops in (south, south[::-1])


def _at_the_break(p: Picture) -> list[Drawn]:
    ends = _spots()[_corridor()["place_id"].isin(["zamyn_uud", "erenhot"])]
    return [mark for mark in p.marks if (abs(ends - mark.at) < _BESIDE).all(axis=1).any()]


def _said_elsewhere(p: Picture) -> bool:
    """Tell whether a marker at another stop speaks of the gauge, and gives no number."""
    there = _at_the_break(p)
    others = [mark for mark in p.marks if mark not in there and _of_the_gauge(mark)]
    said = {mark.words.lower() for mark in there}
    return any(
        mark.words.lower() in said or not any(figure in mark.words for figure in _GAUGE[1:3])
        for mark in others
    )


def _of_the_gauge(mark: Drawn) -> bool:
    return any(word in mark.words.lower() for word in _GAUGE)


def _map_of(
    order: str = "seq", parts: tuple[slice | list[int], ...] = (slice(None),),
    drop: bool = False, detour: bool = False, at: str = "zamyn_uud", also: str = "",
    tooltip: str | None = "break of gauge", swap: bool = False,
    line: type = folium.PolyLine, digits: int = 9,
) -> folium.Map:  # fmt: skip
    """Return a map of the stops: as parts of a line, or as circles if there are none."""
    stops = _corridor().sort_values(order, ascending=order != "lat")
    if drop:
        stops = stops.dropna(subset=["km_from_prev"])
    m = area_map("mongolia_corridor")
    spots = stops[["lon", "lat"] if swap else ["lat", "lon"]].to_numpy().tolist()
    for part in parts:
        drawn = np.array(spots)[part].round(digits).tolist() + (
            [[45.8, 126.5]] if detour else []
        )
        line(drawn).add_to(m)
    for spot in [] if parts else spots:
        folium.CircleMarker(spot, radius=4).add_to(m)
    for spot in _spots()[_corridor()["place_id"].isin([at, also])].tolist():
        folium.Marker(spot, tooltip=tooltip).add_to(m)
    return m


# --- the border: what the survey says -----------------------------------------

_MONGOLIA = "Mongolia, all CPMM"
_TIME, _COST = "border-crossing time", "border-crossing cost"
_ROLLING, _OVERALL = "speed without delay (SWOD)", "speed with delay (TFI4, SWD)"


@cache
def _delays(point: str) -> pd.DataFrame:
    """Return the rows on trains and trucks at some points, of whole years."""
    rows = load("border_delays").dropna(subset=["year"]).astype({"year": int})
    return rows[rows["point"].str.contains(point) & rows["mode"].isin(["rail", "road"])]


def _surveyed(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Keep the times or the costs of a survey."""
    survey = rows["value_kind"] == "survey average"
    return rows[survey & rows["indicator"].str.startswith(measure)]


def _speeds(rows: pd.DataFrame) -> dict[tuple[str, int], tuple[float, float]]:
    """Return mode and year -> speed in motion and of the whole trip, in km an hour."""
    first = rows.drop_duplicates(["mode", "year", "indicator"])  # two are a conflict
    speeds = first.pivot(index=["mode", "year"], columns="indicator", values="value")
    speeds = speeds.reindex(columns=[_ROLLING, _OVERALL]).dropna()
    return dict(zip(speeds.index, speeds.itertuples(index=False, name=None), strict=True))


@cache
def _hours(
    year: int, mode: str = "rail", direction: str = "inbound", point: str = _MONGOLIA
) -> float:
    """Return how long the border took, by the survey."""
    rows = _surveyed(_delays(point), _TIME).set_index(["year", "mode", "direction"])
    return rows["hours"][year, mode, direction]


def _trips(rng: Random) -> list[tuple[float, float]]:
    """Return both speeds of the trips in the survey, and of some others."""
    others = [(rng.randint(30, 60), rng.randint(8, 28)) for _other in range(3)]
    return [*_speeds(_delays(_MONGOLIA)).values(), *others]


def _both_ways(first: int = 2022, last: int = 2023) -> pd.Series:
    """Return how many times as long the way into Mongolia took in the later year."""
    return pd.Series({way: _hours(last, way) / _hours(first, way) for way in ("road", "rail")})


def _rail(last: float, first: float) -> dict[Any, float]:
    """Return the right answer for the road, with other hours for rail."""
    return {**_both_ways(), "rail": last / first}


@cache
def _capacity() -> pd.Series:
    rows = load("border_delays")
    rows = rows[rows["indicator"] == "trains that can be processed per day"]
    return rows.set_index("point")["value"]


def _trains_a_day(
    limit: float | None = None, year: int = 2023, days: int = 0
) -> dict[str, float]:
    rows = load("freight_trains")
    row = rows[(rows["point"] == "Erenhot") & (rows["year"] == year)].iloc[0]
    days = days or (row["period_end"] - row["period_start"]).days + 1
    limit = float(_capacity().min()) if limit is None else limit
    return {"limit": limit, "at_least": float(row["trains"] / days)}


# --- the exercises ------------------------------------------------------------

_SAYS = """The line through Mongolia has no stop in Heilongjiang. Two other lines that Chinese
    sources count to the corridor run through it, from Harbin to the west and to the east. The
    forum of 2016 named the belt of the province together with the corridor, so the link was
    there before the meeting. No row says that the meeting of 2017 added to it."""
_LINES = ["trans_mongolian", "chinese_eastern_west", "chinese_eastern_east"]
_CHANGE = "Transit figures of the province by route, before the meeting and after it."


def _in_province() -> pd.DataFrame:
    """Return the stops in Heilongjiang of the lines counted to the corridor."""
    stops = load("route_stops").merge(load("places"), on="place_id")
    return stops[stops["route_id"].isin(_LINES) & (stops["region_id"] == "CN-HL")]


def _example() -> dict[str, Any]:
    """Return a verdict as an example."""
    rows = [_in_province(), by_id("events").loc[["forum3_2016"]]]
    texts = {"says": _SAYS, "would_change": _CHANGE}
    return {
        "claim": "c12",
        "word": "supported in part",
        "confidence": "low",
        "because": rows,
    } | texts


EXERCISES = [
    Exercise(
        "05.1",
        ask="Find the country a name leaves out",
        objective=5,
        kind="set",
        minutes=5,
        answer=lambda: _signed() - {"CHN", "MNG"},
        mistakes={
            "Your set is empty: no country of the name is missing in Tashkent. Begin "
            "with signed.": lambda: {"CHN", "MNG"} - _signed(),
            "Those are the two countries the name has. Take them away from signed.": (
                lambda: {"CHN", "MNG"}
            ),
            "Those are all who adopted it. Take the countries of the name away, with the "
            "minus sign.": lambda: _signed() | {"CHN", "MNG"},
            "That is the name of the country. The sets hold codes of three letters.": (
                lambda: {"Russia"}
            ),
        },
        solution="""
left_out = signed - named

course.check("05.1", left_out)
""",
        hints=[
            "Which country is in signed, but not in named?",
            "signed - named keeps what is in the first set and not in the second.",
        ],
        after="Three presidents adopted the programme. The article's name for it has "
        "two countries.",
    ),
    Exercise(
        "05.2",
        ask="Draw the corridor in its order, and mark the break of gauge",
        objective=0,
        kind="map",
        area="mongolia_corridor",
        minutes=15,
        answer=_map_of,
        mistakes={},
        checks=[
            Check(
                "Your line has longitude first, so it lies far away. PolyLine wants "
                "pairs of [latitude, longitude].",
                lambda p: not any(_stops_on(p, swap=True)),
                lambda: _map_of(swap=True),
            ),
            Check(
                "There is no line through the stops of corridor yet. Hand a list of "
                "[latitude, longitude] pairs to folium.PolyLine.",
                lambda p: any(_stops_on(p)),
                lambda: _map_of(parts=()),
            ),
            Check(
                "The line passes beside some stops. Take lat and lon as they stand in "
                "corridor, not rounded.",
                lambda p: (
                    _complete(chain(*_stops_on(p)))
                    or not _complete(chain(*_stops_on(p, near=_ROUNDED)))
                ),
                lambda: _map_of(digits=1),
            ),
            Check(
                "The line leaves out some stops. Draw all rows of corridor: a missing "
                "distance is no reason to skip a stop.",
                lambda p: _complete(chain(*_stops_on(p))),
                lambda: _map_of(drop=True),
            ),
            Check(
                "No line runs through all stops, only several together do. Hand all "
                "pairs to one PolyLine.",
                lambda p: any(map(_complete, _stops_on(p))),
                lambda: _map_of(parts=(slice(8), slice(7, None))),
            ),
            Check(
                "One line runs through all stops, and there is another line as well. The "
                "task asks for one: a reader takes a second line for a second railway.",
                lambda p: len(p.lines) == 1,
                lambda: _map_of(parts=(slice(None), slice(3, 6))),
            ),
            Check(
                "The line is no folium.PolyLine, as the task asks for. A Polygon, for one, "
                "closes itself.",
                lambda p: p.lines[0].kind not in {"Polygon", "GeoJson"},
                lambda: _map_of(line=folium.Polygon),
            ),
            Check(
                "The line also runs through places that are no stops of corridor. Draw the "
                "rows of corridor, and no others.",
                lambda p: _only_stops(p.lines[0]),
                lambda: _map_of(detour=True),
            ),
            Check(
                "Almost: you sorted by latitude. Zoom in between Beijing and Jining: "
                "the railway turns back north there. Sort by seq.",
                lambda p: not any(map(_by_latitude, _stops_on(p))),
                lambda: _map_of("lat"),
            ),
            Check(
                "The line comes to its first stop a second time. A route has two ends.",
                lambda p: not _closed(_stops_on(p)[0]),
                lambda: _map_of(parts=(_ROUND,)),
            ),
            Check(
                "The line jumps back and forth. The order of a route is in the "
                "column seq: sort by it.",
                lambda p: all(map(_in_order, _stops_on(p))),
                lambda: _map_of("name_en"),
            ),
            Check(
                "The line is right, but the gauge does not change at your marker. Read "
                "down gauge_mm: between which two stops does the number change?",
                lambda p: _at_the_break(p) or not any(map(_of_the_gauge, p.marks)),
                lambda: _map_of(at="naushki"),
            ),
            Check(
                "The line is right. Now put a folium.Marker where gauge_mm changes from "
                "one stop to the next.",
                _at_the_break,
                lambda: _map_of(at=""),
            ),
            Check(
                "The marker is in the right place, but does not say why. Give it a "
                "tooltip with the word gauge.",
                lambda p: any(map(_of_the_gauge, _at_the_break(p))),
                lambda: _map_of(tooltip=None),
            ),
            Check(
                "The break is marked. But a marker elsewhere speaks of the gauge, too, and "
                "there it does not change.",
                lambda p: not _said_elsewhere(p),
                lambda: _map_of(also="naushki"),
            ),
        ],
        solution="""
corridor_map = course.area_map("mongolia_corridor", alt="The corridor and its gauges.")
in_order = corridor.sort_values("seq")
line = in_order[["lat", "lon"]].values.tolist()
folium.PolyLine(line, weight=4).add_to(corridor_map)
border = corridor.set_index("name_en").loc["Zamyn-Uud"]
folium.Marker([border["lat"], border["lon"]], tooltip="break of gauge").add_to(corridor_map)

course.check("05.2", corridor_map)
""",
        hints=[
            "The map above needs only one change: sort by another column.",
            "The last stop on 1520 mm and the first on 1435 mm are neighbours. Put the "
            "marker on either.",
        ],
        after="Two states with one gauge, a border, then the other gauge. Here the "
        "corridor stops being one railway.",
    ),
    Exercise(
        "05.3",
        ask="Find the stop that a published length reaches",
        objective=1,
        kind="text",
        minutes=3,
        answer=lambda: _corridor()["name_en"][_row_reached()],
        also=["北京", "Пекин", "Бээжин"],
        mistakes={
            "That is what the label says. Add up the kilometres to Jining and compare "
            "with the published length.": lambda: "Jining (Ulanqab)",
            "The label says so. What is the sum at Jining, and how far is it from the "
            "published length?": lambda: "Jining",
            "The label has it there. Do the kilometres agree? Look at the sum in that "
            "row.": lambda: "jining_ulanqab",
            "The last stretch has no sourced distance, so no sum reaches Tianjin. "
            "Look at the stop before.": lambda: "Tianjin",
            "You stopped at the first gap, like the column km_from_start. cumsum "
            "goes on after it.": lambda: "Zamyn-Uud",
            "The way to Erenhot has no sourced distance, so there is no sum there. cumsum "
            "goes on in the next row.": lambda: "Erenhot",
            "Close, but the next stop comes closer.": lambda: "Zhangjiakou",
            "That is the number of the row. Look up its name_en.": _row_reached,
            "That is the sum of the kilometres. Which stop is in that row?": (
                lambda: _so_far().max()
            ),
            "That is the published length. Which stop has a sum close to it?": (
                lambda: by_id("routes")["total_km"]["trans_mongolian"]
            ),
        },
        solution="""
so_far = corridor.set_index("name_en")["km_from_prev"].cumsum()
print(so_far)  # read down the sums: total_km is 2,215
reaches = "Beijing"

course.check("05.3", reaches)
""",
        hints=[
            'corridor.set_index("name_en")["km_from_prev"].cumsum() adds up stop by stop.',
            "Read down the sums. Which comes closest to total_km?",
        ],
        after="So label and length do not fit each other. The gap at the border is only a few "
        "kilometres, so it does not save the label. A published total looks firm. Adding "
        "up its parts is the cheapest test.",
    ),
    Exercise(
        "05.4",
        ask="Compare real with drawn kilometres",
        objective=1,
        unit="times",
        digits=3,
        minutes=4,
        answer=_ratio,
        mistakes={
            "The drawn side has stretches that the sourced side lacks. Compare only "
            "rows that have both.": lambda: _ratio(_kilometres()),
            "Upside down: the real way is longer than the drawn one.": lambda: 1 / _ratio(),
            "That is the mean of the ratios: a short stretch counts as much as a long "
            "one. Add up first, then divide.": lambda: (
                _kilometres()["real"] / _kilometres()["drawn"]
            ).mean(),
            "That is how much longer it is. 'How many times as long' includes the "
            "whole.": lambda: _ratio() - 1,
            "You took the published length. Add up km_from_prev, which you tested it with.": (
                lambda: (
                    by_id("routes")["total_km"]["trans_mongolian"]
                    / _kilometres().dropna()["drawn"].sum()
                )
            ),
            "Those are kilometres, a difference. 'How many times' asks for a ratio.": lambda: (
                _kilometres().dropna().sum().diff().abs().iloc[-1]
            ),
        },
        solution="""
both = corridor.dropna(subset=["km_from_prev", "drawn_km_from_prev"])
times_as_long = both["km_from_prev"].sum() / both["drawn_km_from_prev"].sum()

course.check("05.4", times_as_long)
""",
        hints=[
            "dropna(subset=[...]) with both columns keeps the rows that have both.",
            "Sum each column over these rows, then divide real by drawn.",
        ],
        after="A railway bends round hills, the drawn line does not. Hours and costs "
        "computed from drawn kilometres come out too small.",
    ),
    Exercise(
        "05.5",
        ask="Count the people along the line",
        objective=2,
        unit="share between 0 and 1",
        digits=2,
        minutes=4,
        answer=_share_along,
        named={"year": (2020, [2010])},
        mistakes={
            "Two provinces have two stops each, and your join counts their people twice. "
            "Keep each province once: isin does not double.": lambda: (
                _joined() / _census().sum()
            ),
            "That is the share in percent. A share runs from 0 to 1.": (
                lambda: 100 * _share_along()
            ),
            "That is the capital alone. Provinces have stops too.": (
                lambda: _census()["MN-1"] / _census().sum()
            ),
            "The capital is missing. It is no province, and the task counts it too.": (
                lambda: _along().drop("MN-1").sum() / _census().sum()
            ),
            "Those are the people without a stop in their province. Take the others.": (
                lambda: 1 - _share_along()
            ),
            "You took both censuses together. The task names 2020.": lambda: (
                (_along(2010).sum() + _along().sum()) / (_census(2010).sum() + _census().sum())
            ),
            "That is a number of people. A share is a part of all people of Mongolia.": (
                lambda: _along().sum()
            ),
            "You divided by the people in joined. The whole is all of Mongolia, with "
            "the provinces that have no stop.": lambda: _along().sum() / _joined(),
            "You divided by both censuses together. Take 2020 for the whole, too.": (
                lambda: _along().sum() / (_census(2010).sum() + _census(2020).sum())
            ),
            "You counted provinces. The exercise asks for people.": (
                lambda: len(_along()) / len(_census())
            ),
        },
        solution="""
now = census[census["year"] == 2020]
with_stop = now[now["region_id"].isin(corridor["region_id"])]
share_along = with_stop["value"].sum() / now["value"].sum()

course.check("05.5", share_along)
""",
        hints=[
            "How often is each region_id in joined? The other way round is safer: "
            "begin with the census rows of 2020.",
            'Call these rows now. now["region_id"].isin(corridor["region_id"]) is True for '
            "units with a stop. Sum their value, divide by the sum of all.",
        ],
        after="For Mongolia this line is no side road: in 2020 more than half of the people "
        "lived in the capital or in a province with one of our stops. The capital has most "
        "of them.",
    ),
    Exercise(
        "05.6",
        ask="Write a function for the share of time spent standing",
        objective=3,
        kind="function",
        unit="share between 0 and 1",
        digits=2,
        minutes=6,
        answer=lambda: lambda rolling, overall: 1 - overall / rolling,
        inputs=_trips,
        mistakes={
            "That is the share of the time spent rolling. The rest of it is "
            "standing.": lambda: lambda rolling, overall: overall / rolling,
            "You divided the standing hours by the rolling hours. The whole is all "
            "hours of the trip.": lambda: lambda rolling, overall: rolling / overall - 1,
            "The two speeds are in each other's place. The rolling speed comes "
            "first.": lambda: lambda rolling, overall: 1 - rolling / overall,
            "That is how many times as long the trip takes with its stops. Which part of "
            "it is standing?": lambda: lambda rolling, overall: rolling / overall,
            "That is in percent. A share runs from 0 to 1.": (
                lambda: lambda rolling, overall: 100 * (1 - overall / rolling)
            ),
            "Those are the hours standing on one km. Which share are they of all hours?": (
                lambda: lambda rolling, overall: 1 / overall - 1 / rolling
            ),
            "Those are the hours standing on 100 km. Which share are they of all hours?": (
                lambda: lambda rolling, overall: 100 / overall - 100 / rolling
            ),
            "Those are the hours standing on 500 km. Which share are they of all hours?": (
                lambda: lambda rolling, overall: 500 / overall - 500 / rolling
            ),
            "That is a difference of speeds, in km an hour. Turn speeds into hours "
            "first: hours = km / speed.": lambda: lambda rolling, overall: rolling - overall,
        },
        solution="""
def standing_share(rolling_speed, overall_speed):
    hours_rolling = 100 / rolling_speed
    hours_in_all = 100 / overall_speed
    return (hours_in_all - hours_rolling) / hours_in_all


course.check("05.6", standing_share)
""",
        hints=[
            "Take a trip of 100 km: how many hours rolling, how many in all?",
            "Standing = hours in all minus hours rolling. Divide by the hours in all. "
            "The kilometres cancel.",
        ],
        after="By these averages, train and truck stood for almost the same share of their "
        "time in 2022. "
        "The slower one loses more hours by it.",
    ),
    Exercise(
        "05.7",
        ask="Compare road and rail into Mongolia, 2022 and 2023",
        objective=4,
        kind="mapping",
        unit="times",
        digits=1,
        minutes=5,
        answer=_both_ways,
        named={"first": (2022, [2020, 2021]), "last": (2023, [2020, 2021])},
        mistakes={
            "Upside down: divide 2023 by 2022. More hours in 2023 give more than 1.": lambda: (
                1 / _both_ways()
            ),
            "You have road and rail in each other's place.": lambda: _both_ways().set_axis(
                ["rail", "road"]
            ),
            "Road is right. For rail you took the trains that leave Mongolia.": lambda: _rail(
                _hours(2023, direction="outbound"), _hours(2022, direction="outbound")
            ),
            "Road is right. For rail the earlier figure is of both directions, the later "
            "one of inbound trains.": lambda: _rail(
                _hours(2023), _hours(2022, direction="both")
            ),
            "Road is right. For rail the earlier figure is of outbound trains, the later "
            "one of inbound trains.": lambda: _rail(
                _hours(2023), _hours(2022, direction="outbound")
            ),
            "Road is right. For rail the later figure is of one crossing, Zamyn-Uud, the "
            "earlier one of all crossings.": lambda: _rail(
                _hours(2023, direction="both", point="Zamyn-Uud"), _hours(2022)
            ),
            "Road is right. For rail you set Zamyn-Uud against all crossings. For 2022 "
            "Zamyn-Uud has no figure.": lambda: _rail(
                _hours(2023, direction="both", point="Zamyn-Uud"),
                _hours(2022, direction="both"),
            ),
            "Road is right. For rail you took the mean of two directions: not as many "
            "trains went each way.": lambda: _rail(
                _hours(2023) + _hours(2023, direction="outbound"),
                _hours(2022) + _hours(2022, direction="outbound"),
            ),
            "Those are differences in hours. 'How many times' asks for ratios.": lambda: {
                way: _hours(2023, way) - _hours(2022, way) for way in ("road", "rail")
            },
            "Those are the changes. 'How many times as long' includes the whole: add 1.": (
                lambda: _both_ways() - 1
            ),
            "Those are the hours of 2023. Divide them by the hours of 2022.": lambda: {
                way: _hours(2023, way) for way in ("road", "rail")
            },
            "Those are the years 2021 and 2022. Divide 2023 by 2022.": lambda: _both_ways(
                2021, 2022
            ),
            "Road is right. Rail is upside down: divide 2023 by 2022.": lambda: _rail(
                _hours(2022), _hours(2023)
            ),
            "Rail is right. Road is upside down: divide 2023 by 2022.": lambda: {
                "road": 1 / _both_ways()["road"],
                "rail": _both_ways()["rail"],
            },
            "Those are the changes in percent. 'How many times as long' asks for "
            "ratios.": lambda: 100 * (_both_ways() - 1),
        },
        solution="""
times_as_long = {}
for mode in ["road", "rail"]:
    before, after = hours.loc[(mode, 2022)], hours.loc[(mode, 2023)]
    times_as_long[mode] = after["inbound"] / before["inbound"]

course.check("05.7", times_as_long)
""",
        hints=[
            'hours.loc[("rail", 2022)] is one row of the table, ["outbound"] behind it one '
            "of its cells. You want others.",
            "Divide the cell of 2023 by the cell of 2022, both inbound: once for road, "
            "once for rail.",
        ],
        after="One year, one country, two answers: the trucks took half the time, the trains "
        "more than twice. And trains on the way out took less. CAREC ties the fall on the road "
        "to a rebuilt terminal. 'The border got slower' and "
        "'the border got faster' are both true of some row.",
    ),
    Exercise(
        "05.8",
        ask="Hold a stated limit against counted trains",
        objective=4,
        kind="mapping",
        unit="trains a day",
        digits=2,
        answer=_trains_a_day,
        minutes=5,
        named={"year": (2023, [2017, 2020, 2021, 2022, 2024, 2025])},
        mistakes={
            "The limit is not a mean. Trains that wait at the narrowest point gain "
            "nothing from wider ones: take the smallest.": (
                lambda: _trains_a_day(_capacity().mean())
            ),
            "That is Erenhot alone. Which of the three places lets fewest trains through?": (
                lambda: _trains_a_day(_capacity()["Erenhot"])
            ),
            "The limits do not add up: the same train passes all three places.": (
                lambda: _trains_a_day(_capacity().sum())
            ),
            "That is the widest point. A chain lets through what its narrowest point "
            "does.": lambda: _trains_a_day(_capacity().max()),
            "The limit is right. But the row ends on 28 November: count the days from "
            "period_start to period_end.": lambda: _trains_a_day(days=365),
            "The limit is right. The period has one day more than the difference of its "
            "ends: both ends count.": lambda: _trains_a_day(days=331),
            "The limit is right. The other figure is all trains of the period: divide "
            "by its days.": lambda: _trains_a_day(days=1),
            "The limit is right. The days are those of the whole table. Take the row of "
            "2023.": lambda: _trains_a_day(days=3271),
            "The limit is right. The other figure is a number of days: divide the trains "
            "by it.": lambda: {**_trains_a_day(), "at_least": 332},
        },
        solution="""
row = erenhot.set_index("year").loc[2023]
days = (row["period_end"] - row["period_start"]).days + 1
trains_a_day = {"limit": capacity["value"].min(), "at_least": row["trains"] / days}

course.check("05.8", trains_a_day)
""",
        hints=[
            'capacity["value"].min() finds the narrowest point.',
            "Make year the index of erenhot, and take the row of 2023 with loc. Divide its "
            "trains by the days from period_start to period_end, both ends counted.",
        ],
        after="More trains were counted than the limit lets through. And the count is a lower "
        "bound, of China-Europe trains only. CAREC does not say for which trains or which "
        "direction its limit holds. Report such a pair, do not smooth it over.",
    ),
    Exercise(
        "05.9",
        ask="Sign a verdict on claim c12",
        objective=5,
        kind="verdict",
        minutes=6,
        claims=["c12"],
        answer=_example,
        mistakes={},
        solution=f'''
my_verdict = course.Verdict(
    "c12", "supported in part", confidence="low",
    because=[in_province, events.loc[["forum3_2016"]]],
    says="""{_SAYS}""",
    would_change="{_CHANGE}",
)

course.check("05.9", my_verdict)
''',
        hints=[
            "Which lines of the corridor touch the province? Does any row name its goods?",
            "Rows that you have: in_province, and the forum of 2016 in events.",
            "Two sentences do: what the rows show, and what they leave open.",
        ],
        after="The word chance is hard to refute. What can be checked is whether anything "
        "followed, and along which line.",
    ),
]


# --- the explorer: where do the hours go --------------------------------------

_YEARS = [2019, 2020, 2021, 2022, 2023]
_TRIP = 500  # km: the length for which the survey itself gives costs
_WHERE = {
    _MONGOLIA: _("Mongolia, all surveyed crossings"),
    "Zamyn-Uud|Erenhot": _("Zamyn-Uud and Erenhot"),
    "China, all CPMM": _("China, all surveyed crossings, for comparison"),
    "CAREC, all corridors": _("All CAREC corridors, for comparison"),
}
_MODES: dict[Any, str] = {"rail": _("rail"), "road": _("road")}
_BORDERS: dict[Any, str] = {  # direction -> its bars
    "inbound": _("into the country"),
    "outbound": _("out of the country"),
    "both": _("both directions"),
}
_MOVES, _STANDS = _("rolling"), _("standing")

_ByYear = dict[int, list[float]]  # two figures for one year are a conflict


def _by_year(rows: pd.DataFrame) -> _ByYear:
    return {year: rows["value"][rows["year"] == year].tolist() for year in rows["year"]}


def _trip(rows: pd.DataFrame) -> _ByYear:
    """Return year -> the hours rolling and standing."""
    return {
        year: [_TRIP / rolling, _TRIP / overall - _TRIP / rolling]
        for (_mode, year), (rolling, overall) in _speeds(rows).items()
    }


def _either(values: list[float], form: str = "{:g}") -> str:
    return _(" or ").join(form.format(value) for value in values)


def _at_the_border(rows: pd.DataFrame, year: int) -> str:
    """Say the hours and the dollars of one year, direction by direction."""
    said = []
    for direction, name in _BORDERS.items():
        one_way = rows[(rows["direction"] == direction) & (rows["year"] == year)]
        hours, dollars = (_by_year(_surveyed(one_way, what)) for what in (_TIME, _COST))
        parts = [_("{hours} hours", hours=_either(hours[year]))] if hours else []
        parts += [_("{dollars} dollars", dollars=_either(dollars[year]))] if dollars else []
        said += [f"{name} {_(' and ').join(parts)}"] if parts else []
    return _("At the border: {said}.", said="; ".join(said)) if said else ""


def _split(trip: _ByYear, year: int) -> str:
    if year not in trip:
        words = _("How a trip splits in {year} is not in the table.", year=year)
        return words if trip else ""
    rolling, standing = trip[year]
    return _(
        "On a trip of {km} km in {year}, {rolling:.0f} hours rolling and {standing:.0f} "
        "standing, both directions together.",
        km=_TRIP, year=year, rolling=rolling, standing=standing,
    )  # fmt: skip


def _bars(here: pd.DataFrame, trip: _ByYear) -> pd.DataFrame:
    """Return the bars: one for a conflict, the higher figure, with both in its label."""
    bars = []
    for direction, name in _BORDERS.items():
        one_way = here[here["direction"] == direction]
        costs = _by_year(_surveyed(one_way, _COST))
        for year, hours in _by_year(_surveyed(one_way, _TIME)).items():
            dollars = f"\n{_either(costs[year], '${:g}')}" if year in costs else ""
            bars.append((year, name, max(hours), _either(hours, "{:.3g}") + dollars))
    for year, split in trip.items():
        for part, value in zip((_MOVES, _STANDS), split, strict=True):
            bars.append((year, part, value, f"{value:.0f}"))
    return pd.DataFrame(bars, columns=["year", "part", "hours", "label"])


def _picture(bars: pd.DataFrame, year: int, words: str, used: pd.DataFrame) -> str:
    import altair as alt

    from course.charts import COLOURS, chart

    names = [*_BORDERS.values(), _MOVES, _STANDS]
    parts = dict(zip(names, (COLOURS[n] for n in (1, 0, 2, 4, 6)), strict=True))
    # the chosen year is strong, the others are pale
    most = bars["hours"].max()
    # a label of two lines hangs down from its place, so it starts higher
    bars["top"] = bars["hours"] + 0.065 * most * bars["label"].str.count("\n")
    colours = alt.Scale(domain=list(parts), range=list(parts.values()))
    years = alt.X("year:O", title=None, scale=alt.Scale(domain=_YEARS))
    # no axis and no legend: their words would cost half of the drawing time
    base = alt.Chart(bars).encode(
        x=years.axis(labelAngle=0),
        xOffset=alt.XOffset("part:N", scale=alt.Scale(domain=list(parts))),
        y=alt.Y("hours:Q", scale=alt.Scale(domainMax=1.2 * most), axis=None),
    )
    blocks = base.mark_bar().encode(
        color=alt.Color("part:N", scale=colours, legend=None),
        opacity=alt.condition(f"datum.year == {year}", alt.value(1), alt.value(0.45)),
    )
    labels = base.mark_text(baseline="bottom", dy=-3, fontSize=11, lineBreak="\n", aria=False)
    drawing = blocks + labels.encode(text="label:N", y=alt.Y("top:Q"))
    drawn = chart(drawing.properties(width=760, height=230), alt=words, sources=used)
    return f"<p>{_key(parts, set(bars['part']))}</p>{drawn._repr_html_()}"


def _key(parts: dict[str, str], drawn: set[str]) -> str:
    """Explain the bars that there are, border and trip apart."""
    heads = {_("Hours at one border (with dollars below)"): list(_BORDERS.values())}
    heads[_("Hours of a trip of {km} km, both directions", km=_TRIP)] = [_MOVES, _STANDS]
    said = []
    for head, names in heads.items():
        marks = [
            f'<span class="course-colour" style="color:{parts[name]}" aria-hidden="true">■'
            f"</span> {name}"
            for name in names
            if name in drawn
        ]
        said += [f"{head}: {' &nbsp; '.join(marks)}"] if marks else []
    return "<br>".join(said)


def _elsewhere(rows: pd.DataFrame, drawn: set[int], year: int) -> str:
    """Say that a year has no bar, and which years have bars, or rows that make none."""
    if rows.empty:
        return _("The table has no row for this choice, in no year.")
    words = [_("No bar for {year}.", year=year)]
    if drawn:
        words.append(
            _("There are bars for: {years}.", years=", ".join(map(str, sorted(drawn))))
        )
    if others := set(rows["year"]) - drawn:
        listed = ", ".join(map(str, sorted(others)))
        words.append(_("Rows that make no bar: {years}.", years=listed))
    return " ".join(words)


def _where_the_hours_go(where: str, mode: str, year: int) -> str:
    rows = _delays(where)
    here = rows[rows["year"].isin(_YEARS) & (rows["mode"] == mode)]
    trip = _trip(here)
    bars = _bars(here, trip)
    head = _("{place}, {mode}, {year}.", place=_WHERE[where], mode=_MODES[mode], year=year)
    now, drawn = here[here["year"] == year], set(bars["year"])
    facts = [_at_the_border(here, year), _split(trip, year)]
    facts += [] if year in drawn else [_elsewhere(here, drawn, year)]
    words = " ".join(filter(None, [head, *facts]))
    view = f"<p>{words}</p>"
    if len(bars):
        speeds = here[here["indicator"].isin([_ROLLING, _OVERALL])]
        used = pd.concat([_surveyed(here, _TIME), _surveyed(here, _COST), speeds])
        view = _picture(bars, year, words, used)
    if now.empty:
        return view
    # the codes of the survey, such as TFI1, say nothing to a reader
    plain = now["indicator"].str.replace(r" \((TFI|SW)[^)]*\)", "", regex=True)
    columns = [
        "point",
        "direction",
        "indicator",
        "value",
        "unit",
        "value_kind",
        "check",
        "note",
    ]
    table = now.assign(indicator=plain)[columns]
    return view + to_html(table.dropna(axis=1, how="all"))


hours = Explorer(
    _("Where do the hours go"),
    {
        "where": Control(_("Where"), [(words, point) for point, words in _WHERE.items()]),
        "mode": Control(_("By"), [(words, mode) for mode, words in _MODES.items()]),
        "year": Control(_("Year"), _YEARS, start=2022, slider=True),
    },
    _where_the_hours_go,
)
