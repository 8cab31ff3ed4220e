import type { Json, JsonObject } from '../../kernel/json.ts';

/** JSON merge patch (RFC 7396): null takes a member away, an object goes into its own. */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: Record<string, Json> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else
      Object.defineProperty(result, name, {
        value: mergePatch(Object.hasOwn(result, name) ? (result[name] ?? null) : null, value),
        enumerable: true,
        configurable: true,
        writable: true,
      });
  }
  return result;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
