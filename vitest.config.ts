import { defineConfig } from 'vitest/config';
export default defineConfig({ test: { projects: [
 { test: { name: 'unit', include: ['packages/**/src/**/*.test.ts'], exclude: ['**/*.db.test.ts','**/node_modules/**'] } },
 { test: { name: 'db', include: ['packages/ravenmq/src/**/*.db.test.ts'], globalSetup: ['packages/ravenmq/test/global-setup.ts'], testTimeout: 30000 } },
 { test: { name: 'e2e', include: ['packages/ravenmq/test/e2e/**/*.test.ts'], globalSetup: ['packages/ravenmq/test/global-setup.ts'], testTimeout: 120000, hookTimeout: 120000, fileParallelism: false } },
] } });
