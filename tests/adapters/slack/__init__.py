"""Tests of the Slack door, driven through slack-bolt over real sockets."""
