"""Every sentence a reader sees can be translated: here is how, and here they all are.

English stays where it is written: sentences of the code inside ``_(...)``, those of an
exercise in its room, those of a lesson in its cells, those about data in the descriptor
and in the tables. ``messages`` yields them all; ``template`` makes a PO template of them.
The language is named in the environment variable ``COURSE_LANGUAGE``; what has no
translation stays English.
"""

import gettext
import json
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages import Catalog

_HERE = Path(__file__).resolve().parent
FOLDER = _HERE / "_locale"  # <language>/LC_MESSAGES/course.mo


@lru_cache(maxsize=1)
def _catalogue() -> gettext.NullTranslations:
    languages = [os.environ.get("COURSE_LANGUAGE") or "en"]
    return gettext.translation("course", FOLDER, languages, fallback=True)


def _(text: str, **values: object) -> str:
    """Return a sentence of the code in the reader's language, its {names} filled in."""
    found = _catalogue().gettext(text)
    return found.format(**values) if values else found


def plural(one: str, many: str, count: int) -> str:
    """Return the form of a sentence that fits a count; ``{count}`` is filled in.

    Args:
        one: the sentence for one thing, such as ``"{count} row"``.
        many: the sentence for several.
        count: how many there are.
    """
    return _catalogue().ngettext(one, many, count).format(count=f"{count:,}")


def said(context: str, text: str) -> str:
    """Return a sentence of an exercise or a table in the reader's language.

    Args:
        context: where it stands, as `messages` yields it, such as "06.3 hint".
        text: the English sentence.
    """
    return _catalogue().pgettext(context, text)


def messages() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Yield every sentence a reader can see, with a context that stays.

    Yields:
        The context and the sentence (for a plural, its forms). The context is the
        module for sentences of the code; exercise and role ("06.3 hint"); lesson and cell
        id; table and column, with the row's first value for what a row says.
    """
    from babel.messages.extract import extract_from_dir

    from course.data import read, resources
    from course.lessons import lessons, room
    from course.paths import lessons_dir

    spoken = {"_": (1,), "plural": (1, 2)}
    for file, _line, text, *_rest in extract_from_dir(_HERE, keywords=spoken):
        yield "course." + file.removesuffix(".py").replace("/", "."), text
    for task in (task for lesson in lessons() for task in room(lesson).EXERCISES):
        yield f"{task.id} ask", task.ask
        yield f"{task.id} after", task.after
        yield from ((f"{task.id} hint", hint) for hint in task.hints)
        yield from ((f"{task.id} mistake", mistake) for mistake in task.mistakes)
        yield from ((f"{task.id} mistake", check.words) for check in task.checks)
    for path in sorted(lessons_dir().glob("[0-9][0-9]_*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                yield f"{path.name[:2]} {cell['id']}", "".join(cell["source"])
    for name, resource in resources(hidden=True).items():
        fields = resource["schema"]["fields"]
        yield f"{name} title", resource["title"]
        for key in ("description", "unit"):
            yield from ((f"{name} {f['name']} {key}", f[key]) for f in fields if f.get(key))
        if name == "sources" or resource["format"] == "geojson":
            continue  # titles of other people's works stay as they are
        rows = read(name).set_index(fields[0]["name"], drop=False)
        for column in (f["name"] for f in fields if f["type"] == "string"):
            cells = {} if "_id" in column else rows[column].dropna()
            yield from (
                (f"{name} {column} {k}", t) for k, t in cells.items() if t.count(" ") > 1
            )


def template() -> "Catalog":
    """Return all sentences as a template from which translations start."""
    from babel.messages import Catalog

    catalog = Catalog(project="Claims on the Amur", fuzzy=False)
    for context, text in messages():
        place = (context.replace(" ", "_"), 0)
        catalog.add(text, locations=[place], context=context if " " in context else None)
    return catalog
