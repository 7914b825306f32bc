"""The retirement engine."""
