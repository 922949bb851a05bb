import type { Page, WebSocketRoute } from "@playwright/test";
import { attachScreenshot, expectToFit, VIEWPORTS } from "./support/looks";
import { expect, test } from "./support/people";
import { uniqueRoom } from "./support/person";

/** Its wait is longer than any test. */
const FULL = '["$close",{"code":4503,"reason":"room_full","retry":true,"retryAfterMs":600000}]';
const REFUSED = '["$close",{"code":4403,"reason":"forbidden","retry":false}]';

for (const [device, viewport] of Object.entries(VIEWPORTS)) {
  test(`on a ${device}, a page that waits counts down to its next attempt`, async ({
    people,
  }, testInfo) => {
    const ada = await people.invite("Ada", { viewport });
    const sockets = await watchSockets(ada.page);
    await ada.enter(uniqueRoom("waiting"));
    sockets.at(-1)?.send(FULL);

    await ada.isReconnecting();
    const secondsLeft = async () => {
      const text = await ada.page.getByText(/^Reconnecting in \d+ s$/).textContent();
      return Number(text?.match(/\d+/)?.[0]);
    };
    const first = await secondsLeft();
    expect(first).toBeGreaterThan(500);
    await expect.poll(secondsLeft).toBeLessThan(first);
    await ada.say("Into the void");
    await expect(ada.log).toContainText("Waiting for the connection");
    await expectToFit(ada);
    await attachScreenshot(ada, testInfo, "waiting");
    expect(sockets).toHaveLength(1);
  });

  test(`on a ${device}, a page that was closed says why, and tries again when it is told to`, async ({
    people,
  }, testInfo) => {
    const room = uniqueRoom("closed");
    const ada = await people.invite("Ada", { viewport });
    const grace = await people.join(room, "Grace");
    const sockets = await watchSockets(ada.page);
    await ada.enter(room);
    sockets.at(-1)?.send(REFUSED);

    await expect(ada.status).toHaveText("Disconnected");
    await expect(ada.page.getByRole("alert").first()).toHaveText("forbidden");
    await ada.say("Kept for later");
    await expect(ada.composer).toHaveValue("Kept for later");
    await expect(
      ada.page.getByText("Nothing is sent before you are connected again."),
    ).toBeVisible();
    await expectToFit(ada);
    await attachScreenshot(ada, testInfo, "closed");
    expect(sockets).toHaveLength(1);

    await ada.page.getByRole("button", { name: "Try again" }).click();
    await ada.isConnected();
    await ada.composer.press("Enter");
    await grace.sees("Kept for later");
    await expect(ada.composer).toHaveValue("");
    await expect(ada.page.getByRole("button", { name: "Try again" })).toHaveCount(0);
  });
}

/** The page's connections, so that a test can speak for the room. */
async function watchSockets(page: Page): Promise<WebSocketRoute[]> {
  const sockets: WebSocketRoute[] = [];
  await page.routeWebSocket(/\/parties\//, (socket) => {
    sockets.push(socket);
    socket.connectToServer();
  });
  return sockets;
}
