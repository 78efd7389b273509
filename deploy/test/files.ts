/** The files that operate the system, parsed. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
export const readYaml = (path: string) => parse(read(path), { merge: true });
export const readJson = (path: string) => JSON.parse(read(path));

/** Files below a folder, by their path from the root. */
export function filesIn(folder: string, ends: string): string[] {
  return readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ends))
    .map((name) => `${folder}/${name}`)
    .sort();
}

// biome-ignore lint/suspicious/noExplicitAny: manifests of any kind; kubernetes.test.ts holds them against their types
export type Manifest = any;

/** The manifests of a text; a mistake in the YAML is thrown, a key that is there twice among them. */
export function manifestsOf(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => {
      if (document.errors.length > 0) throw document.errors[0];
      return document.toJS();
    })
    .filter((manifest) => manifest !== null);
}

/** Every manifest that is applied as it stands, and those of the chart's rendered examples, with where it is from. */
export function allManifests(): [string, Manifest][] {
  const files = [
    ...filesIn('k8s', '.yaml'),
    ...filesIn('deploy/kustomize', '.yaml').filter((file) => !file.endsWith('kustomization.yaml')),
    ...filesIn('deploy/helm/rendered', '.yaml'),
  ];
  return files.flatMap((file) =>
    manifestsOf(read(file)).map((manifest): [string, Manifest] => [
      `${file}: ${manifest.kind} ${manifest.metadata?.name}`,
      manifest,
    ]),
  );
}

/** The pod that a manifest makes, if it makes any. */
export function podOf(manifest: Manifest): Manifest | undefined {
  if (manifest.kind === 'Pod') return manifest.spec;
  return manifest.spec?.template?.spec;
}
