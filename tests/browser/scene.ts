// A portal in the middle of an ordinary day: people, devices, requests at every step, transfers, a quarantine, a record.

import { join } from "node:path";
import { buildUiWhenStale } from "../../scripts/build-ui.ts";
import { repositoryRoot } from "../../scripts/repository.ts";
import { assert } from "../../src/base/assert.ts";
import {
  type DeviceClient,
  must,
  type PersonClient,
  type PortalOwner,
  type TestPortal,
  testPortal,
} from "../../src/portal/testing/running-portal.ts";
import type { GateBlockReport } from "../../src/wire/api/v1/gate.ts";
import type { TransferReport } from "../../src/wire/api/v1/transfer.ts";
import type { QuarantineReport } from "../../src/wire/api/v1/verdict.ts";
import { approve, decided, file, type Granted, put, report, running, transferUnder } from "./deeds.ts";

export const PASSWORD = "a few plain words";

type Scene = {
  readonly portal: TestPortal;
  readonly mara: PersonClient;
  readonly jonas: PersonClient;
  readonly ines: PersonClient;
  readonly admin: PersonClient;
  readonly laptop: DeviceClient;
};

async function openPortalWithPages(t: PortalOwner): Promise<TestPortal> {
  const trouble = await buildUiWhenStale();
  assert(trouble === undefined, `the pages build: ${trouble}`);
  return testPortal(t, { institution: "University of Northmoor" }, { pagesDir: join(repositoryRoot, "ui", "dist") });
}

async function openScene(t: PortalOwner): Promise<Scene> {
  const portal = await openPortalWithPages(t);
  const person = async (login: string, name: string, roles: Parameters<TestPortal["person"]>[1]) => {
    must(await portal.running.addPerson({ login, name, roles: [...roles], password: PASSWORD }));
    return portal.person(login, roles);
  };
  const mara = await person("mara.lind", "Mara Lind", ["member"]);
  const jonas = await person("jonas.berg", "Jonas Berg", ["member"]);
  const ines = await person("ines.okafor", "Inés Okafor", ["member", "reviewer"]);
  const admin = await person("ada.holm", "Ada Holm", ["administrator", "reviewer", "member"]);
  const laptop = await portal.device(mara, "ed25519", "mara-laptop");
  return { portal, mara, jonas, ines, admin, laptop };
}

/** Ids that pages stand at. */
type Places = Readonly<Record<"granted" | "grant" | "transfer" | "pending" | "infected", string>>;
export type FilledScene = Scene & { readonly at: Places };

export async function openFilledScene(t: PortalOwner): Promise<FilledScene> {
  const scene = await openScene(t);
  return { ...scene, at: await fillScene(scene) };
}

/** Everything that pages show, filed and reported as people and devices do it. */
async function fillScene(scene: Scene): Promise<Places> {
  const { portal, mara, jonas, ines, laptop } = scene;
  const theirs = await portal.device(jonas, "ed25519", "jonas-desktop");
  const granted = await file(scene, mara, laptop, DATASET);
  const grant = await approve(ines, granted);
  const released = await file(scene, mara, laptop, {
    name: "debian-12.7.0-amd64-netinst",
    files: [{ path: "debian-12.7.0-amd64-netinst.iso", bytes: 661_651_456 }],
    reason: "Installation image for the operating systems course.",
  });
  const infected = await file(scene, mara, laptop, {
    name: "photo-suite-2026",
    files: [
      { path: "setup.exe", bytes: 88_000_000 },
      { path: "readme.txt", bytes: 2_048 },
    ],
    reason: "To touch up the pictures for the faculty's report.",
  });
  const denied = await file(scene, mara, laptop, {
    name: "Big.Movie.2026.1080p",
    files: [{ path: "movie.mkv", bytes: 2_100_000_000 }],
    reason: "For the film club.",
  });
  await decided(ines, denied, "deny", "This is not for study, research or work.");
  const asked = await file(scene, mara, laptop, {
    name: "Common Voice Corpus 19, German",
    files: [{ path: "cv-corpus-19-de.tar", bytes: 34_000_000_000 }],
    reason: "Training data for the speech seminar.",
  });
  await decided(ines, asked, "ask", "Do you need all of it, or only the validated part?");
  const pending = await file(scene, jonas, theirs, {
    name: "ImageNet validation set",
    files: [{ path: "val/images.tar", bytes: 6_744_924_160 }],
    reason: "To repeat the measurements of last year's paper.",
  });
  await file(scene, jonas, theirs, {
    name: "ubuntu-26.10-desktop-amd64",
    files: [{ path: "ubuntu-26.10-desktop-amd64.iso", bytes: 5_200_000_000 }],
    reason: "New computers for the reading room.",
  });
  await report(laptop, [
    running(grant.id, grant.infoHash),
    {
      ...finished(await approve(ines, released)),
      state: "released",
      why: "Every file was scanned and found clean.",
      libraryPath: "/home/mara/Library/debian-12.7.0-amd64-netinst",
    },
    {
      ...finished(await approve(ines, infected)),
      state: "infected",
      why: "Win.Trojan.Agent-1 was found in setup.exe.",
    },
  ]);
  await put(laptop, "/api/v1/device/quarantine", { entries: heldBy(grant.id) });
  await put(scene.admin, "/api/v1/gate/blocks", { gate: "north-router", blocks: blocksOf(laptop.id, theirs.id) });
  return { granted, grant: grant.id, transfer: await transferUnder(mara, grant.id), pending, infected };
}

