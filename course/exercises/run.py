"""Run what is a student's: a function on some inputs; and say what stopped it."""

import dis
import linecache
from collections.abc import Callable, Iterable
from copy import deepcopy
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any

from course.exercises import budget
from course.exercises.read import read_value, type_name
from course.exercises.values import Plain, Unfit
from course.words import _

_OURS = str(Path(__file__).resolve().parents[1])
# all that is left of a body which only has dots, pass or a docstring
_BARE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE", "LOAD_SMALL_INT"}


def read_function(function: Callable[..., Any], inputs: Iterable[tuple[Any, ...]]) -> Plain:
    """Call a function with each input, up to the first that it does not bear.

    Args:
        function: the student's.
        inputs: tuples of arguments, plain values.

    Returns:
        The plain form; its ``value`` has ``runs``, a list of dicts, each with ``input`` and
        either ``returned`` (plain) or ``raised`` (the error's name) and ``line`` (of the
        student's code), and ``bare``: whether the body holds no code yet.
    """
    code = getattr(function, "__code__", None)
    bare = (
        isinstance(code, CodeType)
        and {step.opname for step in dis.get_instructions(code)} <= _BARE
    )
    runs: list[dict[str, Any]] = []
    for arguments in inputs:
        run: dict[str, Any] = {"input": list(arguments)}
        runs.append(run)
        try:
            returned = function(*deepcopy(arguments))
        except (Exception, SystemExit) as error:
            run |= {"raised": type_name(error), "line": own_line(error.__traceback__)}
            break
        try:
            run["returned"] = read_value(returned)
        except Unfit as error:
            run["returned"] = {"form": "other", "what": str(error), "value": None}
    value = {"runs": runs, "bare": bare}
    return {"form": "function", "what": _("a function"), "value": value}


def own_line(trace: TracebackType | None) -> str:
    """Return the last line of the student's own code that an error went through, or ""."""
    line = ""
    while trace:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith(_OURS) and "site-packages" not in file:
            line = linecache.getline(file, trace.tb_lineno).strip() or line
        trace = trace.tb_next
    return line


def trouble(error: BaseException) -> tuple[str, str]:
    """Return the status of an answer that could not be read to its end, and say why."""
    if not isinstance(error, budget.OutOfTime | KeyboardInterrupt):
        words = _(
            "The check could not read your answer ({error}). Show it in a cell of its "
            "own, turn it into plain values, and check again.",
            error=type_name(error),
        )
        return "cannot tell", words
    line = own_line(error.__traceback__)
    where = _(" It was at `{line}`.", line=line) if line else ""
    if isinstance(error, KeyboardInterrupt):
        return "not yet", _("The check was stopped.") + where
    words = _("Your code runs for more than {count:g} seconds, so it was stopped.")
    loop = _(" Is there a loop that never ends?")
    return "not yet", words.format(count=budget.SECONDS) + where + loop
