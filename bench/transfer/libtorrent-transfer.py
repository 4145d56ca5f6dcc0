"""One end of a transfer by libtorrent: seed or get, until stdin closes. The preset may be utp or rc4 as well."""

import sys
import time

import libtorrent as lt

role, torrent, folder, address, preset = sys.argv[1:6]
settings = lt.high_performance_seed() if preset == "high-performance" else lt.default_settings()
settings.update({
    "listen_interfaces": address if role == "seed" else "10.78.0.2:6901",
    "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
    "enable_outgoing_utp": False, "enable_incoming_utp": False,
    "in_enc_policy": 2, "out_enc_policy": 2, "alert_mask": 0,
})
if preset == "utp":
    settings.update({
        "enable_outgoing_utp": True, "enable_incoming_utp": True,
        "enable_outgoing_tcp": False, "enable_incoming_tcp": False,
    })
if preset == "rc4":
    settings.update({"in_enc_policy": 0, "out_enc_policy": 0, "allowed_enc_level": 2})
session = lt.session(settings)
params = lt.add_torrent_params()
params.ti = lt.torrent_info(torrent)
params.save_path = folder
params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
if role == "seed":
    params.flags |= lt.torrent_flags.seed_mode
handle = session.add_torrent(params)
if role == "seed":
    print("ready", flush=True)
else:
    while handle.status().state == lt.torrent_status.checking_files:
        time.sleep(0.01)
    host, port = address.split(":")
    began = time.monotonic()
    handle.connect_peer((host, int(port)))
    while not handle.status().is_seeding:
        time.sleep(0.01)
    print("done %.3f" % (time.monotonic() - began), flush=True)
sys.stdin.read()
