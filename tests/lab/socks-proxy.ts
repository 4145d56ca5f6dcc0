// A SOCKS 5 proxy for the lab (RFC 1928, CONNECT over IPv4, with or without name and password), written with nothing of
// the product: `node socks-proxy.ts PORT [NAME PASSWORD]`. Prints each target that it connects to.

import { connect, createServer, type Socket } from "node:net";

const [port, name, password] = process.argv.slice(2);

createServer((client) => {
  client.on("error", () => client.destroy());
  client.once("data", () => {
    client.write(Buffer.of(5, name === undefined ? 0 : 2));
    client.once("data", (second: Buffer) => {
      if (name === undefined) return request(client, second);
      const nameBytes = second[1] ?? 0;
      const given = [second.subarray(2, 2 + nameBytes), second.subarray(3 + nameBytes)].map(String);
      const right = given[0] === name && given[1] === password;
      client.write(Buffer.of(1, right ? 0 : 1));
      if (right) client.once("data", (third: Buffer) => request(client, third));
      else client.end();
    });
  });
}).listen(Number(port), () => console.log("ready"));

function request(client: Socket, bytes: Buffer): void {
  const host = bytes.subarray(4, 8).join(".");
  const target = connect(bytes.readUInt16BE(8), host);
  target.on("error", () => client.destroy());
  target.on("connect", () => {
    console.log(`to ${host}`);
    client.write(Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
    client.pipe(target).pipe(client);
  });
  client.on("close", () => target.destroy());
}
