"""The exercises of lesson 05, each with its answer and its usual mistakes."""

import itertools
from collections.abc import Callable

import folium
import pandas as pd

from course.data import load
from course.exercises.verbs import Exercise, layers, lines
from course.maps.area import area_map

_NEAR = 0.02  # degrees: a point this close to a stop is the stop
_GAUGE = ("gauge", "1435", "1520", "коле", "цариг", "轨", "軌")


# --- the route ----------------------------------------------------------------


def _signed() -> set[str]:
    events = load("events").set_index("event_id")
    return set(events.loc["cmr_programme_2016", "countries"].split(";"))


def _corridor() -> pd.DataFrame:
    stops, places = load("route_stops"), load("places")
    stops = stops[stops["route_id"] == "trans_mongolian"].sort_values("seq")
    columns = ["place_id", "name_en", "region_id", "lat", "lon"]
    return stops.merge(places[columns], on="place_id")


def _spots() -> list[tuple[float, float]]:
    return list(_corridor()[["lat", "lon"]].itertuples(index=False, name=None))


def _stops_on(m: folium.Map, swap: bool = False) -> list[list[int]]:
    """Return which stops, from 0, each line runs through, in the order of the line."""
    stops, found = _spots(), []
    for line in lines(m):
        pairs = [(lon, lat) if swap else (lat, lon) for lat, lon in line]
        near = [_stop_at(pair, stops) for pair in pairs]
        found.append([number for number in near if number is not None])
    return found


def _stop_at(spot: tuple[float, float], stops: list[tuple[float, float]]) -> int | None:
    for number, (lat, lon) in enumerate(stops):
        if abs(spot[0] - lat) < _NEAR and abs(spot[1] - lon) < _NEAR:
            return number
    return None


def _swapped(m: folium.Map) -> bool:
    """Tell whether a line runs through the stops with longitude first."""
    return any(_stops_on(m, swap=True))


def _in_order(numbers: list[int]) -> bool:
    steps = {b - a for a, b in itertools.pairwise(numbers)}
    return steps in ({1}, {-1}, set())


def _by_latitude() -> list[int]:
    order = _corridor()["lat"].sort_values(ascending=False)
    return list(order.index)


def _markers_at_the_break(m: folium.Map) -> list[folium.Marker]:
    stops = _corridor().set_index("place_id")
    ends = [stops.loc[name, ["lat", "lon"]] for name in ("zamyn_uud", "erenhot")]
    return [
        marker
        for marker in layers(m, folium.Marker)
        if any(
            abs(marker.location[0] - lat) < 0.15 and abs(marker.location[1] - lon) < 0.15
            for lat, lon in ends
        )
    ]


def _markers_with_words(m: folium.Map) -> list[folium.Marker]:
    """Return the markers somewhere else on the line that speak of the gauge."""
    return [
        marker
        for marker in layers(m, folium.Marker)
        if any(word in _words(marker) for word in _GAUGE)
    ]


def _words(marker: folium.Marker) -> str:
    said = ""
    for child in marker._children.values():
        if isinstance(child, folium.Tooltip):
            said += str(child.text)
        elif isinstance(child, folium.Popup):
            said += child.html.render()
    return said.lower()


def _map_of(
    order: str = "seq", drop: bool = False, line: bool = True, at: str = "zamyn_uud",
    tooltip: str | None = "break of gauge", swap: bool = False,
) -> folium.Map:  # fmt: skip
    stops = _corridor().sort_values(order, ascending=order != "lat")
    if drop:
        stops = stops.dropna(subset=["km_from_prev"])
    m = area_map("mongolia_corridor")
    spots = stops[["lon", "lat"] if swap else ["lat", "lon"]].to_numpy().tolist()
    if line:
        folium.PolyLine(spots).add_to(m)
    for spot in [] if line else spots:
        folium.CircleMarker(spot, radius=4).add_to(m)
    if at:
        mark = _corridor().set_index("place_id").loc[at]
        folium.Marker([mark["lat"], mark["lon"]], tooltip=tooltip).add_to(m)
    return m


def _so_far() -> pd.Series:
    return _corridor()["km_from_prev"].cumsum()


def _row_reached() -> int:
    routes = load("routes").set_index("route_id")
    return int((_so_far() - routes.loc["trans_mongolian", "total_km"]).abs().idxmin())


