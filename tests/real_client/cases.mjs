// The set-ups of `combinations`.
import { models } from './cases/models.mjs';
import { scopes } from './cases/scopes.mjs';
import { types } from './cases/types.mjs';
import { variables } from './cases/variables.mjs';

export const cases = [...variables, ...scopes, ...models, ...types];
