import { expect, test } from "bun:test";
import { subprotocols } from "../../src/client/socket.ts";
import { spokenVersions, subprotocolOf } from "../../src/protocol/version.ts";

test("the SDK offers the versions of the protocol that a server of its release speaks, and one release behind it", () => {
  expect(subprotocols).toEqual(spokenVersions().map(subprotocolOf));
  expect([spokenVersions(1), spokenVersions(2), spokenVersions(7)]).toEqual([[1], [2, 1], [7, 6]]);
});
