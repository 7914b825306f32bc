"""The rows of the bench, a module each: it has ROW, and is found by its name."""
