#!/usr/bin/env bash
# The chart under each of the value sets in its folder ci: lint, and what it makes against the schemas of
# Kubernetes; its configuration through the program's own check. By hand, since Debian has no helm:
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

# template NAME [OPTION...]: what the chart makes of a value set. Helm names each link that it follows.
template() {
  local name=$1
  shift
  helm template watch . --namespace soc --kube-version "$kubernetes" -f "ci/$name.yaml" "$@" \
    2> >(grep -v 'found symbolic link' >&2)
}

helm lint --strict . 2>/dev/null
for values in ci/*.yaml; do
  name=$(basename "$values" .yaml)
  echo "== $name"
  helm lint --strict -f "$values" . 2>/dev/null
  template "$name" >"$folder/$name"
  # Prometheus' own kinds have no schema there.
  kubernetes-validate --strict --no-warn -k "${kubernetes%.*}" "$folder/$name"
  sed -n '/^  signinwatch.yaml: |$/,/^---$/{s/^    //p}' "$folder/$name" >"$folder/config.yaml"
  "$program" check-config "$folder/config.yaml"
done

echo "== the rules are those of deploy/prometheus"
template everything --show-only templates/prometheusrule.yaml >"$folder/rules"
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
