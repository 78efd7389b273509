/** `npm run mutants`: see packages/ravenmq/test/mutants/run.ts. */
import '../packages/ravenmq/test/mutants/run.ts';
