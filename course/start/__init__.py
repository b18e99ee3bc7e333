"""Copies of the lessons, JupyterLab around them, and what is wrong if they do not open."""
