"""The encoder-decoder: one stack reads the source, another writes the text and looks at it.

With sandwich norm it is shaped as T5Gemma: parameters are named and laid out as those of Hugging Face's
`T5GemmaForConditionalGeneration`, but for the `model.` in front, and for norms, whose gain is stored as it is there
less one. Source and text share one embedding, multiplied by √D; it is stored once. What it leaves out: how the target
is shifted (`fidan.training.pairs`), and a cache (`fidan.generation`).
"""

from torch import Tensor, nn

from fidan.model.attention import KeyValueStore
from fidan.model.config import ModelConfig
from fidan.model.cross_attention import CrossAttention, Source
from fidan.model.decoder import DecoderStack, Places
from fidan.model.encoder import EncoderStack
from fidan.model.initialize import initialize
from fidan.model.masks import padding_mask


class EncoderDecoder(nn.Module):
    """A conditional language model over `vocabulary` tokens.

    Raises:
        ValueError: the config has no encoder.
    """

    def __init__(self, config: ModelConfig, vocabulary: int) -> None:
        super().__init__()
        if not config.encoder_layers:
            raise ValueError("encoder_layers = 0: this is a decoder's shape; build it with build_model.")
        self.config, self.vocabulary = config, vocabulary
        self.encoder = EncoderStack(config, vocabulary)
        self.decoder = DecoderStack(config, vocabulary)
        self.decoder.embed_tokens = self.encoder.embed_tokens
        self.lm_head = nn.Linear(config.d_model, vocabulary, bias=False)
        if config.tie_embeddings:
            self.lm_head.weight = self.encoder.embed_tokens.weight
        initialize(self, config)

    def checkpoint_blocks(self, on: bool = True) -> None:
        """As `Stack.checkpoint_blocks` says, of both stacks."""
        self.encoder.checkpoint_blocks(on)
        self.decoder.checkpoint_blocks(on)

    def encode(self, source: Tensor, source_mask: Tensor | None = None) -> Tensor:
        """Read sources.

        Args:
            source: (B, S) ids.
            source_mask: (B, S) booleans, True for a token, False for padding; None: there is no padding.

        Returns:
            (B, S, D), the memory that the decoder looks at; of no meaning where there is padding.
        """
        memory: Tensor = self.encoder(source, None if source_mask is None else padding_mask(source_mask))
        return memory

    def source(self, source: Tensor, source_mask: Tensor | None = None) -> Source:
        """What the decoder sees of (B, S) sources; the arguments are those of `encode`."""
        mask = None if source_mask is None else padding_mask(source_mask)
        return Source(self.encoder(source, mask), mask)

    def keys_values(self, memory: Tensor) -> list[tuple[Tensor, Tensor]]:
        """(B, S, D) memory → keys and values that each layer's cross-attention has of it, (B, G, S, K)."""
        attentions = [block.get_submodule("cross_attn") for block in self.decoder.layers]
        return [a.keys_values(memory) for a in attentions if isinstance(a, CrossAttention)]

    def decode(
        self,
        inputs: Tensor,
        source: Source,
        past: int = 0,
        cache: KeyValueStore | None = None,
        places: Places | None = None,
    ) -> Tensor:
        """(B, T) ids of the text → (B, T, D) hidden states; the arguments are those of `DecoderStack.forward`."""
        hidden: Tensor = self.decoder(inputs, past, cache, places=places, source=source)
        return hidden

    def body(self, source: Tensor, inputs: Tensor, source_mask: Tensor | None = None) -> Tensor:
        """Everything but the head: (B, S) source and (B, T) text → (B, T, D) hidden states."""
        return self.decode(inputs, self.source(source, source_mask))

    def forward(self, source: Tensor, inputs: Tensor, source_mask: Tensor | None = None) -> Tensor:
        """Logits of each next token of the text.

        Args:
            source: (B, S) ids.
            inputs: (B, T) ids of the text, which begins with `<s>`.
            source_mask: as of `encode`.

        Returns:
            (B, T, V).
        """
        logits: Tensor = self.lm_head(self.body(source, inputs, source_mask))
        return logits

    def parameter_count(self) -> int:
        """Every parameter, a shared matrix counted once."""
        return sum(p.numel() for p in self.parameters())
