// A provider on loopback that notes what arrives and answers at once, and a proxy that stands for
// every other host: a call that leaves for a vendor's own address ends here as well.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import tls from 'node:tls';

const events = (list, lineEnd = '\n') =>
  list
    .map(
      ([name, data]) =>
        (name ? `event: ${name}${lineEnd}` : '') +
        `data: ${JSON.stringify(data)}${lineEnd}${lineEnd}`,
    )
    .join('');

function openaiAnswer(model) {
  const chunk = (delta, finish_reason, usage) => [
    '',
    {
      id: 'c',
      object: 'chat.completion.chunk',
      created: 1754000000,
      model,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      ...(usage && { usage }),
    },
  ];
  return (
    events([
      chunk({ role: 'assistant', content: 'pong' }, null),
      chunk({}, 'stop', { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 }),
    ]) + 'data: [DONE]\n\n'
  );
}

function responsesAnswer(model) {
  const item = {
    id: 'm',
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: 'pong', annotations: [] }],
  };
  const response = (status, output) => ({
    id: 'r',
    object: 'response',
    created_at: 1754000000,
    status,
    model,
    output,
    usage: {
      input_tokens: 9,
      output_tokens: 1,
      total_tokens: 10,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    },
  });
  const list = [
    { type: 'response.created', response: response('in_progress', []) },
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...item, status: 'in_progress', content: [] },
    },
    {
      type: 'response.output_text.delta',
      item_id: 'm',
      output_index: 0,
      content_index: 0,
      delta: 'pong',
    },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: response('completed', [item]) },
  ];
  return events(list.map((data, sequence_number) => [data.type, { ...data, sequence_number }]));
}

function anthropicAnswer(model) {
  const message = {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 9, output_tokens: 1 },
  };
  return events(
    [
      { type: 'message_start', message },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'pong' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 1 },
      },
      { type: 'message_stop' },
    ].map((data) => [data.type, data]),
  );
}

function geminiAnswer(model) {
  return events(
    [
      [
        '',
        {
          candidates: [
            {
              content: { parts: [{ text: 'pong' }], role: 'model' },
              finishReason: 'STOP',
              index: 0,
            },
          ],
          usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 1, totalTokenCount: 10 },
          modelVersion: model,
          responseId: 'r',
        },
      ],
    ],
    '\r\n',
  );
}

// What each protocol appends to a base URL; facts, section 9 ("Wire behaviour").
const forms = [
  { protocol: 'openai', end: /\/chat\/completions$/, answer: openaiAnswer },
  { protocol: 'openai-responses', end: /\/responses$/, answer: responsesAnswer },
  { protocol: 'anthropic', end: /\/v1\/messages$/, answer: anthropicAnswer },
  {
    protocol: 'gemini',
    end: /\/v1beta\/models\/([^/:]+):streamGenerateContent$/,
    answer: geminiAnswer,
  },
  {
    protocol: 'vertex-ai',
    end: /\/v1beta1\/publishers\/google\/models\/([^/:]+):streamGenerateContent$/,
    answer: geminiAnswer,
  },
];

function keyOf(headers) {
  // HTTP drops blanks at the end, so nothing may be left of a blank key.
  return (
    headers['x-api-key'] ??
    headers['x-goog-api-key'] ??
    headers.authorization?.replace(/^Bearer( |$)/, '') ??
    null
  );
}

// One call as it arrived: {protocol, key, url, model} where it asks a model, else {other}.
function callOf(request, origin, body) {
  const url = new URL(request.url, origin);
  for (const { protocol, end, answer } of forms) {
    const match = end.exec(url.pathname);
    if (!match || request.method !== 'POST') continue;
    let model = match[1] && decodeURIComponent(match[1]);
    try {
      model ??= JSON.parse(body).model;
    } catch {
      /* no model then */
    }
    return {
      call: {
        protocol,
        key: keyOf(request.headers),
        model: model ?? null,
        url: url.origin + url.pathname.slice(0, match.index),
      },
      answer,
    };
  }
  return { call: { other: `${request.method} ${url.href}` } };
}

function handler(notes, scheme) {
  return (request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const { call, answer } = callOf(
        request,
        `${scheme}://${request.headers.host}`,
        Buffer.concat(chunks).toString(),
      );
      notes.push(call);
      response.setHeader('connection', 'close');
      if (!answer) {
        response.writeHead(404);
        response.end('{}');
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(answer(call.model));
    });
  };
}

// A certificate authority of this run alone, in `folder`; authority is the file to trust.
export function makeTrust(folder) {
  const authority = join(folder, 'authority.pem');
  const make = (name, subject, ...more) =>
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-nodes',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-days',
        '2',
        '-subj',
        subject,
        '-keyout',
        join(folder, `${name}.key`),
        '-out',
        join(folder, `${name}.pem`),
        ...more,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
  make('authority', '/CN=tests of a single run');
  const made = new Map();
  const contextOf = (host) => {
    if (!made.has(host)) {
      make(
        'host',
        '/CN=host',
        '-addext',
        `subjectAltName=DNS:${host}`,
        '-CA',
        authority,
        '-CAkey',
        join(folder, 'authority.key'),
      );
      made.set(
        host,
        tls.createSecureContext({
          key: readFileSync(join(folder, 'host.key')),
          cert: readFileSync(join(folder, 'host.pem')),
        }),
      );
    }
    return made.get(host);
  };
  return { authority, contextOf };
}

const listening = (server) =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });

// Both for one run of the client. `calls` grows as they come.
export async function startProvider() {
  const calls = [];
  const server = http.createServer(handler(calls, 'http'));
  return {
    calls,
    port: await listening(server),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

// `trusted` comes from makeTrust and is shared by all runs: making certificates takes a while.
export async function startProxy(calls, trusted) {
  const plain = http.createServer(handler(calls, 'http'));
  const secure = https.createServer(
    {
      SNICallback: (host, done) => {
        try {
          done(null, trusted.contextOf(host));
        } catch (error) {
          done(error);
        }
      },
    },
    handler(calls, 'https'),
  );
  const sockets = new Set();
  plain.on('connect', (request, socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    (request.url.endsWith(':443') ? secure : plain).emit('connection', socket);
  });
  secure.on('tlsClientError', (error) => calls.push({ other: `TLS: ${error.message}` }));
  const port = await listening(plain);
  return {
    port,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      plain.closeAllConnections();
      plain.close();
    },
  };
}
