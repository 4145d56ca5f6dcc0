// A Direct Connect hub as small as a real client accepts one: it introduces everybody to everybody and passes on what they
// say to each other. Runs inside a lab host: node direct-connect-hub.ts nmdc|adc ADDRESS PORT

import { createServer, type Socket } from "node:net";

type Dialect = {
  /** What ends a command. */
  readonly end: string;
  greet(socket: Socket): void;
  take(words: readonly string[], from: Socket): void;
  goodbye(name: string): string;
};

const [dialectName = "", address = "", port = ""] = process.argv.slice(2);
/** By what the hub calls them: a nick in NMDC, four letters in ADC. */
const users = new Map<string, { readonly socket: Socket; about: string }>();
const everybody = (): string => [...users.values()].map(({ about }) => about).join("");

function send(name: string, text: string): void {
  users.get(name)?.socket.write(text, "latin1");
}

function sendAll(text: string): void {
  for (const name of users.keys()) send(name, text);
}

// https://nmdc.sourceforge.io/NMDC.html
const nmdc: Dialect = {
  end: "|",
  greet: (socket) => socket.write("$Lock EXTENDEDPROTOCOL_lab Pk=lab|"),
  take(words, from) {
    const [verb = "", first = "", second = ""] = words;
    const whole = `${words.join(" ")}|`;
    if (verb === "$ValidateNick") {
      users.set(first, { socket: from, about: "" });
      send(first, `$Supports NoGetINFO NoHello TTHSearch |$HubName lab|$Hello ${first}|`);
    }
    const user = users.get(second);
    if (verb === "$MyINFO" && user !== undefined) {
      user.about = whole;
      send(second, `$NickList ${[...users.keys()].join("$$")}$$|${everybody()}`);
    }
    if (verb === "$MyINFO" || verb === "$Search") sendAll(whole);
    if (verb === "$ConnectToMe") send(first, whole);
    if (verb === "$RevConnectToMe") send(second, whole);
    // To whom a result goes stands at its end, and is not for them.
    const parts = words.join(" ").split("\u0005");
    if (verb === "$SR") send(parts.at(-1) ?? "", `${parts.slice(0, -1).join("\u0005")}|`);
  },
  goodbye: (nick) => `$Quit ${nick}|`,
};

// https://adc.sourceforge.io/ADC.html: the first letter says to whom a command goes.
const adc: Dialect = {
  end: "\n",
  greet: () => undefined,
  take(words, from) {
    const [verb = "", sender = "", target = ""] = words;
    const whole = `${words.join(" ")}\n`;
    if (verb === "HSUP") {
      const sid = `AAA${String.fromCharCode("A".charCodeAt(0) + users.size)}`;
      users.set(sid, { socket: from, about: "" });
      send(sid, `ISUP ADBASE ADTIGR\nISID ${sid}\nIINF CT32 NIlab VElab\n`);
    }
    const user = users.get(sender);
    if (verb === "BINF" && user !== undefined) {
      // Who is new is told of the others first, and of itself last.
      if (user.about === "") send(sender, everybody());
      user.about = `BINF ${sender} ${merged(user.about, whole)}\n`;
      sendAll(user.about);
    } else if (/^[BF]/.test(verb)) sendAll(whole);
    if (/^[DE]/.test(verb)) send(target, whole);
  },
  goodbye: (sid) => `IQUI ${sid}\n`,
};

// What comes later names only what has changed. The secret half of an identity (PD) is for the hub alone.
function merged(...told: readonly string[]): string {
  const fields = told.flatMap((info) => info.trim().split(" ").slice(2));
  const byName = new Map(fields.map((field) => [field.slice(0, 2), field]));
  byName.delete("PD");
  return [...byName.values()].join(" ");
}

const dialect = dialectName === "adc" ? adc : nmdc;
const server = createServer((socket) => {
  let held = "";
  socket.on("error", () => undefined);
  socket.on("close", () => {
    const [name] = [...users].find(([, user]) => user.socket === socket) ?? [];
    if (name === undefined) return;
    users.delete(name);
    sendAll(dialect.goodbye(name));
  });
  socket.on("data", (data) => {
    const commands = (held + data.toString("latin1")).split(dialect.end);
    held = commands.pop() ?? "";
    for (const command of commands) dialect.take(command.split(" "), socket);
  });
  dialect.greet(socket);
});
server.listen(Number(port), address, () => process.stdout.write("hub up\n"));
