{{- define "stock.env" -}}
- name: DATABASE_URL
  {{- if .Values.database.url }}
  value: {{ .Values.database.url | quote }}
  {{- else }}
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.secretName }}
      key: {{ .Values.database.secretKey }}
  {{- end }}
{{- end }}
