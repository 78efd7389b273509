/** Where the types of each kind of manifest are: package and module, by apiVersion. */
const modules: Record<string, string> = {
  v1: 'kubernetes-models/v1',
  'keda.sh/v1alpha1': '@kubernetes-models/keda/keda.sh/v1alpha1',
  'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
};

export const moduleOf = (apiVersion: string): string =>
  modules[apiVersion] ?? `kubernetes-models/${apiVersion}`;
