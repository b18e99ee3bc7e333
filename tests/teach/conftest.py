"""One warm sandbox for all tests of grading: to start it takes five seconds."""

import pytest

from course.teach.sandbox import Limits, stripped

SECRET = "the teacher's secret"


@pytest.fixture(scope="session")
def setting(tmp_path_factory):
    """What a batch says to each of its jobs; no notebook may see what is hidden."""
    folder = tmp_path_factory.mktemp("grading")
    (hidden := folder / "others").mkdir()
    (hidden / "secret.txt").write_text(SECRET, encoding="utf-8")
    limits = vars(Limits(cell=100, seconds=300))  # a busy machine takes its time
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_SECRET", SECRET)
        tree = str(stripped(folder))
        yield {"tree": tree, "wall": True, "hidden": [str(hidden)], "limits": limits}
