import { defineConfig } from 'vitest/config';

const globalSetup = ['packages/ravenmq/test/global-setup.ts'];
const ignored = ['**/node_modules/**', '**/dist/**', '**/out/**', '**/.next/**'];
const chaos = 'packages/ravenmq/test/e2e/chaos.test.ts';

/**
 * unit: no database. db: statements and roles on a real PostgreSQL, a schema per test. pooled: the same behind a
 * transaction pooler. e2e: whole processes, one file after another, as they measure times and kill things. chaos: the
 * fault harness. `npm test` runs these two, which mostly wait, beside the others.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'packages/*/{src,lib}/**/*.test.ts',
            'packages/ravenmq/test/{chaos,mutants}/**/*.test.ts',
            'deploy/test/**/*.test.ts',
          ],
          exclude: [...ignored, '**/*.db.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'db',
          include: ['packages/**/{src,test}/**/*.db.test.ts'],
          exclude: ignored,
          globalSetup,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'pooled',
          include: ['packages/**/src/**/*.db.test.ts'],
          exclude: [
            ...ignored,
            // Reads the plans of one session's prepared statements, and vacuums.
            '**/jobs/plans.db.test.ts',
            // Make poolers and roles of their own.
            '**/db/{route,privileges}.db.test.ts',
          ],
          globalSetup: ['packages/ravenmq/test/pooler/global-setup.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['packages/ravenmq/test/e2e/**/*.test.ts'],
          exclude: [...ignored, chaos],
          globalSetup,
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: 'chaos', include: [chaos], testTimeout: 180_000, hookTimeout: 60_000 } },
    ],
  },
});
