FEEDS: list = []
