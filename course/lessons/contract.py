"""The contract of a lesson: what it promises, kept in the notebook's metadata."""

import json
from pathlib import Path
from typing import Any

from course.paths import lessons_dir


def contracts() -> dict[str, dict[str, Any]]:
    """Return the contract of every lesson, in teaching order.

    Returns:
        Lesson id (two digits) -> the notebook's ``course`` metadata: id, title,
        objectives, minutes (teach, practise), prerequisites, tables, claims.
    """
    found = {}
    for path in sorted(lessons_dir().glob("[0-9][0-9]_*.ipynb")):
        contract = read_contract(path)
        found[contract["id"]] = contract
    return found


def read_contract(path: Path) -> dict[str, Any]:
    """Return the contract in one notebook's metadata."""
    return json.loads(path.read_text(encoding="utf-8"))["metadata"]["course"]


def markdown(contract: dict[str, Any]) -> str:
    """Write a contract out as a lesson's second cell shows it.

    Args:
        contract: a lesson's ``course`` metadata.

    Returns:
        Markdown; the tests hold the cell and the metadata to each other.
    """
    teach, practise = contract["minutes"]["teach"], contract["minutes"]["practise"]
    needs = ", ".join(contract["prerequisites"]) or "none"
    lines = ["**After this lesson you can**", ""]
    lines += [f"{n}. {text}" for n, text in enumerate(contract["objectives"], 1)]
    lines += [
        "",
        f"**Time** {teach + practise} minutes: {teach} to follow, {practise} to "
        f"practise. **Needs** lessons: {needs}.",
        "",
        f"**Data** {_listed(contract['tables'])}. "
        f"**Claims tested** {_listed(contract['claims'])}.",
    ]
    return "\n".join(lines)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"
