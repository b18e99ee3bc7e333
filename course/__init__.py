"""Claims on the Amur: the helper module behind the lessons.

Everything a lesson uses hangs here and loads when first used, so that
``import course`` stays as cheap as importing pandas alone.
"""

from importlib import import_module
from typing import Any

__version__ = "2026.11.1"

_HOME = {
    "load": "data",
    "shapes": "data",
    "tables": "data",
    "describe": "description",
    "cite": "data",
    "CourseError": "errors",
    "area_map": "maps.area",
    "LiveMap": "maps.live",
    "chart": "charts",
    "check": "exercises.verbs",
    "hint": "exercises.verbs",
    "solution": "exercises.verbs",
    "progress": "exercises.verbs",
}
_MODULES = {"explore": "explore", "doctor": "start.doctor"}

__all__ = [*_HOME, *_MODULES]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(f"course.{_HOME[name]}"), name)
    elif name in _MODULES:
        value = import_module(f"course.{_MODULES[name]}")
    else:
        raise AttributeError(f"module 'course' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
