// Calls a device back on its port and says whether it answered. It must never become a tool for looking at others: it
// calls the address of the caller's own connection and nothing else, sends one knock that only the caller can have
// ordered, tells outcomes and never bytes, and is rare and bounded (decision 0014).

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { Reach, ReachCall, ReachOutcome } from "../../wire/api/v1/reach.ts";
import { isKnockAnswer, KNOCK_BYTES, knock } from "../../wire/reach/knock.ts";
import type { Clock } from "../../world/clock.ts";
import type { Net } from "../../world/net.ts";
import { Throttle, type ThrottleRate } from "../throttle.ts";

export type CallBackWorld = { readonly clock: Clock; readonly net: Net };

/** A few at once while somebody mends a firewall, then one in twenty seconds. */
const RATE: ThrottleRate = { burst: 6, perSecond: 1 / 20 };
const AT_ONCE_MAX = 16;
const ANSWER_MS_MAX = 4_000;
/** Datagrams get lost; the same knock again costs nothing. */
const UDP_KNOCKS_AT_MS = [0, 500, 1_500] as const;

export class CallBack {
  readonly #world: CallBackWorld;
  readonly #throttle = new Throttle(RATE);
  #running = 0;

  constructor(world: CallBackWorld) {
    this.#world = world;
  }

  /** `address` is that of the device's own connection. Failure codes: portal.calls_too_many. */
  async call(deviceId: string, address: string, { port, secret }: ReachCall): Promise<Result<Reach, Failure>> {
    const waitMs = this.#throttle.take(deviceId, this.#world.clock.monotonicMs());
    if (waitMs > 0) return err(failure("portal.calls_too_many", { seconds: Math.ceil(waitMs / 1000) }));
    if (this.#running >= AT_ONCE_MAX) return err(failure("portal.calls_too_many", { seconds: ANSWER_MS_MAX / 1000 }));
    const remote = { host: address, port };
    const key = Buffer.from(secret, "base64url");
    this.#running += 1;
    try {
      const [tcp, udp] = await Promise.all([this.#overTcp(remote, key), this.#overUdp(remote, key)]);
      return ok({ address, tcp, udp });
    } finally {
      this.#running -= 1;
    }
  }

  async #overTcp(remote: Endpoint, secret: Uint8Array): Promise<ReachOutcome> {
    const late = new AbortController();
    using _timer = this.#after(ANSWER_MS_MAX, () => late.abort());
    const dialled = await this.#world.net.dialTcp(remote, late.signal);
    if (!dialled.ok) return OUTCOMES[String(dialled.error.data["why"])] ?? "silent";
    const socket = dialled.value;
    return new Promise((resolve) => {
      const settle = (outcome: ReachOutcome): void => {
        resolve(outcome);
        socket.close("ended");
      };
      const answer = Buffer.alloc(KNOCK_BYTES);
      let count = 0;
      // Somebody took the call and then said nothing: not the device that ordered it.
      late.signal.addEventListener("abort", () => settle("stranger"));
      socket.start({
        onData(bytes) {
          answer.set(bytes.subarray(0, KNOCK_BYTES - count), count);
          count = Math.min(KNOCK_BYTES, count + bytes.length);
          if (count === KNOCK_BYTES) settle(isKnockAnswer(answer, secret, "tcp") ? "answered" : "stranger");
        },
        onDrain: () => undefined,
        // Whoever hangs up on a knock is not the device that ordered it.
        onClose: () => resolve("stranger"),
      });
      socket.write(knock(secret, "tcp"));
    });
  }

  async #overUdp(remote: Endpoint, secret: Uint8Array): Promise<ReachOutcome> {
    const { net } = this.#world;
    let settle: (outcome: ReachOutcome) => void = () => undefined;
    const outcome = new Promise<ReachOutcome>((resolve) => {
      settle = resolve;
    });
    const any = remote.host.includes(":") ? "::" : "0.0.0.0";
    const bound = await net.bindUdp(
      { host: any, port: 0 },
      {
        onMessage(bytes, from) {
          const isTheirs = from.host === remote.host && from.port === remote.port;
          if (isTheirs && isKnockAnswer(bytes, secret, "udp")) settle("answered");
        },
      },
    );
    if (!bound.ok) return "no-route";
    using timers = new DisposableStack();
    for (const atMs of UDP_KNOCKS_AT_MS) {
      timers.use(this.#after(atMs, () => bound.value.send(knock(secret, "udp"), remote)));
    }
    timers.use(this.#after(ANSWER_MS_MAX, () => settle("silent")));
    timers.defer(() => bound.value.close());
    return await outcome;
  }

  #after(ms: number, run: () => void): Disposable {
    const timer = this.#world.clock.after(ms, run);
    return { [Symbol.dispose]: () => timer.cancel() };
  }
}

/** What the world says of a failed dial. */
const OUTCOMES: Readonly<Record<string, ReachOutcome>> = {
  refused: "refused",
  reset: "refused",
  "no-route": "no-route",
  "not-permitted": "no-route",
  "timed-out": "silent",
};
