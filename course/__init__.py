"""Claims on the Amur: the helper module behind the lessons.

Everything a lesson uses hangs here and loads when first used, so that
``import course`` stays as cheap as importing pandas alone.
"""

from importlib import import_module
from typing import Any

__version__ = "2026.11.0"

_HOME = {
    "load": "data",
    "tables": "data",
    "describe": "description",
    "cite": "data",
    "CourseError": "data",
    "area_map": "maps",
    "LiveMap": "live",
    "chart": "charts",
    "check": "exercises",
    "hint": "exercises",
    "solution": "exercises",
    "progress": "exercises",
}
_MODULES = {"explore", "contract", "offline"}

__all__ = [*_HOME, *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(f"course.{_HOME[name]}"), name)
    elif name in _MODULES:
        value = import_module(f"course.{name}")
    else:
        raise AttributeError(f"module 'course' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
