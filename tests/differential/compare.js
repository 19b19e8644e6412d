// Reads cases of generate.cpp, makes the same edits with jsonc-parser, and compares values.
// usage: node compare.js CACHE < cases
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const { createRequire } = require('node:module');

const jsonc = createRequire(process.argv[2] + '/')('jsonc-parser');

function strictlyRead(text) {
  const errors = [];
  const value = jsonc.parse(text.replace(/^\uFEFF/, ''), errors, {
    allowTrailingComma: false,
    disallowComments: false,
  });
  assert.deepStrictEqual(errors, []);
  return value;
}

// jsonc-parser 3 removes the last of several elements only where a line break follows it, and
// leaves a byte of it otherwise; so the array is set without it.
function withoutLast(text, path) {
  const array = jsonc.findNodeAtLocation(jsonc.parseTree(text), path.slice(0, -1));
  const isLast = array.type === 'array' && path.at(-1) > 0 && path.at(-1) === array.children.length - 1;
  return isLast ? jsonc.getNodeValue(array).slice(0, -1) : undefined;
}

function edited(text, edits) {
  for (const { path, value, insert } of edits) {
    const rest = value === undefined ? withoutLast(text, path) : undefined;
    const change =
      rest === undefined
        ? jsonc.modify(text, path, value, { isArrayInsertion: insert === true })
        : jsonc.modify(text, path.slice(0, -1), rest, {});
    text = jsonc.applyEdits(text, change);
  }
  return text;
}

let cases = 0;
let edits = 0;
let differences = 0;
for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const ours = JSON.parse(line);
  cases += 1;
  edits += ours.edits.length;
  try {
    assert.deepStrictEqual(strictlyRead(ours.text), ours.value);
    const theirs = edited(ours.text.replace(/^\uFEFF/, ''), ours.edits);
    assert.deepStrictEqual(strictlyRead(ours.edited), strictlyRead(theirs));
  } catch (error) {
    differences += 1;
    if (differences <= 3) console.log(`DIFFERENCE: ${error.message}\n${JSON.stringify(ours, null, 1)}`);
  }
}
console.log(`${cases} documents, ${edits} edits, ${differences} differences`);
process.exit(cases > 0 && differences === 0 ? 0 : 1);
