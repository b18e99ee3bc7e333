"""The command ``course``: what students and teachers do outside a notebook."""

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

import course
from course.errors import CourseError
from course.words import _, for_any_console

# command -> its room, which knows its ``options`` and can ``run`` it, and what it does
_COMMANDS = {
    "start": ("start.lab", _("copy the lessons into a folder of your own, and open them")),
    "update": ("start.update", _("bring your copies up to date; what is yours stays")),
    "doctor": ("start.doctor", _("check the installation; name what mends each fault")),
    "reset": ("start.copies", _("begin one lesson anew; your copy is kept under another name")),
    "export": ("teach.export", _("make solutions, slides or handouts of lessons, for a class")),
    "plan": ("teach.plan", _("plan a session: a run sheet of lessons that fit the time")),
    "share": ("start.share", _("let your teacher see how far you are, by your choice")),
    "class": ("teach.classroom", _("see where a class is and what is hard")),
    "grade": ("teach.grade", _("grade the notebooks of a class, each in a sandbox")),
    "catalogue": ("description", _("write a page that describes every table of the data")),
}


def main(argv: list[str] | None = None) -> int:
    """Run the command ``course``.

    Args:
        argv: the words after ``course``; those of the process if None. All
            after ``--`` goes to JupyterLab as it is.

    Returns:
        The exit code: 0 fine, 1 ``course doctor`` found a fault or ``course update`` left
        a lesson as it was, 2 the command could not be carried out and said why.
    """
    for_any_console()
    words = sys.argv[1:] if argv is None else argv
    cut = words.index("--") if "--" in words else len(words)
    args = _parser(words[:1]).parse_args(
        words[:cut], argparse.Namespace(extra=words[cut + 1 :])
    )
    try:
        code: int = args.run(args) or 0  # most rooms have nothing to add
        sys.stdout.flush()
    except CourseError as error:
        print(f"course {args.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # files are written whole or not at all
        return 130
    except BrokenPipeError:  # course doctor | head
        # Python would flush once more when it ends, and complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _parser(asked: list[str]) -> argparse.ArgumentParser:
    """Return the parser; only the room of the command that is asked for is loaded."""
    parser = argparse.ArgumentParser(
        prog="course", description=_("Claims on the Amur: a course, and all that opens it.")
    )
    version = f"amur-course {course.__version__}"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (room, does) in _COMMANDS.items():
        made = commands.add_parser(name, help=does, description=does)
        if name in asked:
            home = import_module(f"course.{room}")
            home.options(made)
            made.set_defaults(run=home.run)
    return parser


def folder_option(parser: argparse.ArgumentParser) -> None:
    """Add the student's folder to what a command takes."""
    text = _("where your copies live (amur-course here, if you name none)")
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help=text)
