# ruff: noqa: E501  rows of a table stay on one line each, as partners write them
"""Fourteen feeds as partners send them, invented; beside each the target that a person would give every field (None: none).

`|` divides targets that are all right. They were written before the guess was worked on, and the guess was then improved with them
in view, so what is measured on them is an upper bound; tests/held_out/second.py and third.py were written after, and fourth.py when all work was done.
"""

from tests.held_out.feed import Feed, table

FEEDS = [
    Feed(
        "wordpress-tabelle.csv",
        table("""
        #;Angebot;Wer?;Wo?;Telefon;Sprache(n);Kosten (EUR);Tag;Uhrzeit
        1;Frauenfrühstück;Frauen;Stadtteilbüro Marxloh, Weseler Str. 12, 47169 Duisburg;0203 5551201;Deutsch, Türkisch;kostenlos;Mo;9:30 - 11:30 Uhr
        2;Hausaufgabenhilfe;Kinder;Gemeindehaus, Kirchstr. 4, 47166 Duisburg;0203 5551202;Deutsch;kostenlos;Di;15 - 17 Uhr
        3;Nähcafé;Frauen;Stadtteilbüro Marxloh, Weseler Str. 12, 47169 Duisburg;0203 5551201;Deutsch, Arabisch;2,00;Mi;10:00 - 12:00 Uhr
        4;Männertreff;Männer;Teestube, Kaiser-Wilhelm-Str. 280, 47169 Duisburg;0203 5551203;Türkisch, Bulgarisch;kostenlos;Fr;18 - 20 Uhr
        5;Sozialberatung;Alle;Stadtteilbüro Marxloh, Weseler Str. 12, 47169 Duisburg;0203 5551204;Deutsch, Rumänisch;kostenlos;Do;9 - 12 Uhr
        """),
        {"#": None, "Angebot": "title", "Wer?": "target_groups", "Wo?": "location.address", "Telefon": "contact_phone",
         "Sprache(n)": "languages", "Kosten (EUR)": "cost", "Tag": "session.weekday", "Uhrzeit": "session.time"},
    ),
    Feed(
        "vhs-kursliste.csv",
        table("""
        Kursnummer;Kurstitel;Untertitel;Beginn Datum;Ende Datum;Uhrzeit von;Uhrzeit bis;Wochentag;Anzahl Termine;UE;Gebühr (EUR);Ermäßigt;Max. TN;Freie Plätze;Kursort;Straße Nr.;PLZ/Ort;Kursleitung;GER-Niveau;Link
        27-4301;Deutsch für den Alltag;Anfängerkurs;11.01.2027;15.03.2027;09:00;12:15;Mo;10;40;98,00;49,00;18;4;VHS am Kantpark;Königstr. 47;47051 Duisburg;S. Muster;A1;https://vhs.example/27-4301
        27-4302;Deutsch am Abend;Aufbaukurs;12.01.2027;16.03.2027;18:00;20:30;Di;10;30;78,00;39,00;16;0;VHS am Kantpark;Königstr. 47;47051 Duisburg;B. Beispiel;A2;https://vhs.example/27-4302
        27-4303;Schreibwerkstatt;Texte üben;13.01.2027;17.03.2027;18:00;19:30;Mi;10;20;58,00;29,00;12;7;Gesamtschule Süd;Lange Str. 1;47259 Duisburg;S. Muster;B1;https://vhs.example/27-4303
        27-4304;Prüfungstraining telc;Intensiv;18.01.2027;29.01.2027;09:00;13:00;Mo-Fr;10;50;160,00;80,00;14;2;VHS am Kantpark;Königstr. 47;47051 Duisburg;C. Probe;B2;https://vhs.example/27-4304
        """),
        {"Kursnummer": "id", "Kurstitel": "title", "Untertitel": "summary", "Beginn Datum": "start_date", "Ende Datum": "end_date",
         "Uhrzeit von": "session.start_time", "Uhrzeit bis": "session.end_time", "Wochentag": "session.weekday",
         "Anzahl Termine": None, "UE": None, "Gebühr (EUR)": "cost", "Ermäßigt": "cost_note", "Max. TN": "capacity_max",
         "Freie Plätze": "places_free", "Kursort": "location.name", "Straße Nr.": "location.street_line",
         "PLZ/Ort": "location.address", "Kursleitung": None, "GER-Niveau": "cefr", "Link": "url"},
    ),
    Feed(
        "wohlfahrtsverband.xlsx",
        table("""
        Einrichtung;Angebot / Beratung;Zielgruppe(n);Öffnungszeiten;Straße;PLZ;Ort;Stadtteil;Tel.;Mail;Web;Sprachen der Beratung;Termin nach Vereinbarung
        Integrationsagentur;Asylverfahrensberatung;Geflüchtete;Mo-Fr 09:00-12:00;Kampstr. 7;47166;Duisburg;Alt-Hamborn;0203 / 55 51 30;asyl@verband.example;www.verband.example/asyl;Arabisch, Farsi, Englisch;ja
        Integrationsagentur;Migrationsberatung für Erwachsene;Erwachsene;Mo-Fr 09:00-12:00;Kampstr. 7;47166;Duisburg;Alt-Hamborn;0203 / 55 51 31;mbe@verband.example;www.verband.example/mbe;Türkisch, Bulgarisch;ja
        Jugendmigrationsdienst;Beratung am Übergang;Jugendliche;Di 14:00-17:00;Hauptstr. 90;47239;Duisburg;Rumeln-Kaldenhausen;0203 / 55 51 32;jmd@verband.example;www.verband.example/jmd;Englisch, Ukrainisch;nein
        Familienzentrum;Elterncafé;Eltern;Do 09:00-11:00;Am Park 3;47226;Duisburg;Hochemmerich;0203 / 55 51 33;fz@verband.example;www.verband.example/fz;Deutsch;nein
        """),
        {"Einrichtung": "organisation.name", "Angebot / Beratung": "title", "Zielgruppe(n)": "target_groups",
         "Öffnungszeiten": "location.opening_hours", "Straße": "location.street_line", "PLZ": "location.postal_code",
         "Ort": "location.city", "Stadtteil": "location.subdistrict_code", "Tel.": "contact_phone", "Mail": "contact_email",
         "Web": "url", "Sprachen der Beratung": "languages", "Termin nach Vereinbarung": None},
    ),
    Feed(
        "migrantenverein-formular.csv",
        table("""
        Zeitstempel,Name der Organisation,Wie heißt euer Angebot?,Was macht ihr?,An welchem Tag?,Von,Bis,Ort (Adresse),Für wen ist das Angebot?,Altersgruppe,Kostet es etwas?,E-Mail für Fragen,Instagram / Website,Name Ansprechperson,Handynummer
        03.11.2026 19:12:44,Kulturverein Brücke e. V.,Saz-Kurs,Wir lernen gemeinsam Saz spielen.,Samstag,14:00,16:00,"Weseler Straße 40, 47169 Duisburg",Jugendliche,12-18 Jahre,nein,kurse@bruecke.example,https://bruecke.example,Ali Muster,0170 0000001
        04.11.2026 08:01:10,Frauenverein Sonne,Deutsch-Café,Sprechen und Tee trinken.,Mittwoch,10:00,12:00,"Münzstraße 12, 47051 Duisburg",Frauen,ab 18,nein,info@sonne.example,https://sonne.example,Eva Muster,0170 0000002
        04.11.2026 20:40:05,Kulturverein Brücke e. V.,Fußballgruppe,Training auf dem Platz hinter der Schule.,Freitag,17:00,19:00,"Kampstraße 9, 47166 Duisburg",Kinder,6-12 Jahre,3 Euro,sport@bruecke.example,https://bruecke.example,Ali Muster,0170 0000001
        06.11.2026 12:22:31,Afro-Haus,Trommeln,Rhythmus für alle.,Montag,18:00,20:00,"Falkstraße 73, 47058 Duisburg",Alle,ab 10,5 Euro,trommeln@afro.example,https://afro.example,Joe Muster,0170 0000003
        """),
        {"Zeitstempel": None, "Name der Organisation": "organisation.name", "Wie heißt euer Angebot?": "title",
         "Was macht ihr?": "description|summary", "An welchem Tag?": "session.weekday", "Von": "session.start_time",
         "Bis": "session.end_time", "Ort (Adresse)": "location.address", "Für wen ist das Angebot?": "target_groups",
         "Altersgruppe": "age", "Kostet es etwas?": "cost", "E-Mail für Fragen": "contact_email", "Instagram / Website": "url",
         "Name Ansprechperson": None, "Handynummer": None},
    ),
    Feed(
        "schule-ags.json",
        """{"schule": "Gesamtschule Musterviertel", "stand": "2026-11-02", "angebote": [
        {"ag_id": 11, "ag_name": "Robotik-AG", "beschreibung_kurz": "Roboter bauen", "klassen": "5-7", "wochentag": "Mo", "beginn": "14:15", "ende": "15:45", "raum": "B 204", "plaetze_max": 14, "anmeldung_bis": "18.12.2026", "kosten_euro": 0, "leitung": "Hr. Muster", "anmelde_url": "https://schule.example/ag/11"},
        {"ag_id": 12, "ag_name": "Seiteneinsteiger-Deutsch", "beschreibung_kurz": "Deutsch lernen im Spiel", "klassen": "5-10", "wochentag": "Di", "beginn": "14:15", "ende": "15:00", "raum": "A 101", "plaetze_max": 12, "anmeldung_bis": "18.12.2026", "kosten_euro": 0, "leitung": "Fr. Probe", "anmelde_url": "https://schule.example/ag/12"},
        {"ag_id": 13, "ag_name": "Kochen international", "beschreibung_kurz": "Rezepte aus aller Welt", "klassen": "8-10", "wochentag": "Do", "beginn": "14:15", "ende": "16:30", "raum": "Küche", "plaetze_max": 10, "anmeldung_bis": "18.12.2026", "kosten_euro": 10, "leitung": "Fr. Beispiel", "anmelde_url": "https://schule.example/ag/13"}]}""",
        {"ag_id": "id", "ag_name": "title", "beschreibung_kurz": "summary", "klassen": None, "wochentag": "session.weekday",
         "beginn": "session.start_time", "ende": "session.end_time", "raum": "session.room", "plaetze_max": "capacity_max",
         "anmeldung_bis": "registration_deadline", "kosten_euro": "cost", "leitung": None, "anmelde_url": "registration_url"},
    ),
    Feed(
        "ukrainian-club.csv",
        table("""
        Event name,Description,Start date,Start time,End time,Venue,Street,Postal code,Language of event,Age from,Age to,Price (EUR),Registration link,Contact e-mail,Photo
        Sunday school,Ukrainian reading and writing for children,2026-12-06,10:00,13:00,House of Friends,Heerstr. 2,47053,Ukrainian,6,12,0,https://club.example/r/1,school@club.example,https://club.example/i/1.jpg
        German talk,Speaking practice with volunteers,2026-12-09,18:00,19:30,House of Friends,Heerstr. 2,47053,German,16,99,0,https://club.example/r/2,talk@club.example,https://club.example/i/2.jpg
        Job club,Help with CV and interview,2026-12-10,17:00,19:00,City library,Steinsche Gasse 26,47051,"Ukrainian, German",18,65,0,https://club.example/r/3,jobs@club.example,https://club.example/i/3.jpg
        Painting,Art class for parents and children,2026-12-12,11:00,13:00,House of Friends,Heerstr. 2,47053,Ukrainian,5,99,5,https://club.example/r/4,art@club.example,https://club.example/i/4.jpg
        """),
        {"Event name": "title", "Description": "description", "Start date": "start_date|session.date",
         "Start time": "session.start_time", "End time": "session.end_time", "Venue": "location.name",
         "Street": "location.street_line", "Postal code": "location.postal_code", "Language of event": "languages",
         "Age from": "age_min", "Age to": "age_max", "Price (EUR)": "cost", "Registration link": "registration_url",
         "Contact e-mail": "contact_email", "Photo": "image_url"},
    ),
    Feed(
        "verschachtelte-api.json",
        """{"meta": {"total": 3, "page": 1}, "data": [
        {"id": "o-91", "type": "offer", "attributes": {"title": {"de": "Lesepaten gesucht", "en": "Reading mentors"}, "teaser": "Vorlesen in der Grundschule", "body": "<p>Einmal in der Woche eine Stunde vorlesen.</p>", "startsAt": "2026-12-01T09:00:00+01:00", "endsAt": "2026-12-01T10:00:00+01:00", "venue": {"label": "Grundschule Nord", "geo": {"latitude": 51.487, "longitude": 6.772}, "address": {"line1": "Schulweg 5", "zip": "47169", "town": "Duisburg"}}, "priceFrom": 0, "bookingUrl": "https://api.example/b/91", "tags": ["lesen", "ehrenamt"], "organizer": {"displayName": "Lesebund", "mail": "info@lesebund.example"}, "images": [{"src": "https://api.example/i/91.jpg"}], "updatedAt": "2026-11-01T08:00:00Z"}},
        {"id": "o-92", "type": "offer", "attributes": {"title": {"de": "Krabbelgruppe", "en": "Toddlers"}, "teaser": "Spielen mit Kindern bis drei", "body": "<p>Offene Gruppe.</p>", "startsAt": "2026-12-02T09:30:00+01:00", "endsAt": "2026-12-02T11:00:00+01:00", "venue": {"label": "Familienbüro", "geo": {"latitude": 51.433, "longitude": 6.765}, "address": {"line1": "Steinsche Gasse 2", "zip": "47051", "town": "Duisburg"}}, "priceFrom": 3.5, "bookingUrl": "https://api.example/b/92", "tags": ["familie"], "organizer": {"displayName": "Familienbüro", "mail": "post@fb.example"}, "images": [{"src": "https://api.example/i/92.jpg"}], "updatedAt": "2026-11-03T08:00:00Z"}},
        {"id": "o-93", "type": "offer", "attributes": {"title": {"de": "Schwimmen lernen", "en": "Learn to swim"}, "teaser": "Kurs für Mädchen", "body": "<p>Zehn Stunden.</p>", "startsAt": "2026-12-05T15:00:00+01:00", "endsAt": "2026-12-05T16:00:00+01:00", "venue": {"label": "Rhein-Ruhr-Bad", "geo": {"latitude": 51.497, "longitude": 6.783}, "address": {"line1": "Kampstr. 2", "zip": "47166", "town": "Duisburg"}}, "priceFrom": 25, "bookingUrl": "https://api.example/b/93", "tags": ["sport"], "organizer": {"displayName": "SV Nord", "mail": "sv@nord.example"}, "images": [{"src": "https://api.example/i/93.jpg"}], "updatedAt": "2026-11-05T08:00:00Z"}}]}""",
        {"id": "id", "attributes.title.de": "title", "attributes.title.en": None, "attributes.teaser": "summary",
         "attributes.body": "description", "attributes.startsAt": "session.start", "attributes.endsAt": "session.end",
         "attributes.venue.label": "location.name", "attributes.venue.geo.latitude": "location.point",
         "attributes.venue.geo.longitude": "location.point", "attributes.venue.address.line1": "location.street_line",
         "attributes.venue.address.zip": "location.postal_code", "attributes.venue.address.town": "location.city",
         "attributes.priceFrom": "cost", "attributes.bookingUrl": "registration_url", "attributes.tags": "keywords",
         "attributes.organizer.displayName": "organisation.name",
         "attributes.organizer.mail": "organisation.email|contact_email", "attributes.images[0].src": "image_url",
         "attributes.updatedAt": "source_modified", "type": None},
    ),
    Feed(
        "ferienprogramm.csv",
        table("""
        Nr.;Veranstaltung;vom;bis zum;Alter von;Alter bis;Anmeldeschluss;Kosten in €;Veranstalter;Treffpunkt;TN-Zahl;Telefon Anmeldung;Themenbereich
        101;Zirkuswoche;29.03.2027;01.04.2027;6;12;01.03.2027;45,00;Jugendamt;Zirkuswiese Neumühl;40;0203 5559001;Kultur
        102;Kanutour;30.03.2027;30.03.2027;10;14;01.03.2027;12,00;Kanuclub Wedau;Bootshaus an der Wedau;16;0203 5559002;Sport
        103;Sprachcamp;29.03.2027;09.04.2027;8;14;15.02.2027;0,00;Bildungsbüro;Jugendherberge am Park;30;0203 5559003;Sprache
        104;Backen wie die Großen;06.04.2027;07.04.2027;6;10;01.03.2027;8,00;Familienbildung;Haus der Familie;10;0203 5559004;Familie
        """),
        {"Nr.": "id", "Veranstaltung": "title", "vom": "start_date", "bis zum": "end_date", "Alter von": "age_min",
         "Alter bis": "age_max", "Anmeldeschluss": "registration_deadline", "Kosten in €": "cost",
         "Veranstalter": "organisation.name", "Treffpunkt": "location.name", "TN-Zahl": "capacity_max",
         "Telefon Anmeldung": "contact_phone", "Themenbereich": "topics"},
    ),
    Feed(
        "bibliothek.csv",
        table("""
        Datum;Uhrzeit;Titel der Veranstaltung;Beschreibung der Veranstaltung;Zweigstelle;Adresse;Eintritt;Anmeldung erforderlich?;Barrierefrei;Link zur Veranstaltung
        01.12.2026;16.00;Vorlesen auf Arabisch;Zweisprachige Bücher für Kinder ab vier.;Zentralbibliothek;Steinsche Gasse 26, 47051 Duisburg;frei;nein;ja;https://bib.example/v/1
        03.12.2026;17.30;Sprachcafé;Deutsch sprechen ohne Anmeldung und ohne Lehrbuch.;Bezirksbibliothek Walsum;Friedrich-Ebert-Str. 152, 47179 Duisburg;frei;nein;ja;https://bib.example/v/2
        05.12.2026;11.00;Gaming am Samstag;Konsolen ausprobieren mit anderen.;Bezirksbibliothek Rheinhausen;Händelstr. 6, 47226 Duisburg;frei;ja;nein;https://bib.example/v/3
        10.12.2026;19.00;Lesung;Eine Autorin liest aus ihrem neuen Roman.;Zentralbibliothek;Steinsche Gasse 26, 47051 Duisburg;5,00 €;ja;ja;https://bib.example/v/4
        """),
        {"Datum": "session.date", "Uhrzeit": "session.start_time", "Titel der Veranstaltung": "title",
         "Beschreibung der Veranstaltung": "description", "Zweigstelle": "location.name", "Adresse": "location.address",
         "Eintritt": "cost", "Anmeldung erforderlich?": "registration", "Barrierefrei": "location.wheelchair",
         "Link zur Veranstaltung": "url"},
    ),
    Feed(
        "beratungsstellen.xml",
        """<?xml version="1.0" encoding="UTF-8"?><beratungsstellen stand="2026-11-01">
        <beratungsstelle><nr>1</nr><name>Flüchtlingsberatung Mitte</name><traeger>Diakonie</traeger><strasse>Beekstr.</strasse><hausnr>45</hausnr><plz>47051</plz><ort>Duisburg</ort><telefon>0203 5557001</telefon><fax>0203 5557099</fax><email>mitte@beratung.example</email><internet>https://beratung.example/mitte</internet><oeffnungszeiten>Mo 09:00-12:00</oeffnungszeiten><sprachen>Arabisch, Kurdisch</sprachen><geo_breite>51.432</geo_breite><geo_laenge>6.763</geo_laenge></beratungsstelle>
        <beratungsstelle><nr>2</nr><name>Flüchtlingsberatung Nord</name><traeger>Diakonie</traeger><strasse>Duisburger Str.</strasse><hausnr>172</hausnr><plz>47166</plz><ort>Duisburg</ort><telefon>0203 5557002</telefon><fax>0203 5557098</fax><email>nord@beratung.example</email><internet>https://beratung.example/nord</internet><oeffnungszeiten>Di 09:00-12:00</oeffnungszeiten><sprachen>Türkisch, Romanes</sprachen><geo_breite>51.489</geo_breite><geo_laenge>6.768</geo_laenge></beratungsstelle>
        <beratungsstelle><nr>3</nr><name>Frauenberatung</name><traeger>Caritas</traeger><strasse>Wieberplatz</strasse><hausnr>2</hausnr><plz>47051</plz><ort>Duisburg</ort><telefon>0203 5557003</telefon><fax>0203 5557097</fax><email>frauen@beratung.example</email><internet>https://beratung.example/frauen</internet><oeffnungszeiten>Mi 14:00-17:00</oeffnungszeiten><sprachen>Deutsch, Englisch</sprachen><geo_breite>51.434</geo_breite><geo_laenge>6.766</geo_laenge></beratungsstelle>
        </beratungsstellen>""",
        {"nr": "id", "name": "title", "traeger": "organisation.name", "strasse": "location.street", "hausnr": "location.house_number",
         "plz": "location.postal_code", "ort": "location.city", "telefon": "contact_phone", "fax": None,
         "email": "contact_email", "internet": "url", "oeffnungszeiten": "location.opening_hours", "sprachen": "languages",
         "geo_breite": "location.point", "geo_laenge": "location.point"},
    ),
    Feed(
        "offene-daten-kitas.csv",
        table("""
        OBJECTID;NAME_EINR;TRAEGER_NAME;STRASSE_HAUSNR;POSTLEITZAHL;STADTBEZIRK;TEL;EMAIL_ADR;WWW;LAENGENGRAD;BREITENGRAD;AENDERUNGSDATUM;PLAETZE_GES
        1;Kita Regenbogen;Stadt Duisburg;Am Bahnhof 4;47139;Meiderich/Beeck;0203 5554001;regenbogen@kita.example;https://kita.example/1;6,741;51,452;2026-10-01;80
        2;Kita Sternschnuppe;AWO;Weidenweg 12;47137;Meiderich/Beeck;0203 5554002;stern@kita.example;https://kita.example/2;6,771;51,467;2026-10-02;65
        3;Kita Arche;Ev. Kirche;Kirchplatz 1;47228;Rheinhausen;0203 5554003;arche@kita.example;https://kita.example/3;6,701;51,402;2026-10-03;45
        4;Kita Wirbelwind;Stadt Duisburg;Lindenallee 30;47249;Süd;0203 5554004;wirbel@kita.example;https://kita.example/4;6,752;51,381;2026-10-04;90
        """),
        {"OBJECTID": "id", "NAME_EINR": "title", "TRAEGER_NAME": "organisation.name", "STRASSE_HAUSNR": "location.street_line",
         "POSTLEITZAHL": "location.postal_code", "STADTBEZIRK": "location.district_code", "TEL": "contact_phone",
         "EMAIL_ADR": "contact_email", "WWW": "url", "LAENGENGRAD": "location.point", "BREITENGRAD": "location.point",
         "AENDERUNGSDATUM": "source_modified", "PLAETZE_GES": "capacity_max"},
    ),
    Feed(
        "integrationskurse.xlsx",
        table("""
        Kursträger;Kursart;Kurs-Nr.;Startdatum;Voraussichtl. Kursende;Unterrichtstage;Unterrichtszeiten;Kursort (Adresse);Stadtteil;Freie Plätze;Kinderbetreuung (ja/nein);Ansprechpartner/in;Telefon;E-Mail
        Bildungswerk West;Allgemeiner Integrationskurs;BW-118;2027-01-11;2027-09-30;Mo-Fr;09:00-12:15;Friedrich-Wilhelm-Str. 71, 47051 Duisburg;Dellviertel;3;nein;Fr. Muster;0203 5558101;kurse@bw-west.example
        Bildungswerk West;Alphabetisierungskurs;BW-119;2027-01-18;2027-12-17;Mo-Do;13:00-16:15;Friedrich-Wilhelm-Str. 71, 47051 Duisburg;Dellviertel;6;ja;Fr. Muster;0203 5558101;kurse@bw-west.example
        Sprachhaus;Frauenintegrationskurs;SH-07;2027-02-01;2027-11-30;Mo-Mi;08:45-12:00;Kaiserstr. 5, 47139 Duisburg;Beeckerwerth;0;ja;Hr. Probe;0203 5558102;info@sprachhaus.example
        Sprachhaus;Jugendintegrationskurs;SH-08;2027-02-01;2027-12-10;Mo-Fr;13:00-17:00;Kaiserstr. 5, 47139 Duisburg;Beeckerwerth;9;nein;Hr. Probe;0203 5558102;info@sprachhaus.example
        """),
        {"Kursträger": "organisation.name", "Kursart": "title|course_kind|offer_type", "Kurs-Nr.": "id", "Startdatum": "start_date",
         "Voraussichtl. Kursende": "end_date", "Unterrichtstage": "session.weekday", "Unterrichtszeiten": "session.time",
         "Kursort (Adresse)": "location.address", "Stadtteil": "location.subdistrict_code", "Freie Plätze": "places_free",
         "Kinderbetreuung (ja/nein)": "childcare", "Ansprechpartner/in": None, "Telefon": "contact_phone",
         "E-Mail": "contact_email"},
    ),
    Feed(
        "sportverein.csv",
        table("""
        Abteilung;Gruppe;Jahrgang;Trainingstag;Trainingszeit;Sporthalle;Übungsleiter;Beitrag mtl.;Kontakt
        Fußball;Bambini Mädchen;2019-2021;Dienstag;16:00-17:00;Sportplatz an der Au;K. Muster;8,00 €;fussball@tus.example
        Fußball;U13 Mädchen;2014-2015;Donnerstag;17:00-18:30;Sportplatz an der Au;K. Muster;8,00 €;fussball@tus.example
        Turnen;Eltern-Kind-Turnen;2022-2024;Mittwoch;15:30-16:30;Turnhalle Gartenstraße;L. Beispiel;6,00 €;turnen@tus.example
        Schwimmen;Schwimmen für Frauen;ab 2008;Samstag;09:00-10:00;Hallenbad Süd;M. Probe;10,00 €;schwimmen@tus.example
        """),
        {"Abteilung": "topics|keywords", "Gruppe": "title", "Jahrgang": None, "Trainingstag": "session.weekday",
         "Trainingszeit": "session.time", "Sporthalle": "location.name", "Übungsleiter": None, "Beitrag mtl.": "cost",
         "Kontakt": "contact_email"},
    ),
    Feed(
        "kalender-plugin.csv",
        table("""
        Event Name,Event Description,Event Start Date,Event Start Time,Event End Date,Event End Time,All Day Event,Event Venue Name,Event Organizer Name,Event Cost,Event Currency Symbol,Event Category,Event Tags,Event Website,Event Featured Image
        Adventsbasar,Basteln und Verkauf für die Sprachpaten,2026-12-05,14:00:00,2026-12-05,18:00:00,FALSE,Gemeindesaal,Sprachpaten e. V.,0,€,Familie,"basar,advent",https://paten.example/basar,https://paten.example/b.jpg
        Infoabend Ausbildung,Berufe kennenlernen,2026-12-08,17:00:00,2026-12-08,19:00:00,FALSE,Haus der Wirtschaft,Sprachpaten e. V.,0,€,Ausbildung und Beruf,"beruf",https://paten.example/info,https://paten.example/i.jpg
        Tanzkurs,Tänze vom Balkan,2026-12-11,19:00:00,2026-12-11,21:00:00,FALSE,Gemeindesaal,Tanzgruppe Balkan,5,€,Kultur,"tanz",https://paten.example/tanz,https://paten.example/t.jpg
        Winterfest,Feier mit Musik,2026-12-19,15:00:00,2026-12-19,20:00:00,FALSE,Marktplatz Homberg,Sprachpaten e. V.,0,€,Kultur,"fest",https://paten.example/fest,https://paten.example/f.jpg
        """),
        {"Event Name": "title", "Event Description": "description", "Event Start Date": "start_date|session.date",
         "Event Start Time": "session.start_time", "Event End Date": "end_date", "Event End Time": "session.end_time",
         "All Day Event": "session.all_day", "Event Venue Name": "location.name", "Event Organizer Name": "organisation.name",
         "Event Cost": "cost", "Event Currency Symbol": "cost_currency", "Event Category": "topics", "Event Tags": "keywords",
         "Event Website": "url", "Event Featured Image": "image_url"},
    ),
]  # fmt: skip
