"""How a setting is refused."""


def require(condition: bool, message: str) -> None:
    """Refuse a value unless the condition holds.

    Raises:
        ValueError: with the message; `fidan.settings.build` names the section before it.
    """
    if not condition:
        raise ValueError(message)
