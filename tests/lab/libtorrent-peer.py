"""libtorrent as a peer for tests: one JSON command a line on stdin, one JSON answer a line on stdout.

argv[1] is a JSON object of session settings. Commands: create, add, connect, status, certificate, limit, listening, dhtNode,
putItem, getItem.
"""

import json
import sys

import libtorrent as lt


def create(command):
    """Makes a torrent of any format with libtorrent's own hashing; answers with its identities."""
    storage = lt.file_storage()
    lt.add_files(storage, command["path"])
    flags = {"v1": lt.create_torrent.v1_only, "v2": lt.create_torrent.v2_only, "hybrid": 0}[command["format"]]
    torrent = lt.create_torrent(storage, command.get("pieceBytes", 0), flags)
    for tier, url in enumerate(command.get("trackers", [])):
        torrent.add_tracker(url, tier)
    if command.get("private"):
        torrent.set_priv(True)
    if "rootCertificate" in command:
        torrent.set_root_cert(command["rootCertificate"])
    lt.set_piece_hashes(torrent, command["path"].rpartition("/")[0])
    encoded = lt.bencode(torrent.generate())
    with open(command["output"], "wb") as file:
        file.write(encoded)
    info = lt.torrent_info(lt.bdecode(encoded))
    return {**identities(info.info_hashes()), "magnet": lt.make_magnet_uri(info), "pieces": info.num_pieces()}


def identities(hashes):
    return {
        "infoHashV1": str(hashes.v1) if hashes.has_v1() else None,
        "infoHashV2": str(hashes.v2) if hashes.has_v2() else None,
    }


def add(session, handles, command):
    if "magnet" in command:
        params = lt.parse_magnet_uri(command["magnet"])
    else:
        params = lt.add_torrent_params()
        params.ti = lt.torrent_info(command["file"])
    params.save_path = command["folder"]
    params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    handles.append(session.add_torrent(params))
    return {"torrent": len(handles) - 1}


def status(handle):
    now = handle.status()
    return {
        "state": str(now.state),
        "complete": now.is_seeding,
        "doneBytes": now.total_done,
        "downloadedBytes": now.total_payload_download,
        "uploadedBytes": now.total_payload_upload,
        "failedBytes": now.total_failed_bytes,
        "error": now.errc.message() if now.errc.value() else None,
        "peers": [peer_of(peer) for peer in handle.get_peer_info() if not peer.flags & lt.peer_info.handshake],
        **identities(handle.info_hashes()),
    }


def peer_of(peer):
    return {
        "address": peer.ip[0],
        "port": peer.ip[1],
        "pieces": sum(peer.pieces),
        "client": peer.client.decode("utf-8", "replace"),
        # The binding has no names for these two.
        "utp": bool(peer.flags & (1 << 17)),
        "ssl": bool(peer.flags & (1 << 18)),
        "rc4": bool(peer.flags & lt.peer_info.rc4_encrypted),
    }


def run(session, handles, command):
    name = command["command"]
    if name == "create":
        return create(command)
    if name == "add":
        return add(session, handles, command)
    if name == "listening":
        return {"port": session.listen_port(), "dhtNodes": session.status().dht_nodes}
    if name == "dhtNode":
        session.add_dht_node((command["address"], command["port"]))
        return {}
    if name == "putItem":
        return {"target": str(session.dht_put_immutable_item(command["text"]))}
    if name == "getItem":
        session.dht_get_immutable_item(lt.sha1_hash(bytes.fromhex(command["target"])))
        return {}
    handle = handles[command["torrent"]]
    if name == "connect":
        handle.connect_peer((command["address"], command["port"]))
    elif name == "status":
        return status(handle)
    elif name == "certificate":
        handle.set_ssl_certificate(command["certificate"], command["key"], command["dhParameters"], "")
    elif name == "limit":
        handle.set_upload_limit(command["uploadBytesPerSecond"])
    return {}


def main():
    session = lt.session(json.loads(sys.argv[1]))
    handles = []
    print(json.dumps({"ready": lt.__version__}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = {"result": run(session, handles, command)}
        except Exception as error:  # The test that asked is the one to judge it.
            answer = {"error": repr(error)}
        alerts = [f"{alert.what()}: {alert.message()}" for alert in session.pop_alerts()]
        print(json.dumps({"id": command["id"], "alerts": alerts, **answer}), flush=True)


main()
