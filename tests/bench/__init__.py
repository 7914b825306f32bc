"""The bench: what Tillbot does, beside what the same would cost bare, as ratios within one run."""
