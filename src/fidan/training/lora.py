"""LoRA (Hu et al., arXiv 2106.09685): the weights stay, and small matrices beside them learn.

peft puts an adapter beside each matrix that is named: W x becomes W x + alpha / rank · B (A x), with B zero at the
beginning, so the model is then the one it was. Only A and B have gradients, moments and a place in a checkpoint,
which therefore names the weights it belongs to by their hash. The result of a training is the merged model, in which
every W is W + alpha / rank · B A, so that what comes after it knows nothing of adapters; they are kept beside it, as
peft reads them.

What it leaves out: weights in fewer bits below adapters (QLoRA), which models of this size do not need.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import xxhash
from torch import Tensor

from fidan.errors import FidanError
from fidan.model.build import Model
from fidan.recipe import LoraConfig
from fidan.weights import weights_of, write_weights

INSTALL = "peft is not installed: pip install 'fidan[lora]'"
ADAPTER = "adapter"  # the folder beside the merged weights
ADAPTER_WEIGHTS = "adapter_model.safetensors"  # peft's name; adapter_config.json is beside it
_NAME = "default"  # peft's own, of the only adapter


class NotInstalled(FidanError):
    """peft is not installed."""


def imported() -> Any:
    """peft.

    Raises:
        NotInstalled: it is not there.
    """
    try:
        import peft
    except ImportError as error:
        raise NotInstalled(f"{INSTALL}.") from error
    return peft


class Adapters:
    """Adapters in a model, which from then on are all of it that learns.

    Args:
        model: with its weights; changed in place, and the names of the matrices in it with it.
        config: with `lora_rank` above 0.
        seed: of the adapters' first weights.

    Attributes:
        base: the hash of the model's weights.
        config: as given.

    Raises:
        NotInstalled: peft is not there.
        FidanError: the blocks have no matrix of a name that is asked for.
    """

    def __init__(self, model: Model, config: LoraConfig, seed: int) -> None:
        peft = imported()
        own = {name.split(".")[-2] for name, _ in model.named_parameters() if name.count(".") > 1}
        if missing := sorted(set(config.lora_targets) - own):
            raise FidanError(f"lora_targets: the blocks of this model have no {', '.join(missing)}. Leave it out.")
        self.config, self._model, self.base = config, model, weights_hash(weights_of(model))
        self._peft = peft.LoraConfig(
            r=config.lora_rank,
            lora_alpha=config.lora_alpha,
            lora_dropout=config.lora_dropout,
            target_modules=sorted(config.lora_targets),
            task_type="CAUSAL_LM",
        )
        torch.manual_seed(seed)
        peft.inject_adapter_in_model(self._peft, model, _NAME)

    def merged(self, adapters: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """All weights under the model's own names, on the CPU: W + alpha / rank · B A where there is an adapter.

        Args:
            adapters: their weights, as a checkpoint has them.
        """
        found: dict[str, Tensor] = {}
        for name, tensor in weights_of(self._model).items():
            if ".lora_" in name:
                continue
            matrix = name.removesuffix(".base_layer.weight")
            if matrix != name:
                a, b = (adapters[f"{matrix}.lora_{part}.{_NAME}.weight"] for part in "AB")
                tensor = tensor + self.config.lora_alpha / self.config.lora_rank * (b @ a)
            found[name.replace(".base_layer.", ".")] = tensor
        return found

    def save(self, folder: Path, adapters: Mapping[str, Tensor]) -> None:
        """Write them in peft's format: `peft.PeftModel.from_pretrained` puts them on the exported base.

        The names of that format: https://huggingface.co/docs/peft/developer_guides/checkpoint.
        """
        folder.mkdir(parents=True, exist_ok=True)
        own = {f"base_model.model.{name.replace(f'.{_NAME}.', '.')}": tensor for name, tensor in adapters.items()}
        write_weights(folder / ADAPTER_WEIGHTS, own)
        self._peft.save_pretrained(str(folder))


def weights_hash(weights: Mapping[str, Tensor]) -> str:
    """128-bit xxh3 of weights and their names, as 32 hex digits."""
    digest = xxhash.xxh3_128()
    for name, tensor in sorted(weights.items()):
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype} ".encode())
        digest.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
