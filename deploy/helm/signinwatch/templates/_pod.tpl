{{/* The pod, whatever its role: the StatefulSet's, or of a role's Deployment. */}}
{{- define "signinwatch.pod" -}}
metadata:
  labels:
    {{- include "signinwatch.labels" . | nindent 4 }}
    {{- if .Values.workloadIdentity.enabled }}
    azure.workload.identity/use: "true"
    {{- end }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    kubectl.kubernetes.io/default-container: signinwatch
    checksum/config: {{ include "signinwatch.config" . | sha256sum }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "signinwatch.serviceAccountName" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  # A stop waits up to 10 s for the last commit and 5 s for deliveries.
  terminationGracePeriodSeconds: 30
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  containers:
    - name: signinwatch
      image: {{ include "signinwatch.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [serve, --config, /etc/signinwatch/config/signinwatch.yaml]
      {{- with .Values.env }}
      env: {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - {name: http, containerPort: 9532}
      # State is read before it listens.
      startupProbe:
        tcpSocket: {port: http}
        periodSeconds: 5
        failureThreshold: 120
      # That it listens: a request would ask for a log-in or a certificate, and whoever crowds the
      # port could have the detector restarted. If it can't go on it ends by itself.
      livenessProbe:
        tcpSocket: {port: http}
        timeoutSeconds: 5
        periodSeconds: 10
        failureThreshold: 6
      readinessProbe:
        {{- include "signinwatch.probe" (dict "path" "/-/ready" "probes" .Values.probes) | nindent 8 }}
        periodSeconds: 10
      resources: {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      volumeMounts:
        - {name: config, mountPath: /etc/signinwatch/config, readOnly: true}
        {{- if .Values.existingSecret }}
        - {name: secrets, mountPath: /etc/signinwatch/secrets, readOnly: true}
        {{- end }}
        {{- if .Values.webConfig.existingSecret }}
        - {name: web, mountPath: /etc/signinwatch/web, readOnly: true}
        {{- end }}
        {{- if and .Values.database.existingSecret (ne .Role "ingest") }}
        - {name: database, mountPath: /etc/signinwatch/database, readOnly: true}
        {{- end }}
        {{- if not .Role }}
        - {name: state, mountPath: /var/lib/signinwatch}
        {{- end }}
        - {name: tmp, mountPath: /tmp}
  volumes:
    - name: config
      configMap:
        name: {{ include "signinwatch.roleName" . }}
    {{- with .Values.existingSecret }}
    - name: secrets
      secret:
        secretName: {{ . }}
        defaultMode: 0440
    {{- end }}
    {{- with .Values.webConfig.existingSecret }}
    - name: web
      secret:
        secretName: {{ . }}
        defaultMode: 0440
    {{- end }}
    {{- if and .Values.database.existingSecret (ne .Role "ingest") }}
    - name: database
      secret:
        secretName: {{ .Values.database.existingSecret }}
        defaultMode: 0440
    {{- end }}
    {{- if not (or .Role .Values.persistence.enabled) }}
    - name: state
      emptyDir: {}
    {{- end }}
    - name: tmp
      emptyDir: {sizeLimit: 1Gi}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if .Role }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "signinwatch.selectorLabels" . | nindent 10 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
