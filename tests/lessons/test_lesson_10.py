"""Lesson 10: the curve, the promises and the explorer, beyond what every lesson is held to."""

import re

import folium
import numpy as np
import pandas as pd
import pytest

import course
from course.exercises.verbs import exercise
from course.explore import explorer
from course.lessons.lesson_10 import curve, then


def said(task, answer):
    found = exercise(task).judge(answer)
    return found.status, found.message


def rows(*pairs):
    return pd.DataFrame(pairs, columns=["late", "state"])


# --- the curve ------------------------------------------------------------------


def test_the_curve_of_four_things_is_the_one_in_the_lesson():
    four = rows((1, "done"), (2, "open"), (3, "done"), (4, "open"))
    assert curve(four)["share"].tolist() == [3 / 4, 3 / 8]
    assert curve(four)["at_risk"].tolist() == [4, 2]


def test_what_is_open_on_the_day_another_is_done_still_counts():
    assert curve(rows((1, "open"), (1, "done")))["share"].tolist() == [1 / 2]
    assert curve(rows((1, "open"), (2, "open"))).empty


def test_the_curve_is_that_of_a_library():
    from statsmodels.duration import survfunc as survival

    rng = np.random.default_rng(10)
    for _n in range(20):
        late = rng.integers(0, 8, 25) / 2
        done = rng.random(25) < 0.6
        if not done.any():
            continue
        ours = curve(pd.DataFrame({"late": late, "state": np.where(done, "done", "open")}))
        theirs = survival.SurvfuncRight(late, done.astype(int))
        assert ours["late"].tolist() == theirs.surv_times.tolist()
        assert ours["share"].to_numpy() == pytest.approx(theirs.surv_prob)


def test_the_first_promises_of_the_course_make_a_curve_by_hand():
    # 13 watched: four kept; then 8, 5, 3, 2 and 1 still watched when one is done
    by_hand = 9 / 13 * np.cumprod([1, 7 / 8, 4 / 5, 2 / 3, 1 / 2, 0])
    found = curve()
    assert found["at_risk"].tolist() == [13, 8, 5, 3, 2, 1]
    assert found["share"].to_numpy() == pytest.approx(by_hand)


# --- the data --------------------------------------------------------------------


def test_promises_of_one_country_are_in_no_list_of_joint_projects():
    promises = course.load("project_promises")
    alone = promises[promises["project_id"].isna()]
    assert set(alone["thing"]) == {
        "eastern_lines_stage_2", "eastern_lines_stage_3", "tt_zuunbayan_railway",
    }  # fmt: skip


def test_the_projects_of_june_2017_are_those_that_c47_counts():
    claim = course.load("claims").set_index("claim_id").loc["c47", "evidence"]
    count, finished = map(int, re.findall(r"Of (\d+) .* (\d+) have been finished", claim)[0])
    known = then()
    done = known["completed_on"].notna() & (known["status"] != "ended")
    assert (len(known), int(done.sum())) == (count, finished)


def test_what_the_lesson_says_of_fields_with_little_that_is_new_holds():
    projects = course.load("projects")
    days = projects[["agreed_on", "started_on", "completed_on"]]
    new = projects[(days > "2017-06-14").any(axis=1)]
    science = new[new["sector"] == "science and technology"]
    assert science["started_on"].tolist() == ["2017-06-15"]
    assert set(projects["sector"]) - set(new["sector"]) == {"forestry", "fisheries"}
    assert "new energy sources" not in set(projects["sector"])


def test_the_money_named_is_of_the_years_that_the_lesson_names():
    projects = course.load("projects")
    largest = projects.sort_values("value_usd_bn", ascending=False).head(8)
    years = set(largest["agreed_on"].str[:4].dropna())
    assert {"2008", "2014"} <= years
    assert largest["value_note"].str.contains("2023").any()


# --- answers ---------------------------------------------------------------------


def test_a_duration_may_be_counted_by_another_year():
    days = {"least": 1796, "most": 2161}
    for year in (365, 365.25, 365.2425):
        assert said("10.2", {k: v / year for k, v in days.items()})[0] == "passed"
    assert "middle" in said("10.2", {"least": 5.4, "most": 5.4})[1]
    assert said("10.2", {"least": 4.8, "most": 5.9})[0] == "not yet"


def test_a_length_of_time_without_days_is_named():
    begin, end = pd.Period("2014"), pd.Timestamp("2019-12-02")
    given = {"least": end - begin.end_time, "most": end - begin.start_time}
    assert "lengths of time" in said("10.2", given)[1]
    done, first, last = (pd.Period(d) for d in ("2022-11-16", "2016-03", "2022-05"))
    late = {"first promise": done.start_time - first.end_time}
    late["last promise"] = done.start_time - last.end_time
    assert "lengths of time" in said("10.4", late)[1]


