/** Writes a brotli twin next to every text file of the export, for the server to send. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const out = fileURLToPath(new URL('../out', import.meta.url));
const smallest = 1_024;

for (const entry of readdirSync(out, { recursive: true, encoding: 'utf8' })) {
  const file = join(out, entry);
  if (!/\.(html|js|css|txt|svg|json)$/.test(entry) || statSync(file).size < smallest) continue;
  const text = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
  writeFileSync(`${file}.br`, brotliCompressSync(text, { params }));
}
