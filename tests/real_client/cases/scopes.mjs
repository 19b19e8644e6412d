// Scopes of settings, trust, QWEN_HOME, and $NAME in settings.
import {
  entry,
  folderTrust,
  live,
  m1,
  noKey,
  openai,
  openaiEnv,
  settings,
  system,
  user,
  workspace,
} from './parts.mjs';

export const scopes = [
  // --- Scopes of settings ---
  {
    live,
    name: "workspace settings.env beats the user's",
    ...user(settings(), { ...workspace({ env: { K: 'sk-workspace' } }) }),
  },
  {
    live,
    name: "workspace model list replaces the user's",
    ...user(settings(), { ...workspace({ ...openai(entry('w1', 'w/v1', 'K')) }) }),
  },
  {
    name: 'workspace list of another protocol is added',
    ...user(settings(), {
      ...workspace({ modelProviders: { anthropic: [entry('w1', 'w', 'K')] } }),
    }),
  },
  {
    name: 'workspace model.name',
    ...user(settings({ ...openai(m1, entry('m2', 'b/v1', 'K')) }), {
      ...workspace({ model: { name: 'm2' } }),
    }),
  },
  {
    name: 'an empty workspace modelProviders',
    ...user(settings(), { ...workspace({ modelProviders: {} }) }),
  },
  { name: 'an empty workspace list', ...user(settings(), { ...workspace({ ...openai() }) }) },
  {
    live,
    name: 'system settings.env beats all files of settings',
    env: system,
    ...user(settings(), {
      '/sys/settings.json': { $version: 4, env: { K: 'sk-system' } },
      ...workspace({ env: { K: 'sk-workspace' } }),
    }),
  },
  {
    name: 'project .env beats system settings.env',
    env: system,
    ...user(settings(), {
      '/sys/settings.json': { $version: 4, env: { K: 'sk-system' } },
      '~/work/.env': 'K=sk-project\n',
    }),
  },
  {
    name: 'system defaults give way',
    env: system,
    ...user(settings(), {
      '/sys/system-defaults.json': { $version: 4, env: { K: 'sk-defaults' } },
    }),
  },
  {
    live,
    name: 'system defaults alone',
    env: system,
    files: { '/sys/system-defaults.json': settings({ env: { K: 'sk-defaults' } }) },
  },
  {
    name: 'system defaults by their own variable',
    env: { QWEN_CODE_SYSTEM_DEFAULTS_PATH: '{root}/sys/d.json' },
    ...user(noKey(), { '/sys/d.json': { $version: 4, env: { K: 'sk-defaults' } } }),
  },
  {
    name: "a number in workspace env over the user's string",
    ...user(settings(), { ...workspace({ env: { K: 7 } }) }),
  },
  { name: 'a settings file without $version', ...user(settings({ $version: undefined })) },
  {
    name: 'comments in settings',
    ...user(
      '{\n// note\n"$version": 4, /* x */ "env": {"K": "sk-user"}, "modelProviders": {"openai": [{"id": "m1", "baseUrl": "{p}/a/v1", "envKey": "K"}]},\n"security": {"auth": {"selectedType": "openai"}}}',
    ),
  },
  {
    name: 'a trailing comma in user settings',
    ...user(
      '{"$version": 4, "env": {"K": "sk-user"}, "modelProviders": {"openai": [{"id": "m1", "baseUrl": "{p}/a/v1", "envKey": "K"}]}, "security": {"auth": {"selectedType": "openai"}},}',
    ),
  },
  {
    name: 'a trailing comma in workspace settings',
    ...user(settings(), {
      '~/work/.qwen/settings.json': '{"$version": 4, "env": {"K": "sk-workspace"},}',
    }),
  },
  { name: 'started in the home with settings', cwd: '~/', ...user(settings()) },
  {
    name: 'flat keys of version 1',
    ...user({
      env: { K: 'sk-user' },
      ...openai(entry('x', 'x/v1', 'K'), m1),
      selectedAuthType: 'openai',
      model: 'm1',
    }),
  },
  {
    name: 'flat keys of version 1 in a file of version 4',
    ...user({ $version: 4, env: { K: 'sk-user' }, ...openai(m1), selectedAuthType: 'openai' }),
  },
  { name: '$version 3', ...user(settings({ $version: 3 })) },
  { name: '$version 6', ...user(settings({ $version: 6 })) },
  { name: '$version a string', ...user(settings({ $version: '4' })) },
  {
    name: '$version 5 with wrapped lists',
    ...user(
      settings({ $version: 5, modelProviders: { openai: { protocol: 'openai', models: [m1] } } }),
    ),
  },
  {
    name: 'wrapped lists without $version',
    ...user(
      settings({
        $version: undefined,
        modelProviders: { openai: { protocol: 'openai', models: [m1] } },
      }),
    ),
  },
  {
    name: 'a byte order mark before settings',
    ...user(
      '\uFEFF{"$version": 4, "env": {"K": "sk-user"}, "modelProviders": {"openai": [{"id": "m1", "baseUrl": "{p}/a/v1", "envKey": "K"}]}, "security": {"auth": {"selectedType": "openai"}}}',
    ),
  },
  {
    name: 'duplicate members',
    ...user(
      '{"$version": 4, "env": {"K": "sk-first"}, "env": {"K": "sk-last"}, "modelProviders": {"openai": [{"id": "m1", "baseUrl": "{p}/a/v1", "envKey": "K"}]}, "security": {"auth": {"selectedType": "openai"}}}',
    ),
  },
  { name: 'an empty settings file', env: openaiEnv, ...user('') },
  { name: 'settings that are a list', env: openaiEnv, ...user('[]') },
  {
    name: 'a broken settings file beside .orig',
    ...user('{"$version": 4,', {
      '~/.qwen/settings.json.orig': settings({ env: { K: 'sk-orig' } }),
    }),
  },
  {
    name: 'workspace env where the user has none',
    ...user(noKey(), { ...workspace({ env: { K: 'sk-workspace' } }) }),
  },
  { name: 'workspace env that is null', ...user(settings(), { ...workspace({ env: null }) }) },
  {
    name: 'workspace security.auth.selectedType',
    ...user(settings({ modelProviders: { openai: [m1], anthropic: [entry('m1', 'w', 'K')] } }), {
      ...workspace({ security: { auth: { selectedType: 'anthropic' } } }),
    }),
  },
  {
    name: 'workspace settings of a parent directory',
    cwd: '~/work/deep',
    ...user(settings(), { ...workspace({ env: { K: 'sk-workspace' } }) }),
  },

  // --- Trust ---
  {
    name: 'folder trust on, no rule: workspace settings',
    ...user(settings({ security: folderTrust() }), {
      ...workspace({ env: { K: 'sk-workspace' } }),
    }),
  },
  {
    live,
    name: 'folder trust on, no rule: project .env',
    ...user(settings({ security: folderTrust() }), { '~/work/.env': 'K=sk-project\n' }),
  },
  {
    name: 'folder trust on, no rule: project .env and ~/.env',
    ...user(settings({ security: folderTrust() }), {
      '~/work/.env': 'K=sk-project\n',
      '~/.env': 'K=sk-home\n',
    }),
  },
  {
    live,
    name: 'a trusted folder',
    ...user(settings({ security: folderTrust() }), {
      '~/.qwen/trustedFolders.json': { '{home}/work': 'TRUST_FOLDER' },
      ...workspace({ env: { K: 'sk-workspace' } }),
    }),
  },
  {
    live,
    name: 'a distrusted folder: settings and .env',
    ...user(settings({ security: folderTrust() }), {
      '~/.qwen/trustedFolders.json': { '{home}/work': 'DO_NOT_TRUST' },
      ...workspace({ env: { K: 'sk-workspace' } }),
      '~/work/.qwen/.env': 'K=sk-project-qwen\n',
    }),
  },
  {
    name: 'a distrusted folder: ~/.env still counts',
    ...user(settings({ security: folderTrust() }), {
      '~/.qwen/trustedFolders.json': { '{home}/work': 'DO_NOT_TRUST' },
      '~/work/.env': 'K=sk-project\n',
      '~/.env': 'K=sk-home\n',
    }),
  },
  {
    name: 'trust of a parent',
    cwd: '~/work/deep',
    ...user(settings({ security: folderTrust() }), {
      '~/.qwen/trustedFolders.json': { '{home}/work/other': 'TRUST_PARENT' },
      '~/work/deep/.env': 'K=sk-project\n',
    }),
  },
  {
    live,
    name: 'a trusted folder below a distrusted one: ancestor .env',
    cwd: '~/work/deep',
    ...user(settings({ security: folderTrust() }), {
      '~/.qwen/trustedFolders.json': {
        '{home}/work': 'DO_NOT_TRUST',
        '{home}/work/deep': 'TRUST_FOLDER',
      },
      '~/work/.env': 'K=sk-ancestor\n',
    }),
  },
  {
    name: 'a distrusted folder below a trusted one',
    cwd: '~/work/deep',
    ...user(settings({ security: folderTrust() }), {
      '~/.qwen/trustedFolders.json': {
        '{home}/work': 'TRUST_FOLDER',
        '{home}/work/deep': 'DO_NOT_TRUST',
      },
      '~/work/deep/.env': 'K=sk-project\n',
    }),
  },
  {
    name: 'trustedFolders.json while folder trust is off',
    ...user(settings(), {
      '~/.qwen/trustedFolders.json': { '{home}/work': 'DO_NOT_TRUST' },
      '~/work/.env': 'K=sk-project\n',
    }),
  },
  {
    name: 'a workspace cannot switch folder trust on for itself',
    ...user(settings(), {
      ...workspace({ security: { folderTrust: { enabled: true } }, env: { K: 'sk-workspace' } }),
    }),
  },
  {
    name: 'a folder below a distrusted one',
    cwd: '~/work/deep',
    ...user(settings({ security: folderTrust() }), {
      '~/.qwen/trustedFolders.json': { '{home}/work': 'DO_NOT_TRUST' },
      '~/work/deep/.env': 'K=sk-project\n',
    }),
  },
  {
    name: 'trustedFolders by its own variable',
    env: { QWEN_CODE_TRUSTED_FOLDERS_PATH: '{root}/t.json' },
    ...user(settings({ security: folderTrust() }), {
      '/t.json': { '{home}/work': 'DO_NOT_TRUST' },
      '~/.qwen/trustedFolders.json': { '{home}/work': 'TRUST_FOLDER' },
      '~/work/.env': 'K=sk-project\n',
    }),
  },
  {
    name: 'folder trust switched on by system settings',
    env: system,
    ...user(settings(), {
      '/sys/settings.json': { $version: 4, security: { folderTrust: { enabled: true } } },
      '~/.qwen/trustedFolders.json': { '{home}/work': 'DO_NOT_TRUST' },
      '~/work/.env': 'K=sk-project\n',
    }),
  },
  {
    name: 'folder trust switched on by system defaults',
    env: system,
    ...user(settings(), {
      '/sys/system-defaults.json': { $version: 4, security: { folderTrust: { enabled: true } } },
      '~/.qwen/trustedFolders.json': { '{home}/work': 'DO_NOT_TRUST' },
      '~/work/.env': 'K=sk-project\n',
      ...workspace({ env: { K: 'sk-workspace' } }),
    }),
  },
  {
    name: 'a broken trustedFolders.json',
    ...user(settings({ security: folderTrust() }), {
      '~/.qwen/trustedFolders.json': '{',
      '~/work/.env': 'K=sk-project\n',
    }),
  },
  {
    name: 'an unknown trust level',
    ...user(settings({ security: folderTrust() }), {
      '~/.qwen/trustedFolders.json': { '{home}/work': 'MAYBE' },
      '~/work/.env': 'K=sk-project\n',
    }),
  },

  // --- QWEN_HOME ---
  {
    live,
    name: 'QWEN_HOME exported',
    env: { QWEN_HOME: '{home}/alt' },
    files: {
      '~/alt/settings.json': settings({ env: { K: 'sk-alt' } }),
      '~/.qwen/settings.json': settings(),
    },
  },
  {
    name: 'QWEN_HOME exported with a tilde',
    env: { QWEN_HOME: '~/alt' },
    files: {
      '~/alt/settings.json': settings({ env: { K: 'sk-alt' } }),
      '~/.qwen/settings.json': settings(),
    },
  },
  {
    name: 'QWEN_HOME exported, relative',
    env: { QWEN_HOME: 'alt' },
    files: {
      '~/work/alt/settings.json': settings({ env: { K: 'sk-alt' } }),
      '~/.qwen/settings.json': settings(),
    },
  },
  {
    live,
    name: 'QWEN_HOME in ~/.env',
    files: {
      '~/.env': 'QWEN_HOME=~/alt\n',
      '~/alt/settings.json': settings({ env: { K: 'sk-alt' } }),
      '~/.qwen/settings.json': settings(),
    },
  },
  {
    name: 'QWEN_HOME in ~/.qwen/.env',
    files: {
      '~/.qwen/.env': 'QWEN_HOME=~/alt\n',
      '~/alt/settings.json': settings({ env: { K: 'sk-alt' } }),
      '~/.qwen/settings.json': settings(),
    },
  },
  {
    name: 'QWEN_HOME in project .env',
    files: {
      '~/work/.env': 'QWEN_HOME=~/alt\n',
      '~/alt/settings.json': settings({ env: { K: 'sk-alt' } }),
      '~/.qwen/settings.json': settings(),
    },
  },
  { name: 'QWEN_HOME empty', env: { QWEN_HOME: '' }, ...user(settings()) },
  {
    name: 'QWEN_HOME without settings there',
    env: { QWEN_HOME: '{home}/alt' },
    ...user(settings()),
  },
  {
    name: 'QWEN_HOME and the .env files of both',
    env: { QWEN_HOME: '{home}/alt' },
    files: {
      '~/alt/settings.json': settings({ env: { K: 'sk-alt' } }),
      '~/alt/.env': 'OTHER=x\n',
      '~/.qwen/.env': 'K=sk-home-qwen\n',
      '~/.qwen/settings.json': settings(),
    },
  },
  {
    name: 'QWEN_HOME in ~/.qwen/.env, the key in the new .env',
    files: {
      '~/.qwen/.env': 'QWEN_HOME=~/alt\n',
      '~/alt/.env': 'K=sk-alt-dotenv\n',
      '~/alt/settings.json': settings({ env: { K: 'sk-alt' } }),
      '~/.qwen/settings.json': settings(),
    },
  },
  {
    name: 'QWEN_HOME in settings.env',
    files: {
      '~/.qwen/settings.json': settings({ env: { K: 'sk-user', QWEN_HOME: '~/alt' } }),
      '~/alt/settings.json': settings({ env: { K: 'sk-alt' } }),
    },
  },
  {
    name: '$NAME from ~/.env while QWEN_HOME is exported',
    env: { QWEN_HOME: '{home}/alt' },
    files: {
      '~/.env': 'PART=xyz\n',
      '~/alt/settings.json': settings({ env: { K: 'sk-$PART-end' } }),
      '~/.qwen/settings.json': settings(),
    },
  },
  {
    name: 'QWEN_HOME empty in the shell, set in ~/.env',
    env: { QWEN_HOME: '' },
    files: {
      '~/.env': 'QWEN_HOME=~/alt\n',
      '~/alt/settings.json': settings({ env: { K: 'sk-alt' } }),
      '~/.qwen/settings.json': settings(),
    },
  },

  // --- $NAME in settings ---
  {
    live,
    name: '$NAME in a key',
    env: { PART: 'xyz' },
    ...user(settings({ env: { K: 'sk-$PART-end' } })),
  },
  {
    name: '${NAME} in a base URL',
    env: { WHERE: 'b' },
    ...user(settings({ ...openai(entry('m1', '${WHERE}/v1', 'K')) })),
  },
  { name: 'an unknown $NAME', ...user(settings({ env: { K: 'sk-$NO_SUCH-end' } })) },
  {
    live,
    name: '$NAME from ~/.qwen/.env',
    ...user(settings({ env: { K: 'sk-$PART-end' } }), { '~/.qwen/.env': 'PART=xyz\n' }),
  },
  {
    name: '$NAME from ~/.env',
    ...user(settings({ env: { K: 'sk-$PART-end' } }), { '~/.env': 'PART=xyz\n' }),
  },
  {
    name: '$NAME from project .env',
    ...user(settings({ env: { K: 'sk-$PART-end' } }), { '~/work/.env': 'PART=xyz\n' }),
  },
  {
    name: '$NAME of another member of settings.env',
    ...user(settings({ env: { PART: 'xyz', K: 'sk-$PART-end' } })),
  },
  {
    name: '$NAME that is exported empty',
    env: { PART: '' },
    ...user(settings({ env: { K: 'sk-$PART-end' } }), { '~/.qwen/.env': 'PART=xyz\n' }),
  },
  {
    name: '$NAME in envKey',
    env: { WHICH: 'K' },
    ...user(settings({ ...openai(entry('m1', 'a/v1', '$WHICH')) })),
  },
  {
    name: '$NAME in model.name and id',
    env: { ONE: '1' },
    ...user(
      settings({
        ...openai(entry('x', 'b/v1', 'K'), entry('m${ONE}', 'a/v1', 'K')),
        model: { name: 'm$ONE' },
      }),
    ),
  },
  { name: '$1 and $$ in a key', ...user(settings({ env: { K: 'sk-$1-$$-end' } })) },
  {
    name: '$SESSION_ID in a key',
    env: { SESSION_ID: 'sess' },
    ...user(settings({ env: { K: 'sk-$SESSION_ID' } })),
  },
  { name: '${NAME:-default} in a key', ...user(settings({ env: { K: 'sk-${NO_SUCH:-x}' } })) },
  {
    name: "$NAME in a member's name",
    env: { WHICH: 'K' },
    ...user(settings({ env: { $WHICH: 'sk-user' } })),
  },
  { name: '$HOME in a key', ...user(settings({ env: { K: 'sk-$HOME' } })) },
];
