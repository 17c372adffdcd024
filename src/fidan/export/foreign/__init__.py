"""Checkpoints of other programs: `importing` makes a Hugging Face folder of one.

`file` opens it without running anything in it, `names` know how others call a weight, `buffers` what is no weight;
`shape` and `settings` find out the model's sizes.
"""
