// Runs the set-ups of cases.mjs and compares; started by `combinations`, which tells its options.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cases } from './cases.mjs';
import { scratchFolder } from './cleanup.mjs';
import { Daemon } from './daemon.mjs';
import { clientIn, runClient, Stage } from './stage.mjs';
import { makeTrust } from './provider.mjs';

const { values: options } = parseArgs({
  options: {
    bin: { type: 'string' },
    client: { type: 'string', multiple: true, default: [] },
    all: { type: 'boolean' },
    recorded: { type: 'string' },
    record: { type: 'string' },
    'client-only': { type: 'boolean' },
    only: { type: 'string' },
    version: { type: 'string' },
  },
});

const versions = ['0.15.6', '0.24.4'].filter((version) => version === (options.version ?? version));
const clients = new Map(
  options.client
    .map((text) => text.split('='))
    .map(([version, folder]) => [version, clientIn(folder, version)]),
);
const recordFile =
  options.recorded ?? join(dirname(fileURLToPath(import.meta.url)), 'recorded.jsonl');
const recorded = new Map(
  (existsSync(recordFile) ? readFileSync(recordFile, 'utf8') : '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .map((row) => [`${row.version} ${row.name}`, row]),
);

const fingerprint = (key) => createHash('sha256').update(key).digest('hex').slice(0, 8);
const told = ({ arrived, stderr }) =>
  arrived
    ? `${arrived.key} at ${arrived.url} for ${arrived.model}`
    : `nothing sent: ${stderr.find((line) => !/^Warning|critical error/.test(line)) ?? stderr[0]}`;

// What the daemon says of a set-up. A stage of its own: the client may have rewritten the other.
async function predict(daemon, setup, version) {
  const stage = new Stage(setup, 'http://127.0.0.1:9');
  try {
    const context = {
      cwd: stage.cwd,
      env: stage.env,
      args: [...stage.args, '-p', 'hi'],
      home: stage.home,
      cliVersion: version,
    };
    const status = await daemon.call('auth.status', { context });
    const explained = status.envKey
      ? await daemon.call('env.explain', { name: status.envKey, context })
      : null;
    if (status.baseUrl) status.baseUrl = plainUrl(status.baseUrl);
    return {
      ...JSON.parse(stage.unfilled(JSON.stringify({ status, explained }))),
      fingerprintOf: (key) => fingerprint(stage.text(key)),
    };
  } finally {
    stage.remove();
  }
}

// One form for each base URL: the client's own additions and the host's case make no difference.
function plainUrl(text, protocol) {
  const url = text
    .replace(/^https?:\/\/[^/]*/i, (origin) => origin.toLowerCase())
    .replace(/\/+$/, '');
  return protocol === 'openai-responses' ? url.replace(/\/v1$/, '') : url;
}

// The sentences in which the prediction and the outcome disagree.
function disagreements(setup, outcome, { status, explained, fingerprintOf }) {
  if (status.failed) return [`auth.status failed: ${status.failed}`];
  const said =
    `${status.keyMasked ?? 'no key'} from ${status.keySource?.where ?? 'nowhere'}` +
    ` at ${status.baseUrl} for ${status.model}`;
  const { arrived } = outcome;
  if (!arrived) {
    if (status.complete) return [`predicted ${said}`];
    const missing = outcome.stderr.some((line) =>
      /Missing API key|(?<!BASE_URL )environment variable not found/.test(line),
    );
    return missing && explained?.winner?.fingerprint
      ? [`env.explain ${status.envKey} says ${explained.winner.where}`]
      : [];
  }
  if (!status.complete) {
    return [
      `predicted that nothing is sent: ${(status.issues ?? []).map((issue) => issue.message).join(' ')}`,
    ];
  }
  const key = fingerprintOf(setup.key ?? arrived.key);
  const wrong = [];
  if (status.keyFingerprint !== key) wrong.push(`predicted the key ${said}`);
  if (
    plainUrl(status.baseUrl ?? '', arrived.protocol) !== plainUrl(arrived.url, arrived.protocol)
  ) {
    wrong.push(`predicted the URL ${status.baseUrl}`);
  }
  if (status.model !== arrived.model) wrong.push(`predicted the model ${status.model}`);
  if (explained && explained.winner?.fingerprint !== key) {
    wrong.push(
      `env.explain ${status.envKey} says ${explained.failed ?? explained.winner?.where ?? 'none'}`,
    );
  }
  return wrong;
}

// The same for what the answer tells about the other version.
function disagreementsElsewhere(setup, version, prediction) {
  const { status } = prediction;
  const other = versions.find((one) => one !== version);
  const outcome = recorded.get(`${other} ${setup.name}`);
  if (!outcome || status.failed) return [];
  const there = status.otherVersions?.find(({ cliVersion }) => cliVersion === other) ?? {};
  return disagreements(setup, outcome, {
    ...prediction,
    status: { ...status, ...there },
    explained: null,
  }).map((text) => `${other} beside: ${told(outcome)}, ${text}`);
}

let passed = 0,
  failed = 0;
function report(title, wrong, outcome) {
  if (wrong.length === 0) {
    passed += 1;
    console.log(`ok: ${title}: ${told(outcome)}`);
    return;
  }
  failed += 1;
  console.log(`FAILED: ${title}: ${told(outcome)}; but ${wrong.join('; ')}`);
}

async function settle(setup, version, daemon, trusted) {
  const before = recorded.get(`${version} ${setup.name}`);
  const runs = !options.recorded && (options.all || options.record || setup.live || !before);
  const outcome = runs ? await runClient(setup, clients.get(version), trusted) : before;
  if (!outcome) {
    report(`${version}: ${setup.name}`, ['it is not in the record'], { stderr: [] });
    return undefined;
  }
  const wrong = [];
  if (
    runs &&
    before &&
    !options.record &&
    JSON.stringify(outcome.arrived) !== JSON.stringify(before.arrived)
  ) {
    wrong.push(`the record says ${told(before)}`);
  }
  if (daemon) {
    const prediction = await predict(daemon, setup, version);
    wrong.push(
      ...disagreements(setup, outcome, prediction),
      ...disagreementsElsewhere(setup, version, prediction),
    );
  }
  report(`${version}${runs ? '' : ', recorded'}: ${setup.name}`, wrong, outcome);
  return {
    name: setup.name,
    version,
    exit: outcome.exit,
    arrived: outcome.arrived,
    stderr: outcome.stderr,
  };
}

const scratch = scratchFolder('trust');
const trusted = options.recorded ? undefined : makeTrust(scratch.path);
const daemon = options['client-only'] ? undefined : Daemon.start(options.bin);
try {
  const jobs = cases
    .filter((setup) => setup.name.includes(options.only ?? ''))
    .flatMap((setup) => versions.map((version) => ({ setup, version })));
  const rows = new Array(jobs.length);
  let next = 0;
  // Two at a time: a start of the client takes a core for a second or two.
  await Promise.all(
    [0, 1].map(async () => {
      for (let index; (index = next++) < jobs.length;) {
        rows[index] = await settle(jobs[index].setup, jobs[index].version, daemon, trusted);
      }
    }),
  );
  if (options.record) {
    writeFileSync(options.record, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
} finally {
  daemon?.stop();
  scratch.remove();
}
console.log(`checks: ${passed} ok, ${failed} not`);
process.exitCode = failed === 0 ? 0 : 1;
