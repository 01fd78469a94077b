#!/usr/bin/env python3
"""Copy one mailbox from one server to another with python3-exchangelib, as
its own documentation shows: Account.export() and Account.upload(), or the
MIME content of each item saved as a new one; folder by folder, with threads
over batches as its users do.

    exchangelib_copy.py SOURCE-URL SOURCE-PASSWORD-FILE DESTINATION-URL
        DESTINATION-PASSWORD-FILE CA-FILE ADMIN MAILBOX
        [--mime] [--threads N] [--patched]

--patched: answers are read 64 KiB at a time; as packaged, requests gives the
parser a byte at a time.
"""
import argparse
import concurrent.futures
import pathlib

import requests
from exchangelib import (IMPERSONATION, Account, Configuration, Credentials,
                         Folder, Message)
from exchangelib.protocol import BaseProtocol
from exchangelib.version import EXCHANGE_2016, Version

BATCH = 10


class Adapter(requests.adapters.HTTPAdapter):
    """Trusts the labs' own certificates."""
    ca = None

    def cert_verify(self, conn, url, verify, cert):
        super().cert_verify(conn=conn, url=url, verify=self.ca, cert=cert)


def patch():
    usual = requests.Response.iter_content

    def iter_content(self, chunk_size=65536, decode_unicode=False):
        return usual(self, max(chunk_size or 0, 65536), decode_unicode)
    requests.Response.iter_content = iter_content


def open_account(url, password_file, admin, mailbox, connections):
    password = pathlib.Path(password_file).read_text().splitlines()[0]
    config = Configuration(
        service_endpoint=f"{url}/EWS/Exchange.asmx",
        credentials=Credentials(admin, password), auth_type="NTLM",
        version=Version(EXCHANGE_2016), max_connections=connections)
    return Account(primary_smtp_address=mailbox, config=config,
                   autodiscover=False, access_type=IMPERSONATION)


def counterpart(folder, destination, made):
    """The destination's folder for one of the source's."""
    if folder.is_distinguished:
        known = getattr(destination, folder.DISTINGUISHED_FOLDER_ID, None)
        if known is not None:
            return known
    if folder.id not in made:
        parent = (counterpart(folder.parent, destination, made)
                  if folder.parent is not None and folder.parent.parent
                  else destination.msg_folder_root)
        new = Folder(parent=parent, name=folder.name,
                     folder_class=folder.folder_class)
        made[folder.id] = next(
            (f for f in parent.children if f.name == folder.name), None
        ) or new.save()
    return made[folder.id]


def copy_export(source, destination, folder, ids):
    data = source.export(ids)
    done = destination.upload([(folder, d) for d in data])
    return sum(1 for d in done if not isinstance(d, Exception))


def copy_mime(source, _destination, folder, ids):
    n = 0
    for item in source.fetch(ids, only_fields=None):
        if getattr(item, "mime_content", None) is None:
            continue
        Message(folder=folder, mime_content=item.mime_content,
                is_read=getattr(item, "is_read", None)).save()
        n += 1
    return n


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("source", "source_password", "destination",
                 "destination_password", "ca", "admin", "mailbox"):
        parser.add_argument(name)
    parser.add_argument("--mime", action="store_true")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--patched", action="store_true")
    o = parser.parse_args()
    Adapter.ca = o.ca
    BaseProtocol.HTTP_ADAPTER_CLS = Adapter
    if o.patched:
        patch()
    source = open_account(o.source, o.source_password, o.admin, o.mailbox,
                          o.threads)
    destination = open_account(o.destination, o.destination_password, o.admin,
                               o.mailbox, o.threads)
    made, work = {}, []
    for folder in source.msg_folder_root.walk():
        if not folder.total_count:
            continue
        ids = list(folder.all().values_list("id", "changekey"))
        to = counterpart(folder, destination, made) if ids else None
        work += [(to, ids[i:i + BATCH]) for i in range(0, len(ids), BATCH)]
    copy = copy_mime if o.mime else copy_export
    with concurrent.futures.ThreadPoolExecutor(o.threads) as pool:
        n = sum(pool.map(lambda w: copy(source, destination, *w), work))
    print(n)


if __name__ == "__main__":
    main()
