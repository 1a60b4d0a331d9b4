{{- define "stock.env" -}}
{{- /* Reads the URL as SQLAlchemy does: a password may hold slashes, and the query's parameters are the driver's. */ -}}
{{- if regexMatch "://[^:/]*:[^@]*@|[?&](ssl)?password=" .Values.database.url }}
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
