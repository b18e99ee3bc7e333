"""Every sentence a reader sees can be reached for translation, and a translation arrives."""

import ast
import io
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import altair
import folium
import pandas as pd
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import course
from course import data
from course.exercises.show import Feedback
from course.exercises.verbs import exercises
from course.lessons import lessons
from course.messages import messages as sentences_of_the_course
from course.messages import template

HERE = Path(course.__file__).parent
# words that are no sentences for readers, by what they are part of
NO_SENTENCE = re.compile(
    r"[<>{}=\[\]]|://|^[\w./-]+$|^https?:|Noto|sans-serif|[%$#]\(|^\s*(\.|@|\*)|-*\s?charset"
    r"|^ATTACH|^Remove-Item|\w\|\w"
)


def sentences(tree: ast.Module) -> list[tuple[int, str]]:
    """Texts of a module that read like a sentence and do not pass through gettext."""
    passed: set[int] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            passed.add(id(body[0].value))  # a docstring
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).split(".")[-1]
            if name in ("_", "plural", "said"):
                passed.update(id(part) for part in ast.walk(node))
            if name in ("ValueError", "TypeError", "KeyError", "AttributeError"):
                passed.update(id(part) for part in ast.walk(node))  # for developers
        if isinstance(node, ast.JoinedStr):
            passed.update(id(part) for part in node.values)
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in passed
        and reads_like_a_sentence(node.value)
    ]


def reads_like_a_sentence(text: str) -> bool:
    words_ = re.findall(r"[A-Za-z']{2,}", text)
    ends = text.rstrip().endswith((".", "?", "!", ":")) or text[:1].isupper()
    return len(words_) >= 3 and ends and not NO_SENTENCE.search(text)


@cache
def names() -> str:
    """Names of things, not sentences: the course's own, and what stands in the tables."""
    tables = [data.read(name) for name in data.resources() if name != "sources"]
    texts = {
        cell
        for table in tables
        for column in getattr(table, "columns", [])
        for cell in table[column]
        if isinstance(cell, str)
    }
    return "\n".join(["Claims on the Amur", *texts])


MODULES = sorted(HERE.rglob("*.py"))


def collected(path: Path) -> str:
    """All that a room's exercises say, in one text; "" for other modules."""
    match = re.search(r"/lesson_(\d\d)(?:/__init__)?\.py$", path.as_posix())
    tasks = exercises(match[1]).values() if match else []
    said = [
        text for task in tasks for text in (*task.hints, *task.mistakes, task.after, task.ask)
    ]
    said += [check.words for task in tasks for check in task.checks]
    said += [task.solution for task in tasks]
    return "\n".join(said)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_sentence_of_the_code_is_missed(path):
    found = sentences(ast.parse(path.read_text(encoding="utf-8")))
    known = collected(path)
    assert [one for one in found if one[1].strip() not in known and one[1] not in names()] == []


def test_the_search_for_sentences_finds_one():
    code = '"""Doc."""\nsay(_("It is fine here."))\nsay("It is not fine here.")\n'
    assert [text for _, text in sentences(ast.parse(code))] == ["It is not fine here."]


def test_no_sentence_is_put_together_before_it_is_looked_up():
    for path in HERE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("_", "words._"):
                assert isinstance(node.args[0], ast.Constant), f"{path.name}:{node.lineno}"


@pytest.fixture(scope="module")
def messages():
    return list(sentences_of_the_course())


def test_each_kind_of_sentence_is_there_and_none_twice(messages):
    contexts = [context for context, _ in messages]
    for context in ("course.exercises.explain", "06.3 hint", "06.3 after", "package title",
                    "claims title", "claims description", "claims claim c42",
                    "bilateral_trade total_usd_bn description"):  # fmt: skip
        assert context in contexts, context
    for lesson in lessons():
        for task in exercises(lesson).values():
            texts = {text for context, text in messages if context.startswith(f"{task.id} ")}
            assert {task.ask, task.after, *task.hints, *task.mistakes} <= texts
    assert all(text.strip() if isinstance(text, str) else all(text) for _, text in messages)
    cells = [c for c in contexts if re.fullmatch(r"\d\d l\d\d-[\w-]+", c)]
    assert len(cells) == len(set(cells)) > 100


def test_a_template_can_be_written_and_read():
    file = io.BytesIO()
    write_po(file, template())
    again = read_po(io.BytesIO(file.getvalue()))
    assert len(again) == len(template()) > 1000


TRY = """
import course
print(course.check("06.1", 5).message)
print(course.check("06.1").message)
print(course.hint("06.1").message)
print(course.solution("06.1").explanation)
print(course.describe("bilateral_trade").resource["title"])
print(course.describe("bilateral_trade").resource["description"])
print(course.describe("bilateral_trade").columns.loc["total_usd_bn", "meaning"])
try:
    course.load("claim")
except course.CourseError as error:
    print(error)
from course.messages import messages
print(dict(messages())["package title"])
"""


def test_a_translation_arrives(tmp_path):
    catalog = template()
    for message in catalog:
        if message.id:
            forms = message.id if isinstance(message.id, tuple) else (message.id,)
            marked = tuple(f"⟦{form}⟧" for form in forms)
            message.string = marked if len(marked) > 1 else marked[0]
    folder = tmp_path / "xx" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "course.mo").open("wb") as file:
        write_mo(file, catalog)
    code = f"from pathlib import Path\nfrom course import words\nwords.FOLDER = Path({str(tmp_path)!r})\n"
    env = {"COURSE_LANGUAGE": "xx", "COURSE_FOLDER": str(tmp_path), "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "-c", code + TRY], env=env, cwd=HERE.parent,
                          capture_output=True, encoding="utf-8", check=True)  # fmt: skip
    lines = done.stdout.strip().splitlines()
    *whole, refused, collected_again = lines
    assert len(whole) == 7
    for line in whole:
        assert line.startswith("⟦") and line.endswith("⟧"), line
    assert refused.startswith("⟦")  # it ends in the names of the tables
    assert "⟦" not in collected_again  # what is to be translated is the English


def test_half_a_character_becomes_a_sign_that_every_page_can_hold():
    """Cut texts and names of files in old encodings hold them; folium and pandas give up."""
    half = "\ud83d and \udcff"
    rows = pd.DataFrame({"region_id": ["RU-AMU"], "year": 2020, "value": 1.0, half: half})
    m = course.area_map("far_east", alt=half, caption=half)
    folium.Marker([60, 140], popup=half, tooltip=half).add_to(m)
    live = course.LiveMap(rows, area="far_east", title=half, unit=half)
    bars = altair.Chart(rows).mark_bar().encode(x="value:Q", y=f"{half}:N")
    told = f"A sentence of forty characters or more: {half}"
    shown = [
        live._repr_mimebundle_()["text/html"],
        *(thing._repr_html_() for thing in (m, course.table(rows))),
        course.chart(bars, alt=told, sources=half)._repr_html_(),
        Feedback(half, "not yet", half)._repr_html_(),
        *map(repr, (m, live, course.table(rows))),
    ]
    for text in shown:
        assert "? and ?" in text and text.encode("utf-8")
