"""Stand-ins for the chat platforms: small local servers that speak their wire protocol."""
