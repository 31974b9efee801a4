"""WHAT IS IT? Tables, vocabularies, source files, and every pure step from a partner's words to a published row.

Reading order: record (the words that travel), source (one partner's file), mapping, convert, normalise, privacy, place,
validate, compare. No network, no clock, no Prefect here: time, files and answers come in as arguments.
"""
