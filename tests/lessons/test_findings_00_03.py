"""What trials of the lessons found wrong with checks, each as a small test."""

import pytest

from course.lessons import room


def said(exercise, given):
    """Status and message for an answer."""
    (task,) = (task for task in room(exercise[:2]).EXERCISES if task.id == exercise)
    found = task.judge(given(task) if callable(given) else given)
    return found.status, found.message


# --- diagnoses that fit by accident ---------------------------------------------


def test_a_share_is_suspected_only_where_the_figure_fits():
    assert "share" not in said("03.4", 54.7)[1]
    assert "share" in said("03.4", lambda task: 100 * task.answer())[1]


# --- years and regions ------------------------------------------------------------


@pytest.mark.parametrize("exercise", ["03.1", "03.2"])
@pytest.mark.parametrize("year", [2016, 2018])
def test_the_year_beside_it_is_told(exercise, year):
    words = said(exercise, lambda task: task.answer(year=year))[1]
    assert words == f"That is the answer for {year}. The task names 2017."


def test_a_base_year_beside_it_is_told():
    words = said("03.3", lambda task: task.answer(early=2015).round())[1]
    assert words == "The first base is 2014. You took 2015."


# --- one rule for digits, one for forms -------------------------------------------


@pytest.mark.parametrize(
    ("exercise", "given", "status"),
    [
        ("02.8", -55_300, "passed"), ("02.8", -55_500, "not yet"),
        ("03.1", 1_469_000, "passed"), ("03.1", 1_470_000, "not yet"),
        ("03.3", {2014: 25, 2019: -10}, "passed"), ("03.3", {2014: 24.6, 2019: -10}, "not yet"),
        ("03.4", 0.5, "passed"), ("03.4", 0.6, "not yet"),
        ("03.6", {"border": 2_078_000, "people": -395_000}, "passed"),
        ("03.6", {"border": 2_080_000, "people": -395_000}, "not yet"),
    ],
)  # fmt: skip
def test_a_number_counts_to_the_digits_that_the_task_names(exercise, given, status):
    assert said(exercise, given)[0] == status


def test_too_few_digits_are_told():
    assert "rounded too far" in said("03.1", 1_470_000)[1]


def test_numbers_as_text_in_a_dict_are_told_as_such():
    words = said("03.5", lambda task: {key: f"{one:.1f}" for key, one in task.answer().items()})
    assert "some are text" in words[1]


def test_a_list_of_one_is_the_value_in_it():
    assert said("03.4", lambda task: [task.answer()])[0] == "passed"
