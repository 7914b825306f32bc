"""The web: one HTTP server for every door, the web chat, and the buyer's pages."""
