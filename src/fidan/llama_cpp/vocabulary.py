"""The tokenizer inside a GGUF file, as the SentencePiece model it came from.

Pieces, scores and types are all that SentencePiece needs to encode; its rules (BPE, bytes for unknown characters,
nothing normalised) are those of every GGUF vocabulary of this kind, so the ids are the same. What it leaves out:
vocabularies of other kinds, which are refused.
"""

from fidan.errors import FidanError
from fidan.llama_cpp.rows import RowsModel

# llama.cpp's attributes (bits) to SentencePiece's types.
_TYPES = ((1, "UNKNOWN"), (2, "UNUSED"), (8, "CONTROL"), (16, "USER_DEFINED"), (32, "BYTE"), (4, "NORMAL"))


def sentencepiece_model(model: RowsModel) -> bytes:
    """The bytes of a `tokenizer.model`.

    Raises:
        FidanError: the vocabulary is not SentencePiece BPE, or a piece of this tool is missing here.
    """
    try:
        from sentencepiece import sentencepiece_model_pb2
    except ImportError as error:
        raise FidanError("to read a GGUF's tokenizer, protobuf is needed: pip install 'fidan[llama-cpp]'.") from error
    told = model.metadata().get("tokenizer.ggml.model")
    if told != "llama":
        raise FidanError(
            f"{model.path}: its tokenizer is of the kind {told!r}; only 'llama' (SentencePiece) is read."
        )
    proto = sentencepiece_model_pb2.ModelProto()
    trainer, rules = proto.trainer_spec, proto.normalizer_spec
    trainer.model_type, trainer.byte_fallback = trainer.BPE, True
    trainer.vocab_size = model.vocabulary
    trainer.unk_id, trainer.pad_id = -1, model.c.llama_vocab_pad(model.vocab)
    trainer.bos_id, trainer.eos_id = model.c.llama_vocab_bos(model.vocab), model.c.llama_vocab_eos(model.vocab)
    rules.name, rules.add_dummy_prefix = "identity", True
    rules.remove_extra_whitespaces, rules.escape_whitespaces = False, True
    for i in range(model.vocabulary):
        text = model.c.llama_vocab_get_text(model.vocab, i).decode()
        attribute = model.c.llama_vocab_get_attr(model.vocab, i)
        kind = next(name for bit, name in _TYPES if attribute & bit)
        piece = proto.pieces.add(piece=text, score=model.c.llama_vocab_get_score(model.vocab, i))
        piece.type = getattr(piece, kind)
        for name, special in (("unk", "UNKNOWN"), ("bos", trainer.bos_id), ("eos", trainer.eos_id)):
            if special in (kind, i):
                setattr(trainer, f"{name}_id", i)
                setattr(trainer, f"{name}_piece", text)
        if i == trainer.pad_id:
            trainer.pad_piece = text
    return bytes(proto.SerializeToString())
