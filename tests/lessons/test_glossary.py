"""The glossary: its form, its order, and that the lessons use its words."""

import json
import re
from functools import cache
from itertools import combinations

import pytest

from course.lessons import contracts
from course.paths import lessons_dir

HEADING = re.compile(r"### (?P<term>[^()\n]*[^()\s])(?: \((?P<form>[^()\n]+)\))?")
LINK = re.compile(r" \[Lesson (\d\d)\]\((\d\d_[a-z0-9_]+\.ipynb)\)$")


def book(name="glossary.ipynb"):
    return json.loads((lessons_dir() / name).read_text(encoding="utf-8"))


CELLS = [(cell["id"], "".join(cell["source"])) for cell in book()["cells"]]


def entries(source):
    """Pairs of heading and definition in the cell of a letter."""
    blocks = source.split("\n\n")[1:]
    return list(zip(blocks[::2], blocks[1::2], strict=True))


# built once, so that a broken cell fails its own test and does not stop the others
ENTRIES = [
    (*block.partition("\n\n")[::2], id_)
    for id_, source in CELLS[1:]
    for block in re.split(r"\n\n(?=### )", source)[1:]
]
each = pytest.mark.parametrize(
    ("heading", "words"), [e[:2] for e in ENTRIES], ids=[e[0][4:] for e in ENTRIES]
)


def forms(heading):
    """The term, and the other form in brackets if there is one."""
    return [form for form in HEADING.fullmatch(heading).groups() if form]


def uses(text, term):
    """Whether a text has the term as a word of its own, in the singular or with an s."""
    return re.search(rf"(?<!\w){re.escape(term)}(?:s|es)?(?!\w)", text, re.IGNORECASE)


@cache
def prose(name):
    """The words of a lesson without marks, each gap one space; the contract is no prose."""
    cells = [c for n, c in enumerate(book(name)["cells"]) if n != 1]
    text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    text = re.sub(r"\]\([^)]*\)", "]", text)  # where links lead
    return " ".join(re.sub(r"[*`]", "", text).split())


def first(words):
    """The sentence that says what it is; the ones after it may point to other entries."""
    return re.split(r"(?<=\.)\s", words)[0]


# --- the notebook -----------------------------------------------------------------


def test_a_notebook_of_words_only():
    glossary, lesson = book(), book("00_start_here.ipynb")
    assert (glossary["nbformat"], glossary["nbformat_minor"]) == (4, 5)
    assert glossary["metadata"]["kernelspec"] == lesson["metadata"]["kernelspec"]
    for cell in glossary["cells"]:
        assert (cell["cell_type"], set(cell)) == (
            "markdown", {"cell_type", "id", "metadata", "source"}
        ), cell["id"]  # fmt: skip


def test_the_file_is_written_as_git_shows_it_best():
    text = (lessons_dir() / "glossary.ipynb").read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n"


def test_the_title_comes_first():
    id_, source = CELLS[0]
    assert id_ == "glossary-title"
    title, words = source.split("\n\n")
    assert title == "# Glossary"
    assert len(re.findall(r"\.(?:\s|$)", words)) == 2


@pytest.mark.parametrize(("id_", "source"), CELLS[1:], ids=[c[0] for c in CELLS[1:]])
def test_a_cell_is_a_letter_and_its_terms(id_, source):
    assert re.fullmatch(r"glossary-[a-z]", id_)
    letter = id_[-1].upper()
    assert source.startswith(f"## {letter}\n\n### ")
    assert source == source.strip() and "\n\n\n" not in source
    for heading, words in entries(source):
        assert HEADING.fullmatch(heading), heading
        assert heading[4].upper() == letter, heading
        assert "\n" not in words and words[0] != "#", heading


# --- the terms --------------------------------------------------------------------


def test_no_term_twice():
    terms = [form.casefold() for heading, *_ in ENTRIES for form in forms(heading)]
    assert sorted({t for t in terms if terms.count(t) > 1}) == []


