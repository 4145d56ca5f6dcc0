// The client's side of SOCKS 5 (RFC 1928) with name and password (RFC 1929), without I/O.

import { asBuffer } from "../../base/bytes.ts";
import type { Secret } from "../../base/secret.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import { decodeCompactEndpoint, encodeCompactEndpoint } from "../compact/endpoint.ts";

export type SocksCommand = "connect" | "associate";
export type SocksLogin = { readonly name: string; readonly password: Secret };

export type SocksRefusal =
  | "proxy-not-socks5"
  | "proxy-wants-other-login"
  | "proxy-login-wrong"
  | "proxy-refused"
  | "proxy-not-allowed"
  | "no-route"
  | "refused"
  | "timed-out";

export type SocksProgress =
  | { readonly at: "waiting"; readonly send: Uint8Array }
  /** `bound`: for `associate`, where datagrams go; `rest` came after the answer. */
  | { readonly at: "done"; readonly bound: Endpoint; readonly rest: Uint8Array }
  | { readonly at: "refused"; readonly why: SocksRefusal };

const VERSION = 5;
const LOGIN_VERSION = 1;
const METHOD_NONE = 0;
const METHOD_LOGIN = 2;
const COMMANDS: Readonly<Record<SocksCommand, number>> = { connect: 1, associate: 3 };
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 1: 4, 4: 16 };
const REFUSALS: Readonly<Record<number, SocksRefusal>> = {
  2: "proxy-not-allowed",
  3: "no-route",
  4: "no-route",
  5: "refused",
  6: "timed-out",
};
const NOTHING = new Uint8Array(0);

/** Type and address as SOCKS writes them; the host is a literal: names are resolved and checked before. */
export function encodeSocksAddress(endpoint: Endpoint): Uint8Array {
  const compact = encodeCompactEndpoint(endpoint);
  return Uint8Array.from([compact.length === 6 ? 1 : 4, ...compact]);
}

/** The address at the start of `bytes` and its length; undefined until it is whole, "foreign" for a host name. */
export function decodeSocksAddress(
  bytes: Uint8Array,
): { endpoint: Endpoint; lengthBytes: number } | "foreign" | undefined {
  const type = bytes[0];
  if (type === undefined) return undefined;
  const addressBytes = ADDRESS_BYTES[type];
  if (addressBytes === undefined) return "foreign";
  const lengthBytes = 1 + addressBytes + 2;
  if (bytes.length < lengthBytes) return undefined;
  const endpoint = decodeCompactEndpoint(bytes.subarray(1, lengthBytes));
  return endpoint === undefined ? "foreign" : { endpoint, lengthBytes };
}

export class SocksHandshake {
  readonly #command: SocksCommand;
  readonly #target: Endpoint;
  readonly #login: SocksLogin | undefined;
  #received = Buffer.alloc(0);
  #at: "method" | "login" | "answer" = "method";

  constructor(command: SocksCommand, target: Endpoint, login: SocksLogin | undefined) {
    this.#command = command;
    this.#target = target;
    this.#login = login;
  }

  start(): Uint8Array {
    return Uint8Array.from(
      this.#login === undefined ? [VERSION, 1, METHOD_NONE] : [VERSION, 2, METHOD_NONE, METHOD_LOGIN],
    );
  }

  receive(chunk: Uint8Array): SocksProgress {
    this.#received = Buffer.concat([this.#received, chunk]);
    switch (this.#at) {
      case "method":
        return this.#takeMethod();
      case "login":
        return this.#takeLogin();
      case "answer":
        return this.#takeAnswer();
    }
  }

  #takeMethod(): SocksProgress {
    const [version, method] = this.#received;
    if (version === undefined || method === undefined) return { at: "waiting", send: NOTHING };
    if (version !== VERSION) return { at: "refused", why: "proxy-not-socks5" };
    this.#received = this.#received.subarray(2);
    if (method === METHOD_NONE) return this.#request();
    if (method !== METHOD_LOGIN || this.#login === undefined) return { at: "refused", why: "proxy-wants-other-login" };
    this.#at = "login";
    const name = Buffer.from(this.#login.name).subarray(0, 255);
    const password = Buffer.from(this.#login.password.reveal()).subarray(0, 255);
    const send = Buffer.concat([Buffer.of(LOGIN_VERSION, name.length), name, Buffer.of(password.length), password]);
    return { at: "waiting", send };
  }

  #takeLogin(): SocksProgress {
    const [version, status] = this.#received;
    if (version === undefined || status === undefined) return { at: "waiting", send: NOTHING };
    if (status !== 0) return { at: "refused", why: "proxy-login-wrong" };
    this.#received = this.#received.subarray(2);
    return this.#request();
  }

  #request(): SocksProgress {
    this.#at = "answer";
    const head = Uint8Array.from([VERSION, COMMANDS[this.#command], 0]);
    return { at: "waiting", send: Buffer.concat([head, encodeSocksAddress(this.#target)]) };
  }

  #takeAnswer(): SocksProgress {
    const received = this.#received;
    const status = received[1];
    if (received.length < 4 || status === undefined) return { at: "waiting", send: NOTHING };
    if (received[0] !== VERSION) return { at: "refused", why: "proxy-not-socks5" };
    if (status !== 0) return { at: "refused", why: REFUSALS[status] ?? "proxy-refused" };
    const address = decodeSocksAddress(received.subarray(3));
    if (address === undefined) return { at: "waiting", send: NOTHING };
    if (address === "foreign") return { at: "refused", why: "proxy-refused" };
    return { at: "done", bound: address.endpoint, rest: received.subarray(3 + address.lengthBytes) };
  }
}

const DATAGRAM_HEAD_BYTES = 3;

/** RFC 1928, section 7: what goes to the relay in front of each datagram. */
export function wrapSocksDatagram(bytes: Uint8Array, to: Endpoint): Uint8Array {
  return Buffer.concat([Buffer.alloc(DATAGRAM_HEAD_BYTES), encodeSocksAddress(to), bytes]);
}

/** undefined for fragments, host names and noise. */
export function unwrapSocksDatagram(
  datagram: Uint8Array,
): { readonly bytes: Uint8Array; readonly from: Endpoint } | undefined {
  if (datagram.length < DATAGRAM_HEAD_BYTES || asBuffer(datagram).readUIntBE(0, DATAGRAM_HEAD_BYTES) !== 0)
    return undefined;
  const address = decodeSocksAddress(datagram.subarray(DATAGRAM_HEAD_BYTES));
  if (address === undefined || address === "foreign") return undefined;
  return { bytes: datagram.subarray(DATAGRAM_HEAD_BYTES + address.lengthBytes), from: address.endpoint };
}
