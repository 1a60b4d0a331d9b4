{{- define "stock.env" -}}
{{- if regexMatch "://[^/@]*:[^/@]*@" .Values.database.url }}
{{- fail "stock: database.url holds a password; put the URL into a Secret and name that in database.secretName" }}
{{- end -}}
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
