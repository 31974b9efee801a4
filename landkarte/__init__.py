"""WHO SEES IT? The command `landkarte`, and the pages: list, map, offer, datasets.

Reading order: cli (what can be asked), package (a data package from a folder or an address), web (the pages). The pages read
the published data package, never the ledger.
"""
