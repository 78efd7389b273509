import type { TestProject } from 'vitest/node';
export default function setup(project: TestProject) { project.provide('databaseUrl', process.env.RAVENMQ_TEST_DATABASE_URL ?? ''); }
declare module 'vitest' { export interface ProvidedContext { databaseUrl: string } }
