import type { Locator } from "@playwright/test";
import { attachScreenshot, expectToFit, VIEWPORTS } from "./support/looks";
import { expect, test } from "./support/people";
import { type Person, uniqueRoom } from "./support/person";

// Screenshots are attached for people to look at. They are compared with no earlier ones: fonts
// differ from machine to machine. What must hold of the layout everywhere is measured instead.
for (const [device, colorScheme] of [
  ["desktop", "light"],
  ["phone", "dark"],
] as const) {
  const viewport = VIEWPORTS[device];
  test(`the page fits a ${device}, ${colorScheme}`, async ({ people }, testInfo) => {
    const room = uniqueRoom("looks");
    const ada = await people.join(room, "Ada Lovelace", {
      viewport,
      colorScheme,
      reducedMotion: "reduce",
    });
    await expectToFit(ada);
    await attachScreenshot(ada, testInfo, "empty");

    const grace = await people.join(room, "Grace");
    const edsger = await people.join(room, "A name of forty characters, not one less");
    await converse(ada, grace, edsger);
    await expectToFit(ada);
    await expect(ada.message("Deal. I’ll bring the slides.")).toBeInViewport();
    await attachScreenshot(ada, testInfo, "conversation");

    if (device === "phone") await ada.pressInLab("Break the connection");
    await ada.pressInLab(/^Slow it/);
    await ada.pressInLab("Lose what I send");
    await ada.say("See https://example.com/a/very/long/path?that=goes&on=and&on=and#on");
    await expect(ada.lab).toContainText(/messages? lost/);
    await expectNoOverlap(
      ada.lab.getByText("Break the connection"),
      ada.lab.getByText("slow", { exact: true }),
    );
    await expectToFit(ada);
    await attachScreenshot(ada, testInfo, "lab");

    if (device !== "phone") return;
    await ada.page.getByRole("button", { name: /here$/ }).click();
    await expect(ada.page.getByRole("dialog")).toBeVisible();
    await expectToFit(ada);
    await attachScreenshot(ada, testInfo, "panel");
  });
}

/** One stands to the left of the other. */
async function expectNoOverlap(left: Locator, right: Locator): Promise<void> {
  const [first, second] = [await left.boundingBox(), await right.boundingBox()];
  if (!first || !second) throw new Error("Both have to be visible.");
  expect(first.x + first.width).toBeLessThanOrEqual(second.x);
}

async function converse(ada: Person, grace: Person, edsger: Person): Promise<void> {
  const conversation: [Person, string][] = [
    [grace, "Morning! Did the compiler talk get a room yet?"],
    [grace, "I heard the big hall is taken until noon."],
    [ada, "It did: the small one upstairs, at two."],
    [edsger, `A very long word: ${"go".repeat(120)}`],
    [edsger, "Simplicity is a great virtue but it requires hard work to achieve it."],
    [ada, "Two points to settle:\n1. who goes first\n2. how long we take questions"],
    [grace, "You first. Ten minutes of questions, and then coffee ☕"],
    [ada, "Deal. I’ll bring the slides."],
  ];
  for (const [person, text] of conversation) {
    await person.say(text);
    // One after the other, or the room would hear them in another order.
    await expect(ada.log.locator("article p").last()).toHaveText(text);
  }
}
