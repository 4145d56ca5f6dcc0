"""One member of a swarm by libtorrent with its defaults, TCP only: seed or get, until stdin closes."""

import sys
import time

import libtorrent as lt

role, torrent, folder, address, *others = sys.argv[1:]
session = lt.session({
    "listen_interfaces": address,
    "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
    "enable_outgoing_utp": False, "enable_incoming_utp": False,
    "in_enc_policy": 2, "out_enc_policy": 2, "alert_mask": 0,
})
params = lt.add_torrent_params()
params.ti = lt.torrent_info(torrent)
params.save_path = folder
params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
if role == "seed":
    params.flags |= lt.torrent_flags.seed_mode
handle = session.add_torrent(params)
while handle.status().state == lt.torrent_status.checking_files:
    time.sleep(0.01)
print("ready", flush=True)
for other in others:
    host, port = other.split(":")
    handle.connect_peer((host, int(port)))
while not handle.status().is_seeding:
    time.sleep(0.02)
print("done", flush=True)
sys.stdin.read()
