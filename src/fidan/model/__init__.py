"""The network, one idea a file: config, norm, rope, attention, document_mask, feedforward, drop_path, block,
decoder, initialize.

One shape legend everywhere: B batch, T sequence length, D model width, H query heads, G key/value heads,
K head width, F feed-forward width, V vocabulary.
"""
