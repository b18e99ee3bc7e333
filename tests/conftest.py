"""The order of the test files: the long ones first, so that workers end together."""

_LONG = ["test_lessons.py", "test_wheel.py", "test_solved.py", "test_explore.py", "test_pages.py"]


def pytest_collection_modifyitems(items):
    order = {name: place for place, name in enumerate(_LONG)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))
