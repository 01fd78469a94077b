"""An item as large as wanted, made of another by the EWS of a lab."""
import base64
import os

from lab import Answer

# Bytes of one record of a FastTransfer stream's buffer.
RECORD = 31744
BUFFER = 2  # a record's opcode


def record(data):
    return (BUFFER).to_bytes(4, "little") + len(data).to_bytes(4, "little") + data


def grown(data, size):
    """The pieces of a payload with one binary property more, that it has about
    so many bytes: in front of its first record."""
    at = 0
    while int.from_bytes(data[at:at + 4], "little") != BUFFER:
        at += 8 + int.from_bytes(data[at + 4:at + 8], "little")
    records = max(1, (size - len(data)) // RECORD)
    # 0x6900 is free for clients: an unknown binary property of a message
    head = (b"\x02\x01\x00\x69" +
            (records * RECORD - 8).to_bytes(4, "little"))
    noise = os.urandom(RECORD)
    yield data[:at] + record(head + noise[8:])
    for _ in range(records - 1):
        yield record(noise)
    yield data[at:]


def as_base64(pieces):
    """The same text as of all of them together, in pieces."""
    rest = b""
    for piece in pieces:
        rest += piece
        whole = len(rest) // 3 * 3
        yield base64.b64encode(rest[:whole])
        rest = rest[whole:]
    yield base64.b64encode(rest)


def add_large(client, folder, size):
    """Upload such an item, made of the first one in the inbox, and no more of
    it in memory at a time than a piece; the server's answer."""
    seed = base64.b64decode(
        client.export(client.sync("inbox").ids()[0]).text("m:Data")[0])
    text = client.envelope(
        '<m:UploadItems><m:Items><t:Item CreateAction="CreateNew">'
        f'<t:ParentFolderId Id="{folder}"/><t:Data></t:Data></t:Item>'
        "</m:Items></m:UploadItems>")
    before, end, after = text.encode().partition(b"</t:Data>")
    total = sum(map(len, grown(seed, size)))

    def body():
        yield before
        yield from as_base64(grown(seed, size))
        yield end + after
    length = len(text.encode()) + (total + 2) // 3 * 4
    client.connection.request("POST", "/EWS/Exchange.asmx", body(),
                              {**client.headers, "Content-Length": length})
    answer = client.connection.getresponse()
    return Answer(answer.status, answer.headers, answer.read().decode())
