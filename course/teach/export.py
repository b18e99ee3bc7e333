"""``course export``: solutions, slides and handouts, made from the lessons by nbconvert."""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from subprocess import DEVNULL
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
from course.start.environment import environment, takes_files
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


def run(args: argparse.Namespace) -> None:
    """Carry out ``course export``."""
    words = " ".join(args.what).replace(",", " ").split()
    numbers = [word for word in words if word[:1].isdigit()]
    kinds = [word for word in words if word not in numbers]
    try:
        for file in export(kinds, numbers, args.out, args.solved):
            print(file)
    except KeyboardInterrupt as error:
        say = _("Stopped. What was made is whole; the same command makes the rest.")
        raise CourseError(say) from error


def export(
    kinds: Iterable[str],
    numbers: Iterable[str] = (),
    folder: Path | str = "amur-papers",
    solved: bool = False,
) -> list[Path]:
    """Make papers for a class; one run of a lesson serves both its slides and its handout.

    Args:
        kinds: of solutions, slides, handout; all of them if empty.
        numbers: of lessons, such as "03"; all of them if empty.
        folder: where to; made if need be. A file that is there already stays as it is.
        solved: run the notebooks with solutions, too.

    Returns:
        The files that were made.

    Raises:
        CourseError: there is no such kind or lesson, the folder takes no files, or a lesson
            does not run.
    """
    wanted = dict.fromkeys(known(kind, _ENDS, _("kind of paper")) for kind in kinds)
    chosen = dict.fromkeys(known(n.zfill(2), lessons(), _("lesson")) for n in numbers)
    folder, made, played = Path(folder), list[Path](), dict[str, nbformat.NotebookNode]()
    other = _("Name another folder or disk: --out FOLDER")
    if not takes_files(folder) or folder.resolve() == lessons_dir().resolve():
        raise CourseError(_("{folder} takes no papers.", folder=folder) + " " + other)
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        for number, kind in product(chosen or lessons(), wanted or _ENDS):
            [lesson] = lessons_dir().glob(f"{number}_*.ipynb")
            file = folder / f"{lesson.stem}_{_ENDS[kind]}"
            if os.path.lexists(file):
                say = _("{file} is there and stays. Delete it to have it made anew.", file=file)
                print(say, file=sys.stderr)
                continue
            book = nbformat.read(lesson, as_version=4)
            if kind == "solutions":
                _solve(book)
                text = nbformat.writes(_play(book, bar) if solved else book) + "\n"
            else:
                played[number] = played.get(number) or _play(book, bar)
                text = _page(played[number], kind)
            try:
                folder.mkdir(parents=True, exist_ok=True)
                write_whole(file, text.encode(), new=True)
            except OSError as error:
                say = _("{file} cannot be written ({why}).", file=file, why=error.strerror)
                raise CourseError(f"{say} {other}") from error
            made.append(file)
    return made


def _play(book: nbformat.NotebookNode, bar: Progress) -> nbformat.NotebookNode:
    """Run a notebook in an empty folder, on a kernel of this very Python."""
    about = book.metadata["course"]
    cells = sum(cell.cell_type == "code" for cell in book.cells)
    task = bar.add_task(f"{about['id']} {about['title']}", total=cells)
    # seconds of a cell, and until a kernel is there on a busy machine
    client = nbclient.NotebookClient(
        book, timeout=300, startup_timeout=300, store_widget_state=False
    )
    client.on_cell_executed = lambda **_: bar.advance(task)
    client.create_kernel_manager().kernel_spec_manager.kernel_dirs = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        client.resources = {"metadata": {"path": place}}
        try:
            return client.execute(env=environment(Path(place)), stdout=DEVNULL, stderr=DEVNULL)
        except AssertionError as error:  # what nbclient makes of Ctrl+C
            raise KeyboardInterrupt from error
        except (nbclient.exceptions.CellControlSignal, RuntimeError) as error:
            why = f"{error}".strip().rpartition("\n")[2]
            say = _("Lesson {number} does not run ({why}).", number=about["id"], why=why)
            raise CourseError(f"{say} {_('`course doctor` looks for faults.')}") from error


def _solve(book: nbformat.NotebookNode) -> None:
    """Put solutions in place of the starters, and add cells that are marked for teachers."""
    about = notes(book.metadata["course"]["id"]).items()
    head = _("**For teachers: this file holds the answers.** Do not hand it out.")
    cells = [_marked("teachers", head, *(f"**{lead}.** {text}" for lead, text in about))]
    for cell in book.cells:
        cells.append(cell)
        if name := cell.metadata.get("exercise"):
            task = exercise(name)
            cell.source = task.solution
            head = _("**For teachers: {id}.** The hints, and what the answer tells:", id=name)
            hints = [f"- {task.told('hint', hint)}" for hint in task.hints]
            said = _marked(f"{cell.id}-said", head, *hints, task.told("after", task.after))
            cells.append(said)
    book.cells = cells


def _marked(cell_id: str, *parts: str) -> nbformat.NotebookNode:
    text = indent("\n\n".join(parts), "> ", lambda line: True)
    return nbformat.v4.new_markdown_cell(text, id=cell_id)


def _page(book: nbformat.NotebookNode, kind: str) -> str:
    """Return slides or a handout, one page that asks for no other file."""
    templates = [str(_HERE / "templates")]
    paper = HTMLExporter(template_name="paper", extra_template_basedirs=templates)
    paper.exclude_input_prompt = paper.exclude_output_prompt = True
    paper.register_filter("markdown2html", _html)
    player = _HERE.parent / "maps" / "others" / "reveal.js-6.0.2"
    reveal = {end: (player / f"reveal.{end}").read_text("utf-8") for end in ("css", "js")}
    return str(paper.from_notebook_node(book, {"kind": kind, "reveal": reveal})[0])


def _html(text: str) -> str:
    text = re.sub(r"\[([^]]+)\]\(\w+\.ipynb[^)]*\)", r"\1", text)  # not beside this page
    text = re.sub(r"(?m)^## How far are you\?\s*\Z", "", text)  # nor does it know
    return MarkdownWithMath(_Formulas(escape=False, exclude_anchor_links=True)).render(text)


class _Formulas(IPythonRenderer):
    """Formulas as MathML: browsers draw it without a script."""

    def inline_math(self, body: str) -> str:
        return convert(body)

    def block_math(self, body: str) -> str:
        return convert(body, display="block")
