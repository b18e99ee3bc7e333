"""Where data, lessons and the student's work are found."""

import pytest

from course import paths


def test_bundled_folders_exist_and_hold_what_they_say():
    assert (paths.data_dir() / "datapackage.json").is_file()
    assert list(paths.lessons_dir().glob("[0-9][0-9]_*.ipynb"))


@pytest.mark.parametrize("folder", ["data", "lessons"])
def test_wheel_comes_before_clone(tmp_path, monkeypatch, folder):
    package = tmp_path / "course"
    (package / f"_{folder}").mkdir(parents=True)
    (tmp_path / folder).mkdir()
    monkeypatch.setattr(paths, "_HERE", package)
    ask = {"data": paths.data_dir, "lessons": paths.lessons_dir}[folder]
    assert ask() == package / f"_{folder}"
    (package / f"_{folder}").rmdir()
    assert ask() == tmp_path / folder


def test_student_folder_is_named_by_course_start(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "моя папка"))
    assert paths.student_dir() == tmp_path / "моя папка"


@pytest.mark.parametrize("unset", [None, ""])
def test_without_course_start_it_is_the_working_folder(tmp_path, monkeypatch, unset):
    if unset is None:
        monkeypatch.delenv("COURSE_FOLDER", raising=False)
    else:
        monkeypatch.setenv("COURSE_FOLDER", unset)
    monkeypatch.chdir(tmp_path)
    assert paths.student_dir() == tmp_path
