/** `npm test`: every check there is. */
import { createChecks, giveWay, prepare } from './checks.mjs';
import { buildDashboard } from './setup.mjs';

const node = prepare();
const checks = createChecks(node);
checks.check('lint', 'biome', 'ci', '.');
checks.check('types', 'tsc', '-p', '.');
checks.check('unused code', 'knip');
// It mostly waits for others to die. What runs beside it gives way, so that its times stay those of its faults.
const chaos = checks.testsBeside('chaos');
giveWay();
checks.tests('unit');
checks.tests('db');
checks.tests('pooled');
checks.check('benchmarks run', 'node', 'bench/run.ts', '--smoke');
checks.step('build of the dashboard', () => buildDashboard(node));
checks.check('types of the dashboard', 'tsc', '-p', 'packages/dashboard');
await chaos.ended();
checks.tests('e2e');
checks.finish();
