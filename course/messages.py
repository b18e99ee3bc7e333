"""All sentences a reader can see, for those who translate them (babel, from the test extra).

Sentences of the code stand inside ``_(...)``, those of an exercise in its room, those of
a lesson in its cells, those about data in the descriptor and in the tables.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir

from course.data import read, resources, spoken
from course.lessons import lessons, room
from course.paths import data_dir, lessons_dir


def messages() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Yield every sentence a reader can see, with a context that stays.

    Yields:
        The context and the sentence (for a plural, its forms). The context is the
        module for sentences of the code; exercise and role ("06.3 hint"); lesson and cell
        id; table and column, with the row's first value for what a row says.
    """
    functions = {"_": (1,), "plural": (1, 2)}
    for file, _line, text, *_rest in extract_from_dir(
        Path(__file__).parent, keywords=functions
    ):
        yield "course." + file.removesuffix(".py").replace("/", "."), text
    for task in (task for lesson in lessons() for task in room(lesson).EXERCISES):
        yield f"{task.id} ask", task.ask
        yield f"{task.id} after", task.after
        yield from ((f"{task.id} hint", hint) for hint in task.hints)
        yield from ((f"{task.id} mistake", mistake) for mistake in task.mistakes)
        yield from ((f"{task.id} mistake", check.words) for check in task.checks)
    for path in sorted(lessons_dir().glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                yield f"{path.stem[:2]} {cell['id']}", "".join(cell["source"])
    # as it stands in the file: what `course.data` hands out may be translated already
    package = json.loads((data_dir() / "datapackage.json").read_text(encoding="utf-8"))
    yield from ((context, part[key]) for context, part, key in spoken(package))
    for name, resource in resources(hidden=True).items():
        fields = resource["schema"]["fields"]
        if name in ("sources", "number_words") or resource["format"] == "geojson":
            continue  # titles of other people's works stay as they are
        rows = read(name).set_index(fields[0]["name"], drop=False)
        for column in (f["name"] for f in fields if f["type"] == "string"):
            cells = {} if "_id" in column else rows[column].dropna()
            yield from (
                (f"{name} {column} {k}", t) for k, t in cells.items() if t.count(" ") > 1
            )


def template() -> Catalog:
    """Return all sentences as a template from which translations start."""
    catalog = Catalog(project="Claims on the Amur", fuzzy=False)
    for context, text in messages():
        place = (context.replace(" ", "_"), 0)
        catalog.add(text, locations=[place], context=context if " " in context else None)
    return catalog
