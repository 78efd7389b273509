/** The package.json of the published folder, dist: the workspace's own points at the sources, which npm would publish. */
import { readFileSync, writeFileSync } from 'node:fs';

const own = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const { name, version, description, license, type, engines } = own;
const exports = { types: './index.d.ts', default: './index.js' };
const manifest = { name, version, description, license, type, exports, engines };
writeFileSync(new URL('../dist/package.json', import.meta.url), `${JSON.stringify(manifest, null, 2)}\n`);
