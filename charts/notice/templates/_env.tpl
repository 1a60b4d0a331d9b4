{{/* What the service says, and for which hosts. Weights are left out: moving traffic must not replace its pods. */}}
{{- define "notice.env" -}}
{{- $live := list -}}
{{- range .Values.versions }}{{ $live = append $live .version }}{{ end -}}
{{- $tombstones := dict -}}
{{- range $tombstone := .Values.tombstones }}
{{- range $name := $.Values.services }}
{{- $place := dict "root" $ "name" $name "version" $tombstone.version "namespace" $tombstone.namespace -}}
{{- $after := dict "root" $ "name" $name "version" $tombstone.successor "namespace" $tombstone.successorNamespace -}}
{{- $_ := set $tombstones (include "entrypoint.host" $place) (dict
  "version" $tombstone.version
  "successor" (printf "%s/" (include "entrypoint.url" $after))
  "since" (int64 $tombstone.since)
  "link" $tombstone.link) -}}
{{- end }}
{{- end -}}
- name: NOTICES
  value: {{ dict "live" $live "tombstones" $tombstones | toJson | quote }}
{{- end }}

{{/* Public host of a service of a version: by API version in the version's usual namespace, else by namespace.
     Takes root, name, version and namespace. */}}
{{- define "entrypoint.host" -}}
{{ .name }}.{{ include "service.place" (dict "root" .root "apiVersion" .version "namespace" .namespace) }}.{{ .root.Values.global.domain }}
{{- end }}

{{/* Public URL of the same, without the port that the scheme implies. Takes what entrypoint.host takes. */}}
{{- define "entrypoint.url" -}}
{{- $global := .root.Values.global -}}
{{- $implied := ternary 443 80 (eq $global.scheme "https") -}}
{{ $global.scheme }}://{{ include "entrypoint.host" . }}{{ if ne (int $global.port) $implied }}:{{ $global.port }}{{ end }}
{{- end }}
