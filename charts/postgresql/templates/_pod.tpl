{{/* What the official image reads. The password is a file: an environment shows up in too many places. */}}
{{- define "postgresql.env" -}}
- name: POSTGRES_USER
  value: {{ .Values.database }}
- name: POSTGRES_DB
  value: {{ .Values.database }}
- name: POSTGRES_PASSWORD_FILE
  value: /run/secrets/postgresql/password
- name: PGDATA
  value: /var/lib/postgresql/data/pgdata
{{- end }}

{{- define "postgresql.volumes" -}}
- name: scratch
  emptyDir: {sizeLimit: 64Mi}
- name: password
  secret: {secretName: {{ .Values.secretName }}, items: [{key: password, path: password}]}
{{- if not .Values.storage.size }}
- name: data
  emptyDir: {}
{{- end }}
{{- end }}

{{- define "postgresql.claims" -}}
{{- with .Values.storage.size -}}
volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes: [ReadWriteOnce]
      {{- with $.Values.storage.className }}
      storageClassName: {{ . }}
      {{- end }}
      resources: {requests: {storage: {{ . }}}}
{{- end }}
{{- end }}
