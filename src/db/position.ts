/**
 * Positions: strings that sort bytewise, with room between any two (fractional indexing, after
 * https://www.figma.com/blog/realtime-editing-of-ordered-sequences and
 * https://observablehq.com/@dgreensp/implementing-fractional-indexing).
 *
 * A position is a whole part and a fraction, digits in base 62. The whole part begins with a letter that tells its
 * length (`a` one digit, `b` two, …; `Z` one digit below zero, `Y` two, …), so that longer ones sort behind shorter ones.
 * Digits at the end are random: two people who drop a card into the same gap get different positions.
 *
 * A new task gets the whole part of its number. Nothing else makes a whole part larger than its neighbours', so a new
 * task stands behind every other one without looking for the last.
 */
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const base = digits.length;
const values = new Map([...digits].map((digit, value) => [digit, value]));
const digitAt = (text: string, index: number): number => values.get(text.charAt(index)) ?? 0;
const digitOf = (value: number): string => digits.charAt(value);

/** A random whole number from `least` to below `end`. */
const between = (least: number, end: number, random: Random): number => least + Math.floor(random() * (end - least));

type Random = () => number;

/** Two random digits; the last is never 0, for nothing fits between `x` and `x0`. */
const jitter = (random: Random): string => digitOf(between(0, base, random)) + digitOf(between(1, base, random));

const a = "a".charCodeAt(0);
/** What the digits of a whole part count, as far as numbers of PostgreSQL's `int` go. */
const units = [0, 1, 2, 3, 4, 5].map((digit) => base ** digit);
const upperZ = "Z".charCodeAt(0);

/** Digits of the whole part that begins with this letter. */
function wholeLength(position: string): number {
  const code = position.charCodeAt(0);
  return code >= a ? code - a + 1 : upperZ - code + 1;
}
const wholeOf = (position: string): string => position.slice(0, 1 + wholeLength(position));
const fractionOf = (position: string): string => position.slice(1 + wholeLength(position));

/** A position for the task (or column) of this number, behind all made before. */
export function endPosition(number: number, random: Random = Math.random): string {
  let whole = "";
  for (let rest = number; rest > 0 || whole === ""; rest = Math.floor(rest / base))
    whole = digitOf(rest % base) + whole;
  return String.fromCharCode(a + whole.length - 1) + whole + jitter(random);
}

/** What stands behind the whole part at the end of a list. */
export const endTail = (random: Random = Math.random): string => jitter(random);

/** SQL: `endPosition` of a number that the statement finds; `tail` is an `endTail`. */
export const endPositionSql = (number: string, tail: string): string =>
  `(select chr(${a - 1} + count(*)::int) || string_agg(substr('${digits}', ${number} / unit % ${base} + 1, 1), '' order by unit desc)
    from unnest(array[${units.join()}]) unit where unit = 1 or unit <= ${number}) || ${tail}`;

/**
 * A position after `after` and before `before`; null is the list's end. `after` must sort below `before`.
 * Grows by about one character for every five tasks put into the same gap.
 */
export function positionBetween(after: string | null, before: string | null, random: Random = Math.random): string {
  if (after === null) return before === null ? endPosition(0, random) : wholeBelow(wholeOf(before)) + jitter(random);
  if (before === null) return wholeOf(after) + fractionAbove(fractionOf(after), random);
  const whole = wholeOf(after);
  if (whole !== wholeOf(before)) return whole + fractionBetween(fractionOf(after), null, random);
  return whole + fractionBetween(fractionOf(after), fractionOf(before), random);
}

/** The whole part before this one. */
function wholeBelow(whole: string): string {
  let rest = whole.slice(1);
  for (let i = rest.length - 1; i >= 0; i--) {
    const value = digitAt(rest, i);
    if (value > 0)
      return whole.charAt(0) + rest.slice(0, i) + digitOf(value - 1) + digitOf(base - 1).repeat(rest.length - 1 - i);
  }
  // All zeros: the last one of the letter before, which has a digit less above zero and one more below.
  const code = whole.charCodeAt(0);
  const letter = code === a ? upperZ : code - 1;
  rest = digitOf(base - 1).repeat(wholeLength(String.fromCharCode(letter)));
  return String.fromCharCode(letter) + rest;
}

/** Digits that are counted up together, so that moving task after task to the end does not make positions long. */
const stepDigits = 4;
const stepMax = 1000;

function fractionAbove(fraction: string, random: Random): string {
  let value = between(1, stepMax, random);
  for (let i = 0; i < stepDigits; i++) value += digitAt(fraction, i) * base ** (stepDigits - 1 - i);
  if (value >= base ** stepDigits)
    return fraction.slice(0, stepDigits) + fractionAbove(fraction.slice(stepDigits), random);
  let text = "";
  for (let i = 0; i < stepDigits; i++) {
    text = digitOf(value % base) + text;
    value = Math.floor(value / base);
  }
  return text + jitter(random);
}

/** `high` null: no bound. Chosen in the middle half of the gap, so that neither side runs out of room soon. */
function fractionBetween(low: string, high: string | null, random: Random): string {
  let i = 0;
  while (high !== null && i < high.length && digitAt(low, i) === digitAt(high, i)) i++;
  const from = digitAt(low, i);
  const gap = (high === null ? base : digitAt(high, i)) - from;
  const prefix = (high ?? low).slice(0, i);
  if (gap <= 1) return prefix + digitOf(from) + fractionBetween(low.slice(i + 1), null, random);
  const quarter = gap >> 2;
  return prefix + digitOf(between(from + 1 + quarter, from + gap - quarter, random)) + jitter(random);
}

/** So many positions in order, all between the two, about evenly: as short as there is room for. */
export function positionsBetween(
  count: number,
  after: string | null,
  before: string | null,
  random: Random = Math.random,
): string[] {
  if (count === 0) return [];
  const half = count >> 1;
  const middle = positionBetween(after, before, random);
  const front = positionsBetween(half, after, middle, random);
  return [...front, middle, ...positionsBetween(count - half - 1, middle, before, random)];
}
