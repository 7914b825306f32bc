"""What an operator may change, and the code that reads it."""
