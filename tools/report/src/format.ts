/**
 * A number for reading: four significant digits, thin spaces between thousands, a power of ten outside 1e-4..1e7.
 * Whole numbers below 1e15 keep all their digits.
 */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) return group(String(value)).replace('-', '−');
  if (size < 1e-4 || size >= 1e7) return scientific(value);
  return group(String(Number(value.toPrecision(4)))).replace('-', '−');
}

/** Likewise for the marks of a logarithmic axis, where a whole power of ten stands alone: 10⁶. */
export function formatPower(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e5)) return formatNumber(value);
  const exponent = Math.round(Math.log10(size));
  if (Math.abs(size / 10 ** exponent - 1) < 1e-9) return `${value < 0 ? '−' : ''}10${superscript(exponent)}`;
  return scientific(value);
}

/** Seconds for reading. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0.1) return '< 0.1 s';
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** An experiment's text with signs for what it had to type: >= and <=, +-, 1e-6, a - b, 3 x 4, Infinity. */
export function typographic(text: string): string {
  return text
    .replace(/>= ?/g, '≥\u00a0')
    .replace(/<= ?/g, '≤\u00a0')
    .replaceAll('+-', '±')
    .replace(/(?<=\S) - (?=\S)/g, ' − ')
    .replace(/(?<=\d) x (?=\d)/g, '\u00a0×\u00a0')
    .replace(/\bInfinity\b/g, '∞')
    .replace(/(?<![\w.])(\d+(?:\.\d+)?)e([+-]?\d+)(?!\w)/g, (written, digits, exponent) => {
      if (Number(exponent) === 0) return digits;
      if (Math.abs(exponent) <= 2) return String(Number(written));
      return `${digits === '1' ? '' : `${digits}\u00a0×\u00a0`}10${superscript(Number(exponent))}`;
    });
}

/** Likewise, as a sentence: with a capital and a full stop. */
export function sentence(text: string): string {
  const capital = text.replace(/^[a-z](?=[a-z]+\b)/, (letter) => letter.toUpperCase());
  return typographic(/[.!?]$/.test(capital) ? capital : `${capital}.`);
}

function scientific(value: number): string {
  const [digits = '', exponent] = value.toExponential(3).split('e');
  return `${String(Number(digits)).replace('-', '−')} × 10${superscript(Number(exponent))}`;
}

function group(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const grouped = whole.replace('-', '').length > 4 ? whole.replace(/(?<=\d)(?=(\d{3})+$)/g, '\u202f') : whole;
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function superscript(exponent: number): string {
  return [...String(exponent)].map((c) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)] ?? '⁻').join('');
}
