"""A real CKAN on this machine: PostgreSQL, Redis and CKAN 2.12 from wheels, behind one local address.

Reading order: server (up, down, status, reset), environment (the Python environment CKAN lives in), site (its files and secrets),
postgres, redis, web (the three pieces), processes, account, errors. What runs inside CKAN's own environment stays apart:
`inside/` and `pgsolr/` import CKAN, are licensed like CKAN (AGPL-3.0-or-later) and are never imported from here.
Everything in this folder beside those two needs the standard library only.
"""
