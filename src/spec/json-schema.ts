import { z } from 'zod';
import { specSchema } from './schema/spec.ts';

/**
 * JSON Schema of the spec as it is written, for editors: names, forms and descriptions. What only shows when two
 * settings are looked at together (references, collisions) is left to `holdline check`.
 */
export function specJsonSchema(): Record<string, unknown> {
  // Single values are checked by functions, which JSON Schema cannot hold; their kind and pattern stand in their
  // metadata.
  const { $schema, ...schema } = z.toJSONSchema(specSchema, { io: 'input', unrepresentable: 'any' });
  return {
    $schema,
    $id: 'https://unpkg.com/holdline/schema/holdline.schema.json',
    title: 'Holdline spec',
    description: 'What the edge listens on, which handshakes it takes, where they go and under which policy.',
    ...schema,
  };
}

/** Every setting by its path, as docs/spec.md lists them: `routes[].match.path`, `upstreams.*.servers[].url`. */
export function settingPaths(): string[] {
  const found = new Set<string>();
  collect(specJsonSchema() as JsonSchema, '', found);
  return [...found];
}

interface JsonSchema {
  readonly properties?: Record<string, JsonSchema>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** A setting that is one value or a list of them is one setting, with the brackets. */
function collect(schema: JsonSchema, path: string, found: Set<string>): void {
  const list = schema.anyOf?.find((form) => form.items !== undefined);
  if (list?.items !== undefined) {
    collect(list.items, `${path}[]`, found);
    return;
  }
  for (const form of schema.anyOf ?? []) collect(form, path, found);
  if (schema.items !== undefined) collect(schema.items, `${path}[]`, found);
  if (typeof schema.additionalProperties === 'object') collect(schema.additionalProperties, `${path}.*`, found);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const below = path === '' ? name : `${path}.${name}`;
    found.add(below);
    collect(property, below, found);
  }
}
