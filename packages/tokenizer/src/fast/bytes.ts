// The printable bytes of Latin-1 stand for themselves; the other 68 take the characters from U+0100 on, in order.
const isPlain = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);

/**
 * The character that stands for each byte in a byte-level vocabulary, by byte.
 *
 * @source GPT-2's byte table, which `ByteLevel` of Hugging Face's tokenizers uses
 */
export const byteCharacters: readonly string[] = ((): readonly string[] => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    if (isPlain(byte)) return String.fromCharCode(byte);
    next += 1;
    return String.fromCharCode(next - 1);
  });
})();

/** The byte that a character of `byteCharacters` stands for. */
export const characterBytes: ReadonlyMap<string, number> = new Map(byteCharacters.map((c, byte) => [c, byte]));

/** First code that has no UTF-8 form: the coefficients of an alphabet span less. */
export const firstSurrogate = 0xd800;

/** UTF-8 bytes of a character code below `firstSurrogate`. */
export const utf8 = (code: number): readonly number[] =>
  code < 0x80
    ? [code]
    : code < 0x800
      ? [0xc0 | (code >> 6), 0x80 | (code & 0x3f)]
      : [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];

/** The text of coefficients: the character with code `c - minToken` for each. */
export const textOf = (coefficients: readonly number[], minToken: number): string =>
  coefficients.map((c) => String.fromCharCode(c - minToken)).join('');

// Payload bits and count of following bytes of a leading byte; `undefined` for one that leads nothing.
const lead = (byte: number): readonly [bits: number, following: number, least: number] | undefined => {
  if (byte < 0x80) return [byte, 0, 0];
  if (byte >= 0xc0 && byte < 0xe0) return [byte & 0x1f, 1, 0x80];
  return byte >= 0xe0 && byte < 0xf0 ? [byte & 0x0f, 2, 0x800] : undefined;
};

/**
 * Character codes below `firstSurrogate` of their UTF-8 bytes; `undefined` for any other bytes.
 *
 * @law `fromUtf8(codes.flatMap(utf8))` are the codes.
 */
export const fromUtf8 = (bytes: readonly number[]): readonly number[] | undefined => {
  const codes: number[] = [];
  for (let i = 0; i < bytes.length; ) {
    const led = lead(bytes[i] ?? 0xff);
    if (led === undefined) return undefined;
    const [bits, following, least] = led;
    const rest = bytes.slice(i + 1, i + 1 + following);
    if (rest.length < following || rest.some((byte) => byte >> 6 !== 0b10)) return undefined;
    const code = rest.reduce((value, byte) => (value << 6) | (byte & 0x3f), bits);
    if (code < least || code >= firstSurrogate) return undefined;
    codes.push(code);
    i += 1 + following;
  }
  return codes;
};

// White space as Unicode and the published tokenizer have it; JavaScript's own class lacks U+0085.
const spaceByte = '\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const wordPattern = new RegExp(
  `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${spaceByte}\\p{L}\\p{N}]+|[${spaceByte}]+(?![^${spaceByte}])|[${spaceByte}]+`,
  'gu',
);

/** How a text of coefficients is cut before pairs are merged: not at all, or into GPT-2's words, as the published tokenizer does. */
export type Split = 'none' | 'words';

/**
 * The pieces of a text that no merge crosses.
 *
 * @law their concatenation is the text.
 * @source `ByteLevel(use_regex=True)` of Hugging Face's tokenizers
 */
export const splitText = (text: string, split: Split): readonly string[] =>
  split === 'none' ? (text === '' ? [] : [text]) : (text.match(wordPattern) ?? []);
