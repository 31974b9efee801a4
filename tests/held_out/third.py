# ruff: noqa: E501  rows of a table stay on one line each, as partners write them
"""Seven feeds written after the second round of work on the guess; then it was improved with these in view, too (see fourth.py)."""

from tests.held_out.feed import Feed, table

FEEDS = [
    Feed(
        "fluechtlingsrat.csv",
        table("""
        Nr;Initiative;Angebotsform;Kurzbeschreibung des Angebots;Tage;Zeiten;Räumlichkeiten;Anschrift;Stadtbezirk;Kontaktmail;Kontakttelefon;Homepage der Initiative;Sprache/n;Offen für
        1;Willkommen in Rheinhausen;Offener Treff;Kaffee, Gespräche und Hilfe mit Briefen.;Dienstag;16:00 - 18:00;Bürgerhaus;Friedrich-Alfred-Str. 14, 47226 Duisburg;Rheinhausen;willkommen@rhh.example;02065 555101;https://rhh.example;Deutsch, Arabisch;Geflüchtete
        2;Lernhaus Hochfeld;Sprachkurs;Erste Schritte auf Deutsch.;Montag;10:00 - 12:00;Lernhaus;Wanheimer Str. 101, 47053 Duisburg;Mitte;lernhaus@hf.example;0203 555102;https://hf.example;Deutsch, Bulgarisch;Erwachsene
        3;Fahrradwerkstatt Nord;Veranstaltung;Räder reparieren und verleihen.;Samstag;11:00 - 14:00;Werkhof;Kampstr. 55, 47166 Duisburg;Hamborn;rad@nord.example;0203 555103;https://rad-nord.example;Deutsch;Jugendliche
        4;Mama lernt Deutsch;Sprachkurs;Kurs für Mütter während der Kitazeit.;Mittwoch;9:00 - 11:30;Familienzentrum;Gartenstr. 3, 47179 Duisburg;Walsum;mama@walsum.example;0203 555104;https://walsum.example;Deutsch;Frauen
        """),
        {"Nr": "id", "Initiative": "title|organisation.name", "Angebotsform": "offer_type",
         "Kurzbeschreibung des Angebots": "summary|description", "Tage": "session.weekday", "Zeiten": "session.time",
         "Räumlichkeiten": "location.name", "Anschrift": "location.address", "Stadtbezirk": "location.district_code",
         "Kontaktmail": "contact_email", "Kontakttelefon": "contact_phone", "Homepage der Initiative": "url|organisation.website",
         "Sprache/n": "languages", "Offen für": "target_groups"},
    ),
    Feed(
        "kulturkalender.xml",
        """<?xml version="1.0"?><kalender><termin><terminId>k1</terminId><titel>Fest der Sprachen</titel><beschreibung>Musik, Lesung und Essen aus zwölf Ländern.</beschreibung><datumVon>2026-12-04</datumVon><datumBis>2026-12-04</datumBis><zeitVon>15:00</zeitVon><zeitBis>19:00</zeitBis><veranstaltungsstaette>Kulturzentrum Alte Feuerwache</veranstaltungsstaette><plz>47053</plz><stadt>Duisburg</stadt><strasse>Friedenstr. 5</strasse><eintrittspreis>8,00 €</eintrittspreis><rubrik>Kultur</rubrik><veranstalterName>Feuerwache e. V.</veranstalterName><vvkLink>https://kal.example/t/1</vvkLink><webseite>https://kal.example/k1</webseite><bildPfad>https://kal.example/b/1.jpg</bildPfad></termin>
        <termin><terminId>k2</terminId><titel>Theater ohne Worte</titel><beschreibung>Pantomime für alle ab acht.</beschreibung><datumVon>2026-12-11</datumVon><datumBis>2026-12-12</datumBis><zeitVon>19:30</zeitVon><zeitBis>21:00</zeitBis><veranstaltungsstaette>Theater am Marientor</veranstaltungsstaette><plz>47051</plz><stadt>Duisburg</stadt><strasse>Plessingstr. 20</strasse><eintrittspreis>12,00 €</eintrittspreis><rubrik>Kultur</rubrik><veranstalterName>Theater Brücke</veranstalterName><vvkLink>https://kal.example/t/2</vvkLink><webseite>https://kal.example/k2</webseite><bildPfad>https://kal.example/b/2.jpg</bildPfad></termin>
        <termin><terminId>k3</terminId><titel>Spielenachmittag</titel><beschreibung>Brettspiele mit wenig Text.</beschreibung><datumVon>2026-12-13</datumVon><datumBis>2026-12-13</datumBis><zeitVon>14:00</zeitVon><zeitBis>17:00</zeitBis><veranstaltungsstaette>Kulturzentrum Alte Feuerwache</veranstaltungsstaette><plz>47053</plz><stadt>Duisburg</stadt><strasse>Friedenstr. 5</strasse><eintrittspreis>frei</eintrittspreis><rubrik>Freizeit</rubrik><veranstalterName>Feuerwache e. V.</veranstalterName><vvkLink>https://kal.example/t/3</vvkLink><webseite>https://kal.example/k3</webseite><bildPfad>https://kal.example/b/3.jpg</bildPfad></termin></kalender>""",
        {"terminId": "id", "titel": "title", "beschreibung": "description", "datumVon": "start_date|session.date", "datumBis": "end_date",
         "zeitVon": "session.start_time", "zeitBis": "session.end_time", "veranstaltungsstaette": "location.name",
         "plz": "location.postal_code", "stadt": "location.city", "strasse": "location.street_line", "eintrittspreis": "cost",
         "rubrik": "topics", "veranstalterName": "organisation.name", "vvkLink": "registration_url|url", "webseite": "url",
         "bildPfad": "image_url"},
    ),
    Feed(
        "charity-sheet.csv",
        table("""
        Programme title,Who is it for?,What happens,Weekday,Starts,Finishes,Where we meet,Full address,Cost per session,How to book,Contact phone,Languages spoken,Step-free access,Max group size
        Coffee and chat,Women,Meet others and practise German,Wednesday,10:00,12:00,Welcome House,"Beekstr. 10, 47051 Duisburg",free,https://charity.example/b/1,0203 5558801,"English, Arabic",yes,15
        Homework club,Children,Help with school work,Thursday,15:30,17:30,Primary School West,"Schulstr. 8, 47119 Duisburg",free,https://charity.example/b/2,0203 5558802,"English, German",no,20
        Sewing room,Adults,Learn to sew and repair,Friday,13:00,16:00,Welcome House,"Beekstr. 10, 47051 Duisburg",2 €,https://charity.example/b/3,0203 5558803,"German, Turkish",yes,8
        Football,Young people,Mixed team on the pitch,Saturday,11:00,13:00,Sports ground Meiderich,"Westender Str. 36, 47138 Duisburg",free,https://charity.example/b/4,0203 5558804,English,no,22
        """),
        {"Programme title": "title", "Who is it for?": "target_groups", "What happens": "description|summary", "Weekday": "session.weekday",
         "Starts": "session.start_time", "Finishes": "session.end_time", "Where we meet": "location.name", "Full address": "location.address",
         "Cost per session": "cost", "How to book": "registration_url", "Contact phone": "contact_phone", "Languages spoken": "languages",
         "Step-free access": "location.wheelchair", "Max group size": "capacity_max"},
    ),
    Feed(
        "cms-export.json",
        """[{"nid": "301", "node_title": "Elterncafé", "field_kurztext": "Austausch über Schule und Kita", "field_langtext": "<p>Jeden Monat ein Thema, mit Übersetzung ins Arabische.</p>", "field_beginn": "2026-12-02T09:00:00+01:00", "field_ende": "2026-12-02T11:00:00+01:00", "field_ort_name": "Kita Sonnenschein", "field_ort_strasse": "Lindenweg 3", "field_ort_plz": "47228", "field_ort_stadt": "Duisburg", "field_zielgruppe": ["Eltern"], "field_kosten": "kostenlos", "field_email": "cafe@cms.example", "field_telefon": "0203 5553301", "field_barrierefrei": "ja", "path": "https://cms.example/node/301", "geaendert_am": "2026-11-12T10:00:00+01:00", "autor": "redaktion3"},
        {"nid": "302", "node_title": "Bewerbung schreiben", "field_kurztext": "Üben mit Vorlagen", "field_langtext": "<p>Bitte den Lebenslauf mitbringen.</p>", "field_beginn": "2026-12-03T17:00:00+01:00", "field_ende": "2026-12-03T19:00:00+01:00", "field_ort_name": "Stadtteilbibliothek", "field_ort_strasse": "Marktplatz 1", "field_ort_plz": "47229", "field_ort_stadt": "Duisburg", "field_zielgruppe": ["Jugendliche", "Erwachsene"], "field_kosten": "3,00 €", "field_email": "job@cms.example", "field_telefon": "0203 5553302", "field_barrierefrei": "nein", "path": "https://cms.example/node/302", "geaendert_am": "2026-11-13T10:00:00+01:00", "autor": "redaktion1"},
        {"nid": "303", "node_title": "Tanzen verbindet", "field_kurztext": "Tänze aus fünf Ländern", "field_langtext": "<p>Ohne Vorkenntnisse.</p>", "field_beginn": "2026-12-05T18:00:00+01:00", "field_ende": "2026-12-05T20:00:00+01:00", "field_ort_name": "Turnhalle Bergheim", "field_ort_strasse": "Jahnstr. 22", "field_ort_plz": "47228", "field_ort_stadt": "Duisburg", "field_zielgruppe": ["Alle"], "field_kosten": "kostenlos", "field_email": "tanz@cms.example", "field_telefon": "0203 5553303", "field_barrierefrei": "ja", "path": "https://cms.example/node/303", "geaendert_am": "2026-11-14T10:00:00+01:00", "autor": "redaktion3"}]""",
        {"nid": "id", "node_title": "title", "field_kurztext": "summary", "field_langtext": "description", "field_beginn": "session.start",
         "field_ende": "session.end", "field_ort_name": "location.name", "field_ort_strasse": "location.street_line",
         "field_ort_plz": "location.postal_code", "field_ort_stadt": "location.city", "field_zielgruppe": "target_groups",
         "field_kosten": "cost", "field_email": "contact_email", "field_telefon": "contact_phone", "field_barrierefrei": "location.wheelchair",
         "path": "url", "geaendert_am": "source_modified", "autor": None},
    ),
    Feed(
        "familienbildung.xlsx",
        table("""
        Kurs-Nr.;Kurstitel;Themenfeld;Erster Kurstag;Letzter Kurstag;Uhrzeit;Anzahl Treffen;Kursgebühr;davon ermäßigt;Kursleiterin;Veranstaltungsort;Anschrift Veranstaltungsort;Restplätze;Alter des Kindes;Anmeldung unter;Online-Kurs
        F-11;PEKiP im Frühling;Familie;2027-03-02;2027-05-11;09:30-11:00;8;72,00;36,00;S. Muster;Haus der Familie;Wieberplatz 2, 47051 Duisburg;3;0-1 Jahre;https://fbs.example/F-11;nein
        F-12;Babymassage;Gesundheit;2027-03-04;2027-04-08;10:00-11:00;5;40,00;20,00;T. Probe;Haus der Familie;Wieberplatz 2, 47051 Duisburg;0;0-1 Jahre;https://fbs.example/F-12;nein
        F-13;Erste Hilfe am Kind;Gesundheit;2027-03-06;2027-03-06;09:00-15:00;1;35,00;35,00;U. Beispiel;Kita Regenbogen;Am Bahnhof 4, 47139 Duisburg;5;0-6 Jahre;https://fbs.example/F-13;nein
        F-14;Abend für Eltern: Trotz;Familie;2027-03-10;2027-03-10;19:00-21:00;1;5,00;5,00;S. Muster;Zu Hause am Bildschirm;Wieberplatz 2, 47051 Duisburg;40;2-4 Jahre;https://fbs.example/F-14;ja
        """),
        {"Kurs-Nr.": "id", "Kurstitel": "title", "Themenfeld": "topics", "Erster Kurstag": "start_date|session.date",
         "Letzter Kurstag": "end_date", "Uhrzeit": "session.time", "Anzahl Treffen": None, "Kursgebühr": "cost",
         "davon ermäßigt": "cost_note", "Kursleiterin": None, "Veranstaltungsort": "location.name",
         "Anschrift Veranstaltungsort": "location.address", "Restplätze": "places_free", "Alter des Kindes": "age",
         "Anmeldung unter": "registration_url", "Online-Kurs": "attendance_mode"},
    ),
    Feed(
        "rathaus-kalender.csv",
        table("""
        ID|Bezeichnung der Veranstaltung|Beginn|Ende|Ganztägig|Ort der Veranstaltung|Straße|Hausnummer|Postleitzahl|Kategorie|Ausrichter|Telefonnummer|Mailadresse|Weiterführender Link|Zuletzt bearbeitet
        9001|Einbürgerungsfeier|04.12.2026 11:00|04.12.2026 13:00|nein|Rathaus, Ratssaal|Burgplatz|19|47051|Veranstaltung|Stadt Duisburg|0203 5550001|feier@rathaus.example|https://rathaus.example/9001|15.11.2026 08:30
        9002|Sprechstunde Integrationsrat|07.12.2026 16:00|07.12.2026 18:00|nein|Bezirksamt Hamborn|Duisburger Str.|213|47166|Beratung|Integrationsrat|0203 5550002|rat@rathaus.example|https://rathaus.example/9002|16.11.2026 09:10
        9003|Weihnachtsmarkt der Nationen|12.12.2026 12:00|12.12.2026 20:00|nein|Marktplatz|Marktplatz|1|47229|Veranstaltung|Bezirk Rheinhausen|0203 5550003|markt@rathaus.example|https://rathaus.example/9003|17.11.2026 10:45
        9004|Infotag Anerkennung|15.12.2026 10:00|15.12.2026 15:00|nein|IHK|Mercatorstr.|22|47051|Information|IHK und Stadt|0203 5550004|tag@rathaus.example|https://rathaus.example/9004|18.11.2026 11:00
        """),
        {"ID": "id", "Bezeichnung der Veranstaltung": "title", "Beginn": "session.start", "Ende": "session.end", "Ganztägig": "session.all_day",
         "Ort der Veranstaltung": "location.name", "Straße": "location.street", "Hausnummer": "location.house_number",
         "Postleitzahl": "location.postal_code", "Kategorie": "topics|offer_type", "Ausrichter": "organisation.name",
         "Telefonnummer": "contact_phone", "Mailadresse": "contact_email", "Weiterführender Link": "url", "Zuletzt bearbeitet": "source_modified"},
    ),
    Feed(
        "mentoring.json",
        """{"result": {"count": 3, "programs": [
        {"programId": 1, "programName": "Mit Rat und Tat", "shortDescription": "Paten für den Berufseinstieg", "detailedDescription": "Ein Jahr lang ein Treffen im Monat.", "audience": "Jugendliche", "ageMin": 16, "ageMax": 25, "contact": {"email": "rat@mentor.example", "phone": "+49 203 5557701", "personName": "K. Muster"}, "office": {"street": "Am Buchenbaum 18", "zip": "47051", "city": "Duisburg"}, "lat": 51.4312, "lng": 6.7655, "website": "https://mentor.example/1", "applicationDeadline": "2027-01-31", "fee": "kostenlos", "spotsAvailable": 6, "languageCodes": ["de", "tr"]},
        {"programId": 2, "programName": "Balu und Du", "shortDescription": "Freizeit mit Grundschulkindern", "detailedDescription": "Ein Nachmittag in der Woche.", "audience": "Kinder", "ageMin": 6, "ageMax": 10, "contact": {"email": "balu@mentor.example", "phone": "+49 203 5557702", "personName": "L. Probe"}, "office": {"street": "Schweizer Str. 55", "zip": "47058", "city": "Duisburg"}, "lat": 51.4288, "lng": 6.7910, "website": "https://mentor.example/2", "applicationDeadline": "2027-02-15", "fee": "kostenlos", "spotsAvailable": 2, "languageCodes": ["de", "ar", "uk"]},
        {"programId": 3, "programName": "Frauen stärken Frauen", "shortDescription": "Mentorinnen auf Augenhöhe", "detailedDescription": "Acht Treffen und zwei Seminare.", "audience": "Frauen", "ageMin": 18, "ageMax": 60, "contact": {"email": "frauen@mentor.example", "phone": "+49 203 5557703", "personName": "M. Beispiel"}, "office": {"street": "Königstr. 3", "zip": "47051", "city": "Duisburg"}, "lat": 51.4345, "lng": 6.7671, "website": "https://mentor.example/3", "applicationDeadline": "2027-03-01", "fee": "15 €", "spotsAvailable": 0, "languageCodes": ["de"]}]}}""",
        {"programId": "id", "programName": "title", "shortDescription": "summary", "detailedDescription": "description",
         "audience": "target_groups", "ageMin": "age_min", "ageMax": "age_max", "contact.email": "contact_email",
         "contact.phone": "contact_phone", "contact.personName": None, "office.street": "location.street_line",
         "office.zip": "location.postal_code", "office.city": "location.city", "lat": "location.point", "lng": "location.point",
         "website": "url", "applicationDeadline": "registration_deadline", "fee": "cost", "spotsAvailable": "places_free",
         "languageCodes": "languages"},
    ),
]  # fmt: skip
