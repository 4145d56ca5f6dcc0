// Where the portal's knock is heard: in front of the sockets on which the engine listens. Outside of a check the sockets
// are the engine's own and nothing stands in between; during one, whatever is no knock passes on unchanged.

import type { Failure } from "../../base/failure.ts";
import type { Result } from "../../base/result.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import { isKnock, KNOCK_BYTES, knockAnswer, mayBeKnock } from "../../wire/reach/knock.ts";
import type { Net, TcpHandlers, TcpSocket, UdpHandlers, UdpSocket } from "../../world/net.ts";

export class KnockDoor {
  #secret: Uint8Array | undefined;

  /** Answers knocks with this secret until disposed. One check runs at a time; a later one takes its place. */
  expect(secret: Uint8Array): Disposable {
    this.#secret = secret;
    return {
      [Symbol.dispose]: () => {
        if (this.#secret === secret) this.#secret = undefined;
      },
    };
  }

  /** The same sockets, with the door in front of those that listen. */
  before(net: Net): Net {
    return {
      dialTcp: (remote, signal) => net.dialTcp(remote, signal),
      listenTcp: (at, mayAccept, accept) =>
        net.listenTcp(at, mayAccept, (socket) => {
          const secret = this.#secret;
          accept(secret === undefined ? socket : new HeardSocket(socket, secret));
        }),
      bindUdp: (at, handlers, options) => this.#bindUdp(net, at, handlers, options),
    };
  }

  async #bindUdp(
    net: Net,
    at: Endpoint,
    handlers: UdpHandlers,
    options: { reuse?: boolean } | undefined,
  ): Promise<Result<UdpSocket, Failure>> {
    let socket: UdpSocket | undefined;
    const bound = await net.bindUdp(
      at,
      {
        onMessage: (bytes, from) => {
          const secret = this.#secret;
          if (secret === undefined || !isKnock(bytes, secret, "udp")) handlers.onMessage(bytes, from);
          else socket?.send(knockAnswer(secret, "udp"), from);
        },
      },
      options,
    );
    if (bound.ok) socket = bound.value;
    return bound;
  }
}

/** An accepted connection whose first bytes may be a knock; once they are not, every byte goes to the engine. */
class HeardSocket implements TcpSocket {
  readonly #socket: TcpSocket;
  readonly #secret: Uint8Array;
  #start: Buffer | undefined = Buffer.alloc(0);

  constructor(socket: TcpSocket, secret: Uint8Array) {
    this.#socket = socket;
    this.#secret = secret;
  }

  get remote(): Endpoint {
    return this.#socket.remote;
  }

  get unsentBytes(): number {
    return this.#socket.unsentBytes;
  }

  start(handlers: TcpHandlers): void {
    this.#socket.start({
      onData: (bytes) => {
        if (this.#start === undefined) handlers.onData(bytes);
        else this.#hear(bytes, handlers);
      },
      onDrain: () => handlers.onDrain(),
      onClose: (why) => handlers.onClose(why),
    });
  }

  write(bytes: Uint8Array, flushed?: () => void): void {
    this.#socket.write(bytes, flushed);
  }

  setReading(reading: boolean): void {
    this.#socket.setReading(reading);
  }

  close(why: string): void {
    this.#socket.close(why);
  }

  #hear(bytes: Uint8Array, handlers: TcpHandlers): void {
    const start = Buffer.concat([this.#start ?? Buffer.alloc(0), bytes]);
    if (mayBeKnock(start) && start.length < KNOCK_BYTES) {
      this.#start = start;
      return;
    }
    this.#start = undefined;
    if (!isKnock(start, this.#secret, "tcp")) {
      handlers.onData(start);
      return;
    }
    this.#socket.write(knockAnswer(this.#secret, "tcp"), () => this.#socket.close("ended"));
  }
}
