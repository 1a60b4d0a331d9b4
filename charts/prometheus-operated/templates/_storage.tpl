{{/* A volume for each pod, which outlives it. Takes size and className. */}}
{{- define "monitoring.storage" -}}
{{- with .size -}}
storage:
  volumeClaimTemplate:
    spec:
      accessModes: [ReadWriteOnce]
      {{- with $.className }}
      storageClassName: {{ . }}
      {{- end }}
      resources: {requests: {storage: {{ . }}}}
{{- end }}
{{- end }}
