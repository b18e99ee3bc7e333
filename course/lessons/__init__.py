"""One room per lesson, and the one list of what stands in which.

The room of lesson NN is the module ``lesson_NN``: what its exercises and its explorers
compute from, then ``EXERCISES``, then the explorers by name.
"""

import json
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from course.paths import lessons_dir

EXPLORERS = {  # name -> the lesson in whose room it stands
    "claims": "01",
    "timeline": "01",
    "far_east": "03",
    "trade": "06",
    "basket": "07",
    "vintages": "04",
    "hours": "05",
    "network": "09",
    "projects": "10",
    "shocks": "11",
    "tariff_cut": "08",
    "calibration": "12",
    "verdicts": "12",
}


@cache
def lessons() -> list[str]:
    """List the lessons that have a room, two digits each, in teaching order."""
    names = [module.name for module in iter_modules(__path__)]
    return sorted(name[-2:] for name in names if re.fullmatch(r"lesson_\d\d", name))


def room(lesson: str) -> ModuleType:
    """Return the module of a lesson, importing it and no other.

    Args:
        lesson: two digits, one of `lessons`.
    """
    return import_module(f"{__name__}.lesson_{lesson}")


# --- contracts ----------------------------------------------------------------


def contracts() -> dict[str, dict[str, Any]]:
    """Return the contract of every lesson, in teaching order.

    Returns:
        Lesson id (two digits) -> the notebook's ``course`` metadata: id, title,
        objectives, minutes (teach, practise), prerequisites, tables, claims.
    """
    every = map(read_contract, sorted(lessons_dir().glob("[0-9][0-9]_*.ipynb")))
    return {contract["id"]: contract for contract in every}


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
    goals = (f"{n}. {text}" for n, text in enumerate(contract["objectives"], 1))
    return "\n".join(
        [
            "**After this lesson you can**",
            "",
            *goals,
            "",
            f"**Time** {teach + practise} minutes: {teach} to follow, {practise} to "
            f"practise. **Needs** lessons: {needs}. **Words** are explained in the "
            "[glossary](glossary.ipynb).",
            "",
            f"**Data** {_listed(contract['tables'])}. "
            f"**Claims tested** {_listed(contract['claims'])}.",
        ]
    )


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"
