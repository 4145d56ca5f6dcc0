// The recognisers in the order in which they are asked; the first that names a reason decides.

import { bittorrentDht } from "./bittorrent-dht.ts";
import { bittorrentLocalDiscovery, bittorrentUdpTracker } from "./bittorrent-discovery.ts";
import { bittorrentHandshake } from "./bittorrent-handshake.ts";
import { bittorrentMessages } from "./bittorrent-messages.ts";
import { bittorrentMse } from "./bittorrent-mse.ts";
import { bittorrentUtp } from "./bittorrent-utp.ts";
import { directconnect, directconnectUdp } from "./directconnect.ts";
import { ed2k } from "./ed2k.ts";
import { ed2kObfuscated } from "./ed2k-obfuscated.ts";
import { ed2kUdp } from "./ed2k-udp.ts";
import { gnutella, gnutellaUdp } from "./gnutella.ts";
import { http } from "./http.ts";
import { kad } from "./kad.ts";
import { kadObfuscated } from "./kad-obfuscated.ts";
import type { Recogniser } from "./recogniser.ts";
import { soulseek } from "./soulseek.ts";
import { soulseekObfuscated } from "./soulseek-obfuscated.ts";

export const TCP_RECOGNISERS: readonly Recogniser[] = [
  bittorrentHandshake,
  http,
  ed2k,
  soulseek,
  soulseekObfuscated,
  directconnect,
  gnutella,
  bittorrentMessages,
  bittorrentMse,
  ed2kObfuscated,
];

export const UDP_RECOGNISERS: readonly Recogniser[] = [
  bittorrentDht,
  bittorrentUdpTracker,
  bittorrentLocalDiscovery,
  bittorrentUtp,
  kad,
  ed2kUdp,
  gnutellaUdp,
  directconnectUdp,
  kadObfuscated,
];
