import type * as z from 'zod';

const bound = (issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string => {
  const many = issue.origin === 'array' ? ' entries' : issue.origin === 'string' ? ' characters' : '';
  const exclusive = issue.inclusive === false;
  return issue.code === 'too_small'
    ? `${exclusive ? 'above' : 'at least'} ${issue.minimum}${many}`
    : `${exclusive ? 'below' : 'at most'} ${issue.maximum}${many}`;
};

const quoted = (values: readonly unknown[]): string =>
  `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`;

const ofUnion = (issue: z.core.$ZodIssueInvalidUnion): string => {
  if ('options' in issue && Array.isArray(issue.options)) return quoted(issue.options);
  const inner = issue.errors.flatMap((errors) => errors.slice(0, 1));
  return inner.map((one) => (one.path.length === 0 ? expectation(one) : `a list of ${expectation(one)}`)).join(' or ');
};

/** True where the value is of the wrong kind, false where it is outside its bounds. */
export const isType = (issue: z.core.$ZodIssue): boolean =>
  issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union';

const typeNames: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

/** What should have stood there, in words that follow "expected". */
export const expectation = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? issue.expected;
    case 'too_small':
    case 'too_big':
      return bound(issue);
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return quoted(issue.values);
    case 'invalid_union':
      return ofUnion(issue);
    default:
      return issue.message;
  }
};
