"""Fill fresh databases, or bring old ones up to this CKAN; answer with one line of JSON. Runs inside CKAN's own environment.

`bootstrap.py new` also makes the publisher's account and its token; `bootstrap.py renew` leaves both as they are.
One process for what takes four `ckan` commands (and six seconds).

SPDX-License-Identifier: AGPL-3.0-or-later
"""

import json
import os
import secrets
import sys

from ckan import logic, model
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from ckanext.datastore.cli import permissions_sql

PUBLISHER = "integrationslandkarte"  # not the site_id: CKAN names an account of its own after that


def make_publisher() -> str:
    """Make the account that publishes; return its token. Its password is thrown away: nobody signs in with it."""
    act = logic.get_action
    site_user = act("get_site_user")({"ignore_auth": True}, {})
    act("user_create")(
        {"ignore_auth": True, "user": site_user["name"]},
        {
            "name": PUBLISHER,
            "fullname": "Integrationslandkarte",
            "email": f"{PUBLISHER}@localhost.invalid",
            "password": secrets.token_urlsafe(32),
            "sysadmin": True,
        },
    )
    made = act("api_token_create")({"ignore_auth": True, "user": PUBLISHER}, {"user": PUBLISHER, "name": "publish"})
    return str(made["token"])


def main(task: str) -> None:
    """Do the task; print the answer."""
    application = make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())
    names = {"maindb": "ckan", "datastoredb": "ckan_ds", "mainuser": "ckan", "writeuser": "ckan", "readuser": "ckan_ro"}
    with application._wsgi_app.test_request_context():
        model.repo.init_db()
        answer = {"permissions": permissions_sql(**names)}
        if task == "new":
            answer["token"] = make_publisher()
        logic.get_action("package_search")({"ignore_auth": True}, {"rows": 0})  # makes the search's own table
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
