"""The command ``course``: open the lessons, or find out why they do not open."""

import argparse
import os
import sys
from pathlib import Path

import course
from course.errors import CourseError
from course.words import _, for_any_console


def main(argv: list[str] | None = None) -> int:
    """Run the command ``course``.

    Args:
        argv: the words after ``course``; those of the process if None. All
            after ``--`` goes to JupyterLab as it is.

    Returns:
        The exit code: 0 fine, 1 ``course doctor`` found a fault, 2 the command
        could not be carried out and said why.
    """
    for_any_console()
    words = sys.argv[1:] if argv is None else argv
    cut = words.index("--") if "--" in words else len(words)
    args = _parser().parse_args(words[:cut], argparse.Namespace(extra=words[cut + 1 :]))
    try:
        code = _run(args)
        sys.stdout.flush()
    except CourseError as error:
        print(f"course {args.command}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # course doctor | head
        # Python would flush once more when it ends, and complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _run(args: argparse.Namespace) -> int:
    if args.command == "start":
        from course.start import lab

        return lab.start(args.folder, not args.no_browser, args.port, args.extra)
    if args.command == "doctor":
        from course.start import doctor

        return doctor.main(args.folder)
    if args.command == "reset":
        from course.start import copies

        fresh, old = copies.reset_lesson(args.lesson, args.folder)
        print(_("A fresh copy: {file}", file=fresh))
        if old:
            print(_("Yours is kept: {file}", file=old))
            print(_("If the lesson is open in JupyterLab: File > Reload Notebook from Disk."))
        return 0
    from course.description import catalogue
    from course.paths import write_page

    print(_("The catalogue of the data is in {file}.", file=write_page(args.file, catalogue())))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="course", description=_("Claims on the Amur: open the lessons in JupyterLab.")
    )
    version = f"amur-course {course.__version__}"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    says = {
        "start": _("copy the lessons into a folder of your own, and open them"),
        "doctor": _("check the installation; name what mends each fault"),
        "reset": _("begin one lesson anew; your copy is kept under another name"),
        "catalogue": _("write a page that describes every table of the data"),
    }
    made = {w: commands.add_parser(w, help=says[w], description=says[w]) for w in says}
    text = _("the lesson's number, such as 04")
    made["reset"].add_argument("lesson", metavar="LESSON", help=text)
    text = _("where your copies live (amur-course here, if you name none)")
    for name in ("start", "doctor", "reset"):
        made[name].add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help=text)
    start = made["start"]
    text = _("print the address, open no browser")
    start.add_argument("--no-browser", action="store_true", help=text)
    text = _("the port to use (a free one otherwise)")
    start.add_argument("--port", type=_port, metavar="N", help=text)
    start.epilog = _("Words after -- go to JupyterLab: course start -- --debug")
    text = _("where to write it (catalogue.html here, if you name none)")
    page = made["catalogue"]
    page.add_argument("file", nargs="?", default="catalogue.html", metavar="FILE", help=text)
    return parser


def _port(word: str) -> int:
    if word.isdecimal() and 0 < int(word) < 65536:
        return int(word)
    text = _("{word} is no port; choose a number from 1024 to 65535", word=repr(word))
    raise argparse.ArgumentTypeError(text)
