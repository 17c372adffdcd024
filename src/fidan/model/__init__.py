"""The network, one idea a file: config, norm, rope, attention, feedforward, block, decoder, initialize.

One shape legend everywhere: B batch, T sequence length, D model width, H query heads, G key/value heads,
K head width, F feed-forward width, V vocabulary.
"""
