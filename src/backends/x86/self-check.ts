export function selfCheck(_: string): string | undefined {
  return undefined;
}
