/** A textlint rule: phrases that the style refuses, and sentences that are too long. */
import { split } from 'sentence-splitter';

const HIDDEN = new Set(['Code', 'Html', 'Image', 'ImageReference', 'Delete']);
const JAPANESE = /[\u3040-\u30ff\u4e00-\u9fff]/;
const LABEL_CHARACTERS = 12;

const wordsOf = (text) => text.split(/[\s/–—]+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

export default function prose(context, { english, japanese, terms, words }) {
  const { Syntax, RuleError, getSource, locator, report } = context;

  function complain(node, index, message) {
    report(node, new RuleError(message, { padding: locator.at(index) }));
  }

  /** The source of a node, of the same length, with code, markup and addresses blanked. */
  function text(node) {
    const characters = [...getSource(node).replace(/[\s]/g, ' ').split('')];
    const [from] = node.range;
    const blank = (start, end, filler) => characters.fill(filler, start - from, end - from);
    const visit = (child) => {
      const [start, end] = child.range;
      if (HIDDEN.has(child.type)) return blank(start, end, child.type === 'Code' ? 'x' : ' ');
      if (!child.children) return undefined;
      const inner = child.children.map((each) => each.range);
      if (inner.length) {
        blank(start, inner[0][0], ' ');
        blank(inner.at(-1)[1], end, ' ');
      }
      return child.children.forEach(visit);
    };
    visit(node);
    return characters.join('');
  }

  function* matches(rule, value) {
    const excused = rule.unless
      ? [...value.matchAll(new RegExp(rule.unless, 'giu'))].map((each) => [each.index, each.index + each[0].length])
      : [];
    for (const match of value.matchAll(new RegExp(rule.pattern, rule.flags))) {
      const end = match.index + match[0].length;
      if (!excused.some(([from, to]) => from <= match.index && end <= to)) yield match;
    }
  }

  function apply(rules, node, value, offset) {
    for (const rule of rules) {
      for (const match of matches(rule, value)) {
        complain(node, offset + match.index, `“${match[0].replace(/\s+/g, ' ')}”: ${rule.use}`);
      }
    }
  }

  function check(node, isParagraph) {
    const value = text(node);
    apply(terms, node, value, 0);
    if (JAPANESE.test(value)) {
      const trimmed = value.trim();
      const isLabel = node.type === Syntax.Header || trimmed.length <= LABEL_CHARACTERS;
      apply(japanese.filter((rule) => !rule.heading || isLabel), node, trimmed, value.indexOf(trimmed));
      return;
    }
    const rules = isParagraph ? english : english.filter((rule) => rule.in !== 'paragraph');
    for (const sentence of split(value).filter((each) => each.type === 'Sentence')) {
      const raw = sentence.raw.trimStart();
      const offset = sentence.range[0] + sentence.raw.length - raw.length;
      apply(rules, node, raw, offset);
      // A cell of a table is a list, with semicolons between its entries.
      const parts = node.type === Syntax.TableCell ? raw.split(';') : [raw];
      const count = Math.max(...parts.map(wordsOf));
      if (count > words) complain(node, offset, `a sentence of ${count} words: at most ${words}; make it two, or a list`);
    }
  }

  return {
    [Syntax.Paragraph]: (node) => check(node, true),
    [Syntax.Header]: (node) => check(node, false),
    [Syntax.TableCell]: (node) => check(node, false),
  };
}
