"""A fiscal year of the demo group, lived through day by day by the real scheduler (issue 5)."""
