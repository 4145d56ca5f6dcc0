"""Many short ordinary conversations with one host, and a flood of new flows: counts what was answered as JSON."""

import asyncio, json, os, socket, struct, sys, time

OPENINGS = {
    "http": b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "tls": bytes.fromhex("1603010200010001fc0303") + b"\x05" * 64,
    "ssh": b"SSH-2.0-OpenSSH_9.2\r\n",
}


def quic(n):
    return b"\xc3\x00\x00\x00\x01\x08" + os.urandom(8) + b"\x00\x00" + os.urandom(1180)


def dns(n):
    name = b"\x07example\x03org\x00"
    return struct.pack(">HHHHHH", n & 0xFFFF, 0x0100, 1, 0, 0, 0) + name + b"\x00\x01\x00\x01"


def call(n):
    return struct.pack(">BBHII", 0x80, 0x60, n & 0xFFFF, n * 3000, 77) + os.urandom(900)


def serve(port):
    """One process answers TCP and UDP with what it was sent."""

    class Echo(asyncio.Protocol):
        def connection_made(self, transport):
            self.transport = transport

        def data_received(self, data):
            self.transport.write(data)

    class EchoDatagrams(asyncio.DatagramProtocol):
        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, address):
            self.transport.sendto(data, address)

    async def main():
        loop = asyncio.get_running_loop()
        await loop.create_server(Echo, "0.0.0.0", port, backlog=4096)
        await loop.create_datagram_endpoint(EchoDatagrams, local_addr=("0.0.0.0", port))
        print("serving", flush=True)
        await asyncio.Event().wait()

    asyncio.run(main())


def receive(s, wanted):
    got = 0
    while got < wanted:
        part = s.recv(65536)
        if not part:
            break
        got += len(part)
    return got == wanted


def tcp(address, count):
    """Short connections, each with its opening and an exact answer; closed by a reset so that ports come back at once."""
    linger = struct.pack("ii", 1, 0)
    names = list(OPENINGS)
    answered = 0
    for n in range(count):
        opening = OPENINGS[names[n % len(names)]]
        with socket.socket() as s:
            s.settimeout(5)
            try:
                s.connect(address)
                s.sendall(opening)
                answered += receive(s, len(opening))
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            except OSError:
                pass
    return answered


def udp(address, count):
    """Short exchanges, each from a socket of its own: QUIC-like and DNS."""
    answered = 0
    for n in range(count):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(2)
            s.connect(address)
            said = quic(n) if n % 2 else dns(n)
            try:
                s.send(said)
                answered += s.recv(2000) == said
            except OSError:
                pass
    return answered


def video(address, count):
    """One stream of a call, both ways, at about 2 Mbit/s."""
    answered = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(1)
        s.connect(address)
        for n in range(count):
            said = call(n)
            try:
                s.send(said)
                answered += s.recv(2000) == said
            except OSError:
                pass
            time.sleep(0.002)
    return answered


def flood(address, count):
    """New flows that say one random datagram each, from ever other ports, as fast as the machine sends them."""
    payload = os.urandom(64)
    sent = 0
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(64)]
    while sent < count:
        for s in sockets:
            # Every destination port is another flow.
            try:
                s.sendto(payload, (address[0], 1 + sent % 65535))
            except OSError:
                pass
            sent += 1
        if sent % 4_194_240 == 0:
            sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(64)]
    return sent


if __name__ == "__main__":
    task, host, port, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    if task == "serve":
        serve(port)
    began = time.monotonic()
    done = {"tcp": tcp, "udp": udp, "video": video, "flood": flood}[task]((host, port), count)
    print(json.dumps({"done": done, "seconds": time.monotonic() - began}), flush=True)
