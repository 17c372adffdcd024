"""Learning from conversations: which of them stand in which row.

Reading and splitting are `fidan.corpus.conversations`, ids `fidan.tokenizer.conversations`.

    fitting    several conversations to a row, with little padding
    rows       the rows of a run by number, as tensors; windows of the pretraining text among them
"""
