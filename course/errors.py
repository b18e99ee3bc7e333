"""What a student is told when something is not as it should be."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from course.words import _


class CourseError(ValueError):
    """A mistake a student can mend; the message says how."""

    def _render_traceback_(self) -> list[str]:
        # IPython shows this in place of a traceback: the sentence is what helps
        return [f"CourseError: {self}"]


def known(word: object, options: Collection[str], what: str, lead: str = "") -> str:
    """Return ``word`` if it is one of the options.

    Args:
        word: what was asked for.
        options: the words there are.
        what: what kind of thing they name, in the reader's language.
        lead: how the message introduces them, instead of "Choose one of".

    Raises:
        CourseError: it is none of them; the message names the closest, and all.
    """
    if isinstance(word, str) and word in options:
        return word
    say = _("There is no {what} {word}.", what=what, word=repr(word)) + nearest(word, options)
    raise CourseError(f"{say} {lead or _('Choose one of')}: {', '.join(options)}.")


def nearest(word: object, options: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the option closest to a word, or ``""``."""
    if not isinstance(word, str):
        return ""
    asked, spelled = word.lower(), {k.lower(): k for k in options}
    found = get_close_matches(asked, spelled, n=1, cutoff=0.6)
    if not found:  # gdp for gdp_current_prices
        found = sorted((k for k in spelled if k.startswith(asked)), key=len)
    if not found or (len(asked) < 3 and asked not in spelled):  # cn is not a misspelt mn
        return ""
    return " " + _("Did you mean {word}?", word=repr(spelled[found[0]]))
