#include "daemon/http_client/workload_identity.h"

#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/config/text_forms.h"

namespace signinwatch::http_client {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

absl::Status Missing(const char* key, const char* variable) {
  return absl::FailedPreconditionError(
      absl::StrCat("neither ", key, " nor the environment variable ", variable,
                   " is set: label the pod azure.workload.identity/use: \"true\" and annotate its "
                   "service account with the client id, or give ",
                   key));
}

}  // namespace

absl::StatusOr<config::KafkaCluster> WithWorkloadIdentity(config::KafkaCluster cluster) {
  if (cluster.client_id.empty()) cluster.client_id = Environment("AZURE_CLIENT_ID");
  if (cluster.client_id.empty()) return Missing("client_id", "AZURE_CLIENT_ID");
  if (cluster.federated_token_file.empty()) {
    cluster.federated_token_file = Environment("AZURE_FEDERATED_TOKEN_FILE");
  }
  if (cluster.federated_token_file.empty()) {
    return Missing("federated_token_file", "AZURE_FEDERATED_TOKEN_FILE");
  }
  if (!cluster.token_endpoint.empty()) return cluster;
  const std::string tenant = Environment("AZURE_TENANT_ID");
  if (!config::IsTenantName(tenant)) return Missing("tenant_id", "AZURE_TENANT_ID");
  std::string authority = Environment("AZURE_AUTHORITY_HOST");
  if (authority.empty())
    authority = config::EntraAuthority(config::FirstBrokerHost(cluster.brokers));
  std::string fault;
  const auto endpoint = config::ReadForm(config::TextForm::kUrl,
                                         config::EntraTokenEndpoint(authority, tenant), &fault);
  if (!endpoint) {
    return absl::FailedPreconditionError(
        absl::StrCat("the environment variable AZURE_AUTHORITY_HOST can't be used, allowed: ",
                     std::string(config::AllowedForm(config::TextForm::kUrl))));
  }
  cluster.token_endpoint = *endpoint;
  return cluster;
}

}  // namespace signinwatch::http_client
