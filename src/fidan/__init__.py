"""fidan (Turkish: sapling) grows small Turkish language models from seed.

The rooms, in the order of the data:

    corpus/       raw text to clean documents: read, normalise, filter, drop duplicates, split
    tokenizer/    clean documents to a SentencePiece vocabulary; text to ids and back
    training/     packed tokens, then the one trainer: batches, loss, optimizer, checkpoints, log
    model/        the network: norm, rope, attention, feed-forward, block, decoder
    evaluation/   how good it is, in bits per byte of held-out text
    generation/   text out of the model: cache, sampling, streaming
    export/       a Hugging Face folder that proves itself equal to the trained model
    law/          Turkish law: statutes into articles, a search index, answers that cite their article

`recipe` says what to build, `artifact` keeps what was built honest, `stages` puts the rooms in order and `cli`
is the door.
"""

__version__ = "0.1.0"
