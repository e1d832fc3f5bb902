"""
Turns an editor's questions into ops, and the replies into values.

It does no I/O: `Dialect` is given an `ask`. Parsing cannot fail; bad input gives less.
"""
