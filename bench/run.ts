/** `npm run bench -- NAME`: one question per script; without a name it lists them. */
const questions: Record<string, string> = {
  latency: 'how long an idle system takes from the call that submits to the start of the handler',
  'claim-form': 'what lanes, pause and limits cost a claim against the plain form',
};

const name = process.argv[2];
if (name === undefined || !(name in questions)) {
  for (const [question, meaning] of Object.entries(questions))
    console.log(`${question.padEnd(12)} ${meaning}`);
  process.exit(name === undefined ? 0 : 1);
}
await import(`./${name}.ts`);
