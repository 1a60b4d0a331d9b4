{{- define "monitoring.prometheus" -}}
prometheus-{{ .Values.component }}
{{- end }}

{{- define "monitoring.alertmanager" -}}
alertmanager-{{ .Values.component }}
{{- end }}

{{/* The one label by which a Prometheus finds what is meant for it. */}}
{{- define "monitoring.watched" -}}
prometheus: {{ .Values.component }}
{{- end }}

{{/* The labels that the operator gives to the pods of this Prometheus. */}}
{{- define "monitoring.prometheusPods" -}}
app.kubernetes.io/name: prometheus
operator.prometheus.io/name: {{ .Values.component }}
{{- end }}

{{/* The labels that the operator gives to the pods of this Alertmanager. */}}
{{- define "monitoring.alertmanagerPods" -}}
app.kubernetes.io/name: alertmanager
alertmanager: {{ .Values.component }}
{{- end }}

{{- define "monitoring.channel" -}}
{{ .Values.slack.channel | replace "{shop}" .Values.global.shop | replace "{version}" (toString .Values.apiVersion) }}
{{- end }}

{{/* Labels of an object of the monitoring. Takes root and name. */}}
{{- define "monitoring.labels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/component: monitoring
{{ include "service.provenance" .root }}
{{- end }}

{{/* What the Prometheus may read, in its own namespace or in another one, where several may meet. Takes root and namespace. */}}
{{- define "monitoring.role" -}}
{{- $name := include "monitoring.prometheus" .root -}}
{{ eq .namespace .root.Release.Namespace | ternary $name (printf "%s-%s" .root.Release.Namespace $name) }}
{{- end }}
