"""What all routes share: the service, what is measured, and whether the server is closing."""

import time
from dataclasses import dataclass, field

from fidan.serving.api.metrics import Metrics
from fidan.serving.service import Service


@dataclass
class State:
    """Of one server.

    Attributes:
        service: what answers.
        metrics: what is counted.
        closing: whether new requests are turned away.
        answering: requests of the API that are being answered.
        created: when the server began, in seconds since 1970.
    """

    service: Service
    metrics: Metrics
    closing: bool = False
    answering: int = 0
    created: float = field(default_factory=time.time)
