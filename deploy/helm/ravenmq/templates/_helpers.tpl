{{- define "ravenmq.fullname" -}}
{{- if contains "ravenmq" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}{{ printf "%s-ravenmq" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "ravenmq.authSecret" -}}
{{ .Values.auth.existingSecret | default (printf "%s-auth" (include "ravenmq.fullname" .)) }}
{{- end }}

{{/* Selector labels of a component: dict root, component. */}}
{{- define "ravenmq.selector" -}}
app.kubernetes.io/name: ravenmq
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "ravenmq.labels" -}}
{{ include "ravenmq.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "ravenmq.image" -}}
{{ .root.Values.image.registry }}/ravenmq-{{ .image }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{- define "ravenmq.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "ravenmq.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "ravenmq.placement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{/* Settings: of the role, then of all roles, then the user's for all, then the user's for the role; later ones win. */}}
{{- define "ravenmq.env" -}}
{{- $env := dict "RAVENMQ_SCHEMA" .root.Values.database.schema "RAVENMQ_START_WAIT_MS" "240000" }}
{{- if .database }}
{{- $_ := set $env "DATABASE_URL_FILE" "/secrets/database/database-url" }}
{{- if .root.Values.database.directKey }}
{{- $_ := set $env "DATABASE_DIRECT_URL_FILE" "/secrets/database/database-direct-url" }}
{{- end }}
{{- end }}
{{- $env = mergeOverwrite $env (deepCopy (.settings | default dict)) (deepCopy .root.Values.env) (deepCopy (.userEnv | default dict)) }}
{{- range $name, $value := $env }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end }}

{{- define "ravenmq.databaseVolume" -}}
- name: database
  secret:
    secretName: {{ required "database.existingSecret: the Secret that holds the address of PostgreSQL" .Values.database.existingSecret }}
    defaultMode: 0440
    items:
      - { key: {{ .Values.database.key }}, path: database-url }
      {{- with .Values.database.directKey }}
      - { key: {{ . }}, path: database-direct-url }
      {{- end }}
{{- end }}
