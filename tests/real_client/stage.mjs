// One set-up on disk, and one start of the real client in it.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onSignal, scratchFolder } from './cleanup.mjs';
import { startProvider, startProxy } from './provider.mjs';

const secondsPerRun = 60;

// A set-up is {name, files?, env?, args?, cwd?, home?, links?}. Names of files start with ~/ (the
// home) or / (the root of the scratch directory, in which the home lies too); contents are text, or
// an object for JSON, or null for a directory; links are symbolic. In every text {p} is the
// provider's origin and {host} its host, {home} and {root} are the directories. The client stands in
// ~/work unless `cwd` says otherwise.
export class Stage {
  constructor(setup, origin) {
    this.setup = setup;
    this.origin = origin;
    this.folder = scratchFolder('stage');
    this.root = this.folder.path;
    this.home = this.path(setup.home ?? '/home');
    const real = join(this.root, 'home');
    mkdirSync(join(real, 'work'), { recursive: true, mode: 0o700 });
    chmodSync(real, 0o700);
    for (const [name, target] of Object.entries(setup.links ?? {})) {
      mkdirSync(this.path(target), { recursive: true });
      symlinkSync(this.path(target), this.path(name));
    }
    this.cwd = this.path(setup.cwd ?? '~/work');
    mkdirSync(this.cwd, { recursive: true });
    mkdirSync(join(this.root, 'tmp'));
    for (const [name, content] of Object.entries(setup.files ?? {}))
      this.write(this.path(name), content);
    this.env = this.filled({
      HOME: this.home,
      LANG: 'C.UTF-8',
      TMPDIR: join(this.root, 'tmp'),
      QWEN_USAGE_STATISTICS_ENABLED: 'false',
      QWEN_CODE_SYSTEM_SETTINGS_PATH: '{root}/etc/settings.json',
      ...setup.env,
    });
    this.args = this.filled(setup.args ?? []);
  }
  path(name) {
    return name.startsWith('~/') ? join(this.home, name.slice(2)) : join(this.root, name);
  }
  write(path, content) {
    mkdirSync(dirname(path), { recursive: true });
    if (content === null) {
      mkdirSync(path);
      return;
    }
    writeFileSync(
      path,
      this.filled(typeof content === 'string' ? content : JSON.stringify(content, null, 2)),
      { mode: 0o600 },
    );
  }
  text(text) {
    return text
      .replaceAll('{p}', this.origin)
      .replaceAll('{host}', this.origin.replace('http://', ''))
      .replaceAll('{home}', this.home)
      .replaceAll('{root}', this.root);
  }
  filled(value) {
    return typeof value === 'string'
      ? this.text(value)
      : JSON.parse(this.text(JSON.stringify(value)));
  }
  // What happened, told without this run's ports and directories.
  unfilled(text) {
    return text
      .replaceAll(this.origin, '{p}')
      .replaceAll(this.home, '{home}')
      .replaceAll(this.root, '{root}');
  }
  remove() {
    this.folder.remove();
  }
}

// A client that client.sh installed in a folder.
export function clientIn(folder, version) {
  const modules = join(folder, 'node_modules');
  const node = readdirSync(modules).find((name) => name.startsWith('node-linux-'));
  return {
    version,
    node: join(modules, node, 'bin', 'node'),
    qwen: join(modules, '.bin', 'qwen'),
    cache: join(folder, 'compiled'),
  };
}

// The answer is {exit, arrived, later?, ms, stderr}: `arrived` is the first call that asks a model,
// or null; `later` is whatever came that differs from it. No call leaves the machine: what is meant
// for another host ends at the proxy, which notes it as if it were that host. `prepare`, called with
// the stage before the client starts, may do more there.
export async function runClient(setup, client, trusted, prepare = () => {}) {
  const provider = await startProvider();
  const proxy = await startProxy(provider.calls, trusted);
  const stage = new Stage(setup, `http://127.0.0.1:${provider.port}`);
  try {
    const env = {
      PATH: `${dirname(client.node)}:/usr/bin:/bin`,
      NODE_COMPILE_CACHE: client.cache,
      ...stage.env,
      HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
      HTTP_PROXY: `http://127.0.0.1:${proxy.port}`,
      NODE_EXTRA_CA_CERTS: trusted.authority,
    };
    await prepare(stage);
    const started = Date.now();
    const { exit, stderr } = await finish(client, [...stage.args, '-p', 'hi'], {
      cwd: stage.cwd,
      env,
    });
    const calls = provider.calls.map((call) => JSON.parse(stage.unfilled(JSON.stringify(call))));
    const arrived = calls.find((call) => call.protocol) ?? null;
    const later = [...new Set(calls.map((call) => JSON.stringify(call)))]
      .map((text) => JSON.parse(text))
      .filter((call) => JSON.stringify(call) !== JSON.stringify(arrived));
    return {
      exit,
      arrived,
      ...(later.length && { later }),
      ms: Date.now() - started,
      stderr: complaints(stage.unfilled(stderr)),
    };
  } finally {
    provider.stop();
    proxy.stop();
    stage.remove();
  }
}

// The first lines that say something: no stack, no colours.
function complaints(text) {
  return text
    .replaceAll(/\x1b\[[0-9;]*m/g, '')
    .split('\n')
    .map((line) => line.trim().slice(0, 300))
    .filter((line) => line && !/^(at |Ripgrep not available)/.test(line))
    .slice(0, 3);
}

function finish(client, args, options) {
  return new Promise((resolve) => {
    // A group of its own: one version starts a second process, and both have to end.
    const child = spawn(client.node, [client.qwen, ...args], {
      ...options,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '',
      late = false;
    child.stderr.on('data', (text) => {
      if (stderr.length < 20000) stderr += text;
    });
    const end = () => process.kill(-child.pid, 'SIGKILL');
    const settled = onSignal(end);
    const timer = setTimeout(() => {
      late = true;
      end();
    }, secondsPerRun * 1000);
    child.on('close', (code, signal) => {
      settled();
      clearTimeout(timer);
      resolve({ exit: late ? 'timeout' : (code ?? signal), stderr });
    });
  });
}