const DATASET = {
  name: "OpenStreetMap extract, Northern Europe",
  files: [
    "denmark",
    "estonia",
    "finland",
    "iceland",
    "latvia",
    "lithuania",
    "norway",
    "sweden",
    "faroe-islands",
    "åland",
  ].map((name, index) => ({ path: `${name}.osm.pbf`, bytes: 64_000_000 + index * 1_700_000 })),
  reason: "Road network for the routing project of the transport group; we need it until the end of the week.",
};

function finished({ id, infoHash, bytes }: Granted): TransferReport {
  return {
    ...running(id, infoHash),
    bytesDone: bytes,
    bytesTotal: bytes,
    rateDown: 0,
    rateUp: 0,
    peers: [],
    pieces: null,
    pieceCount: null,
  };
}

function heldBy(grantId: string): QuarantineReport["entries"] {
  const heldSinceMs = Date.now() - 240_000;
  const entry = { grantId, piecesRoot: null, heldSinceMs };
  return [
    {
      ...entry,
      entryId: "Q-1",
      fileName: "setup.exe",
      bytes: 88_000_000,
      sha256: "5e".repeat(32),
      state: "infected",
      why: "Win.Trojan.Agent-1 was found.",
    },
    {
      ...entry,
      entryId: "Q-2",
      fileName: "norway.osm.pbf",
      bytes: 74_200_000,
      sha256: null,
      state: "scanning",
      why: "",
    },
    {
      ...entry,
      entryId: "Q-3",
      fileName: "old-archive.rar",
      bytes: 9_000_000,
      sha256: "a1".repeat(32),
      state: "unscanned",
      why: "The archive is encrypted, so the scanner cannot look inside.",
    },
    {
      ...entry,
      entryId: "Q-4",
      fileName: "minutes.docm",
      bytes: 412_000,
      sha256: "0c".repeat(32),
      state: "suspicious",
      why: "It holds a macro that starts a program.",
    },
  ];
}

/** Mara's laptop tries twice, Jonas' once, and somebody whom nobody knows. */
function blocksOf(laptop: string, theirs: string): GateBlockReport["blocks"] {
  const nowMs = Date.now();
  const refused = {
    treatment: "refused",
    rule: "zone campus: block",
    zone: "campus",
    sinceMs: nowMs - 1_500_000,
    lastMs: nowMs - 40_000,
    flows: 212,
    packets: 3_480,
  } as const;
  const handshake = {
    application: "bittorrent",
    why: { code: "bt.handshake", sentence: "The BitTorrent handshake begins a direction of the flow." },
  };
  return [
    { ...refused, ...handshake, address: "10.1.0.7", deviceId: laptop },
    {
      ...refused,
      address: "10.1.0.7",
      deviceId: laptop,
      application: "soulseek",
      treatment: "throttled",
      rule: "zone residence: throttle to 200 kB/s",
      zone: "residence",
      why: { code: "slsk.login", sentence: "A Soulseek login with user name and the digest of name and password." },
      lastMs: nowMs - 700_000,
      flows: 3,
    },
    { ...refused, ...handshake, address: "10.1.0.9", deviceId: theirs, lastMs: nowMs - 5_000 },
    {
      ...refused,
      address: "2001:db8::4:17",
      deviceId: null,
      application: "emule",
      why: { code: "kad.message", sentence: "A Kad message with a known code and the exact length of its contents." },
      flows: 41,
    },
  ];
}
