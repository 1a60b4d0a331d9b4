{{/* Says something when the web interfaces have public hosts. Nobody may read them unasked, unless only this machine can ask. */}}
{{- define "monitoring.isPublic" -}}
{{- if .Values.ingress.enabled }}
{{- if not (or .Values.ingress.middleware (hasPrefix "127." .Values.global.bindAddress)) }}
{{- fail (printf "%s: ingress.enabled needs ingress.middleware, the Traefik middleware that finds out who asks" .Values.component) }}
{{- end -}}
yes
{{- end }}
{{- end }}

{{/* Who may call the web interfaces from outside, as peers of a NetworkPolicy. */}}
{{- define "monitoring.readers" -}}
{{- $readers := .Values.readers -}}
{{- if include "monitoring.isPublic" . }}
{{- $traefik := dict "kubernetes.io/metadata.name" .Values.ingressNamespace -}}
{{- $readers = prepend $readers (dict "namespaceSelector" (dict "matchLabels" $traefik)) -}}
{{- end -}}
{{ toYaml $readers }}
{{- end }}
