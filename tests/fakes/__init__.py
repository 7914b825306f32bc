"""Fakes of the ports: real classes, held to the same contract tests as what they stand for."""
