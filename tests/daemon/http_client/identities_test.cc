// Tokens by certificate, workload identity and managed identity, against servers that answer as
// Entra and Azure's metadata service do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "daemon/http_client/token_request.h"
#include "tests/daemon/http_client/assertion_reader.h"
#include "tests/daemon/http_client/web_server.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::http_client {
namespace identities_test {

using std::chrono::system_clock;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kToken =
    R"({"token_type":"Bearer","expires_in":3599,"access_token":"t0ken"})";
constexpr const char* kScope = "https://ns.servicebus.windows.net/.default";

std::map<std::string, std::string> FormOf(const httplib::Request& request) {
  return {request.params.begin(), request.params.end()};
}

// Entra: looks at the assertion itself, and refuses by its codes.
class Entra {
 public:
  explicit Entra(X509* certificate) : certificate_(certificate) {}

  [[nodiscard]] std::string url() const { return server_.Url("/tenant/oauth2/v2.0/token"); }
  void Trust(X509* certificate) { certificate_ = certificate; }
  // Its clock goes by so much.
  void SetAhead(int64_t seconds) { ahead_ = seconds; }
  void Federate(const std::string& token) { federated_ = token; }
  [[nodiscard]] const std::vector<std::string>& assertions() const { return assertions_; }

 private:
  static void Refuse(httplib::Response& response, const char* error, const char* text) {
    response.status = 401;
    response.set_content(std::string(R"({"error":")") + error + R"(","error_description":")" +
                             text + R"( Trace ID: 0"})",
                         "application/json");
  }

  void Answer(const httplib::Request& request, httplib::Response& response) {
    auto form = FormOf(request);
    if (form["grant_type"] != "client_credentials" || form["scope"] != kScope ||
        form["client_id"] != "app" ||
        form["client_assertion_type"] != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer") {
      return Refuse(response, "invalid_request", "AADSTS900144: The request body is wrong.");
    }
    const std::string& assertion = form["client_assertion"];
    assertions_.push_back(assertion);
    if (!federated_.empty()) {
      if (assertion != federated_) {
        return Refuse(response, "invalid_client",
                      "AADSTS70021: No matching federated identity record found.");
      }
      return response.set_content(kToken, "application/json");
    }
    const ReadAssertion read = ReadClientAssertion(assertion, certificate_);
    if (!read.verified || read.header["x5t#S256"] != ThumbprintOf(certificate_)) {
      return Refuse(response, "invalid_client",
                    "AADSTS700027: The certificate with identifier is not registered.");
    }
    const int64_t now =
        std::chrono::floor<std::chrono::seconds>(system_clock::now()).time_since_epoch().count() +
        ahead_;
    if (read.claims["aud"] != url() || read.claims["iss"] != "app") {
      return Refuse(response, "invalid_client", "AADSTS50013: Assertion failed validation.");
    }
    if (now < read.claims["nbf"].get<int64_t>() - 300 || now > read.claims["exp"].get<int64_t>()) {
      return Refuse(response, "invalid_client",
                    "AADSTS700024: Client assertion is not within its valid time range.");
    }
    response.set_content(kToken, "application/json");
  }

  X509* certificate_;
  int64_t ahead_ = 0;
  std::string federated_;
  std::vector<std::string> assertions_;
  WebServer server_{[this](const httplib::Request& request, httplib::Response& response) {
    Answer(request, response);
  }};
};

class ByCertificate : public testing::Test {
 protected:
  ByCertificate() : entra_(mine_.x509.get()) {
    cluster_.auth = config::KafkaAuth::kClientCertificate;
    cluster_.client_id = "app";
    cluster_.client_certificate = folder_.Write("client.pem", PemOf(mine_.x509.get()));
    cluster_.client_key = {config::SecretRef::From::kFile,
                           folder_.Write("client.key", PemOf(mine_.key.get()))};
    cluster_.token_endpoint = entra_.url();
    cluster_.scope = kScope;
  }

