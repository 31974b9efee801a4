"""WHEN? The only room that knows Prefect.

Reading order: harvest (one partner's night, line by line), publish (all snapshots into the catalogue), deploy (one
deployment a source). Everything they call can be called from a shell without Prefect.
"""
