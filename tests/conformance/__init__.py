"""One script of a conversation, run on every platform through its real SDK over real sockets."""
