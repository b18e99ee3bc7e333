"""An exercise, and how it judges whatever a student hands in."""

import dis
import re
import warnings
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import KW_ONLY, dataclass, replace
from types import CodeType
from typing import Any

from course.errors import CourseError
from course.exercises.compare import Rule, alike, kind_of, same
from course.exercises.explain import difference, unfinished
from course.exercises.on_map import is_empty, is_swapped
from course.exercises.show import Feedback
from course.exercises.values import (
    Misfit,
    Unreadable,
    describe,
    fold,
    misfit,
    type_name,
    unwrap,
)

KINDS = ("number", "text", "choice", "set", "table", "mapping", "map", "function", "free")
LONGEST = 100_000  # characters of a free text


@dataclass
class Exercise:
    """One exercise: what is asked, the right answer and the usual mistakes.

    Attributes:
        id: lesson and number, such as "06.3".
        ask: the exercise in one line.
        answer: computes the right answer; for a function or a map, makes one.
        mistakes: words for the student -> computes the value the mistake leads to.
            For a map the words are those of ``checks``, for a free text the value is
            a text that lacks what the words ask for.
        solution: code that replaces the starter cell, check call included.
        hints: from gentle to strong.
        after: what the answer tells about the claim.
        objective: index into the objectives of the lesson.
        kind: number, text, choice, set, table, mapping, map, function or free.
        unit: unit of the answer; with "year", numbers are compared exactly.
        tolerance: relative tolerance of numbers (0 for exact ones).
        absolute: absolute tolerance of numbers, for answers near zero.
        minutes: how long a student needs.
        also: further right answers.
        options: what a choice, or each value of a mapping, may be.
        optional_zero: a mapping may leave out keys whose value is 0.
        exact_columns: a table must not have further columns.
        keys: columns of a table that say which row it is.
        no_duplicates: no value of a set may occur twice.
        checks: for a map or function: words -> what must hold, tried in order.
        may_be_empty: a map may be right with nothing drawn on the base map.
        inputs: for a function: tuples of arguments it is tried with.
        words: least number of words of a free text.
        mentions: what a free text must mention; a tuple lists ways to say it.
    """

    id: str
    _: KW_ONLY
    ask: str
    answer: Callable[[], Any]
    mistakes: dict[str, Callable[[], Any]]
    solution: str
    hints: Sequence[str]
    after: str
    objective: int
    kind: str = "number"
    unit: str = ""
    tolerance: float = 0.005
    absolute: float = 1e-9
    minutes: int = 5
    also: Sequence[Any] = ()
    options: Sequence[Any] = ()
    optional_zero: bool = False
    exact_columns: bool = False
    keys: Sequence[str] = ()
    no_duplicates: bool = False
    checks: Sequence[tuple[str, Callable[[Any], Any]]] = ()
    may_be_empty: bool = False
    inputs: Sequence[tuple[Any, ...]] | Callable[[], Any] = ()
    words: int = 20
    mentions: Sequence[str | tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise CourseError(f"Exercise {self.id}: there is no kind {self.kind!r}.")
        self.solution = self.solution.strip("\n")

    @property
    def rule(self) -> Rule:
        """How answers are compared."""
        return Rule(
            kind=self.kind,
            tolerance=self.tolerance,
            absolute=self.absolute,
            unit=self.unit,
            optional_zero=self.optional_zero,
            exact_columns=self.exact_columns,
            keys=tuple(self.keys),
            no_duplicates=self.no_duplicates,
        )

    def judge(self, answer: Any) -> Feedback:
        """Judge an answer, whatever it is, and keep no record.

        Args:
            answer: what the student handed in.

        Returns:
            The feedback; never an exception.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                status, message = self._judge(answer)
        except Misfit as error:
            status, message = "not yet", str(error)
        except Unreadable as error:
            status = "cannot tell"
            message = (
                f"The check cannot read your answer: {error}. Hand in plain values: a "
                "number, a text, a list, a dict, a pandas object or a folium map."
            )
        except CourseError as error:
            status, message = "cannot tell", str(error)
        except Exception as error:
            status = "cannot tell"
            message = (
                f"The check could not read your answer ({type_name(error)}). Show it in "
                "a cell of its own, turn it into plain values, and check again."
            )
        return Feedback(self.id, status, message)

    def _judge(self, answer: Any) -> tuple[str, str]:
        untouched, dots = unfinished(answer)
        if untouched:
            return "not attempted", "Put your answer in place of the three dots."
        if dots:
            return "not yet", f"Three dots are still there at: {', '.join(dots[:5])}."
        special = {"map": self._map, "function": self._function, "free": self._free}
        return special.get(self.kind, self._value)(answer)

    def _value(self, answer: Any) -> tuple[str, str]:
        expected, wrong = self.answer(), None
        try:
            if any(same(answer, right, self.rule) for right in [expected, *self.also]):
                return "passed", self.after
        except (Misfit, Unreadable) as error:
            wrong = error
        for words, value in self.mistakes.items():
            if _is_mistake(answer, value, self.rule):
                return "not yet", words
        if wrong is not None and describe(unwrap(answer)) is None:
            raise wrong
        return "not yet", difference(answer, expected, self.rule, list(self.options))

    def _map(self, m: Any) -> tuple[str, str]:
        import folium

        if not isinstance(m, folium.Map):
            found = describe(m) or f"an object of type {type_name(m)}"
            return "not yet", f"Your answer is {found}. A folium map is wanted.{_way(m)}"
        if is_empty(m) and not self.may_be_empty:
            return "not yet", (
                "Nothing is drawn on the map yet. Make a layer or marker and add it with "
                ".add_to(...) and the name of your map."
            )
        if is_swapped(m):
            return "not yet", (
                "Latitude and longitude are swapped: your points lie far outside the "
                "region. Folium wants [latitude, longitude]."
            )
        return self._checks(m)

    def _checks(self, thing: Any) -> tuple[str, str]:
        for words, holds in self.checks:
            try:
                fine = bool(holds(thing))
            except (LookupError, AttributeError):  # what it looks for is not even there
                fine = False
            except Exception as error:  # it is there, in a shape no check foresaw
                return "cannot tell", _odd(self.kind, error)
            if not fine:
                return "not yet", words
        return "passed", self.after

    def _samples(self) -> list[tuple[Any, ...]]:
        return list(self.inputs() if callable(self.inputs) else self.inputs)

    def _function(self, function: Any) -> tuple[str, str]:
        if not callable(function):
            found = describe(function) or f"an object of type {type_name(function)}"
            return "not yet", (
                f"Your answer is {found}. Hand in the function itself: its name, without "
                "brackets."
            )
        samples, reference = self._samples(), self.answer()
        results = []
        for sample in samples:
            try:
                results.append(function(*deepcopy(sample)))
            except (Exception, SystemExit) as error:
                return "not yet", _broke(error, sample)
        if samples and all(r is ... for r in results):
            return "not attempted", "Put your code in place of the three dots."
        if samples and all(r is None for r in results):
            if _is_bare(function):
                return "not attempted", "Put your code in place of the three dots."
            return "not yet", "The function gives nothing back. Does it end with return?"
        expected = [reference(*deepcopy(sample)) for sample in samples]
        bad = [n for n, pair in enumerate(zip(results, expected, strict=True))
               if not _agrees(*pair, self.rule)]  # fmt: skip
        if not bad:
            return self._checks(function)
        for words, value in self.mistakes.items():
            if self._computes(value, samples, results):
                return "not yet", words
        first = bad[0]
        text = f"With the input {_written(samples[first])}: "
        rule = _rule_for(expected[first], self.rule)
        return "not yet", text + difference(results[first], expected[first], rule, [])

    def _computes(
        self, value: Callable[[], Any], samples: list[Any], results: list[Any]
    ) -> bool:
        try:
            theirs = [value()(*deepcopy(sample)) for sample in samples]
        except Exception:  # as in _is_mistake
            return False
        return all(_agrees(*p, self.rule) for p in zip(results, theirs, strict=True))

    def _free(self, text: Any) -> tuple[str, str]:
        text = unwrap(text)
        if not isinstance(text, str):
            raise (
                misfit(text, "a text in quotes")
                if text is not None
                else Misfit("Your answer is empty (None). A text in quotes is wanted.")
            )
        if len(text) > LONGEST:
            return "not yet", f"Please keep to {LONGEST:,} characters."
        lacks = self._lacks(text)
        if not lacks:
            return "passed", f"Recorded. {self.after}"
        said = []
        for words, example in self.mistakes.items():
            known = self._example(example).keys()
            if known and known <= lacks.keys():
                said.append(words)
                lacks = {gap: lacks[gap] for gap in lacks if gap not in known}
        if lacks:
            said.append(f"Still missing: {'; '.join(lacks.values())}.")
        return "not yet", " ".join(said)

    def _example(self, example: Callable[[], Any]) -> dict[str, str]:
        try:
            return self._lacks(example())
        except Exception:  # as in _is_mistake
            return {}

    def _lacks(self, text: str) -> dict[str, str]:
        """Return what a text lacks: what two texts can have in common -> words."""
        folded, lacks = fold(text), {}
        for mention in self.mentions:
            ways = (mention,) if isinstance(mention, str) else tuple(mention)
            if not any(_mentions(folded, way) for way in ways):
                gap = f"a mention of {' or '.join(ways)}"
                lacks[gap] = gap
        count = count_words(text)
        if count < self.words:
            lacks["length"] = f"length (you have {count} of at least {self.words} words)"
        return lacks


def _way(thing: Any) -> str:
    """Say how to come from something else to the map it belongs to, if to any."""
    import folium

    try:
        if isinstance(getattr(thing, "map", None), folium.Map):  # a LiveMap
            return " Take its .map."
    except Exception:
        return ""  # an object's own trouble
    if isinstance(thing, folium.Marker):
        return " add_to returns the marker; hand in the map."
    if isinstance(thing, folium.MacroElement):
        return f" add_to returns the {type_name(thing)}; hand in the map."
    return ""


def _odd(kind: str, error: Exception) -> str:
    text = f"The check cannot read all of your {kind} ({type_name(error)})."
    if kind != "map":
        return text
    return (
        f"{text} Write places as [latitude, longitude] and sizes as plain numbers, and "
        "check again."
    )


def count_words(text: str) -> int:
    """Count words; two Chinese characters count as one word."""
    chinese = len(re.findall(r"[\u3400-\u9fff]", text))
    return len(re.findall(r"\w+", re.sub(r"[\u3400-\u9fff]", " ", text))) + (chinese + 1) // 2


def _mentions(folded: str, mention: str) -> bool:
    word = re.escape(fold(mention))
    # c1 is not meant by c10, but source is meant by sources
    end = r"(?!\d)" if mention[-1:].isdigit() else ""
    return re.search(rf"(?<![a-z0-9_]){word}{end}", folded) is not None


def _is_mistake(answer: Any, value: Callable[[], Any], rule: Rule) -> bool:
    try:
        return alike(answer, value(), rule)
    except Exception:  # one mistake that cannot be told must not hide the others
        return False


def _rule_for(expected: Any, rule: Rule) -> Rule:
    return replace(rule, kind=kind_of(expected))


def _agrees(result: Any, expected: Any, rule: Rule) -> bool:
    return alike(result, expected, _rule_for(expected, rule))


def _written(sample: tuple[Any, ...]) -> str:
    text = ", ".join(repr(value) for value in sample)  # our own values: safe
    return text if len(text) <= 80 else text[:77] + "..."


def _broke(error: BaseException, sample: tuple[Any, ...]) -> str:
    return (
        f"The function stops with {type_name(error)} for the input {_written(sample)}. "
        "Call it with that input in a cell of its own and read the last line."
    )


# all that is left of a body which only has dots, pass or a docstring
_BARE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}


def _is_bare(function: Any) -> bool:
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return False
    return {step.opname for step in dis.get_instructions(code)} <= _BARE
