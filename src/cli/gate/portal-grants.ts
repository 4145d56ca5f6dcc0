// Grants by the portal's push: it says that something changed, and the gate fetches what holds now. A portal that is away
// opens nothing new; what is open ends with its grant, or when the list of revocations is too old.

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { GrantBook, type GrantFeed, type HeldGrants } from "../../gate/enforce/grant-book.ts";
import type { SealingKey } from "../../wire/api/sealed-token.ts";
import { ROUTES } from "../../wire/api/v1/routes.ts";
import type { Clock, Timer } from "../../world/clock.ts";
import { PortalClient, type PortalOptions } from "../portal-client.ts";
import { readSessions, type StoredSession } from "../session-file.ts";

/** The signed list of revocations is fetched anew in time, whether something changed or not. */
const FETCH_EVERY_MS = 15_000;
const LISTEN_AGAIN_MS = 1000;
const PAGE_ROWS = "100";
const GRANTS_MAX = 100_000;

export function openPortalGrants(options: PortalOptions, root: SealingKey, clock: Clock): Result<GrantFeed, Failure> {
  const wanted = options.portal?.replace(/\/+$/, "");
  const session = readSessions(options.data).find((one) => one.portal === wanted);
  if (session === undefined || session.expiresAtMs <= clock.wallMs()) return err(failure("portal.sign_in_needed"));
  return ok(new PortalGrants(session, root, clock));
}

class PortalGrants implements GrantFeed {
  readonly #session: StoredSession;
  readonly #client: PortalClient;
  readonly #book: GrantBook;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  /** Tokens by grant: a grant never changes, it only ends. */
  readonly #tokens = new Map<string, string>();
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

  close(): void {
    this.#closing.abort();
    this.#again?.cancel();
  }

  async #fetch(nowMs: number): Promise<Result<HeldGrants, Failure>> {
    const ids = await this.#activeIds();
    if (!ids.ok) return ids;
    const tokens: string[] = [];
    for (const id of ids.value) {
      const known = this.#tokens.get(id);
      if (known !== undefined) tokens.push(known);
      else {
        const shown = await this.#client.call(ROUTES.showGrant, { id });
        if (!shown.ok) return shown;
        this.#tokens.set(id, shown.value.jws);
        tokens.push(shown.value.jws);
      }
    }
    for (const id of this.#tokens.keys()) if (!ids.value.has(id)) this.#tokens.delete(id);
    const list = await this.#client.call(ROUTES.revocations);
    if (!list.ok) return list;
    return ok(await this.#book.take(tokens, list.value.jws, nowMs));
  }

  async #activeIds(): Promise<Result<ReadonlySet<string>, Failure>> {
    const ids = new Set<string>();
    let cursor: string | undefined;
    do {
      const query = { scope: "all", state: "active", limit: PAGE_ROWS, cursor };
      const page = await this.#client.call(ROUTES.listGrants, { query });
      if (!page.ok) return page;
      for (const grant of page.value.grants) ids.add(grant.id);
      cursor = page.value.nextCursor ?? undefined;
    } while (cursor !== undefined && ids.size < GRANTS_MAX);
    return ok(ids);
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
