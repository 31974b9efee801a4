"""How one value of a partner becomes one value of ours? Read answer, then text; every other module is one kind of value.

A converter is made once for a source (its argument and the city are known then) and called for every value. It never raises,
never guesses and reads no clock: it answers with the value, with None for nothing, or with a Doubt. The list that a source file
may name is schemas/convert.py; what a column wants is schemas/targets.py.
"""
