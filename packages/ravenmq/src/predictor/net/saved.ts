/** A net as JSON and back, bit by bit. */
import { parameterCount, type Shape } from './shape.ts';

export interface SavedNet {
  format: 1;
  shape: Shape;
  /** Little-endian 32-bit floats in the order of the groups, base64. */
  weights: string;
}

export const saveNet = (shape: Shape, weights: Float32Array<ArrayBuffer>): SavedNet => ({
  format: 1,
  shape,
  weights: Buffer.from(weights.buffer, weights.byteOffset, weights.byteLength).toString('base64'),
});

export function loadNet(saved: SavedNet): { shape: Shape; weights: Float32Array<ArrayBuffer> } {
  const { format, shape } = saved;
  if (format !== 1)
    throw new Error(
      `A saved net has format 1, this one ${format}: it is from another version. Train a new one.`,
    );
  const bytes = Buffer.from(saved.weights, 'base64');
  const expected = parameterCount(shape) * 4;
  if (bytes.length !== expected)
    throw new Error(
      `A net of this shape has ${expected} bytes of weights, not ${bytes.length}: it was cut off.`,
    );
  return { shape, weights: new Float32Array(new Uint8Array(bytes).buffer) };
}
