"""A real CKAN on this machine: PostgreSQL, Redis and CKAN 2.12 from wheels, behind one local address.

Reading order: server (up, down, status, reset), environment (the Python environment CKAN lives in), site (its files and secrets),
content (what stands in its databases), pieces (postgres, redis, web), processes, account, lock, errors.
What runs inside CKAN's own environment stays apart: `inside/` and `pgsolr/` import CKAN, are licensed like CKAN
(AGPL-3.0-or-later) and are never imported from here. Everything else in this folder needs the standard library only.
"""
