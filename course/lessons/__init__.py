"""One room per lesson: its exercises, its explorers and what both compute from."""
