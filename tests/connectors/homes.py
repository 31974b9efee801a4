# ruff: noqa: E501  pages stay as their building kits write them
"""Home pages as building kits write them, shortened: what a partner pastes when asked for "the address".

Each is a dict of paths and answers for tests/connectors/site.py, with `{site}` where the address of the site stands.
"""

CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x\r\n{events}END:VCALENDAR\r\n"
EVENT = "BEGIN:VEVENT\r\nUID:{n}@x\r\nDTSTART:202612{n:02}T150000Z\r\nDTEND:202612{n:02}T170000Z\r\nSUMMARY:Treff {n}\r\nEND:VEVENT\r\n"
ITEMS = "".join(f"<item><title>Neues {n}</title><guid>{n}</guid><link>https://x.example/{n}</link></item>" for n in range(4))
RSS = f'<rss version="2.0"><channel><title>Neuigkeiten</title>{ITEMS}</channel></rss>'
EVENTS = (
    '{"events": [{"id": 7, "title": "Nähcafé", "start_date": "2026-12-03 15:00:00", "end_date": "2026-12-03 17:00:00", '
    '"url": "https://x.example/7", "description": "Nähen"}], "rest_url": "https://x.example/", "total": 34, "total_pages": 4}'
)
TABLE = "Titel;Beginn;Ort\nDeutsch A1;07.12.2026;Haus 1\nDeutsch A2;08.12.2026;Haus 2\nNähkurs;09.12.2026;Haus 1\n"
COURSE = (
    '<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "Verein"}, '
    '{"@type": "Event", "name": "Elterncafé", "startDate": "2026-12-01T09:00:00+01:00", "url": "https://x.example/e1", '
    '"location": {"@type": "Place", "name": "Haus", "address": "Weg 1, 47051 Duisburg"}}]}</script>'
)


def calendar(count: int) -> str:
    return CALENDAR.format(events="".join(EVENT.format(n=n) for n in range(1, count + 1)))


