// Goes through each flow of the wizard and starts the real client on what it wrote; started by
// `flows`, which tells its options.
import { parseArgs } from 'node:util';
import { scratchFolder } from './cleanup.mjs';
import { Daemon } from './daemon.mjs';
import { makeTrust } from './provider.mjs';
import { clientIn, runClient } from './stage.mjs';

const { values: options } = parseArgs({
  options: {
    bin: { type: 'string' },
    client: { type: 'string', multiple: true, default: [] },
    only: { type: 'string' },
  },
});
const clients = options.client
  .map((text) => text.split('='))
  .map(([version, folder]) => clientIn(folder, version));
const menus = ['auth', 'api-key', 'third-party', 'local']; // their flows are listed by themselves
const longest = 20; // steps of a flow; more is a flow that goes in circles

class Refused extends Error {}

async function call(daemon, method, params) {
  const result = await daemon.call(method, params);
  if (result.failed !== undefined) throw new Refused(`${method}: ${result.failed}`);
  return result;
}

// Settings in which every model of the flow exists already, elsewhere and under each protocol, and
// one of those is selected: what a flow writes has to win over them.
function livedIn(provider) {
  const ids = [...(provider?.models ?? []), 'first-model'];
  const entries = ids.map((id) => ({ id, name: id, baseUrl: '{p}/old/v1', envKey: 'OLD_KEY' }));
  return {
    '~/.qwen/settings.json': {
      $version: 4,
      env: { OLD_KEY: 'sk-old', OPENAI_API_KEY: 'sk-old' },
      modelProviders: { openai: entries, anthropic: entries, gemini: entries },
      security: { auth: { selectedType: 'anthropic' } },
      model: { name: ids[0], baseUrl: '{p}/old/v1' },
    },
  };
}

const keyFor = (flow) => `sk-sp-${flow}-0123456789abcdef`;

// The answer to one step, where `choices` are the values taken so far at steps that select.
function answerTo(step, flow, stage, choices) {
  const usable = (step.options ?? [])
    .filter((option) => !option.unavailable)
    .map((option) => option.value);
  switch (step.kind) {
    case 'select': {
      const value = choices.shift() ?? usable[0];
      return { value, others: usable.filter((other) => other !== value) };
    }
    case 'secret':
      return { value: keyFor(flow) };
    case 'text':
      // A flow that asks for the endpoint gets one on loopback, in the form of its protocol.
      if (step.id.includes('base-url')) {
        const openai = !/anthropic|gemini/i.test(JSON.stringify(step.context ?? []));
        return { value: `${stage.origin}/${flow}${openai ? '/v1' : ''}` };
      }
      return { value: step.value || 'first-model, second-model' };
    default:
      return {};
  }
}

// Walks one way through a flow and saves. Tells what it wrote, and which other ways it passed by.
async function setUp(daemon, flow, stage, version, choices) {
  const context = { cwd: stage.cwd, env: stage.env, home: stage.home, cliVersion: version };
  let state = await call(daemon, 'wizard.start', { flow, scope: 'user', context });
  const { sessionId } = state;
  const rest = [...choices],
    taken = [],
    ways = [];
  for (let count = 0; state.step.kind !== 'review'; ++count) {
    if (count === longest) throw new Refused(`no review after ${longest} steps`);
    if (state.step.kind === 'notice') throw new Refused('a notice');
    const chosen = rest.length > 0;
    const { value, others = [] } = answerTo(state.step, flow, stage, rest);
    if (state.step.kind === 'select') {
      // Ways that begin with the choices given are the caller's; new ones begin after them.
      if (!chosen) ways.push(...others.map((other) => [...taken, other]));
      taken.push(value);
    }
    state = await call(daemon, 'wizard.submitStep', { sessionId, step: state.step.id, value });
  }
  const { patch } = await call(daemon, 'wizard.preview', { sessionId });
  await call(daemon, 'wizard.commit', { sessionId, check: 'none', context });
  const type = patch.security.auth.selectedType;
  const entry = patch.modelProviders[type].find((one) => one.id === patch.model.name);
  const status = await call(daemon, 'auth.status', { context });
  return {
    taken,
    ways,
    model: patch.model.name,
    url: entry.baseUrl.replace(/\/+$/, ''),
    protocol: type,
    status,
  };
}

let passed = 0,
  failed = 0;
function report(title, wrong) {
  if (wrong.length === 0) {
    passed += 1;
    console.log(`ok: ${title}`);
    return;
  }
  failed += 1;
  console.log(`FAILED: ${title}: ${wrong.join('; ')}`);
}

// One way through one flow, then one start of one client. The ways passed by are the answer.
async function settle(daemon, provider, { id: flow, client, home, choices }, trusted) {
  let written;
  let outcome;
  const title = () =>
    `${client.version}, ${home} home: ${[flow, ...(written?.taken ?? choices)].join(', ')}`;
  const setup = { files: home === 'lived-in' ? livedIn(provider) : {} };
  try {
    outcome = await runClient(setup, client, trusted, async (stage) => {
      written = await setUp(daemon, flow, stage, client.version, choices);
      written.url = stage.unfilled(written.url);
    });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    report(title(), [error.message]);
    return [];
  }
  const { arrived } = outcome;
  const wrong = [];
  // Flows of a provider with endpoints of its own write the one that was chosen.
  const endpoint = provider?.endpoints.find(({ id }) => id === (written.taken[0] ?? id));
  if (endpoint && !written.url.startsWith('{p}') && endpoint.baseUrl !== written.url) {
    wrong.push(`the endpoint chosen is ${endpoint.baseUrl}`);
  }
  if (!arrived) wrong.push(`nothing was sent: ${outcome.stderr.join(' / ')}`);
  else {
    if (arrived.model !== written.model)
      wrong.push(`the model ${arrived.model} came, written was ${written.model}`);
    if (arrived.url !== written.url)
      wrong.push(`it came to ${arrived.url}, written was ${written.url}`);
    if (arrived.key !== keyFor(flow)) wrong.push(`the key ${arrived.key} came`);
  }
  if (!written.status.complete) wrong.push('auth.status says that it is incomplete');
  if (written.status.model !== written.model)
    wrong.push(`auth.status says ${written.status.model}`);
  report(`${title()}: ${written.model} at ${written.url}`, wrong);
  return written.ways;
}

const scratch = scratchFolder('trust');
const trusted = makeTrust(scratch.path);
const daemon = Daemon.start(options.bin);
try {
  const { flows } = await call(daemon, 'wizard.flows', {});
  const { providers } = await call(daemon, 'providers.list', {});
  console.log("calls to vendors' hosts end at a proxy on loopback, with certificates of this run");
  const jobs = [];
  for (const { id, unavailable } of flows) {
    if (menus.includes(id) || id === 'qwen-oauth' || !id.includes(options.only ?? '')) continue;
    if (unavailable) {
      console.log(`passed over: ${id}: ${unavailable}`);
      continue;
    }
    for (const client of clients)
      for (const home of ['fresh', 'lived-in']) jobs.push({ id, client, home, choices: [] });
  }
  // Each way found opens further ones; two run at a time.
  const work = async () => {
    for (let job; (job = jobs.shift());) {
      const provider = providers.find(({ id }) => id === job.id);
      const ways = await settle(daemon, provider, job, trusted);
      jobs.push(...ways.map((choices) => ({ ...job, choices })));
    }
  };
  while (jobs.length > 0) await Promise.all([work(), work()]);
} finally {
  daemon.stop();
  scratch.remove();
}
console.log(`checks: ${passed} ok, ${failed} not`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
