{{/* Up at once and by doubling; down after five minutes, one pod a minute. */}}
{{- define "ravenmq.scaling" -}}
scaleUp:
  stabilizationWindowSeconds: 0
  policies:
    - { type: Percent, value: 100, periodSeconds: 15 }
scaleDown:
  stabilizationWindowSeconds: 300
  policies:
    - { type: Pods, value: 1, periodSeconds: 60 }
{{- end }}

{{/* The queues of a group as the API and SQL name them. */}}
{{- define "ravenmq.groupName" -}}
{{ if .queues }}{{ join "," .queues }}{{ else }}all{{ end }}
{{- end }}
