"""Maps that need no network."""
