"""The rules of a lesson, each a function from a `Lesson` to what is wrong, in words."""

import ast
import json
import math
import re
import statistics
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from course.exercises.exercise import Exercise
from course.lessons import EXPLORERS, read_contract, room
from course.paths import data_dir
from course.teach.sections import to_follow

TAUGHT = Path(__file__).with_name("taught.json")  # lesson -> the names it explains
MINUTES = {
    "choice": 3, "text": 3, "number": 4, "set": 5, "mapping": 5, "function": 6, "verdict": 6,
    "map": 15,
}  # fmt: skip
NEAR = 4  # cells: about one screen
VERDICT = ["claim", "verdict", "confidence", "evidence", "would_change", "evidence_date"]
# what somebody knows who has written loops, lists and functions once
KNOWN = set("print len range list str int float round sum min max append".split())


@dataclass
class Lesson:
    """A notebook, and what its room and its contract say of it."""

    path: Path
    contract: dict[str, Any]
    cells: list[dict[str, Any]]
    tasks: dict[str, Exercise]

    @classmethod
    def read(cls, path: Path) -> "Lesson":
        contract = read_contract(path)
        book = json.loads(path.read_text(encoding="utf-8"))
        cells = [cell | {"source": "".join(cell["source"])} for cell in book["cells"]]
        return cls(path, contract, cells, {t.id: t for t in room(contract["id"]).EXERCISES})

    @property
    def id(self) -> str:
        return self.contract["id"]

    def code(self, *, open_only: bool = False) -> list[tuple[int, dict[str, Any]]]:
        """Cells of code that are no exercise, with their places."""
        found = [(n, c) for n, c in enumerate(self.cells) if c["cell_type"] == "code"]
        found = [(n, c) for n, c in found if "exercise" not in c["metadata"]]
        return [(n, c) for n, c in found if not (open_only and folded(c))]

    def prose(self) -> list[tuple[int, str]]:
        """Cells of words with their places; the contract is no prose."""
        return [
            (n, c["source"])
            for n, c in enumerate(self.cells)
            if c["cell_type"] == "markdown" and n != 1
        ]

    def starters(self) -> dict[str, int]:
        """Exercise -> the place of its cell."""
        named = {c["metadata"].get("exercise"): n for n, c in enumerate(self.cells)}
        return {task: named[task] for task in self.tasks}

    @cached_property
    def own(self) -> set[str]:
        """Names that the notebook itself defines."""
        return {name for c in self.cells if c["cell_type"] == "code" for name in defined(c)}


def folded(cell: dict[str, Any]) -> bool:
    return bool(cell["metadata"].get("jupyter", {}).get("source_hidden"))


def tree(cell: dict[str, Any] | str) -> ast.Module:
    return ast.parse(cell if isinstance(cell, str) else cell["source"])


def lines(source: str) -> int:
    return sum(bool(line.strip()) for line in source.splitlines())


def defined(cell: dict[str, Any] | str) -> set[str]:
    """Names that a cell gives a value."""
    found = set()
    for node in ast.walk(tree(cell)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef):
            found |= {node.name, *(a.arg for a in node.args.args)}
        elif isinstance(node, ast.Lambda):
            found |= {a.arg for a in node.args.args}
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name)
    return found


def read_names(source: str) -> set[str]:
    names = {n.id for n in ast.walk(tree(source)) if isinstance(n, ast.Name)}
    return names - defined(source)


# --- what is open and what is folded ---------------------------------------------


def cells_too_long(lesson: Lesson) -> list[str]:
    """Open code: median of at most 4 lines, never more than 10."""
    sizes = {c["id"]: lines(c["source"]) for _n, c in lesson.code(open_only=True)}
    found = [f"{name}: {size} lines" for name, size in sizes.items() if size > 10]
    median = statistics.median(sizes.values())
    return found + ([f"median of {median:g} lines"] if median > 4 else [])


def drawing_open(lesson: Lesson) -> list[str]:
    """What only draws is folded, below a line that says what it draws."""
    found = []
    for n, cell in lesson.code():
        draws = "course.chart(" in cell["source"] and lines(cell["source"]) > 4
        if draws and not folded(cell):
            found.append(f"{cell['id']}: draws and is open")
        if folded(cell) and lesson.cells[n - 1]["cell_type"] != "markdown":
            found.append(f"{cell['id']}: folded without a line above that says what it draws")
    return found


