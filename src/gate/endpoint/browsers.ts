// Browser extensions that speak BitTorrent or hand torrents to a client: every profile of the Chromium family and of
// Firefox below a home folder, also where the browser came as a flatpak or a snap.

import { basename, join } from "node:path";
import { printable } from "../../base/printable.ts";
import type { Finding, KnownBy } from "./finding.ts";
import type { Home } from "./homes.ts";
import { isObject, type Reading, textIn } from "./reading.ts";

type Browser = { readonly name: string; readonly folders: readonly string[] };

const CHROMIUM_FAMILY: readonly Browser[] = [
  {
    name: "Chrome",
    folders: [
      ".config/google-chrome",
      ".config/google-chrome-beta",
      ".config/google-chrome-unstable",
      ".var/app/com.google.Chrome/config/google-chrome",
    ],
  },
  {
    name: "Chromium",
    folders: [".config/chromium", "snap/chromium/common/chromium", ".var/app/org.chromium.Chromium/config/chromium"],
  },
  { name: "Edge", folders: [".config/microsoft-edge", ".var/app/com.microsoft.Edge/config/microsoft-edge"] },
  {
    name: "Brave",
    folders: [
      ".config/BraveSoftware/Brave-Browser",
      "snap/brave/current/.config/BraveSoftware/Brave-Browser",
      ".var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser",
    ],
  },
  { name: "Vivaldi", folders: [".config/vivaldi"] },
];
const FIREFOX_FOLDERS = [
  ".mozilla/firefox",
  "snap/firefox/common/.mozilla/firefox",
  ".var/app/org.mozilla.firefox/.mozilla/firefox",
];

/** Identifiers that their stores gave: JSTorrent, its Lite edition and its helper; the WebTorrent part of Brave. */
const KNOWN_IDENTIFIERS: ReadonlyMap<string, string> = new Map([
  ["anhdpjpojoipgpmfanmedjghaligalgb", "JSTorrent"],
  ["abmohcnlldaiaodkpacnldcdnjjgldfh", "JSTorrent Lite"],
  ["bnceafpojmnimbnhamaeedgomdcgnbjk", "JSTorrent Helper"],
  ["lgjmpdmojkpocjcopdikifhejkkjglho", "Brave WebTorrent"],
]);

const NAMES = /torrent|\bmagnet\b|soulseek|\bemule\b|\bed2k\b|peer-?to-?peer/i;
/** What a manifest asks to be given: links and files that only peer-to-peer programs open. */
const HANDLED = /"(magnet|ed2k|application\/x-bittorrent|\.torrent)"|"torrent"/i;
const NAME_CHARACTERS_MAX = 80;
const MANIFEST_CHARACTERS_MAX = 1_000_000;

export function browserExtensions(home: Home, reading: Reading): Finding[] {
  return [
    ...CHROMIUM_FAMILY.flatMap((browser) =>
      browser.folders.flatMap((folder) => chromiumExtensions(browser.name, join(home.path, folder), reading)),
    ),
    ...FIREFOX_FOLDERS.flatMap((folder) => firefoxExtensions(join(home.path, folder), reading)),
  ].map((one) => ({ ...one, user: home.user }));
}

function chromiumExtensions(browser: string, folder: string, reading: Reading): Finding[] {
  return reading
    .entries(folder)
    .filter((profile) => profile.isDirectory())
    .map((profile) => join(folder, profile.name, "Extensions"))
    .flatMap((extensions) => reading.names(extensions).map((id) => join(extensions, id)))
    .flatMap((extension) => {
      const versions = reading.names(extension).sort();
      const version = versions.at(-1);
      if (version === undefined) return [];
      const path = join(extension, version);
      const manifest = reading.object(join(path, "manifest.json")) ?? {};
      const name = nameOf(manifest, path, reading);
      return extensionOf({ browser, id: basename(extension), name, manifest, path });
    });
}

// A name may be a key into the messages of the extension's own language.
function nameOf(manifest: Readonly<Record<string, unknown>>, path: string, reading: Reading): string {
  const name = textIn(manifest, "name");
  const key = /^__MSG_(\w+)__$/.exec(name)?.[1];
  const locale = textIn(manifest, "default_locale");
  if (key === undefined || !/^\w+$/.test(locale)) return name;
  const messages = reading.object(join(path, "_locales", locale, "messages.json")) ?? {};
  const found = Object.entries(messages).find(([one]) => one.toLowerCase() === key.toLowerCase())?.[1];
  return isObject(found) ? textIn(found, "message") : name;
}

// extensions.json lists what is installed; the manifest lies inside the packed extension and is not opened.
function firefoxExtensions(folder: string, reading: Reading): Finding[] {
  return reading
    .entries(folder)
    .filter((profile) => profile.isDirectory())
    .flatMap((profile) => {
      const addons = reading.object(join(folder, profile.name, "extensions.json"))?.["addons"];
      return (Array.isArray(addons) ? addons : []).filter(isObject).flatMap((addon) => {
        const locale = addon["defaultLocale"];
        const name = isObject(locale) ? textIn(locale, "name") : "";
        const path = textIn(addon, "path") || join(folder, profile.name);
        return extensionOf({ browser: "Firefox", id: textIn(addon, "id"), name, manifest: addon, path });
      });
    });
}

type Extension = {
  readonly browser: string;
  readonly id: string;
  readonly name: string;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly path: string;
};

function extensionOf({ browser, id, name, manifest, path }: Extension): Finding[] {
  const known = KNOWN_IDENTIFIERS.get(id);
  const by: KnownBy | undefined =
    known !== undefined
      ? "identifier"
      : NAMES.test(`${name} ${id}`)
        ? "name"
        : handles(manifest)
          ? "manifest"
          : undefined;
  if (by === undefined) return [];
  const client = `${known ?? printable(name === "" ? id : name, NAME_CHARACTERS_MAX)} (${browser})`;
  const applications = /soulseek/i.test(name)
    ? (["soulseek"] as const)
    : /emule|ed2k/i.test(name)
      ? (["emule"] as const)
      : (["bittorrent"] as const);
  return [{ client, applications, found: "extension", what: path, by }];
}

// Chromium: file_handlers; Firefox and the web: protocol_handlers.
function handles(manifest: Readonly<Record<string, unknown>>): boolean {
  const asked = [manifest["protocol_handlers"], manifest["file_handlers"]].filter((one) => one !== undefined);
  return HANDLED.test(JSON.stringify(asked).slice(0, MANIFEST_CHARACTERS_MAX));
}
