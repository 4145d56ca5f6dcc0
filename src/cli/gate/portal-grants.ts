// Grants by the portal's push: it says that something changed, and the gate fetches what holds now. A portal that is away
// opens nothing new; what is open ends with its grant, or when the list of revocations is too old.

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { GrantBook, type GrantFeed, type HeldGrants } from "../../gate/enforce/grant-book.ts";
import type { SealingKey } from "../../wire/api/sealed-token.ts";
import type { GateBlock } from "../../wire/api/v1/gate.ts";
import { ROUTES } from "../../wire/api/v1/routes.ts";
import type { Clock, Timer } from "../../world/clock.ts";
import { PortalClient, type PortalOptions } from "../portal-client.ts";
import { readSessions, type StoredSession } from "../session-file.ts";

/** The signed list of revocations is fetched anew in time, whether something changed or not. */
const FETCH_EVERY_MS = 15_000;
const LISTEN_AGAIN_MS = 1000;

/** The portal as a gate needs it: it gives grants, and takes whom the gate blocks. */
export interface PortalFeed extends GrantFeed {
  tellBlocks(gate: string, blocks: readonly GateBlock[]): Promise<Result<unknown, Failure>>;
}

export function openPortalGrants(options: PortalOptions, root: SealingKey, clock: Clock): Result<PortalFeed, Failure> {
  const wanted = options.portal?.replace(/\/+$/, "");
  const session = readSessions(options.data).find((one) => one.portal === wanted);
  if (session === undefined || session.expiresAtMs <= clock.wallMs()) return err(failure("portal.sign_in_needed"));
  return ok(new PortalGrants(session, root, clock));
}

class PortalGrants implements PortalFeed {
  readonly #session: StoredSession;
  readonly #client: PortalClient;
  readonly #book: GrantBook;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #fetchedMs = Number.NEGATIVE_INFINITY;
  #hasNews = true;
  #again: Timer | undefined;

  constructor(session: StoredSession, root: SealingKey, clock: Clock) {
    this.#session = session;
    this.#client = new PortalClient(session.portal, session.token);
    this.#book = new GrantBook(root);
    this.#clock = clock;
    void this.#listen();
  }

  async read(nowMs: number): Promise<Result<HeldGrants, Failure>> {
    const isOld = this.#clock.monotonicMs() - this.#fetchedMs > FETCH_EVERY_MS;
    if (!this.#hasNews && !isOld) return ok(this.#book.held);
    // News that come while the answer is on its way are fetched next time.
    this.#hasNews = false;
    const fetched = await this.#fetch(nowMs);
    if (fetched.ok) this.#fetchedMs = this.#clock.monotonicMs();
    else this.#hasNews = true;
    return fetched;
  }

  tellBlocks(gate: string, blocks: readonly GateBlock[]): Promise<Result<unknown, Failure>> {
    return this.#client.call(ROUTES.reportBlocks, { body: { gate, blocks } });
  }

  close(): void {
    this.#closing.abort();
    this.#again?.cancel();
  }

  async #fetch(nowMs: number): Promise<Result<HeldGrants, Failure>> {
    const reply = await this.#client.call(ROUTES.gateGrants);
    if (!reply.ok) return reply;
    const tokens = reply.value.grants.map((grant) => grant.jws);
    return ok(await this.#book.take(tokens, reply.value.revocations, nowMs));
  }

  async #listen(): Promise<void> {
    try {
      const response = await fetch(`${this.#session.portal}/api/v1/events`, {
        headers: { authorization: `Bearer ${this.#session.token}`, accept: "text/event-stream", "x-swarmgate": "1" },
        signal: this.#closing.signal,
        redirect: "error",
      });
      const decoder = new TextDecoder();
      for await (const chunk of response.ok ? (response.body ?? []) : []) {
        // What changed is fetched and verified, never taken from the event: any of these is news.
        if (/^event: (grant|revocations|resync)$/m.test(decoder.decode(chunk, { stream: true }))) this.#hasNews = true;
      }
    } catch {
      // The portal is away; `read` says so, and listening begins again.
    }
    if (this.#closing.signal.aborted) return;
    this.#hasNews = true;
    this.#again = this.#clock.after(LISTEN_AGAIN_MS, () => void this.#listen());
  }
}