def _ratio(how: str = "") -> float:
    stops = _corridor()
    both = stops.dropna(subset=["km_from_prev", "drawn_km_from_prev"])
    if how == "mean":
        return float((both["km_from_prev"] / both["drawn_km_from_prev"]).mean())
    drawn = stops if how == "all" else both
    return float(both["km_from_prev"].sum() / drawn["drawn_km_from_prev"].sum())


def _census() -> pd.DataFrame:
    rows = load("region_indicators")
    heads = rows["indicator_id"] == "population_census"
    return rows[heads & rows["region_id"].str.startswith("MN-")]


def _share_along(year: int = 2020, how: str = "") -> float:
    census, stops = _census(), _corridor()
    census = census[census["year"] == year]
    along = census[census["region_id"].isin(stops["region_id"])]
    if how == "twice":
        along = stops.merge(census, on="region_id")
    if how == "capital":
        along = census[census["region_id"] == "MN-1"]
    if how == "people":
        return float(along["value"].sum())
    if how == "joined":
        return float(along["value"].sum() / stops.merge(census, on="region_id")["value"].sum())
    if how == "both":
        return _share_along(2020) * float(census["value"].sum() / _census()["value"].sum())
    if how == "units":
        return len(along) / len(census)
    return float(along["value"].sum() / census["value"].sum())


# --- the border ---------------------------------------------------------------


def _mongolia() -> pd.DataFrame:
    rows = load("border_delays")
    return rows[rows["point"] == "Mongolia, all CPMM crossing points"]


def _hours(year: int, mode: str = "rail", direction: str = "inbound") -> float:
    rows = _mongolia()
    rows = rows[rows["indicator"] == "border-crossing time (TFI1)"]
    return float(rows.set_index(["year", "mode", "direction"])["hours"][year, mode, direction])


def _both_ways(rail: float | None = None) -> dict[str, float]:
    """Return how many times as long the way into Mongolia took in 2023 as in 2022."""
    times = {way: _hours(2023, way) / _hours(2022, way) for way in ("road", "rail")}
    return times if rail is None else times | {"rail": rail}


def _zamyn_uud() -> float:
    rows = load("border_delays")
    here = (rows["point"] == "Zamyn-Uud") & (rows["year"] == 2023)
    return float(rows[here & (rows["quantity"] == "time")]["hours"].iloc[0])


def _speeds() -> list[tuple[float, float]]:
    rows = _mongolia()
    rows = rows[rows["quantity"] == "speed"]
    wide = rows.pivot(index=["mode", "year"], columns="indicator", values="value")
    columns = ["speed without delay (SWOD)", "speed with delay (TFI4, SWD)"]
    return list(wide[columns].dropna().itertuples(index=False, name=None))


def _capacity() -> pd.Series:
    rows = load("border_delays")
    rows = rows[rows["indicator"] == "trains that can be processed per day"]
    return rows.set_index("point")["value"]


def _counted(days: int = 0) -> float:
    rows = load("freight_trains")
    row = rows[(rows["point"] == "Erenhot") & (rows["year"] == 2023)].iloc[0]
    span = (row["period_end"] - row["period_start"]).days + 1
    return float(row["trains"] / (days or span))


def _pair(limit: Callable[[], float], days: int = 0) -> dict[str, float]:
    return {"limit": float(limit()), "counted": _counted(days)}


