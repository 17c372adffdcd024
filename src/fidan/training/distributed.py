"""One training over several processes: who they are, how they agree, and how the model is spread over them.

`torchrun` starts the processes and tells each its place in its environment; several machines find each other by
torchrun's rendezvous. A recipe means the same whatever their number: a step's sequences are divided among them. With
`ddp` each holds the whole model and gradients are averaged once a step; with `fsdp` (FSDP2) weights, gradients and
optimizer are spread, too. What it leaves out: tensor and pipeline parallelism, which models of this size do not need.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, distributed, nn

from fidan.errors import FidanError
from fidan.hardware import pick_device


@dataclass(frozen=True)
class World:
    """This process among those of its training; alone it is the only one."""

    rank: int = 0
    size: int = 1
    local_rank: int = 0  # among those of its machine

    @property
    def main(self) -> bool:
        """Whether this process writes the files and speaks to the user."""
        return self.rank == 0

    def device(self, setting: str) -> torch.device:
        """This process's own device; a machine's processes take one GPU each."""
        device = pick_device(setting)
        if device.type != "cuda" or self.size == 1:
            return device
        if self.local_rank >= torch.cuda.device_count():
            raise FidanError(
                f"{self.local_rank + 1} processes or more on this machine, which has {torch.cuda.device_count()} "
                "GPUs: start torchrun with as many as there are GPUs (--nproc-per-node)."
            )
        device = torch.device("cuda", self.local_rank)
        torch.cuda.set_device(device)
        return device

    def share(self, first: int, rows: int) -> tuple[int, int]:
        """(first sequence, rows) of this process, of a step's `rows` sequences from `first`."""
        mine = rows // self.size
        return first + self.rank * mine, mine

    def add_up(self, value: Tensor) -> Tensor:
        """The sum over all processes, on the device; every one must call it."""
        if self.size > 1:
            distributed.all_reduce(value)
        return value

    def largest(self, value: int) -> int:
        """The largest value of all processes; every one must call it. Does not wait for a GPU."""
        if self.size == 1:
            return value
        held = torch.tensor(value)
        distributed.all_reduce(held, distributed.ReduceOp.MAX)  # on the CPU, through gloo
        return int(held)

    def from_main(self, value: Any) -> Any:
        """What the main process gives here; every process must call it."""
        if self.size == 1:
            return value
        held = [value]
        distributed.broadcast_object_list(held, src=0, device=torch.device("cpu"))
        return held[0]


@contextmanager
def open_world(environment: Mapping[str, str] | None = None) -> Iterator[World]:
    """The processes that torchrun started; this one alone where it was not torchrun."""
    environment = os.environ if environment is None else environment
    size = int(environment.get("WORLD_SIZE", "1"))
    if size == 1:
        yield World()
        return
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    distributed.init_process_group(backend)
    try:
        yield World(int(environment["RANK"]), size, int(environment.get("LOCAL_RANK", environment["RANK"])))
    finally:
        distributed.destroy_process_group()


def spread(
    objective: nn.Module, blocks: Iterable[nn.Module], mode: str, world: World, device: torch.device
) -> nn.Module:
    """`objective` as a module whose backward pass adds up gradients over the processes.

    Args:
        objective: the model with its loss, on the device.
        blocks: its transformer blocks, the units that FSDP gathers at a time.
        mode: `ddp` or `fsdp`.
        world: the processes.
        device: of this one.
    """
    if world.size == 1:
        return objective
    if mode == "ddp":
        devices = [device] if device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(objective, device_ids=devices, gradient_as_bucket_view=True)
    from torch.distributed.device_mesh import init_device_mesh  # here: a second that one process need not wait for
    from torch.distributed.fsdp import fully_shard

    mesh = init_device_mesh(device.type, (world.size,))
    for block in blocks:
        fully_shard(block, mesh=mesh)
    fully_shard(objective, mesh=mesh)  # in place
    return objective


@contextmanager
def gradients_added(objective: nn.Module, now: bool) -> Iterator[None]:
    """Whether a backward pass within this context adds up gradients over processes.

    Only the last pass of a step needs to; the others would send what is sent again.
    """
    if isinstance(objective, nn.parallel.DistributedDataParallel):
        with nullcontext() if now else objective.no_sync():
            yield
        return
    if _several():
        from torch.distributed.fsdp import FSDPModule

        if isinstance(objective, FSDPModule):
            objective.set_requires_gradient_sync(now)
    yield


def place(whole: Tensor, like: Tensor) -> Tensor:
    """What of a whole tensor belongs here, where `like` is spread; else itself, on that device.

    Every process has the whole, so nothing is sent.
    """
    whole = whole.to(like.device)
    if not _several():
        return whole
    from torch.distributed.tensor import DTensor, Replicate

    if not isinstance(like, DTensor):
        return whole
    everywhere = DTensor.from_local(whole, like.device_mesh, [Replicate()] * like.device_mesh.ndim)
    return everywhere.redistribute(placements=like.placements)


def _several() -> bool:
    """Whether processes share this training; only then can a module or a tensor be spread."""
    return distributed.is_available() and distributed.is_initialized()
