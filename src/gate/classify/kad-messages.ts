// The messages of Kad, eMule's DHT: for each code what its length may be, and which answer belongs to it. Codes and
// layouts from eMule's Kademlia sources.

export const KAD = 0xe4;
export const KAD_PACKED = 0xe5;
/** Protocol byte and code. */
const HEADER = 2;
const ID = 16;
const CONTACT = 25;
const CONTACTS_MAX = 64;

export const KAD_CODE = {
  bootstrap: 0x01,
  bootstrapAnswer: 0x09,
  hello: 0x11,
  helloAnswer: 0x19,
  helloConfirm: 0x22,
  search: 0x21,
  searchAnswer: 0x29,
  results: 0x3b,
  publishKeys: 0x43,
  publishSource: 0x44,
  publishNotes: 0x45,
  ping: 0x60,
  pong: 0x61,
} as const;

export type KadMessage = {
  /** Whether a datagram of `bytes` bytes can be this message. */
  readonly fits: (bytes: number) => boolean;
  /** The code of the answer; undefined for answers and notices. */
  readonly answer?: number;
  /** Exact and long enough to be known without its answer. */
  readonly telling?: boolean;
  /** Nothing but protocol and code: a request that nobody answered is all that there is of some flows. */
  readonly short?: boolean;
};

const exactly =
  (...sizes: readonly number[]) =>
  (bytes: number): boolean =>
    sizes.includes(bytes);
const atLeast =
  (least: number) =>
  (bytes: number): boolean =>
    bytes >= least;
const contacts =
  (fixed: number) =>
  (bytes: number): boolean =>
    bytes >= fixed && (bytes - fixed) % CONTACT === 0 && (bytes - fixed) / CONTACT <= CONTACTS_MAX;

const KAD1_DETAILS = ID + 4 + 2 + 2 + 1;

export const KAD_MESSAGES: ReadonlyMap<number, KadMessage> = new Map<number, KadMessage>([
  [0x00, { fits: exactly(HEADER + KAD1_DETAILS), answer: 0x08 }],
  [0x08, { fits: contacts(HEADER + 2) }],
  [0x10, { fits: exactly(HEADER + KAD1_DETAILS), answer: 0x18 }],
  [0x18, { fits: exactly(HEADER + KAD1_DETAILS) }],
  [0x20, { fits: exactly(HEADER + 1 + 2 * ID), answer: 0x28, telling: true }],
  [0x28, { fits: contacts(HEADER + ID + 1) }],
  [KAD_CODE.bootstrap, { fits: exactly(HEADER), answer: KAD_CODE.bootstrapAnswer, short: true }],
  [KAD_CODE.bootstrapAnswer, { fits: contacts(HEADER + ID + 2 + 1 + 2), telling: true }],
  [KAD_CODE.hello, { fits: atLeast(HEADER + ID + 2 + 1 + 1), answer: KAD_CODE.helloAnswer, telling: true }],
  [KAD_CODE.helloAnswer, { fits: atLeast(HEADER + ID + 2 + 1 + 1), telling: true }],
  [KAD_CODE.helloConfirm, { fits: exactly(HEADER + ID + 1) }],
  [KAD_CODE.search, { fits: exactly(HEADER + 1 + 2 * ID), answer: KAD_CODE.searchAnswer, telling: true }],
  [KAD_CODE.searchAnswer, { fits: contacts(HEADER + ID + 1), telling: true }],
  [0x33, { fits: atLeast(HEADER + ID + 2), answer: KAD_CODE.results }],
  [0x34, { fits: exactly(HEADER + ID + 2 + 8), answer: KAD_CODE.results }],
  [0x35, { fits: exactly(HEADER + ID + 8), answer: KAD_CODE.results }],
  [KAD_CODE.results, { fits: atLeast(HEADER + 2 * ID + 2) }],
  [KAD_CODE.publishKeys, { fits: atLeast(HEADER + ID + 2), answer: 0x4b }],
  [KAD_CODE.publishSource, { fits: atLeast(HEADER + 2 * ID + 1), answer: 0x4b }],
  [KAD_CODE.publishNotes, { fits: atLeast(HEADER + 2 * ID + 1), answer: 0x4b }],
  [0x4b, { fits: exactly(HEADER + ID + 1, HEADER + ID + 2) }],
  [0x4c, { fits: exactly(HEADER) }],
  [0x50, { fits: exactly(HEADER + 2), answer: 0x58 }],
  [0x51, { fits: exactly(HEADER + 2 * ID + 2), answer: 0x5a }],
  [0x52, { fits: exactly(HEADER + 2 * ID + 2) }],
  [0x53, { fits: exactly(HEADER + 2 + ID + 1), answer: 0x58 }],
  [0x58, { fits: exactly(HEADER + 4) }],
  [0x59, { fits: exactly(HEADER) }],
  [0x5a, { fits: atLeast(HEADER + 2 * ID + 2) }],
  [KAD_CODE.ping, { fits: exactly(HEADER), answer: KAD_CODE.pong, short: true }],
  [KAD_CODE.pong, { fits: exactly(HEADER + 2) }],
  [0x62, { fits: exactly(HEADER + 3) }],
]);
