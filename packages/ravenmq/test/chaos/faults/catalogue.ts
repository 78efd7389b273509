import type { Fault } from '../fault.ts';
import { everyCrashpoint } from './crashpoints.ts';
import { absentDatabase, crashedDatabase } from './database.ts';
import { restartOfTheWorld, rollingDeploy } from './deploy.ts';
import { flood } from './flood.ts';
import { badWeather, cutConnections, endedBackends, halfOpen } from './network.ts';
import { killedLeader, pausedLeader } from './schedulers.ts';
import { swarm } from './swarm.ts';
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
  rollingDeploy,
  flood,
  everyCrashpoint,
  swarm,
  restartOfTheWorld,
];
