import { expect, test } from 'vitest';
import { filesIn, read, readYaml } from './files.ts';
import { metricsIn } from './metric-names.ts';
import { dashboard, queries, rules } from './monitoring.ts';

test('every query is PromQL and reads metrics', () => {
  expect(queries.length).toBeGreaterThan(50);
  for (const query of queries) expect(metricsIn(query).size, query).toBeGreaterThan(0);
  expect(() => metricsIn('sum(rate(x[5m])')).toThrow('a mistake');
  expect([...metricsIn('sum by (a) (rate(x_total{b="c"}[5m])) / on (d) y')]).toEqual(['x_total', 'y']);
});

test('every alert has its page in the runbooks, and every page its alert', () => {
  const pages = filesIn('docs/runbooks', '.md').filter((file) => !file.endsWith('README.md'));
  const named = rules.map(({ annotations }) => annotations.runbook_url.replace(/^.*\/(?=docs\/)/, ''));
  expect([...named].sort()).toEqual(pages);
  rules.forEach(({ alert, expr, labels }, n) => {
    const page = read(named[n] as string);
    expect(page.startsWith(`# ${alert}\n`), alert).toBe(true);
    expect(page, alert).toContain(`\`${expr}\``);
    expect(page).toMatch(/## Look\n\n- [\s\S]+## Do\n\n- /);
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    expect(read('docs/runbooks/README.md')).toContain(`[${alert}](`);
  });
});

test('links between the runbooks lead somewhere', () => {
  for (const page of filesIn('docs/runbooks', '.md'))
    for (const [, link = ''] of read(page).matchAll(/\]\(([^)#]+\.(?:md|yaml))/g))
      expect(
        () => read(new URL(link, `file:///${page}`).pathname.slice(1)),
        `${page}: ${link}`,
      ).not.toThrow();
});

test('the dashboard takes any data source, and no two panels are one', () => {
  expect(dashboard.uid).toBe('ravenmq');
  expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
  expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'queue']);
  const ids = dashboard.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { targets = [] } of dashboard.panels)
    for (const { datasource } of targets) expect(datasource.uid).toMatch(/^\$\{datasource\}$/);
});

test('Prometheus of Compose scrapes every role and loads the alerts', () => {
  const { scrape_configs: scrapes, rule_files: files } = readYaml('docker/prometheus/prometheus.yml');
  expect(scrapes[0].dns_sd_configs[0]).toMatchObject({
    names: ['api', 'scheduler', 'predictor', 'worker', 'frontend'],
    port: 9464,
  });
  expect(files).toEqual(['/etc/prometheus/alerts.yaml']);
});
