"""`fidan serve`: a model for other programs, and for people with a browser."""

import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, get_args

import typer

from fidan.cli.app import app
from fidan.errors import FidanError
from fidan.progress import ConsoleReporter

KEY = "FIDAN_API_KEY"


@app.command()
def serve(
    model: Annotated[Path, typer.Option(help="A run's folder, an exported one, or a GGUF file.")],
    law: Annotated[Path | None, typer.Option(help="The folder of an index of laws, to be asked too.")] = None,
    host: Annotated[
        str, typer.Option(help="The address to listen on; 0.0.0.0 is open to the network.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.", min=0, max=65535)] = 8000,
    api_key: Annotated[
        str | None,
        typer.Option(help=f"What every request must bring. Better in the variable {KEY}: others see this."),
    ] = None,
    cors: Annotated[
        list[str] | None, typer.Option(help="An origin whose pages may ask, e.g. http://localhost:3000. Repeatable.")
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Without a key: a name that clients may call this server by. Repeatable."),
    ] = None,
    name: Annotated[str, typer.Option(help="The model's id. Default: that of its folder or file.")] = "",
    slots: Annotated[int, typer.Option(help="Texts that are written at once.", min=1)] = 8,
    queue: Annotated[int, typer.Option(help="Texts that may wait; then the answer is 429.", min=0)] = 64,
    weights: Annotated[str, typer.Option(help="float32, bfloat16 or int8 (CPU); as of generate.")] = "auto",
    device: Annotated[str, typer.Option(help="cpu, cuda, mps; auto takes the best.")] = "auto",
    page: Annotated[bool, typer.Option("--page/--no-page", help="A page for people at the same address.")] = True,
    grace: Annotated[float, typer.Option(help="Seconds that what runs has to finish at the end.", min=0)] = 30.0,
) -> None:
    """Serve a model: an API that OpenAI's clients speak, and a page."""
    from fidan.serving.sockets import open_socket, open_to_others

    key = _key(api_key)
    for origin in cors or ():
        if not re.fullmatch(r"[a-z][a-z0-9+.-]*://[^/\s*]+", origin):
            raise FidanError(f"--cors {origin}: an origin is a scheme and a host, such as http://localhost:3000.")
    if allow_host and key is not None:
        raise FidanError("--allow-host: only without a key; who has the key may call the server by any name.")
    needed = ("fastapi", "uvicorn", "prometheus_client", *["gradio"] * page)
    if missing := [one for one in needed if find_spec(one) is None]:
        raise FidanError(f"serving needs {', '.join(missing)}: pip install 'fidan[serve]'.")
    listening = open_socket(host, port)
    reporter = ConsoleReporter()
    if key is None and open_to_others(listening):
        reporter.say(f"warning: without a key, everybody who reaches {host} may ask. Set {KEY} to a key of your own.")
    from fidan.serving.app import build_app
    from fidan.serving.opening import open_service
    from fidan.serving.run import serve
    from fidan.serving.service import Limits
    from fidan.trained import Weights

    if weights not in get_args(Weights):
        raise FidanError(f"--weights {weights}: must be one of {', '.join(get_args(Weights))}.")
    limits = Limits(slots=slots, queue=queue)
    service = open_service(
        model, law, device=device, weights=weights, name=name, limits=limits, say=reporter.say,  # type: ignore[arg-type]
    )  # fmt: skip
    built = build_app(service, api_key=key, cors=cors or (), page=page, hosts=allow_host or ())
    serve(built, listening, grace=grace, say=reporter.say)


def _key(given: str | None) -> str | None:
    """The key, from the option or the variable.

    Raises:
        FidanError: it is empty, or holds what no header can.
    """
    key = os.environ.get(KEY) if given is None else given
    if key is not None and not re.fullmatch(r"[!-~]+", key):
        where = KEY if given is None else "--api-key"
        raise FidanError(
            f"{where}: empty, or with spaces or letters that are not ASCII. Take e.g. `openssl rand -hex 32`."
        )
    return key
