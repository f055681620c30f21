/** Reads {rules, documents} as JSON on stdin; writes a list of complaints as JSON. */
import { TextlintKernel } from '@textlint/kernel';
import markdown from '@textlint/textlint-plugin-markdown';
import rule from './rule.mjs';

async function standardInput() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

const { rules, documents } = await standardInput();
const kernel = new TextlintKernel();
const plugin = markdown.default ?? markdown;
const complaints = [];
for (const [index, text] of documents.entries()) {
  const { messages } = await kernel.lintText(text, {
    ext: '.md',
    filePath: `${index}.md`,
    plugins: [{ pluginId: 'markdown', plugin }],
    rules: [{ ruleId: 'prose', rule, options: rules }],
  });
  for (const { line, message } of messages) complaints.push({ document: index, line, message });
}
process.stdout.write(JSON.stringify(complaints));
