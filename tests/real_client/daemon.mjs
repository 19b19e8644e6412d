// The daemon under test, in a home of its own, and calls of its methods over the socket.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { onSignal, scratchFolder } from './cleanup.mjs';

export class Daemon {
  static start(bin) {
    const daemon = new Daemon();
    daemon.folder = scratchFolder('daemon');
    daemon.home = daemon.folder.path;
    mkdirSync(join(daemon.home, 'run'), { mode: 0o700 });
    daemon.env = {
      PATH: '/usr/bin:/bin',
      LANG: 'C.UTF-8',
      HOME: daemon.home,
      TMPDIR: daemon.home,
      XDG_RUNTIME_DIR: join(daemon.home, 'run'),
      XDG_STATE_HOME: join(daemon.home, 'state'),
      QWEN_AUTHD_SOCKET: join(daemon.home, 'run', 'rpc.sock'),
    };
    daemon.control = [join(bin, 'qwen-authctl'), { env: daemon.env, timeout: 20000 }];
    daemon.settled = onSignal(() => daemon.order('stop'));
    daemon.order('start');
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
    if (this.socket.destroyed) return Promise.resolve({ failed: 'the daemon is gone' });
    return new Promise((resolve) => {
      const id = this.next++;
      this.answers.set(id, ({ result, error }) =>
        resolve(error ? { failed: `${error.message}` } : result),
      );
      this.socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    });
  }
  order(what) {
    const [program, options] = this.control;
    execFileSync(program, ['daemon', what], { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  }
  stop() {
    this.settled();
    this.socket.end();
    this.order('stop');
    this.folder.remove();
  }
}
