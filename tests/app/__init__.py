"""The composition root: how a running shop is put together."""
