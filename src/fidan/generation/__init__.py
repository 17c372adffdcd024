"""Text out of a model: `engine` gives logits, `generate` is the loop, `search` the beams; the rest are parts."""
