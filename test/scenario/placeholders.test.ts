import { describe, expect, it } from 'vitest';
import { messages, withProducer } from './reading.ts';

const PATH = 'f.yaml:7:60: error: producers.checkout.data.template';
const KNOWN = 'expected ${index}, ${key} or ${pick:a,b}';

const saidOf = (template: string) => messages(withProducer(`rate: 1/s, data: { template: ${template} }`));

describe('a placeholder of a template', () => {
  it.each([
    ["'${indx}'", `unknown placeholder \${indx}; ${KNOWN}; did you mean 'index'?`],
    ["'no. ${ index }'", `unknown placeholder \${ index }; ${KNOWN}; did you mean 'index'?`],
    ["'${Key}'", `unknown placeholder \${Key}; ${KNOWN}; did you mean 'key'?`],
    ["'${pik:a,b}'", `unknown placeholder \${pik:a,b}; ${KNOWN}; did you mean 'pick'?`],
    ["'${pick}'", `unknown placeholder \${pick}; ${KNOWN}; did you mean 'pick'?`],
    ["'${environment}'", `unknown placeholder \${environment}; ${KNOWN}`],
    ["'${}'", `unknown placeholder \${}; ${KNOWN}`],
    ["'${pick:}'", '${pick:} has nothing to pick from; expected words, such as ${pick:a,b}'],
    ["'${index'", '${index is never closed; expected a } after it'],
  ])('%s is refused', (template, expected) => {
    expect(saidOf(template)).toEqual([`${PATH}: ${expected}`]);
  });

  it('is found wherever it stands, every one of them', () => {
    expect(saidOf("{ a: ['${index}', { b: '${pick:${key}} ${kee}' }], '${key}': 1 }")).toEqual([
      'f.yaml:7:83: error: producers.checkout.data.template.a[1].b: ${pick: is never closed; expected a } after it',
      `f.yaml:7:83: error: producers.checkout.data.template.a[1].b: unknown placeholder \${kee}; ${KNOWN}; did you mean 'key'?`,
      'f.yaml:7:111: error: producers.checkout.data.template.${key}: only values are filled in; expected a key without ${',
    ]);
  });

  it('is nothing that only looks like it', () => {
    expect(saidOf("'$${index} ${pick:a,} costs $5 {key} } $ {'")).toEqual([]);
  });
});
