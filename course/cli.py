"""The command ``course``: open the lessons, or find out why they do not open."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import course


def main(argv: list[str] | None = None) -> int:
    """Run the command ``course``.

    Args:
        argv: the words after ``course``; those of the process if None. All
            after ``--`` goes to JupyterLab as it is.

    Returns:
        The exit code: 0 fine, 1 ``course doctor`` found a fault, 2 the command
        could not be carried out and said why.
    """
    for stream in (sys.stdout, sys.stderr):
        # a console that lacks a character shows "?" and not a traceback
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    words = list(sys.argv[1:] if argv is None else argv)
    extra: list[str] = []
    if "--" in words:
        cut = words.index("--")
        words, extra = words[:cut], words[cut + 1 :]
    args = _parser().parse_args(words)
    if args.command == "doctor":
        return _doctor(args.folder)
    if args.command == "catalogue":
        return _catalogue(args.file)
    from course.start import lab as start

    try:
        return start.start(args.folder, not args.no_browser, args.port, extra)
    except __import__("course.errors").errors.CourseError as error:
        print(f"course start: {error}", file=sys.stderr)
        return 2


def _doctor(folder: Path | None) -> int:
    from course.start import doctor

    try:
        code = doctor.main(folder)
        sys.stdout.flush()
    except BrokenPipeError:  # course doctor | head
        # Python would flush once more when it ends, and complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _catalogue(file: Path) -> int:
    from course import catalogue
    from course.errors import CourseError

    try:
        print(f"The catalogue of the data is in {catalogue.write(file)}.")
    except CourseError as error:
        print(f"course catalogue: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="course", description="Claims on the Amur: open the lessons in JupyterLab."
    )
    version = f"amur-course {course.__version__}"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    start = commands.add_parser(
        "start",
        help="copy the lessons into a folder of your own and open them",
        description="Copies the lessons into a folder of your own and opens them in "
        "JupyterLab. A file that is already there is never changed, so the same "
        "command takes you back to your work.",
        epilog="Words after -- go to JupyterLab: course start -- --debug",
    )
    start.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="FOLDER",
        help="where your copies live (amur-course here, if you name none)",
    )
    start.add_argument(
        "--no-browser", action="store_true", help="print the address, open no browser"
    )
    start.add_argument(
        "--port", type=_port, metavar="N", help="the port to use (a free one otherwise)"
    )

    doctor = commands.add_parser(
        "doctor",
        help="check the installation; name the command that mends each fault",
        description="Checks the installation and changes nothing.",
    )
    doctor.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="FOLDER",
        help="the folder of your copies (amur-course here, if you name none)",
    )

    catalogue = commands.add_parser(
        "catalogue",
        help="write a page that describes every table of the data",
        description="Writes a page that describes every table: columns, units, years, "
        "gaps and sources. It needs no network.",
    )
    catalogue.add_argument(
        "file",
        nargs="?",
        type=Path,
        default=Path("catalogue.html"),
        metavar="FILE",
        help="where to write it (catalogue.html here, if you name none)",
    )
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no port; choose a number from 1024 to 65535"
        )
    return int(text)
