"""The rows of the bench, a file each: NAME, ANCHOR, GOAL, and `run`, which gives pairs of measures."""
