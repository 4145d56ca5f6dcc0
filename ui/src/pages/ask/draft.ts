// The request while it is being written. It is kept in the browser across errors, sign-outs and reloads.

import type { Direction } from "../../../../src/domain/grant.ts";
import type { Device } from "../../../../src/wire/api/v1/device.ts";
import type { NewRequest } from "../../../../src/wire/api/v1/request.ts";
import type { Torrent } from "../../../../src/wire/api/v1/torrent.ts";

export type Draft = {
  readonly direction: Direction;
  readonly torrent: Torrent | undefined;
  readonly magnet: string;
  readonly reason: string;
  readonly deviceId: string;
  readonly days: string;
  /** The version that was read; a newer one has to be read again. */
  readonly policyRead: string;
  /** One key for one request, however often it is sent. */
  readonly key: string;
};

export const DAY_CHOICES = ["1", "3", "7", "30", "90"] as const;
const DAY_SECONDS = 86_400;

export function emptyDraft(key: string): Draft {
  return {
    direction: "download",
    torrent: undefined,
    magnet: "",
    reason: "",
    deviceId: "",
    days: "7",
    policyRead: "",
    key,
  };
}

/** What was kept, as far as it still makes sense. */
export function readDraft(kept: string | undefined, key: string): Draft {
  const empty = emptyDraft(key);
  if (kept === undefined) return empty;
  try {
    const value: unknown = JSON.parse(kept);
    return typeof value === "object" && value !== null ? { ...empty, ...value } : empty;
  } catch {
    return empty;
  }
}

export type Faults = Partial<Record<"torrent" | "reason" | "deviceId" | "policyRead", string>>;

export function faultsOf(draft: Draft, devices: readonly Device[], policyVersion: string): Faults {
  return {
    ...(draft.torrent === undefined
      ? { torrent: "Say what you need: paste a magnet link or choose a .torrent file." }
      : {}),
    ...(draft.reason.trim() === "" ? { reason: "Say in a sentence what it is for. The reviewer decides by it." } : {}),
    ...(deviceOf(draft, devices) === undefined ? { deviceId: "Choose the device that may do it." } : {}),
    ...(draft.policyRead === policyVersion ? {} : { policyRead: "Read the acceptable-use policy and tick the box." }),
  };
}

/** The chosen device, or the only one there is. */
export function deviceOf(draft: Draft, devices: readonly Device[]): Device | undefined {
  return devices.find((device) => device.id === draft.deviceId) ?? (devices.length === 1 ? devices[0] : undefined);
}

export function durationSecondsOf(draft: Draft): number {
  return Number(draft.days) * DAY_SECONDS;
}

export function requestOf(draft: Draft, device: Device, torrent: Torrent): NewRequest {
  return {
    direction: draft.direction,
    application: "bittorrent",
    torrentId: torrent.torrentId,
    reason: draft.reason.trim(),
    deviceId: device.id,
    durationSeconds: durationSecondsOf(draft),
    policyVersion: draft.policyRead,
  };
}
