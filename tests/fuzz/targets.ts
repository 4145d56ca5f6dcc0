// Every target, by name.

import type { FuzzTarget } from "./target.ts";
import { CAPTURE } from "./targets/capture.ts";
import { DHT, HTTP_TRACKER, UDP_TRACKER } from "./targets/discovery.ts";
import { GATE_CAPTURE, GATE_FRAMES, GATE_TALK } from "./targets/gate.ts";
import { HASH_MESSAGES } from "./targets/hash-messages.ts";
import { BENCODE, IP_LIST, MAGNET, TORRENT } from "./targets/metainfo.ts";
import { DONT_HAVE, EXTENDED, HANDSHAKE, HOLEPUNCH, METADATA, PEER_WIRE, PEX } from "./targets/peer-wire.ts";
import { ANNOUNCE, GRANT_TOKEN, SETTINGS } from "./targets/portal.ts";
import { PEER_SESSION } from "./targets/session.ts";
import { JOURNAL, RESUME_RECORD } from "./targets/storage.ts";
import { LSD, MSE_ACCEPTOR, MSE_INITIATOR, SOCKS, UTP_PACKET, UTP_SOCKET } from "./targets/transports.ts";

export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  BENCODE,
  TORRENT,
  MAGNET,
  IP_LIST,
  PEER_WIRE,
  PEER_SESSION,
  HASH_MESSAGES,
  HANDSHAKE,
  EXTENDED,
  METADATA,
  PEX,
  HOLEPUNCH,
  DONT_HAVE,
  UTP_PACKET,
  UTP_SOCKET,
  MSE_ACCEPTOR,
  MSE_INITIATOR,
  HTTP_TRACKER,
  UDP_TRACKER,
  DHT,
  LSD,
  SOCKS,
  GATE_CAPTURE,
  GATE_FRAMES,
  GATE_TALK,
  GRANT_TOKEN,
  ANNOUNCE,
  SETTINGS,
  RESUME_RECORD,
  JOURNAL,
  CAPTURE,
];
