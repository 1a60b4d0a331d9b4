{{/* The value of the cookie that Traefik gives to visitors of a version: 16 hex digits of the SHA-256 of the leaf service's name.
     Takes root and version (an entry of global.versions). */}}
{{- define "entrypoint.cookieValue" -}}
{{- .root.Values.gateway.leaf | replace "{namespace}" .version.namespace | replace "{service}" "catalog" | replace "{port}" "weighted" | sha256sum | trunc 16 -}}
{{- end }}

{{/* API versions that answer, as in `1, 2`. */}}
{{- define "entrypoint.live" -}}
{{- $live := list }}{{ range .Values.notice.versions }}{{ $live = append $live (toString .version) }}{{ end -}}
{{ join ", " $live }}
{{- end }}

{{- define "entrypoint.labels" -}}
app.kubernetes.io/name: entrypoint
{{ include "service.provenance" . }}
{{- end }}
