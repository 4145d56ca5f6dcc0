// What is said to a peer beside pieces: the extended handshake, metadata, hashes, and the messages of extensions.

import { printableName } from "../../wire/peer/client-name.ts";
import { DONT_HAVE_NAME } from "../../wire/peer/dont-have-message.ts";
import {
  addHandshake,
  decodeExtendedHandshake,
  EXTENDED_HANDSHAKE_ID,
  encodeExtendedHandshake,
} from "../../wire/peer/extended-handshake.ts";
import {
  decodeMetadataMessage,
  encodeMetadataMessage,
  METADATA_PIECE_BYTES,
  type MetadataMessage,
} from "../../wire/peer/metadata-message.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import type { HashTableLink, SwarmView } from "../discovery/source.ts";
import type { ExtensionHook } from "../extension.ts";
import { hearLost } from "../peer/dont-have.ts";
import { type HashMessage, type PeerSession, REQUESTS_IN_MAX } from "../peer/session-host.ts";
import { hearUploadOnly, tellUploadOnly, UPLOAD_ONLY_NAME } from "../peer/upload-only.ts";
import { Extensions } from "./extensions.ts";
import type { HashExchange } from "./hash-exchange.ts";
import { MetadataFetch } from "./metadata-fetch.ts";
import { NodeTelling } from "./node-telling.ts";

const UT_METADATA = "ut_metadata";
const UT_METADATA_ID = 1;
const DONT_HAVE_ID = 2;
const UPLOAD_ONLY_ID = 3;
/** Ours alone, and no message has it: it says that requests may be refused (decision 0023). */
const REFUSALS_NAME = "sg_refusals";
const REFUSALS_ID = 4;
const FIRST_HOOK_ID = 5;
const CLIENT = "Swarmgate 0.1";
/** A peer that asks for the metadata again and again is not served again and again. */
const METADATA_SERVINGS_MAX = 3;

export type ConversationOptions = {
  readonly view: SwarmView;
  readonly hooks: readonly ExtensionHook[];
  readonly hashTable: HashTableLink | undefined;
  readonly closedSwarm: boolean;
  readonly nowMs: () => MonotonicMs;
  /** The raw info dictionary, once it is known. */
  readonly infoBytes: () => Uint8Array | undefined;
  readonly isUploadOnly: () => boolean;
  readonly hashExchange: () => HashExchange | undefined;
  /** A dictionary from a peer; false when the magnet names another. */
  readonly offerMetadata: (bytes: Uint8Array) => boolean;
  readonly saidOurAddress: (address: string, voter: string) => void;
  /** The peer is proven to lie. */
  readonly forged: (session: PeerSession, why: string) => void;
};

