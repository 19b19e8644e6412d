// The daemon under test, in a home of its own, and calls of its methods over the socket.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export class Daemon {
  static async start(bin) {
    const daemon = new Daemon();
    daemon.home = mkdtempSync(join(tmpdir(), 'authd-real-daemon.'));
    mkdirSync(join(daemon.home, 'run'), { mode: 0o700 });
    daemon.bin = bin;
    daemon.env = {
      PATH: '/usr/bin:/bin',
      LANG: 'C.UTF-8',
      HOME: daemon.home,
      TMPDIR: daemon.home,
      XDG_RUNTIME_DIR: join(daemon.home, 'run'),
      XDG_STATE_HOME: join(daemon.home, 'state'),
      QWEN_AUTHD_SOCKET: join(daemon.home, 'run', 'rpc.sock'),
    };
    await run(join(bin, 'qwen-authctl'), ['daemon', 'start'], { env: daemon.env, timeout: 20000 });
    daemon.answers = new Map();
    daemon.next = 1;
    daemon.socket = net.connect(daemon.env.QWEN_AUTHD_SOCKET);
    let rest = '';
    daemon.socket.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) daemon.take(JSON.parse(line));
    });
    daemon.socket
      .on('error', () => {})
      .on('close', () => {
        for (const answer of daemon.answers.values())
          answer({ error: { message: 'the daemon is gone' } });
      });
    return daemon;
  }
  take(message) {
    const answer = this.answers.get(message.id);
    if (answer) {
      this.answers.delete(message.id);
      answer(message);
    }
  }
  // The result, or {failed: the error's text}.
  call(method, params) {
    return new Promise((resolve) => {
      const id = this.next++;
      this.answers.set(id, ({ result, error }) =>
        resolve(error ? { failed: `${error.message}` } : result),
      );
      this.socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    });
  }
  async stop() {
    this.socket?.end();
    await run(join(this.bin, 'qwen-authctl'), ['daemon', 'stop'], {
      env: this.env,
      timeout: 20000,
    }).catch(() => {});
    rmSync(this.home, { recursive: true, force: true });
  }
}
