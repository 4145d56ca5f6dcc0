// Asking for content: which grant or request covers it already, and if none does, a new request at the portal.

import { type Failure, failure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { PolicyText } from "../wire/api/v1/policy.ts";
import { type NewRequest, Preview, RequestDetail, RequestPage } from "../wire/api/v1/request.ts";
import { TORRENT_MEDIA_TYPE, Torrent } from "../wire/api/v1/torrent.ts";
import type { Asked, GetCall, WaitingRequest } from "../wire/local/transfer.ts";
import type { Entropy } from "../world/entropy.ts";
import type { NodeCore } from "./core.ts";
import type { PortalClient } from "./portal/client.ts";
import type { PortalLink } from "./portal/link.ts";
import type { Enrolment } from "./store/facts.ts";
import { hashesOf, infoHashOf, nameOf, sourceOf } from "./transfer/content.ts";
import type { Transfers } from "./transfer/transfers.ts";

export type AskingParts = {
  readonly core: NodeCore;
  readonly client: PortalClient;
  readonly link: PortalLink;
  readonly transfers: Transfers;
  readonly enrolment: Enrolment;
  readonly entropy: Entropy;
};

/** The newest; the portal's own page has all. */
const WAITING_MAX = 200;

type Content = { readonly torrent: Uint8Array | undefined; readonly magnet: string | undefined };

export class Asking {
  readonly #parts: AskingParts;

  constructor(parts: AskingParts) {
    this.#parts = parts;
  }

  /** Failure codes: those of the metainfo plane, node.call_invalid, and those of the portal client. */
  async get(call: GetCall): Promise<Result<Asked, Failure>> {
    const content: Content = {
      torrent: call.torrent === undefined ? undefined : new Uint8Array(Buffer.from(call.torrent, "base64")),
      magnet: call.magnet,
    };
    if ((content.torrent === undefined) === (content.magnet === undefined)) {
      return err(failure("node.call_invalid", { detail: "it names neither a torrent nor a magnet link, or both" }));
    }
    const source = sourceOf(content);
    if (!source.ok) return source;
    const hashes = hashesOf(source.value);
    const infoHash = infoHashOf(hashes);
    const { keeper, grants } = this.#parts.core;
    const answer = keeper.covers(hashes);
    if (answer.allow) return this.#report("granted", answer.claims.req);
    for (const earlier of grants.askedForContent(infoHash)) {
      const still = await this.#request(earlier.requestId);
      if (still.ok && still.value.state === "pending") return this.#report("waiting", earlier.requestId);
    }
    const filed = await this.#file(call, content, nameOf(source.value));
    if (!filed.ok) return filed;
    const url = `${this.#parts.client.url}/requests/${filed.value.id}`;
    grants.ask({ requestId: filed.value.id, url, outDir: call.outDir, infoHash });
    return this.#report("asked", filed.value.id);
  }

  /** Where a request stands now. Failure codes: those of the portal client. */
  asked(requestId: string): Promise<Result<Asked, Failure>> {
    return this.#report("waiting", requestId);
  }

  /** What waits for a decision, for this device. Undefined while the portal cannot be asked. */
  async waiting(): Promise<WaitingRequest[] | undefined> {
    const { client, link, enrolment } = this.#parts;
    // A portal that is away would let the person wait as long as a call may take.
    if (!link.state().connected) return undefined;
    const query = `scope=mine&state=pending&limit=${WAITING_MAX}`;
    const page = await client.call({ method: "GET", path: `/api/v1/requests?${query}` }, RequestPage);
    if (!page.ok) return undefined;
    const ours = page.value.requests.filter(({ device }) => device.id === enrolment.deviceId);
    return ours.map(({ id, state, content, question, path }) => ({
      requestId: id,
      url: `${client.url}/requests/${id}`,
      name: content.name,
      requestState: state,
      question: question ?? "",
      path,
    }));
  }

  async #file(call: GetCall, content: Content, name: string): Promise<Result<RequestDetail, Failure>> {
    const { client, enrolment, entropy } = this.#parts;
    const shown = await client.call(
      content.torrent === undefined
        ? { method: "POST", path: "/api/v1/torrents", json: { magnet: content.magnet } }
        : { method: "POST", path: "/api/v1/torrents", bytes: content.torrent, contentType: TORRENT_MEDIA_TYPE },
      Torrent,
    );
    if (!shown.ok) return shown;
    const policy = await client.call({ method: "GET", path: "/api/v1/policy" }, PolicyText);
    if (!policy.ok) return policy;
    const request: NewRequest = {
      direction: "download",
      application: "bittorrent",
      torrentId: shown.value.torrentId,
      reason: call.reason?.trim() ? call.reason : `Wanted: ${name}`,
      deviceId: enrolment.deviceId,
      durationSeconds: call.durationSeconds,
      policyVersion: policy.value.version,
    };
    const preview = await client.call({ method: "POST", path: "/api/v1/requests/preview", json: request }, Preview);
    if (!preview.ok) return preview;
    if (preview.value.outcome === "refused") {
      const next = "Ask the service desk if you think that the rule does not fit.";
      return err(
        failure("node.portal_refused", {
          detail: preview.value.why.replace(/\.$/u, ""),
          next,
          rule: preview.value.rule,
        }),
      );
    }
    const key = Buffer.from(entropy.bytes(18)).toString("base64url");
    const headers = { "idempotency-key": key };
    return client.call({ method: "POST", path: "/api/v1/requests", json: request, headers }, RequestDetail);
  }

  #request(requestId: string): Promise<Result<RequestDetail, Failure>> {
    return this.#parts.client.call({ method: "GET", path: `/api/v1/requests/${requestId}` }, RequestDetail);
  }

  async #report(outcome: Asked["outcome"], requestId: string): Promise<Result<Asked, Failure>> {
    const { transfers, client, core } = this.#parts;
    const task = transfers.named(requestId);
    const transfer = task === undefined ? undefined : transfers.view(task);
    const url = core.grants.asked(requestId)?.url ?? `${client.url}/requests/${requestId}`;
    const request = await this.#request(requestId);
    if (!request.ok) {
      // With the portal away, what runs here can still be shown.
      if (!transfer) return request;
      const { name, why, path } = transfer;
      return ok({ outcome, requestId, url, name, requestState: "approved", why, path, transfer });
    }
    const { state, content, path, history } = request.value;
    const why = request.value.question ?? history.at(-1)?.reason ?? request.value.policyWhy;
    const shownPath = transfer === undefined ? path : joined(path, transfer.path);
    return ok({
      outcome,
      requestId,
      url,
      name: content.name,
      requestState: state,
      why,
      path: shownPath,
      transfer: transfer ?? null,
    });
  }
}

// Who decided and when is known to the portal; how the transfer stands is known here first.
function joined(portal: Asked["path"], local: Asked["path"]): Asked["path"] {
  return [...portal.slice(0, 2), ...local.slice(2)];
}
