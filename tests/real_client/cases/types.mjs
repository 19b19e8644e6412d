// Protocols besides openai, and how the type of authentication is found.
import { auth, entry, live, m1, noKey, openaiEnv, settings, typed, user } from './parts.mjs';

export const types = [
  // --- Other protocols ---
  { live, name: 'anthropic', ...user(settings({ ...typed('anthropic', entry('m1', 'a', 'K')) })) },
  {
    name: 'anthropic, wrong model.name',
    ...user(settings({ ...typed('anthropic', entry('m1', 'a', 'K')), model: { name: 'zzz' } })),
  },
  {
    name: 'anthropic without baseUrl',
    ...user(settings({ ...typed('anthropic', entry('m1', undefined, 'K')) })),
  },
  {
    live,
    name: 'anthropic without baseUrl, ANTHROPIC_BASE_URL set',
    env: { ANTHROPIC_BASE_URL: '{p}/env' },
    ...user(settings({ ...typed('anthropic', entry('m1', undefined, 'K')) })),
  },
  {
    name: 'anthropic without envKey, ANTHROPIC_API_KEY set',
    env: { ANTHROPIC_API_KEY: 'sk-shell' },
    ...user(noKey({ ...typed('anthropic', entry('m1', 'a')) })),
  },
  {
    name: 'anthropic without envKey, ANTHROPIC_AUTH_TOKEN set',
    env: { ANTHROPIC_AUTH_TOKEN: 'sk-token' },
    ...user(noKey({ ...typed('anthropic', entry('m1', 'a')) })),
  },
  {
    name: 'anthropic without a key',
    ...user(noKey({ ...typed('anthropic', entry('m1', 'a', 'K')) })),
  },
  {
    name: 'anthropic by ANTHROPIC_* alone',
    env: {
      ANTHROPIC_API_KEY: 'sk-shell',
      ANTHROPIC_BASE_URL: '{p}/env',
      ANTHROPIC_MODEL: 'env-model',
    },
  },
  {
    name: 'anthropic with a stored selectedType and ANTHROPIC_*',
    env: {
      ANTHROPIC_API_KEY: 'sk-shell',
      ANTHROPIC_BASE_URL: '{p}/env',
      ANTHROPIC_MODEL: 'env-model',
    },
    ...user({ $version: 4, security: auth({ selectedType: 'anthropic' }) }),
  },
  { live, name: 'gemini', ...user(settings({ ...typed('gemini', entry('m1', 'a', 'K')) })) },
  {
    name: 'gemini without baseUrl',
    ...user(settings({ ...typed('gemini', entry('m1', undefined, 'K')) })),
  },
  {
    name: 'gemini without baseUrl, GOOGLE_GEMINI_BASE_URL set',
    env: { GOOGLE_GEMINI_BASE_URL: '{p}/env' },
    ...user(settings({ ...typed('gemini', entry('m1', undefined, 'K')) })),
  },
  {
    name: 'gemini without a key, GOOGLE_API_KEY set',
    env: { GOOGLE_API_KEY: 'sk-google' },
    ...user(noKey({ ...typed('gemini', entry('m1', 'a', 'K')) })),
  },
  {
    name: 'gemini with a key, GOOGLE_API_KEY set',
    env: { GOOGLE_API_KEY: 'sk-google' },
    ...user(settings({ ...typed('gemini', entry('m1', 'a', 'K')) })),
  },
  {
    name: 'gemini by GEMINI_* alone',
    env: { GEMINI_API_KEY: 'sk-shell', GEMINI_MODEL: 'env-model' },
  },
  { name: 'vertex-ai', ...user(settings({ ...typed('vertex-ai', entry('m1', 'a', 'K')) })) },
  {
    name: 'anthropic envKey without a value, ANTHROPIC_API_KEY set',
    env: { ANTHROPIC_API_KEY: 'sk-shell' },
    ...user(noKey({ ...typed('anthropic', entry('m1', 'a', 'K')) })),
  },
  {
    name: 'anthropic envKey without a value, --openai-api-key',
    args: ['--openai-api-key', 'sk-flag'],
    ...user(noKey({ ...typed('anthropic', entry('m1', 'a', 'K')) })),
  },
  {
    name: 'anthropic envKey without a value, security.auth.apiKey',
    ...user(
      noKey({
        modelProviders: { anthropic: [entry('m1', 'a', 'K')] },
        security: auth({ selectedType: 'anthropic', apiKey: 'sk-legacy' }),
      }),
    ),
  },
  {
    name: 'gemini envKey without a value, GEMINI_API_KEY set',
    env: { GEMINI_API_KEY: 'sk-shell' },
    ...user(noKey({ ...typed('gemini', entry('m1', 'a', 'K')) })),
  },
  {
    name: 'gemini with baseUrl, GOOGLE_GEMINI_BASE_URL set',
    env: { GOOGLE_GEMINI_BASE_URL: '{p}/env' },
    ...user(settings({ ...typed('gemini', entry('m1', 'a', 'K')) })),
  },
  {
    name: 'gemini without baseUrl, OPENAI_BASE_URL and security.auth.baseUrl set',
    env: { OPENAI_BASE_URL: '{p}/env/v1' },
    ...user(
      settings({
        modelProviders: { gemini: [entry('m1', undefined, 'K')] },
        security: auth({ selectedType: 'gemini', baseUrl: '{p}/legacy' }),
      }),
    ),
  },
  {
    name: 'gemini without envKey, GEMINI_API_KEY in settings.env',
    ...user(settings({ env: { GEMINI_API_KEY: 'sk-user' }, ...typed('gemini', entry('m1', 'a')) })),
  },
  {
    name: 'vertex-ai without envKey, GOOGLE_API_KEY set',
    env: { GOOGLE_API_KEY: 'sk-google' },
    ...user(noKey({ ...typed('vertex-ai', entry('m1', 'a')) })),
  },
  {
    name: 'anthropic by ANTHROPIC_* without ANTHROPIC_BASE_URL',
    env: { ANTHROPIC_API_KEY: 'sk-shell', ANTHROPIC_MODEL: 'env-model' },
  },
  {
    name: 'anthropic entry and ANTHROPIC_BASE_URL',
    env: {
      ANTHROPIC_BASE_URL: '{p}/env',
      ANTHROPIC_API_KEY: 'sk-shell',
      ANTHROPIC_MODEL: 'env-model',
    },
    ...user(settings({ ...typed('anthropic', entry('m1', 'a', 'K')) })),
  },

  // --- The type of authentication ---
  { name: 'no selectedType', ...user(settings({ security: undefined })) },
  {
    name: 'no selectedType, OPENAI_* complete',
    env: openaiEnv,
    ...user(settings({ security: undefined })),
  },
  { live, name: 'no selectedType, OPENAI_* complete, no settings at all', env: openaiEnv },
  {
    name: 'OPENAI_* complete by ~/.qwen/.env alone',
    files: {
      '~/.qwen/.env':
        'OPENAI_API_KEY=sk-home-qwen\nOPENAI_BASE_URL={p}/env/v1\nOPENAI_MODEL=env-model\n',
    },
  },
  {
    name: 'OPENAI_* complete by settings.env alone',
    ...user({ $version: 4, env: { ...openaiEnv, OPENAI_API_KEY: 'sk-user' } }),
  },
  {
    live,
    name: 'QWEN_MODEL instead of OPENAI_MODEL',
    env: { OPENAI_API_KEY: 'sk-shell', OPENAI_BASE_URL: '{p}/env/v1', QWEN_MODEL: 'qwen-model' },
  },
  { name: 'OPENAI_MODEL and QWEN_MODEL', env: { ...openaiEnv, QWEN_MODEL: 'qwen-model' } },
  {
    name: 'OPENAI_API_KEY and OPENAI_MODEL without OPENAI_BASE_URL',
    env: { OPENAI_API_KEY: 'sk-shell', OPENAI_MODEL: 'env-model' },
  },
  {
    live,
    name: 'selectedType openai, OPENAI_API_KEY alone',
    env: { OPENAI_API_KEY: 'sk-shell' },
    ...user({ $version: 4, security: auth({ selectedType: 'openai' }) }),
  },
  {
    name: 'selectedType openai, OPENAI_* complete',
    env: openaiEnv,
    ...user({ $version: 4, security: auth({ selectedType: 'openai' }) }),
  },
  {
    name: 'selectedType openai, model.name and OPENAI_*',
    env: openaiEnv,
    ...user({ $version: 4, security: auth({ selectedType: 'openai' }), model: { name: 'named' } }),
  },
  {
    name: 'selectedType openai, model.name that no entry has, OPENAI_*',
    env: openaiEnv,
    ...user(settings({ model: { name: 'zzz' } })),
  },
  {
    live,
    name: 'legacy security.auth.apiKey and baseUrl',
    ...user({
      $version: 4,
      security: auth({ selectedType: 'openai', apiKey: 'sk-legacy', baseUrl: '{p}/legacy/v1' }),
      model: { name: 'named' },
    }),
  },
  {
    name: 'OPENAI_API_KEY beats security.auth.apiKey',
    env: { OPENAI_API_KEY: 'sk-shell' },
    ...user({
      $version: 4,
      security: auth({ selectedType: 'openai', apiKey: 'sk-legacy', baseUrl: '{p}/legacy/v1' }),
      model: { name: 'named' },
    }),
  },
  {
    live,
    name: 'flags alone',
    args: [
      '--auth-type',
      'openai',
      '--openai-api-key',
      'sk-flag',
      '--openai-base-url',
      '{p}/flag/v1',
      '--model',
      'flag-model',
    ],
  },
  {
    name: 'flags alone without --auth-type',
    args: [
      '--openai-api-key',
      'sk-flag',
      '--openai-base-url',
      '{p}/flag/v1',
      '--model',
      'flag-model',
    ],
  },
  {
    name: 'flags beat OPENAI_*',
    env: openaiEnv,
    args: [
      '--openai-api-key',
      'sk-flag',
      '--openai-base-url',
      '{p}/flag/v1',
      '--model',
      'flag-model',
    ],
  },
  {
    name: '--auth-type beats selectedType',
    args: ['--auth-type', 'anthropic'],
    ...user(settings({ modelProviders: { openai: [m1], anthropic: [entry('m1', 'w', 'K')] } })),
  },
  {
    name: 'selectedType of a protocol without entries',
    ...user(settings({ security: auth({ selectedType: 'anthropic' }) })),
  },
  {
    live,
    name: 'an unknown selectedType',
    ...user(settings({ security: auth({ selectedType: 'openai-compatible' }) })),
  },
  {
    name: 'enforcedType the same',
    ...user(settings({ security: auth({ selectedType: 'openai', enforcedType: 'openai' }) })),
  },
  {
    live,
    name: 'enforcedType another',
    ...user(settings({ security: auth({ selectedType: 'openai', enforcedType: 'anthropic' }) })),
  },
  {
    name: 'qwen-oauth',
    ...user(
      settings({ security: auth({ selectedType: 'qwen-oauth' }), model: { name: 'coder-model' } }),
    ),
  },
  {
    name: 'useExternal without a key',
    ...user(noKey({ security: auth({ selectedType: 'openai', useExternal: true }) })),
  },
  {
    name: 'no selectedType, --auth-type',
    args: ['--auth-type', 'openai'],
    ...user(settings({ security: undefined })),
  },
  { name: 'QWEN_OAUTH and OPENAI_* complete', env: { ...openaiEnv, QWEN_OAUTH: '1' } },
  {
    name: 'OPENAI_* and ANTHROPIC_* complete',
    env: {
      ...openaiEnv,
      ANTHROPIC_API_KEY: 'sk-a',
      ANTHROPIC_BASE_URL: '{p}/anthropic',
      ANTHROPIC_MODEL: 'claude',
    },
  },
  {
    name: 'GOOGLE_API_KEY and GOOGLE_MODEL alone',
    env: { GOOGLE_API_KEY: 'sk-google', GOOGLE_MODEL: 'env-model' },
  },
  {
    name: 'selectedType empty, OPENAI_* complete',
    env: openaiEnv,
    ...user({ $version: 4, security: auth({ selectedType: '' }) }),
  },
  {
    name: 'enforcedType another than --auth-type',
    args: ['--auth-type', 'anthropic'],
    ...user(
      settings({
        modelProviders: { openai: [m1], anthropic: [entry('m1', 'w', 'K')] },
        security: auth({ selectedType: 'openai', enforcedType: 'openai' }),
      }),
    ),
  },
  { name: 'enforcedType alone', ...user(settings({ security: auth({ enforcedType: 'openai' }) })) },
  {
    name: 'selectedType openai, OPENAI_MODEL without OPENAI_BASE_URL',
    env: { OPENAI_API_KEY: 'sk-shell', OPENAI_MODEL: 'env-model' },
    ...user({ $version: 4, security: auth({ selectedType: 'openai' }) }),
  },
  { name: 'an unknown --auth-type', args: ['--auth-type', 'nope'], ...user(settings()) },
  {
    name: 'selectedType openai-responses',
    ...user(
      settings({
        modelProviders: { 'openai-responses': [entry('m1', 'a/v1', 'K')] },
        security: auth({ selectedType: 'openai-responses' }),
      }),
    ),
  },
];
