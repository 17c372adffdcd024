"""The application that the commands are hung on."""

from typing import Annotated

import typer

from fidan import __version__

app = typer.Typer(
    help="Grow a small Turkish language model from seed.", no_args_is_help=True, pretty_exceptions_enable=False
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fidan {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False,
) -> None:
    """Grow a small Turkish language model from seed."""
