"""``course export``: solutions, slides and handouts, made from the lessons by nbconvert."""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from textwrap import indent

import nbclient
import nbformat
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from rich.console import Console
from rich.progress import Progress

from course.errors import CourseError, known
from course.exercises.verbs import exercise
from course.lessons import lessons
from course.paths import lessons_dir, write_whole
from course.start.environment import environment
from course.teach.notes import notes
from course.words import _

_ENDS = {"solutions": "for_teachers.ipynb", "slides": "slides.html", "handout": "handout.html"}
_HERE = Path(__file__).resolve().parent


def options(parser: argparse.ArgumentParser) -> None:
    """Say what ``course export`` takes."""
    text = _(
        "solutions, slides, handout, or several; then lessons, such as 03 06 (all if none)"
    )
    parser.add_argument("what", nargs="+", metavar="WHAT", help=text)
    text = _("where to write (amur-papers here, if you name none)")
    parser.add_argument("--out", type=Path, default="amur-papers", metavar="FOLDER", help=text)
    text = _("run the solutions, too, so that their file shows what comes out")
    parser.add_argument("--run", dest="solved", action="store_true", help=text)


def run(args: argparse.Namespace) -> int:
    """Carry out ``course export``."""
    numbers = [word for word in args.what if word[:1].isdigit()]
    kinds = [word for word in args.what if word not in numbers]
    try:
        print(*export(kinds, numbers, args.out, args.solved), sep="\n")
    except KeyboardInterrupt as error:
        say = _("Stopped. What was made is whole; the same command makes the rest.")
        raise CourseError(say) from error
    return 0


def export(
    kinds: Sequence[str],
    numbers: Sequence[str] = (),
    folder: Path | str = "amur-papers",
    solved: bool = False,
) -> list[Path]:
    """Make papers for a class; one run of a lesson serves both its slides and its handout.

    Args:
        kinds: what to make: solutions, slides, handout.
        numbers: the lessons, two digits each; all of them if there are none.
        folder: where to; made if need be. A file that is there already stays as it is.
        solved: run the notebooks with solutions, too.

    Returns:
        The files that were made.

    Raises:
        CourseError: there is no such kind or lesson, a file cannot be written, or a lesson
            does not run.
    """
    lead = _("Say what to make, then the numbers of lessons. There are")
    kinds = [known(kind, _ENDS, _("paper"), lead) for kind in kinds or [""]]
    numbers = [known(n.zfill(2), lessons(), _("lesson")) for n in numbers] or lessons()
    made, played = list[Path](), dict[str, nbformat.NotebookNode]()
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        for number, kind in [(number, kind) for number in numbers for kind in kinds]:
            lesson = next(lessons_dir().glob(f"{number}_*.ipynb"))
            file = Path(folder).expanduser() / f"{lesson.stem}_{_ENDS[kind]}"
            if os.path.lexists(file):
                say = _("{file} is there and stays as it is. Delete it to have it made anew.")
                print(say.format(file=file), file=sys.stderr)
                continue
            book = nbformat.read(lesson, as_version=4)
            if kind == "solutions":
                _solve(book)
                text = nbformat.writes(_play(book, bar) if solved else book) + "\n"
            else:
                played[number] = played.get(number) or _play(book, bar)
                text = _page(played[number], kind)
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                write_whole(file, text.encode(), new=True)
            except OSError as error:
                say = _(
                    "{file} cannot be written ({reason}). Name another folder: --out FOLDER"
                )
                raise CourseError(say.format(file=file, reason=error.strerror)) from error
            made.append(file)
    return made


def _play(book: nbformat.NotebookNode, bar: Progress) -> nbformat.NotebookNode:
    """Run a notebook in an empty folder, on a kernel of this very Python."""
    about = book.metadata["course"]
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    task = bar.add_task(f"{about['id']} {about['title']}", total=len(code))
    client = nbclient.NotebookClient(book, timeout=300, store_widget_state=False)
    client.extra_arguments = ["--log-level=ERROR"]
    client.on_cell_executed = lambda **_: bar.advance(task)
    client.create_kernel_manager().kernel_spec_manager.kernel_dirs = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        client.resources = {"metadata": {"path": place}}
        try:
            return client.execute(env=environment(Path(place)))
        except (nbclient.exceptions.CellControlSignal, RuntimeError) as error:
            say = _(
                "Lesson {lesson} does not run ({reason}). `course doctor` looks for faults."
            )
            reason = str(error).strip().rpartition("\n")[2]
            raise CourseError(say.format(lesson=about["id"], reason=reason)) from error


def _solve(book: nbformat.NotebookNode) -> None:
    """Put solutions in place of the starters, and beside them what only teachers see."""
    lines = [
        f"**{lead}.** {text}" for lead, text in notes(book.metadata["course"]["id"]).items()
    ]
    first = _("**For teachers: this notebook holds the answers.** Do not hand it out.")
    cells = [_marked("teachers", first, *lines)]
    for cell in book.cells:
        cells.append(cell)
        if name := cell.metadata.get("exercise"):
            task = exercise(name)
            cell.source = task.solution
            hints = "\n".join(f"- {task.told('hint', hint)}" for hint in task.hints)
            said = [
                _("**For teachers: {id}.** Hints:", id=name),
                hints,
                task.told("after", task.after),
            ]
            cells.append(_marked(f"{cell.id}-teachers", *said))
    book.cells = cells


def _marked(cell_id: str, *parts: str) -> nbformat.NotebookNode:
    text = indent("\n\n".join(parts), "> ", lambda line: True)
    return nbformat.v4.new_markdown_cell(text, id=cell_id)


class _Formulas(IPythonRenderer):
    """Formulas as MathML: browsers draw it without a script."""

    def inline_math(self, body: str) -> str:
        return convert(body)

    def block_math(self, body: str) -> str:
        return convert(body, display="block")


def _page(book: nbformat.NotebookNode, kind: str) -> str:
    """Return slides or a handout; links to other lessons lead nowhere there, and go."""
    paper = HTMLExporter(
        template_name="paper", extra_template_basedirs=[str(_HERE / "templates")]
    )
    paper.exclude_input_prompt = paper.exclude_output_prompt = paper.exclude_anchor_links = True
    paper.register_filter("markdown2html", _html)
    others = _HERE.parent / "maps" / "others" / "reveal.js-6.0.2"
    reveal = {name: (others / f"reveal.{name}").read_text("utf-8") for name in ("css", "js")}
    page, _more = paper.from_notebook_node(book, {"kind": kind, "reveal": reveal})
    return str(page)


def _html(text: str) -> str:
    text = re.sub(r"\[([^]]+)\]\(\w+\.ipynb[^)]*\)", r"\1", text)
    return MarkdownWithMath(renderer=_Formulas(escape=False)).render(text)
