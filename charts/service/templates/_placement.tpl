{{/* Keeps pods with these labels on different nodes. Takes mode (none, preferred, required) and labels. */}}
{{- define "service.antiAffinity" -}}
{{- $term := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" (dict "matchLabels" .labels) -}}
{{- if eq .mode "required" -}}
podAntiAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    - {{ toYaml $term | nindent 6 | trim }}
{{- else if eq .mode "preferred" -}}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm: {{- toYaml $term | nindent 8 }}
{{- end }}
{{- end }}

{{/* Keeps the pods of a Deployment on different nodes. Anti-affinity takes the pods of both revisions for the same: if it were required,
     the pod that a rolling update adds would find no node where there are as many nodes as replicas. So what is required is a
     constraint on the pods of one revision. */}}
{{- define "service.spread" -}}
{{- $selector := include "service.selector" . | fromYaml -}}
{{- if ne .Values.antiAffinity "none" -}}
affinity: {{- include "service.antiAffinity" (dict "mode" "preferred" "labels" $selector) | nindent 2 }}
{{- end }}
{{- if eq .Values.antiAffinity "required" }}
topologySpreadConstraints:
  - topologyKey: kubernetes.io/hostname
    maxSkew: 1
    whenUnsatisfiable: DoNotSchedule
    matchLabelKeys: [pod-template-hash]
    # A node that takes no pods, such as one that is drained, is not an empty one that has to be filled first.
    nodeTaintsPolicy: Honor
    labelSelector:
      matchLabels: {{- toYaml $selector | nindent 8 }}
{{- end }}
{{- end }}
