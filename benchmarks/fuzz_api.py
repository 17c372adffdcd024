"""Requests that the API's own description allows, and others that it forbids: no answer may be 5xx.

    python benchmarks/fuzz_api.py http://127.0.0.1:8000 --seconds 600

Schemathesis makes the requests from `/openapi.json`. Every answer must have a status and a form that are described.
Where a request is valid, it is turned to the model that is served and to a few tokens, so that it is carried out. The
table at the end counts the statuses; the exit code is 1 where there was a fault.
"""

import argparse
import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode

CHECKED = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
FEW = 4  # tokens that a valid request may have written
KEPT = 20  # faults that are told


@dataclass
class Findings:
    """What came of the requests: how many had which answer, and what was wrong."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def fuzz(schema: Any, model: str, examples: int, number: int, headers: dict[str, str] | None = None) -> Findings:
    """Ask every operation.

    Args:
        schema: of Schemathesis.
        model: the id of the model that is served.
        examples: requests of each kind for each operation.
        number: another one makes other requests.
        headers: of every request.
    """
    findings = Findings()
    load_all_checks()
    checks = CHECKS.get_by_names(CHECKED)
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _ask(
                operation.as_strategy(generation_mode=mode), model, checks, examples, number, headers or {}, findings
            )
    return findings


def _ask(
    strategy: Any,
    model: str,
    checks: list[Callable[..., Any]],
    examples: int,
    number: int,
    headers: dict[str, str],
    findings: Findings,
) -> None:
    @seed(number)
    @settings(
        max_examples=examples, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=strategy)
    def ask(case: Any) -> None:
        _carry_out(case, model)
        response = case.call(headers=headers)
        findings.statuses[case.operation.label, response.status_code] += 1
        try:
            case.validate_response(response, checks=checks)
        except (Failure, FailureGroup) as failure:
            findings.faults.append(
                f"{case.operation.label} {response.status_code}: {failure!r}\n{case.body!r}"[:2000]
            )

    with contextlib.suppress(Unsatisfiable):  # an operation without parameters has no invalid request
        ask()


def _carry_out(case: Any, model: str) -> None:
    """Turn a request to the model that there is, and to few tokens; what makes it invalid stays."""
    body = case.body
    if not isinstance(body, dict) or not isinstance(body.get("model"), str):
        return
    body["model"] = model
    for name in ("max_tokens", "max_completion_tokens"):
        if isinstance(body.get(name), int) and 1 <= body[name] <= 100_000:
            body[name] = FEW
    if body.get("max_tokens") is None and body.get("max_completion_tokens") is None:
        body["max_tokens"] = FEW
    if isinstance(body.get("n"), int) and body["n"] > 2:
        body["n"] = 2
    prompt = body.get("prompt")
    if isinstance(prompt, list) and all(isinstance(token, int) and token >= 0 for token in prompt):
        body["prompt"] = [token % 256 for token in prompt]


def main() -> None:
    """Fuzz a server that runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--examples", type=int, default=50, help="of each kind for each operation, in a round")
    options = parser.parse_args()
    key = os.environ.get("FIDAN_API_KEY")
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    schema = schemathesis.openapi.from_url(f"{options.url}/openapi.json", headers=headers)
    import httpx

    model = httpx.get(f"{options.url}/v1/models", headers=headers).json()["data"][0]["id"]
    total = Findings()
    end = time.monotonic() + options.seconds
    number = 0
    while time.monotonic() < end:
        found = fuzz(schema, model, options.examples, number, headers)
        total.statuses.update(found.statuses)
        total.faults += found.faults
        number += 1
    for (label, status), count in sorted(total.statuses.items()):
        print(f"{label:32} {status}  {count:8,}")
    print(f"{sum(total.statuses.values()):,} requests in {number} rounds, {len(total.faults):,} faults")
    for fault in total.faults[:KEPT]:
        print(f"\n{fault}")
    raise SystemExit(bool(total.faults))


if __name__ == "__main__":
    main()