export class Conversation {
  readonly metadata: MetadataFetch;
  readonly extensions: Extensions;
  /** Our node of the hash table, as peers hear of it. */
  readonly node: NodeTelling;
  readonly #options: ConversationOptions;
  readonly #served = new WeakMap<PeerSession, number>();

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.metadata = new MetadataFetch({
      ask: (session, piece) => this.#sendMetadata(session, { type: "request", piece }),
      offer: options.offerMetadata,
      forged: (session) => options.forged(session, "metadata-forged"),
    });
    this.node = new NodeTelling(options.hashTable, options.view);
    this.extensions = new Extensions(options.hooks, options.view, FIRST_HOOK_ID);
  }

  greet(session: PeerSession): void {
    this.node.tell(session);
    if (!session.extended) return;
    const port = this.#options.view.listenPort();
    const ids = new Map<string, number>([
      [UT_METADATA, UT_METADATA_ID],
      [DONT_HAVE_NAME, DONT_HAVE_ID],
      [UPLOAD_ONLY_NAME, UPLOAD_ONLY_ID],
      ...(this.#options.closedSwarm ? [[REFUSALS_NAME, REFUSALS_ID] as const] : []),
      ...this.extensions.ids(),
    ]);
    const payload = encodeExtendedHandshake({
      ids,
      client: CLIENT,
      port: port === 0 ? undefined : port,
      requestsMax: REQUESTS_IN_MAX,
      metadataBytes: this.#options.infoBytes()?.length,
      uploadOnly: this.#options.isUploadOnly(),
      yourAddress: session.stream.remote.host,
    });
    session.out.message({ type: "extended", extendedId: EXTENDED_HANDSHAKE_ID, payload });
  }

  /** BEP 21, or the metadata's size for those who wait for it: said again when it changes. */
  greetAgain(sessions: Iterable<PeerSession>): void {
    for (const session of sessions) {
      this.greet(session);
      // libtorrent takes "upload only" back by a message of its own alone.
      tellUploadOnly(session, this.#options.isUploadOnly());
    }
  }

  extended(session: PeerSession, extendedId: number, payload: Uint8Array): string | undefined {
    if (extendedId === EXTENDED_HANDSHAKE_ID) return this.#handshake(session, payload);
    if (extendedId === UT_METADATA_ID) return this.#metadata(session, payload);
    if (extendedId === UPLOAD_ONLY_ID) return hearUploadOnly(session, payload);
    if (extendedId === DONT_HAVE_ID) return hearLost(session, extendedId, payload);
    return this.extensions.message(session, extendedId, payload);
  }

  #handshake(session: PeerSession, payload: Uint8Array): string | undefined {
    const decoded = decodeExtendedHandshake(payload);
    if (!decoded.ok) return decoded.error;
    const theirs = addHandshake(session.theirHandshake, decoded.value);
    session.theirHandshake = theirs;
    if (theirs.client !== undefined && theirs.client !== "") session.client = printableName(theirs.client);
    if (theirs.requestsMax !== undefined) session.window.setRequestsMax(theirs.requestsMax);
    session.uploadOnly = theirs.uploadOnly ?? false;
    session.takesRefusals = this.#options.closedSwarm && session.fast && (theirs.ids.get(REFUSALS_NAME) ?? 0) > 0;
    if (theirs.yourAddress !== undefined) this.#options.saidOurAddress(theirs.yourAddress, session.stream.remote.host);
    if (this.#options.infoBytes() === undefined && (theirs.ids.get(UT_METADATA) ?? 0) > 0) {
      this.metadata.peerReady(session, theirs.metadataBytes, this.#options.nowMs());
    }
    this.extensions.handshake(session, theirs);
    return undefined;
  }

  #metadata(session: PeerSession, payload: Uint8Array): string | undefined {
    const decoded = decodeMetadataMessage(payload);
    if (!decoded.ok) return decoded.error;
    const message = decoded.value;
    if (message === undefined) return undefined;
    if (message.type !== "request") return this.metadata.received(session, message, this.#options.nowMs());
    const bytes = this.#options.infoBytes();
    const begin = message.piece * METADATA_PIECE_BYTES;
    const served = this.#served.get(session) ?? 0;
    const servedMax = METADATA_SERVINGS_MAX * Math.ceil((bytes?.length ?? 0) / METADATA_PIECE_BYTES);
    if (bytes === undefined || begin >= bytes.length || served >= servedMax) {
      this.#sendMetadata(session, { type: "reject", piece: message.piece });
      return undefined;
    }
    this.#served.set(session, served + 1);
    const data = bytes.subarray(begin, begin + METADATA_PIECE_BYTES);
    this.#sendMetadata(session, { type: "data", piece: message.piece, totalBytes: bytes.length, data });
    return undefined;
  }

  #sendMetadata(session: PeerSession, message: MetadataMessage): void {
    const extendedId = session.theirHandshake?.ids.get(UT_METADATA) ?? 0;
    if (extendedId === 0) return;
    session.out.message({ type: "extended", extendedId, payload: encodeMetadataMessage(message) });
  }

  hashes(session: PeerSession, message: HashMessage): string | undefined {
    // libtorrent asks on the v1 connections of a hybrid torrent too: the handshake's v2 bit is enough for it.
    const exchange = this.#options.hashExchange();
    // Without a v2 half there is nothing to ask; before the metadata is here that cannot be told.
    if (exchange === undefined) return this.#options.infoBytes() === undefined ? undefined : "hashes-not-agreed";
    return exchange.heard(session, message);
  }

  left(session: PeerSession): void {
    this.metadata.peerGone(session, this.#options.nowMs());
    this.#options.hashExchange()?.peerGone(session);
    this.extensions.left(session);
    this.node.left(session);
  }
}
