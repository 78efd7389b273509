/** `npm test`: every check there is. */
import { createChecks, giveWay, prepare } from './checks.mjs';
import { buildDashboard } from './setup.mjs';

const node = prepare();
const checks = createChecks(node);
checks.check('lint', 'biome', 'ci', '.');
checks.check('types', 'tsc', '-p', '.');
checks.check('unused code', 'knip');
checks.step('build of the dashboard', () => buildDashboard(node));
checks.check('types of the dashboard', 'tsc', '-p', 'packages/dashboard');
// They mostly wait: for others to die, for pages, for times to pass. What runs beside them gives way.
const whole = checks.testsBeside('chaos', 'e2e');
giveWay();
checks.tests('unit');
checks.tests('db');
checks.tests('pooled');
checks.check('benchmarks run', 'node', 'bench/run.ts', '--smoke');
await whole.ended();
checks.finish();
