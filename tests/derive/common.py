"""What all derivations share: the registry of sources, and the descriptor's parts."""

import hashlib
import re
import unicodedata
from typing import Any

import pandas as pd

CHECKS = ["two sources", "one source", "conflict"]
CONFIRMED = (
    "two sources: a second page, named in source2_id, has it too; both may go back to "
    "one office. one source: one page, or copies of one. conflict: pages differ, and the "
    "note or another row has the other figure."
)
UNTITLED = "Page at "  # begins the title of a page known by its address only
LANGUAGES = {"en": "English", "ru": "Russian", "zh": "Chinese", "mn": "Mongolian"}


class Sources:
    """Gives each source a short, speaking id, the same in every run."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str], str] = {}
        self._named: dict[str, tuple[str, str]] = {}

    def id(self, title: str, url: str) -> str:
        """Return the id of the source with this title and address.

        One page is one source, under the title it was first given. Files of one
        GitHub repository, and sources without an address, are told apart by title.

        Args:
            title: what the page or file calls itself.
            url: where it stands, or words where there is no address.

        Returns:
            Lower-case letters, digits and underscores.
        """
        title, url = " ".join(title.split()), url.strip()
        if not title:
            raise ValueError(f"a source without a title: {url!r}")
        page = _page(url)
        key = ("", page) if page else (title, url)
        if key not in self._ids:
            name = slug(title)
            if name in self._named:  # another page with nearly the same title
                name += "_" + hashlib.sha256(f"{title}\n{url}".encode()).hexdigest()[:4]
            self._named[name] = (title, url)
            self._ids[key] = name
        known = self._ids[key]
        if self._named[known][0].startswith(UNTITLED):
            self._named[known] = (title, url)
        return known

    def listed(self) -> pd.DataFrame:
        """Return what was registered: source_id, title, url; sorted by id."""
        rows = [(i, title, url) for i, (title, url) in self._named.items()]
        frame = pd.DataFrame(rows, columns=["source_id", "title", "url"])
        return frame.sort_values("source_id", ignore_index=True)


def _page(url: str) -> str:
    """What tells one web page from another; "" for a repository or no address."""
    if not url.startswith("http") or " " in url or "//github.com/" in url:
        return ""
    return re.sub(r"^https?://(www\.)?", "", url).rstrip("/")


def slug(title: str, longest: int = 44) -> str:
    """A title as an id: its first words in lower-case ASCII.

    Args:
        title: what a page or file calls itself.
        longest: how many letters and digits the words may have together.

    Returns:
        Letters, digits and underscores; a number where the title has no Latin letters.
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.lower())
    name = ""
    for word in words:
        if len(name) + len(word) > longest:
            break
        name += f"_{word}" if name else word
    return name or "source_" + hashlib.sha256(title.encode()).hexdigest()[:6]


def field(
    name: str,
    kind: str,
    description: str,
    unit: str | None = None,
    required: bool = False,
    **limits: Any,
) -> dict[str, Any]:
    """Describe one column as Frictionless wants it.

    Args:
        name: the column's name.
        kind: its type: string, integer, number, boolean or date.
        description: what it means.
        unit: the unit of its values, if any.
        required: whether it may stand empty.
        limits: further constraints: minimum, maximum, enum, pattern, unique.
    """
    described: dict[str, Any] = {"name": name, "type": kind, "description": description}
    if unit:
        described["unit"] = unit
    constraints = {"required": True} if required else {}
    constraints |= limits
    if constraints:
        described["constraints"] = constraints
    return described


def text(
    name: str, description: str, *words: str, required: bool = True, **limits: Any
) -> dict[str, Any]:
    """Describe a column of text; ``words`` are all it may hold."""
    if words:
        limits["enum"] = list(words)
    return field(name, "string", description, required=required, **limits)


def value_kind(*words: str) -> dict[str, Any]:
    """Describe the column that says how a figure came about, in one of these words."""
    return text("value_kind", "How the figure came about.", *words)


def names(what: str, *languages: str, required: tuple[str, ...] = ("en",)) -> list[dict]:
    """Describe the columns name_en, name_ru ... of a thing."""
    return [
        text(
            f"name_{code}",
            f"Name of the {what} in {LANGUAGES[code]}.",
            required=code in required,
        )
        for code in languages or LANGUAGES
    ]


def key(column: str, table: str, target: str | None = None) -> dict[str, Any]:
    """Describe a foreign key: ``column`` holds a key of ``table``."""
    return {"fields": column, "reference": {"resource": table, "fields": target or column}}


SOURCE = [
    text("source_id", "Where the row stands: sources.source_id."),
    text(
        "source2_id",
        "A second page: it confirms the row, or names the other figure of a "
        "conflict; the note says which.",
        required=False,
    ),
]
TAIL = [
    *SOURCE,
    text("check", CONFIRMED, *CHECKS),
    text("note", "Short remark in our own words.", required=False),
]
SOURCE_KEYS = [key("source_id", "sources"), key("source2_id", "sources", "source_id")]


def resource(
    name: str,
    title: str,
    description: str,
    fields: list[dict[str, Any]],
    primary: list[str],
    foreign: list[dict[str, Any]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Describe one table as Frictionless wants it.

    Args:
        name: the table's name.
        title: what it is, in a line.
        description: what one row is, and what a reader must know.
        fields: its columns, made by `field`.
        primary: the columns that tell its rows apart; none where nothing does.
        foreign: its foreign keys, made by `key`.
        more: further properties, for example ``licenses``.
    """
    schema: dict[str, Any] = {"fields": fields}
    if primary:
        schema["primaryKey"] = primary
    if foreign:
        schema["foreignKeys"] = foreign
    return {"name": name, "title": title, "description": description, "schema": schema, **more}
