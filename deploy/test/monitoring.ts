import { readJson, readYaml } from './files.ts';

export interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; runbook_url: string };
}

export const rules: Rule[] = readYaml('deploy/helm/ravenmq/files/alerts.yaml').groups.flatMap(
  ({ rules: of }: { rules: Rule[] }) => of,
);

interface Panel {
  id: number;
  title: string;
  type: string;
  targets?: { expr: string; datasource: { uid: string } }[];
}

export const dashboard: {
  uid: string;
  schemaVersion: number;
  panels: Panel[];
  templating: { list: { name: string }[] };
} = readJson('deploy/helm/ravenmq/files/dashboard.json');

/** Every query of the dashboard and the alerts. */
export const queries: string[] = [
  ...rules.map(({ expr }) => expr),
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
];
