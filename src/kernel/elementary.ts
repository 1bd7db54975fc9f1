/*
 * Logarithm and exponential from + − × ÷ alone. The language leaves the last bit of Math.log, exp and pow to the engine;
 * what a run draws must be the same on every machine (D1).
 */

const LN2_HIGH = 0.6931471803691238; // the upper 33 bits of ln 2, so that k · LN2_HIGH is exact
const LN2_LOW = 1.9082149292705877e-10;
const LN2 = 6.931471805599453e-1;
const SQRT_HALF = Math.SQRT1_2;

/** Natural logarithm of a positive, normal number; relative error below 1e-15. */
export function ln(x: number): number {
  let mantissa = x;
  let exponent = 0;
  while (mantissa >= 4294967296) {
    mantissa *= 2.3283064365386963e-10; // 2^-32, exact
    exponent += 32;
  }
  while (mantissa < 2.3283064365386963e-10) {
    mantissa *= 4294967296;
    exponent -= 32;
  }
  while (mantissa >= 2 * SQRT_HALF) {
    mantissa *= 0.5;
    exponent += 1;
  }
  while (mantissa < SQRT_HALF) {
    mantissa *= 2;
    exponent -= 1;
  }
  // ln m = 2 artanh(s) with s = (m − 1)/(m + 1), |s| < 0.1716: twelve terms of the series reach the last bit.
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let series = 0;
  for (let k = 0; k < ODD_RECIPROCALS.length; k++) series = square * (ODD_RECIPROCALS[k]! + series);
  return exponent * LN2_HIGH + (2 * s + (2 * s * series + exponent * LN2_LOW));
}

/** e to the x for |x| ≤ 700; relative error below 1e-15. */
export function exp(x: number): number {
  const parts = Math.round(x * (PARTS / LN2));
  const whole = Math.floor(parts / PARTS);
  const part = parts - whole * PARTS;
  const r = x - parts * (LN2_HIGH / PARTS) - parts * (LN2_LOW / PARTS); // |r| ≤ ln 2 / 64: both products are exact enough
  const series =
    1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * (1 / 5_040)))))));
  return scaleByPowerOfTwo(ROOTS[part]! * series, whole);
}

/** x to the y for positive x; relative error below 1e-13 where |y · ln x| ≤ 100. */
export function pow(x: number, y: number): number {
  return x === 1 || y === 0 ? 1 : exp(y * ln(x));
}

/** 1/25, 1/23, … 1/3 */
const ODD_RECIPROCALS = Float64Array.from({ length: 12 }, (_, i) => 1 / (25 - 2 * i));

/** 2 to the power of i / PARTS. */
const PARTS = 32;
const ROOTS = Float64Array.from({ length: PARTS }, (_, i) => plainExp((i / PARTS) * LN2));

/** By the series alone, for 0 ≤ x < 1: slower. */
function plainExp(x: number): number {
  let series = 1;
  for (let n = 22; n >= 1; n--) series = 1 + (x * series) / n;
  return series;
}

function scaleByPowerOfTwo(value: number, exponent: number): number {
  let result = value;
  for (let k = exponent; k > 0; k--) result *= 2;
  for (let k = exponent; k < 0; k++) result *= 0.5;
  return result;
}
