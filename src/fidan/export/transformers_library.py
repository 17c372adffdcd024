"""Transformers as a library whose progress bars and advice are kept out of ours."""

from typing import Any


def quiet_transformers() -> Any:
    """The module, imported where it is used: no other command should wait most of a second for it."""
    import transformers
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    return transformers
