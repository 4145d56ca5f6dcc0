// Runs inside a lab host: lets the test, which lives outside that network, reach a port there through a Unix socket.
// node door.ts SOCKET HOST PORT

import { connect, createServer } from "node:net";

const [socketPath, host, port] = process.argv.slice(2);
const server = createServer((outside) => {
  const inside = connect(Number(port), host);
  outside.pipe(inside).pipe(outside);
  outside.on("error", () => inside.destroy());
  inside.on("error", () => outside.destroy());
});
server.listen(socketPath, () => process.stdout.write("open\n"));
