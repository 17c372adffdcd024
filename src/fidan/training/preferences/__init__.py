"""Learning from preferences: pairs of answers by number, the loss, and what the model was before.

Reading and splitting are `fidan.corpus.preferences`, ids `fidan.tokenizer.preferences`.

    batches    the pairs of a run by number, as tensors
    loss       log-probabilities of answers, and DPO's loss
    reference  the log-probabilities by the weights that the training starts from, kept
"""
