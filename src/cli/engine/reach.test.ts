import { equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { FailureError } from "../../base/failure.ts";
import { readReach } from "./reach.ts";

test("a proxy's name and password are read as a URL has them", async () => {
  const { proxy } = await readReach({ proxy: "socks5://m%40campus:a%3Ab:c@127.0.0.1:1080" });
  equal(proxy?.login?.name, "m@campus");
  equal(proxy?.login?.password.reveal(), "a:b:c");
});

test("a proxy that cannot be read is a wrong usage, and its password is not repeated", async () => {
  for (const proxy of ["socks5://me:sec%ret@127.0.0.1:1080", "http://me:secret@127.0.0.1:1080", "me:secret@"]) {
    await rejects(
      () => readReach({ proxy }),
      (thrown) =>
        thrown instanceof FailureError && thrown.failure.code === "cli.usage_wrong" && !/sec/.test(thrown.message),
    );
  }
});
