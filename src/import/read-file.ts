import { readAnswers } from './aws-answers.ts';
import type { Found } from './found.ts';
import { jsonTree } from './json-tree.ts';
import { holdsReports, readReports } from './log-lines.ts';
import type { Parameters } from './parameters.ts';
import { readServerless } from './serverless.ts';
import { readTemplate } from './template.ts';
import type { SourceText, Tree } from './tree.ts';
import { at, issueAt, treesOf } from './tree.ts';

/** Reads one file of any kind into `found`. `about` names the stream or function that it is of, where it does not say. */
export function readFileInto(source: SourceText, about: string | null, parameters: Parameters, found: Found): void {
  if (holdsReports(source.text)) {
    readReports(source, about, found);
    return;
  }
  const read = jsonTree(source) ?? treesOf(source);
  if ('issue' in read) {
    found.errors.push({
      ...read.issue,
      message: `neither YAML nor JSON (${read.issue.message}), and no line with REPORT`,
    });
    return;
  }
  if (read.trees.length === 0) {
    const place = { source, line: 1, column: 1, path: [] };
    found.errors.push(issueAt(place, `is empty; expected ${EXPECTED}`));
  }
  for (const tree of read.trees) readTree(tree, about, parameters, found);
  found.warnings.push(...read.warnings);
}

function readTree(tree: Tree, about: string | null, parameters: Parameters, found: Found): void {
  if (at(tree, 'Resources')?.kind === 'map') readTemplate(tree, parameters, found);
  else if (at(tree, 'service') !== undefined && (at(tree, 'functions') ?? at(tree, 'provider')) !== undefined)
    readServerless(tree, parameters, found);
  else if (!readAnswers(tree, about, found)) {
    found.errors.push(issueAt(tree.place, `${described(tree)}; expected ${EXPECTED}`));
  }
}

const EXPECTED =
  'a template of CloudFormation, SAM or the Serverless Framework, an answer of the AWS CLI about Lambda, Kinesis or CloudWatch, or lines of a log with REPORT';

function described(tree: Tree): string {
  if (tree.kind === 'map') {
    const keys = [...tree.entries.keys()];
    return `nothing known in a map of ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ', …' : ''}`;
  }
  return tree.kind === 'list' ? 'nothing known in a list' : 'nothing but text';
}
