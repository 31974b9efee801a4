"""The public pages: a published data package comes in, lists, maps and downloads go out.

Reading order: app (the addresses), live (the package in memory, and when it changes), index with ranking, masks, places and search
(what is counted beforehand), query (the address line), select (which offers, and the counts), facets, cards and phrases (what a
reader sees), render with i18n, pages, details and datasets (what is answered), exports. security says what a visitor is spared.
"""
