"""Requests made from the API's own description: nothing breaks the server, and every answer is as described."""

from collections import Counter
from collections.abc import Callable
from types import ModuleType

import pytest

from fidan.serving.app import build_app
from fidan.serving.service import Service


def test_no_request_that_the_description_leads_to_breaks_the_server(
    service: Service, load_script: Callable[[str], ModuleType]
) -> None:
    schemathesis = pytest.importorskip("schemathesis")
    script = load_script("benchmarks/fuzz_api.py")
    schema = schemathesis.openapi.from_asgi("/openapi.json", build_app(service, page=False))
    found = script.fuzz(schema, service.name, examples=3, number=1)
    assert not found.faults, "\n".join(found.faults[:5])
    of_status = Counter(status for (_, status), count in found.statuses.items() for _ in range(count))
    assert of_status[200] >= 4  # valid requests are carried out
    assert of_status[400] >= 4  # and others refused
