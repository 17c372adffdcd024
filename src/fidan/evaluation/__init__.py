"""How good a model is, on text it has not seen: `heldout` measures the loss, in bits per byte."""
