/**
 * The functions of src/interval, equal bit for bit to those of this folder. The plain fallback is JavaScript as they are, so it calls them instead
 * of carrying a second copy; the SIMD module imports none of them.
 */
@external("env", "exp")
export declare function hostExp(x: f64): f64;
@external("env", "tanh")
export declare function hostTanh(x: f64): f64;
@external("env", "sigmoid")
export declare function hostSigmoid(x: f64): f64;
@external("env", "gelu")
export declare function hostGelu(x: f64): f64;
