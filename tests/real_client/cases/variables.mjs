// Where the value of a variable comes from: the shell, .env files, settings.env.
import {
  dotenv,
  entry,
  keyNamed,
  live,
  noKey,
  openai,
  settings,
  user,
  workspace,
} from './parts.mjs';

export const variables = [
  // --- Where the entry's key comes from ---
  { live, name: 'settings.env gives the key', ...user(settings()) },
  { live, name: 'an exported key beats settings.env', env: { K: 'sk-shell' }, ...user(settings()) },
  { live, name: 'an exported empty key', env: { K: '' }, ...user(settings()) },
  { name: 'an exported blank key', env: { K: '  ' }, key: '  ', ...user(settings()) },
  { live, name: 'no key anywhere', ...user(noKey()) },
  { live, name: 'a number in settings.env', ...user(settings({ env: { K: 12345 } })) },
  { name: 'an empty string in settings.env', ...user(settings({ env: { K: '' } })) },
  {
    live,
    name: 'project .qwen/.env beats settings.env',
    ...user(settings(), { '~/work/.qwen/.env': 'K=sk-project-qwen\n' }),
  },
  {
    live,
    name: 'project .env beats settings.env',
    ...user(settings(), { '~/work/.env': 'K=sk-project\n' }),
  },
  {
    live,
    name: 'an exported key beats project .env',
    env: { K: 'sk-shell' },
    ...user(settings(), { '~/work/.env': 'K=sk-project\n' }),
  },
  {
    name: 'an exported empty key and project .env',
    env: { K: '' },
    ...user(settings(), { '~/work/.env': 'K=sk-project\n' }),
  },
  {
    live,
    name: 'project .qwen/.env beats project .env',
    ...user(settings(), {
      '~/work/.qwen/.env': 'K=sk-project-qwen\n',
      '~/work/.env': 'K=sk-project\n',
    }),
  },
  {
    name: 'project .qwen/.env without the key hides project .env',
    ...user(settings(), { '~/work/.qwen/.env': 'OTHER=x\n', '~/work/.env': 'K=sk-project\n' }),
  },
  {
    live,
    name: 'ancestor .env between cwd and home',
    cwd: '~/work/deep/er',
    ...user(settings(), { '~/work/.env': 'K=sk-ancestor\n' }),
  },
  {
    name: 'nearest .env of two directories',
    cwd: '~/work/deep',
    ...user(settings(), { '~/work/.env': 'K=sk-ancestor\n', '~/work/deep/.env': 'K=sk-near\n' }),
  },
  {
    live,
    name: 'nearest .env without the key hides the ancestor',
    cwd: '~/work/deep',
    ...user(settings(), {
      '~/work/.qwen/.env': 'K=sk-ancestor\n',
      '~/work/deep/.env': 'OTHER=x\n',
    }),
  },
  {
    name: 'ancestor .qwen/.env above a directory outside the home',
    cwd: '/srv/project/deep',
    ...user(settings(), { '/srv/.qwen/.env': 'K=sk-ancestor\n' }),
  },
  {
    live,
    name: '.env of a directory above the home',
    ...user(settings(), { '/.env': 'K=sk-above\n' }),
  },
  {
    name: '~/.qwen/.env beats settings.env',
    ...user(settings(), { '~/.qwen/.env': 'K=sk-home-qwen\n' }),
  },
  { name: '~/.env beats settings.env', ...user(settings(), { '~/.env': 'K=sk-home\n' }) },
  {
    name: '~/.qwen/.env beats ~/.env',
    ...user(settings(), { '~/.qwen/.env': 'K=sk-home-qwen\n', '~/.env': 'K=sk-home\n' }),
  },
  {
    live,
    name: '~/.qwen/.env without the key, ~/.env with it',
    ...user(settings(), { '~/.qwen/.env': 'OTHER=x\n', '~/.env': 'K=sk-home\n' }),
  },
  {
    live,
    name: 'project .env without the key, ~/.qwen/.env with it',
    ...user(settings(), { '~/work/.env': 'OTHER=x\n', '~/.qwen/.env': 'K=sk-home-qwen\n' }),
  },
  {
    live,
    name: 'project .env with an empty key, ~/.env with it',
    ...user(settings(), { '~/work/.env': 'K=\n', '~/.env': 'K=sk-home\n' }),
  },
  {
    name: 'project .env with an empty key, settings.env with it',
    ...user(settings(), { '~/work/.env': 'K=\n' }),
  },
  {
    name: 'outside the home: ~/.qwen/.env',
    cwd: '/srv/project',
    ...user(settings(), { '~/.qwen/.env': 'K=sk-home-qwen\n' }),
  },
  {
    name: 'outside the home: both home files',
    cwd: '/srv/project',
    ...user(settings(), { '~/.qwen/.env': 'OTHER=x\n', '~/.env': 'K=sk-home\n' }),
  },
  {
    name: 'started in the home directory itself',
    cwd: '~/',
    ...user(settings(), { '~/.env': 'K=sk-home\n' }),
  },
  {
    name: 'a directory named .env in the project',
    ...user(settings(), { '~/work/.env': null, '~/.env': 'K=sk-home\n' }),
  },
  {
    name: 'a project reached through a symbolic link',
    cwd: '/link',
    links: { '/link': '/srv/project' },
    files: {
      '~/.qwen/settings.json': settings(),
      '/srv/.env': 'K=sk-above-target\n',
      '/.env': 'K=sk-above-link\n',
    },
  },
  {
    name: 'a home that is a symbolic link',
    home: '/home-link',
    links: { '/home-link': '/home' },
    ...user(settings(), { '~/.env': 'K=sk-home\n' }),
  },
  {
    name: 'a .env in the home beside one above it',
    ...user(settings(), { '/.env': 'K=sk-above\n', '~/.env': 'OTHER=x\n' }),
  },
  {
    name: 'an empty project .env hides an ancestor',
    cwd: '~/work/deep',
    ...user(settings(), { '~/work/.env': 'K=sk-ancestor\n', '~/work/deep/.env': '' }),
  },
  { name: 'an exported key of another case', env: { k: 'sk-lower' }, ...user(settings()) },

  // --- The grammar of .env files ---
  { name: 'dotenv: double quotes', ...dotenv('K="sk-quoted"\n') },
  { name: 'dotenv: single quotes and a comment', ...dotenv("K='sk-quoted' # comment\n") },
  { name: 'dotenv: backticks', ...dotenv('K=`sk-quoted`\n') },
  { live, name: 'dotenv: # glued to the value', ...dotenv('K=sk-a#b\n') },
  { name: 'dotenv: # inside quotes', ...dotenv('K="sk-a#b"\n') },
  { live, name: 'dotenv: export', ...dotenv('export K=sk-exported\n') },
  { live, name: 'dotenv: CRLF', ...dotenv('OTHER=x\r\nK=sk-crlf\r\n') },
  { live, name: 'dotenv: colon', ...dotenv('K: sk-colon\n') },
  { name: 'dotenv: blanks around =', ...dotenv('  K   =   sk-blanks   \n') },
  { name: 'dotenv: the last of two lines', ...dotenv('K=sk-first\nK=sk-second\n') },
  { name: 'dotenv: no variable expansion', ...dotenv('A=x\nK=sk-$A-${A}\n') },
  { name: 'dotenv: an unclosed quote', ...dotenv('K="sk-open\nOTHER=x\n') },
  { name: 'dotenv: a key of several lines', key: 'sk-line\n', ...dotenv('K="sk-line\n"\n') },
  { name: 'dotenv: a byte order mark', ...dotenv('\uFEFFK=sk-bom\n') },
  {
    name: 'dotenv: a comment line and an empty one',
    ...dotenv('# K=sk-comment\n\nK=sk-real\n#K=sk-after\n'),
  },
  { name: 'dotenv: \\n in double quotes', key: 'sk-a\n', ...dotenv('K="sk-a\\n"\n') },
  { name: 'dotenv: value on the next line', ...dotenv('K=\nsk-next\n') },
  { name: 'dotenv: blank and # after the value', ...dotenv('K=sk-x # comment\n') },
  { name: 'dotenv: only a comment after =', ...dotenv('K=#sk-x\n') },
  { name: 'dotenv: text after the closing quote', ...dotenv('K="sk-a"b\n') },
  { name: 'dotenv: = inside the value', ...dotenv('K=sk-a=b==\n') },
  { name: 'dotenv: an escaped quote', ...dotenv('K="sk-a\\"b"\n') },
  { name: 'dotenv: \\n in single quotes', ...dotenv("K='sk-a\\nb'\n") },
  { name: 'dotenv: lines that end with CR alone', ...dotenv('OTHER=x\rK=sk-cr\r') },
  { name: 'dotenv: two assignments in one line', ...dotenv('OTHER=x K=sk-two\n') },
  {
    name: 'dotenv: a name with a dot and a dash',
    ...user(noKey({ ...openai(entry('m1', 'a/v1', 'my-key.1')) }), {
      '~/work/.env': 'my-key.1=sk-dash\n',
    }),
  },
  { name: 'dotenv: no line end at the end', ...dotenv('K=sk-end') },
  { name: 'dotenv: a colon without a blank', ...dotenv('K:sk-colon\n') },
  { name: 'dotenv: quotes of two kinds', ...dotenv(`K="sk-'a'"\n`) },
  { name: 'dotenv: empty quotes', ...user(settings(), { '~/work/.env': 'K=""\n' }) },

  // --- Variables that files may not set ---
  {
    name: 'DEBUG as the key name in project .env',
    ...user(settings({ env: { DEBUG: 'sk-user' }, ...keyNamed('DEBUG') }), {
      '~/work/.env': 'DEBUG=sk-project\n',
    }),
  },
  {
    name: 'DEBUG as the key name in project .qwen/.env',
    ...user(settings({ env: { DEBUG: 'sk-user' }, ...keyNamed('DEBUG') }), {
      '~/work/.qwen/.env': 'DEBUG=sk-project-qwen\n',
    }),
  },
  {
    live,
    name: 'DEBUG as the key name in ~/.env',
    ...user(settings({ env: { DEBUG: 'sk-user' }, ...keyNamed('DEBUG') }), {
      '~/.env': 'DEBUG=sk-home\n',
    }),
  },
  {
    name: 'excludedEnvVars in settings names the key',
    ...user(settings({ advanced: { excludedEnvVars: ['K'] } }), {
      '~/work/.env': 'K=sk-project\n',
    }),
  },
  {
    name: 'excludedEnvVars and ~/.qwen/.env',
    ...user(settings({ advanced: { excludedEnvVars: ['K'] } }), {
      '~/.qwen/.env': 'K=sk-home-qwen\n',
    }),
  },
  {
    name: 'excludedEnvVars and settings.env',
    ...user(settings({ advanced: { excludedEnvVars: ['K'] } })),
  },
  {
    live,
    name: 'a loader variable as the key name in settings.env',
    ...user(settings({ env: { ZDOTDIR: 'sk-user' }, ...keyNamed('ZDOTDIR') })),
  },
  {
    name: 'a loader variable as the key name in ~/.qwen/.env',
    ...user(noKey({ ...keyNamed('ZDOTDIR') }), { '~/.qwen/.env': 'ZDOTDIR=sk-home-qwen\n' }),
  },
  {
    live,
    name: 'a hard exclusion as the key name in project .env',
    ...user(noKey({ ...keyNamed('WGETRC') }), { '~/work/.env': 'WGETRC=sk-project\n' }),
  },
  {
    name: 'a hard exclusion as the key name in ~/.env',
    ...user(noKey({ ...keyNamed('WGETRC') }), { '~/.env': 'WGETRC=sk-home\n' }),
  },
  {
    name: 'a hard exclusion as the key name in settings.env',
    ...user(settings({ env: { WGETRC: 'sk-user' }, ...keyNamed('WGETRC') })),
  },
  {
    name: 'a hard exclusion in other case in project .env',
    ...user(noKey({ ...keyNamed('wgetrc') }), { '~/work/.env': 'wgetrc=sk-project\n' }),
  },
  {
    name: 'ENV as the key name in settings.env',
    ...user(settings({ env: { ENV: 'sk-user' }, ...keyNamed('ENV') })),
  },
  {
    name: 'ENV as the key name in project .env',
    ...user(noKey({ ...keyNamed('ENV') }), { '~/work/.env': 'ENV=sk-project\n' }),
  },
  {
    name: 'excludedEnvVars empty: DEBUG in project .env',
    ...user(
      settings({
        advanced: { excludedEnvVars: [] },
        env: { DEBUG: 'sk-user' },
        ...keyNamed('DEBUG'),
      }),
      { '~/work/.env': 'DEBUG=sk-project\n' },
    ),
  },
  {
    name: 'excludedEnvVars of user and workspace',
    ...user(settings({ advanced: { excludedEnvVars: ['K'] } }), {
      ...workspace({ advanced: { excludedEnvVars: ['OTHER'] } }),
      '~/work/.env': 'K=sk-project\n',
    }),
  },
  {
    name: 'DEBUG in the .env of a directory with .qwen in its name',
    cwd: '~/my.qwen-project',
    ...user(settings({ env: { DEBUG: 'sk-user' }, ...keyNamed('DEBUG') }), {
      '~/my.qwen-project/.env': 'DEBUG=sk-project\n',
    }),
  },
  {
    name: 'a loader variable exported',
    env: { ZDOTDIR: 'sk-shell' },
    ...user(noKey({ ...keyNamed('ZDOTDIR') })),
  },
  {
    name: 'a hard exclusion as the key name in project .qwen/.env',
    ...user(noKey({ ...keyNamed('WGETRC') }), { '~/work/.qwen/.env': 'WGETRC=sk-project-qwen\n' }),
  },
];
