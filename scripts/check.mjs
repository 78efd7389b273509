/** `npm run check`: lint, types and unit tests, for the inner loop. */
import { createChecks } from './checks.mjs';
import { findNode, install } from './setup.mjs';

install();
const checks = createChecks(findNode());
checks.check('lint', 'biome', 'ci', '.');
checks.check('types', 'tsc', '-p', '.');
checks.tests('unit');
checks.finish();
