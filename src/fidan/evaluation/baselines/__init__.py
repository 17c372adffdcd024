"""What text costs without a neural model, so that bits per byte have a scale.

In the order of how much each knows:

    simple       every token as likely as another; how often each token is; what xz makes of the bytes
    kneser_ney   the four tokens before, by counts: an interpolated modified Kneser-Ney model

Each gives a `simple.Baseline`: bits, which divided by the bytes of the text are bits per byte as a model has them.
"""
