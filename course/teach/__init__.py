"""For those who teach: plan a session, make papers, see where a class is, grade."""
