"""The local CKAN: comes up, survives what can happen to it, says plainly what it cannot do."""

import pytest
import requests

from catalogue.local.server import Endpoint, LocalCkan

pytestmark = pytest.mark.ckan
Ckan = tuple[LocalCkan, Endpoint]


def call(endpoint: Endpoint, action: str, **parameters: object) -> object:
    """Call an action of CKAN's API as the publisher; return its result."""
    answer = requests.post(
        f"{endpoint.url}/api/3/action/{action}", json=parameters, headers={"Authorization": endpoint.token}, timeout=60
    )
    assert answer.ok, answer.text
    return answer.json()["result"]


def test_a_second_up_changes_nothing(local_ckan: Ckan) -> None:
    """`up` is idempotent: same address, same token, same processes."""
    ckan, endpoint = local_ckan
    before = ckan.status()
    assert before.running
    assert ckan.up() == endpoint
    assert ckan.status() == before


def test_a_reset_leaves_an_empty_catalogue_that_still_knows_us(empty_ckan: Ckan) -> None:
    """After a reset nothing is listed, the token still writes."""
    ckan, endpoint = empty_ckan
    call(endpoint, "organization_create", name="vhs")
    call(endpoint, "package_create", name="kurse", owner_org="vhs")
    assert call(endpoint, "package_list") == ["kurse"]
    ckan.reset()
    assert call(endpoint, "package_list") == []
    assert call(endpoint, "organization_list") == []
    call(endpoint, "organization_create", name="vhs")
