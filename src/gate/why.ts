// Every reason that the gate can give for what it says of a flow: a stable code, the application, how sure it makes us,
// and the sentence that a person reads. The evidence stands in the code; no port is ever evidence.

import { assert } from "../base/assert.ts";

export type Application = "bittorrent" | "emule" | "soulseek" | "directconnect" | "gnutella";
export const APPLICATIONS: readonly Application[] = ["bittorrent", "emule", "soulseek", "directconnect", "gnutella"];

/** `confidence` from 0 to 1; a reason without an application never blocks anything. */
export type Why = {
  readonly application: Application | undefined;
  readonly confidence: number;
  readonly sentence: string;
  /** What the flow may be as well: a grant for either opens it. */
  readonly orElse?: Application;
};

export const WHY = {
  "flow.undecided": w(undefined, 0, "Nothing in the flow so far tells what it is."),
  "flow.ordinary": w(undefined, 1, "No peer-to-peer protocol fits what was said in this flow."),
  "flow.crowded_out": w(undefined, 0, "Too many flows were undecided at one time; this one was given up."),
  "flow.silent": w(undefined, 0, "The flow carried no payload."),
  "bt.web_seed_hint": w(undefined, 0.3, "An HTTP download by a BitTorrent client's user agent: a hint, not a verdict."),
  "bt.handshake": w("bittorrent", 1, "The BitTorrent handshake begins a direction of the flow."),
  "bt.handshake_inside": w("bittorrent", 0.99, "The BitTorrent handshake follows other bytes in the flow."),
  "bt.messages": w("bittorrent", 0.97, "Messages of the peer protocol follow one another, picked up in mid-stream."),
  "bt.mse": w("bittorrent", 0.9, "Two random keys with padding, then a negotiation of the lengths that MSE has."),
  "bt.mse_or_ed2k": {
    ...w("bittorrent", 0.6, "Random bytes with the lengths of MSE, which eMules that know each other have too."),
    orElse: "emule",
  },
  "bt.utp_handshake": w("bittorrent", 1, "A uTP packet carries the BitTorrent handshake."),
  "bt.utp_open": w("bittorrent", 0.95, "A packet that is exactly the opening of a uTP connection."),
  "bt.utp_both": w("bittorrent", 0.97, "uTP headers of both directions agree in identifiers and sequence numbers."),
  "bt.utp_one_way": w("bittorrent", 0.93, "uTP headers of one direction agree with each other and with the clock."),
  "bt.dht_query": w("bittorrent", 1, "A query of the BitTorrent DHT."),
  "bt.dht_answer": w("bittorrent", 1, "An answer of the BitTorrent DHT."),
  "bt.dht_error": w("bittorrent", 0.95, "An error message of the BitTorrent DHT."),
  "bt.tracker_udp": w("bittorrent", 1, "A connect request to a UDP tracker, with its fixed number."),
  "bt.tracker_udp_pair": w("bittorrent", 0.98, "A UDP tracker's answer repeats action and transaction of the request."),
  "bt.tracker_http": w("bittorrent", 1, "An HTTP request to a tracker with a 20-byte info_hash."),
  "bt.local_discovery": w("bittorrent", 1, "A local service discovery message (BT-SEARCH)."),
  "emule.hello": w("emule", 1, "An eD2k hello with user hash and tags."),
  "emule.messages": w("emule", 0.98, "Several eD2k messages with known codes and exact lengths follow one another."),
  "emule.part": w("emule", 0.97, "A block of a shared file with its hash and exact range."),
  "emule.obfuscated": w("emule", 0.85, "Random bytes whose lengths are those of an obfuscated eD2k session."),
  "emule.obfuscated_server": w(
    "emule",
    0.85,
    "The key exchange of an obfuscated eD2k server connection, by its lengths.",
  ),
  "emule.udp_pair": w("emule", 0.97, "An eD2k datagram and the answer that belongs to it."),
  "kad.message": w("emule", 0.98, "A Kad message with a known code and the exact length of its contents."),
  "kad.request_alone": w("emule", 0.9, "A Kad bootstrap or ping, the whole datagram of two bytes."),
  "kad.pair": w("emule", 0.99, "A Kad request and the answer that belongs to it."),
  "kad.obfuscated": w("emule", 0.85, "Random datagrams with the lengths and marks of obfuscated Kad pairs."),
  "kad.deciphered": w(
    "emule",
    0.99,
    "A datagram that deciphers as Kad's by the id that its receiver told in clear before: knowledge of the host.",
  ),
  "slsk.login": w("soulseek", 1, "A Soulseek login with user name and the digest of name and password."),
  "slsk.peer_init": w("soulseek", 1, "A Soulseek peer introduces itself by name and connection type."),
  "slsk.pierce": w("soulseek", 0.95, "A Soulseek firewall pierce, and what follows it."),
  "slsk.pierce_alone": w("soulseek", 0.75, "Nothing but the nine bytes of a Soulseek firewall pierce."),
  "slsk.obfuscated_init": w("soulseek", 1, "A Soulseek peer introduction under the rotating key."),
  "slsk.obfuscated_pierce": w("soulseek", 0.99, "A Soulseek firewall pierce under the rotating key."),
  "slsk.distributed": w("soulseek", 0.97, "Search requests of the Soulseek distributed network."),
  "dc.nmdc": w("directconnect", 1, "A Direct Connect (NMDC) lock, key or nick command."),
  "dc.nmdc_result": w("directconnect", 1, "A Direct Connect (NMDC) search result."),
  "dc.adc": w("directconnect", 1, "An ADC feature announcement."),
  "dc.adc_udp": w("directconnect", 1, "An ADC datagram with the sender's client id."),
  "gnutella.handshake": w("gnutella", 1, "The Gnutella handshake."),
  "gnutella.transfer": w("gnutella", 0.98, "A Gnutella file transfer over HTTP."),
  "gnutella.message": w("gnutella", 0.97, "A Gnutella message whose length and kind fit its datagram."),
  "gnutella.g2": w("gnutella", 0.98, "A Gnutella2 datagram."),
} as const satisfies Record<string, Why>;

export type WhyCode = keyof typeof WHY;

const CODES = Object.keys(WHY) as WhyCode[];
const NUMBERS: ReadonlyMap<WhyCode, number> = new Map(CODES.map((code, index) => [code, index]));

/** The small number under which the flow table keeps a reason; `flow.undecided` is zero. */
export function whyNumber(code: WhyCode): number {
  const number = NUMBERS.get(code);
  assert(number !== undefined, `unknown reason ${code}`);
  return number;
}

export function whyCode(number: number): WhyCode {
  const code = CODES[number];
  assert(code !== undefined, `unknown reason number ${number}`);
  return code;
}

export function whyOf(code: WhyCode): Why {
  return WHY[code];
}

function w(application: Application | undefined, confidence: number, sentence: string): Why {
  return { application, confidence, sentence };
}
