{{/* The part of the environment that tells what is announced about the version. */}}
{{- define "service.deprecation" -}}
{{- $global := .Values.global -}}
{{- with $global.deprecation }}
{{- if not .since }}
{{- if or .sunset .link .successor }}
{{- fail (printf "%s: global.deprecation needs since, the Unix time from which the version is deprecated" $.Chart.Name) }}
{{- end }}
{{- else }}
- name: DEPRECATION
  value: {{ int64 .since | quote }}
{{- with .sunset }}
- name: SUNSET
  value: {{ . | quote }}
{{- end }}
{{- with .link }}
- name: DEPRECATION_LINK
  value: {{ . | quote }}
{{- end }}
{{- with .successor }}
{{- if eq (int .) (include "service.apiVersion" $ | int) }}
{{- fail (printf "%s: global.deprecation.successor is %v, the version itself" $.Chart.Name .) }}
{{- end }}
- name: SUCCESSOR_URL
  value: {{ include "service.usualURL" (dict "root" $ "name" $.Chart.Name "apiVersion" .) }}/
{{- end }}
{{- end }}
{{- end }}
{{- with $global.brownoutUntil }}
- name: BROWNOUT_UNTIL
  value: {{ int64 . | quote }}
{{- end }}
{{- end }}
