import { defineConfig } from 'vitest/config';

const globalSetup = ['packages/ravenmq/test/global-setup.ts'];
const ignored = ['**/node_modules/**', '**/dist/**', '**/out/**', '**/.next/**'];

/**
 * unit: no database. db: statements and roles on a real PostgreSQL, a schema per test. e2e: whole processes, one file
 * after another, as they measure times and kill things.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/{src,lib}/**/*.test.ts'],
          exclude: [...ignored, '**/*.db.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'db',
          include: ['packages/**/src/**/*.db.test.ts'],
          exclude: ignored,
          globalSetup,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['packages/ravenmq/test/e2e/**/*.test.ts'],
          exclude: ignored,
          globalSetup,
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
