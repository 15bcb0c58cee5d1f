// The client credentials grant against a token endpoint of the test.
#include "daemon/http_client/token_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/daemon/clock/manual_clock.h"
#include "tests/daemon/http_client/web_server.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::http_client {
namespace token_request_test {

using testing::HasSubstr;
using testing::Not;

class TokenRequest : public testing::Test {
 protected:
  TokenRequest()
      : server_([this](const httplib::Request& request, httplib::Response& response) {
          seen_ = request;
          response.status = status_;
          response.set_content(answer_, "application/json");
        }) {
    cluster_.auth = config::KafkaAuth::kOauthBearer;
    cluster_.client_id = "11111111-2222-3333-4444-555555555555";
    cluster_.client_secret = {config::SecretRef::From::kFile,
                              folder_.Write("secret", secret_ + "\n")};
    cluster_.token_endpoint = server_.Url("/tenant/oauth2/v2.0/token");
    cluster_.scope = "https://ns.servicebus.windows.net/.default";
  }

  const TemporaryFolder folder_;
  const std::string secret_ = "a&b=c+d %/\xc3\xbc~\"";
  config::KafkaCluster cluster_;
  httplib::Request seen_;
  int status_ = 200;
  std::string answer_ = R"({"access_token":"t0ken","expires_in":3600})";
  WebServer server_;
};

TEST_F(TokenRequest, SendsTheGrantInTheBody) {
  const auto before = std::chrono::system_clock::now();
  const absl::StatusOr<kafka::AccessToken> token =
      MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports())();
  const auto after = std::chrono::system_clock::now();
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(token->value, "t0ken");
  EXPECT_EQ(token->principal, cluster_.client_id);
  EXPECT_GE(token->expires_at, before + std::chrono::hours(1));
  EXPECT_LE(token->expires_at, after + std::chrono::hours(1));

  EXPECT_EQ(seen_.method, "POST");
  EXPECT_EQ(seen_.target, "/tenant/oauth2/v2.0/token");
  EXPECT_EQ(seen_.get_header_value("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(seen_.body,
            "grant_type=client_credentials&client_id=11111111-2222-3333-4444-555555555555"
            "&client_secret=a%26b%3Dc%2Bd%20%25%2F%C3%BC~%22"
            "&scope=https%3A%2F%2Fns.servicebus.windows.net%2F.default");
}

TEST_F(TokenRequest, ReadsTheSecretAnew) {
  const kafka::TokenFetcher fetch =
      MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports());
  ASSERT_TRUE(fetch().ok());
  const TemporaryFolder& folder = folder_;
  folder.Write("secret", "rotated");
  ASSERT_TRUE(fetch().ok());
  EXPECT_THAT(seen_.body, HasSubstr("&client_secret=rotated&"));
}

TEST_F(TokenRequest, SaysWhatTheEndpointSaidAndNoMore) {
  status_ = 401;
  answer_ = R"({"error":"invalid_client","error_description":"AADSTS7000215: )" +
            secret_.substr(0, 5) + R"( is wrong","access_token":"t0ken"})";
  const absl::Status refused =
      MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports())().status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(refused.message(),
            "the token endpoint answered 401 invalid_client AADSTS7000215: the client secret is "
            "wrong: use the secret's value, not its id, and a secret of this app");

  status_ = 503;
  answer_ = "<html>";
  const absl::Status busy =
      MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports())().status();
  EXPECT_EQ(busy.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(busy.message(), "the token endpoint answered 503");

  status_ = 200;
  answer_ = R"({"token":"t0ken"})";
  const absl::Status empty =
      MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports())().status();
  EXPECT_EQ(empty.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(empty.message()), Not(HasSubstr("t0ken")));
}

TEST_F(TokenRequest, TakesNoLifetimeForAShortOne) {
  answer_ = R"({"access_token":"t0ken"})";
  const absl::StatusOr<kafka::AccessToken> token =
      MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports())();
  ASSERT_TRUE(token.ok());
  EXPECT_LE(token->expires_at, std::chrono::system_clock::now() + std::chrono::minutes(5));
  EXPECT_GT(token->expires_at, std::chrono::system_clock::now());
}

TEST_F(TokenRequest, DoesNotAskWithoutASecret) {
  cluster_.client_secret = {config::SecretRef::From::kFile, folder_.Path("missing")};
  EXPECT_FALSE(MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports())().ok());
  EXPECT_EQ(seen_.method, "");
}

TEST_F(TokenRequest, SaysWhereThereIsNoAnswer) {
  cluster_.token_endpoint = "http://127.0.0.1:1/token";
  const absl::Status status =
      MakeTokenFetcher(cluster_, clock::SystemClock(), NetworkTransports())().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("token endpoint: http://127.0.0.1:1"));
}

// By another clock than the system's, over another network than this.
TEST_F(TokenRequest, AsksByTheClockAndTheTransportItIsGiven) {
  class Answering : public HttpTransport {
   public:
    absl::StatusOr<HttpResponse> Send(const HttpCall&) override {
      return HttpResponse{.status = 200,
                          .body = R"({"access_token":"t0ken","expires_in":3600})",
                          .retry_after = ""};
    }
    void Cancel() override {}
  };
  const clock::ManualClock clock(kBeginningOfTime + 365 * kDay);
  cluster_.ca_file = "ca.pem";
  std::string ca_file;
  const kafka::TokenFetcher fetch =
      MakeTokenFetcher(cluster_, clock, [&ca_file](const std::string& file) {
        ca_file = file;
        return std::make_unique<Answering>();
      });
  const absl::StatusOr<kafka::AccessToken> token = fetch();
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(token->expires_at, clock.Wall() + std::chrono::hours(1));
  EXPECT_EQ(ca_file, "ca.pem");
  EXPECT_TRUE(seen_.method.empty());
}

}  // namespace token_request_test
}  // namespace signinwatch::http_client
