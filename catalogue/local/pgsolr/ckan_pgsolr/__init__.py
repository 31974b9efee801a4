"""A plugin for CKAN that answers its search from PostgreSQL instead of Solr.

CKAN reaches Solr through one function, `ckan.lib.search.common.make_connection()`, which returns a `pysolr.Solr`. The plugin
puts an object with the same methods (search, add, delete, commit) in its place, over one table in CKAN's own database.
Everything above it stays CKAN's own: query building, permission labels, facets, index documents, counts, autocomplete.

Reading order: fields (what CKAN's schema.xml says of each field), text (folding words and dates), lucene (queries to SQL),
index (the object itself), plugin (putting it in place). What is not supported raises `pysolr.SolrError`, so that nothing
passes by accident.

SPDX-License-Identifier: AGPL-3.0-or-later
"""
