/** The linear path of the net alone: the same static features, the same quantiles, and nothing in between. */
import { shapeOf } from '../window.ts';
import { type NetCandidate, residualNet } from './residual-net.ts';

export const linear = ({ seed = 1, inline = false } = {}): NetCandidate =>
  residualNet('linear', {
    shape: shapeOf({ hidden: 0, layers: 0, dense: 0 }),
    visits: 40_000,
    training: { rate: 0.002, decay: 0.5 },
    seed,
    inline,
  });
