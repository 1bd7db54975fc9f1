/**
 * Clopper and Pearson's one-sided lower bound of a probability: the largest p of which so many successes or more would be
 * seen with a probability of at most 1 − confidence. Exact: it holds at least that often, whatever the true one is.
 *
 * @param confidence between 0 and 1, both exclusive
 * @returns 0 without successes
 */
export function lowerBound(successes: number, trials: number, confidence: number): number {
  if (successes === 0) return 0;
  let [low, high] = [0, 1];
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (low + high) / 2;
    if (atLeast(successes, trials, middle) > 1 - confidence) high = middle;
    else low = middle;
  }
  // The last digits are those of the machine's Math, and results are the same everywhere (D1).
  return Number(low.toPrecision(10));
}

/** How many trials, every one a success, it takes to show a probability of at least `share` with such a confidence. */
export function trialsToShow(share: number, confidence: number): number {
  let trials = 1;
  for (let left = share; left > 1 - confidence; left *= share) trials++;
  return trials;
}

const HALVINGS = 60;

/** The probability of so many successes or more. */
function atLeast(successes: number, trials: number, p: number): number {
  let term = 1; // of all trials, over p^trials
  let sum = 1;
  const odds = (1 - p) / p;
  for (let failures = 1; failures <= trials - successes; failures++) {
    term *= (odds * (trials - failures + 1)) / failures;
    sum += term;
  }
  return Number.isFinite(sum) ? sum * p ** trials : 1;
}
