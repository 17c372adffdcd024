"""The model and all that a step changes: weights, gradients, optimizer, average, loss scale.

A step is some passes (`accumulate`: forward and backward over one batch) and one move of the weights (`move`).
Nothing in here waits for a GPU. What it leaves out: which batches, how often to save and validate (`trainer`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from fidan.hardware import compile_problem, pick_precision
from fidan.model.build import Model, blocks_of, build_model, stacks_of
from fidan.recipe import Recipe, TrainConfig
from fidan.training.batches import Batch
from fidan.training.checkpoint import read_part
from fidan.training.distributed import World, gradients_added, place, spread
from fidan.training.ema import Average
from fidan.training.loss_scale import LossScale
from fidan.training.objective import Objective, arguments_of
from fidan.training.optimizer import build_optimizers
from fidan.training.speed import compiled_body, keep_freed_memory, order_sums
from fidan.training.update import Update
from fidan.training.watch import Watch
from fidan.weights import gathered, load_weights, weights_of, whole


class Ids(NamedTuple):
    """What a learner must know of a tokenizer.

    Attributes:
        vocabulary: V.
        bos: the id that begins a document.
        pad: of padding in a source; None: there is none.
    """

    vocabulary: int
    bos: int
    pad: int | None = None


class Learner:
    """What learns.

    Args:
        recipe: its `model` and `seed`.
        config: how it learns.
        ids: what is to be known of the tokenizer.
        world: the processes that share the work.
        checkpoint: where to go on from; None: fresh weights.
        state: the checkpoint's state.
        begin: given fresh weights, before they are spread over processes.
        say: told what does not work here.

    Raises:
        ArtifactMismatch: the checkpoint does not fit the model.
    """

    def __init__(
        self,
        recipe: Recipe,
        config: TrainConfig,
        ids: Ids,
        world: World,
        checkpoint: Path | None,
        state: dict[str, Any],
        begin: Callable[[Model], None],
        say: Callable[[str], None],
    ) -> None:
        self.config, self.world, self.seed = config, world, recipe.seed
        self.device = world.device(self.config.device)
        self.dtype = pick_precision(self.config.precision, self.device)
        keep_freed_memory()
        order_sums(False)  # whatever an earlier training in this process asked for: only so is a resumed run the same
        torch.manual_seed(recipe.seed)
        self.model = build_model(recipe.model, ids.vocabulary).to(self.device)
        self.noisy = recipe.model.dropout > 0 or recipe.model.drop_path > 0
        if checkpoint:
            load_weights(self.model, read_part(checkpoint, "model"), str(checkpoint))
        else:
            begin(self.model)
        objective = Objective(self.model, self.dtype, self.config, ids.bos, ids.pad)
        for stack in stacks_of(self.model):
            stack.checkpoint_blocks(self.config.activation_checkpointing)
        if self.config.compile:
            self._compile(objective, say)
        self.objective = spread(objective, blocks_of(self.model), self.config.distributed, world, self.device)
        self.optimizer = Update(build_optimizers(self.model, self.config, self.dtype))
        self.average = Average(self.model, self.config.ema) if self.config.ema else None
        self.scale = LossScale(self.device, self.dtype)
        self.watch = Watch(self.device, self.config.spike)
        self.partial = torch.zeros((), device=self.device)  # of the step's loss, nats a token
        if checkpoint:
            self._restore(checkpoint, state)

    def accumulate(self, batch: Batch, first: int, step_targets: float, last: bool) -> None:
        """Forward and backward over one batch of this process.

        Args:
            batch: on the device.
            first: the number of its first sequence in the run, which decides what dropout drops.
            step_targets: labels that count in the whole step over all processes, by weight: the loss's denominator.
            last: whether the weights move after it.
        """
        self.model.train()
        if self.noisy:
            torch.manual_seed((self.seed * 1_000_003 + first) % 2**63)
        with gradients_added(self.objective, last):
            total, nats = self.objective(*arguments_of(batch))
            # Gradients are averaged over the processes; their sum is wanted.
            (total * (self.scale.factor * self.world.size / step_targets)).backward()
        self.partial = self.partial + nats.detach() / step_targets

    def move(self, step: int, rate: float) -> None:
        """Judge the step, move the weights unless it is bad, and forget the gradients.

        Args:
            step: counted from 0.
            rate: of each group's peak learning rate.
        """
        loss = self.world.add_up(self.partial)
        norm = self._gradient_norm() / self.scale.factor
        skip = self.watch.judge(step, loss, norm, scaled=self.scale.enabled)
        divisor = self.scale.factor
        if self.config.clip:
            divisor = divisor * (norm / self.config.clip).clamp(min=1.0)
        self.optimizer.set_rate(rate)
        self.optimizer.step(divisor, skip)
        self.optimizer.zero_grad()
        self.scale.update(skip, norm)
        if self.average:
            self.average.update(step)
        self.partial = torch.zeros_like(self.partial)

    def tensors(self, passes: int) -> dict[str, dict[str, Tensor]]:
        """What a checkpoint must hold, whole and on the CPU; every process must call it.

        Args:
            passes: done of the step under way; its gradients are part of the state then.
        """
        names = {id(p): name for name, p in self.model.named_parameters()}
        found = {
            "model": weights_of(self.model),
            "optimizer": {
                f"{names[id(p)]}/{key}": whole(value)
                for p, values in self.optimizer.state().items()
                for key, value in values.items()
            },
        }
        if self.average:
            found["ema"] = self.average.whole()
        if passes:
            gradients = {name: p.grad for name, p in self.model.named_parameters()}
            found["gradients"] = {name: whole(grad) for name, grad in gradients.items() if grad is not None}
        return found

    def state(self) -> dict[str, Any]:
        """The numbers a checkpoint must hold."""
        return {"watch": self.watch.state(), "scale": self.scale.state(), "partial": float(self.partial)}

    @contextmanager
    def plain_model(self, average: bool = False) -> Iterator[Model]:
        """The model with whole weights in one process, to validate and to sample; every process must enter.

        Args:
            average: with the averaged weights in place of the last ones.
        """
        tensors = self.average.tensors if self.average and average else dict(self.model.named_parameters())
        if any(hasattr(tensor, "full_tensor") for tensor in tensors.values()):
            plain = build_model(self.model.config, self.model.vocabulary).to(self.device)
            load_weights(plain, {name: whole(tensor) for name, tensor in tensors.items()}, "the model in training")
            yield plain
        elif self.average and average:
            with self.average.in_model():
                yield self.model
        else:
            yield self.model

    def _restore(self, checkpoint: Path, state: dict[str, Any]) -> None:
        parameters = dict(self.model.named_parameters())
        moments = read_part(checkpoint, "optimizer")
        self.optimizer.restore(parameters, moments, place, str(checkpoint))
        if self.average:
            # An average asked for in the middle of a run begins with the weights of that moment.
            held = read_part(checkpoint, "ema") if "ema.safetensors" in state["hashes"] else {}
            self.average.restore({name: place(tensor, parameters[name]) for name, tensor in held.items()})
        if state["passes"]:
            for name, gradient in read_part(checkpoint, "gradients").items():
                parameters[name].grad = place(gradient, parameters[name])
        self.watch.restore(state["watch"])
        self.scale.restore(state["scale"])
        self.partial = torch.tensor(state["partial"], dtype=torch.float32, device=self.device)

    def _gradient_norm(self) -> Tensor:
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        return gathered(torch.nn.utils.get_total_norm(gradients))

    def _compile(self, objective: Objective, say: Callable[[str], None]) -> None:
        problem = compile_problem(self.device)
        if problem:
            say(f"torch.compile does not work here, training without it: {problem}")
            return
        if self.config.distributed == "fsdp" and self.world.size > 1:
            for block in blocks_of(self.model):  # between two of them weights are gathered, which no graph spans
                block.compile()
        else:
            objective.body = compiled_body(self.model)
