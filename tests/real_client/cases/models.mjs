// Which entry of modelProviders counts, and what becomes of a broken one.
import {
  auth,
  entry,
  live,
  m1,
  noKey,
  openai,
  openaiEnv,
  settings,
  twice,
  twiceEnv,
  typed,
  user,
} from './parts.mjs';

export const models = [
  // --- Which entry ---
  { live, name: 'a model.name that no entry has', ...user(settings({ model: { name: 'zzz' } })) },
  {
    name: 'a model.name that no entry has, first entry without a key',
    ...user(
      settings({
        env: { K2: 'sk-2' },
        ...openai(m1, entry('m2', 'b/v1', 'K2')),
        model: { name: 'zzz' },
      }),
    ),
  },
  {
    live,
    name: 'no model.name',
    ...user(settings({ ...openai(entry('x', 'x/v1', 'K'), m1), model: undefined })),
  },
  {
    name: 'no model.name and OPENAI_MODEL',
    env: { OPENAI_MODEL: 'm1' },
    ...user(settings({ ...openai(entry('x', 'x/v1', 'K'), m1), model: undefined })),
  },
  {
    name: 'no model.name and QWEN_MODEL',
    env: { QWEN_MODEL: 'm1' },
    ...user(settings({ ...openai(entry('x', 'x/v1', 'K'), m1), model: undefined })),
  },
  {
    name: 'model.name and OPENAI_MODEL',
    env: { OPENAI_MODEL: 'x' },
    ...user(settings({ ...openai(entry('x', 'x/v1', 'K'), m1) })),
  },
  {
    live,
    name: '--model chooses',
    args: ['--model', 'm2'],
    ...user(settings({ ...openai(m1, entry('m2', 'b/v1', 'K')) })),
  },
  { name: '--model that no entry has', args: ['--model', 'zzz'], ...user(settings()) },
  {
    name: '--model=value',
    args: ['--model=m2'],
    ...user(settings({ ...openai(m1, entry('m2', 'b/v1', 'K')) })),
  },
  {
    name: '-m',
    args: ['-m', 'm2'],
    ...user(settings({ ...openai(m1, entry('m2', 'b/v1', 'K')) })),
  },
  {
    name: 'one id at two endpoints',
    ...user(
      settings({ env: twiceEnv, modelProviders: { openai: twice }, model: { name: 'same' } }),
    ),
  },
  {
    live,
    name: 'one id at two endpoints, model.baseUrl the second',
    ...user(
      settings({
        env: twiceEnv,
        modelProviders: { openai: twice },
        model: { name: 'same', baseUrl: '{p}/b/v1' },
      }),
    ),
  },
  {
    live,
    name: 'one id at two endpoints, model.baseUrl stale',
    ...user(
      settings({
        env: twiceEnv,
        modelProviders: { openai: twice },
        model: { name: 'same', baseUrl: '{p}/gone/v1' },
      }),
    ),
  },
  {
    name: 'one id at two endpoints, model.baseUrl empty',
    ...user(
      settings({
        env: twiceEnv,
        modelProviders: { openai: twice },
        model: { name: 'same', baseUrl: '' },
      }),
    ),
  },
  {
    name: 'one id at two endpoints, --model and model.baseUrl',
    args: ['--model', 'same'],
    ...user(
      settings({
        env: twiceEnv,
        modelProviders: { openai: twice },
        model: { name: 'same', baseUrl: '{p}/b/v1' },
      }),
    ),
  },
  {
    name: 'model.baseUrl with another trailing slash',
    ...user(
      settings({
        env: twiceEnv,
        modelProviders: { openai: twice },
        model: { name: 'same', baseUrl: '{p}/b/v1/' },
      }),
    ),
  },
  {
    name: 'the same id and endpoint twice, two keys',
    ...user(
      settings({
        env: twiceEnv,
        ...openai(entry('same', 'a/v1', 'KA'), entry('same', 'a/v1', 'KB')),
        model: { name: 'same' },
      }),
    ),
  },
  {
    name: 'one id with and without baseUrl',
    ...user(
      settings({
        env: twiceEnv,
        ...openai(entry('same', 'a/v1', 'KA'), entry('same', undefined, 'KB')),
        model: { name: 'same' },
      }),
    ),
  },
  {
    name: 'the same id under another protocol',
    ...user(settings({ modelProviders: { anthropic: [entry('m1', 'w', 'K')], openai: [m1] } })),
  },
  {
    name: 'model.name with the prefix of a runtime snapshot',
    ...user(
      settings({ ...openai(entry('x', 'x/v1', 'K'), m1), model: { name: '$runtime|openai|m1' } }),
    ),
  },
  {
    name: 'a first entry that is only for images',
    ...user(
      settings({ ...openai(entry('img', 'i/v1', 'K', { imageOnly: true }), m1), model: undefined }),
    ),
  },
  {
    name: 'a first entry that is only for voice, wrong model.name',
    ...user(
      settings({
        ...openai(entry('voice', 'i/v1', 'K', { voiceOnly: true }), m1),
        model: { name: 'zzz' },
      }),
    ),
  },
  {
    live,
    name: 'unmatched: model.name and OPENAI_API_KEY',
    env: { OPENAI_API_KEY: 'sk-shell' },
    ...user(settings({ model: { name: 'zzz' } })),
  },
  {
    name: 'unmatched: model.name and OPENAI_BASE_URL',
    env: { OPENAI_BASE_URL: '{p}/env/v1' },
    ...user(settings({ model: { name: 'zzz' } })),
  },
  {
    name: 'unmatched: model.name and security.auth.apiKey',
    ...user(
      settings({
        model: { name: 'zzz' },
        security: auth({ selectedType: 'openai', apiKey: 'sk-legacy', baseUrl: '{p}/legacy/v1' }),
      }),
    ),
  },
  {
    name: 'unmatched: model.name and --openai-api-key',
    args: ['--openai-api-key', 'sk-flag'],
    ...user(settings({ model: { name: 'zzz' } })),
  },
  {
    name: "unmatched: model.name, and the entry's envKey is OPENAI_API_KEY",
    ...user(
      settings({
        env: { OPENAI_API_KEY: 'sk-user' },
        ...openai(entry('m1', 'a/v1', 'OPENAI_API_KEY')),
        model: { name: 'zzz' },
      }),
    ),
  },
  {
    name: 'unmatched: --model and OPENAI_*',
    env: openaiEnv,
    args: ['--model', 'zzz'],
    ...user(settings()),
  },
  {
    name: 'unmatched: no model.name and OPENAI_API_KEY',
    env: { OPENAI_API_KEY: 'sk-shell' },
    ...user(settings({ model: undefined })),
  },
  {
    name: 'unmatched: no model.name and OPENAI_API_KEY in settings.env without envKey',
    ...user(
      settings({
        env: { OPENAI_API_KEY: 'sk-user' },
        ...openai(entry('m1', 'a/v1')),
        model: undefined,
      }),
    ),
  },
  {
    name: 'unmatched: no model.name, OPENAI_MODEL of no entry',
    env: { OPENAI_MODEL: 'zzz' },
    ...user(settings({ model: undefined })),
  },
  {
    name: 'unmatched: no model.name, OPENAI_* complete',
    env: openaiEnv,
    ...user(settings({ model: undefined })),
  },
  {
    name: 'unmatched: anthropic model.name and ANTHROPIC_API_KEY',
    env: { ANTHROPIC_API_KEY: 'sk-shell' },
    ...user(settings({ ...typed('anthropic', entry('m1', 'a', 'K')), model: { name: 'zzz' } })),
  },
  {
    name: 'unmatched: anthropic model.name, ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL',
    env: { ANTHROPIC_API_KEY: 'sk-shell', ANTHROPIC_BASE_URL: '{p}/env' },
    ...user(settings({ ...typed('anthropic', entry('m1', 'a', 'K')), model: { name: 'zzz' } })),
  },
  {
    name: 'unmatched: gemini model.name and GEMINI_API_KEY',
    env: { GEMINI_API_KEY: 'sk-shell' },
    ...user(settings({ ...typed('gemini', entry('m1', 'a', 'K')), model: { name: 'zzz' } })),
  },
  {
    name: 'unmatched: anthropic without model.name',
    ...user(settings({ ...typed('anthropic', entry('m1', 'a', 'K')), model: undefined })),
  },
  {
    name: "unmatched: model.name of another protocol's entry",
    ...user(
      settings({
        modelProviders: { openai: [m1], anthropic: [entry('claude', 'w', 'K')] },
        model: { name: 'claude' },
      }),
    ),
  },
  { name: 'unmatched: model.name empty', ...user(settings({ model: { name: '' } })) },
  {
    name: 'model.baseUrl stale, one entry',
    ...user(settings({ model: { name: 'm1', baseUrl: '{p}/gone/v1' } })),
  },
  { name: 'model.name with blanks', ...user(settings({ model: { name: ' m1 ' } })) },
  {
    name: 'ids that differ in case',
    ...user(settings({ ...openai(entry('x', 'x/v1', 'K'), entry('M1', 'b/v1', 'K')) })),
  },

  // --- Entries that are skipped or fatal ---
  {
    live,
    name: 'an entry without id',
    ...user(settings({ ...openai(m1, { baseUrl: '{p}/b/v1', envKey: 'K' }) })),
  },
  {
    name: 'an entry without id under another protocol',
    ...user(settings({ modelProviders: { openai: [m1], gemini: [{ envKey: 'K' }] } })),
  },
  { name: 'a null entry', ...user(settings({ ...openai(null, m1) })) },
  { name: 'a list that is not one', ...user(settings({ modelProviders: { openai: 'm1' } })) },
  {
    name: 'a list in the form of version 5',
    ...user(settings({ modelProviders: { openai: { protocol: 'openai', models: [m1] } } })),
  },
  {
    live,
    name: 'a bad wireApi on another entry',
    ...user(settings({ ...openai(m1, entry('m2', 'b/v1', 'K', { wireApi: 'nope' })) })),
  },
  {
    live,
    name: 'wireApi responses',
    ...user(settings({ ...openai(entry('m1', 'a/v1', 'K', { wireApi: 'responses' })) })),
  },
  { name: 'an unknown provider alone', ...user(settings({ modelProviders: { mygw: [m1] } })) },
  {
    live,
    name: 'an unknown provider beside openai',
    ...user(settings({ modelProviders: { mygw: [m1], openai: [entry('x', 'x/v1', 'K')] } })),
  },
  {
    live,
    name: 'a provider mapped by providerProtocol',
    ...user(settings({ providerProtocol: { mygw: 'openai' }, modelProviders: { mygw: [m1] } })),
  },
  {
    name: 'a mapped provider after openai, model in both',
    ...user(
      settings({
        env: twiceEnv,
        providerProtocol: { mygw: 'openai' },
        modelProviders: { mygw: [twice[1]], openai: [twice[0]] },
        model: { name: 'same' },
      }),
    ),
  },
  {
    name: 'providerProtocol to something unknown',
    ...user(settings({ providerProtocol: { mygw: 'soap' }, modelProviders: { mygw: [m1] } })),
  },
  {
    name: 'no envKey, OPENAI_API_KEY in settings.env',
    ...user(settings({ env: { OPENAI_API_KEY: 'sk-user' }, ...openai(entry('m1', 'a/v1')) })),
  },
  { name: 'no envKey and no key', ...user(noKey({ ...openai(entry('m1', 'a/v1')) })) },
  {
    name: 'no envKey, security.auth.apiKey',
    ...user(
      noKey({
        ...openai(entry('m1', 'a/v1')),
        security: auth({ selectedType: 'openai', apiKey: 'sk-legacy' }),
      }),
    ),
  },
  {
    live,
    name: 'envKey without a value, OPENAI_API_KEY set',
    env: { OPENAI_API_KEY: 'sk-shell' },
    ...user(noKey()),
  },
  {
    name: 'envKey without a value, security.auth.apiKey set',
    ...user(noKey({ security: auth({ selectedType: 'openai', apiKey: 'sk-legacy' }) })),
  },
  {
    name: 'envKey without a value, --openai-api-key',
    args: ['--openai-api-key', 'sk-flag'],
    ...user(noKey()),
  },
  {
    name: 'envKey with a value, --openai-api-key',
    args: ['--openai-api-key', 'sk-flag'],
    ...user(settings()),
  },
  {
    name: 'an entry and --openai-base-url',
    args: ['--openai-base-url', '{p}/flag/v1'],
    ...user(settings()),
  },
  { name: 'an entry and OPENAI_* exported', env: openaiEnv, ...user(settings()) },
  {
    name: 'an entry and security.auth.apiKey and baseUrl',
    ...user(
      settings({
        security: auth({ selectedType: 'openai', apiKey: 'sk-legacy', baseUrl: '{p}/legacy/v1' }),
      }),
    ),
  },
  {
    live,
    name: 'no baseUrl on the entry',
    ...user(settings({ ...openai(entry('m1', undefined, 'K')) })),
  },
  {
    live,
    name: 'no baseUrl on the entry, OPENAI_BASE_URL set',
    env: { OPENAI_BASE_URL: '{p}/env/v1' },
    ...user(settings({ ...openai(entry('m1', undefined, 'K')) })),
  },
  {
    name: 'no baseUrl on the entry, --openai-base-url',
    args: ['--openai-base-url', '{p}/flag/v1'],
    ...user(settings({ ...openai(entry('m1', undefined, 'K')) })),
  },
  {
    name: 'no baseUrl on the entry, security.auth.baseUrl',
    ...user(
      settings({
        ...openai(entry('m1', undefined, 'K')),
        security: auth({ selectedType: 'openai', baseUrl: '{p}/legacy/v1' }),
      }),
    ),
  },
  {
    name: 'a base URL with a trailing slash',
    ...user(settings({ ...openai(entry('m1', 'a/v1/', 'K')) })),
  },
  {
    name: 'an envKey that is the key itself',
    ...user(noKey({ ...openai(entry('m1', 'a/v1', 'sk-literal')) })),
  },
  {
    name: 'blanks around the key in settings.env',
    key: '  sk-user  ',
    ...user(settings({ env: { K: '  sk-user  ' } })),
  },
  {
    name: 'envKey without a value, OPENAI_API_KEY in settings.env',
    ...user(settings({ env: { OPENAI_API_KEY: 'sk-user' } })),
  },
  {
    name: 'envKey without a value, OPENAI_API_KEY exported empty',
    env: { OPENAI_API_KEY: '' },
    ...user(noKey()),
  },
  {
    name: 'envKey without a value, flag, OPENAI_API_KEY and security.auth.apiKey',
    args: ['--openai-api-key', 'sk-flag'],
    env: { OPENAI_API_KEY: 'sk-shell' },
    ...user(noKey({ security: auth({ selectedType: 'openai', apiKey: 'sk-legacy' }) })),
  },
  {
    name: 'envKey of the first entry without a value, wrong model.name, OPENAI_API_KEY set',
    env: { OPENAI_API_KEY: 'sk-shell', OPENAI_BASE_URL: '{p}/env/v1' },
    ...user(noKey({ model: { name: 'zzz' } })),
  },
  {
    name: 'envKey empty text',
    env: { OPENAI_API_KEY: 'sk-shell' },
    ...user(settings({ ...openai(entry('m1', 'a/v1', '', { envKey: '' })) })),
  },
  {
    name: 'baseUrl empty text',
    ...user(settings({ ...openai({ id: 'm1', baseUrl: '', envKey: 'K' }) })),
  },
  {
    name: 'no envKey, a wrong model.name, OPENAI_API_KEY set',
    env: { OPENAI_API_KEY: 'sk-shell' },
    ...user(settings({ ...openai(entry('m1', 'a/v1')), model: { name: 'zzz' } })),
  },
  {
    name: 'an unknown provider alone, OPENAI_* complete',
    env: openaiEnv,
    ...user(settings({ modelProviders: { mygw: [m1] } })),
  },
  {
    name: 'providerProtocol for a built-in provider',
    ...user(
      settings({
        providerProtocol: { openai: 'anthropic' },
        ...openai(entry('m1', 'a', 'K')),
        security: auth({ selectedType: 'anthropic' }),
      }),
    ),
  },
  {
    name: 'wireApi on an anthropic entry',
    ...user(
      settings({
        modelProviders: {
          openai: [m1],
          anthropic: [entry('w1', 'w', 'K', { wireApi: 'responses' })],
        },
      }),
    ),
  },
  {
    name: 'wireApi responses, base URL without /v1',
    ...user(settings({ ...openai(entry('m1', 'a', 'K', { wireApi: 'responses' })) })),
  },
  {
    name: 'wireApi chat-completions and responses for one id',
    ...user(
      settings({
        ...openai(entry('m1', 'a/v1', 'K', { wireApi: 'responses' }), entry('m1', 'b/v1', 'K')),
      }),
    ),
  },
  {
    name: 'an id that is a number',
    ...user(settings({ ...openai(entry(7, 'a/v1', 'K')), model: { name: '7' } })),
  },
  {
    name: 'a modelProviders list under qwen-oauth beside openai',
    ...user(
      settings({ modelProviders: { 'qwen-oauth': [entry('q', 'q/v1', 'K')], openai: [m1] } }),
    ),
  },
  {
    name: 'two slashes at the end of a base URL',
    ...user(settings({ ...openai(entry('m1', 'a/v1//', 'K')) })),
  },
  {
    name: 'a base URL in capitals',
    ...user(settings({ ...openai({ id: 'm1', baseUrl: 'HTTP://{host}/A/v1', envKey: 'K' }) })),
  },
];
