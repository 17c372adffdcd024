"""A request's body that was read before the application sees it, handed on."""

from starlette.types import Message, Receive


def again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body that was read, and then what comes: that the client has gone."""
    given = False

    async def next_message() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return next_message
