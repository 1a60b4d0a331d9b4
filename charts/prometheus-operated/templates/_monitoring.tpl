{{/* The objects that watch a component, for a chart that has this one as a dependency. The API version is that chart's major version,
     and the component is named like it unless `component` says otherwise. Takes that chart's root. */}}
{{- define "monitoring" -}}
{{- $own := index .Subcharts "prometheus-operated" -}}
{{- $apiVersion := include "service.apiVersion" . | int -}}
{{- with $own.Values.apiVersion }}
{{- if ne (int .) $apiVersion }}
{{- fail (printf "%s: prometheus-operated.apiVersion is %v, but the version of the chart is %s; leave it out" $.Chart.Name . $.Chart.Version) }}
{{- end }}
{{- end }}
{{- $_ := set $own.Values "apiVersion" $apiVersion -}}
{{- $_ := set $own.Values "component" ($own.Values.component | default .Chart.Name) -}}
{{ include "monitoring.objects" (dict "root" $own "folder" (printf "%s/charts/prometheus-operated/templates" (dir .Template.BasePath))) }}
{{- end }}

{{/* Takes root, and folder: the path of these templates. */}}
{{- define "monitoring.objects" -}}
{{- range $template := list
  "component/_servicemonitor" "component/_prometheusrule"
  "prometheus/_prometheus" "prometheus/_service" "prometheus/_ingress" "prometheus/_networkpolicy"
  "prometheus/_serviceaccount" "prometheus/_role" "prometheus/_rolebinding"
  "alertmanager/_alertmanager" "alertmanager/_config" "alertmanager/_service" "alertmanager/_ingress"
  "alertmanager/_networkpolicy" "alertmanager/_serviceaccount" }}
---
{{ include (printf "%s/%s.yaml" $.folder $template) $.root }}
{{- end }}
{{- end }}
