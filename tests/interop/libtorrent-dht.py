"""libtorrent as a node of the DHT. argv[1] is a JSON object {host, port, nodes, torrent?, folder?}; prints one JSON line a second."""

import json
import sys
import time

import libtorrent as lt

options = json.loads(sys.argv[1])
session = lt.session({
    "listen_interfaces": f"{options['host']}:{options['port']}",
    "enable_dht": True,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "dht_bootstrap_nodes": ",".join(options["nodes"]),
    "dht_restrict_routing_ips": False,
    "dht_restrict_search_ips": False,
    "dht_ignore_dark_internet": False,
    "alert_mask": 0,
})
handle = None
if "torrent" in options:
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(options["torrent"])
    params.save_path = options["folder"]
    handle = session.add_torrent(params)
while True:
    if handle is not None:
        handle.force_dht_announce()
    time.sleep(1)
    complete = handle is not None and handle.status().is_seeding
    print(json.dumps({"running": session.is_dht_running(), "complete": complete}), flush=True)
