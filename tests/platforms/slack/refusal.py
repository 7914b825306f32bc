"""What Slack says when it will not do a thing, and what a person is shown when the app let them down."""

from collections.abc import Sequence


class Refused(Exception):
    """A call Slack refuses, with the error code and the messages of its `response_metadata`."""

    def __init__(self, error: str, messages: Sequence[str] = ()) -> None:
        super().__init__(error, *messages)
        self.error = error
        self.messages = tuple(messages)

    def answer(self) -> dict[str, object]:
        """Return the JSON body Slack answers with."""
        body: dict[str, object] = {"ok": False, "error": self.error}
        if self.messages:
            body["response_metadata"] = {"messages": list(self.messages)}
        return body


class AppFault(AssertionError):
    """The app broke the protocol, so Slack would show the person an error: the code Slack shows, and why."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason
