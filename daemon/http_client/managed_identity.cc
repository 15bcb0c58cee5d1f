#include "daemon/http_client/managed_identity.h"

#include <string>

#include "daemon/http_client/percent_encoding.h"

namespace signinwatch::http_client {
namespace {

// It is on this machine's own network: an answer takes milliseconds, or there is none.
constexpr std::chrono::seconds kMetadataTimeout{5};

// What a scope is for: "https://HOST/.default" -> "https://HOST".
std::string_view ResourceOf(std::string_view scope) {
  constexpr std::string_view kDefault = "/.default";
  if (scope.ends_with(kDefault)) scope.remove_suffix(kDefault.size());
  return scope;
}

}  // namespace

HttpCall MakeMetadataRequest(const config::KafkaCluster& cluster) {
  std::string query;
  AppendFormField("api-version", "2018-02-01", &query);
  AppendFormField("resource", ResourceOf(cluster.scope), &query);
  if (!cluster.client_id.empty()) AppendFormField("client_id", cluster.client_id, &query);
  HttpCall request;
  request.method = "GET";
  request.url =
      cluster.token_endpoint.empty() ? std::string(kMetadataService) : cluster.token_endpoint;
  request.url += (request.url.find('?') == std::string::npos ? "?" : "&") + query;
  request.headers = {{"Metadata", "true"}, {"Accept", "application/json"}};
  request.timeout = kMetadataTimeout;
  request.direct = true;
  return request;
}

bool IsPassing(int status) {
  return status == 404 || status == 410 || status == 429 || status >= 500;
}

std::string_view MetadataAdvice(int status) {
  if (status == 404 || status == 410) {
    return "it is being updated, which can take 70 s; it is asked again";
  }
  if (status == 429) return "it was asked too often; it is asked again later";
  if (status >= 500) return "it is asked again";
  return "assign an identity to this machine, and name a user-assigned one by client_id";
}

}  // namespace signinwatch::http_client
