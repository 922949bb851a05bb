import { expect, test } from "./support/own-server";
import { uniqueRoom } from "./support/person";

test(
  "what is written while the server is away is kept, and sent once when it is back",
  { tag: "@promise" },
  async ({ people, server }) => {
    people.expected = /WebSocket connection to .* failed/;
    const room = uniqueRoom("outage");
    const ada = await people.join(room, "Ada", server);
    const grace = await people.join(room, "Grace", server);
    await ada.say("Hello");
    await grace.sees("Hello");

    await server.kill();
    await ada.isReconnecting();
    await ada.say("Said into the void");
    await ada.say("And once more");
    await ada.sees("Said into the void");
    await expect(ada.log).toContainText("Waiting for the connection");
    await ada.composer.fill("A thought I have not finished");

    await server.start();
    await grace.sees("Said into the void");
    await grace.sees("And once more");
    await ada.isConnected();
    await expect(ada.log).not.toContainText("Waiting for the connection");
    await expect(ada.composer).toHaveValue("A thought I have not finished");

    const said = ["Hello", "Said into the void", "And once more"];
    const late = await people.join(room, "Edsger", server);
    for (const person of [ada, grace, late]) {
      await expect(person.log.locator("article p")).toHaveText(said);
    }
  },
);

test("what was on its way when the server died is sent again", async ({ people, server }) => {
  people.expected = /WebSocket connection to .* failed/;
  const room = uniqueRoom("on-its-way");
  const ada = await people.invite("Ada", server);
  const sent: string[] = [];
  ada.page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => sent.push(String(payload)));
  });
  await ada.enter(room);
  const grace = await people.join(room, "Grace", server);

  server.freeze();
  await ada.say("Did this arrive?");
  await expect.poll(() => sent.some((frame) => frame.includes("Did this arrive?"))).toBe(true);
  await server.kill();
  await ada.isReconnecting();
  await server.start();

  await grace.sees("Did this arrive?");
  await expect(ada.log.locator("article p")).toHaveText(["Did this arrive?"]);
  await expect(ada.log.locator("[data-pending]")).toHaveCount(0);
});

test("what was written and not sent survives a reload, and is sent once", async ({ people }) => {
  const room = uniqueRoom("reloaded");
  const grace = await people.join(room, "Grace");
  const ada = await people.invite("Ada");
  let isReachable = false;
  await ada.page.routeWebSocket(/\/parties\//, (socket) =>
    isReachable ? socket.connectToServer() : socket.close({ code: 1013 }),
  );
  await ada.page.goto(`/room/${room}`);
  await ada.isReconnecting();
  await ada.say("Kept");
  await ada.sees("Kept");
  await ada.composer.fill("Half a thought");

  await ada.page.reload();
  await ada.isReconnecting();
  await ada.sees("Kept");
  await expect(ada.composer).toHaveValue("Half a thought");
  isReachable = true;
  await grace.sees("Kept");
  await ada.isConnected();
  await expect(ada.log.locator("[data-pending]")).toHaveCount(0);

  await ada.page.reload();
  await ada.isConnected();
  await expect(ada.log.locator("article p")).toHaveText(["Kept"]);
});

test(
  "what was heard, and never answered, is not said again after a reload",
  { tag: "@promise" },
  async ({ people }) => {
    const room = uniqueRoom("unanswered");
    const grace = await people.join(room, "Grace");
    const ada = await people.invite("Ada");
    let hears = true;
    await ada.page.routeWebSocket(/\/parties\//, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => hears && socket.send(message));
    });
    await ada.enter(room);
    hears = false;
    await ada.say("Did you hear me?");
    await grace.sees("Did you hear me?");
    await expect(ada.log.locator("[data-pending]")).toHaveText("Did you hear me?");

    hears = true;
    await ada.page.reload();
    await ada.isConnected();
    await expect(ada.log.locator("[data-pending]")).toHaveCount(0);
    await ada.say("Yes, once.");
    for (const person of [ada, grace]) {
      await expect(person.log.locator("article p")).toHaveText(["Did you hear me?", "Yes, once."]);
    }
  },
);
