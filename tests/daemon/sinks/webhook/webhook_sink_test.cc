// Webhooks to a TLS server of the test's own.
#include "daemon/sinks/webhook/webhook_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/sinks/webhook/webhook_signature.h"
#include "tests/daemon/http_client/web_server.h"
#include "tests/daemon/sinks/deliveries.h"
#include "tests/daemon/sinks/fake_parts.h"
#include "tests/daemon/sinks/system_parts.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::sinks {
namespace webhook_sink_test {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using testing::HasSubstr;
using testing::Not;
using Kind = SendResult::Kind;

TEST(WebhookSignature, IsWhatOtherProgramsCompute) {
  // printf '%s' '1790000000.{"ticket_id":"t1","revision":3}' |
  //   openssl dgst -sha256 -hmac 'correct horse'
  EXPECT_EQ(WebhookSignature("correct horse", sys_seconds(seconds(1790000000)),
                             R"({"ticket_id":"t1","revision":3})"),
            "v1=419dfa4721e62b32e799ba219fa2b0d5cb03e2635617f74ae17f696f072cde4c");
  // Python: hmac.new(b"\xaa" * 131, b"0." + bytes(range(256)), "sha256").hexdigest()
  std::string all_bytes;
  for (int i = 0; i < 256; ++i) all_bytes.push_back(static_cast<char>(i));
  EXPECT_EQ(WebhookSignature(std::string(131, '\xaa'), sys_seconds(seconds(0)), all_bytes),
            "v1=0479495beb6388c07f86d58db90aac528a6d61d37886639c8dd1a68863608444");
}

class WebhookTest : public testing::Test {
 protected:
  WebhookTest()
      : certificate_(authority_.IssueForLoopback()),
        server_(
            [this](const httplib::Request& request, httplib::Response& response) {
              const std::lock_guard lock(mutex_);
              requests_.push_back(request);
              response.status = statuses_.empty() ? 200 : statuses_.front();
              if (!statuses_.empty()) statuses_.erase(statuses_.begin());
              if (response.status == 429) response.set_header("Retry-After", "42");
              if (response.status == 302) response.set_header("Location", "/elsewhere");
            },
            &certificate_) {
    config_.name = "soc";
    config_.type = "webhook";
    config_.settings["url"] = server_.Url("/hook?team=soc");
    config_.ca_file = folder_.Write("ca.pem", authority_.Pem());
  }

  SendResult Send(const store::Delivery& delivery = MakeDelivery(1, "t1", 3)) {
    WebhookSink sink(config_, SystemParts());
    const std::vector<store::Delivery> batch{delivery};
    return sink.Send(batch)[0];
  }

