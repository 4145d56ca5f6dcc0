// The peer-to-peer clients that people install, by the names under which each system knows them. One table: what audits
// look for and what restriction rules block come from here.

import type { Application } from "../why.ts";

export type ClientEntry = {
  readonly name: string;
  readonly applications: readonly Application[];
  /** Debian packages. */
  readonly packages?: readonly string[];
  /** Executables on Linux, without a folder. */
  readonly linux?: readonly string[];
  /** Executables on Windows. */
  readonly windows?: readonly string[];
  /** Application bundles on macOS, without `.app`. */
  readonly mac?: readonly string[];
  /** Bundle identifiers on macOS. */
  readonly bundles?: readonly string[];
  /** Who signs it on macOS: a team that signs nothing else is refused whole, another only for these bundles. */
  readonly macSigner?: { readonly team: string; readonly signs: "clients-only" | readonly string[] };
  readonly flatpak?: readonly string[];
  readonly snap?: readonly string[];
};

const BT: readonly Application[] = ["bittorrent"];
const ED2K: readonly Application[] = ["emule"];
const SLSK: readonly Application[] = ["soulseek"];
const DC: readonly Application[] = ["directconnect"];
const GNUTELLA: readonly Application[] = ["gnutella"];

export const CLIENTS: readonly ClientEntry[] = [
  {
    name: "Transmission",
    applications: BT,
    packages: ["transmission", "transmission-gtk", "transmission-qt", "transmission-cli", "transmission-daemon"],
    linux: ["transmission-gtk", "transmission-qt", "transmission-cli", "transmission-daemon", "transmission-remote"],
    windows: ["transmission-qt.exe", "transmission-daemon.exe"],
    mac: ["Transmission"],
    bundles: ["org.m0k.transmission"],
    // As Transmission's own notes on how to check a download give it.
    macSigner: { team: "5DPYRBHEAR", signs: ["org.m0k.transmission"] },
    flatpak: ["com.transmissionbt.Transmission"],
    snap: ["transmission"],
  },
  {
    name: "qBittorrent",
    applications: BT,
    packages: ["qbittorrent", "qbittorrent-nox"],
    linux: ["qbittorrent", "qbittorrent-nox"],
    windows: ["qbittorrent.exe"],
    mac: ["qbittorrent", "qBittorrent"],
    bundles: ["org.qbittorrent.qBittorrent"],
    flatpak: ["org.qbittorrent.qBittorrent"],
    snap: ["qbittorrent-arnatious"],
  },
  {
    name: "Deluge",
    applications: BT,
    packages: ["deluge", "deluge-gtk", "deluged", "deluge-console", "deluge-web"],
    linux: ["deluge", "deluge-gtk", "deluged", "deluge-console", "deluge-web"],
    windows: ["deluge.exe", "deluged.exe", "deluge-gtk.exe"],
    mac: ["Deluge"],
    bundles: ["org.deluge"],
    flatpak: ["org.deluge_torrent.deluge"],
  },
  {
    name: "KTorrent",
    applications: BT,
    packages: ["ktorrent"],
    linux: ["ktorrent"],
    windows: ["ktorrent.exe"],
    flatpak: ["org.kde.ktorrent"],
    snap: ["ktorrent"],
  },
  { name: "rTorrent", applications: BT, packages: ["rtorrent"], linux: ["rtorrent"] },
  { name: "aria2", applications: BT, packages: ["aria2"], linux: ["aria2c"], windows: ["aria2c.exe"] },
  {
    name: "Fragments",
    applications: BT,
    packages: ["fragments"],
    linux: ["fragments"],
    flatpak: ["de.haeckerfelix.Fragments"],
  },
  {
    name: "µTorrent",
    applications: BT,
    windows: ["utorrent.exe", "utorrentie.exe", "utweb.exe"],
    mac: ["uTorrent", "uTorrent Web"],
    bundles: ["com.bittorrent.uTorrent", "com.bitTorrent.utweb"],
    // BitTorrent, Inc.
    macSigner: { team: "SNBT6M4A7T", signs: "clients-only" },
    snap: ["utorrent"],
  },
  {
    name: "BitTorrent",
    applications: BT,
    windows: ["bittorrent.exe", "btweb.exe"],
    mac: ["BitTorrent", "BitTorrent Web"],
    bundles: ["com.bittorrent.BitTorrent", "com.bitTorrent.btweb"],
    macSigner: { team: "SNBT6M4A7T", signs: "clients-only" },
  },
  {
    name: "BiglyBT",
    applications: BT,
    linux: ["biglybt"],
    windows: ["biglybt.exe"],
    mac: ["BiglyBT"],
    flatpak: ["com.biglybt.BiglyBT"],
  },
  {
    name: "Vuze",
    applications: BT,
    packages: ["azureus", "vuze"],
    linux: ["azureus", "vuze"],
    windows: ["azureus.exe"],
    mac: ["Vuze"],
    snap: ["vuze-vs"],
  },
  { name: "Tixati", applications: BT, linux: ["tixati"], windows: ["tixati.exe", "tixati_windows64bit.exe"] },
  { name: "PicoTorrent", applications: BT, windows: ["picotorrent.exe"] },
  {
    name: "BitComet",
    applications: [...BT, ...ED2K],
    windows: ["bitcomet.exe", "bitcomet_x64.exe"],
    mac: ["BitComet"],
  },
  { name: "BitLord", applications: BT, windows: ["bitlord.exe"], mac: ["BitLord"], bundles: ["com.bitlord"] },
  { name: "BitSpirit", applications: BT, windows: ["bitspirit.exe"] },
  { name: "Halite", applications: BT, windows: ["halite.exe"] },
  { name: "Folx", applications: BT, mac: ["Folx"], bundles: ["com.eltima.Folx3"] },
  { name: "Xunlei", applications: [...BT, ...ED2K], windows: ["thunder.exe", "thunderplatform.exe"], mac: ["Thunder"] },
  {
    name: "Motrix",
    applications: BT,
    linux: ["motrix"],
    windows: ["motrix.exe"],
    mac: ["Motrix"],
    flatpak: ["net.agalwood.Motrix"],
    snap: ["motrix"],
  },
  {
    name: "Free Download Manager",
    applications: BT,
    packages: ["freedownloadmanager"],
    linux: ["fdm"],
    windows: ["fdm.exe"],
    mac: ["Free Download Manager"],
    bundles: ["org.freedownloadmanager.fdm6"],
  },
  {
    name: "WebTorrent Desktop",
    applications: BT,
    packages: ["webtorrent-desktop"],
    linux: ["webtorrent-desktop"],
    windows: ["webtorrent.exe"],
    mac: ["WebTorrent"],
    bundles: ["io.webtorrent.webtorrent"],
    flatpak: ["io.webtorrent.WebTorrent"],
  },
  {
    name: "Popcorn Time",
    applications: BT,
    linux: ["popcorn-time"],
    windows: ["popcorn-time.exe", "popcorntime.exe"],
    mac: ["Popcorn-Time", "Popcorn Time"],
  },
  {
    name: "Stremio",
    applications: BT,
    linux: ["stremio"],
    windows: ["stremio.exe"],
    mac: ["Stremio"],
    flatpak: ["com.stremio.Stremio"],
  },
  {
    name: "Tribler",
    applications: BT,
    packages: ["tribler"],
    linux: ["tribler"],
    windows: ["tribler.exe"],
    mac: ["Tribler"],
    bundles: ["nl.tudelft.tribler"],
  },
  {
    name: "Torrential",
    applications: BT,
    flatpak: ["com.github.davidmhewitt.torrential"],
    linux: ["com.github.davidmhewitt.torrential"],
  },
  { name: "CTorrent", applications: BT, packages: ["ctorrent"], linux: ["ctorrent"] },
  { name: "Rain", applications: BT, linux: ["rain"], windows: ["rain.exe"] },
  {
    name: "rqbit",
    applications: BT,
    linux: ["rqbit", "rqbit-desktop"],
    windows: ["rqbit.exe", "rqbit-desktop.exe"],
    mac: ["rqbit-desktop"],
  },
  { name: "torrent (Go)", applications: BT, linux: ["torrent", "torrentfs"] },
  { name: "PeerFlix", applications: BT, linux: ["peerflix"] },
  { name: "opentracker", applications: BT, packages: ["opentracker"], linux: ["opentracker"] },
  { name: "eMule", applications: ED2K, windows: ["emule.exe"] },
  {
    name: "aMule",
    applications: ED2K,
    packages: ["amule", "amule-daemon"],
    linux: ["amule", "amuled", "amuleweb"],
    windows: ["amule.exe", "amuled.exe"],
    mac: ["aMule"],
  },
  { name: "Shareaza", applications: [...GNUTELLA, ...ED2K, ...BT], windows: ["shareaza.exe"] },
  {
    name: "MLDonkey",
    applications: [...ED2K, ...BT],
    packages: ["mldonkey-server", "mldonkey-gui"],
    linux: ["mlnet", "mlgui"],
    windows: ["mlnet.exe"],
  },
  { name: "Lphant", applications: [...ED2K, ...BT], windows: ["lphant.exe"] },
  {
    name: "SoulseekQt",
    applications: SLSK,
    linux: ["SoulseekQt"],
    windows: ["soulseekqt.exe", "slsk.exe"],
    mac: ["SoulseekQt"],
    flatpak: ["net.slsknet.Soulseek"],
  },
  {
    name: "Nicotine+",
    applications: SLSK,
    packages: ["nicotine"],
    linux: ["nicotine"],
    windows: ["nicotine+.exe"],
    mac: ["Nicotine+"],
    flatpak: ["org.nicotine_plus.Nicotine"],
    snap: ["nicotine-plus"],
  },
  { name: "slskd", applications: SLSK, linux: ["slskd"], windows: ["slskd.exe"] },
  { name: "Museek+", applications: SLSK, packages: ["museekd"], linux: ["museekd", "museeq"] },
  { name: "DC++", applications: DC, windows: ["dcplusplus.exe"] },
  {
    name: "EiskaltDC++",
    applications: DC,
    packages: ["eiskaltdcpp", "eiskaltdcpp-qt", "eiskaltdcpp-gtk", "eiskaltdcpp-cli", "eiskaltdcpp-daemon"],
    linux: ["eiskaltdcpp-qt", "eiskaltdcpp-gtk", "eiskaltdcpp-daemon"],
    windows: ["eiskaltdcpp-qt.exe"],
    mac: ["EiskaltDC++"],
  },
  { name: "AirDC++", applications: DC, linux: ["airdcppd"], windows: ["airdc.exe"] },
  { name: "ApexDC++", applications: DC, windows: ["apexdc.exe", "apexdc-x64.exe"] },
  { name: "FlylinkDC++", applications: [...DC, ...BT], windows: ["flylinkdc.exe", "flylinkdc_x64.exe"] },
  { name: "ncdc", applications: DC, packages: ["ncdc"], linux: ["ncdc"] },
  { name: "LinuxDC++", applications: DC, packages: ["linuxdcpp"], linux: ["linuxdcpp"] },
  {
    name: "gtk-gnutella",
    applications: GNUTELLA,
    packages: ["gtk-gnutella"],
    linux: ["gtk-gnutella"],
    windows: ["gtk-gnutella.exe"],
  },
  {
    name: "WireShare",
    applications: GNUTELLA,
    windows: ["wireshare.exe", "limewire.exe"],
    mac: ["WireShare", "LimeWire"],
  },
  {
    name: "FrostWire",
    applications: [...BT, ...GNUTELLA],
    packages: ["frostwire"],
    linux: ["frostwire"],
    windows: ["frostwire.exe"],
    mac: ["FrostWire"],
  },
  { name: "Phex", applications: GNUTELLA, linux: ["phex"], windows: ["phex.exe"] },
];
