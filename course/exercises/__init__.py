"""Exercises: checked, explained, remembered."""