  const TemporaryFolder folder_;
  const http_client::CertificateAuthority authority_;
  const http_client::Certificate certificate_;
  std::mutex mutex_;
  std::vector<int> statuses_;  // of the next answers
  std::vector<httplib::Request> requests_;
  http_client::WebServer server_;
  config::SinkConfig config_;
};

TEST_F(WebhookTest, PostsTheTicket) {
  EXPECT_EQ(Send().kind, Kind::kDelivered);
  ASSERT_EQ(requests_.size(), 1u);
  const httplib::Request& request = requests_[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/hook?team=soc");
  EXPECT_EQ(request.body, MakeDelivery(1, "t1", 3).json);
  EXPECT_EQ(request.get_header_value("Content-Type"), "application/json");
  EXPECT_THAT(request.get_header_value("User-Agent"), testing::MatchesRegex("signinwatch/[0-9.]+"));
  EXPECT_EQ(request.get_header_value("X-Signinwatch-Ticket-Id"), "t1");
  EXPECT_EQ(request.get_header_value("X-Signinwatch-Revision"), "3");
  EXPECT_EQ(request.get_header_value("Idempotency-Key"), "t1-3");
  EXPECT_FALSE(request.has_header("X-Signinwatch-Signature"));
  EXPECT_FALSE(request.has_header("Authorization"));
}

TEST_F(WebhookTest, SignsBodyAndTime) {
  config_.settings["secret"] =
      config::SecretRef{config::SecretRef::From::kFile, folder_.Write("secret", "correct horse\n")};
  config_.settings["authorization"] = config::SecretRef{
      config::SecretRef::From::kFile, folder_.Write("authorization", "Bearer abc\n")};
  const auto before = std::chrono::floor<seconds>(std::chrono::system_clock::now());
  EXPECT_EQ(Send().kind, Kind::kDelivered);
  const auto after = std::chrono::system_clock::now();
  ASSERT_EQ(requests_.size(), 1u);
  const httplib::Request& request = requests_[0];
  EXPECT_EQ(request.get_header_value("Authorization"), "Bearer abc");
  const sys_seconds at{seconds(std::stoll(request.get_header_value("X-Signinwatch-Timestamp")))};
  EXPECT_GE(at, before);
  EXPECT_LE(at, after);
  EXPECT_EQ(request.get_header_value("X-Signinwatch-Signature"),
            WebhookSignature("correct horse", at, request.body));
}

TEST_F(WebhookTest, AsksTheClockAndSendsOverTheTransportThatItIsGiven) {
  FakeParts world;
  world.answer = [](const http_client::HttpCall&) {
    return http_client::HttpResponse{429, "", "Wed, 26 Nov 2025 12:00:07 GMT"};
  };
  config_.settings["secret"] =
      config::SecretRef{config::SecretRef::From::kFile, folder_.Write("secret", "key")};
  WebhookSink sink(config_, world.parts());
  const std::vector<store::Delivery> batch{MakeDelivery(1)};
  EXPECT_EQ(sink.Send(batch)[0].retry_after, seconds(7));
  EXPECT_THAT(world.ca_files, testing::ElementsAre(config_.ca_file));
  ASSERT_EQ(world.calls.size(), 1u);
  EXPECT_THAT(world.calls[0].headers,
              testing::Contains(testing::Pair("X-Signinwatch-Timestamp", "1764158400")));
  EXPECT_TRUE(requests_.empty());
}

TEST_F(WebhookTest, FindsRotatedSecrets) {
  config_.settings["secret"] =
      config::SecretRef{config::SecretRef::From::kFile, folder_.Write("secret", "old")};
  WebhookSink sink(config_, SystemParts());
  ASSERT_TRUE(sink.Check().ok());
  folder_.Write("secret", "new");
  const std::vector<store::Delivery> batch{MakeDelivery(1)};
  EXPECT_EQ(sink.Send(batch)[0].kind, Kind::kDelivered);
  const sys_seconds at{
      seconds(std::stoll(requests_[0].get_header_value("X-Signinwatch-Timestamp")))};
  EXPECT_EQ(requests_[0].get_header_value("X-Signinwatch-Signature"),
            WebhookSignature("new", at, batch[0].json));
}

TEST_F(WebhookTest, SendsNothingWithoutItsSecret) {
  config_.settings["secret"] =
      config::SecretRef{config::SecretRef::From::kFile, folder_.Path("missing")};
  EXPECT_FALSE(WebhookSink(config_, SystemParts()).Check().ok());
  const SendResult result = Send();
  EXPECT_EQ(result.kind, Kind::kTemporary);
  EXPECT_TRUE(result.sink_down);
  EXPECT_TRUE(requests_.empty());
}

TEST_F(WebhookTest, SendsNothingToAServerItDoesNotTrust) {
  const http_client::CertificateAuthority other("another");
  config_.ca_file = folder_.Write("other.pem", other.Pem());
  const SendResult result = Send();
  EXPECT_EQ(result.kind, Kind::kTemporary);
  EXPECT_TRUE(result.sink_down);
  EXPECT_TRUE(requests_.empty());
  config_.ca_file = folder_.Path("missing.pem");
  EXPECT_EQ(WebhookSink(config_, SystemParts()).Check().code(), absl::StatusCode::kNotFound);
}

TEST_F(WebhookTest, ReportsWhatTheReceiverSays) {
  statuses_ = {429, 500, 302, 200};
  const SendResult busy = Send();
  EXPECT_EQ(busy.kind, Kind::kTemporary);
  EXPECT_TRUE(busy.sink_down);
  EXPECT_EQ(busy.retry_after, seconds(42));
  EXPECT_EQ(Send().error, "HTTP 500");
  EXPECT_THAT(Send().error, HasSubstr("HTTP 302"));
  EXPECT_EQ(Send().kind, Kind::kDelivered);
  EXPECT_EQ(requests_.size(), 4u) << "a redirect was followed";
}

TEST_F(WebhookTest, DoesNotTryTheRestOnceDown) {
  statuses_ = {200, 503};
  WebhookSink sink(config_, SystemParts());
  const std::vector<store::Delivery> batch{MakeDelivery(1, "a"), MakeDelivery(2, "b"),
                                           MakeDelivery(3, "c")};
  const std::vector<SendResult> results = sink.Send(batch);
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].kind, Kind::kDelivered);
  EXPECT_EQ(results[1].kind, Kind::kTemporary);
  EXPECT_EQ(results[2].kind, Kind::kTemporary);
  EXPECT_EQ(requests_.size(), 2u);
}

