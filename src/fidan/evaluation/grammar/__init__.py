"""Fidan's own minimal pairs: for each phenomenon of Turkish grammar, sentences that are right and wrong by one word.

In reading order: ``words`` (what all are written with), ``sound``, ``nominal``, ``verbal``, ``clauses`` (the
phenomena), ``make`` (the set and its file, ``pairs.csv``). ``python -m fidan.evaluation.grammar`` writes the file
again. The words and their forms are those of ``fidan.corpus.synthetic``.
"""

from fidan.evaluation.grammar.make import FILE, PHENOMENA, build, load

__all__ = ["FILE", "PHENOMENA", "build", "load"]
