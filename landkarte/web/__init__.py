"""The public pages: a published data package comes in, lists, maps and downloads go out.

Reading order: app (addresses), live (the package in memory, and when it changes), index (what is counted beforehand), query (the
address line), select (which offers, and the counts), cards and phrases (what a reader sees), pages, exports.
"""
