"""Each port's contract, run on every implementation."""
