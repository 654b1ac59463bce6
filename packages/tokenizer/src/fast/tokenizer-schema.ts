import * as z from 'zod';

const absent = (words: string) => z.null(words).optional();

/** A byte-level byte-pair vocabulary; what would change ids or text in silence if it were passed over is refused. */
export const tokenizerSchema = z.object(
  {
    normalizer: absent('no normalizer'),
    truncation: absent('no truncation: it would cut tokens in silence'),
    padding: absent('no padding: it would add tokens in silence'),
    added_tokens: z.array(z.unknown(), 'an array').max(0, 'none: every token stands for coefficients').optional(),
    pre_tokenizer: z.object(
      {
        type: z.literal('ByteLevel', "'ByteLevel'"),
        add_prefix_space: z.literal(false, 'false'),
        use_regex: z.boolean('true or false').optional(),
      },
      "an object of type 'ByteLevel'",
    ),
    model: z.object(
      {
        type: z.literal('BPE', "'BPE'").optional(),
        dropout: z.literal([null, 0], 'no dropout').optional(),
        unk_token: absent('no unknown token: it would stand for lost coefficients'),
        continuing_subword_prefix: z.literal([null, ''], 'no prefix').optional(),
        end_of_word_suffix: z.literal([null, ''], 'no suffix').optional(),
        byte_fallback: z.literal(false, 'false').optional(),
        ignore_merges: z.literal(false, 'false').optional(),
        vocab: z.record(z.string(), z.unknown(), 'an object'),
        // Older files hold a pair as one string; no character of a byte-level vocabulary is a space.
        merges: z.array(
          z.union([z.string().transform((pair): readonly unknown[] => pair.split(' ')), z.array(z.unknown())], {
            error: 'two tokens',
          }),
          'an array',
        ),
      },
      'an object with vocab and merges',
    ),
  },
  'an object',
);

/** What of a `tokenizer.json` is read. */
export type TokenizerFile = z.output<typeof tokenizerSchema>;
