import { describe, expect, it } from "vitest";
import { isLoopbackHostname, isPrivateHostname } from "./hosts";

/** As the platform writes it: `127.1` is `127.0.0.1`, and `2130706433` too. */
const hostname = (host: string) => new URL(`http://${host}`).hostname;

describe("a loopback host", () => {
  it.each([
    "localhost",
    "LOCALHOST:8787",
    "app.localhost",
    "127.0.0.1",
    "127.9.9.9:80",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "[::1]",
    "[0:0:0:0:0:0:0:1]:8787",
    "0.0.0.0:5173",
    "0",
    "[::]:5173",
  ])("is %s", (host) => {
    expect(isLoopbackHostname(hostname(host))).toBe(true);
  });

  it.each([
    "example.com",
    "localhost.example.com",
    "127.0.0.1.example.com",
    "10.0.0.1",
    "0.0.0.1",
    "[::2]",
  ])("is not %s", (host) => {
    expect(isLoopbackHostname(hostname(host))).toBe(false);
  });
});

describe("a private host", () => {
  it.each([
    "localhost:8787",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.20:3000",
    "169.254.1.1",
    "0.0.0.0",
    "[::1]",
    "[fd00::1]",
    "[fc12::]",
    "[fe80::1]",
    "[febf::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:192.168.0.1]",
    "[::ffff:100.64.0.1]",
    "[::]:8787",
    "100.64.0.1",
    "100.127.255.255",
    "my-laptop:8787",
    "My-Laptop.local",
    "app.localhost",
    "app.test",
    "db.internal",
  ])("is %s", (host) => {
    expect(isPrivateHostname(hostname(host))).toBe(true);
  });

  it.each([
    "example.com",
    "10.example.com",
    "192.168.example.com",
    "172.15.0.1",
    "172.32.0.1",
    "172.160.0.1",
    "172.2.0.1",
    "11.0.0.1",
    "192.169.0.1",
    "8.8.8.8",
    "0.0.0.1",
    "[2001:db8::1]",
    "[fec0::1]",
    "[::ffff:8.8.8.8]",
    "fd00.example.com",
    "100.63.255.255",
    "100.128.0.1",
    "local.example.com",
    "example.test.com",
  ])("is not %s", (host) => {
    expect(isPrivateHostname(hostname(host))).toBe(false);
  });
});
