"""Learning from question-answer pairs: which pairs stand in which batch.

Reading and splitting are `fidan.corpus.pairs`, ids `fidan.tokenizer.pairs`, since evaluation needs them too; their
main names can be had from here.

    order      pairs of like length together, in a seeded order
    batches    the pairs of a run by number, as tensors
"""

from fidan.corpus.pairs.pair import Pair
from fidan.corpus.pairs.read import Columns, read_pairs
from fidan.corpus.pairs.split import split_pairs
from fidan.tokenizer.pairs import EncodedPairs, encode_pairs
from fidan.training.pairs.batches import PairBatches

__all__ = ["Columns", "EncodedPairs", "Pair", "PairBatches", "encode_pairs", "read_pairs", "split_pairs"]
