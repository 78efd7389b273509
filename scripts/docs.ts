/** `npm run docs`: writes docs/configuration.md from the table of settings. */
import { writeFile } from 'node:fs/promises';
import { configurationPage } from '../packages/ravenmq/src/config-page.ts';

await writeFile(new URL('../docs/configuration.md', import.meta.url), configurationPage());
