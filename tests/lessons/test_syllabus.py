"""The syllabus: its tables of claims are what the metadata of the lessons says.

``python -m tests.lessons.test_syllabus`` writes them anew.
"""

import json
import re

from course.data import read
from course.lessons import contracts
from course.paths import lessons_dir

SYLLABUS = lessons_dir() / "README.md"
NAMED = {  # what the article names -> the claims about it
    "the meeting in Harbin and its experts": "c01 c02 c03 c05 c07 c36 c49",
    "the Harbin trade fair": "c04",
    "Belt and Road, and the forum in Beijing": "c03 c06 c10 c11 c13 c28 c29 c45",
    "the Eurasian Economic Union": "c06 c28 c29",
    "the corridor through Mongolia": "c06 c12",
    "Heilongjiang and its openness": "c12 c14 c44 c46",
    "science and industry of Northeast China": "c24 c25 c48",
    "Siberia and the Far East of Russia": "c26 c27 c30 c31 c48",
    "the free port of Vladivostok": "c33",
    "a free trade zone of Russia and China": "c16",
    "trade, its pace and its promise": "c08 c42 c43",
    "what is traded": "c32 c34 c38",
    "energy, farming, forestry, fishing, tourism, building": "c15 c18",
    "clean energy": "c20",
    "environmental protection": "c21",
    "science and technology": "c15 c17",
    "aviation and space": "c19 c22",
    "nuclear technology": "c23",
    "large projects": "c13 c28 c47",
    "transport networks and logistics": "c35 c37 c39",
    "the partnership of the two states": "c09 c29",
    "a changing world": "c40 c41 c43",
}


def shown():
    """Claim -> lesson -> the cells that show its evidence."""
    cells = {claim: {} for claim in read("claims")["claim_id"]}
    for path in sorted(lessons_dir().glob("[0-9][0-9]_*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for claim in cell["metadata"].get("claims", []):
                cells[claim].setdefault(path, []).append(cell["id"])
    return cells


def link(path):
    return f"[{path.stem[:2]}]({path.name})"


def claims_table():
    """From claim to lesson to cell."""
    rows = ["| claim | in our words | lesson and cells |", "|---|---|---|"]
    words = read("claims").set_index("claim_id")["claim"]
    for claim, lessons in shown().items():
        places = "; ".join(
            f"{link(path)} {', '.join(f'`{one}`' for one in cells)}"
            for path, cells in lessons.items()
        )
        rows.append(f"| {claim} | {words[claim]} | {places} |")
    return "\n".join(rows)


def named_table():
    """From what the article names to its claims and lessons."""
    rows = ["| the article names | claims | lessons |", "|---|---|---|"]
    cells = shown()
    for name, claims in NAMED.items():
        paths = sorted({path for claim in claims.split() for path in cells[claim]})
        rows.append(f"| {name} | {', '.join(claims.split())} | {', '.join(map(link, paths))} |")
    return "\n".join(rows)


TABLES = {"claims": claims_table, "named": named_table}


def between(name, text):
    """What stands between the two marks of a table."""
    return re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", text, re.DOTALL)[1]


def test_the_tables_of_the_syllabus_follow_from_the_lessons():
    text = SYLLABUS.read_text(encoding="utf-8")
    for name, table in TABLES.items():
        assert between(name, text) == table(), "python -m tests.lessons.test_syllabus"


def test_every_claim_has_its_place():
    assert {claim for names in NAMED.values() for claim in names.split()} == set(shown())
    assert [claim for claim, cells in shown().items() if not cells] == []
    for claim, cells in shown().items():
        promised = {one["id"] for one in contracts().values() if claim in one["claims"]}
        assert {path.stem[:2] for path in cells} <= promised, claim


def planned(text):
    """What a text for teachers says of whole lessons: their ids, and the minutes."""
    found = re.findall(r"\b(\d\d)(?: and (\d\d))? \((\d+)\)", text)
    heads = re.findall(
        r"(?m)^### (\d\d)(?: and (\d\d))?\b[^#]*?\*\*Plan[^(]*\((\d+)\)", text, re.DOTALL
    )
    return [({*ids} - {""}, int(minutes)) for *ids, minutes in [*found, *heads]]


def whole(lesson):
    return sum(contracts()[lesson]["minutes"].values())


def test_plans_for_teachers_follow_the_contracts():
    text = (lessons_dir() / "INSTRUCTORS.md").read_text(encoding="utf-8")
    plans = [(ids, said) for ids, said in planned(text) if ids <= contracts().keys()]
    assert len(plans) >= 15
    assert [one for one in plans if sum(map(whole, one[0])) != one[1]] == []


def test_a_plan_that_does_not_follow_is_found():
    assert planned("00 and 01 (91), then 02 (97)\n\n### 03 · X\n\n**Plan (93).** Map") == [
        ({"00", "01"}, 91), ({"02"}, 97), ({"03"}, 93)
    ]  # fmt: skip


if __name__ == "__main__":
    text = SYLLABUS.read_text(encoding="utf-8")
    for name, table in TABLES.items():
        written = f"<!-- {name} -->\n{table()}\n<!-- /{name} -->"
        text = re.sub(
            rf"<!-- {name} -->.*<!-- /{name} -->", lambda _: written, text, flags=re.DOTALL
        )
    SYLLABUS.write_text(text, encoding="utf-8")
