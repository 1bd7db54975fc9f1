/** What an ARN names, as far as it matters here; parts may hold `${…}`. */
export type Named =
  | { readonly kind: 'stream'; readonly name: string; readonly consumer: string | null }
  | { readonly kind: 'function'; readonly name: string; readonly qualifier: string | null }
  | { readonly kind: 'other'; readonly service: string; readonly name: string };

/** Null where it is no ARN. */
export function readArn(text: string): Named | null {
  const parts = splitArn(text);
  if (parts === null) return null;
  const [, , service = '', , , ...rest] = parts;
  const resource = rest.join(':');
  if (service === 'kinesis') {
    const [, name, , consumer] = /^stream\/([^/]+)(\/consumer\/([^:]+))?/.exec(resource) ?? [];
    if (name !== undefined) return { kind: 'stream', name, consumer: consumer ?? null };
  }
  if (service === 'lambda' && rest[0] === 'function' && rest[1] !== undefined)
    return { kind: 'function', name: rest[1], qualifier: rest[2] ?? null };
  return { kind: 'other', service, name: resource.replace(/^[^/:]*[/:]/, '') };
}

/** Region and account, where they are what AWS has. */
export function homeOf(text: string): { readonly region: string; readonly id: string } | null {
  const [, , , region = '', id = ''] = splitArn(text) ?? [];
  return /^[a-z]{2}(-[a-z]+)+-\d$/.test(region) && /^\d{12}$/.test(id) ? { region, id } : null;
}

/** FunctionName may be a name, an ARN, a part of one, and have a version or alias. */
export function functionNameOf(text: string): string {
  const arn = readArn(text);
  if (arn?.kind === 'function') return arn.name;
  const partial = /^(?:\d{12}:function:)?([^:]+)(?::[^:]+)?$/.exec(text);
  return partial?.[1] ?? text;
}

/** Colons within `${…}` separate nothing. */
function splitArn(text: string): string[] | null {
  if (!text.startsWith('arn:')) return null;
  const parts = text.match(/(?:\$\{[^}]*\}|[^:$]|\$(?!\{))+|(?<=:)(?=:|$)/g) ?? [];
  return parts.length >= 6 ? parts : null;
}
