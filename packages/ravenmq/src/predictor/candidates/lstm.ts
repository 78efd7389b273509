/** Two layers of 16 units over the last runs of the series, and a dense layer over that and the static features. */
import { shapeOf } from '../window.ts';
import { type NetCandidate, residualNet } from './residual-net.ts';

export const lstm = ({ seed = 1, inline = false } = {}): NetCandidate =>
  residualNet('lstm', {
    shape: shapeOf({ hidden: 16, layers: 2, dense: 64 }),
    visits: 16_000,
    training: { rate: 0.003, decay: 1 },
    seed,
    inline,
  });
