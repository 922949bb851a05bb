export function checkContract(_c: unknown): void {}
