/** The parts of documents that are written by scripts: between a beginning that names them and an end. */
export function replaceMarked(text: string, page: string, name: string, part: string): string {
  const [begin, end] = [`<!-- results: ${name} -->`, '<!-- end of results -->'];
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`${page} has no place for the results of ${name}.`);
  return `${text.slice(0, from + begin.length)}\n\n${part}\n\n${text.slice(to)}`;
}