def needs_folded(lesson: Lesson) -> list[str]:
    """Nothing that an exercise needs is in a folded cell."""
    shown = {name for _n, c in lesson.code(open_only=True) for name in defined(c)}
    hidden = {name for _n, c in lesson.code() if folded(c) for name in defined(c)} - shown
    return [
        f"{task.id}: {name} is defined in a folded cell"
        for task in lesson.tasks.values()
        for name in sorted(read_names(task.solution) & hidden)
    ]


# --- what is taught where ---------------------------------------------------------


def used(source: str) -> set[str]:
    """Functions, methods, attributes and syntax of a cell's code."""
    found = set()
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.add(node.func.id)
        elif isinstance(node, ast.FunctionDef):
            found.add("def")
        elif isinstance(node, ast.Lambda):
            found.add("lambda")
        elif isinstance(node, ast.ListComp | ast.DictComp | ast.SetComp | ast.GeneratorExp):
            found.add("comprehension")
        elif isinstance(node, ast.JoinedStr):
            found.add("f-string")
        elif isinstance(node, ast.Starred | ast.NamedExpr | ast.IfExp | ast.With | ast.Try):
            found.add(type(node).__name__)
        elif isinstance(node, ast.BitAnd | ast.BitOr | ast.Invert):
            found.add({"BitAnd": "&", "BitOr": "|", "Invert": "~"}[type(node).__name__])
    return found


@cache
def columns() -> set[str]:
    """Names of the columns of all tables: ``row.name_en`` is no new idea."""
    described = json.loads((data_dir() / "datapackage.json").read_text(encoding="utf-8"))
    return {f["name"] for r in described["resources"] for f in r["schema"]["fields"]}


def spoken(prose: str) -> set[str]:
    """Words that stand in signs of code."""
    code = " ".join(re.findall(r"```.*?```|`[^`]+`", prose, re.DOTALL))
    words = set(re.findall(r"\w+|[&|~]", code))
    words |= {"f-string"} if re.search(r"f-string|\bf[\"']", prose) else set()
    words |= {"comprehension"} if re.search(r"comprehension|\bfor \w+ in\b", prose) else set()
    words |= {"IfExp"} if re.search(r"`[^`]+ if [^`]+ else ", prose) else set()
    return words | ({"Starred"} if re.search(r"`\*\w", prose) else set())


def needed(lesson: str, every: dict[str, Lesson]) -> list[str]:
    """The lessons that one needs, and those that these need."""
    found: list[str] = []
    for name in every[lesson].contract["prerequisites"]:
        found += [*needed(name, every), name]
    return found


def not_taught(
    lesson: Lesson, every: dict[str, Lesson], taught: dict[str, list[str]]
) -> list[str]:
    """All that open code and solutions use was explained, here or in a lesson it needs."""
    known = KNOWN | lesson.own | columns() | set(EXPLORERS) | {"explore"}
    for name in [*needed(lesson.id, every), lesson.id]:
        known |= set(taught.get(name, []))
    names = {name for _n, c in lesson.code(open_only=True) for name in used(c["source"])}
    for task, place in lesson.starters().items():  # the task, or words before it, may say more
        said = set().union(*(spoken(text) for n, text in lesson.prose() if n <= place))
        given = said | used(lesson.cells[place]["source"])
        names |= used(lesson.tasks[task].solution) - given - {"course"}
    return sorted(names - known)


def not_said(lesson: Lesson, taught: dict[str, list[str]]) -> list[str]:
    """What a lesson is said to teach stands in its prose, no later than below its first use."""
    found = []
    for name in taught.get(lesson.id, []):
        uses = [n for n, c in lesson.code(open_only=True) if name in used(c["source"])]
        said = [n for n, words in lesson.prose() if name in spoken(words)]
        if not said or (uses and min(said) > min(uses) + 1):
            found.append(name)
    return found


# --- answers in sight --------------------------------------------------------------


