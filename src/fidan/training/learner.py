"""The model and all that a step changes: weights, gradients, optimizer, average, loss scale.

A step is some passes (`accumulate`: forward and backward over one batch) and one move of the weights (`move`).
Nothing in here waits for a GPU. What it leaves out: which batches, how often to save and validate (`trainer`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from fidan.errors import ArtifactMismatch, FidanError
from fidan.hardware import compile_problem, pick_precision
from fidan.model.build import Model, blocks_of, body_of, build_model, stacks_of
from fidan.recipe import NO_LORA, LoraConfig, Recipe, TrainConfig
from fidan.training.batches import Batch
from fidan.training.checkpoint import read_part
from fidan.training.distributed import World, gradients_added, place, spread
from fidan.training.ema import Average
from fidan.training.lora import Adapters
from fidan.training.loss_scale import LossScale
from fidan.training.optimizer import build_optimizers
from fidan.training.speed import compiled_body, keep_freed_memory, order_sums
from fidan.training.update import Update
from fidan.training.watch import Watch
from fidan.weights import gathered, load_tensors, load_weights, whole


class Learner:
    """What learns.

    Args:
        recipe: its `model` and `seed`.
        config: how it learns.
        vocabulary: V.
        objective: what is minimised, as `Task.objective` gives it.
        world: the processes that share the work.
        checkpoint: where to go on from; None: fresh weights.
        state: the checkpoint's state.
        begin: given fresh weights, before they are spread over processes.
        say: told what does not work here.
        lora: adapters that learn in place of all weights; with `lora_rank` 0 there are none.

    Attributes:
        parameters: of the model, without adapters.
        adapters: None where all weights learn.

    Raises:
        ArtifactMismatch: the checkpoint does not fit the model, or the adapters in it belong to other weights.
        FidanError: adapters cannot be had, or not with these settings.
    """

    def __init__(
        self,
        recipe: Recipe,
        config: TrainConfig,
        vocabulary: int,
        objective: Callable[[Model, Callable[..., Tensor], torch.dtype], nn.Module],
        world: World,
        checkpoint: Path | None,
        state: dict[str, Any],
        begin: Callable[[Model], None],
        say: Callable[[str], None],
        lora: LoraConfig = NO_LORA,
    ) -> None:
        self.config, self.world, self.seed = config, world, recipe.seed
        self.device = world.device(self.config.device)
        self.dtype = pick_precision(self.config.precision, self.device)
        keep_freed_memory()
        order_sums(False)  # whatever an earlier training in this process asked for: only so is a resumed run the same
        torch.manual_seed(recipe.seed)
        self.model = build_model(recipe.model, vocabulary).to(self.device)
        self.parameters = self.model.parameter_count()
        self.noisy = recipe.model.dropout > 0 or recipe.model.drop_path > 0 or lora.lora_dropout > 0
        if lora.lora_rank or not checkpoint:  # a checkpoint has of the weights only those that learn
            begin(self.model)
        self.adapters = self._adapt(lora) if lora.lora_rank else None
        if checkpoint:
            self._load(checkpoint, state)
        for stack in stacks_of(self.model):
            stack.checkpoint_blocks(self.config.activation_checkpointing)
        body = self._compiled(say) if self.config.compile else body_of(self.model)
        held = objective(self.model, body, self.dtype)
        self.objective = spread(held, blocks_of(self.model), self.config.distributed, world, self.device)
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
            total, nats = self.objective(batch)
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
        learnt = self.learnt
        names = {id(p): name for name, p in learnt.items()}
        found = {
            "model": self.weights(),
            "optimizer": {
                f"{names[id(p)]}/{key}": whole(value)
                for p, values in self.optimizer.state().items()
                for key, value in values.items()
            },
        }
        if self.average:
            found["ema"] = self.average.whole()
        if passes:
            gradients = {name: p.grad for name, p in learnt.items()}
            found["gradients"] = {name: whole(grad) for name, grad in gradients.items() if grad is not None}
        return found

    def state(self) -> dict[str, Any]:
        """The numbers a checkpoint must hold."""
        told = {"watch": self.watch.state(), "scale": self.scale.state(), "partial": float(self.partial)}
        return {**told, **({"base": self.adapters.base} if self.adapters else {})}

    @property
    def learnt(self) -> dict[str, nn.Parameter]:
        """The parameters that learn, by name: all of them, or those of the adapters."""
        return {name: p for name, p in self.model.named_parameters() if p.requires_grad}

    def weights(self) -> dict[str, Tensor]:
        """What learns, whole and on the CPU; every process must call it."""
        return {name: whole(p) for name, p in self.learnt.items()}

    def result(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        """All weights of the model under its own names, with those that learn as given."""
        return self.adapters.merged(weights) if self.adapters else weights

    @contextmanager
    def plain_model(self, average: bool = False) -> Iterator[Model]:
        """The model with whole weights in one process, to validate and to sample; every process must enter.

        Args:
            average: with the averaged weights in place of the last ones.
        """
        tensors = self.average.tensors if self.average and average else dict(self.learnt)
        if any(hasattr(tensor, "full_tensor") for tensor in tensors.values()):
            plain = build_model(self.model.config, self.model.vocabulary).to(self.device)
            load_weights(plain, {name: whole(tensor) for name, tensor in tensors.items()}, "the model in training")
            yield plain
        elif self.average and average:
            with self.average.in_model():
                yield self.model
        else:
            yield self.model

    def _adapt(self, lora: LoraConfig) -> Adapters:
        if self.config.distributed == "fsdp" and self.world.size > 1:
            raise FidanError(
                "lora_rank: not with train.distributed = 'fsdp', since adapters need little memory. Set it to 'ddp'."
            )
        return Adapters(self.model, lora, self.seed)

    def _load(self, checkpoint: Path, state: dict[str, Any]) -> None:
        if self.adapters and state.get("base") != self.adapters.base:
            raise ArtifactMismatch(
                f"{checkpoint}: its adapters belong to the weights {state.get('base')}, and this training started "
                f"from {self.adapters.base}. Put those back, or begin anew."
            )
        load_tensors(self.learnt, read_part(checkpoint, "model"), str(checkpoint))

    def _restore(self, checkpoint: Path, state: dict[str, Any]) -> None:
        parameters = self.learnt
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

    def _compiled(self, say: Callable[[str], None]) -> Callable[..., Tensor]:
        """The model but for its head, compiled where that works here."""
        problem = compile_problem(self.device)
        if problem:
            say(f"torch.compile does not work here, training without it: {problem}")
        elif self.config.distributed == "fsdp" and self.world.size > 1:
            for block in blocks_of(self.model):  # between two of them weights are gathered, which no graph spans
                block.compile()
        else:
            return compiled_body(self.model)
        return body_of(self.model)
