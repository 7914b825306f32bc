"""The bench: what Tillbot costs, as ratios against bare anchors that are measured in the same run."""
