"""What happens in the stories: data, in the template language of ``sentences``.

A plot is a block. Its first line names it, says who may be its hero (``child``, ``me``, ``animal``) and which slots
it fills from which word group (``o:toy``, ``c:=colour`` for adjectives). A line that begins with a dash is a step,
one with a question mark an optional step; `` / `` separates alternatives and may begin a line. ``h f g`` are the
hero, a friend and a grown-up of the family.
"""