  absl::Status Refusal() {
    absl::Status status =
        MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports())().status();
    // Neither what was sent nor what it was made from.
    const std::string text(status.message());
    for (const std::string& assertion : entra_.assertions()) {
      EXPECT_THAT(text, Not(HasSubstr(assertion.substr(0, 20))));
    }
    EXPECT_THAT(text, Not(HasSubstr("BEGIN")));
    EXPECT_THAT(text, Not(HasSubstr("Trace ID")));
    return status;
  }

  const TemporaryFolder folder_;
  const Certificate mine_ = MakeSelfSigned(EVP_RSA_gen(2048));
  Entra entra_;
  config::KafkaCluster cluster_;
};

TEST_F(ByCertificate, ATokenIsGiven) {
  const auto before = system_clock::now();
  const auto token = MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports())();
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(token->value, "t0ken");
  EXPECT_EQ(token->principal, "app");
  EXPECT_GE(token->expires_at, before + std::chrono::seconds(3599));
}

TEST_F(ByCertificate, ANewOneIsFound) {
  const kafka::TokenFetcher fetch =
      MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports());
  ASSERT_TRUE(fetch().ok());
  const Certificate next = MakeSelfSigned(EVP_RSA_gen(2048));
  entra_.Trust(next.x509.get());
  EXPECT_FALSE(fetch().ok());
  folder_.Write("client.pem", PemOf(next.x509.get()));
  folder_.Write("client.key", PemOf(next.key.get()));
  EXPECT_TRUE(fetch().ok());
}

TEST_F(ByCertificate, AnUnknownOneIsRefused) {
  const Certificate other = MakeSelfSigned(EVP_RSA_gen(2048));
  entra_.Trust(other.x509.get());
  const absl::Status refusal = Refusal();
  EXPECT_EQ(refusal.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(
      refusal.message(),
      "the token endpoint answered 401 invalid_client AADSTS700027: the signature is not from "
      "a certificate of the app registration: upload client_certificate there, and check that "
      "it has not expired");
}

TEST_F(ByCertificate, AWrongClockIsNamed) {
  for (const int64_t ahead : {-3'600, 3'600}) {
    entra_.SetAhead(ahead);
    EXPECT_THAT(std::string(Refusal().message()),
                HasSubstr("AADSTS700024: the assertion is outside its validity period: this "
                          "machine's clock is wrong (set it by NTP)"));
  }
  // What Entra lets pass.
  for (const int64_t ahead : {-200, 500}) {
    entra_.SetAhead(ahead);
    EXPECT_TRUE(MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports())().ok());
  }
}

TEST_F(ByCertificate, WhatCanNotBeReadIsNamedAndNothingSent) {
  cluster_.client_certificate = folder_.Path("missing.pem");
  EXPECT_THAT(std::string(Refusal().message()), HasSubstr("missing.pem"));
  cluster_.client_certificate = folder_.Write("other.pem", "no certificate");
  EXPECT_THAT(std::string(Refusal().message()), HasSubstr("client_certificate"));
  cluster_.client_key = {config::SecretRef::From::kEnvironment, "SIGNINWATCH_TEST_NOT_SET"};
  EXPECT_THAT(std::string(Refusal().message()), HasSubstr("SIGNINWATCH_TEST_NOT_SET"));
  EXPECT_TRUE(entra_.assertions().empty());
}

TEST(ByWorkloadIdentity, TheServiceAccountsTokenIsTheAssertion) {
  const TemporaryFolder folder;
  Entra entra(nullptr);
  entra.Federate("header.claims.one");
  config::KafkaCluster cluster;
  cluster.auth = config::KafkaAuth::kWorkloadIdentity;
  cluster.client_id = "app";
  cluster.token_endpoint = entra.url();
  cluster.scope = kScope;
  cluster.federated_token_file = folder.Write("token", "header.claims.one\n");
  const kafka::TokenFetcher fetch =
      MakeTokenFetcher(cluster, clock::SystemClock(), NetworkTransports());
  const auto token = fetch();
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(token->value, "t0ken");
  EXPECT_EQ(token->principal, "app");

  // The kubelet writes a new one every hour.
  entra.Federate("header.claims.two");
  const std::string refusal(fetch().status().message());
  EXPECT_THAT(refusal, HasSubstr("AADSTS70021: no federated credential of the app or identity"));
  EXPECT_THAT(refusal, Not(HasSubstr("claims")));
  folder.Write("token", "header.claims.two");
  EXPECT_TRUE(fetch().ok());

  folder.Write("token", "two\nlines");
  EXPECT_THAT(std::string(fetch().status().message()), HasSubstr("federated_token_file: "));
}

