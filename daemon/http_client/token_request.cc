#include "daemon/http_client/token_request.h"

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/config/secret.h"
#include "daemon/http_client/http_client.h"
#include "daemon/http_client/token_answer.h"

namespace signinwatch {
namespace {

constexpr std::chrono::seconds kTimeout{15};
// RFC 6749 leaves expires_in out only where the client knows the span otherwise.
constexpr std::chrono::seconds kDefaultLifetime{300};

// application/x-www-form-urlencoded, which percent-encodes all that is not unreserved.
void AppendFormField(std::string_view name, std::string_view value, std::string* form) {
  if (!form->empty()) form->push_back('&');
  form->append(name).push_back('=');
  for (const char c : value) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      form->push_back(c);
    } else {
      char code[4];
      std::snprintf(code, sizeof(code), "%%%02X", static_cast<unsigned char>(c));
      form->append(code);
    }
  }
}

HttpRequest MakeRequest(const KafkaCluster& cluster, const std::string& secret) {
  HttpRequest request;
  request.url = cluster.token_endpoint;
  request.timeout = kTimeout;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  AppendFormField("grant_type", "client_credentials", &request.body);
  AppendFormField("client_id", cluster.client_id, &request.body);
  AppendFormField("client_secret", secret, &request.body);
  if (!cluster.scope.empty()) AppendFormField("scope", cluster.scope, &request.body);
  return request;
}

absl::Status RefusalOf(int status, const TokenAnswer& answer) {
  std::string text = absl::StrCat("the token endpoint answered ", status);
  if (!answer.error.empty()) absl::StrAppend(&text, " ", answer.error);
  if (!answer.code.empty()) absl::StrAppend(&text, " ", answer.code);
  const bool refused = status >= 400 && status < 500 && status != 408 && status != 429;
  return refused ? absl::UnauthenticatedError(text) : absl::UnavailableError(text);
}

absl::StatusOr<AccessToken> FetchToken(const KafkaCluster& cluster) {
  const absl::StatusOr<std::string> secret = ReadSecret(cluster.client_secret);
  if (!secret.ok()) return secret.status();
  const auto asked_at = std::chrono::system_clock::now();
  // Brokers and their token endpoint may be certified by one authority of the site's own, or the
  // endpoint by a public one: both are fine.
  HttpClient client(cluster.ca_file, HttpClient::Trust::kFileAndSystem);
  const absl::StatusOr<HttpResponse> response = client.Send(MakeRequest(cluster, *secret));
  if (!response.ok()) {
    return absl::Status(response.status().code(),
                        absl::StrCat("token endpoint: ", response.status().message()));
  }
  TokenAnswer answer = ParseTokenAnswer(response->body);
  if (response->status != 200) return RefusalOf(response->status, answer);
  if (answer.access_token.empty()) {
    return absl::UnavailableError("the token endpoint answered 200 without an access token");
  }
  AccessToken token;
  token.value = std::move(answer.access_token);
  token.expires_at =
      asked_at + (answer.expires_in.count() > 0 ? answer.expires_in : kDefaultLifetime);
  token.principal = cluster.client_id;
  return token;
}

}  // namespace

TokenFetcher MakeTokenFetcher(const KafkaCluster& cluster) {
  return [cluster] { return FetchToken(cluster); };
}

}  // namespace signinwatch
