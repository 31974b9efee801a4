"""What partners mostly write comes in; what its converter would answer goes out, without the converter's long way.

Telephone numbers of Germany with one area code and one ending, and texts of paragraphs and line ends alone. Whatever else there is
goes to the converter itself, so that these are never another opinion, only a quicker one.
"""

import re
from functools import cache
from typing import Any

from phonenumbers.phonemetadata import PhoneMetadata

from schemas.converters import contact, markup
from schemas.converters.answer import Convert, Setting
from schemas.converters.text import BLANKS, lines

GERMANY = 49
# "0203 5550123", "(0203) 5550123", "0203/5550123", "+49 203 5550123": too few signs before a slash for it to divide two numbers.
# What begins with 49 behind the 0 could be the country
PLAIN_NUMBER = re.compile(r"(?:0|\+49 ?|(?P<opened>\(0))(?P<area>(?!49)[1-9][0-9]{1,4})(?(opened)\) ?|[ /-])(?P<rest>[0-9]{3,9})")
# <p>Ein Kurs.<br>Mit Prüfung.</p><p>Freitags</p>; a dash at the beginning makes a list
PLAIN_MARKUP = re.compile(r"(?: *<p>(?! *-)(?:[^<&]++|<br ?/?>(?! *-))*+</p>)+ *")
BREAK = re.compile(r"<br ?/?>")


def to_phone(argument: Any, setting: Setting) -> Convert:
    """Make `phone`, quick for German numbers written plainly."""
    convert = contact.to_phone(argument, setting)
    if (setting.region if argument is None else argument) != "DE":
        return convert

    def phone(value: Any) -> Any:
        if value.__class__ is str and (found := PLAIN_NUMBER.fullmatch(value)):
            number = found["area"] + found["rest"]
            if german_numbers().fullmatch(number):
                return f"+{GERMANY}{number}"
        return convert(value)

    return phone


@cache
def german_numbers() -> re.Pattern[str]:
    """Give a pattern of all valid German numbers without 0 and country, as phonenumbers knows them."""
    known = PhoneMetadata.metadata_for_region("DE")
    if known is None or known.general_desc is None:
        return re.compile(r"(?!)")  # then all go the long way
    kinds = (
        known.fixed_line, known.mobile, known.toll_free, known.premium_rate, known.shared_cost, known.personal_number, known.voip,
        known.pager, known.uan, known.voicemail,
    )  # fmt: skip
    alternatives = "|".join(
        f"(?=(?:{'|'.join(f'.{{{length}}}' for length in kind.possible_length)})$)(?:{kind.national_number_pattern})"
        for kind in kinds if kind is not None and kind.national_number_pattern
    )  # fmt: skip
    return re.compile(f"(?=(?:{known.general_desc.national_number_pattern})$)(?:{alternatives})")


def to_html_text(argument: Any, setting: Setting) -> Convert:
    """Make `text`, quick for paragraphs and line ends without anything else."""
    convert = markup.to_html_text(argument, setting)

    def text(value: Any) -> Any:
        if value.__class__ is not str or "<" not in value:
            return convert(value)
        line = value.replace("\n", " ")
        if not line.isprintable() or not PLAIN_MARKUP.fullmatch(line):
            return convert(value)
        cleaned = lines(BREAK.sub("\n", line).replace("<p>", "\n\n").replace("</p>", "\n\n"))
        return None if cleaned in BLANKS else cleaned

    return text