def test_pins_are_told_that_they_are_no_circles():
    m = course.area_map("borderland")
    projects = course.load("projects").query("lon > 87")
    for sector, colour in {
        "energy": "red",
        "transport": "blue",
        "agriculture": "green",
    }.items():
        layer = folium.FeatureGroup(sector).add_to(m)
        for row in projects[projects["sector"] == sector].itertuples():
            words = f"{row.name_en}: {row.status}, {row.status_as_of}"
            pin = folium.Marker([row.lat, row.lon], tooltip=words, icon=folium.Icon(colour))
            pin.add_to(layer)
    folium.LayerControl().add_to(m)
    assert "CircleMarker" in said("10.8", m)[1] and "cannot tell" not in said("10.8", m)[1]


def test_an_unlisted_wrong_share_gets_no_false_diagnosis():
    message = said("10.3", 41.3)[1]
    assert not any(words in message for words in exercise("10.3").mistakes)


def layers(colours, **more):
    east = course.load("projects")
    east = east[east["lon"] > 87]
    m = course.area_map("borderland", alt="Projects of three sectors, a layer each.")
    for sector, colour in colours.items():
        layer = folium.FeatureGroup(f"{sector.title()} projects").add_to(m)
        for row in east[east["sector"] == sector].itertuples():
            words = f"{row.status} as of {row.status_as_of}: {row.name_en}"
            place = [row.lat, row.lon]
            folium.CircleMarker(place, color=colour, tooltip=words, **more).add_to(layer)
    folium.LayerControl().add_to(m)
    return m


def test_maps_in_other_words_and_colours_pass():
    names = {"energy": "red", "transport": "blue", "agriculture": "green"}
    assert said("10.8", layers(names))[0] == "passed"
    filled = {"agriculture": "#117733", "energy": "#882255", "transport": "#332288"}
    assert said("10.8", layers(filled, fill=True, radius=9))[0] == "passed"


def test_colours_that_are_nearly_alike_do_not_pass():
    alike = {"energy": "#0072B2", "transport": "#0070B0", "agriculture": "#009E73"}
    status, message = said("10.8", layers(alike))
    assert status == "not yet" and "differ clearly" in message


# --- the explorer -----------------------------------------------------------------


def seen(**state):
    made = explorer("projects")
    return made.draw(**(made.start() | state))


def test_the_map_and_the_table_hold_the_same_projects():
    for state in ({}, {"sector": "transport"}, {"country": "MNG"}, {"year": 2026}):
        html, features = seen(**state)
        picked = re.findall(r'data-pick="(\w+)"', html)
        marks = {one["id"] for one in features}
        assert len(picked) == len(set(picked)) and marks <= set(picked)
        known = course.load("projects").set_index("project_id")
        off = known.loc[sorted(set(picked) - marks)]
        assert (off["lon"].isna() | (off["lon"] < 60)).all(), state


def test_a_circle_fills_in_the_year_in_which_the_project_was_finished():
    def fill(year):
        return {one["id"]: one["fill"] for one in seen(year=year)[1]}

    before, after = fill(2021), fill(2022)
    assert before["heihe_bridge"] == "#ffffff" != after["heihe_bridge"]
    # a programme whose term ran out was not built
    assert fill(2026)["ne_fe_programme"] == "#ffffff"


def test_what_is_picked_is_marked_in_both_and_described():
    html, features = seen(project="heihe_cableway")
    assert features[-1]["id"] == "heihe_cableway" and features[-1]["label"]
    assert html.count('aria-current="true"') == 1
    assert "In March 2026 building was to end" in html
    first = re.findall(r'data-pick="(\w+)"', html)[0]
    assert first == "heihe_cableway"
    assert "These filters leave it out" in seen(project="heihe_cableway", sector="energy")[0]


def test_an_empty_filter_gets_a_sentence():
    html, features = seen(sector="fisheries", country="MNG")
    assert features == [] and "No row is not the same as no project" in html
    assert "<table" not in html


def test_what_has_no_date_is_not_left_out_without_a_word():
    projects = course.load("projects")
    fish = projects[projects["sector"] == "fisheries"]
    assert fish[["agreed_on", "started_on", "completed_on"]].isna().all(axis=None)
    assert f"{len(fish)} more has no date at all" in seen(sector="fisheries")[0]
    assert "no date at all" not in seen(sector="fisheries", year=2026)[0]


def test_what_is_at_work_is_not_called_unfinished():
    port = next(one for one in seen()[1] if one["id"] == "free_port_vladivostok")
    bridge = next(one for one in seen()[1] if one["id"] == "heihe_bridge")
    assert "not yet finished" in bridge["says"] and "finished" not in port["says"]


def test_no_two_projects_share_a_point():
    spots = [tuple(one["at"]) for one in seen(year=2026)[1]]
    assert len(spots) == len(set(spots))
