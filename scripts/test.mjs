/** `npm test`: every check there is. */
import { createChecks } from './checks.mjs';
import { buildDashboard, findNode, install } from './setup.mjs';

try {
  install();
} catch (error) {
  console.error(error.message);
  console.log('\n0 passed, 1 failed');
  process.exit(1);
}
const node = findNode();
const checks = createChecks(node);
checks.check('lint', 'biome', 'ci', '.');
checks.check('types', 'tsc', '-p', '.');
checks.check('unused code', 'knip');
checks.tests('unit');
checks.tests('db');
checks.step('build of the dashboard', () => buildDashboard(node));
checks.check('types of the dashboard', 'tsc', '-p', 'packages/dashboard');
checks.tests('e2e');
checks.finish();