def near(lesson: Lesson, place: int) -> list[dict[str, Any]]:
    """The cells around an exercise: its section up to the next heading, one screen at most."""
    end = place + 1
    while end < min(place + 1 + NEAR, len(lesson.cells)):
        if re.search(r"(?m)^#{1,3} ", lesson.cells[end]["source"]):
            break
        end += 1
    start = place
    while start > 0 and not re.search(r"(?m)^#{1,2} ", lesson.cells[start]["source"]):
        start -= 1
    around = lesson.cells[min(start, max(place - NEAR, 0)) : end]
    return [c for c in around if not folded(c) and "exercise" not in c["metadata"]]


class Blank(ast.NodeTransformer):
    """Leaves out what differs between a formula and the same one on another row."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        return ast.Subscript(node.value, ast.Constant("..."), node.ctx)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(0) if isinstance(node.value, int | float) else node


def blank(node: ast.AST) -> str:
    return ast.dump(Blank().visit(ast.parse(ast.unparse(node), mode="eval").body))


def core(task: Exercise) -> list[str]:
    """The formulas of a solution, and what makes up most of each."""
    rights: list[ast.expr] = []
    for node in ast.walk(tree(task.solution)):
        value = node.value if isinstance(node, ast.Assign | ast.Return) else None
        rights += value.values if isinstance(value, ast.Dict) else [value] if value else []
    found = []
    for right in rights:
        reckons = any(isinstance(n, ast.BinOp) for n in ast.walk(right))
        size = sum(1 for _ in ast.walk(right))
        for inner in ast.walk(right) if reckons or right is rights[-1] else ():
            own = sum(1 for _ in ast.walk(inner))
            if isinstance(inner, ast.BinOp | ast.Call) and own >= max(0.6 * size, 8):
                found.append(blank(inner))
    return found


def expressions_in_sight(lesson: Lesson) -> list[str]:
    """The heart of a solution stands in no cell near its exercise."""
    found = []
    for task in lesson.tasks.values():
        hearts = core(task) if task.kind not in {"map", "verdict"} else []
        for cell in near(lesson, lesson.starters()[task.id]):
            if cell["cell_type"] != "code":
                continue
            inner = [n for n in ast.walk(tree(cell)) if isinstance(n, ast.BinOp | ast.Call)]
            if {blank(node) for node in inner} & set(hearts):
                found.append(f"{task.id}: its solution stands in {cell['id']}")
    return found


def figures(task: Exercise) -> list[str]:
    """The numbers of an answer as a reader would know them again: three digits or more."""
    if task.kind not in {"number", "mapping"}:
        return []
    answer = task.answer()
    values = list(dict(answer).values()) if task.kind == "mapping" else [answer]
    found = []
    for value in values:
        if isinstance(value, str) or value is None or not math.isfinite(value):
            continue
        written = f"{abs(float(value)):.{max(task.digits or 0, 0)}f}"
        digits = written.replace(".", "").strip("0")
        year = "." not in written and 1900 <= float(written) <= 2100
        if len(digits) >= 3 and not year:
            found.append(written)
    return found


def values_in_prose(lesson: Lesson) -> list[str]:
    """The value of an answer stands in no words and no code near its exercise."""
    found = []
    for task in lesson.tasks.values():
        around = near(lesson, lesson.starters()[task.id])
        text = " ".join(c["source"] for c in around).replace(",", "")
        found += [f"{task.id}: {v} stands near it" for v in figures(task) if stands(v, text)]
    return found


def stands(value: str, text: str) -> bool:
    return bool(re.search(rf"(?<![\d.]){re.escape(value)}(?![\d]|\.\d)", text))


def values_in_outputs(lesson: Lesson, cells: list[Any]) -> list[str]:
    """The value of an answer stands in no output above its exercise.

    Args:
        lesson: the lesson.
        cells: the same cells after a run of the untouched notebook.
    """
    found = []
    for task in lesson.tasks.values():
        place = lesson.starters()[task.id]
        above = " ".join(printed(cell) for cell in cells[:place]).replace(",", "")
        found += [f"{task.id}: {v} is shown above" for v in figures(task) if stands(v, above)]
    return found


def printed(cell: Any) -> str:
    """What a cell shows in words: pictures, maps and explorers tell by pointing only."""
    said = ""
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        html = re.sub(
            r"<(svg|figure|style|script)\b.*?</\1>",
            " ",
            data.get("text/html", ""),
            flags=re.DOTALL,
        )
        plain = "" if "text/html" in data else data.get("text/plain", "")
        said += " ".join([output.get("text", ""), re.sub(r"<[^>]*>", " ", html), plain])
    return said


# --- shape, minutes, evidence --------------------------------------------------------


def minutes(lesson: Lesson) -> list[str]:
    """Minutes follow from words, cells and exercises; together 60 to 100."""
    follow = sum(to_follow(cell) for n, cell in enumerate(lesson.cells) if n != 1)
    said, found = lesson.contract["minutes"], []
    if said["teach"] != 5 * round(follow / 5) and lesson.id != "00":
        found.append(
            f"teach is {said['teach']}, its words and cells take {5 * round(follow / 5)}"
        )
    for task in lesson.tasks.values():
        if task.minutes != MINUTES[task.kind] and lesson.id != "00":
            found.append(f"{task.id}: {task.minutes} minutes for a {task.kind}")
    practise = sum(task.minutes for task in lesson.tasks.values())
    if said["practise"] != practise:
        found.append(f"practise is {said['practise']}, the exercises are {practise}")
    whole = said["teach"] + said["practise"]
    if lesson.id != "00" and not 60 <= whole <= 100:
        found.append(f"{whole} minutes together")
    return found


def shape(lesson: Lesson) -> list[str]:
    """Maps, explorers, 5 to 9 exercises, a verdict at the end, key points."""
    code = "\n".join(c["source"] for _n, c in lesson.code())
    found = [] if re.search(r"course\.(area_map|LiveMap|DualMap)\(", code) else ["no map"]
    if lesson.id == "00":
        return found
    explorer = re.search(r"course\.(explore\.\w+|board|LiveMap)\(", code)
    found += [] if explorer else ["no explorer"]
    found += [] if 5 <= len(lesson.tasks) <= 9 else [f"{len(lesson.tasks)} exercises"]
    found += [] if [*lesson.tasks.values()][-1].kind == "verdict" else ["no verdict at the end"]
    words = "\n".join(text for _n, text in lesson.prose())
    heads = ("## Key points", "## Further questions", "## What the claims look like now")
    return found + [f"no {head!r}" for head in heads if head not in words]


def evidence(lesson: Lesson) -> list[str]:
    """Each claim of the contract has a cell that shows its evidence."""
    shown = {one for _n, c in lesson.code() for one in c["metadata"].get("claims", [])}
    claims = set(lesson.contract["claims"])
    found = [f"{claim}: no cell shows its evidence" for claim in sorted(claims - shown)]
    return found + [f"{claim}: not in the contract" for claim in sorted(shown - claims)]


def own_words(lesson: Lesson) -> list[str]:
    """No words that only this course uses so; a book is a book with a title."""
    found = []
    for n, text in lesson.prose():
        plain = re.sub(r"`[^`]*`|[Bb]ook \*|[Tt]extbook|[Ss]tand-in", "", text)
        words = re.findall(r"\b(?:stands?|stood|told|books?)\b", plain)
        found += [f"{lesson.cells[n]['id']}: {word}" for word in words]
    return found


def end(lesson: Lesson) -> list[str]:
    """First one's own verdict, then the course's; the sources last, their code folded."""
    if lesson.id in {"00", "12"}:  # 12 is one long end
        return []
    last = [*lesson.tasks][-1]
    place = lesson.starters()[last]
    heads = {
        head: n for n, text in lesson.prose() for head in re.findall(r"(?m)^## (.*)", text)
    }
    wanted = ["What the claims look like now", last, "What the course says", "Key points",
              "Further questions", "How far are you?", "Sources of this lesson"]  # fmt: skip
    order = [place if head == last else heads.get(head, -1) for head in wanted]
    found = [] if order == sorted(order) and -1 not in order else [f"the end is {order}"]
    shown = [c for n, c in lesson.code() if n > heads.get("What the course says", n)]
    told = shown[0]["source"] if shown else ""
    lacks = [f"{name} is not shown" for name in VERDICT if f'"{name}"' not in told]
    return (
        found
        + lacks
        + ([] if folded(lesson.cells[-1]) else ["the code of the sources is open"])
    )


RULES = [
    cells_too_long, drawing_open, needs_folded, expressions_in_sight, values_in_prose, minutes,
    shape, evidence, own_words, end,
]  # fmt: skip
