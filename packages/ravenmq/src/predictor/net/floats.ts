/** Numbers of a net: single precision in use, double where a test needs exact differences. */
export type Floats = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
export type FloatsMaker = Float32ArrayConstructor | Float64ArrayConstructor;
