import { z } from 'zod';

/**
 * A block of settings that refuses unknown ones. The names that are known travel as the message of the issue, separated
 * by commas, because zod hands an issue on without the schema it comes from and "did you mean" needs them.
 */
export function block<Shape extends z.core.$ZodShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(',') : undefined),
  });
}

/** A list that may be written without brackets when it has one entry. */
export function oneOrMore<Schema extends z.ZodType>(entry: Schema) {
  return z.union([z.array(entry), entry.transform((value) => [value])]);
}
