// What people and devices do to the portal in the tests, by its API: upload, ask, decide, report.

import { assert } from "../../src/base/assert.ts";
import {
  type Client,
  type DeviceClient,
  type PersonClient,
  type TestPortal,
  textOf,
} from "../../src/portal/testing/running-portal.ts";
import { TORRENT_MEDIA_TYPE } from "../../src/wire/api/v1/torrent.ts";
import type { TransferPage, TransferReport } from "../../src/wire/api/v1/transfer.ts";
import { type SampleFile, sampleTorrent } from "./sample-torrent.ts";

const DAY_SECONDS = 86_400;

type Wish = { readonly name: string; readonly files: readonly SampleFile[]; readonly reason: string };

async function upload(portal: TestPortal, who: PersonClient, torrent: Uint8Array): Promise<string> {
  const reply = await portal
    .client({ cookie: who.cookie, "x-swarmgate": "1", "content-type": TORRENT_MEDIA_TYPE })
    .call("POST", "/api/v1/torrents", { body: torrent });
  assert(reply.status === 200, `upload: ${reply.text}`);
  return textOf(reply, "torrentId");
}

/** Files a request and gives its number. */
export async function file(
  { portal }: { readonly portal: TestPortal },
  who: PersonClient,
  device: DeviceClient,
  wish: Wish,
): Promise<string> {
  const torrentId = await upload(
    portal,
    who,
    sampleTorrent(wish.name, wish.files, "https://tracker.example.org/announce"),
  );
  const policy = await who.call("GET", "/api/v1/policy");
  const reply = await who.call("POST", "/api/v1/requests", {
    body: {
      direction: "download",
      application: "bittorrent",
      torrentId,
      reason: wish.reason,
      deviceId: device.id,
      durationSeconds: 7 * DAY_SECONDS,
      policyVersion: textOf(policy, "version"),
    },
  });
  assert(reply.status === 200, `file: ${reply.text}`);
  return textOf(reply, "id");
}

export async function decided(
  who: Client,
  id: string,
  way: "approve" | "deny" | "ask",
  reason: string,
): Promise<Readonly<Record<string, unknown>>> {
  const shown = await who.call("GET", `/api/v1/requests/${id}`);
  const { version } = shown.body as { version: number };
  const reply = await who.call("POST", `/api/v1/requests/${id}/${way}`, { body: { version, reason } });
  assert(reply.status === 200, `${way}: ${reply.text}`);
  return reply.body as Readonly<Record<string, unknown>>;
}

export type Granted = { readonly id: string; readonly infoHash: string; readonly bytes: number };

export async function approve(who: Client, id: string): Promise<Granted> {
  const body = await decided(who, id, "approve", "The source is known.");
  const { grantId, content } = body as { grantId: string; content: { infoHashV1: string; totalBytes: number } };
  return { id: grantId, infoHash: content.infoHashV1, bytes: content.totalBytes };
}

export async function report(device: DeviceClient, transfers: readonly TransferReport[]): Promise<void> {
  await put(device, "/api/v1/device/transfers", { transfers });
}

/** The portal's own id of what runs under a grant. */
export async function transferUnder(who: Client, grantId: string): Promise<string> {
  const reply = await who.call("GET", "/api/v1/transfers");
  const found = (reply.body as TransferPage).transfers.find((transfer) => transfer.grantId === grantId);
  assert(found !== undefined, "the report made a transfer");
  return found.id;
}

export async function put(device: Client, path: string, body: unknown): Promise<void> {
  const reply = await device.call("PUT", path, { body });
  assert(reply.status === 200, `${path}: ${reply.text}`);
}

const PIECES = 644;

/** A transfer at three quarters; `bytesDone` grows with each report. */
export function running(grantId: string, infoHash: string, change: Partial<TransferReport> = {}): TransferReport {
  const pieces = Buffer.alloc(Math.ceil(PIECES / 8));
  for (let piece = 0; piece < PIECES; piece += 1)
    if (piece < 380 || (piece * 7919) % 11 < 4) pieces[piece >> 3] = (pieces[piece >> 3] ?? 0) | (128 >> (piece & 7));
  return {
    grantId,
    infoHash,
    state: "fetching",
    why: "Two peers send as fast as they can; their lines are the limit.",
    bytesDone: 482_000_000,
    bytesTotal: 716_500_000,
    rateDown: 8_400_000,
    rateUp: 320_000,
    peers: [
      {
        address: "192.0.2.20:51413",
        client: "Transmission 4.0.6",
        rateDown: 5_200_000,
        rateUp: 0,
        progress: 1,
        transport: "uTP",
      },
      {
        address: "[2001:db8::17]:6881",
        client: "qBittorrent 5.0.1",
        rateDown: 3_200_000,
        rateUp: 320_000,
        progress: 0.71,
        transport: "TCP",
      },
    ],
    pieces: pieces.toString("base64"),
    pieceCount: PIECES,
    libraryPath: null,
    ...change,
  };
}