// Azure's metadata service: refuses what has no header Metadata, and has `statuses` to give first.
class ByManagedIdentity : public testing::Test {
 protected:
  ByManagedIdentity() {
    cluster_.auth = config::KafkaAuth::kManagedIdentity;
    cluster_.token_endpoint = server_.Url("/metadata/identity/oauth2/token");
    cluster_.scope = kScope;
  }

  void Answer(const httplib::Request& request, httplib::Response& response) {
    ++asked_;
    const auto query = FormOf(request);
    if (request.method != "GET" || request.get_header_value("Metadata") != "true" ||
        request.has_header("X-Forwarded-For") ||
        request.get_param_value("api-version") != "2018-02-01") {
      response.status = 400;
      response.set_content(R"({"error":"invalid_request","error_description":)"
                           R"("Required metadata header not specified"})",
                           "application/json");
      return;
    }
    resource_ = request.get_param_value("resource");
    if (!statuses_.empty()) {
      response.status = statuses_.front();
      statuses_.erase(statuses_.begin());
      return response.set_content(R"({"error":"Identity not found"})", "application/json");
    }
    response.set_content(answer_, "application/json");
  }

  std::string ErrorText() {
    return std::string(
        MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports())().status().message());
  }

  int asked_ = 0;
  std::string resource_;
  std::vector<int> statuses_;
  std::string answer_ = R"({"access_token":"t0ken","client_id":"x","expires_in":"86399",)"
                        R"("expires_on":"4000000000","token_type":"Bearer"})";
  WebServer server_{[this](const httplib::Request& request, httplib::Response& response) {
    Answer(request, response);
  }};
  config::KafkaCluster cluster_;
};

TEST_F(ByManagedIdentity, ATokenIsGiven) {
  const auto before = system_clock::now();
  const auto token = MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports())();
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(token->value, "t0ken");
  EXPECT_EQ(token->principal, "managed_identity");
  EXPECT_EQ(resource_, "https://ns.servicebus.windows.net");
  // By the span, not by the other's clock.
  EXPECT_LT(token->expires_at, before + std::chrono::hours(25));
}

TEST_F(ByManagedIdentity, IsAskedAgainWhereThatHelps) {
  statuses_ = {410};
  EXPECT_TRUE(MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports())().ok());
  EXPECT_EQ(asked_, 2);
  statuses_ = {429, 404, 503};
  const absl::Status status =
      MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports())().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("the machine's metadata service answered 503"));
  EXPECT_EQ(asked_, 5);
}

TEST_F(ByManagedIdentity, IsNotAskedAgainWhereItDoesNot) {
  statuses_ = {400, 400};
  const absl::Status status =
      MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports())().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("answered 400 an error without a plain name: assign an identity to this "
                        "machine"));
  EXPECT_EQ(asked_, 1);
}

TEST_F(ByManagedIdentity, AClockThatIsWrongIsNamed) {
  answer_ = R"({"access_token":"t0ken","expires_on":"1000000000"})";
  EXPECT_THAT(ErrorText(), HasSubstr("issued a token that by this machine's clock expired "));
  EXPECT_THAT(ErrorText(), HasSubstr("set the clock"));
  answer_ = R"({"access_token":"t0ken","expires_on":"4000000000"})";
  EXPECT_TRUE(MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports())().ok());
}

TEST_F(ByManagedIdentity, SaysWhereThereIsNone) {
  cluster_.token_endpoint = "http://127.0.0.1:1/token";
  EXPECT_THAT(ErrorText(), HasSubstr("machine's metadata service: http://127.0.0.1:1"));
  EXPECT_THAT(ErrorText(), HasSubstr("only Azure's virtual machines have one"));
}

TEST(MakeTokenFetcher, IsForTokensOnly) {
  config::KafkaCluster cluster;
  cluster.auth = config::KafkaAuth::kConnectionString;
  EXPECT_EQ(MakeTokenFetcher(cluster, clock::SystemClock(), NetworkTransports()), nullptr);
}

}  // namespace identities_test
}  // namespace signinwatch::http_client
