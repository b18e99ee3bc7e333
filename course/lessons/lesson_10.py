"""Lesson 10, major projects: its figures, exercises and explorer."""

from functools import cache
from html import escape
from random import Random
from typing import Any

import folium
import pandas as pd

from course.data import load
from course.exercises.exercise import Check, Exercise
from course.explore import Control, Explorer
from course.maps.area import area_map
from course.maps.legible import apart, ink
from course.maps.picture import Drawn, Picture, rounded
from course.words import _, plural

MEETING = "2017-06-14"
YEAR = 365.25  # days
ENERGY = ["energy", "clean energy", "nuclear"]
OPEN = ["announced", "agreed", "under construction"]


# --- sectors and status -------------------------------------------------------


def _share(chosen: pd.Series) -> float:
    """Return the percent of rows for which something holds."""
    return float(100 * chosen.mean())


def _sectors(wide: list[str] = ENERGY, narrow: list[str] = ENERGY[:1]) -> dict[str, float]:
    sector = load("projects")["sector"]
    both = {"narrow": narrow, "wide": wide}
    return {name: _share(sector.isin(listed)) for name, listed in both.items()}


def _with_pipelines() -> float:
    rows = load("projects")
    pipes = rows["sub_sector"].str.contains("pipeline")
    return _share(rows["sector"].isin(ENERGY)) + _share(pipes)


def _counts(*sectors: str) -> int:
    return int(load("projects")["sector"].isin(sectors).sum())


def _seen(year: int = 2019, states: list[str] = OPEN) -> pd.Series:
    """Tell of each project of these states whether its state was seen before a year."""
    rows = load("projects")
    rows = rows[rows["status"].isin(states)]
    return rows["status_as_of"].str[:4].astype(int) < year


def _old(year: int = 2019, states: list[str] = OPEN) -> float:
    return _share(_seen(year, states))


# --- dates --------------------------------------------------------------------


def _first(text: str) -> pd.Timestamp:
    return pd.Period(text).start_time


def _last(text: str) -> pd.Timestamp:
    return pd.Period(text).end_time


def _years(begin: pd.Timestamp, end: pd.Timestamp, unit: float = YEAR) -> float:
    return (end - begin).days / unit


def _gas(unit: float = YEAR) -> dict[str, float]:
    """Return how long Power of Siberia took at least and at most, in years."""
    row = load("projects").query("project_id == 'power_of_siberia'")
    begin, end = str(row["started_on"].iloc[0]), str(row["completed_on"].iloc[0])
    least, most = (_last(begin), _first(end)), (_first(begin), _last(end))
    return {"least": _years(*least, unit), "most": _years(*most, unit)}


# --- promises -----------------------------------------------------------------


@cache
def _promises() -> pd.DataFrame:
    """Return all promises, each with the years by which it was missed at least."""
    rows = load("project_promises")
    reached = rows["done_on"].fillna(rows["as_of"]).map(_first)
    wait = reached - rows["promised_for"].map(_last)
    return rows.assign(late=(wait.dt.days / YEAR).clip(lower=0))


def _first_due() -> pd.DataFrame:
    """Return the first promise of each thing whose date has passed, or that was kept."""
    rows = _promises()
    due = (rows["late"] > 0) | (rows["state"] == "done")
    return rows[due & (rows["number"] == 1)]


def _bridge(
    thing: str = "tongjiang_bridge", unit: float = YEAR, end: Any = _last
) -> dict[str, float]:
    """Return by how much a thing missed the first and the last of its promises."""
    rows = load("project_promises").query("thing == @thing")
    done = _first(rows["done_on"].iloc[0])
    late = [_years(end(text), done, unit) for text in rows["promised_for"]]
    return {"first promise": late[0], "last promise": late[-1]}


def _step(share: float, at_risk: int, done: int) -> float:
    return share * (1 - done / at_risk)


def _steps(rng: Random) -> list[tuple[Any, ...]]:
    """Return shares, with how many were waiting and how many of them were done."""
    some = [(1.0, 4, 1), (0.75, 2, 1), (0.5, 3, 3), (0.8, 5, 0)]
    for _n in range(3):
        at_risk = rng.randint(5, 40)
        some.append((rng.randint(10, 95) / 100, at_risk, rng.randint(1, at_risk - 1)))
    return some


