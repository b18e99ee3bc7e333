"""The exercises of lesson 00, each with its answer and its usual mistakes."""

from course.exercises.exercise import Exercise
from course.lessons import lessons

SHORTEST, LONGEST = 60, 100  # minutes of a lesson: a rule that every contract keeps


def _hours(minutes: float, count: int | None = None) -> float:
    """Return how long so many lessons take, by default all but this one."""
    return (len(lessons()) - 1 if count is None else count) * minutes / 60


EXERCISES = [
    Exercise(
        "00.1",
        ask="Add up the hours of the course",
        objective=0,
        unit="hours",
        answer=lambda: _hours(SHORTEST),
        mistakes={
            "Those are minutes. An hour has 60 of them.": lambda: 60 * _hours(SHORTEST),
            "That is the longest it takes, with 100 minutes a lesson. 'At least' means "
            "60.": lambda: _hours(LONGEST),
            "Those are minutes, and with 100 minutes a lesson. 'At least' means 60; then "
            "divide by 60 to get hours.": lambda: 60 * _hours(LONGEST),
            "Those are the minutes of one lesson. Twelve lessons, in hours?": (
                lambda: float(SHORTEST)
            ),
            "Those are minutes of one lesson, the longest. Take 60, for twelve lessons, "
            "in hours.": lambda: float(LONGEST),
            "That is one lesson. There are twelve.": lambda: _hours(SHORTEST, 1),
            "You counted thirteen lessons. This one, 00, is not among the twelve.": (
                lambda: _hours(SHORTEST, 13)
            ),
        },
        minutes=2,
        solution="""
hours_at_least = 12 * 60 / 60

course.check("00.1", hours_at_least)
""",
        hints=[
            "How long is the shortest lesson, and how many lessons are there?",
            "Twelve times 60 minutes. Then divide by 60 to get hours.",
        ],
        after="You can write 12, 12.0 or 12 * 60 / 60: the value counts, not the form.",
    ),
    Exercise(
        "00.2",
        ask="Click a region on the map",
        objective=1,
        kind="text",
        answer=lambda: "RU-KHA",
        mistakes={
            "No region is selected yet. Click on one in the map, then run this cell "
            "again.": lambda: "",
            "That is Primorsky Krai, in the far south-east. Khabarovsk Krai lies north "
            "of it, along the sea.": lambda: "RU-PRI",
            "That is Amur Oblast. Khabarovsk Krai lies east of it, along the sea.": (
                lambda: "RU-AMU"
            ),
            "Leave out the quotes: live.selected is a name in Python, no text.": (
                lambda: "live.selected"
            ),
            "The region is right, but that is its name. Hand in live.selected, its code.": (
                lambda: "Khabarovsk Krai"
            ),
            "That is Sakha (Yakutia), the largest of all. Khabarovsk Krai lies south-"
            "east of it.": lambda: "RU-SA",
        },
        minutes=3,
        solution="""
live.selected = "RU-KHA"
clicked_region = live.selected

course.check("00.2", clicked_region)
""",
        hints=[
            "Point at a region: a small label shows its name.",
            "The list beside the slider has all regions by name.",
        ],
        after="Maps, sliders and Python work together on this machine.",
    ),
]
