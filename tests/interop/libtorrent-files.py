"""libtorrent's view of torrent files. argv[1] is a JSON command; the answer is JSON on stdout.

create {path, format, pieceBytes, output}: makes a torrent of sorted files.
show {file}: identities and files as libtorrent reads them.
check {file, dir}: hashes the content in dir; answers with the number of good pieces.
"""

import json
import os
import sys
import time

import libtorrent as lt


def hashes(info):
    both = info.info_hashes()
    return {
        "v1": str(both.v1) if both.has_v1() else None,
        "v2": str(both.v2) if both.has_v2() else None,
    }


def create(command):
    path = command["path"]
    parent = os.path.dirname(path)
    storage = lt.file_storage()
    found = [path] if os.path.isfile(path) else []
    for folder, _, names in os.walk(path):
        found += [os.path.join(folder, name) for name in names]
    # v1 torrents keep the order in which files are added: give it the order of the file tree.
    for name in sorted((os.path.relpath(name, parent) for name in found), key=lambda name: os.fsencode(name).split(b"/")):
        storage.add_file(name, os.path.getsize(os.path.join(parent, name)))
    flags = {"v1": lt.create_torrent.v1_only, "v2": lt.create_torrent.v2_only, "hybrid": 0}[command["format"]]
    torrent = lt.create_torrent(storage, command["pieceBytes"], flags)
    torrent.add_tracker("http://tracker.example/announce", 0)
    lt.set_piece_hashes(torrent, parent)
    with open(command["output"], "wb") as file:
        file.write(lt.bencode(torrent.generate()))
    return hashes(lt.torrent_info(command["output"]))


def show(command):
    info = lt.torrent_info(command["file"])
    files = info.files()
    plain = [n for n in range(files.num_files()) if not files.file_flags(n) & lt.file_storage.flag_pad_file]
    return {
        **hashes(info),
        "name": info.name(),
        "pieceLength": info.piece_length(),
        "private": info.priv(),
        "trackers": [tracker.url for tracker in info.trackers()],
        "webSeeds": [seed["url"] for seed in info.web_seeds()],
        "files": [[files.file_path(n), files.file_size(n)] for n in plain],
        "sslCert": bool(info.ssl_cert()),
    }


def check(command):
    settings = {"listen_interfaces": "", "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False}
    session = lt.session(settings)
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(command["file"])
    params.save_path = command["dir"]
    handle = session.add_torrent(params)
    end = time.time() + 60
    while time.time() < end:
        status = handle.status()
        if status.errc.value() != 0:
            return {"error": status.errc.message()}
        checked = status.state in (lt.torrent_status.downloading, lt.torrent_status.finished, lt.torrent_status.seeding)
        if checked:
            return {"good": status.num_pieces, "pieces": params.ti.num_pieces()}
        time.sleep(0.05)
    return {"error": "still checking"}


command = json.loads(sys.argv[1])
print(json.dumps({"create": create, "show": show, "check": check}[command["do"]](command)))
