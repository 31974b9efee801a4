"""WHERE TO? The ledger (our memory on disk) and CKAN (the public's). The only room that knows ckanapi.

Reading order: disk (atomic files), captures, ledger (runs, snapshots, pointers), publication (snapshots to a data package),
ckan (data package to catalogue), local (a CKAN of our own on this machine).
"""