def test_terms_stand_in_the_order_of_the_alphabet():
    terms = [forms(heading)[0].casefold() for heading, *_ in ENTRIES]
    wrong = [pair for pair in zip(terms, terms[1:], strict=False) if pair[0] > pair[1]]
    assert wrong == []
    ids = [id_ for id_, _ in CELLS[1:]]
    assert ids == sorted(set(ids))


@each
def test_a_definition_is_short_and_ends_with_a_lesson(heading, words):
    link = LINK.search(words)
    assert link, "no link to a lesson at the end"
    number, name = link.groups()
    assert name.startswith(number), "the link says another lesson than it leads to"
    assert (lessons_dir() / name).is_file(), name
    said = words[: link.start()]
    assert 5 <= len(said.split()) <= 60
    assert said.endswith(".") and said[0].isupper()


@each
def test_the_lesson_uses_the_word(heading, words):
    text = prose(LINK.search(words)[2])
    assert any(uses(text, form) for form in forms(heading))


@each
def test_no_term_explains_itself(heading, words):
    assert not any(uses(first(words), form) for form in forms(heading))


def test_no_two_terms_explain_each_other():
    said = {tuple(forms(heading)): first(words) for heading, words, _ in ENTRIES}
    circles = [
        (a[0], b[0])
        for a, b in combinations(said, 2)
        if any(uses(said[a], form) for form in b) and any(uses(said[b], form) for form in a)
    ]
    assert circles == []


# --- links from the lessons -----------------------------------------------------------

# words that are in the glossary for a narrower meaning, and plain English elsewhere
EVERYDAY = set(
    "agreement,base,bound,cannot tell,check,claim,column,condition,conflict,confidence,corridor,"
    "crossing,edge,estimate,evidence,flip,floor,index,join,key,long,momentum,nominal,real,record,"
    "resident,row,schematic,selection,series,share,source,strength,tariff,transit,verdict,volume,"
    "weight,wide".split(",")
)
ANCHOR = re.compile(r"\]\(glossary\.ipynb#([^)\s]+)\)")


def anchor(heading):
    """What a link to an entry ends with."""
    return heading[4:].replace(" ", "-").replace("(", "%28").replace(")", "%29")


NEEDS = {lesson: contract["prerequisites"] for lesson, contract in contracts().items()}


def known_before(lesson):
    """The lessons that one needs, those that these need, and itself."""
    return {lesson}.union(*map(known_before, NEEDS[lesson]))


def strange(path):
    """Terms of a lesson that none it needs explains: heading -> the cell of the first use."""
    cells = [c for n, c in enumerate(book(path.name)["cells"]) if n != 1]
    cells = [c for c in cells if c["cell_type"] == "markdown"]
    plain = [re.sub(r"`[^`]*`|\$[^$]*\$", " ", "".join(c["source"])) for c in cells]
    before, found = known_before(path.stem[:2]), {}
    for heading, words, _id in ENTRIES:
        names = [form for form in forms(heading) if form.casefold() not in EVERYDAY]
        if LINK.search(words)[1] not in before:
            here = [any(uses(text, name) for name in names) for text in plain]
            found |= {heading: cells[here.index(True)]} if True in here else {}
    return found


LESSONS = sorted(lessons_dir().glob("[0-9][0-9]_*.ipynb"))
each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem[:2])


@each_lesson
def test_a_word_of_another_lesson_leads_to_the_glossary(path):
    missing = [
        (heading, cell["id"])
        for heading, cell in strange(path).items()
        if anchor(heading) not in ANCHOR.findall("".join(cell["source"]))
    ]
    assert missing == []


@each_lesson
def test_links_to_the_glossary_lead_somewhere(path):
    anchors = {anchor(heading) for heading, *_ in ENTRIES}
    text = "\n".join("".join(cell["source"]) for cell in book(path.name)["cells"])
    assert set(ANCHOR.findall(text)) <= anchors
