"""The application gunicorn serves. Runs inside CKAN's own environment.

SPDX-License-Identifier: AGPL-3.0-or-later
"""

import os

from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from ckan.model import meta
from ckanext.datastore.backend.postgres import get_read_engine, get_write_engine

application = make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())
# Loaded once before the workers are forked: each worker must open its own connections, the DataStore's included.
for engine in (meta.engine, get_read_engine(), get_write_engine()):
    engine.dispose()
