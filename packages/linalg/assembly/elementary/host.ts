/**
 * The functions of src/elementary, equal bit for bit to those of this folder. The plain fallback is JavaScript as they are, so it
 * calls them instead of carrying a second copy; the SIMD module imports none of them.
 */
@external("env", "exp")
export declare function hostExp(x: f64): f64;
@external("env", "log")
export declare function hostLog(x: f64): f64;
@external("env", "sinPi")
export declare function hostSinPi(x: f64): f64;
@external("env", "cosPi")
export declare function hostCosPi(x: f64): f64;
