/** Machine code as it grows: bytes and little-endian integers, without an allocation for each. */
export class Bytes {
  private bytes = new Uint8Array(4096);
  private count = 0;

  /** The number of bytes written. */
  get length(): number {
    return this.count;
  }

  byte(value: number): void {
    if (this.count === this.bytes.length) this.grow(1);
    this.bytes[this.count++] = value;
  }

  int32(value: number): void {
    this.write(value, 4);
  }

  /** The lowest `count` bytes of an integer of 32 bits, the lowest first. */
  write(value: number, count: number): void {
    const start = this.count;
    if (start + 4 > this.bytes.length) this.grow(4);
    // All four, as that needs no branches; what is too many is overwritten.
    const { bytes } = this;
    bytes[start] = value;
    bytes[start + 1] = value >> 8;
    bytes[start + 2] = value >> 16;
    bytes[start + 3] = value >> 24;
    this.count = start + count;
  }

  append(values: Uint8Array): void {
    if (this.count + values.length > this.bytes.length) this.grow(values.length);
    this.bytes.set(values, this.count);
    this.count += values.length;
  }

  /** A view of what was written, good until more is written. */
  view(start = 0, end = this.count): Uint8Array {
    return this.bytes.subarray(start, end);
  }

  private grow(least: number): void {
    const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.count + least));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
