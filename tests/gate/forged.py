"""Packets that no ordinary program sends, from inside a test's namespace: fragments, extension headers, overlapping segments."""

import random
import socket
import struct
import sys

task, own, to, port = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
payload = bytes.fromhex(sys.argv[5])
IPV6_HOPOPTS, IPV6_DSTOPTS = 54, 59
FRAGMENT_HEADER, OPTIONS_HEADER = 44, 60
PADDED_OPTIONS = b"\x00\x00\x01\x04\x00\x00\x00\x00"
SYN, ACK, PUSH = 2, 16, 8


def ipv4(protocol, body, fragment=0, identification=7, ttl=64):
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), identification, fragment, ttl, protocol, 0)
    return head + socket.inet_aton(own) + socket.inet_aton(to) + body


def checksum(data):
    data += b"\x00" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def fragments(size=16):
    # A checksum of zero: none was made.
    datagram = struct.pack(">HHHH", random.randrange(20000, 30000), port, 8 + len(payload), 0) + payload
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for begin in reversed(range(0, len(datagram), size)):
        more = 0x2000 if begin + size < len(datagram) else 0
        raw.sendto(ipv4(socket.IPPROTO_UDP, datagram[begin : begin + size], more | begin // 8), (to, 0))


def datagram6():
    """A checksum is no choice in IPv6."""
    source_port = random.randrange(20000, 30000)
    length = 8 + len(payload)
    pseudo = socket.inet_pton(socket.AF_INET6, own) + socket.inet_pton(socket.AF_INET6, to) + struct.pack(">II", length, 17)
    summed = checksum(pseudo + struct.pack(">HHHH", source_port, port, length, 0) + payload)
    return struct.pack(">HHHH", source_port, port, length, summed or 0xFFFF) + payload


def send_fragments6(inner, body, size):
    """The last first; all in one is what RFC 6946 calls an atomic fragment."""
    raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
    identification = random.randrange(1 << 32)
    ends = socket.inet_pton(socket.AF_INET6, own) + socket.inet_pton(socket.AF_INET6, to)
    for begin in reversed(range(0, len(body), size)):
        more = 1 if begin + size < len(body) else 0
        part = struct.pack(">BBHI", inner, 0, begin | more, identification) + body[begin : begin + size]
        raw.sendto(struct.pack(">IHBB", 6 << 28, len(part), FRAGMENT_HEADER, 64) + ends + part, (to, 0))


def fragments6():
    send_fragments6(socket.IPPROTO_UDP, datagram6(), 16)


def hidden6():
    """Options are cut too; the first fragment ends with the header behind them, or the receiver takes none of it (RFC 7112)."""
    options = bytes([socket.IPPROTO_UDP, 0]) + PADDED_OPTIONS[2:]
    send_fragments6(OPTIONS_HEADER, options + datagram6(), 16)


def atomic6():
    send_fragments6(socket.IPPROTO_UDP, datagram6(), 65536)


def extensions():
    udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    options = [(socket.IPPROTO_IPV6, kind, PADDED_OPTIONS) for kind in (IPV6_HOPOPTS, IPV6_DSTOPTS)]
    udp.sendmsg([payload], options, 0, (to, port))


def overlapping():
    """The payload in segments, each sent first with other bytes and a time to live that ends at the router."""
    own_port = random.randrange(20000, 30000)
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    answers = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    answers.settimeout(3)

    def send(flags, sequence, acknowledged, body=b"", ttl=64):
        segment = struct.pack(">HHIIBBHHH", own_port, port, sequence, acknowledged, 0x50, flags, 64000, 0, 0) + body
        pseudo = socket.inet_aton(own) + socket.inet_aton(to) + struct.pack(">BBH", 0, 6, len(segment))
        segment = segment[:16] + struct.pack(">H", checksum(pseudo + segment)) + segment[18:]
        raw.sendto(ipv4(socket.IPPROTO_TCP, segment, ttl=ttl), (to, 0))

    def answer():
        while True:
            packet = answers.recv(65535)[20:]
            if struct.unpack(">HH", packet[:4]) == (port, own_port):
                return struct.unpack(">II", packet[4:12]), packet[(packet[12] >> 4) * 4 :]

    sequence = 1000
    send(SYN, sequence, 0)
    (theirs, _), _ = answer()
    sequence, acknowledged = sequence + 1, theirs + 1
    send(ACK, sequence, acknowledged)
    back = 0
    for begin in range(0, len(payload), 10):
        piece = payload[begin : begin + 10]
        send(ACK | PUSH, sequence, acknowledged, b"GET / HTTP"[: len(piece)], ttl=1)
        send(ACK | PUSH, sequence, acknowledged, piece)
        sequence += len(piece)
    for _ in range(200):
        try:
            (theirs, _), body = answer()
        except TimeoutError:
            break
        if len(body) == 0 or theirs != acknowledged:
            continue
        back, acknowledged = back + len(body), acknowledged + len(body)
        send(ACK | PUSH, sequence, acknowledged, random.randbytes(1000))
        sequence += 1000
    print(back)


TASKS = (fragments, fragments6, hidden6, atomic6, extensions, overlapping)
{one.__name__: one for one in TASKS}[task]()
