/**
 * Named places in the code at which a test may let the process die, as by a power cut: between two steps whose order
 * the guarantees rest on. Off unless the command line installs one (RAVENMQ_CRASHPOINT=name); then the first process
 * that comes by is killed by SIGKILL. A call that is not installed costs a comparison.
 */
export const crashpoints = [
  'submit statement sent',
  'submit answered',
  'claim received',
  'handler started',
  'handler ended',
  'finish sent',
  'finish answered',
  'retry answered',
  'leader elected',
  'leader step promote due jobs',
  'leader step reclaim expired leases',
  'leader step open gates',
  'leader step turns',
  'leader step roll up attempts',
] as const;

export type Crashpoint = (typeof crashpoints)[number];

let installed: string | undefined;

/** Throws for a name that no place in the code has. */
export function installCrashpoint(name: string): void {
  if (!crashpoints.includes(name as Crashpoint)) {
    throw new Error(`RAVENMQ_CRASHPOINT=${name}: one of ${crashpoints.join(', ')}`);
  }
  installed = name;
}

export function crashpoint(name: Crashpoint | `leader step ${string}`): void {
  if (installed === name) process.kill(process.pid, 'SIGKILL');
}
