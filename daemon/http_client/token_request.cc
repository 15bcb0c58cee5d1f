#include "daemon/http_client/token_request.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/config/secret.h"
#include "daemon/http_client/client_assertion.h"
#include "daemon/http_client/managed_identity.h"
#include "daemon/http_client/percent_encoding.h"
#include "daemon/http_client/token_advice.h"
#include "daemon/http_client/token_answer.h"
#include "daemon/http_client/workload_identity.h"

namespace signinwatch::http_client {
namespace {

constexpr std::chrono::seconds kTimeout{15};
// RFC 6749 leaves expires_in out only where the client knows the span otherwise.
constexpr std::chrono::seconds kDefaultLifetime{300};
// Of the metadata service. Whoever uses tokens asks again later too: librdkafka after 10 s.
constexpr std::array<std::chrono::milliseconds, 2> kPauses{
    {std::chrono::milliseconds(1'000), std::chrono::milliseconds(2'000)}};

// The form's fields that prove who asks.
using Proof = absl::StatusOr<std::string>;

std::string AssertionFields(std::string_view assertion) {
  std::string form;
  AppendFormField("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                  &form);
  AppendFormField("client_assertion", assertion, &form);
  return form;
}

Proof SecretProof(const config::KafkaCluster& cluster) {
  const absl::StatusOr<std::string> secret = config::ReadSecret(cluster.client_secret);
  if (!secret.ok()) return secret.status();
  std::string form;
  AppendFormField("client_secret", *secret, &form);
  return form;
}

Proof CertificateProof(const config::KafkaCluster& cluster, EventTime now) {
  const config::SecretRef file{config::SecretRef::From::kFile, cluster.client_certificate};
  const absl::StatusOr<std::string> certificate =
      config::ReadSecret(file, config::SecretForm::kPem);
  if (!certificate.ok()) {
    return absl::Status(certificate.status().code(),
                        absl::StrCat("client_certificate: ", certificate.status().message()));
  }
  const absl::StatusOr<std::string> key =
      config::ReadSecret(cluster.client_key, config::SecretForm::kPem);
  if (!key.ok()) return key.status();
  const absl::StatusOr<std::string> assertion =
      MakeClientAssertion({.client_id = cluster.client_id,
                           .audience = cluster.token_endpoint,
                           .now = std::chrono::floor<std::chrono::seconds>(now)},
                          *certificate, *key);
  if (!assertion.ok()) return assertion.status();
  return AssertionFields(*assertion);
}

Proof FederatedProof(const config::KafkaCluster& cluster) {
  const absl::StatusOr<std::string> token =
      config::ReadSecret({config::SecretRef::From::kFile, cluster.federated_token_file});
  if (token.ok()) return AssertionFields(*token);
  return absl::Status(token.status().code(),
                      absl::StrCat("federated_token_file: ", token.status().message(),
                                   ": check that the pod has a projected token there"));
}

HttpCall MakeGrant(const config::KafkaCluster& cluster, const std::string& proof) {
  HttpCall request;
  request.url = cluster.token_endpoint;
  request.timeout = kTimeout;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  AppendFormField("grant_type", "client_credentials", &request.body);
  AppendFormField("client_id", cluster.client_id, &request.body);
  request.body += "&" + proof;
  if (!cluster.scope.empty()) AppendFormField("scope", cluster.scope, &request.body);
  return request;
}

// `passing`: it may be answered otherwise later.
absl::Status RefusalOf(std::string_view whose, int status, const TokenAnswer& answer, bool passing,
                       std::string_view advice) {
  std::string text(whose);
  absl::StrAppend(&text, " answered ", status);
  if (!answer.error.empty()) absl::StrAppend(&text, " ", answer.error);
  if (!answer.code.empty()) absl::StrAppend(&text, " ", answer.code);
  if (!advice.empty()) text.append(": ").append(advice);
  return passing ? absl::UnavailableError(text) : absl::UnauthenticatedError(text);
}

absl::StatusOr<kafka::AccessToken> TokenOf(std::string_view whose, TokenAnswer answer,
                                           EventTime asked_at) {
  if (answer.access_token.empty()) {
    return absl::UnavailableError(std::string(whose) + " answered 200 without an access token");
  }
  kafka::AccessToken token;
  token.value = std::move(answer.access_token);
  token.expires_at = asked_at + kDefaultLifetime;
  if (answer.expires_in.count() > 0) {
    token.expires_at = asked_at + answer.expires_in;
  } else if (answer.expires_on) {
    token.expires_at = *answer.expires_on;
  }
  if (token.expires_at > asked_at) return token;
  const auto late = std::chrono::floor<std::chrono::seconds>(asked_at - token.expires_at);
  return absl::UnavailableError(
      absl::StrCat(std::string(whose), " issued a token that by this machine's clock expired ",
                   late.count(), " s ago: set the clock by NTP"));
}

absl::Status NoAnswer(std::string_view whose, const absl::Status& status,
                      std::string_view advice = {}) {
  std::string text(whose.substr(whose.starts_with("the ") ? 4 : 0));
  absl::StrAppend(&text, ": ", status.message());
  return absl::Status(status.code(), text.append(advice));
}

// What is needed to ask.
struct Asker {
  const clock::Clock& clock;
  HttpTransportMaker make_http;
};

absl::StatusOr<kafka::AccessToken> FetchByGrant(const Asker& asker,
                                                const config::KafkaCluster& cluster,
                                                const Proof& proof) {
  constexpr std::string_view kWhose = "the token endpoint";
  if (!proof.ok()) return proof.status();
  const EventTime asked_at = asker.clock.Wall();
  const absl::StatusOr<HttpResponse> response =
      asker.make_http(cluster.ca_file)->Send(MakeGrant(cluster, *proof));
  if (!response.ok()) return NoAnswer(kWhose, response.status());
  const TokenAnswer answer = ParseTokenAnswer(response->body);
  if (const int status = response->status; status != 200) {
    const bool refused = status >= 400 && status < 500 && status != 408 && status != 429;
    return RefusalOf(kWhose, status, answer, !refused, TokenAdvice(answer.code));
  }
  return TokenOf(kWhose, answer, asked_at);
}

absl::StatusOr<kafka::AccessToken> FetchFromMachine(const Asker& asker,
                                                    const config::KafkaCluster& cluster) {
  constexpr std::string_view kWhose = "the machine's metadata service";
  const std::unique_ptr<HttpTransport> client = asker.make_http("");
  for (size_t asked = 0;; ++asked) {
    const EventTime asked_at = asker.clock.Wall();
    const absl::StatusOr<HttpResponse> response = client->Send(MakeMetadataRequest(cluster));
    if (!response.ok()) {
      return NoAnswer(kWhose, response.status(),
                      ": only Azure's virtual machines have one (not App Service, not Arc)");
    }
    const TokenAnswer answer = ParseTokenAnswer(response->body);
    if (response->status == 200) return TokenOf(kWhose, answer, asked_at);
    const bool passing = IsPassing(response->status);
    if (!passing || asked == kPauses.size()) {
      return RefusalOf(kWhose, response->status, answer, passing, MetadataAdvice(response->status));
    }
    std::this_thread::sleep_for(kPauses[asked]);
  }
}

absl::StatusOr<kafka::AccessToken> FetchForWorkload(const Asker& asker,
                                                    const config::KafkaCluster& given) {
  const absl::StatusOr<config::KafkaCluster> cluster = WithWorkloadIdentity(given);
  if (!cluster.ok()) return cluster.status();
  absl::StatusOr<kafka::AccessToken> token =
      FetchByGrant(asker, *cluster, FederatedProof(*cluster));
  if (token.ok()) token->principal = cluster->client_id;
  return token;
}

absl::StatusOr<kafka::AccessToken> Fetch(const Asker& asker, const config::KafkaCluster& cluster) {
  switch (cluster.auth) {
    case config::KafkaAuth::kOauthBearer:
      return FetchByGrant(asker, cluster, SecretProof(cluster));
    case config::KafkaAuth::kClientCertificate:
      return FetchByGrant(asker, cluster, CertificateProof(cluster, asker.clock.Wall()));
    case config::KafkaAuth::kManagedIdentity:
      return FetchFromMachine(asker, cluster);
    case config::KafkaAuth::kWorkloadIdentity:
      return FetchForWorkload(asker, cluster);
    default:
      return absl::FailedPreconditionError("this log-in is not by a token");
  }
}

}  // namespace

kafka::TokenFetcher MakeTokenFetcher(const config::KafkaCluster& cluster, const clock::Clock& clock,
                                     const HttpTransportMaker& make_http) {
  if (!config::UsesTokens(cluster.auth)) return nullptr;
  return [cluster, asker = Asker{.clock = clock, .make_http = make_http}] {
    absl::StatusOr<kafka::AccessToken> token = Fetch(asker, cluster);
    // For the client's log, which wants a name.
    if (token.ok() && token->principal.empty()) {
      token->principal = cluster.client_id.empty() ? "managed_identity" : cluster.client_id;
    }
    return token;
  };
}

}  // namespace signinwatch::http_client
