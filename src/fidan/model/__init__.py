"""The network, one idea a file, to be read in this order.

config, then what a block is made of: scaled_dot_product, masks, rope, attention, cross_attention, feedforward, norm,
positions, drop_path, layer_scale, block. Then the two models: stack, decoder, encoder, encoder_decoder, build,
initialize. And what makes attention fast or keeps documents apart: cpu_attention, document_mask.

One shape legend everywhere: B batch, T target or sequence length, S source length, D model width, H query heads,
G key/value heads, K head width, F feed-forward width, V vocabulary.
"""
