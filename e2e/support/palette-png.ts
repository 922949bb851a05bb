import { crc32, deflateSync } from "node:zlib";
import type { Page } from "@playwright/test";

/** As many as one byte can name. */
const MAX_COLOURS = 256;

/** An image of few colours, as PNG calls it: colour type 3. */
interface IndexedImage {
  width: number;
  height: number;
  /** RGBA of each colour. */
  palette: number[];
  /** The colour of each pixel, a byte each, in base64. */
  pixels: string;
}

/**
 * The same picture in at most 256 colours, which is less than half as large. A page has few colours
 * but for the edges of its letters: the most frequent ones stay, others become the nearest of them.
 *
 * @param page any page: its browser decodes the picture.
 */
export async function withPalette(page: Page, png: Buffer): Promise<Buffer> {
  const image = await page.evaluate(toIndexed, {
    url: `data:image/png;base64,${png.toString("base64")}`,
    maxColours: MAX_COLOURS,
  });
  return encode(image);
}

/** Runs in the page. */
async function toIndexed({ url, maxColours }: { url: string; maxColours: number }) {
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (!context) throw new Error("There is no canvas.");
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const colours = new Uint32Array(data.buffer);

  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const kept = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, maxColours);
  const palette = kept.flatMap(([colour]) => [...new Uint8Array(Uint32Array.of(colour).buffer)]);
  const indexOf = new Map(kept.map(([colour], index) => [colour, index]));

  const nearest = (colour: number): number => {
    const wanted = new Uint8Array(Uint32Array.of(colour).buffer);
    let best = 0;
    let bestDistance = Infinity;
    for (let index = 0; index < kept.length; index += 1) {
      const distance = wanted.reduce(
        (sum, channel, at) => sum + (channel - (palette[4 * index + at] ?? 0)) ** 2,
        0,
      );
      if (distance < bestDistance) [best, bestDistance] = [index, distance];
    }
    indexOf.set(colour, best);
    return best;
  };
  const indices = Uint8Array.from(colours, (colour) => indexOf.get(colour) ?? nearest(colour));
  let binary = "";
  for (const index of indices) binary += String.fromCharCode(index);
  return { width, height, palette, pixels: btoa(binary) };
}

/** Of the PNG specification (third edition) §11: header, palette, its transparency, data, end. */
function encode({ width, height, palette, pixels }: IndexedImage): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const indices = Buffer.from(pixels, "base64");
  // Before each row stands its filter: 0 is none, the best for a palette.
  const rows = Array.from({ length: height }, (_, row) => [
    Buffer.of(0),
    indices.subarray(row * width, (row + 1) * width),
  ]);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(palette.filter((_, at) => at % 4 !== 3))),
    chunk("tRNS", Buffer.from(palette.filter((_, at) => at % 4 === 3))),
    chunk("IDAT", deflateSync(Buffer.concat(rows.flat()), { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
