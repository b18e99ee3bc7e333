"""Claims on the Amur: the helper module behind the lessons.

Everything a lesson uses hangs here and loads when first used, so that
``import course`` loads neither pandas nor folium.
"""

import sys
from importlib import import_module
from typing import Any

__version__ = "2026.11.1"

_ROOMS = {
    "data": ["load", "shapes", "cite"],
    "description": ["describe", "table", "tables"],
    "errors": ["CourseError"],
    "maps.area": ["area_map"],
    "maps.dual": ["DualMap"],
    "maps.live": ["LiveMap"],
    "charts": ["chart"],
    "exercises.verbs": ["check", "hint", "solution", "progress"],
    "exercises.verdict": ["Verdict", "verdicts"],
    "lessons.lesson_12.board": ["board"],
    "lessons.lesson_12.briefing": ["briefing"],
    "exercises.spread": ["spread"],
    "start.share": ["share"],
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}
_MODULES = {"explore": "explore", "doctor": "start.doctor"}

__all__ = [*_HOME, *_MODULES]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'course' has no attribute {name!r}")
    if "IPython" in sys.modules and "course.notebook" not in sys.modules:
        import_module("course.notebook").watch()
    room = import_module(f"course.{_HOME.get(name) or _MODULES[name]}")
    globals()[name] = getattr(room, name) if name in _HOME else room
    return globals()[name]


def __dir__() -> list[str]:
    return sorted(__all__)