WORDPRESS = {
    "/": """<!DOCTYPE html><html lang="de"><head><meta name="generator" content="WordPress 6.8">
        <link rel="alternate" type="application/rss+xml" title="Verein &raquo; Feed" href="{site}/feed/">
        <link rel="alternate" type="application/rss+xml" title="Kommentare" href="{site}/comments/feed/">
        <link rel="https://api.w.org/" href="{site}/wp-json/"><link rel="alternate" type="application/json" href="{site}/wp-json/wp/v2/pages/2">
        <link rel="alternate" title="oEmbed" type="application/json+oembed" href="{site}/wp-json/oembed/1.0/embed?url=x"></head>
        <body><nav><a href="{site}/">Start</a><a href="{site}/veranstaltungen/">Veranstaltungen</a><a href="{site}/ueber-uns/">Über uns</a></nav>
        <main><p>Willkommen</p></main><a href="{site}/impressum/">Impressum</a></body></html>""",
    "/wp-json/tribe/events/v1/events": (200, {"Content-Type": "application/json"}, EVENTS),
    "/veranstaltungen/": "<html><body>Liste <a href='{site}/veranstaltungen/?ical=1'>Kalender abonnieren</a></body></html>",
    "/feed/": (200, {"Content-Type": "application/rss+xml"}, RSS),
}
WIX = {
    "/": """<!DOCTYPE html><html lang="de"><head><meta name="generator" content="Wix.com Website Builder"><script id="wix-first-paint">var a=1</script></head>
        <body><div id="SITE_CONTAINER"><a data-testid="linkElement" href="{site}/kurse-und-termine"><p>Kurse &amp; Termine</p></a>
        <a href="{site}/blog"><p>Blog</p></a><a href="{site}/kontakt">Kontakt</a></div></body></html>""",
    "/kurse-und-termine": f"<!DOCTYPE html><html><head>{COURSE}</head><body><div id='SITE_CONTAINER'></div></body></html>",
    "/robots.txt": "User-agent: *\nAllow: /\nSitemap: {site}/sitemap.xml\n",
    "/blog-feed.xml": RSS,
}
JIMDO = {
    "/": """<!DOCTYPE html><html lang="de-DE"><head><link rel="alternate" type="application/rss+xml" title="Blog" href="{site}/rss/blog"></head>
        <body class="body cc-page j-m-gallery-styles"><div id="cc-inner"><ul class="cc-nav-level-0"><li><a href="/angebote/">Unsere Angebote</a></li>
        <li><a href="/anfahrt/">Anfahrt</a></li></ul></div></body></html>""",
    "/angebote/": """<html><body><p><a href="/app/download/12345/Angebote_2026.csv?t=1700000000">Angebote_2026.csv</a></p></body></html>""",
    "/app/download/12345/Angebote_2026.csv": (200, {"Content-Type": "application/octet-stream"}, TABLE),
    "/rss/blog": (200, {"Content-Type": "application/rss+xml"}, RSS),
}
TYPO3 = {
    "/": """<!DOCTYPE html><html dir="ltr" lang="de-DE"><head><!-- This website is powered by TYPO3 --><meta name="generator" content="TYPO3 CMS"></head>
        <body><nav><a href="/aktuelles" title="Aktuelles">Aktuelles</a><a href="/service/veranstaltungskalender" title="Kalender">Veranstaltungskalender</a></nav></body></html>""",
    "/service/veranstaltungskalender": """<html><body><h1>Kalender</h1><a class="ics"
        href="/service/veranstaltungskalender?tx_sfeventmgt_pieventdetail%5Baction%5D=icalDownload&amp;type=1562&amp;cHash=ab">Alle Termine (iCal)</a></body></html>""",
    "/service/veranstaltungskalender?tx_sfeventmgt_pieventdetail%5Baction%5D=icalDownload&type=1562&cHash=ab": (
        200, {"Content-Type": "text/calendar", "Content-Disposition": "attachment; filename=termine.ics"}, calendar(12),
    ),
}  # fmt: skip
JOOMLA = {
    "/": """<!DOCTYPE html><html lang="de-de"><head><meta name="generator" content="Joomla! - Open Source Content Management">
        <link href="/index.php?format=feed&amp;type=rss" rel="alternate" type="application/rss+xml" title="Verein"></head>
        <body><ul class="mod-menu"><li><a href="/index.php/termine">Termine</a></li></ul></body></html>""",
    "/index.php/termine": """<html><body><a href="/index.php?option=com_jevents&amp;task=icals.export&amp;format=ical">iCal</a></body></html>""",
    "/index.php?option=com_jevents&task=icals.export&format=ical": (200, {"Content-Type": "text/calendar"}, calendar(5)),
    "/index.php?format=feed&type=rss": (200, {"Content-Type": "application/rss+xml"}, RSS),
}
SQUARESPACE = {
    "/": """<!DOCTYPE html><html lang="de-DE"><head><!-- This is Squarespace. --><link rel="alternate" type="application/rss+xml" href="{site}/blog?format=rss"></head>
        <body><header><a href="/events">Events</a><a href="/blog">Blog</a></header></body></html>""",
    "/events": """<html><body><article class="eventlist-event"><a href="/events/nahen">Nähcafé</a>
        <a href="/events/nahen?format=ical" class="eventlist-meta-export-ical">ICS</a></article></body></html>""",
    "/events/nahen?format=ical": (200, {"Content-Type": "text/calendar"}, calendar(1)),
    "/blog?format=rss": (200, {"Content-Type": "application/rss+xml"}, RSS),
}
GOOGLE_SITES = {
    "/": """<!DOCTYPE html><html lang="de"><head><meta property="og:site_name" content="Verein"></head><body>
        <iframe src="https://calendar.google.com/calendar/embed?src=abc123%40group.calendar.google.com&amp;ctz=Europe%2FBerlin"></iframe>
        <a href="{site}/view/kurse">Kurse</a></body></html>""",
    "/view/kurse": """<html><body><div data-embed-open-url="https://docs.google.com/spreadsheets/d/1AbCdEfGhIjKlMnOpQrStUvWxYz012345/edit#gid=0"></div>
        <a href="{site}/liste.xlsx">Liste</a></body></html>""",
}
TABLE_PAGE = {
    "/": """<!DOCTYPE html><html lang="de"><head><meta name="generator" content="WordPress 6.8">
        <link rel="alternate" type="application/rss+xml" title="Verein &raquo; Feed" href="{site}/feed/"></head>
        <body><nav><ul><li><a href="{site}/">Start</a></li><li><a href="{site}/verein/">Verein</a></li><li><a href="{site}/deutschkurse/">Deutschkurse</a></li>
        <li><a href="{site}/kontakt/">Kontakt</a></li></ul></nav><table><tr><th>Tag</th><th>Öffnungszeiten</th></tr><tr><td>Montag</td><td>9–12 Uhr</td></tr>
        <tr><td>Dienstag</td><td>9–12 Uhr</td></tr></table></body></html>""",
    "/deutschkurse/": """<!DOCTYPE html><html><body><h1>Deutschkurse</h1><figure class="wp-block-table"><table><thead><tr><th>Kurs</th><th>Wann</th><th>Wo</th></tr></thead>
        <tbody><tr><td>Deutsch A1</td><td>Mo 9–12 Uhr</td><td>Haus 1</td></tr><tr><td>Deutsch A2</td><td>Di 9–12 Uhr</td><td>Haus 1</td></tr>
        <tr><td>Deutsch B1</td><td>Mi 9–12 Uhr</td><td>Haus 2</td></tr></tbody></table></figure></body></html>""",
    "/feed/": (200, {"Content-Type": "application/rss+xml"}, RSS),
}
EMPTY = {
    "/": "<!DOCTYPE html><html><body><h1>Verein</h1><p>Wir treffen uns montags.</p><a href='/impressum'>Impressum</a></body></html>"
}
