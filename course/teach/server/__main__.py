"""Print the folder of the recipes: ``python -m course.teach.server``."""

from pathlib import Path

print(Path(__file__).parent)
