"""What a training will hold in memory at its height, by what it is for.

Weights, gradients and the optimizer's state follow from the shape. What the backward pass needs of the forward pass
is not written down as a formula, which the next change to a block would make wrong: the forward pass of one and of
two blocks is run on tensors without data, what autograd keeps is counted, and the difference taken for every block.

What it leaves out: PyTorch itself (`framework_bytes` measures it), and what is spread over processes: the figures are
of one process that holds everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import psutil
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd.graph import saved_tensors_hooks

from fidan.hardware import autocast, compile_problem
from fidan.model.build import body_of, build_model
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.recipe import Recipe, TrainConfig
from fidan.training.loss import batch_loss, chunk_elements
from fidan.training.optimizer import build_optimizers

# The compiler recomputes what is cheap: of what the blocks keep uncompiled, so much is left.
COMPILED_SHARE = 0.66
# On a CPU freed memory stays in the process, in pieces that often do not fit the next request: so much is held for a
# byte that a step works with, uncompiled and compiled. Measured with glibc, as COMPILED_SHARE, on four shapes in bf16
# and fp32 (`benchmarks/doctor.py`). A GPU's allocator was not measured, and nothing is added for it.
HELD, HELD_COMPILED = 1.8, 1.35
COMPILER_BYTES = 4_000_000  # a block's graph and code, beside the compiler itself
LOSS_BYTES = 12  # an element of the loss' chunk: logits, their exponentials and their gradient


@dataclass(frozen=True)
class Memory:
    """Bytes of one training process at the height of a step, without PyTorch itself."""

    weights: int
    optimizer: int
    average: int  # the exponential moving average of the weights
    work: int  # activations kept for the backward pass, and gradients
    loss: int
    compiler: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.optimizer + self.average + self.work + self.loss + self.compiler


def training_memory(recipe: Recipe, device: torch.device, dtype: torch.dtype) -> Memory:
    """What training a recipe will hold.

    Args:
        recipe: its `model` and `train`, and the tokenizer's size.
        device: what it will run on; it need not be there.
        dtype: of the matrix products.
    """
    config, train, vocabulary = recipe.model, recipe.train, recipe.tokenizer.vocab_size
    parameters = config.parameters(vocabulary)
    gradients, activations = 4 * parameters, _activations(config, vocabulary, train, dtype)
    # In the backward pass gradients come as activations go. Those of a step's earlier batches are there all the time.
    work = gradients + activations if train.accumulate > 1 else max(gradients, activations)
    held = 1.0 if device.type != "cpu" else HELD_COMPILED if train.compile else HELD
    size, positions = dtype.itemsize, train.batch_size * _lengths(config, train)[-1]
    # The loss keeps its two gradients until the backward pass, that of the head in fp32, and works on a chunk.
    head = vocabulary * config.d_model * (4 + size) + positions * config.d_model * size
    return Memory(
        weights=4 * parameters,
        optimizer=optimizer_bytes(config, vocabulary, train),
        average=4 * parameters if train.ema else 0,
        work=round(held * work),
        loss=head + LOSS_BYTES * min(chunk_elements(device), positions * vocabulary),
        compiler=COMPILER_BYTES * (config.encoder_layers + config.n_layers) if train.compile else 0,
    )


def optimizer_bytes(config: ModelConfig, vocabulary: int, train: TrainConfig) -> int:
    """AdamW's two moments in fp32; Muon keeps one momentum for the matrices of the blocks."""
    moments = 8 * config.parameters(vocabulary)
    if train.optimizer == "muon":
        cross = config.encoder_layers > 0
        moments -= (
            4 * config.n_layers * config.layer_matrices(cross) + 4 * config.encoder_layers * config.layer_matrices()
        )
    return moments


def framework_bytes(train: TrainConfig, device: torch.device, dtype: torch.dtype) -> int:
    """What this process holds after it has trained something tiny: PyTorch, its kernels, its compiler if in use."""
    if train.compile:
        compile_problem(device)  # compiles something
    model = Decoder(ModelConfig(d_model=64, n_layers=1, n_heads=2, d_ff=128, context=64), 512).to(device)
    optimizers = build_optimizers(model, train, dtype)
    tokens = torch.zeros(2, 64, dtype=torch.int64, device=device)
    batch_loss(model.model, model.lm_head.weight, tokens, tokens, dtype).objective.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for optimizer in optimizers:
        optimizer.step()
    return int(psutil.Process().memory_info().rss)


def _lengths(config: ModelConfig, train: TrainConfig) -> tuple[int, ...]:
    """Positions that a sequence takes in each stack, in the order in which they are run."""
    return (train.source_length, train.target_length) if config.encoder_layers else (train.sequence_length,)


def _activations(config: ModelConfig, vocabulary: int, train: TrainConfig, dtype: torch.dtype) -> int:
    lengths = _lengths(config, train)
    layers = [config.encoder_layers, config.n_layers][-len(lengths) :]  # of each stack
    shapes = [(train.batch_size, length) for length in lengths]

    def kept(encoder: int, decoder: int) -> int:
        encoder *= config.encoder_layers > 0
        return _kept(replace(config, encoder_layers=encoder, n_layers=decoder), vocabulary, shapes, dtype)

    one = kept(1, 1)
    blocks = [kept(*sizes) - one for sizes in ((2, 1), (1, 2))[-len(lengths) :]]  # of one more in each stack
    rest = one - sum(blocks)
    share = COMPILED_SHARE if train.compile else 1.0
    if train.activation_checkpointing:
        # Each block's input is kept, in fp32, and one block at a time is run again.
        positions = sum(count * length for count, length in zip(layers, lengths, strict=True))
        return round(rest + 4 * train.batch_size * positions * config.d_model + share * max(blocks))
    return round(rest + share * sum(count * block for count, block in zip(layers, blocks, strict=True)))


def _kept(config: ModelConfig, vocabulary: int, shapes: Sequence[tuple[int, int]], dtype: torch.dtype) -> int:
    """Bytes that autograd keeps of a forward pass besides the weights; a tensor that is kept twice counts once."""
    with FakeTensorMode():
        model = build_model(config, vocabulary)
        weights = {parameter.untyped_storage()._cdata for parameter in model.parameters()}
        kept: dict[int, torch.UntypedStorage] = {}

        def keep(tensor: Tensor) -> Tensor:
            storage = tensor.untyped_storage()
            if storage._cdata not in weights:
                kept[storage._cdata] = storage
            return tensor

        with saved_tensors_hooks(keep, lambda tensor: tensor), autocast(torch.device("cpu"), dtype):
            hidden = body_of(model)(*(torch.zeros(shape, dtype=torch.int64) for shape in shapes))
        del hidden
        return sum(storage.nbytes() for storage in kept.values())
