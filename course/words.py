"""Every sentence a reader sees passes through here, so that it can be translated.

English stays where it is written. ``_`` looks a sentence up in the catalogue of the
language named in the environment variable ``COURSE_LANGUAGE``, and gives it back as it
is where there is none.
"""

import gettext
import os
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def _catalogue() -> gettext.NullTranslations:
    languages = [os.environ.get("COURSE_LANGUAGE") or "en"]
    folder = Path(__file__).resolve().parent / "_locale"
    return gettext.translation("course", folder, languages, fallback=True)


def _(text: str) -> str:
    """Return a sentence in the reader's language."""
    return _catalogue().gettext(text)


def plural(one: str, many: str, count: int) -> str:
    """Return the form of a sentence that fits a count; ``{count}`` is filled in.

    Args:
        one: the sentence for one thing, such as ``"{count} row"``.
        many: the sentence for several.
        count: how many there are.
    """
    return _catalogue().ngettext(one, many, count).format(count=f"{count:,}")
