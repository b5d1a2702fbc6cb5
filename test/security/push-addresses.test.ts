/** What a browser names as its push service must not lead into the server's own networks. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { isPrivateLiteral, isPublicAddress } from "../../src/core/public-address.ts";
import { deliver } from "../../src/features/push/deliver.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startPushService } from "../support/push.ts";

const privateAddresses = [
  ...["0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254"],
  ...["172.16.0.1", "172.31.255.255", "192.168.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255"],
  ...["::", "::1", "fc00::1", "fd12::1", "fe80::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::7f00:1"],
  ...["64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "", "localhost", "1.2.3"],
];
const publicAddresses = ["8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "192.167.1.1", "2606:4700::1111"];

describe("addresses of push services", () => {
  test("those of private networks are known, however they are written", () => {
    expect(privateAddresses.filter(isPublicAddress)).toEqual([]);
    expect(publicAddresses.filter((address) => !isPublicAddress(address))).toEqual([]);
    const hosts = [
      "https://2130706433/",
      "https://0x7f.1/",
      "https://127.1/",
      "https://[::ffff:7f00:1]/",
      "https://0/",
    ];
    expect(hosts.filter((url) => !isPrivateLiteral(new URL(url).hostname))).toEqual([]);
    for (const host of ["push.example.org", "8.8.8.8", "[2606:4700::1111]"]) expect(isPrivateLiteral(host)).toBe(false);
  });

  test("no request leaves for them, nor for a name that leads there", async () => {
    const service = startPushService();
    const { subscription } = service.makeBrowser();
    const send = (endpoint: string) =>
      deliver({ endpoint, headers: {}, body: new Uint8Array(3) }, false, new AbortController().signal).then(
        () => "sent",
        (error: Error) => error.name,
      );
    const { port } = new URL(service.url);
    for (const endpoint of [
      subscription.endpoint,
      `https://127.0.0.1:${port}/x`,
      `https://[::1]:${port}/x`,
      `https://localhost:${port}/x`,
      `https://2130706433:${port}/x`,
    ])
      expect([endpoint, await send(endpoint)]).toEqual([endpoint, "PrivateAddress"]);
    await service.stop();
  });

  describe("in production", () => {
    let app: TestApp;
    let person: Person;
    beforeAll(async () => {
      app = await startApp({ env: { MODE: "production" } });
      person = await makePerson(app, "addresses");
    });
    afterAll(() => app?.stop());

    test("a subscription to them is refused", async () => {
      const service = startPushService();
      const { keys } = service.makeBrowser().subscription;
      await service.stop();
      const subscribe = (endpoint: string) => person.call("POST", "/api/push-subscriptions", { endpoint, keys });
      for (const endpoint of [
        "http://push.example.org/x",
        "https://127.0.0.1/x",
        "https://2130706433/x",
        "https://[::1]/x",
        "https://10.1.2.3:8443/x",
        "https://user:secret@push.example.org/x",
      ])
        expect([endpoint, (await subscribe(endpoint)).problem.errors?.[0]?.path]).toEqual([endpoint, "endpoint"]);
      expect((await subscribe("https://push.example.org/x")).status).toBe(201);
    });
  });
});