TEST_F(WebhookTest, KeepsSecretsOutOfErrors) {
  config_.settings["secret"] =
      config::SecretRef{config::SecretRef::From::kFile, folder_.Write("secret", "s3cret")};
  config_.settings["authorization"] = config::SecretRef{
      config::SecretRef::From::kFile, folder_.Write("authorization", "Bearer t0ken")};
  config_.settings["url"] = "https://name:pa55word@127.0.0.1:1/path-with-a-k3y?sig=s1g";
  const SendResult result = Send();
  EXPECT_EQ(result.kind, Kind::kTemporary);
  EXPECT_THAT(result.error, HasSubstr("127.0.0.1"));
  for (const char* hidden : {"s3cret", "t0ken", "pa55word", "k3y", "s1g"}) {
    EXPECT_THAT(result.error, Not(HasSubstr(hidden)));
  }
}

TEST_F(WebhookTest, AnAnswerThatGetsLostIsTriedAgainUnderTheSameKey) {
  std::vector<std::string> requests;
  auto server = std::make_unique<http_client::RawServer>([&](int fd) {
    requests.push_back(http_client::RawServer::ReadRequest(fd));
    http_client::RawServer::Reset(fd);
  });
  config_.settings["url"] = server->Url("/");
  const SendResult first = Send();
  EXPECT_EQ(first.kind, Kind::kTemporary);
  EXPECT_FALSE(first.sink_down);
  EXPECT_EQ(Send().kind, Kind::kTemporary);
  server.reset();
  ASSERT_EQ(requests.size(), 2u);
  for (const std::string& request : requests) {
    EXPECT_THAT(request, HasSubstr("\r\nIdempotency-Key: t1-3\r\n"));
  }
}

TEST_F(WebhookTest, GivesUpOnASlowReceiver) {
  http_client::RawServer server([](int fd) {
    http_client::RawServer::ReadRequest(fd);
    http_client::RawServer::WaitForClose(fd);
  });
  config_.settings["url"] = server.Url("/");
  config_.settings["timeout"] = milliseconds(50);
  const SendResult result = Send();
  EXPECT_EQ(result.kind, Kind::kTemporary);
  EXPECT_FALSE(result.sink_down);
}

TEST_F(WebhookTest, CanBeCancelled) {
  std::promise<void> request_read;
  http_client::RawServer server([&](int fd) {
    http_client::RawServer::ReadRequest(fd);
    request_read.set_value();
    http_client::RawServer::WaitForClose(fd);
  });
  config_.settings["url"] = server.Url("/");
  config_.settings["timeout"] = std::chrono::hours(1);
  WebhookSink sink(config_, SystemParts());
  const std::vector<store::Delivery> batch{MakeDelivery(1)};
  auto results = std::async(std::launch::async, [&] { return sink.Send(batch); });
  request_read.get_future().wait();
  sink.Cancel();
  EXPECT_EQ(results.get()[0].kind, Kind::kTemporary);
}

TEST_F(WebhookTest, ASitesOwnJsonAndWhereWhatIsOverGoes) {
  config_.settings["body"] = std::string(R"({"alias":"{{ticket_id}}","message":"{{title}}"})");
  config_.settings["resolved_url"] = server_.Url("/alerts/TICKET_ID/close");
  store::Delivery delivery = MakeDelivery(1, "t1", 1);
  delivery.json = R"({"ticket_id":"t1","title":"a \"quoted\" \\ one\n"})";
  EXPECT_EQ(Send(delivery).kind, Kind::kDelivered);
  delivery.state = "resolved";
  EXPECT_EQ(Send(delivery).kind, Kind::kDelivered);
  ASSERT_EQ(requests_.size(), 2u);
  EXPECT_EQ(requests_[0].body, R"({"alias":"t1","message":"a \"quoted\" \\ one\n"})");
  EXPECT_EQ(requests_[0].path, "/hook");
  EXPECT_EQ(requests_[1].path, "/alerts/t1/close");
  config_.settings["body"] = std::string("{{title}}");
  const WebhookSink sink(config_, SystemParts());
  EXPECT_THAT(std::string(sink.Check().message()), HasSubstr("no JSON"));
}

}  // namespace webhook_sink_test
}  // namespace signinwatch::sinks