EXERCISES = [
    Exercise(
        "05.1",
        ask="Find the country a name leaves out",
        objective=5,
        kind="set",
        minutes=3,
        answer=lambda: _signed() - {"CHN", "MNG"},
        mistakes={
            "Turned round: that is what stands in the name and was not in Tashkent. "
            "Begin with signed.": lambda: {"CHN", "MNG"} - _signed(),
            "Those are the two countries the name has. Take them away from signed.": (
                lambda: {"CHN", "MNG"}
            ),
            "That puts both sets together. To take one away from the other, use the "
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
        minutes=10,
        answer=_map_of,
        checks=[
            (
                "Your line has longitude first, so it lies far away. PolyLine wants "
                "pairs of [latitude, longitude].",
                lambda m: not _swapped(m),
            ),
            (
                "There is no line through the stops yet. Hand a list of [latitude, "
                "longitude] pairs to folium.PolyLine.",
                lambda m: any(_stops_on(m)),
            ),
            (
                "The line leaves out some stops. Draw all rows of corridor: a missing "
                "distance is no reason to skip a stop.",
                lambda m: (
                    {n for part in _stops_on(m) for n in part} == set(range(len(_spots())))
                ),
            ),
            (
                "Almost: you sorted by latitude. Zoom in between Beijing and Jining: "
                "the railway turns back north there. Sort by seq.",
                lambda m: all(
                    line not in (_by_latitude(), _by_latitude()[::-1]) for line in _stops_on(m)
                ),
            ),
            (
                "The line jumps back and forth. The order of a route stands in the "
                "column seq: sort by it.",
                lambda m: all(map(_in_order, _stops_on(m))),
            ),
            (
                "The line is right, but the gauge does not change at your marker. Read "
                "down gauge_mm: between which two stops does the number change?",
                lambda m: _markers_at_the_break(m) or not _markers_with_words(m),
            ),
            (
                "The line is right. Now put a folium.Marker where gauge_mm changes from "
                "one stop to the next.",
                _markers_at_the_break,
            ),
            (
                "The marker stands in the right place, but does not say why. Give it a "
                "tooltip with the word gauge.",
                lambda m: any(
                    word in _words(marker)
                    for marker in _markers_at_the_break(m)
                    for word in _GAUGE
                ),
            ),
        ],
        mistakes={
            "Your line has longitude first, so it lies far away. PolyLine wants "
            "pairs of [latitude, longitude].": lambda: _map_of(swap=True),
            "There is no line through the stops yet. Hand a list of [latitude, "
            "longitude] pairs to folium.PolyLine.": lambda: _map_of(line=False),
            "The line leaves out some stops. Draw all rows of corridor: a missing "
            "distance is no reason to skip a stop.": lambda: _map_of(drop=True),
            "Almost: you sorted by latitude. Zoom in between Beijing and Jining: "
            "the railway turns back north there. Sort by seq.": lambda: _map_of("lat"),
            "The line jumps back and forth. The order of a route stands in the "
            "column seq: sort by it.": lambda: _map_of("name_en"),
            "The line is right, but the gauge does not change at your marker. Read "
            "down gauge_mm: between which two stops does the number change?": (
                lambda: _map_of(at="naushki")
            ),
            "The line is right. Now put a folium.Marker where gauge_mm changes from "
            "one stop to the next.": lambda: _map_of(at=""),
            "The marker stands in the right place, but does not say why. Give it a "
            "tooltip with the word gauge.": lambda: _map_of(tooltip=None),
        },
        solution="""
corridor_map = course.area_map("mongolia_corridor", alt="The corridor and its gauges.")
line = corridor.sort_values("seq")[["lat", "lon"]].to_numpy().tolist()
folium.PolyLine(line, weight=4).add_to(corridor_map)
border = corridor.set_index("place_id").loc["zamyn_uud"]
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
        answer=lambda: "Beijing",
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
            "That is where the sum starts again after the gap, not where it ends.": (
                lambda: "Erenhot"
            ),
            "Close, but the next stop comes closer.": lambda: "Zhangjiakou",
            "That is the number of the row. Look up its name_en.": _row_reached,
            "That is the sum of the kilometres. Which stop stands in that row?": (
                lambda: _so_far().max()
            ),
        },
        solution="""
so_far = corridor.set_index("name_en")["km_from_prev"].cumsum()
published = routes.loc["trans_mongolian", "total_km"]
reaches = (so_far - published).abs().idxmin()

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
        kind="number",
        unit="times",
        tolerance=0.006,
        answer=_ratio,
        mistakes={
            "The drawn side has stretches that the sourced side lacks. Compare only "
            "rows that have both.": lambda: _ratio("all"),
            "Upside down: the real way is longer than the drawn one.": (lambda: 1 / _ratio()),
            "That is the mean of the ratios: a short stretch counts as much as a long "
            "one. Add up first, then divide.": lambda: _ratio("mean"),
            "That is how much longer it is. 'How many times as long' includes the "
            "whole.": lambda: _ratio() - 1,
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
        kind="number",
        unit="share between 0 and 1",
        minutes=7,
        answer=_share_along,
        mistakes={
            "Two units have two stops each, and your join counts their people twice. "
            "Keep each unit once: isin does not double.": lambda: _share_along(how="twice"),
            "That is the share in percent. A share runs from 0 to 1.": (
                lambda: 100 * _share_along()
            ),
            "That is the census of 2010. Take 2020.": lambda: _share_along(2010),
            "That is the capital alone. Other units have stops too.": (
                lambda: _share_along(how="capital")
            ),
            "That is a number of people. A share is a part of all people of Mongolia.": (
                lambda: _share_along(how="people")
            ),
            "You divided by the people in joined. The whole is all of Mongolia, with "
            "the provinces that have no stop.": lambda: _share_along(how="joined"),
            "You divided by both censuses together. Take 2020 for the whole, too.": (
                lambda: _share_along(how="both")
            ),
            "You counted units. The exercise asks for people.": (
                lambda: _share_along(how="units")
            ),
        },
        solution="""
now = census[census["year"] == 2020]
with_stop = now[now["region_id"].isin(corridor["region_id"])]
share_along = with_stop["value"].sum() / now["value"].sum()

course.check("05.5", share_along)
""",
        hints=[
            "How often does each region_id stand in joined? The other way round is safer: "
            "begin with the census rows of 2020.",
            'Call these rows now. now["region_id"].isin(corridor["region_id"]) is True for '
            "units with a stop. Sum their value, divide by the sum of all.",
        ],
        after="For Mongolia this line is no side road: more than half of the people live "
        "in a unit with one of our stops. The capital is most of them.",
    ),
    Exercise(
        "05.6",
        ask="Write a function for the share of time spent standing",
        objective=3,
        kind="function",
        unit="share between 0 and 1",
        answer=lambda: lambda rolling, overall: 1 - overall / rolling,
        tolerance=0.025,
        inputs=_speeds,
        mistakes={
            "That is the share of the time spent rolling. The rest of it is "
            "standing.": lambda: lambda rolling, overall: overall / rolling,
            "You divided the standing hours by the rolling hours. The whole is all "
            "hours of the trip.": lambda: lambda rolling, overall: rolling / overall - 1,
            "The two speeds stand in each other's place. The rolling speed comes "
            "first.": lambda: lambda rolling, overall: 1 - rolling / overall,
            "That is how many times as long the trip takes with its stops. Which part of "
            "it is standing?": lambda: lambda rolling, overall: rolling / overall,
            "That is in percent. A share runs from 0 to 1.": (
                lambda: lambda rolling, overall: 100 * (1 - overall / rolling)
            ),
            "That is a difference of speeds, in km an hour. Turn speeds into hours "
            "first: hours = km / speed.": lambda: lambda rolling, overall: rolling - overall,
        },
        solution="""
def standing_share(rolling_speed, overall_speed):
    hours_rolling, hours_in_all = 1 / rolling_speed, 1 / overall_speed
    return 1 - hours_rolling / hours_in_all


course.check("05.6", standing_share)
""",
        hints=[
            "Take a trip of 100 km: how many hours rolling, how many in all?",
            "Standing = hours in all minus hours rolling. Divide by the hours in all. "
            "The kilometres cancel.",
        ],
        after="In 2022 train and truck stood for almost the same share of their time. "
        "The slower one loses more hours by it.",
    ),
    Exercise(
        "05.7",
        ask="Compare road and rail into Mongolia, 2022 and 2023",
        objective=4,
        kind="mapping",
        unit="times",
        tolerance=0.01,
        answer=_both_ways,
        mistakes={
            "Upside down: divide 2023 by 2022. More hours in 2023 give more than 1.": (
                lambda: {way: 1 / times for way, times in _both_ways().items()}
            ),
            "You have road and rail in each other's place.": lambda: {
                "road": _both_ways()["rail"],
                "rail": _both_ways()["road"],
            },
            "Road is right. For rail you took the trains that leave Mongolia.": (
                lambda: _both_ways(
                    _hours(2023, direction="outbound") / _hours(2022, direction="outbound")
                )
            ),
            "Road is right. For rail the earlier figure is of both directions, the later "
            "one of inbound trains.": lambda: _both_ways(
                rail=_hours(2023) / _hours(2022, direction="both")
            ),
            "Road is right. For rail the earlier figure is of outbound trains, the later "
            "one of inbound trains.": lambda: _both_ways(
                rail=_hours(2023) / _hours(2022, direction="outbound")
            ),
            "Road is right. For rail the later figure is of one crossing, Zamyn-Uud, the "
            "earlier one of all crossings.": lambda: _both_ways(
                rail=_zamyn_uud() / _hours(2022)
            ),
            "Road is right. For rail you set Zamyn-Uud against all crossings. For 2022 "
            "Zamyn-Uud has no figure.": lambda: _both_ways(
                rail=_zamyn_uud() / _hours(2022, direction="both")
            ),
            "Road is right. For rail you took the mean of two directions: not as many "
            "trains went each way.": lambda: _both_ways(
                rail=(_hours(2023) + _hours(2023, direction="outbound"))
                / (_hours(2022) + _hours(2022, direction="outbound"))
            ),
            "Those are differences in hours. 'How many times' asks for ratios.": lambda: {
                way: _hours(2023, way) - _hours(2022, way) for way in ("road", "rail")
            },
            "Those are the changes. 'How many times as long' includes the whole: add 1.": (
                lambda: {way: times - 1 for way, times in _both_ways().items()}
            ),
            "Those are the changes in percent. 'How many times as long' asks for "
            "ratios.": lambda: {way: 100 * (times - 1) for way, times in _both_ways().items()},
        },
        solution="""
inbound = hours.xs("inbound", axis=1, level="direction")
times_as_long = inbound.loc[2023] / inbound.loc[2022]

course.check("05.7", times_as_long)
""",
        hints=[
            'hours.loc[2022, ("rail", "inbound")] fetches one cell of the table.',
            "Divide the cell of 2023 by the cell of 2022, both inbound: once for road, "
            "once for rail.",
        ],
        after="One year, one country, two answers: the trucks took half the time, the trains "
        "more than twice. And trains on the way out took less. 'The border got slower' and "
        "'the border got faster' are both true of some row.",
    ),
    Exercise(
        "05.8",
        ask="Hold a stated limit against counted trains",
        objective=4,
        kind="mapping",
        unit="trains a day",
        answer=lambda: _pair(lambda: _capacity().min()),
        mistakes={
            "The limit is not a mean. Trains that wait at the narrowest point gain "
            "nothing from wider ones: take the smallest.": (
                lambda: _pair(lambda: _capacity().mean())
            ),
            "That is Erenhot alone. Which of the three places lets fewest trains through?": (
                lambda: _pair(lambda: _capacity()["Erenhot"])
            ),
            "The limits do not add up: the same train passes all three places.": (
                lambda: _pair(lambda: _capacity().sum())
            ),
            "That is the widest point. A chain lets through what its narrowest point "
            "does.": lambda: _pair(lambda: _capacity().max()),
            "The limit is right. But the row ends on 28 November: count the days from "
            "period_start to period_end.": lambda: _pair(lambda: _capacity().min(), 365),
            "The limit is right. The other figure is all trains of the period: divide "
            "by its days.": lambda: _pair(lambda: _capacity().min(), 1),
        },
        solution="""
row = erenhot[erenhot["year"] == 2023].iloc[0]
days = (row["period_end"] - row["period_start"]).days + 1
trains_a_day = {"limit": capacity["value"].min(), "counted": row["trains"] / days}

course.check("05.8", trains_a_day)
""",
        hints=[
            'capacity["value"].min() finds the narrowest point.',
            "The row of 2023 has period_start and period_end. Their difference in .days, "
            "plus one, is the number of days.",
        ],
        after="More trains were counted than the limit lets through, and the count has "
        "only China-Europe trains. CAREC does not say for which trains or which direction "
        "its limit holds. Report such a pair, do not smooth it over.",
    ),
    Exercise(
        "05.9",
        ask="Write a verdict on claim c12",
        objective=5,
        kind="free",
        words=30,
        mentions=["c12", "Heilongjiang", "change"],
        answer=lambda: (
            "c12: supported in part. The line through Mongolia has no stop in Heilongjiang, "
            "but other lines of the corridor do, by plans older than the meeting. Transit "
            "figures of the province by route would change my verdict."
        ),
        mistakes={
            "Name the claim by its id: c12.": lambda: (
                "Mixed. No stop of the railway lies in Heilongjiang, and no row says "
                "that its goods take this line. Trains through Erenhot did increase all "
                "the same. Figures by route would change my verdict."
            ),
            "The claim is about one province: say what the route has to do with "
            "Heilongjiang.": lambda: (
                "c12: mixed. Trains through Erenhot did increase, but inbound trains "
                "waited longer in 2023 than in the year before, and one text counts them "
                "in another way. Figures by route would change my verdict."
            ),
            "Say what would change your verdict: use the word change.": lambda: (
                "c12: mixed, low confidence. No stop of the railway lies in Heilongjiang, "
                "and no row says that its goods take this line. Trains through Erenhot "
                "did increase, and the road border got quicker."
            ),
        },
        solution='''
my_verdict = """c12: supported in part. The line through Mongolia has no stop in Heilongjiang,
but other lines of the corridor do, by plans older than the meeting. Transit figures of
the province by route would change my verdict."""

course.check("05.9", my_verdict)
''',
        hints=[
            "Three sentences: the verdict, what it rests on, what would change it.",
            "Which lines of the corridor touch the province? Does any row name its goods?",
        ],
        after="The word chance is hard to refute. What can be checked is whether anything "
        "followed, and along which road.",
    ),
]
