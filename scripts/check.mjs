/** `npm run check`: lint, types and unit tests, for the inner loop. */
import { createChecks, prepare } from './checks.mjs';

const checks = createChecks(prepare());
checks.check('lint', 'biome', 'ci', '.');
checks.check('types', 'tsc', '-p', '.');
checks.tests('unit');
checks.finish();
