import { expect, test } from "./support/people";
import { uniqueRoom } from "./support/person";

const WEB = "https://example.com/a?b=c&d=(e)#f";

test("addresses of the web in messages are links, which tell the other page nothing", async ({
  people,
}) => {
  const room = uniqueRoom("links");
  const ada = await people.join(room, "Ada");
  const grace = await people.join(room, "Grace");
  const text = `Look at ${WEB}, and at HTTP://example.org/x.`;
  await ada.say(text);
  for (const { log } of [ada, grace]) {
    await expect(log.locator("article p")).toHaveText(text);
    const links = log.getByRole("link");
    await expect(links).toHaveText([WEB, "HTTP://example.org/x"]);
    for (const link of await links.all()) {
      await expect(link).toHaveAttribute("target", "_blank");
      await expect(link).toHaveAttribute("rel", "noopener noreferrer");
    }
    await expect(links.first()).toHaveAttribute("href", WEB);
  }
});

test("nothing in a message is a link that is not an address of the web", async ({ people }) => {
  const ada = await people.join(uniqueRoom("no-links"), "Ada");
  const text = [
    "javascript:alert(1) javascript://example.com/%0aalert(1)",
    "data:text/html,<script>alert(1)</script> vbscript:x file:///etc/passwd ftp://example.com",
    "mailto:ada@example.com ada@example.com example.com //example.com https: http://",
    "https://example.com@evil.example/ https://u:p@evil.example/ https://a.example/\u202Egnp.exe",
    '<a href="javascript:alert(1)">x</a>',
  ].join(" ");
  await ada.say(text);
  await expect(ada.log.locator("article p")).toHaveText(text);
  await expect(ada.log.locator("article a")).toHaveCount(0);
});

test("a link of one very long word stays within the window", async ({ people }) => {
  const viewport = { width: 390, height: 844 };
  const ada = await people.join(uniqueRoom("long-link"), "Ada", { viewport });
  const address = `https://example.com/${"x".repeat(500)}`;
  await ada.say(address);
  await expect(ada.log.getByRole("link")).toHaveText(address);
  const right = await ada.log
    .getByRole("link")
    .evaluate((link) => link.getBoundingClientRect().right);
  expect(right).toBeLessThanOrEqual(viewport.width);
});
