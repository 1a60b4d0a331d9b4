{{/* The API's major version, which is the chart's. */}}
{{- define "service.apiVersion" -}}
{{ (semver .Chart.Version).Major }}
{{- end }}

{{/* The release of the code that runs: the image's tag. */}}
{{- define "service.version" -}}
{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "service.image" -}}
{{ with .Values.global.imageRegistry }}{{ . }}/{{ end }}{{ .Values.image.repository }}:{{ include "service.version" . }}
{{- end }}

{{/* Public host of a name such as stock or prometheus.stock: by API version in the release's usual namespace, else by namespace.
     Takes root, name and apiVersion. */}}
{{- define "service.host" -}}
{{ .name }}.{{ include "service.place" (dict "root" .root "apiVersion" .apiVersion "namespace" .root.Release.Namespace) }}.{{ .root.Values.global.domain }}
{{- end }}

{{/* What stands for a namespace in a host: v1 for the usual one of version 1, else its name. Takes root, apiVersion and namespace. */}}
{{- define "service.place" -}}
{{- $shop := .root.Values.global.shop -}}
{{- $usual := printf "%sqv%v" (eq $shop "shop" | ternary "" (printf "%s-" $shop)) .apiVersion -}}
{{ eq .namespace $usual | ternary (printf "v%v" .apiVersion) .namespace }}
{{- end }}

{{/* Public URL of the same. */}}
{{- define "service.url" -}}
{{ include "service.origin" (dict "root" .root "host" (include "service.host" .)) }}
{{- end }}

{{/* Public URL of a name in the usual namespace of a version, whichever this release's is. Takes root, name and apiVersion. */}}
{{- define "service.usualURL" -}}
{{ include "service.origin" (dict "root" .root "host" (printf "%s.v%v.%s" .name .apiVersion .root.Values.global.domain)) }}
{{- end }}

{{/* Public URL of a host, without the port that the scheme implies. Takes root and host. */}}
{{- define "service.origin" -}}
{{- $global := .root.Values.global -}}
{{- $implied := ternary 443 80 (eq $global.scheme "https") -}}
{{ $global.scheme }}://{{ .host }}{{ if ne (int $global.port) $implied }}:{{ $global.port }}{{ end }}
{{- end }}

{{/* Address of another service of the same release. Takes root and name. */}}
{{- define "service.internalURL" -}}
{{ .root.Values.global.serviceURL | replace "{service}" .name | replace "{namespace}" .root.Release.Namespace }}
{{- end }}
