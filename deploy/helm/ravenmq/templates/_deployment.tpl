{{/*
The deployment of a role. Dict: root, component, role, image, values (replicas, resources, env), settings, ports
(name to number), database and auth (whether its secrets are mounted), grace (seconds), drain (seconds of sleep before
the signal), scaled (an autoscaler owns the replicas), surge (maxUnavailable, maxSurge), shell.
*/}}
{{- define "ravenmq.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "ravenmq.fullname" .root }}-{{ .component }}
  labels: {{- include "ravenmq.labels" . | nindent 4 }}
spec:
  {{- if not .scaled }}
  replicas: {{ .values.replicas }}
  {{- end }}
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: {{ .maxUnavailable | default 0 }}, maxSurge: 1 }
  selector:
    matchLabels: {{- include "ravenmq.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "ravenmq.labels" . | nindent 8 }}
      {{- if eq .role "worker" }}
      annotations:
        # A node that is emptied to save money must not cut a long job short.
        cluster-autoscaler.kubernetes.io/safe-to-evict: "false"
      {{- end }}
    spec:
      serviceAccountName: {{ include "ravenmq.fullname" .root }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ .grace }}
      securityContext:
        {{- if .shell }}
        # Every shell job runs as another user, which takes a root that can do nothing else.
        fsGroup: 10001
        seccompProfile: { type: RuntimeDefault }
        {{- else }}
        {{- include "ravenmq.podSecurity" . | nindent 8 }}
        {{- end }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- include "ravenmq.selector" . | nindent 14 }}
      {{- include "ravenmq.placement" .root | nindent 6 }}
      containers:
        - name: {{ .role }}
          image: {{ include "ravenmq.image" . }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          args: [{{ .role }}]
          env: {{- include "ravenmq.env" (dict "root" .root "settings" .settings "userEnv" .values.env "database" .database) | nindent 12 }}
          ports:
            {{- range $name, $port := .ports }}
            - { name: {{ $name }}, containerPort: {{ $port }} }
            {{- end }}
            - { name: ops, containerPort: 9464 }
          startupProbe:
            httpGet: { path: /startupz, port: ops }
            periodSeconds: 5
            timeoutSeconds: 2
            failureThreshold: 60
          readinessProbe:
            httpGet: { path: /readyz, port: ops }
            periodSeconds: 5
            timeoutSeconds: 2
          # Asks the process alone: an outage of the database restarts nothing.
          livenessProbe:
            httpGet: { path: /livez, port: ops }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          {{- with .drain }}
          lifecycle:
            preStop: { sleep: { seconds: {{ . }} } }
          {{- end }}
          securityContext:
            {{- if .shell }}
            runAsUser: 0
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL], add: [SETUID, SETGID, KILL] }
            {{- else }}
            {{- include "ravenmq.containerSecurity" . | nindent 12 }}
            {{- end }}
          resources: {{- toYaml .values.resources | nindent 12 }}
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
            {{- if .database }}
            - { name: database, mountPath: /secrets/database, readOnly: true }
            {{- end }}
            {{- if .auth }}
            - { name: auth, mountPath: /secrets/auth, readOnly: true }
            {{- end }}
      volumes:
        - { name: tmp, emptyDir: {} }
        {{- if .database }}
        {{- include "ravenmq.databaseVolume" .root | nindent 8 }}
        {{- end }}
        {{- if .auth }}
        - name: auth
          secret: { secretName: {{ include "ravenmq.authSecret" .root }}, defaultMode: 0440 }
        {{- end }}
{{- end }}

{{/* How many pods may be away at once. Dict: root, component, replicas (0: an autoscaler's). */}}
{{- define "ravenmq.pdb" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "ravenmq.fullname" .root }}-{{ .component }}
  labels: {{- include "ravenmq.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "ravenmq.selector" . | nindent 6 }}
{{- end }}

{{/* A service. Dict: root, component, service. */}}
{{- define "ravenmq.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "ravenmq.fullname" .root }}-{{ .component }}
  labels: {{- include "ravenmq.labels" . | nindent 4 }}
spec:
  type: {{ .service.type }}
  selector: {{- include "ravenmq.selector" . | nindent 4 }}
  ports:
    - name: http
      port: {{ .service.port }}
      targetPort: http
      {{- with .service.nodePort }}
      nodePort: {{ . }}
      {{- end }}
{{- end }}
