"""`fidan import-pt`: a checkpoint of another program as a Hugging Face folder."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fidan.cli.app import app
from fidan.progress import ConsoleReporter


@app.command()
def import_pt(
    file: Annotated[
        Path, typer.Argument(help="The checkpoint: a .pt (only tensors and plain values) or .safetensors.")
    ],
    out: Annotated[Path, typer.Option(help="The folder to make; absent or empty.")],
    tokenizer: Annotated[Path, typer.Option(help="The model's tokenizer.model, or a folder with it.")],
    heads: Annotated[int | None, typer.Option(help="Query heads, where the file does not say.")] = None,
    kv_heads: Annotated[int | None, typer.Option(help="Key/value heads, likewise.")] = None,
    rope_theta: Annotated[float | None, typer.Option(help="Base of the rotary frequencies, likewise.")] = None,
    norm_eps: Annotated[float | None, typer.Option(help="Epsilon of the norms, likewise.")] = None,
    context: Annotated[int | None, typer.Option(help="Positions the model is used with, likewise.")] = None,
    rope: Annotated[
        str | None, typer.Option(help="interleaved or half-split: which coordinates of a head are turned together.")
    ] = None,
    dtype: Annotated[str | None, typer.Option(help="float32, bfloat16 or float16. Default: the file's.")] = None,
) -> None:
    """A foreign checkpoint as a Hugging Face folder, verified; nothing in the file is run."""
    from fidan.export.foreign.importing import import_checkpoint
    from fidan.export.foreign.settings import ForeignOptions
    from fidan.settings import build

    given = {
        "heads": heads,
        "kv_heads": kv_heads,
        "rope_theta": rope_theta,
        "norm_eps": norm_eps,
        "context": context,
        "rope": rope,
        "dtype": dtype,
    }
    options = build(ForeignOptions, {name: value for name, value in given.items() if value is not None}, "options")
    made = import_checkpoint(file, out, tokenizer, options, ConsoleReporter())
    line = (
        f"{out}: {made.parameters:,} parameters, {made.dtype}; Transformers gives the same ids, and the same logits "
        f"within {made.verification.max_logit_difference:.1e}. That proves the folder, not what was assumed. "
        f'Try: fidan generate --model {out} "Bugün hava"'
    )
    Console(highlight=False).print(line, markup=False, soft_wrap=True)
