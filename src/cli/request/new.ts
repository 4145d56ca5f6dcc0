// Shows the content to the portal and files the request.

import { existsSync, readFileSync } from "node:fs";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { RequestDetail } from "../../wire/api/v1/request.ts";
import { ROUTES } from "../../wire/api/v1/routes.ts";
import { TORRENT_MEDIA_TYPE } from "../../wire/api/v1/torrent.ts";
import { isMagnet } from "../../wire/metainfo/magnet.ts";
import { durationSeconds } from "../duration.ts";
import type { PortalClient } from "../portal-client.ts";

export type NewOptions = {
  readonly reason: string;
  readonly for: string;
  readonly device?: string;
  readonly share?: boolean;
  readonly acceptPolicy?: boolean;
};

export async function newRequest(
  client: PortalClient,
  what: string,
  options: NewOptions,
): Promise<Result<RequestDetail, Failure>> {
  const seconds = durationSeconds(options.for);
  if (seconds === undefined) return usage("--for takes a duration such as 12h or 7d");
  const policy = await client.call(ROUTES.policy);
  if (!policy.ok) return policy;
  if (options.acceptPolicy !== true) {
    return usage(`read the policy at ${client.url}/policy and confirm it with --accept-policy`);
  }
  const device = await chosenDevice(client, options.device);
  if (!device.ok) return device;
  const torrent = await shownTorrent(client, what);
  if (!torrent.ok) return torrent;
  return client.call(ROUTES.fileRequest, {
    body: {
      direction: options.share === true ? "share" : "download",
      application: "bittorrent",
      torrentId: torrent.value,
      reason: options.reason,
      deviceId: device.value,
      durationSeconds: seconds,
      policyVersion: policy.value.version,
    },
  });
}

async function shownTorrent(client: PortalClient, what: string): Promise<Result<string, Failure>> {
  if (!isMagnet(what) && !existsSync(what)) return err(failure("cli.file_missing", { path: what }));
  const added = isMagnet(what)
    ? await client.call(ROUTES.addTorrent, { body: { magnet: what } })
    : await client.call(ROUTES.addTorrent, { bytes: { type: TORRENT_MEDIA_TYPE, content: readFileSync(what) } });
  return added.ok ? ok(added.value.torrentId) : added;
}

async function chosenDevice(client: PortalClient, wanted: string | undefined): Promise<Result<string, Failure>> {
  if (wanted !== undefined) return ok(wanted);
  const [me, all] = [await client.call(ROUTES.me), await client.call(ROUTES.listDevices)];
  if (!me.ok) return me;
  if (!all.ok) return all;
  const own = all.value.devices.filter((one) => one.state === "active" && one.person.id === me.value.person.id);
  const [only, ...others] = own;
  if (only === undefined) return usage("you have no device yet: run swarmgate join on it first");
  return others.length === 0 ? ok(only.id) : usage(`choose one with --device: ${own.map((one) => one.id).join(", ")}`);
}

function usage(detail: string): Result<never, Failure> {
  return err(failure("cli.usage_wrong", { detail }));
}
