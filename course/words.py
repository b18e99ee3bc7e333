"""Every sentence a reader sees passes through here, so that it can be translated.

English stays where it is written; `course.messages` collects it all. The language is
named in the environment variable ``COURSE_LANGUAGE``; what has no translation stays
English.
"""

import gettext
import os
import sys
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "_locale"  # <language>/LC_MESSAGES/course.mo


@cache
def _catalogue() -> gettext.NullTranslations:
    languages = [os.environ.get("COURSE_LANGUAGE") or "en"]
    return gettext.translation("course", FOLDER, languages, fallback=True)


# HTML class: what holds it is words, and $ is money (MathJax 2 in pages, 3 in notebooks)
NO_FORMULA = "tex2jax_ignore mathjax_ignore"


def for_any_console() -> None:
    """Have a console write ? for a sign that it lacks, in place of a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):  # a notebook's has none
            reconfigure(errors="replace")


def _(text: str, **values: object) -> str:
    """Return a sentence of the code in the reader's language, its {names} filled in."""
    found = _catalogue().gettext(text)
    return found.format(**values) if values else found


def clean(text: str, most: int | None = None) -> str:
    """Return the beginning of a text, half characters replaced: no page can hold them."""
    return text[:most].encode("utf-8", "replace").decode("utf-8")


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
        context: where it stands, as `course.messages` yields it, such as "06.3 hint".
        text: the English sentence.
    """
    return _catalogue().pgettext(context, text)
