"""Put the index in Solr's place when CKAN starts. Option `pgsolr.language`: how words are stemmed (english unless told)."""

from typing import Any

from ckan import plugins
from ckan.lib import search
from ckan.lib.search import common, index, query

from ckan_pgsolr.index import PgSolr


class PgSolrPlugin(plugins.SingletonPlugin):
    """Rebinds the four names under which CKAN knows `make_connection`."""

    plugins.implements(plugins.IConfigurer)

    def update_config(self, config: Any) -> None:
        """Called once, before CKAN opens its database; nothing is searched earlier."""
        language = str(config.get("pgsolr.language") or PgSolr.language)
        if not language.isidentifier():
            raise ValueError(f"pgsolr.language: {language!r} is not the name of a language")
        PgSolr.language = language
        for module in (common, index, query, search):
            module.make_connection = PgSolr
        of_a_file = search.check_solr_schema_version
        # Asked without a file, CKAN would fetch the schema from Solr
        search.check_solr_schema_version = lambda schema_file=None: of_a_file(schema_file) if schema_file else True
