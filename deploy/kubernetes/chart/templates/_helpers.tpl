{{- define "orion.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end -}}

{{- /* The labels by which pods are selected. They never change. The argument is a list: the root and the component. */ -}}
{{- define "orion.selector" -}}
app.kubernetes.io/name: orion
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "orion.labels" -}}
{{ include "orion.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ (index . 0).Chart.Name }}-{{ (index . 0).Chart.Version }}
{{- end -}}

{{- /* The settings of both the service and the migration. */ -}}
{{- define "orion.env" -}}
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- range .Values.secret.settings }}
- name: {{ . }}_FILE
  value: /run/secrets/orion/{{ . }}
{{- end }}
{{- end -}}

{{- /* Both pods run with any user ID, so that OpenShift can choose one. The image's own is 1654. */ -}}
{{- define "orion.podSecurity" -}}
automountServiceAccountToken: false
# Otherwise a Service named "db" would set DB_PORT.
enableServiceLinks: false
serviceAccountName: {{ .Values.serviceAccountName }}
securityContext:
  runAsNonRoot: true
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "orion.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{- /* A rule of a NetworkPolicy. Without peers there is no rule, because a rule without peers would allow all. */ -}}
{{- define "orion.egress" -}}
{{- if .to }}
- to:
    {{- toYaml .to | nindent 4 }}
  ports:
    {{- range .protocols | default (list "TCP") }}
    - port: {{ $.port }}
      protocol: {{ . }}
    {{- end }}
{{- end }}
{{- end -}}
