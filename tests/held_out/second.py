# ruff: noqa: E501  rows of a table stay on one line each, as partners write them
"""Eight feeds written after the guess was first worked on; then it was improved with these in view, too (see third.py)."""

from tests.held_out.feed import Feed, table

FEEDS = [
    Feed(
        "caritas-angebotsliste.csv",
        table("""
        Fachdienst;Leistung;Kurz und knapp;Adressatenkreis;Sprechzeit Tag;Sprechzeit;Hausanschrift;Durchwahl;Funktionspostfach;Mehr dazu;Sprachkenntnisse Team;Gebühren
        Migration;Beratung für neu Zugewanderte;Hilfe bei Anträgen und Behörden;Neuzugewanderte;Montag;9:00-12:00 Uhr;Wieberplatz 2, 47051 Duisburg;0203 5556001;migration@cv.example;https://cv.example/mbe;Arabisch, Französisch;kostenlos
        Familie;Elternkurs Starke Eltern;Zwölf Abende für Mütter und Väter;Eltern;Mittwoch;19:00-21:00 Uhr;Grünstraße 18, 47051 Duisburg;0203 5556002;familie@cv.example;https://cv.example/ek;Türkisch;25,00 €
        Jugend;Lernförderung;Hilfe bei den Hausaufgaben;Jugendliche;Dienstag;15:00-17:00 Uhr;Papiermühlenstr. 27, 47166 Duisburg;0203 5556003;jugend@cv.example;https://cv.example/lf;Deutsch, Rumänisch;kostenlos
        Ehrenamt;Sprachpaten;Gespräche im Alltag üben;Erwachsene;Freitag;10:00-12:00 Uhr;Wieberplatz 2, 47051 Duisburg;0203 5556004;ehrenamt@cv.example;https://cv.example/sp;Deutsch;kostenlos
        """),
        {"Fachdienst": "topics|keywords", "Leistung": "title", "Kurz und knapp": "summary|description",
         "Adressatenkreis": "target_groups", "Sprechzeit Tag": "session.weekday", "Sprechzeit": "session.time",
         "Hausanschrift": "location.address", "Durchwahl": "contact_phone", "Funktionspostfach": "contact_email",
         "Mehr dazu": "url", "Sprachkenntnisse Team": "languages", "Gebühren": "cost"},
    ),
    Feed(
        "stadtsport.json",
        """{"stand": "22.11.2026", "kurse": [
        {"kursId": 501, "kursBezeichnung": "Schwimmkurs für Frauen", "infotext": "Nur mit weiblichem Personal.", "startTermin": "11.01.2027", "endTermin": "22.03.2027", "uhrzeitVon": "19:00", "uhrzeitBis": "20:00", "wochentag": "Montag", "badName": "Rhein-Ruhr-Bad", "badStrasse": "Kampstraße 2", "badPlz": "47166", "badOrt": "Duisburg", "preisEuro": 45.0, "freiePlaetze": 3, "maxTeilnehmer": 12, "altersgruppe": "ab 16 Jahre", "buchungsLink": "https://sport.example/k/501", "trainerName": "L. Muster"},
        {"kursId": 502, "kursBezeichnung": "Wassergewöhnung", "infotext": "Mit einem Elternteil.", "startTermin": "13.01.2027", "endTermin": "24.03.2027", "uhrzeitVon": "15:00", "uhrzeitBis": "15:45", "wochentag": "Mittwoch", "badName": "Hallenbad Süd", "badStrasse": "Großenbaumer Allee 175", "badPlz": "47249", "badOrt": "Duisburg", "preisEuro": 60.0, "freiePlaetze": 0, "maxTeilnehmer": 10, "altersgruppe": "4-6 Jahre", "buchungsLink": "https://sport.example/k/502", "trainerName": "M. Beispiel"},
        {"kursId": 503, "kursBezeichnung": "Kraulen lernen", "infotext": "Grundkurs.", "startTermin": "14.01.2027", "endTermin": "25.03.2027", "uhrzeitVon": "20:00", "uhrzeitBis": "21:00", "wochentag": "Donnerstag", "badName": "Rhein-Ruhr-Bad", "badStrasse": "Kampstraße 2", "badPlz": "47166", "badOrt": "Duisburg", "preisEuro": 75.5, "freiePlaetze": 7, "maxTeilnehmer": 12, "altersgruppe": "ab 14 Jahre", "buchungsLink": "https://sport.example/k/503", "trainerName": "L. Muster"}]}""",
        {"kursId": "id", "kursBezeichnung": "title", "infotext": "description", "startTermin": "start_date", "endTermin": "end_date",
         "uhrzeitVon": "session.start_time", "uhrzeitBis": "session.end_time", "wochentag": "session.weekday",
         "badName": "location.name", "badStrasse": "location.street_line", "badPlz": "location.postal_code",
         "badOrt": "location.city", "preisEuro": "cost", "freiePlaetze": "places_free", "maxTeilnehmer": "capacity_max",
         "altersgruppe": "age", "buchungsLink": "registration_url", "trainerName": None},
    ),
    Feed(
        "zweisprachig.csv",
        table("""
        Etkinlik / Veranstaltung;Tarih / Datum;Saat / Uhrzeit;Yer / Ort;Adres / Adresse;Dil / Sprache;Ücret / Kosten;İletişim / Kontakt;Açıklama / Beschreibung
        Çocuk korosu / Kinderchor;05.12.2026;11:00;Dernek Evi;Weseler Str. 30, 47169 Duisburg;Türkisch, Deutsch;kostenlos;koro@dernek.example;Singen für Kinder ab sechs
        Okuma günü / Lesetag;12.12.2026;14:00;Dernek Evi;Weseler Str. 30, 47169 Duisburg;Türkisch;kostenlos;info@dernek.example;Bücher vorlesen und tauschen
        Hukuk danışma / Rechtsberatung;15.12.2026;17:30;Halk Merkezi;Kaiser-Friedrich-Str. 4, 47169 Duisburg;Türkisch;5 €;danisma@dernek.example;Erste Auskunft zu Miete und Aufenthalt
        Kadınlar kahvaltısı / Frauenfrühstück;19.12.2026;10:00;Dernek Evi;Weseler Str. 30, 47169 Duisburg;Türkisch, Deutsch;3 €;kadin@dernek.example;Jede bringt etwas mit
        """),
        {"Etkinlik / Veranstaltung": "title", "Tarih / Datum": "session.date", "Saat / Uhrzeit": "session.start_time",
         "Yer / Ort": "location.name", "Adres / Adresse": "location.address", "Dil / Sprache": "languages",
         "Ücret / Kosten": "cost", "İletişim / Kontakt": "contact_email", "Açıklama / Beschreibung": "description"},
    ),
    Feed(
        "ticket-platform.json",
        """{"pagination": {"page": 1}, "events": [
        {"eventId": "e77", "name": {"text": "Bewerbungscafé", "html": "Bewerbungscafé"}, "description": {"text": "Lebenslauf schreiben mit Hilfe"}, "start": {"timezone": "Europe/Berlin", "local": "2026-12-08T16:00:00", "utc": "2026-12-08T15:00:00Z"}, "end": {"timezone": "Europe/Berlin", "local": "2026-12-08T18:00:00", "utc": "2026-12-08T17:00:00Z"}, "url": "https://tickets.example/e77", "is_free": true, "capacity": 20, "online_event": false, "venue": {"name": "Jobhaus", "address": {"address_1": "Wintgensstr. 29", "postal_code": "47058", "city": "Duisburg", "latitude": "51.4386", "longitude": "6.7812"}}, "organizer": {"name": "Jobinitiative", "website": "https://job.example"}, "logo": {"url": "https://tickets.example/l77.png"}, "changed": "2026-11-18T09:00:00Z"},
        {"eventId": "e78", "name": {"text": "Mietrecht einfach erklärt", "html": "Mietrecht einfach erklärt"}, "description": {"text": "Fragen rund um die Wohnung"}, "start": {"timezone": "Europe/Berlin", "local": "2026-12-10T17:00:00", "utc": "2026-12-10T16:00:00Z"}, "end": {"timezone": "Europe/Berlin", "local": "2026-12-10T18:30:00", "utc": "2026-12-10T17:30:00Z"}, "url": "https://tickets.example/e78", "is_free": true, "capacity": 30, "online_event": false, "venue": {"name": "Nachbarschaftstreff", "address": {"address_1": "Brückenstr. 30", "postal_code": "47053", "city": "Duisburg", "latitude": "51.4221", "longitude": "6.7624"}}, "organizer": {"name": "Mieterrunde", "website": "https://miete.example"}, "logo": {"url": "https://tickets.example/l78.png"}, "changed": "2026-11-19T09:00:00Z"},
        {"eventId": "e79", "name": {"text": "Radfahren für Anfängerinnen", "html": "Radfahren für Anfängerinnen"}, "description": {"text": "Üben auf dem Schulhof"}, "start": {"timezone": "Europe/Berlin", "local": "2026-12-12T10:00:00", "utc": "2026-12-12T09:00:00Z"}, "end": {"timezone": "Europe/Berlin", "local": "2026-12-12T12:00:00", "utc": "2026-12-12T11:00:00Z"}, "url": "https://tickets.example/e79", "is_free": false, "capacity": 8, "online_event": false, "venue": {"name": "Schulhof Nord", "address": {"address_1": "Schulweg 5", "postal_code": "47169", "city": "Duisburg", "latitude": "51.4871", "longitude": "6.7723"}}, "organizer": {"name": "Radclub", "website": "https://rad.example"}, "logo": {"url": "https://tickets.example/l79.png"}, "changed": "2026-11-20T09:00:00Z"}]}""",
        {"eventId": "id", "name.text": "title", "name.html": None, "description.text": "description", "start.local": "session.start",
         "start.utc": None, "end.local": "session.end", "end.utc": None, "url": "url", "is_free": "cost|cost_type",
         "capacity": "capacity_max", "online_event": "attendance_mode", "venue.name": "location.name",
         "venue.address.address_1": "location.street_line", "venue.address.postal_code": "location.postal_code",
         "venue.address.city": "location.city", "venue.address.latitude": "location.point",
         "venue.address.longitude": "location.point", "organizer.name": "organisation.name",
         "organizer.website": "organisation.website", "logo.url": "image_url", "changed": "source_modified"},
    ),
    Feed(
        "jobcenter.xlsx",
        table("""
        Maßn.-Nr.;Maßnahmebezeichnung;Maßnahmeträger;Beginntermin;Endtermin;Wochenstunden;Zielgruppe gem. Ausschreibung;TN-Plätze;davon frei;Maßnahmeort;PLZ;Straße u. Haus-Nr.;Ansprechpartner beim Träger;Tel. Träger;E-Mail Träger;Bemerkungen
        JC-501;Perspektive Pflege;Bildungsinstitut Ruhr;2027-01-18;2027-07-16;30;Frauen;20;6;Duisburg;47051;Düsseldorfer Str. 42;Fr. Muster;0203 5552101;pflege@bi-ruhr.example;Praktikum möglich
        JC-502;Sprache und Beruf;Bildungsinstitut Ruhr;2027-02-01;2027-08-31;25;Geflüchtete;16;0;Duisburg;47051;Düsseldorfer Str. 42;Hr. Probe;0203 5552102;sprache@bi-ruhr.example;mit Kinderbetreuung
        JC-503;Lagerlogistik;Werkstatt Rhein;2027-02-15;2027-05-14;39;Erwachsene;12;4;Duisburg;47138;Emmericher Str. 8;Fr. Beispiel;0203 5552103;lager@werkstatt.example;Staplerschein
        JC-504;Einstieg Digital;Werkstatt Rhein;2027-03-01;2027-04-30;20;Erwachsene;10;10;Duisburg;47138;Emmericher Str. 8;Fr. Beispiel;0203 5552103;digital@werkstatt.example;Laptop wird gestellt
        """),
        {"Maßn.-Nr.": "id", "Maßnahmebezeichnung": "title", "Maßnahmeträger": "organisation.name", "Beginntermin": "start_date",
         "Endtermin": "end_date", "Wochenstunden": None, "Zielgruppe gem. Ausschreibung": "target_groups",
         "TN-Plätze": "capacity_max", "davon frei": "places_free", "Maßnahmeort": "location.city", "PLZ": "location.postal_code",
         "Straße u. Haus-Nr.": "location.street_line", "Ansprechpartner beim Träger": None,
         "Tel. Träger": "organisation.phone|contact_phone", "E-Mail Träger": "organisation.email|contact_email",
         "Bemerkungen": "description"},
    ),
    Feed(
        "kirchengemeinde.csv",
        table("""
        Wochentag;Anfang;Ende;Kreis/Gruppe;Wer ist eingeladen;Wo;Leitung und Kontakt;Rhythmus;Kostenfrei
        Montag;15:00;17:00;Café International;Frauen;Gemeindezentrum Obermarxloh;cafe@kirche.example;wöchentlich;ja
        Dienstag;18:30;20:00;Chor der Kulturen;Erwachsene;Lutherkirche;chor@kirche.example;wöchentlich;ja
        Mittwoch;9:30;11:00;Krabbelgruppe;Eltern;Gemeindezentrum Obermarxloh;krabbel@kirche.example;14-tägig;ja
        Donnerstag;16:00;18:00;Kleiderkammer;Geflüchtete;Lutherkirche;kleider@kirche.example;wöchentlich;nein
        """),
        {"Wochentag": "session.weekday", "Anfang": "session.start_time", "Ende": "session.end_time", "Kreis/Gruppe": "title",
         "Wer ist eingeladen": "target_groups", "Wo": "location.name", "Leitung und Kontakt": "contact_email", "Rhythmus": None,
         "Kostenfrei": "cost|cost_type"},
    ),
    Feed(
        "volkshochschule-kreis.csv",
        table("""
        knr|haupttitel|utitel|beginndat|endedat|beginnzeit|endezeit|wtag|ustd|gebnorm|geberm|tnmax|tnfrei|vort|vstrasse|vplz|dozentname|inhalttext|katname|detailurl
        P301|Alphabetisierung für Frauen|Kurs 1|18.01.2027|21.06.2027|09:00|12:15|Mo|80|0,00|0,00|12|2|VHS Moers|Wilhelm-Schroeder-Str. 10|47441|Muster|Lesen und schreiben von Anfang an.|Sprache|https://vhs-kreis.example/P301
        P302|Deutsch B1 intensiv|Prüfungskurs|19.01.2027|30.03.2027|18:00|21:15|Di|60|120,00|60,00|16|5|VHS Kamp-Lintfort|Vinnstr. 40|47475|Beispiel|Wir üben für die Prüfung.|Sprache|https://vhs-kreis.example/P302
        P303|Kochen ohne Grenzen|Syrische Küche|21.01.2027|21.01.2027|18:00|22:00|Do|5|18,00|9,00|10|0|Lehrküche|Vinnstr. 40|47475|Probe|Vorspeisen und Brot.|Kultur|https://vhs-kreis.example/P303
        P304|Smartphone für Ältere|Grundlagen|22.01.2027|12.02.2027|10:00|12:00|Fr|10|35,00|17,50|10|8|VHS Moers|Wilhelm-Schroeder-Str. 10|47441|Muster|Fotos, Nachrichten und Karten.|Digitales|https://vhs-kreis.example/P304
        """),
        {"knr": "id", "haupttitel": "title", "utitel": "summary", "beginndat": "start_date", "endedat": "end_date",
         "beginnzeit": "session.start_time", "endezeit": "session.end_time", "wtag": "session.weekday", "ustd": None,
         "gebnorm": "cost", "geberm": "cost_note", "tnmax": "capacity_max", "tnfrei": "places_free", "vort": "location.name",
         "vstrasse": "location.street_line", "vplz": "location.postal_code", "dozentname": None, "inhalttext": "description",
         "katname": "topics", "detailurl": "url"},
    ),
    Feed(
        "museum.csv",
        table("""
        Führung;Wann findet sie statt?;Dauer;Für Gruppen ab;Teilnahmekosten;Sprachen der Führung;Treffpunkt der Gruppe;Buchung unter;Barrierefreier Zugang?;Bildadresse
        Stadtgeschichte auf Arabisch;06.12.2026 11:00;60 Minuten;5;3,00 €;Arabisch;Foyer;https://museum.example/b1;ja;https://museum.example/1.jpg
        Hafenrundgang in einfacher Sprache;13.12.2026 14:00;90 Minuten;5;kostenlos;Deutsch;Am Speicher;https://museum.example/b2;nein;https://museum.example/2.jpg
        Kunst für Familien;20.12.2026 11:30;45 Minuten;2;2,00 €;Deutsch, Türkisch;Foyer;https://museum.example/b3;ja;https://museum.example/3.jpg
        Industriekultur;27.12.2026 15:00;75 Minuten;5;3,00 €;Englisch;Am Speicher;https://museum.example/b4;nein;https://museum.example/4.jpg
        """),
        {"Führung": "title", "Wann findet sie statt?": "session.start", "Dauer": None, "Für Gruppen ab": None,
         "Teilnahmekosten": "cost", "Sprachen der Führung": "languages", "Treffpunkt der Gruppe": "location.name",
         "Buchung unter": "registration_url", "Barrierefreier Zugang?": "location.wheelchair", "Bildadresse": "image_url"},
    ),
]  # fmt: skip