def curve(rows: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the estimate of Kaplan and Meier for first promises not yet reached.

    Args:
        rows: with columns ``late`` (years) and ``state``; the first promises if left out.

    Returns:
        One row per time at which something was done: late, at_risk, done, share.
    """
    rows = _first_due() if rows is None else rows
    share, found = 1.0, []
    done = rows["state"] == "done"
    for late in sorted(rows["late"][done].unique()):
        at_risk, now = (
            int((rows["late"] >= late).sum()),
            int((done & (rows["late"] == late)).sum()),
        )
        share = _step(share, at_risk, now)
        found.append((late, at_risk, now, share))
    return pd.DataFrame(found, columns=["late", "at_risk", "done", "share"])


# --- June 2017, and three pictures --------------------------------------------


_NEVER = "9999"  # sorts after every date


def _begun(rows: pd.DataFrame) -> pd.Series:
    """Return the earlier of two days, as text; `_NEVER` where there is none."""
    # pandas 2 finds no least among texts and gaps
    return rows[["agreed_on", "started_on"]].fillna(_NEVER).min(axis=1)


def then() -> pd.DataFrame:
    """Return the projects agreed or begun by the meeting and not finished by then."""
    rows = load("projects")
    return rows[(_begun(rows) <= MEETING) & ~(rows["completed_on"] <= MEETING)]


def _finished(rows: pd.DataFrame) -> pd.Series:
    """Tell which projects were finished after the meeting; to run out is not to finish."""
    return (rows["completed_on"] > MEETING) & (rows["status"] != "ended")


def _pictures(sectors: list[str] = ENERGY[:1], without: str = "") -> dict[str, float]:
    """Return the share of some sectors by count, by money and by what was finished."""
    rows = load("projects")
    money = rows["value_usd_bn"].mask(rows["project_id"] == without).fillna(0)
    ours, finished = rows["sector"].isin(sectors), _finished(rows)
    return {
        "projects": _share(ours),
        "money": float(100 * money[ours].sum() / money.sum()),
        "finished": _share(ours[finished]),
    }


def _pictures_with(**other: float) -> dict[str, float]:
    return _pictures() | other


def _finished_ever() -> float:
    rows = load("projects")
    ever = rows["completed_on"].notna() & (rows["status"] != "ended")
    return _share(rows[ever]["sector"] == "energy")


def _finished_or_over() -> float:
    rows = load("projects")
    return _share(rows[rows["completed_on"] > MEETING]["sector"] == "energy")


def _finished_of_sector() -> float:
    rows = load("projects")
    return _share(_finished(rows[rows["sector"] == "energy"]))


def _mean_money() -> float:
    rows = load("projects")
    means = rows.groupby("sector")["value_usd_bn"].mean().fillna(0)
    return float(100 * means["energy"] / means.sum())


# --- the map ------------------------------------------------------------------

_LAYERS = {"energy": "#D55E00", "transport": "#0072B2", "agriculture": "#009E73"}
_EAST = 87  # degrees: here the first view of the borderland begins


def _of_layer(sector: str) -> pd.DataFrame:
    rows = load("projects")
    return rows[(rows["sector"] == sector) & (rows["lon"] > _EAST)]


def _project_map(
    colours: dict[str, str] | None = None,
    names: dict[str, str] | None = None,
    east: float = _EAST,
    says: str = "{name_en}: {status}, {status_as_of}",
    control: bool = True,
    rows: int = 99,
    kind: type[folium.Marker] = folium.CircleMarker,
) -> folium.Map:
    """Return the map of the exercise, or one with a fault."""
    m = area_map("borderland")
    for sector, colour in (colours or _LAYERS).items():
        layer = folium.FeatureGroup((names or {}).get(sector, sector)).add_to(m)
        every = load("projects")
        listed = every[(every["sector"] == sector) & (every["lon"] > east)]
        for row in listed.head(rows).to_dict("records"):
            at = [row["lat"], row["lon"]]
            words = says.format_map({str(column): cell for column, cell in row.items()})
            kind(at, color=colour, tooltip=words).add_to(layer)
    if control:
        folium.LayerControl().add_to(m)
    return m


_TOO_NEAR = {"energy": "red", "transport": "#f01010", "agriculture": "blue"}


def _marks(p: Picture) -> dict[str, list[Drawn]]:
    """Return the marks of the layer that is named for each sector."""
    found: dict[str, list[Drawn]] = {}
    for sector in _LAYERS:
        for number, layer in enumerate(p.layers):
            named = [s for s in _LAYERS if s in layer["name"].lower()]
            if named == [sector]:
                found.setdefault(sector, []).extend(m for m in p.marks if m.layer == number)
    return found


def _three_layers(p: Picture) -> bool:
    return all(_marks(p).get(sector) for sector in _LAYERS)


def _circles(p: Picture) -> bool:
    kinds = {mark.kind for marks in _marks(p).values() for mark in marks}
    return kinds <= {"CircleMarker", "Circle"}


def _in_place(p: Picture, east: float = _EAST) -> bool:
    every = load("projects").dropna(subset=["lat"])
    return all(
        rounded([mark.at for mark in marks], 2)
        == rounded(every[(every["sector"] == sector) & (every["lon"] > east)], 2)
        for sector, marks in _marks(p).items()
    )


def _own_colours(p: Picture) -> bool:
    """Tell whether each layer has one colour, unlike those of the others."""
    sets = [{ink(mark).lower() for mark in marks} for marks in _marks(p).values()]
    return all(len(one) == 1 for one in sets) and apart(one.pop() for one in sets)


def _says(p: Picture, *columns: str) -> bool:
    """Tell whether each mark has words of the project that is there, in some columns."""
    for sector, marks in _marks(p).items():
        rows = _of_layer(sector)
        for mark in marks:
            near = rows[
                (rows["lat"] - mark.at[0]).abs() + (rows["lon"] - mark.at[1]).abs() < 0.02
            ]
            words = [[str(row[c]) for c in columns] for row in near.to_dict("records")]
            if not any(all(w in mark.words for w in each) for each in words):
                return False
    return True


# --- the exercises ------------------------------------------------------------

_SAYS = """In the table the Russian partner of the airliner had left by August 2023,
    and the contract on the helicopter was signed in June 2021. No row shows an aircraft
    that was built together and delivered. In space most rows are papers."""
_CHANGE = "A page that shows an aircraft or a spacecraft built by both and in service."


def _example() -> dict[str, Any]:
    """Return a verdict as an example."""
    rows = load("projects")
    flight = rows[rows["sector"].isin(["aviation", "space"])]
    return {
        "claim": "c19",
        "word": "contradicted in part",
        "confidence": "medium",
        "because": [flight],
        "says": _SAYS,
        "would_change": _CHANGE,
    }


EXERCISES = [
    Exercise(
        "10.1",
        ask="Count energy in a narrow and in a wide sense",
        objective=0,
        kind="mapping",
        unit="percent",
        digits=1,
        answer=_sectors,
        mistakes={
            "These are counts of projects. Divide by the number of all projects, times "
            "100.": lambda: {"narrow": _counts("energy"), "wide": _counts(*ENERGY)},
            "These are fractions of one. The exercise asks for percent.": lambda: {
                name: share / 100 for name, share in _sectors().items()
            },
            "In the wide sense nuclear power is still missing: its sector does not have "
            "the word energy in its name.": lambda: _sectors(ENERGY[:2]),
            "In the wide sense clean energy is still missing.": lambda: _sectors(ENERGY[::2]),
            "Narrow means the sector called energy and nothing else. Yours holds clean "
            "energy as well: contains finds the word inside other words.": lambda: _sectors(
                narrow=ENERGY[:2]
            ),
            "You counted the pipelines twice. They are in the sector energy already.": (
                lambda: _sectors() | {"wide": _with_pipelines()}
            ),
            "The two are exchanged: the wide sense holds more.": lambda: _sectors(
                ENERGY[:1], ENERGY
            ),
        },
        solution="""
narrow = projects["sector"] == "energy"
wide = projects["sector"].isin(["energy", "clean energy", "nuclear"])
energy_share = {"narrow": 100 * narrow.mean(), "wide": 100 * wide.mean()}

course.check("10.1", energy_share)
""",
        hints=[
            "Three sectors of the table are about energy in the wide sense. Read the list.",
            "isin([...]) marks the rows of several sectors. sum() counts the marks, "
            "len(projects) counts all.",
        ],
        after="Both are right, and one is much larger. A headline on the weight of "
        "energy has to say which sense it means.",
    ),
    Exercise(
        "10.2",
        ask="Bound a duration whose start is only a year",
        objective=1,
        kind="mapping",
        unit="years",
        digits=1,
        answer=_gas,
        mistakes={
            "These are days. Divide by 365.25.": lambda: _gas(1),
            "These are months. The exercise asks for years: divide days by 365.25.": (
                lambda: _gas(YEAR / 12)
            ),
            "The two are exchanged: the later the start, the shorter the time.": lambda: {
                "least": _gas()["most"],
                "most": _gas()["least"],
            },
            "Both begin on the first day of 2014. For the least, work begins as late as "
            "the year allows: last(...).": lambda: dict.fromkeys(
                ["least", "most"], _gas()["most"]
            ),
            "Both begin on the last day of 2014. For the most, work begins as early as "
            "the year allows: first(...).": lambda: dict.fromkeys(
                ["least", "most"], _gas()["least"]
            ),
            "You subtracted years. That throws the day of the end away: keep the dates.": (
                lambda: dict.fromkeys(["least", "most"], 5)
            ),
            "You took the middle of 2014. Nothing says that work began there: give the "
            "two bounds.": lambda: dict.fromkeys(["least", "most"], sum(_gas().values()) / 2),
        },
        solution="""
least = (first("2019-12-02") - last("2014")).days / 365.25
most = (last("2019-12-02") - first("2014")).days / 365.25
gas_years = {"least": least, "most": most}

course.check("10.2", gas_years)
""",
        hints=[
            "For the least, begin as late as possible and end as early as possible.",
            'first("2014") and last("2014") are the ends of the year. Subtract, take '
            "the days, divide by 365.25.",
        ],
        after="A year of doubt at one end is a year of doubt in the result. One number "
        "would hide it.",
    ),
    Exercise(
        "10.3",
        ask="Find how old the word on an open project is",
        objective=2,
        unit="percent",
        digits=1,
        answer=_old,
        named={"year": 2019},
        minutes=4,
        mistakes={
            "That is the number of projects. The exercise asks for percent of the open "
            "ones.": lambda: int(_seen().sum()),
            "That is a fraction of one. The exercise asks for percent.": lambda: _old() / 100,
            "You divided by all projects. The question is on the open ones: the three "
            "states only.": lambda: float(100 * _seen().sum() / len(load("projects"))),
            "That is the share of all projects, whatever their state. Keep the three "
            "states first.": lambda: _share(
                load("projects")["status_as_of"].str[:4].astype(int) < 2019
            ),
            "That is the share seen in 2019 or later. The exercise asks for those seen "
            "before.": lambda: 100 - _old(),
            "That is the share for announced alone. Agreed and under construction are "
            "open as well.": lambda: _old(states=OPEN[:1]),
            "Projects under construction are missing. Three states count as open here.": (
                lambda: _old(states=OPEN[:2])
            ),
        },
        solution="""
open_now = projects[projects["status"].isin(["announced", "agreed", "under construction"])]
seen_year = open_now["status_as_of"].str[:4].astype(int)
old_share = 100 * (seen_year < 2019).mean()

course.check("10.3", old_share)
""",
        hints=[
            "First keep the open projects: status with isin and the three words.",
            "Take the year of status_as_of as above, compare with < 2019, and see what "
            "share is True.",
        ],
        after="An open project last seen years ago may be finished, dead or just quiet. "
        "The table does not say: its status is the last word that was found.",
    ),
    Exercise(
        "10.4",
        ask="Measure one delay against two promises",
        objective=3,
        kind="mapping",
        unit="years",
        digits=1,
        answer=_bridge,
        mistakes={
            "These are days. Divide by 365.25.": lambda: _bridge(unit=1),
            "These are months. The exercise asks for years.": lambda: _bridge(unit=YEAR / 12),
            "You counted from the first day of the month promised. A promise for a month "
            "is kept until its last day: last(...).": lambda: _bridge(end=_first),
            "The two are exchanged: the first promise was made long before the last.": (
                lambda: dict(zip(_bridge(), [*_bridge().values()][::-1], strict=True))
            ),
            "You subtracted calendar years. Use the dates: months count.": lambda: {
                "first promise": 6,
                "last promise": 0,
            },
            "That is the road bridge at Heihe. The exercise asks for the railway bridge "
            "at Tongjiang.": lambda: _bridge("heihe_bridge"),
            "These are negative: subtract the promise from the day it was done.": lambda: {
                name: -late for name, late in _bridge().items()
            },
        },
        solution="""
done = first("2022-11-16")
bridge_late = {
    "first promise": (done - last("2016-03")).days / 365.25,
    "last promise": (done - last("2022-05")).days / 365.25,
}

course.check("10.4", bridge_late)
""",
        hints=[
            "The first row of bridge has number 1. The last row has the last promise.",
            "done_on as first(...), minus promised_for as last(...); take the days.",
        ],
        after="Half a year late or more than six: both are true of one bridge. Whoever "
        "quotes a delay has to say against which promise.",
    ),
    Exercise(
        "10.5",
        ask="Write one step of the curve",
        objective=4,
        kind="function",
        digits=3,
        minutes=6,
        answer=lambda: _step,
        inputs=_steps,
        mistakes={
            "That is the share of those who finish now. You want those who do not: 1 "
            "minus it.": lambda: lambda share, at_risk, done: share * done / at_risk,
            "You subtracted. Only a part of those still waiting finish: multiply what was "
            "left by the part that goes on waiting.": (
                lambda: lambda share, at_risk, done: share - done / at_risk
            ),
            "You forgot what was left before: multiply by share.": (
                lambda: lambda share, at_risk, done: 1 - done / at_risk
            ),
            "You divided by at_risk + done. Those who finish now are among those at "
            "risk.": lambda: lambda share, at_risk, done: share * (1 - done / (at_risk + done)),
            "The fraction is upside down: done over at_risk.": (
                lambda: lambda share, at_risk, done: share * (1 - at_risk / max(done, 1))
            ),
        },
        solution="""
def step(share, at_risk, done):
    return share * (1 - done / at_risk)

course.check("10.5", step)
""",
        hints=[
            "Of those at risk, the part done / at_risk finishes now. Which part does not?",
            "Multiply the old share by 1 - done / at_risk, with brackets.",
        ],
        after="That is the whole method of Kaplan and Meier. Whatever drops out of sight "
        "leaves the number at risk, and nothing else.",
    ),
    Exercise(
        "10.6",
        ask="See what became of the open projects of June 2017",
        objective=5,
        unit="percent",
        digits=1,
        minutes=4,
        answer=lambda: _share(_finished(then())),
        mistakes={
            "That is the number of projects. Divide by those in then_open.": lambda: int(
                _finished(then()).sum()
            ),
            "That is a fraction of one. The exercise asks for percent.": lambda: float(
                _finished(then()).mean()
            ),
            "You counted a programme whose term ran out. Leave out the status ended.": (
                lambda: _share(then()["completed_on"].notna())
            ),
            "That counts the status operating. A project may operate for years and have no "
            "end: use completed_on.": lambda: _share(then()["status"] == "operating"),
            "That is the share of the whole table. Keep to the projects of then_open.": (
                lambda: _share(_finished(load("projects")))
            ),
            "You divided by all projects of the table. Divide by those in then_open.": (
                lambda: float(100 * _finished(then()).sum() / len(load("projects")))
            ),
            "That is the share not finished. The exercise asks for the finished ones.": (
                lambda: 100 - _share(_finished(then()))
            ),
        },
        solution="""
finished = then_open["completed_on"].notna() & (then_open["status"] != "ended")
finished_share = 100 * finished.sum() / len(then_open)

course.check("10.6", finished_share)
""",
        hints=[
            "None of them was finished in June 2017. So any completed_on came later.",
            "notna() marks the cells that are filled. Join it with & to a condition on the "
            "status, count, and divide by len(then_open).",
        ],
        after="The share is of these rows and of no others. It is no rate of success: "
        "whoever made the table knew in 2026 which names would be remembered.",
    ),
    Exercise(
        "10.7",
        ask="Draw three pictures of one sector",
        objective=5,
        kind="mapping",
        unit="percent",
        digits=1,
        answer=_pictures,
        mistakes={
            "These are fractions of one. The exercise asks for percent.": lambda: {
                name: share / 100 for name, share in _pictures().items()
            },
            "You took energy in the wide sense. Here it is the sector called energy.": (
                lambda: _pictures(ENERGY)
            ),
            "For finished you took all that was finished, also before the meeting. Use the "
            "column since.": lambda: _pictures_with(finished=_finished_ever()),
            "For finished you took programmes that only ran out. Use the column since.": (
                lambda: _pictures_with(finished=_finished_or_over())
            ),
            "For finished you divided by the projects of the sector. The whole is all that "
            "was finished since.": lambda: _pictures_with(finished=_finished_of_sector()),
            "For money you compared averages. Add up the money of the sector, and of all.": (
                lambda: _pictures_with(money=_mean_money())
            ),
            "You left out the gas contract. Take the column as it is; what the row means "
            "comes next.": lambda: _pictures(without="power_of_siberia"),
        },
        solution="""
energy = projects["sector"] == "energy"
money = projects["value_usd_bn"]
pictures = {
    "projects": 100 * energy.sum() / len(projects),
    "money": 100 * money[energy].sum() / money.sum(),
    "finished": 100 * since[energy].sum() / since.sum(),
}

course.check("10.7", pictures)
""",
        hints=[
            'Begin with the rows of the sector: energy = projects["sector"] == "energy".',
            "For money: the sum of value_usd_bn in these rows, divided by the sum of all. "
            "For finished: since in these rows, and in all.",
        ],
        after="One sector, three weights. None is wrong, and only the first rests on "
        "all the rows.",
    ),
    Exercise(
        "10.8",
        ask="Map the projects of three sectors",
        objective=6,
        kind="map",
        area="borderland",
        minutes=15,
        answer=_project_map,
        mistakes={},
        checks=[
            Check(
                "There should be three layers with projects in them: a FeatureGroup each for "
                "energy, transport and agriculture, named so.",
                _three_layers,
                lambda: _project_map(names={"energy": "layer 1"}),
            ),
            Check(
                "There are projects from far in the west as well. Keep those with a lon "
                "above 87.",
                lambda p: not _in_place(p, 0),
                lambda: _project_map(east=0),
            ),
            Check(
                "Some marks are not circles, so the colours of your layers cannot be compared. "
                "Draw each project as a CircleMarker.",
                _circles,
                lambda: _project_map(kind=folium.Marker),
            ),
            Check(
                "The marks are not where the projects of their sector are, or some are "
                "missing. Each project east of 87 degrees wants one mark in its layer.",
                _in_place,
                lambda: _project_map(rows=2),
            ),
            Check(
                "A reader cannot tell the sectors apart. Give each layer one colour, and "
                "three colours that differ clearly.",
                _own_colours,
                lambda: _project_map(colours=_TOO_NEAR),
            ),
            Check(
                "A mark does not say which project it is. Put the name_en of its row into the "
                "tooltip.",
                lambda p: _says(p, "name_en"),
                lambda: _project_map(says="{sector} {status} {status_as_of}"),
            ),
            Check(
                "A status without a date says little. Put status and status_as_of into the "
                "tooltip as well.",
                lambda p: _says(p, "name_en", "status", "status_as_of"),
                lambda: _project_map(says="{name_en}: {status}"),
            ),
            Check(
                "The layers are there, but no switch for them. Add folium.LayerControl().",
                lambda p: p.switch,
                lambda: _project_map(control=False),
            ),
        ],
        solution="""
east = projects[projects["lon"] > 87]
colours = {"energy": "#D55E00", "transport": "#0072B2", "agriculture": "#009E73"}
project_map = course.area_map("borderland", alt="Projects of three sectors, a layer each.")
project_map.fit_bounds([[41, 100], [55, 137]])
for sector, colour in colours.items():
    layer = folium.FeatureGroup(sector).add_to(project_map)
    for row in east[east["sector"] == sector].itertuples():
        says = f"{row.name_en}: {row.status}, as of {row.status_as_of}"
        dot = folium.CircleMarker([row.lat, row.lon], radius=6, color=colour, tooltip=says)
        dot.add_to(layer)
folium.LayerControl(collapsed=False).add_to(project_map)

course.check("10.8", project_map)
""",
        hints=[
            "A dictionary of sectors and colours, and a loop over its items(): one "
            "FeatureGroup each.",
            "Inside it, a loop over the rows of that sector with itertuples(). Each row "
            "gives lat, lon, name_en, status and status_as_of.",
        ],
        after="A map of projects is a map of what was written about. An empty stretch "
        "may have no project, or no reporter.",
    ),
    Exercise(
        "10.9",
        ask="Sign a verdict on one field of cooperation",
        objective=7,
        kind="verdict",
        minutes=6,
        claims=["c13", "c15", "c17", "c19", "c20", "c21", "c22", "c23", "c28", "c47"],
        answer=_example,
        mistakes={},
        solution=f'''
my_verdict = course.Verdict(
    "c19", "contradicted in part", confidence="medium",
    because=[flight],
    says="""{_SAYS}""",
    would_change="{_CHANGE}",
)

course.check("10.9", my_verdict)
''',
        hints=[
            "Choose the claim you can say most about. Its rows are in one of the tables of "
            "this section.",
            "Say as of when each state holds, and what you looked for and did not find.",
        ],
        after="You judged a field by what was built, agreed or dropped, each with its "
        "date. A reader of a later year can go on from there.",
    ),
]


# --- the explorer: projects on a map and in a table -----------------------------

_STATES: dict[str, tuple[str, list[str]]] = {
    "all": (_("all states"), []),
    "paper": (_("announced or agreed"), ["announced", "agreed"]),
    "built": (_("under construction"), ["under construction"]),
    "works": (_("operating or completed"), ["operating", "completed"]),
    "ended": (_("stalled, ended or unknown"), ["stalled", "ended", "unknown"]),
}
_COUNTRIES = {
    "all": _("all countries"),
    "CHN": _("China"),
    "RUS": _("Russia"),
    "MNG": _("Mongolia"),
}
_WEST = 60  # degrees: what lies west of it is not on the basemap
_UNTIL = 2026  # what is not dated is shown from here on
_FAMILY = {  # sectors by colour: more than six no eye can tell apart
    _("energy, clean energy, nuclear"): (0, {*ENERGY}),
    _("transport, infrastructure"): (1, {"transport", "infrastructure"}),
    _("investment, trade"): (2, {"investment", "trade"}),
    _("farms, forests, fish"): (6, {"agriculture", "forestry", "fisheries"}),
    _("science, space, aviation"): (4, {"science and technology", "space", "aviation"}),
    _("culture, tourism, environment"): (5, {"culture", "tourism", "environment"}),
}


@cache
def _records() -> list[dict[Any, Any]]:
    """Return the projects as the explorer needs them, each at a point of its own."""
    from course.charts import COLOURS

    rows = load("projects")
    rows = rows.assign(begun=_begun(rows).where(lambda day: day != _NEVER))
    records, at = [], dict[tuple[float, float], int]()
    for row in rows.astype(object).where(rows.notna(), None).to_dict("records"):
        dated = row["begun"] or row["completed_on"]
        row["dated"] = dated is not None
        row["since"] = int(dated[:4]) if dated else _UNTIL
        ran_out = row["status"] == "ended"
        row["until"] = (
            int(row["completed_on"][:4]) if row["completed_on"] and not ran_out else None
        )
        row["colour"] = next(
            COLOURS[n] for n, some in _FAMILY.values() if row["sector"] in some
        )
        if row["lat"] is not None and row["lon"] > _WEST:
            place = (row["lat"], row["lon"])
            row["spot"] = _aside(*place, at.setdefault(place, 0))
            at[place] += 1
        records.append(row)
    return records


def _aside(lat: float, lon: float, number: int) -> list[float]:
    """Return a point beside a place, where several projects share it."""
    ring = [(0, 0), (1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1)]
    up, right = ring[number % len(ring)]
    return [lat + 0.35 * up, lon + 0.5 * right]


def _projects(
    sector: str, country: str, state: str, year: int, project: str
) -> tuple[str, list[dict[str, Any]]]:
    fits = [
        row
        for row in _records()
        if sector in ("all", row["sector"])
        and (country == "all" or country in row["countries"])
        and (state == "all" or row["status"] in _STATES[state][1])
    ]
    rows = [row for row in fits if row["since"] <= year]
    undated = sum(not row["dated"] for row in fits if row not in rows)
    points = [_point(row, year, row["project_id"] == project) for row in rows if "spot" in row]
    points.sort(key=lambda point: point["radius"])  # the one that was picked lies on top
    chosen = _("all sectors") if sector == "all" else sector
    named = f"{chosen}, {_COUNTRIES[country]}, {_STATES[state][0]}"
    words = _summary(named, rows, year, project, undated)
    return words + _table(rows, year, project), points


def _built(row: dict[str, Any], year: int) -> bool:
    return row["until"] is not None and row["until"] <= year


def _point(row: dict[str, Any], year: int, picked: bool) -> dict[str, Any]:
    built = _built(row, year)
    state = _("not yet finished") if row["until"] else _("no day of an end or opening found")
    if built:
        state = _("finished or opened {day}", day=row["completed_on"])
    found: dict[str, Any] = {
        "at": row["spot"],
        "radius": 11 if picked else 6,
        "color": row["colour"],
        "fill": row["colour"] if built else "#ffffff",
        "says": f"{row['name_en']}: {row['sector']}; {state}",
        "id": row["project_id"],
    }
    return found | ({"label": row["name_en"]} if picked else {})


def _summary(
    named: str, rows: list[dict[str, Any]], year: int, project: str, undated: int
) -> str:
    count = plural("{count} project", "{count} projects", len(rows))
    built = sum(_built(row, year) for row in rows)
    told = _(
        "{count} announced, agreed or begun by the end of {year}, "
        "{built} of them finished or opened.",
        count=count, year=year, built=built,
    )  # fmt: skip
    if year == _UNTIL:
        told = _("{count}, with those that have no date; {built} of them finished or opened.",
                 count=count, built=built)  # fmt: skip
    if not rows:
        told = _("No project of the table fits. No row is not the same as no project.")
    off = [row for row in rows if "spot" not in row]
    words = f"<p>{named[:1].upper()}{named[1:]}.<br><b>{told}</b>"
    if off:
        words += " " + plural(
            "{count} has no place, or lies west of the map.",
            "{count} have no place, or lie west of the map.",
            len(off),
        )
    if undated:
        words += " " + plural(
            "{count} more has no date at all: it is shown in the last year of the slider.",
            "{count} more have no date at all: they are shown in the last year of the slider.",
            undated,
        )
    return words + f"</p>{_card(rows, project)}"


def _card(rows: list[dict[str, Any]], project: str) -> str:
    """Write out the project that was picked."""
    picked = next((row for row in _records() if row["project_id"] == project), None)
    if picked is None:
        return f"<p>{_('Pick a point on the map or a name in the table.')}</p>"
    hidden = "" if picked in rows else " " + _("These filters leave it out.")
    where = {
        "town": "",
        "none": _("It has no single place."),
        "stand-in": _("Its point is a stand-in."),
    }.get(picked["geo_precision"], _("Its point is the centre of its district or region."))
    text = (
        f"<b>▶ {escape(picked['name_en'])}</b>. {escape(picked['description'])} "
        f"<b>{escape(picked['status'])}</b>, {_('as of')} {picked['status_as_of']}: "
        f"{escape(picked['status_detail'])} {where}{hidden}"
    )
    return f"<p>{text}</p>"


_CELL = 'style="text-align:left;padding:2px 8px;white-space:nowrap"'
_LINK = (
    'style="font:inherit;color:inherit;background:none;border:0;padding:0;text-align:left;'
    'white-space:normal;text-decoration:underline;cursor:pointer"'
)


def _table(rows: list[dict[str, Any]], year: int, project: str) -> str:
    if not rows:
        return ""
    names = [
        _("project"),
        _("sector"),
        _("begun"),
        _("finished"),
        _("latest status"),
        _("as of"),
    ]
    head = "".join(f"<th {_CELL}>{name}</th>" for name in names)
    key = "".join(
        f'<span style="margin-right:12px;white-space:nowrap"><span class="course-colour" '
        f'style="color:{_colour_of(number)}" aria-hidden="true">●</span> {family}</span>'
        for family, (number, _some) in _FAMILY.items()
    )
    picked = [row for row in rows if row["project_id"] == project]  # comes first
    rows = picked + [row for row in rows if row["project_id"] != project]
    lines = "".join(_line(row, year, row["project_id"] == project) for row in rows)
    source = _(
        "Filled: finished or opened by the end of the year, wholly or in part. Hollow: not "
        "yet, or no such day was found. Projects of one town are drawn side by side."
    )
    return (
        f"<p>{key}<br><small>{source}</small></p>"
        '<div style="max-height:300px;overflow:auto" tabindex="0" role="region" '
        f'aria-label="{_("Projects")}"><table><tr>{head}</tr>{lines}</table></div>'
    )


def _colour_of(number: int) -> str:
    from course.charts import COLOURS

    return COLOURS[number]


def _line(row: dict[str, Any], year: int, picked: bool) -> str:
    name = escape(row["name_en"])
    sign = "▶ " if picked else ""
    button = f'<button data-pick="{row["project_id"]}" {_LINK}>{sign}{name}</button>'
    done = row["completed_on"] if _built(row, year) else "–"
    cells = [
        button,
        row["sector"],
        row["begun"] or "–",
        done,
        row["status"],
        row["status_as_of"],
    ]
    style = ' aria-current="true" style="outline:2px solid currentColor"' if picked else ""
    first = _CELL.replace("nowrap", "normal")
    styles = [first] + [_CELL] * (len(cells) - 1)
    both = zip(cells, styles, strict=True)
    return f"<tr{style}>" + "".join(f"<td {how}>{cell}</td>" for cell, how in both) + "</tr>"


def _sector_options() -> list[tuple[str, str]]:
    found = sorted({row["sector"] for row in _records()})
    return [(_("all sectors"), "all"), *((name, name) for name in found)]


def _project_options() -> list[tuple[str, str]]:
    named = sorted((row["name_en"], row["project_id"]) for row in _records())
    return [(_("none"), "none"), *named]


projects = Explorer(
    _("Projects, announced and built"),
    {
        "sector": Control(_("Sector"), _sector_options),
        "country": Control(_("Takes part"), [(n, c) for c, n in _COUNTRIES.items()]),
        "state": Control(_("Latest status"), [(n, s) for s, (n, _l) in _STATES.items()]),
        "year": Control(
            _("By the end of"), list(range(2014, _UNTIL + 1)), start=2017, slider=True
        ),
        "project": Control(_("Project"), _project_options),
    },
    _projects,
    area="heilongjiang",
    picks="project",
    alt=_("Joint projects of Russia, China and Mongolia, filled where finished or opened."),
    height=430,
)
