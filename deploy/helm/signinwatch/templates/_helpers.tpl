{{- define "signinwatch.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Of what each role has its own of. What is given to it has Role, which is empty with one instance. */}}
{{- define "signinwatch.roleName" -}}
{{- include "signinwatch.fullname" . -}}{{- with .Role -}}-{{ . }}{{- end -}}
{{- end -}}

{{- define "signinwatch.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- with .Role }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- define "signinwatch.labels" -}}
{{ include "signinwatch.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "signinwatch.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "signinwatch.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "signinwatch.image" -}}
{{- $repository := required "image.repository: where the image is" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* The configuration file: what is given, less what is of the other role, on top of what a pod needs. */}}
{{- define "signinwatch.config" -}}
{{- $kafka := default dict .Values.config.kafka -}}
{{- $_ := required "config.kafka.brokers: where the cluster is" $kafka.brokers -}}
{{- $_ := required "config.kafka.topics: what to read" $kafka.topics -}}
{{- $name := include "signinwatch.roleName" . -}}
{{- $service := printf "%s.%s" $name .Release.Namespace -}}
{{- $hosts := list $name $service (printf "%s.svc" $service) (printf "%s.svc.cluster.local" $service) -}}
{{- $http := dict "listen" "0.0.0.0:9532" "hosts" $hosts -}}
{{- if not (or .Values.webConfig.existingSecret .Values.networkPolicy.enabled) -}}
{{- fail "who may read the tickets? Give webConfig.existingSecret, with passwords or client certificates, or leave networkPolicy.enabled" -}}
{{- end -}}
{{- if .Values.webConfig.existingSecret -}}
{{- $_ := set $http "web_config_file" "/etc/signinwatch/web/web.yml" -}}
{{- end -}}
{{- $config := deepCopy .Values.config -}}
{{- $needed := dict "http" $http -}}
{{- if .Role -}}
{{- include "signinwatch.keepsNothing" . -}}
{{- $_ := set $needed "role" .Role -}}
{{- end -}}
{{- if eq .Role "ingest" -}}
{{- $config = omit $config "store" "sinks" -}}
{{- else if eq .Role "detect" -}}
{{- $_ := required "config.store.url: the PostgreSQL database that the instances of detect share" (dig "store" "url" "" $config) -}}
{{- $_ := set $config "kafka" (omit $config.kafka "topics" "group" "start") -}}
{{- end -}}
{{- if and .Values.database.existingSecret (ne .Role "ingest") -}}
{{- $_ := required "config.store.url: the database whose password database.existingSecret is" (dig "store" "url" "" $config) -}}
{{- $_ := set $needed "store" (dict "password" "file:/etc/signinwatch/database/password") -}}
{{- end -}}
{{- merge $config $needed | toYaml -}}
{{- end -}}

{{/* Several pods share no file, and none outlives them. */}}
{{- define "signinwatch.keepsNothing" -}}
{{- if dig "dead_letters" "path" "" .Values.config -}}
{{- fail "config.dead_letters.path: a pod of a role has no disk; give dead_letters.topic" -}}
{{- end -}}
{{- range .Values.config.sinks -}}
{{- if eq (toString .type) "file" -}}
{{- fail (printf "config.sinks: %s is a file, and a pod of a role has no disk" .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "signinwatch.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
  scheme: {{ .probes.scheme }}
  {{- with .probes.httpHeaders }}
  httpHeaders: {{- toYaml . | nindent 4 }}
  {{- end }}
timeoutSeconds: 5
{{- end -}}
