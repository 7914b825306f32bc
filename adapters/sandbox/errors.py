"""What the sandbox refuses, in the shape in which Stripe refuses it (https://docs.stripe.com/api/errors)."""

from typing import Any

INVALID = "invalid_request_error"


class Refusal(Exception):
    """One error answer: the HTTP status and what stands under `error`."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = INVALID,
        code: str | None = None,
        param: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        """Give the JSON body of the answer."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.param is not None:
            error["param"] = self.param
        if self.code is not None:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        return {"error": error}


def unknown(params: list[str]) -> Refusal:
    """Refuse parameters that the endpoint does not have."""
    plural = "s" if len(params) > 1 else ""
    return Refusal(
        f"Received unknown parameter{plural}: {', '.join(params)}", code="parameter_unknown", param=params[0]
    )


def missing(param: str) -> Refusal:
    """Refuse a request that lacks a required parameter."""
    return Refusal(f"Missing required param: {param}.", code="parameter_missing", param=param)


def exclusive(*params: str) -> Refusal:
    """Refuse parameters that exclude each other."""
    return Refusal(
        f"You may only specify one of these parameters: {', '.join(params)}.",
        code="parameters_exclusive",
        param=params[0],
    )


def no_such(noun: str, name: str, param: str, *, status: int = 404) -> Refusal:
    """Refuse an id that this account does not have: 404 in a path, 400 in a parameter."""
    return Refusal(f"No such {noun}: '{name}'", status=status, code="resource_missing", param=param)


def unrecognised(method: str, path: str) -> Refusal:
    """Refuse an address that is no endpoint."""
    return Refusal(
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs"
        " or we can help at https://support.stripe.com/.",
        status=404,
    )


def rate_limited() -> Refusal:
    """Answer as Stripe's rate limiter does, which stands before everything else (and before idempotency)."""
    return Refusal(
        "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
        status=429,
        code="rate_limit",
        headers={"Stripe-Rate-Limited-Reason": "global-rate"},
    )


def broken() -> Refusal:
    """Answer as Stripe does when something broke on its side."""
    return Refusal("An unknown error occurred", status=500, kind="api_error")
