{{- define "catalog.env" -}}
- name: STOCK_URL
  value: {{ include "service.internalURL" (dict "root" . "name" "stock") | quote }}
- name: REMOTE_CONNECT_TIMEOUT
  value: {{ .Values.remote.connectTimeout | quote }}
- name: REMOTE_READ_TIMEOUT
  value: {{ .Values.remote.readTimeout | quote }}
- name: REMOTE_BUDGET
  value: {{ .Values.remote.budget | quote }}
{{- end }}
