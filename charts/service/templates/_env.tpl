{{/* Seconds that open requests get after the pre-stop sleep; two are kept for the process to end by itself. */}}
{{- define "service.gracefulTimeout" -}}
{{- $seconds := sub (sub .Values.terminationGracePeriodSeconds .Values.preStopSleepSeconds) 2 -}}
{{- if lt (int $seconds) 1 }}
{{- fail (printf "%s: terminationGracePeriodSeconds (%v) must be at least 3 more than preStopSleepSeconds (%v)" .Chart.Name .Values.terminationGracePeriodSeconds .Values.preStopSleepSeconds) }}
{{- end -}}
{{ $seconds }}
{{- end }}

{{/* The environment that a service reads; each service adds its own in a template named <service>.env. */}}
{{- define "service.env" -}}
- name: API_VERSION
  value: {{ include "service.apiVersion" . | quote }}
- name: SERVICE_VERSION
  value: {{ include "service.version" . | quote }}
- name: BIND_ADDRESS
  value: {{ .Values.global.bindAddress | quote }}
- name: HTTP_PORT
  value: "8080"
- name: METRICS_PORT
  value: "9102"
- name: THREADS
  value: {{ .Values.threads | quote }}
- name: GRACEFUL_TIMEOUT
  value: {{ include "service.gracefulTimeout" . | quote }}
- name: CONSUMERS
  value: {{ concat .Values.networkPolicy.clients .Values.consumers | uniq | join "," | quote }}
- name: FAULT_INJECTION
  value: {{ .Values.faultInjection.enabled | quote }}
{{- with .Values.image.content }}
- name: IMAGE_CONTENT
  value: {{ . | quote }}
{{- end }}
{{- include "service.deprecation" . }}
{{ include (printf "%s.env" .Chart.Name) . }}
{{- range $name, $value := .Values.extraEnv }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
