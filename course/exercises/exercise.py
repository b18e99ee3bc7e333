"""An exercise: what is asked, the right answer, the usual mistakes; and how it judges."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import KW_ONLY, dataclass
from functools import partial
from random import Random
from typing import Any

from course.errors import CourseError
from course.exercises import values
from course.exercises.budget import limited
from course.exercises.explain import distance, dots, empty, explain, untouched
from course.exercises.read import read_value
from course.exercises.run import read_function, trouble
from course.exercises.show import Feedback
from course.exercises.values import Plain, Unfit, close, same
from course.exercises.verdict import Verdict
from course.words import _, said

_KINDS: dict[str, Callable[[Plain], Any]] = {
    "number": values.number,
    "text": values.text,
    "choice": values.text,
    "set": values.several,
    "mapping": values.pairs,
}


@dataclass
class Check:
    """One thing that must hold for a map or a function.

    Attributes:
        words: what the student is told if it does not.
        holds: the test, of a `Picture` (for a map) or of the runs (for a function).
        example: makes an answer that fails this test and none before it.
    """

    words: str
    holds: Callable[[Any], Any]
    example: Callable[[], Any]


@dataclass
class Exercise:
    """One exercise.

    Attributes:
        id: lesson and number, such as "06.3".
        ask: the exercise in one line.
        answer: computes the right answer; for a function or a map, makes one.
        mistakes: words for the student -> computes the value the mistake leads to.
        solution: code that replaces the starter cell, check call included.
        hints: from gentle to strong.
        after: what the answer tells about the claim.
        objective: index into the objectives of the lesson.
        kind: number, text, choice, set, mapping, map, function or verdict.
        unit: unit of the answer.
        digits: decimals of its numbers that count, as the task says (1 for "to one
            decimal", -3 for "to the nearest thousand"); None if they are exact.
        minutes: how long a student needs.
        also: further right answers.
        options: what a choice, or each value of a mapping, may be.
        optional_zero: a mapping may leave out keys whose value is 0.
        named: parameter of ``answer`` -> the year the task names, as ``{"year": 2017}``, or
            the row and its neighbours, as ``{"region": ("CN-HL", ["CN-JL"])}``; an answer
            for a neighbour is recognised.
        checks: for a map or a function: what must hold, tried in order.
        area: for a map: the study area that the task names.
        inputs: for a function: draws the arguments it is tried with, some at random.
        claims: for a verdict: the claims it may be on; ``answer`` gives the arguments of a
            `Verdict` that serves as example.
    """

    id: str
    _: KW_ONLY
    ask: str
    answer: Callable[..., Any]
    solution: str
    hints: Sequence[str]
    after: str
    objective: int
    mistakes: dict[str, Callable[[], Any]]
    kind: str = "number"
    unit: str = ""
    digits: int | None = None
    minutes: int = 5
    also: Sequence[Any] = ()
    options: Sequence[Any] = ()
    optional_zero: bool = False
    named: dict[str, Any] | None = None
    checks: Sequence[Check] = ()
    area: str = ""
    inputs: Callable[[Random], Sequence[tuple[Any, ...]]] = lambda _: ()
    claims: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.kind not in (*_KINDS, "map", "function", "verdict"):
            raise CourseError(f"Exercise {self.id}: there is no kind {self.kind!r}.")
        self.solution = self.solution.strip("\n")

    def judge(self, answer: Any, seed: int | None = None) -> Feedback:
        """Judge an answer, whatever it is, and keep no record.

        Args:
            answer: what the student handed in.
            seed: draws the same random inputs for a function again.

        Returns:
            The feedback; never an exception.
        """
        try:
            with limited():
                status, message = self.decide(self.read(answer, seed))
        except Unfit as error:
            status, message = error.status, str(error)
        except CourseError as error:
            status, message = "cannot tell", str(error)
        except BaseException as error:  # an object's own methods may raise anything
            status, message = trouble(error)
        return Feedback(self.id, status, message)

    def told(self, role: str, text: str) -> str:
        """Return a sentence of its own in the reader's language, by its role."""
        return said(f"{self.id} {role}", text)

    def read(self, answer: Any, seed: int | None = None) -> Plain:
        """Read an answer into its plain form, which is JSON; this runs the student's code.

        Raises:
            Unfit: it cannot be read; the message says why.
        """
        if self.kind == "map":
            from course.exercises.on_map import read_map

            return read_map(answer)
        if isinstance(answer, Verdict):
            return answer.plain()
        if self.kind == "function" and callable(answer) and answer is not ...:
            return read_function(answer, self.inputs(Random(seed)))
        return read_value(answer)

    def decide(self, plain: Plain) -> tuple[str, str]:
        """Judge the plain form of an answer.

        Returns:
            The status ("passed", "written", "not yet" or "not attempted") and words for the
            student.

        Raises:
            Unfit: the answer is of a wrong kind; the message says of which.
        """
        if untouched(plain):
            return "not attempted", _("Put your answer in place of the three dots.")
        if left := dots(plain):
            places = ", ".join(left[:5])
            return "not yet", _("Three dots are still there at: {places}.", places=places)
        if self.kind in _KINDS:
            return self._value(plain)
        code = f'course.Verdict("{next(iter(self.claims), "")}", ...)'
        special = {
            "map": (self._map, _("a folium map")),
            "function": (self._function, _("a function. Hand in its name, without brackets")),
            "verdict": (self._verdict, _("a verdict, signed as {code}", code=code)),
        }
        judge, wanted = special[self.kind]
        if plain["form"] != self.kind:
            error = values.unfit(plain, wanted)
            if self.kind == "verdict":  # a text, as release 2026.11.0 wanted, is not wrong
                error.status = "cannot tell"
            raise error
        return judge(plain["value"])

    # --- a value ---------------------------------------------------------------

    def _fit(self, plain: Plain) -> Any:
        """Return an answer in the form that the exercise wants."""
        found = _KINDS[self.kind](plain)
        if self.optional_zero:
            return {key: one for key, one in found.items() if one not in (0.0, None)}
        return found

    def _value(self, plain: Plain) -> tuple[str, str]:
        right = self._fit(read_value(self.answer()))
        try:
            given, wrong = self._fit(plain), None
        except Unfit as error:
            given = wrong = error
        if wrong is None:
            rights = (right, *(self._fit(read_value(other)) for other in self.also))
            if any(same(given, other, self.digits) for other in rights):
                return "passed", self.told("after", self.after)
        if words := self._mistake(plain, given, right):
            return "not yet", words
        if nothing := empty(plain):
            return "not yet", nothing
        if wrong is None:
            plainly = self._as_main(given, rights)
            words = plainly != given and self._mistake(plain, plainly, right)
            return "not yet", words or self._differs(plainly, right)
        number = values.as_number(plain["value"]) if self.kind == "number" else None
        if number is not None and same(number, right, self.digits):
            raise Unfit(_("The value is right, but it is text. Leave out the quotes."))
        raise wrong

    def _as_main(self, given: Any, rights: Sequence[Any]) -> Any:
        """Write what is right by a further right answer as the main one has it."""
        if len(rights) == 1 or not isinstance(given, dict):
            return given
        shared = [
            [
                key
                for key in rights[0]
                if key in one.keys() & given.keys() and close(given[key], one[key], self.digits)
            ]
            for one in rights
        ]
        return given | {key: rights[0][key] for key in max(shared, key=len)}

    def _mistake(self, plain: Plain, given: Any, right: Any) -> str:
        """Return the words for the known mistake that an answer fits, if one fits best."""
        found: dict[str, float] = {}
        for words, compute in self._known():
            try:
                known = read_value(compute())
                try:
                    off = distance(given, self._fit(known), self.digits, right)
                except Unfit:
                    off = distance(values.natural(plain), values.natural(known), self.digits)
            except Exception:  # noqa: S112 - one that cannot be told must not hide the others
                continue
            if off == 0:
                return words
            if off is not None:
                found[words] = off
        best, *others = sorted(found, key=found.__getitem__) or [""]
        return "" if others and found[best] > 0.5 * found[others[0]] else best

    def _known(self) -> list[tuple[str, Callable[[], Any]]]:
        """List the mistakes, and the answers for neighbours of what the task names."""
        known = [(self.told("mistake", words), wrong) for words, wrong in self.mistakes.items()]
        for parameter, named in (self.named or {}).items():
            year = not isinstance(named, tuple)
            row, others = (named, (named - 1, named + 1)) if year else named
            for one in others:
                words = _(
                    "That is the answer for {one}. The task names {row}.", one=one, row=row
                )
                known.append((words, partial(self.answer, **{parameter: one})))
        return known

    # --- maps and functions ------------------------------------------------------

    def _map(self, drawn: dict[str, Any]) -> tuple[str, str]:
        from course.maps.picture import Picture

        picture = Picture.of(drawn)
        if picture.flaw:
            return "not yet", picture.flaw
        if self.area and picture.area != self.area:
            words = _('The task asks for a map of course.area_map("{area}"). Yours is {other}.')
            other = f'course.area_map("{picture.area}")' if picture.area else _("another map")
            return "not yet", words.format(area=self.area, other=other)
        return self._checks(picture)

    def _checks(self, thing: Any) -> tuple[str, str]:
        for check in self.checks:
            try:
                fine = check.holds(thing)
            except (LookupError, AttributeError):  # what it looks for is not even there
                fine = False
            if not fine:
                return "not yet", self.told("mistake", check.words)
        return "passed", self.told("after", self.after)

    def _function(self, found: dict[str, Any]) -> tuple[str, str]:
        runs = found["runs"]
        if "raised" in runs[-1]:
            return "not yet", _broke(runs[-1])
        returned = [run["returned"] for run in runs]
        nothing = all(one["form"] == "nothing" for one in returned)
        if (nothing and found["bare"]) or all(map(untouched, returned)):
            return "not attempted", _("Put your code in place of the three dots.")
        if nothing:
            return "not yet", _("The function gives nothing back. Does it end with return?")
        inputs = [run["input"] for run in runs]
        given = [values.outcome(one) for one in returned]
        right = list(self._outputs(self.answer(), inputs))
        wrong = [n for n, pair in enumerate(zip(given, right, strict=True))
                 if not same(*pair, self.digits)]  # fmt: skip
        if not wrong:
            return self._checks(runs)
        for words, make in self.mistakes.items():
            outputs = self._outputs(make(), inputs)
            if all(distance(one, next(outputs), self.digits) is not None for one in given):
                return "not yet", self.told("mistake", words)
        words = _("With the input {input}: ", input=_written(inputs[wrong[0]]))
        return "not yet", words + self._differs(given[wrong[0]], right[wrong[0]])

    def _outputs(self, function: Callable[..., Any], inputs: list[Any]) -> Iterator[Any]:
        """Yield what one of our functions gives for each input, as it is compared."""
        for arguments in inputs:
            try:
                yield values.outcome(read_value(function(*deepcopy(arguments))))
            except Exception:  # a mistake may not bear each input
                yield Unfit

    def _differs(self, given: Any, right: Any) -> str:
        return explain(given, right, digits=self.digits, unit=self.unit, options=self.options)

    # --- a verdict ----------------------------------------------------------------

    def _verdict(self, found: dict[str, Any]) -> tuple[str, str]:
        if found["claim"] not in self.claims and found["status"] != "not attempted":
            words = _(
                "That is a verdict on {claim}, and it is kept. This exercise asks for {wanted}."
            )
            wanted = _(" or ").join(self.claims)
            return "not yet", words.format(claim=found["claim"], wanted=wanted)
        after = [self.told("after", self.after)] if found["status"] == "written" else []
        return found["status"], "\n".join([found["message"], *after])


def _written(arguments: Sequence[Any]) -> str:
    text = ", ".join(map(repr, arguments))
    return text if len(text) <= 80 else f"{text[:77]}..."


def _broke(run: Plain) -> str:
    words = _(
        "The function stops with {error} for the input {input}. Call it with that input in a "
        "cell of its own and read the last line.",
        error=run["raised"],
        input=_written(run["input"]),
    )
    return words + (_(" It got as far as `{line}`.", line=run["line"]) if run["line"] else "")
