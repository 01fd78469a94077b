"""What exchangelib is asked to do; a module a subject."""
import contextlib
import datetime
import os
import warnings

import exchangelib
from exchangelib.protocol import BaseProtocol, Protocol

from client import USER1, Office

# Of the time that the lab takes, never more than a part of this.
BaseProtocol.TIMEOUT = 60
BaseProtocol.RETRY_WAIT = 1
warnings.simplefilter("ignore")


class Desk:
    """An office, and accounts of exchangelib in it."""

    def __init__(self, office):
        self.office = office
        os.environ["REQUESTS_CA_BUNDLE"] = str(office.ca)
        self.zone = exchangelib.EWSTimeZone("Europe/Copenhagen")

    def configuration(self, user=USER1, **more):
        credentials = exchangelib.Credentials(
            user, more.pop("password", self.office.passwords[user]))
        more.setdefault("auth_type", exchangelib.NTLM)
        return exchangelib.Configuration(
            service_endpoint=self.office.ews, credentials=credentials, **more)

    def account(self, mailbox=USER1, user=None,
                access=exchangelib.DELEGATE, **more):
        return exchangelib.Account(
            mailbox, config=self.configuration(user or mailbox, **more),
            autodiscover=False, access_type=access,
            default_timezone=self.zone, locale="en_US")

    def when(self, *numbers, zone=None):
        return exchangelib.EWSDateTime(*numbers, tzinfo=zone or self.zone)


def forget():
    """Sessions of one office are of no use in the next."""
    exchangelib.close_connections()
    Protocol.clear_cache()


@contextlib.contextmanager
def desk(version, *options, **more):
    with Office(*options, version=version, **more) as office:
        try:
            yield Desk(office)
        finally:
            forget()


def all_parts(report, version, chosen=()):
    # pylint: disable=import-outside-toplevel
    from exl import (calendar, folders, kinds, mail, mailbox, people, search,
                     signin)
    report.at = f"Exchange {version}"
    parts = [signin, folders, mail, calendar, people, kinds, search,
             mailbox]
    with desk(version, items=40, fill=["--archive"]) as at:
        for part in parts:
            name = part.__name__.split(".")[-1]
            if not chosen or name in chosen:
                with report.part(name):
                    part.run(report, at)
        report.schema(at.office)


def day(*numbers):
    return exchangelib.EWSDate(*numbers)


def minutes(count):
    return datetime.timedelta(minutes=count)

