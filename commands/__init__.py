"""What a person can say: one file a command."""
