"""Recipes for a class on a server: a hub's settings, accounts, an image of a container."""
