// What has to be put away even where a signal ends the test: processes, directories.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const pending = new Set();

// Calls `tidy` (it must not wait) if a signal comes before the answer, a function, was called.
export function onSignal(tidy) {
  pending.add(tidy);
  return () => pending.delete(tidy);
}

// A directory of a test's own: {path, remove}.
export function scratchFolder(name) {
  const path = mkdtempSync(join(tmpdir(), `authd-real-${name}.`));
  const erase = () => rmSync(path, { recursive: true, force: true });
  const settled = onSignal(erase);
  const remove = () => {
    settled();
    erase();
  };
  return { path, remove };
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    // Latest first: processes end before their directories go.
    for (const tidy of [...pending].reverse()) tidy();
    process.exit(130);
  });
}
