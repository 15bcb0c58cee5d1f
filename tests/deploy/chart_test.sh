#!/usr/bin/env bash
# The chart under each of the value sets in its folder ci, and under its example: lint, and what it makes
# against the schemas of Kubernetes; its configurations through the program's own check. By hand, since
# Debian has no helm:
#
#   go install helm.sh/helm/v3/cmd/helm@v3.22.0
#   pip install kubernetes-validate
#   tests/deploy/chart_test.sh build/release/signinwatch
set -euo pipefail

program=$(readlink -f "${1:?usage: chart_test.sh build/release/signinwatch}")
cd "$(dirname "${BASH_SOURCE[0]}")/../../deploy/helm/signinwatch"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# A helm built by `go install` thinks of an old Kubernetes.
readonly kubernetes=1.31.0

# template FILE [OPTION...]: what the chart makes of a value set. Helm names each link that it follows.
template() {
  local values=$1
  shift
  helm template watch . --namespace soc --kube-version "$kubernetes" -f "$values" "$@" \
    2> >(grep -v 'found symbolic link' >&2)
}

helm lint --strict . 2>/dev/null
for values in ci/*.yaml values-scaled.yaml; do
  name=$(basename "$values" .yaml)
  echo "== $name"
  helm lint --strict -f "$values" . 2>/dev/null
  template "$values" >"$folder/$name"
  # The kinds of Prometheus and KEDA have no schema there.
  kubernetes-validate --strict --no-warn -k "${kubernetes%.*}" "$folder/$name"
  # The web configuration is in a Secret, and the check would read it.
  rm -f "$folder"/config.*
  awk -v path="$folder/config." '
    /^---$/ { inside = 0 }
    inside && !/^ *web_config_file:/ { print substr($0, 5) >(path number) }
    /^  signinwatch.yaml: \|$/ { inside = 1; ++number }' "$folder/$name"
  for config in "$folder"/config.*; do
    "$program" check-config "$config"
  done
done

echo "== one instance, or two roles without disks"
# kinds NAME: how many of each kind that runs or keeps something, on a line.
kinds() {
  grep -E '^ *kind: (StatefulSet|Deployment|PersistentVolumeClaim|PodDisruptionBudget|ScaledObject)$' \
    "$folder/$1" | sort | uniq -c | awk '{ printf "%s%s %s", sep, $1, $3; sep = ", " }'
}
is() {
  [ "$1" = "$2" ] || { echo "'$1', not '$2'"; return 1; }
}
is "$(kinds least)" "1 PersistentVolumeClaim, 1 StatefulSet"
is "$(kinds nothing)" "1 StatefulSet"
is "$(kinds values-scaled)" "2 Deployment, 2 PodDisruptionBudget"
# One instance of detect needs none; and with KEDA nobody else says how many of ingest there are.
is "$(kinds scaled)" "2 Deployment, 1 PodDisruptionBudget, 1 ScaledObject"
is "$(grep -c '^  replicas:' "$folder/scaled")" 1
is "$(grep -c '^  replicas: 2$' "$folder/values-scaled")" 2
is "$(grep -c 'path: /-/ready' "$folder/scaled")" 2

# of KIND ROLE: that object under the value set `scaled`.
of() {
  awk -v RS='---\n' -v kind="\nkind: $1\n" -v name="\n  name: watch-signinwatch-$2\n" \
    'index($0, kind) && index($0, name)' "$folder/scaled"
}
lacks() {
  [ -n "$1" ] && ! grep -nE "$2" <<<"$1"
}
lacks "$(of ConfigMap ingest)" '^ {4}(store|sinks):|database'
lacks "$(of Deployment ingest)" 'database|/var/lib'
lacks "$(of ConfigMap detect)" 'topics:|group:|1GiB'
lacks "$(of Deployment detect)" 'signinwatch-hub|/var/lib'
of ConfigMap ingest | grep -q '^ *enable_reload: false$'
of ConfigMap detect | grep -q '^ *password: file:/etc/signinwatch/database/password$'
of Deployment detect | grep -q 'secretName: signinwatch-database$'
of Deployment ingest | grep -q 'memory: 1400Mi$'

echo "== the rules are those of deploy/prometheus"
template ci/everything.yaml --show-only templates/prometheusrule.yaml >"$folder/rules"
sed -n '/^  groups:$/,$p' "$folder/rules" | sed 's/^  //' >"$folder/rules.yaml"
promtool check rules "$folder/rules.yaml"
[ "$(grep -c 'alert: ' "$folder/rules.yaml")" = "$(grep -c 'alert: ' ../../prometheus/signinwatch.rules.yaml)" ]
[ "$(grep -c 'runbook_url: https://signinwatch.contoso.example/runbook#' "$folder/rules.yaml")" = "$(grep -c 'alert: ' "$folder/rules.yaml")" ]
grep -q 'tickets_url: https://signinwatch.contoso.example/tickets?' "$folder/rules.yaml"

echo "== what is missing or wrong is said"
refused() {
  if helm template watch . --kube-version "$kubernetes" "$@" >/dev/null 2>"$folder/said"; then
    echo "not refused: $*"
    return 1
  fi
  grep -vE '^$|^Use --debug|symbolic link' "$folder/said"
}
refused
refused -f ci/least.yaml --set config.http.listen=0.0.0.0:80
refused -f ci/least.yaml --set persistence.accessModes='{ReadWriteMany}'
refused -f ci/least.yaml --set replicas=2
refused -f ci/least.yaml --set prometheusRule.enabled=true
refused -f ci/least.yaml --set workloadIdentity.enabled=true
refused -f ci/least.yaml --set roles.enabled=true
refused -f ci/least.yaml --set database.existingSecret=database
refused -f ci/scaled.yaml --set config.dead_letters.path=/tmp/letters
refused -f ci/scaled.yaml --set-json 'config.sinks=[{"name": "archive", "type": "file", "path": "/tmp/a"}]'
refused -f ci/scaled.yaml --set roles.detect.persistence.enabled=true
