# ruff: noqa: E501  rows of a table stay on one line each, as partners write them
"""Seven feeds written when the work on the guess was done, and never used to improve it: what a stranger's feed may expect.

Whoever improves the guess with these in view writes new ones, and says so here.
"""

from tests.held_out.feed import Feed, table

FEEDS = [
    Feed(
        "quartiersbuero.csv",
        table("""
        Lfd. Nr.;Projekttitel;Projektbeschreibung;Projektträger;Laufzeit von;Laufzeit bis;Projektstandort;Ortsteil;Ansprechperson;Telefon Büro;E-Mail Projekt;Projektseite;Gefördert durch;Zielgruppen
        1;Nachbarn im Gespräch;Gespräche am Küchentisch zwischen alten und neuen Nachbarn.;Quartiersbüro Hochfeld;01.01.2026;31.12.2027;Gravelottestr. 20, 47053 Duisburg;Hochfeld;Fr. Muster;0203 5554411;nachbarn@qb.example;https://qb.example/1;Städtebauförderung;Erwachsene
        2;Mädchen am Ball;Fußball und Hausaufgaben an zwei Tagen.;Sportbund;01.03.2026;28.02.2027;Wörthstr. 12, 47053 Duisburg;Hochfeld;Hr. Probe;0203 5554412;ball@qb.example;https://qb.example/2;ESF Plus;Mädchen
        3;Garten der Kulturen;Beete, Kräuter und ein Fest im Herbst.;Grünzeug e. V.;01.04.2026;31.10.2027;Blücherstr. 40, 47053 Duisburg;Hochfeld;Fr. Beispiel;0203 5554413;garten@qb.example;https://qb.example/3;Stiftung;Familien
        4;Lesestube;Vorlesen in vier Sprachen.;Bücherfreunde;15.01.2026;15.12.2026;Wanheimer Str. 211, 47053 Duisburg;Hochfeld;Hr. Muster;0203 5554414;lesen@qb.example;https://qb.example/4;Landesmittel;Kinder
        """),
        {"Lfd. Nr.": "id", "Projekttitel": "title", "Projektbeschreibung": "description", "Projektträger": "organisation.name",
         "Laufzeit von": "start_date", "Laufzeit bis": "end_date", "Projektstandort": "location.address", "Ortsteil": "location.subdistrict_code",
         "Ansprechperson": None, "Telefon Büro": "contact_phone", "E-Mail Projekt": "contact_email", "Projektseite": "url",
         "Gefördert durch": "funding|programmes", "Zielgruppen": "target_groups"},
    ),
    Feed(
        "musikschule.xlsx",
        table("""
        Unterricht;Fach;Unterrichtstag;Beginn;Ende;Unterrichtsstätte;Adresse der Unterrichtsstätte;Mindestalter;Entgelt pro Monat;Freie Plätze;Lehrkraft;Online-Anmeldung
        Musikalische Früherziehung;Musik;Montag;14:30;15:15;Grundschule Hamborn;Schulstr. 29, 47166 Duisburg;4;22,00 €;5;A. Muster;https://ms.example/1
        Baglama für Kinder;Saiten;Dienstag;16:00;16:45;Musikschule Zentrum;Duissernstr. 16, 47058 Duisburg;8;30,00 €;2;B. Probe;https://ms.example/2
        Chor ohne Grenzen;Gesang;Donnerstag;19:00;20:30;Musikschule Zentrum;Duissernstr. 16, 47058 Duisburg;16;0,00 €;20;C. Beispiel;https://ms.example/3
        Trommelgruppe;Schlagwerk;Freitag;17:00;18:00;Jugendzentrum Nord;Eckstr. 4, 47139 Duisburg;10;12,00 €;0;A. Muster;https://ms.example/4
        """),
        {"Unterricht": "title", "Fach": "topics|keywords", "Unterrichtstag": "session.weekday", "Beginn": "session.start_time",
         "Ende": "session.end_time", "Unterrichtsstätte": "location.name", "Adresse der Unterrichtsstätte": "location.address",
         "Mindestalter": "age_min", "Entgelt pro Monat": "cost", "Freie Plätze": "places_free", "Lehrkraft": None,
         "Online-Anmeldung": "registration_url"},
    ),
    Feed(
        "open-data-portal.json",
        """{"help": "x", "success": true, "result": {"records": [
        {"_id": 1, "ANGEBOT_NAME": "Sprachcafé Altstadt", "ANGEBOT_BESCHR": "Offenes Treffen zum Sprechen und Zuhören.", "TRAEGER": "Diakonie", "STR": "Brüderstr. 2", "PLZ": 47051, "ORT": "Duisburg", "TELEFON_NR": "0203 5551991", "MAIL": "cafe@od.example", "URL_INFO": "https://od.example/1", "GEO_LAT": 51.4362, "GEO_LON": 6.7619, "SPRACHEN": "Deutsch;Englisch", "STAND_DATUM": "2026-10-30"},
        {"_id": 2, "ANGEBOT_NAME": "Formularhilfe", "ANGEBOT_BESCHR": "Hilfe beim Ausfüllen von Anträgen.", "TRAEGER": "Caritas", "STR": "Kampstr. 18", "PLZ": 47166, "ORT": "Duisburg", "TELEFON_NR": "0203 5551992", "MAIL": "hilfe@od.example", "URL_INFO": "https://od.example/2", "GEO_LAT": 51.4911, "GEO_LON": 6.7702, "SPRACHEN": "Deutsch;Türkisch", "STAND_DATUM": "2026-10-29"},
        {"_id": 3, "ANGEBOT_NAME": "Spielgruppe", "ANGEBOT_BESCHR": "Für Kinder unter drei mit Begleitung.", "TRAEGER": "AWO", "STR": "Parkallee 7", "PLZ": 47239, "ORT": "Duisburg", "TELEFON_NR": "0203 5551993", "MAIL": "spiel@od.example", "URL_INFO": "https://od.example/3", "GEO_LAT": 51.3870, "GEO_LON": 6.6660, "SPRACHEN": "Deutsch;Rumänisch", "STAND_DATUM": "2026-10-28"}]}}""",
        {"_id": "id", "ANGEBOT_NAME": "title", "ANGEBOT_BESCHR": "description", "TRAEGER": "organisation.name", "STR": "location.street_line",
         "PLZ": "location.postal_code", "ORT": "location.city", "TELEFON_NR": "contact_phone", "MAIL": "contact_email", "URL_INFO": "url",
         "GEO_LAT": "location.point", "GEO_LON": "location.point", "SPRACHEN": "languages", "STAND_DATUM": "source_modified|last_confirmed"},
    ),
    Feed(
        "freiwillige-formular.csv",
        table("""
        "Timestamp","Title of activity","Short summary","Date of activity","Begins at","Ends at","Name of place","Street and number","ZIP","Town","In which languages?","Do people have to pay?","Who can we contact? (e-mail)","Link to more information","Is it wheelchair accessible?","Minimum age"
        "2026/11/02 4:11:05 PM","Winter walk","Walk along the Rhine with tea","2026-12-05","14:00","16:00","Mercatorinsel","Ruhrorter Str. 1","47119","Duisburg","German, English","no","walk@vol.example","https://vol.example/1","yes","0"
        "2026/11/03 5:20:00 PM","Repair evening","Bring your broken things","2026-12-08","18:00","21:00","Maker space","Philosophenweg 17","47051","Duisburg","German","no","repair@vol.example","https://vol.example/2","yes","12"
        "2026/11/05 9:02:44 AM","Language tandem","Meet your partner","2026-12-10","17:00","19:00","City library","Steinsche Gasse 26","47051","Duisburg","Arabic, German","no","tandem@vol.example","https://vol.example/3","yes","16"
        "2026/11/06 9:12:44 AM","Cooking together","Soup from five countries","2026-12-13","12:00","15:00","Parish hall","Kirchstr. 2","47198","Duisburg","Turkish, German","yes","soup@vol.example","https://vol.example/4","no","6"
        """),
        {"Timestamp": None, "Title of activity": "title", "Short summary": "summary", "Date of activity": "session.date",
         "Begins at": "session.start_time", "Ends at": "session.end_time", "Name of place": "location.name",
         "Street and number": "location.street_line", "ZIP": "location.postal_code", "Town": "location.city", "In which languages?": "languages",
         "Do people have to pay?": "cost|cost_type", "Who can we contact? (e-mail)": "contact_email", "Link to more information": "url",
         "Is it wheelchair accessible?": "location.wheelchair", "Minimum age": "age_min"},
    ),
    Feed(
        "sprachschule.xml",
        """<?xml version="1.0"?><kursliste><kurs nummer="A1-77"><bezeichnung>Deutsch A1 am Vormittag</bezeichnung><niveaustufe>A1</niveaustufe><kursbeginn>18.01.2027</kursbeginn><kursende>26.03.2027</kursende><unterrichtszeit>09:00-12:15</unterrichtszeit><wochentage>Mo-Fr</wochentage><preis waehrung="EUR">490,00</preis><lehrwerk>Netzwerk</lehrwerk><standort>Schule am Ufer</standort><anschrift>Uferstr. 9, 47059 Duisburg</anschrift><max_teilnehmer>14</max_teilnehmer><restplaetze>4</restplaetze><buchungslink>https://schule.example/b/77</buchungslink></kurs>
        <kurs nummer="B1-12"><bezeichnung>Deutsch B1 am Abend</bezeichnung><niveaustufe>B1</niveaustufe><kursbeginn>19.01.2027</kursbeginn><kursende>30.04.2027</kursende><unterrichtszeit>18:00-20:30</unterrichtszeit><wochentage>Di, Do</wochentage><preis waehrung="EUR">390,00</preis><lehrwerk>Aspekte</lehrwerk><standort>Schule am Ufer</standort><anschrift>Uferstr. 9, 47059 Duisburg</anschrift><max_teilnehmer>12</max_teilnehmer><restplaetze>0</restplaetze><buchungslink>https://schule.example/b/12</buchungslink></kurs>
        <kurs nummer="C1-03"><bezeichnung>Deutsch für Pflegekräfte</bezeichnung><niveaustufe>C1</niveaustufe><kursbeginn>01.02.2027</kursbeginn><kursende>31.05.2027</kursende><unterrichtszeit>16:00-18:00</unterrichtszeit><wochentage>Mo, Mi</wochentage><preis waehrung="EUR">250,00</preis><lehrwerk>Pflege heute</lehrwerk><standort>Klinikum Süd</standort><anschrift>Zu den Rehwiesen 9, 47055 Duisburg</anschrift><max_teilnehmer>16</max_teilnehmer><restplaetze>9</restplaetze><buchungslink>https://schule.example/b/3</buchungslink></kurs></kursliste>""",
        {"bezeichnung": "title", "niveaustufe": "cefr", "kursbeginn": "start_date", "kursende": "end_date", "unterrichtszeit": "session.time",
         "wochentage": "session.weekday", "preis.#text": "cost", "preis.@waehrung": "cost_currency", "lehrwerk": None, "standort": "location.name", "anschrift": "location.address",
         "max_teilnehmer": "capacity_max", "restplaetze": "places_free", "buchungslink": "registration_url", "@nummer": "id"},
    ),
    Feed(
        "beratung-mobil.csv",
        table("""
        Beratungsangebot;Träger der Beratung;Beratungstag;von;bis;Beratungsort;Strasse/Hausnr.;PLZ;Beratungssprachen;Rufnummer;Kosten;Terminvereinbarung nötig;Kurzinfo
        Schuldnerberatung;Verbraucherhilfe;Montag;09:00;12:00;Rathaus Walsum;Friedrich-Ebert-Str. 150;47179;Deutsch, Türkisch;0203 5557811;kostenlos;ja;Erste Hilfe bei Mahnungen
        Rentenberatung;Sozialverband;Mittwoch;14:00;16:00;Bürgerbüro Süd;Sittardsberger Allee 14;47249;Deutsch;0203 5557812;kostenlos;ja;Anträge und Fristen
        Mieterberatung;Mieterbund;Donnerstag;16:00;18:00;Rathaus Homberg;Bismarckplatz 1;47198;Deutsch, Englisch;0203 5557813;10,00 €;nein;Nebenkosten und Kündigung
        Erwerbslosenberatung;Arbeitslosenzentrum;Freitag;10:00;13:00;Treffpunkt Neumühl;Holtener Str. 170;47167;Deutsch, Arabisch;0203 5557814;kostenlos;nein;Bescheide verstehen
        """),
        {"Beratungsangebot": "title", "Träger der Beratung": "organisation.name", "Beratungstag": "session.weekday", "von": "session.start_time",
         "bis": "session.end_time", "Beratungsort": "location.name", "Strasse/Hausnr.": "location.street_line", "PLZ": "location.postal_code",
         "Beratungssprachen": "languages", "Rufnummer": "contact_phone", "Kosten": "cost", "Terminvereinbarung nötig": "registration",
         "Kurzinfo": "summary"},
    ),
    Feed(
        "event-app.json",
        """{"items": [
        {"uuid": "7f1", "headline": "Weltcafé", "subline": "Kuchen aus aller Welt", "longText": "<p>Wir backen und essen zusammen.</p>", "dateStart": "2026-12-06T15:00:00+01:00", "dateEnd": "2026-12-06T18:00:00+01:00", "place": {"title": "Haus der Begegnung", "streetAddress": "Martinstr. 5", "zipCode": "47058", "city": "Duisburg", "geo": {"lat": 51.437, "lng": 6.789}}, "ticketUrl": "https://app.example/t/1", "price": "2,00 €", "categories": ["Freizeit"], "keywords": ["essen"], "host": {"name": "Begegnung e. V.", "homepage": "https://begegnung.example"}, "imageUrl": "https://app.example/i/1.jpg", "lastModified": "2026-11-10T12:00:00Z", "isOnline": false},
        {"uuid": "7f2", "headline": "Coding für Mädchen", "subline": "Ohne Vorwissen", "longText": "<p>Spiele programmieren.</p>", "dateStart": "2026-12-07T16:00:00+01:00", "dateEnd": "2026-12-07T18:00:00+01:00", "place": {"title": "Techniklabor", "streetAddress": "Forsthausweg 2", "zipCode": "47057", "city": "Duisburg", "geo": {"lat": 51.428, "lng": 6.800}}, "ticketUrl": "https://app.example/t/2", "price": "kostenlos", "categories": ["Digitales"], "keywords": ["technik"], "host": {"name": "Techniklabor", "homepage": "https://technik.example"}, "imageUrl": "https://app.example/i/2.jpg", "lastModified": "2026-11-11T12:00:00Z", "isOnline": false},
        {"uuid": "7f3", "headline": "Infoabend Kita-Platz", "subline": "Fragen und Antworten", "longText": "<p>Mit Dolmetschen auf Rumänisch.</p>", "dateStart": "2026-12-09T18:00:00+01:00", "dateEnd": "2026-12-09T19:30:00+01:00", "place": {"title": "Jugendamt", "streetAddress": "Kuhstr. 6", "zipCode": "47051", "city": "Duisburg", "geo": {"lat": 51.433, "lng": 6.764}}, "ticketUrl": "https://app.example/t/3", "price": "kostenlos", "categories": ["Familie"], "keywords": ["kita"], "host": {"name": "Jugendamt", "homepage": "https://jugendamt.example"}, "imageUrl": "https://app.example/i/3.jpg", "lastModified": "2026-11-12T12:00:00Z", "isOnline": true}]}""",
        {"uuid": "id", "headline": "title", "subline": "summary", "longText": "description", "dateStart": "session.start", "dateEnd": "session.end",
         "place.title": "location.name", "place.streetAddress": "location.street_line", "place.zipCode": "location.postal_code",
         "place.city": "location.city", "place.geo.lat": "location.point", "place.geo.lng": "location.point", "ticketUrl": "registration_url",
         "price": "cost", "categories": "topics", "keywords": "keywords", "host.name": "organisation.name",
         "host.homepage": "organisation.website", "imageUrl": "image_url", "lastModified": "source_modified", "isOnline": "attendance_mode"},
    ),
]  # fmt: skip
