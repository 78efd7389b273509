import type { Fault } from '../fault.ts';
import { wrongClocks } from './clock.ts';
import { everyCrashpoint } from './crashpoints.ts';
import { absentDatabase, crashedDatabase } from './database.ts';
import { restartOfTheWorld, rollingDeploy } from './deploy.ts';
import { fullDisk } from './disk.ts';
import { asynchronousFailover, synchronousFailover } from './failover.ts';
import { flood } from './flood.ts';
import { harmfulHandlers } from './handlers.ts';
import { badWeather, cutConnections, endedBackends, halfOpen } from './network.ts';
import { killedLeader, pausedLeader } from './schedulers.ts';
import { pinnedSnapshot } from './snapshot.ts';
import { swarm } from './swarm.ts';
import { badTargets } from './targets.ts';
import { killedWorkers, pausedWorkers } from './workers.ts';

/** Every fault there is, in the order of docs/reliability.md. */
export const faults: readonly Fault[] = [
  killedWorkers,
  killedLeader,
  pausedWorkers,
  pausedLeader,
  badWeather,
  halfOpen,
  cutConnections,
  endedBackends,
  crashedDatabase,
  absentDatabase,
  fullDisk,
  wrongClocks,
  pinnedSnapshot,
  rollingDeploy,
  harmfulHandlers,
  flood,
  everyCrashpoint,
  asynchronousFailover,
  synchronousFailover,
  badTargets,
  swarm,
  restartOfTheWorld,
];
