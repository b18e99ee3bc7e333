"""The course where somebody else starts JupyterLab: a hub, Binder, a container.

A hub runs ``python -m course.start.served jupyterhub-singleuser`` as the student: the
lessons are copied, and JupyterLab opens on them with the settings of ``course start``.
"""

import os
import sys
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

from course.errors import CourseError
from course.start.copies import FIRST, FOLDER, copy_lessons, make_folder
from course.start.environment import environment, stand_ins
from course.words import _

PREFIX = "JUPYTERHUB_SERVICE_PREFIX"  # set by a hub in all that runs there: /user/NAME/


def main(command: list[str]) -> NoReturn:
    """Prepare the student's folder, ``amur-course`` at home, and become a command.

    Args:
        command: what starts a JupyterLab, such as ``["jupyterhub-singleuser"]``.

    Raises:
        CourseError: there is no such command.
    """
    folder = Path.cwd()
    try:
        folder = make_folder(Path(os.environ.get("COURSE_FOLDER") or Path("~", FOLDER)))
        copy_lessons(folder)
        for place in stand_ins(folder).values():
            place.mkdir(parents=True, exist_ok=True)
    except (CourseError, OSError) as error:  # JupyterLab all the same: to make room in it
        print(error, file=sys.stderr)
    os.environ.update(environment(folder, alone=False))
    os.umask(0o027)  # in a folder that is shared: for its group, not for the class
    try:
        os.execvp(command[0], command)  # noqa: S606
    except (OSError, IndexError) as error:
        text = _("{command} cannot be run: {reason}", command=" ".join(command), reason=error)
        raise CourseError(text) from error


def where(folder: Path) -> list[str]:
    """Say where a hub's JupyterLab, which runs already, shows the lessons in a folder.

    Args:
        folder: the student's absolute folder.
    """
    # the first is set in a terminal of JupyterLab, the second by some hubs
    roots = map(os.environ.get, ("JUPYTER_SERVER_ROOT", "JUPYTERHUB_ROOT_DIR"))
    root = Path(next(filter(None, roots), "~")).expanduser()
    if not folder.resolve().is_relative_to(root.resolve()):
        text = _("The JupyterLab of this hub shows {root} only. Choose a folder in it: {again}")
        return [text.format(root=root, again=f"course start {root / FOLDER}")]
    inside = folder.resolve().relative_to(root.resolve()) / FIRST
    hub = os.environ.get("JUPYTERHUB_PUBLIC_URL") or os.environ[PREFIX]
    address = f"{hub.rstrip('/')}/lab/tree/{quote(inside.as_posix())}"
    say = _("Or open this in your browser: {address}")
    if address.startswith("/"):
        say = _("Or add this to the address of the hub in your browser: {address}")
    text = _("You are on a hub; its JupyterLab is open already. Open in it: {file}")
    return [text.format(file=inside), say.format(address=address)]


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except CourseError as error:
        sys.exit(str(error))
