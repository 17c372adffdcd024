"""The shape of a foreign model: from its tensors, its buffers, its settings and the user's options.

Tensors say the widths, how many blocks there are and whether the head is tied. How wide a head is, they do not say
(four heads of 64 and eight of 32 are the same matrices), nor theta, epsilon, the context, or which coordinates RoPE
turns together: those come from buffers, settings and options. Where all are silent the usual value is taken and said
aloud. Two sources that disagree are an error with both values. What it leaves out: reading those sources.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fidan.errors import ArtifactMismatch
from fidan.export.foreign.buffers import CUSTOM, HALF_SPLIT, INTERLEAVED, Rotary, read_buffers
from fidan.export.foreign.names import CONVENTION, Named
from fidan.export.foreign.settings import Claims, ForeignOptions, agreed, read_settings
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder

EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"
FIRST = "model.layers.0."
QUERY, KEY, GATE = (
    f"{FIRST}self_attn.q_proj.weight",
    f"{FIRST}self_attn.k_proj.weight",
    f"{FIRST}mlp.gate_proj.weight",
)
USUAL_WIDTH, USUAL_THETA, USUAL_EPS, USUAL_CONTEXT = 64, 10_000.0, 1e-5, 2048


@dataclass(frozen=True)
class Inferred:
    """A model's shape, and how it was come by.

    Attributes:
        config: the shape.
        vocabulary: V.
        layout: which coordinates of a head the file's matrices pair, interleaved or half-split.
        notes: what was assumed or dropped, for the user.
    """

    config: ModelConfig
    vocabulary: int
    layout: str
    notes: tuple[str, ...]


def infer(named: Named, settings: Mapping[str, Mapping[str, Any]], options: ForeignOptions) -> Inferred:
    """The shape that everything in the file and the options agree on.

    Raises:
        ArtifactMismatch: they contradict each other, do not suffice, or a tensor is missing or of another shape.
    """
    notes: list[str] = []
    told = read_settings(settings)
    rotary, masks = read_buffers(named.buffers)
    vocabulary, d_model = _matrix(named, EMBEDDING)
    queries, keys = _matrix(named, QUERY)[0], _matrix(named, KEY)[0]
    d_ff = _matrix(named, GATE)[0]
    shapes = {"d_model": d_model, "d_ff": d_ff, "n_layers": named.layers, "vocabulary": vocabulary}
    for field, size in shapes.items():
        agreed(field, [("the shape of the tensors", size), *told[field]])

    width = _head_width(queries, keys, told, rotary, options, notes)
    theta = agreed("rope_theta", [*_option("rope-theta", options.rope_theta), *told["rope_theta"]])
    if theta is None:
        theta = agreed("rope_theta", [(r.name, base) for r in rotary if (base := r.theta()) is not None])
    theta = theta or _assume("rope_theta", USUAL_THETA, "rope-theta", notes)
    layout = _layout(named, rotary, options, notes)
    for table in rotary:
        if not table.agrees(theta):
            raise ArtifactMismatch(f"{table.name}: is not the rotary table of rope_theta = {theta:g}.")
    eps = agreed("norm_eps", [*_option("norm-eps", options.norm_eps), *told["norm_eps"]])
    longest = min([USUAL_CONTEXT, *masks, *(r.positions for r in rotary if r.positions)])
    context = agreed("context", [*_option("context", options.context), *told["context"]])
    if named.buffers:
        notes.append(f"computed anew, not copied: {', '.join(named.buffers)}")
    try:
        config = ModelConfig(
            d_model=d_model,
            n_layers=named.layers,
            n_heads=queries // width,
            n_kv_heads=keys // width,
            head_dim=width,
            d_ff=d_ff,
            context=context or _assume("context", longest, "context", notes),
            rope_theta=theta,
            norm_eps=eps or _assume("norm_eps", USUAL_EPS, "norm-eps", notes),
            tie_embeddings=_tied(named, told["tie_embeddings"], notes),
        )
    except ValueError as error:
        raise ArtifactMismatch(str(error)) from error
    if d_model % config.n_heads:
        raise ArtifactMismatch(
            f"{config.n_heads} heads of {width} do not divide the model's width {d_model}, which Transformers' Llama "
            "demands. Say how many heads there are with --heads."
        )
    require_shapes(named, config, vocabulary)
    return Inferred(config, vocabulary, layout, tuple(notes))


def require_shapes(named: Named, config: ModelConfig, vocabulary: int) -> None:
    """Hold the file's tensors against the model's.

    Raises:
        ArtifactMismatch: one is missing or of another shape.
    """
    with torch.device("meta"):  # shapes without memory
        expected = Decoder(config, vocabulary).state_dict()
    problems = []
    for ours, model in expected.items():
        if ours in named.weights:
            found = tuple(named.weights[ours].shape)
            if found != tuple(model.shape):
                problems.append(f"{named.name(ours)} is {found}, not {tuple(model.shape)}")
        elif ours != HEAD or not config.tie_embeddings:
            problems.append(f"{named.name(ours)} is missing")
    if problems:
        raise ArtifactMismatch("; ".join(problems[:5]) + (f"; {len(problems) - 5} more." if problems[5:] else "."))


def _matrix(named: Named, ours: str) -> tuple[int, int]:
    tensor = named.weights.get(ours)
    if tensor is None:
        raise ArtifactMismatch(f"{named.name(ours)} is missing.")
    if tensor.ndim != 2 or not tensor.numel():
        raise ArtifactMismatch(f"{named.name(ours)} is {tuple(tensor.shape)}, not a matrix.")
    return tensor.shape[0], tensor.shape[1]


def _option(name: str, value: Any) -> Claims[Any]:
    return [] if value is None else [(f"--{name}", value)]


def _assume(what: str, value: Any, option: str, notes: list[str]) -> Any:
    notes.append(f"assumed: {what} = {value:,g}, which the file does not say; --{option} sets it")
    return value


def _head_width(
    queries: int, keys: int, told: Mapping[str, Claims[Any]], rotary: list[Rotary], options: ForeignOptions,
    notes: list[str],
) -> int:  # fmt: skip
    """K. Every number of heads is a claim about it, since the rows of the matrices are known."""
    claims: Claims[int] = [*told["head_dim"], *((table.name, table.width) for table in rotary)]
    counts = [(who, heads, queries) for who, heads in (*_option("heads", options.heads), *told["n_heads"])]
    counts += [(who, heads, keys) for who, heads in (*_option("kv-heads", options.kv_heads), *told["n_kv_heads"])]
    for who, heads, rows in counts:
        if rows % heads:
            raise ArtifactMismatch(f"{who} = {heads}: the matrix of these heads has {rows} rows, no multiple of it.")
        claims.append((f"{who} = {heads} (of {rows} rows)", rows // heads))
    width = agreed("head width", claims) or USUAL_WIDTH
    if queries % width or keys % width:
        raise ArtifactMismatch(
            f"head width = {width}: does not divide the {queries} rows of the query matrices and the {keys} of the "
            "keys'. Say how many heads there are with --heads."
        )
    if not claims:
        _assume("head width", width, "heads", notes)
    return width


def _layout(named: Named, rotary: list[Rotary], options: ForeignOptions, notes: list[str]) -> str:
    """Which coordinates are paired: as said or proved, else by custom where all customs are one."""
    proved: Claims[str] = [(table.name, table.layout) for table in rotary if table.layout]
    layout: str | None = agreed("rotary positions", [*_option("rope", options.rope), *proved])
    if layout is not None:
        return layout
    layout = CONVENTION[named.family]
    for table in rotary:
        if CUSTOM.get(table.kind, layout) != layout:
            raise ArtifactMismatch(
                f"{named.family}'s names usually go with {layout} rotary positions, but {table.name} with "
                f"{CUSTOM[table.kind]} ones. Look into the model's code and say --rope {INTERLEAVED} or "
                f"--rope {HALF_SPLIT}."
            )
    notes.append(f"assumed: {layout} rotary positions, the custom with {named.family}'s names; --rope sets it")
    return layout


def _tied(named: Named, told: Claims[bool], notes: list[str]) -> bool:
    says = agreed("tie_embeddings", told)
    head, embedding = named.weights.get(HEAD), named.weights[EMBEDDING]
    if head is None:
        if says is False:
            raise ArtifactMismatch(f"{named.name(HEAD)} is missing, and {told[0][0]} says it is not the embedding.")
        notes.append("the head is tied to the embedding: there is no output matrix")
        return True
    if says is False:
        return False
    equal = _equal(head, embedding)
    if says and not equal:
        raise ArtifactMismatch(f"{told[0][0]} = True, but {named.name(HEAD)} is not {named.name(EMBEDDING)}.")
    if equal:
        notes.append("the head is tied to the embedding: the two matrices are equal")
    return equal


def _equal(one: Tensor, other: Tensor) -> bool:
    return one.dtype == other.dtype and torch.equal(one, other)
