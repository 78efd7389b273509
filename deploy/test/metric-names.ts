/** The names of the metrics that a query in PromQL reads. */
import { parser } from '@prometheus-io/lezer-promql';

/** Throws when the query has a syntax error. */
export function metricsIn(query: string): Set<string> {
  // What Grafana fills in.
  const text = query.replaceAll('$__rate_interval', '1m').replaceAll(/"\$\w+"/g, '".*"');
  const names = new Set<string>();
  parser.parse(text).iterate({
    enter(node) {
      if (node.type.isError) throw new Error(`${query}: a mistake at ${node.from}`);
      if (node.name === 'VectorSelector') {
        const name = node.node.getChild('Identifier');
        if (name) names.add(text.slice(name.from, name.to));
      }
    },
  });
  return names;
}

/** Names without what a histogram or a summary adds to its own. */
export const familyOf = (name: string): string => name.replace(/_(bucket|sum|count)$/, '');
