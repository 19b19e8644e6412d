// What the set-ups are made of. A set-up is what a user may have on disk and in the shell; stage.mjs
// tells its members. Each key says where it stands, and each path of a base URL which entry it
// belongs to, so that an outcome explains itself. Besides, `live` marks the set-ups in which the
// client runs even where the record would do, and `key` is the value of a key that HTTP alters (it
// drops blanks).

export const live = true;

export const entry = (id, path, envKey, more) => ({
  id,
  name: id,
  ...(path && { baseUrl: `{p}/${path}` }),
  ...(envKey && { envKey }),
  ...more,
});
export const m1 = entry('m1', 'a/v1', 'K');

// Settings with one openai entry m1, its key K in settings.env, and m1 selected; `more` replaces
// whole members, and undefined takes one away.
export const settings = (more) => ({
  $version: 4,
  env: { K: 'sk-user' },
  modelProviders: { openai: [m1] },
  security: { auth: { selectedType: 'openai' } },
  model: { name: 'm1' },
  ...more,
});
export const noKey = (more) => settings({ env: undefined, ...more });

// Members of settings.
export const openai = (...entries) => ({ modelProviders: { openai: entries } });
export const keyNamed = (name) => openai(entry('m1', 'a/v1', name));
export const typed = (type, ...entries) => ({
  modelProviders: { [type]: entries },
  security: { auth: { selectedType: type } },
});
export const auth = (members) => ({ auth: members });
export const folderTrust = (selectedType = 'openai') => ({
  folderTrust: { enabled: true },
  auth: { selectedType },
});

// Files, with the user's settings among them.
export const user = (content, more) => ({ files: { '~/.qwen/settings.json': content, ...more } });
export const workspace = (members) => ({
  '~/work/.qwen/settings.json': { $version: 4, ...members },
});
// A .env file of one text, and no key elsewhere.
export const dotenv = (text) => user(noKey(), { '~/work/.env': text });

// Variables.
export const openaiEnv = {
  OPENAI_API_KEY: 'sk-shell',
  OPENAI_BASE_URL: '{p}/env/v1',
  OPENAI_MODEL: 'env-model',
};
export const system = { QWEN_CODE_SYSTEM_SETTINGS_PATH: '{root}/sys/settings.json' };

// One model id at two endpoints.
export const twice = [entry('same', 'a/v1', 'KA'), entry('same', 'b/v1', 'KB')];
export const twiceEnv = { KA: 'sk-a', KB: 'sk-b' };
