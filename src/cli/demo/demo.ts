// `up --demo`: what a newcomer needs to try everything alone and offline. Two people, and a second process that offers
// real files of this machine and one infected archive.

import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Role } from "../../domain/person.ts";
import type { RunningPortal } from "../../portal/start.ts";
import type { Offer, OfferMessage } from "./offer.ts";

export type DemoPerson = { readonly name: string; readonly role: string; readonly signInLink: string };

export type Demo = {
  readonly people: readonly DemoPerson[];
  /** Whose computer this machine's node becomes. */
  readonly ownerId: string;
  readonly torrents: readonly string[];
  close(): Promise<void>;
};

const PEOPLE: readonly { login: string; name: string; role: Role }[] = [
  { login: "mia", name: "Mia Member", role: "member" },
  { login: "ruben", name: "Ruben Reviewer", role: "reviewer" },
];

/** Failure codes: cli.demo_failed and those of the portal. */
export async function startDemo(portal: RunningPortal, dataDir: string): Promise<Result<Demo, Failure>> {
  const people: DemoPerson[] = [];
  let ownerId = "";
  for (const { login, name, role } of PEOPLE) {
    const known = await portal.findPerson(login);
    const person = known ? ok(known) : await portal.addPerson({ login, name, roles: [role] });
    if (!person.ok) return person;
    if (role === "member") ownerId = person.value.id;
    const link = await portal.signInLink(person.value.id);
    if (!link.ok) return link;
    people.push({ name, role, signInLink: link.value.url });
  }
  const folder = join(dataDir, "demo");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const child = fork(new URL("./seeder.ts", import.meta.url), [folder], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const offers = await offersOf(child);
  if (!offers.ok) return offers;
  for (const offer of offers.value) {
    const suggested = await portal.suggest({ kind: "file", bytes: readFileSync(offer.torrentPath) }, offer.says);
    if (!suggested.ok) return suggested;
  }
  const torrents = offers.value.map((offer) => offer.torrentPath);
  return ok({ people, ownerId, torrents, close: () => ended(child) });
}

function offersOf(child: ChildProcess): Promise<Result<readonly Offer[], Failure>> {
  return new Promise((settle) => {
    const failed = (detail: string) => settle(err(failure("cli.demo_failed", { detail })));
    child.once("message", (message: OfferMessage) => settle(ok(message.offers)));
    child.once("exit", (code) => failed(`the seeding process ended with code ${code}`));
    child.once("error", (cause) => failed(cause.message));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once("exit", () => resolve());
  child.disconnect();
  await promise;
}
