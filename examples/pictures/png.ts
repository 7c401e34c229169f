// Pictures as PNG files, which a page or an SVG shows, without anything but Node's own zlib.
import { crc32, deflateSync } from "node:zlib";

/** Colour types of PNG, by channels: grey, grey with how much covers what lies below, red, green and blue, and these with it. */
const colourTypes: Readonly<Record<number, number>> = { 1: 0, 2: 4, 3: 2, 4: 6 };

/** A picture (height, width, channels) of one to four channels from 0 to 1, what lies beyond cut off, as the bytes of a file. */
export function png(
  data: ArrayLike<number>,
  { width, height, channels }: { width: number; height: number; channels: number },
): Uint8Array {
  const rowBytes = width * channels;
  const rows = new Uint8Array(height * (1 + rowBytes)); // each row begins with its filter: 0, none
  for (let at = 0; at < height * rowBytes; at++) {
    const level = Math.round(255 * Math.min(1, Math.max(0, data[at] as number)));
    rows[at + Math.floor(at / rowBytes) + 1] = level;
  }
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8);
  header.setUint8(9, colourTypes[channels] as number);
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    ...chunk("IHDR", new Uint8Array(header.buffer)),
    ...chunk("IDAT", deflateSync(rows, { level: 9 })),
    ...chunk("IEND", new Uint8Array()),
  ]);
}

/** Its length, its name and content, and the check sum of these. */
function chunk(name: string, content: Uint8Array): Uint8Array[] {
  const body = Buffer.concat([Buffer.from(name, "latin1"), content]);
  return [number(content.length), body, number(crc32(body))];
}

function number(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
