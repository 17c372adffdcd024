"""Numbers that say how good predictions and texts are; none of them knows a model, a file or a report.

statistics    an estimate with its error and interval; is one model really better than another
likelihood    cross-entropy, perplexity, bits a byte and a character, accuracy and top-k of next tokens
calibration   whether a probability of 0.7 comes true seven times in ten
overlap       BLEU, chrF++ and ROUGE-L of a text against references
diversity     how much a text repeats itself
"""
