// The server over real connections: what HTTP itself needs, and what clients must not be able to
// do. What each path answers is routes_test.cc's.
#include "daemon/http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/http/http_message.h"
#include "daemon/words/ticket_json.h"
#include "detectors/ticket.h"
#include "tests/daemon/http/fake_store.h"
#include "tests/daemon/http/raw_client.h"
#include "tests/daemon/http/sample_status.h"

namespace signinwatch::http {
namespace http_server_test {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class HttpServerTest : public testing::Test {
 protected:
  void Start(const std::string& listen = "127.0.0.1:0") {
    config::HttpConfig config;
    config.listen = listen;
    auto server = HttpServer::Start(
        clock::SystemClock(), config,
        {.store = &store_,
         .status = [this] { return status_(); },
         .metrics = [this](bool openmetrics) { return openmetrics ? "openmetrics\n" : metrics_(); },
         .reload = {}},
        limits_);
    ASSERT_TRUE(server.ok()) << std::string(server.status().message());
    server_ = *std::move(server);
  }
  httplib::Client Client() { return httplib::Client("127.0.0.1", server_->port()); }
  std::string Ask(std::string_view request) { return RawClient(server_->port()).Ask(request); }

  HttpLimits limits_;
  FakeStore store_;
  std::function<pipeline::ServeStatus()> status_ = SampleStatus;
  std::function<std::string()> metrics_ = [] { return std::string(5'000, 'm'); };
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersAndCloses) {
  Start();
  EXPECT_EQ(server_->address(), "127.0.0.1:" + std::to_string(server_->port()));
  const std::string answer = Ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhealthy\n"));
}

TEST_F(HttpServerTest, AnErrorOfListeningNamesTheAddress) {
  config::HttpConfig config;
  config.listen = "203.0.113.1:1";
  const auto server = HttpServer::Start(clock::SystemClock(), config, {});
  ASSERT_FALSE(server.ok());
  EXPECT_THAT(std::string(server.status().message()), HasSubstr("203.0.113.1:1"));
}

TEST_F(HttpServerTest, EveryAnswerHasTheSecurityHeaders) {
  Start();
  for (const char* request :
       {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", "nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\nRange: nonsense\r\n\r\n"}) {
    const std::string answer = Ask(request);
    EXPECT_THAT(answer, AllOf(HasSubstr("\r\nContent-Security-Policy: default-src 'none';"),
                              HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"),
                              HasSubstr("\r\nX-Frame-Options: DENY\r\n"),
                              HasSubstr("\r\nReferrer-Policy: same-origin\r\n"),
                              HasSubstr("\r\nCache-Control: no-store\r\n"),
                              Not(HasSubstr("Access-Control"))))
        << request;
  }
}

TEST_F(HttpServerTest, HeadIsGetWithoutTheBody) {
  Start();
  for (const char* path : {"/metrics", "/", "/api/v1/status", "/nothing"}) {
    auto client = Client();
    const auto get = client.Get(path);
    const auto head = client.Head(path);
    ASSERT_TRUE(get && head) << path;
    EXPECT_EQ(head->status, get->status);
    EXPECT_EQ(head->body, "");
    EXPECT_EQ(head->get_header_value("Content-Length"), get->get_header_value("Content-Length"));
    EXPECT_EQ(head->get_header_value("Content-Type"), get->get_header_value("Content-Type"));
    EXPECT_EQ(head->get_header_value("Accept-Ranges"), "none");
  }
}

TEST_F(HttpServerTest, OtherMethodsAreNotAllowed) {
  Start();
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"}) {
    const std::string answer =
        Ask(std::string(method) +
            " /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n")) << method;
    EXPECT_THAT(answer, HasSubstr("\r\nAllow: GET, HEAD\r\n")) << method;
    EXPECT_THAT(answer, HasSubstr("application/problem+json")) << method;
  }
}

TEST_F(HttpServerTest, ABodyIsNotReadAndDoesNotCostTheAnswer) {
  Start();
  RawClient client(server_->port());
  client.Send("POST /-/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000000\r\n\r\n" +
              std::string(20'000, 'x'));
  EXPECT_THAT(client.ReadAll(), StartsWith("HTTP/1.1 404")) << "nothing to reload here";
}

TEST_F(HttpServerTest, GzipWhenAsked) {
  Start();
  auto client = Client();
  const auto plain = client.Get("/metrics", {{"Accept-Encoding", "identity"}});
  const auto zipped = client.Get("/metrics", {{"Accept-Encoding", "gzip"}});
  ASSERT_TRUE(plain && zipped);
  EXPECT_FALSE(plain->has_header("Content-Encoding"));
  EXPECT_EQ(zipped->get_header_value("Content-Encoding"), "gzip");
  EXPECT_LT(std::stoi(zipped->get_header_value("Content-Length")), 500);
  EXPECT_EQ(zipped->body, plain->body);
}

// The library would take brotli first, at its slowest level: seconds for a large answer.
TEST_F(HttpServerTest, NeverBrotli) {
  Start();
  EXPECT_THAT(Ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: br\r\n\r\n"),
              Not(HasSubstr("Content-Encoding")));
  EXPECT_THAT(Ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: br, gzip\r\n\r\n"),
              HasSubstr("Content-Encoding: gzip"));
}

TEST_F(HttpServerTest, OpenMetricsHasItsTypeAndIsZippedToo) {
  Start();
  auto client = Client();
  const auto answer = client.Get(
      "/metrics",
      {{"Accept", "application/openmetrics-text; version=1.0.0"}, {"Accept-Encoding", "gzip"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->get_header_value("Content-Type"),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_EQ(answer->get_header_value_count("Content-Type"), 1u);
  EXPECT_EQ(answer->get_header_value("Content-Encoding"), "gzip");
  EXPECT_EQ(answer->body, "openmetrics\n");
}

TEST_F(HttpServerTest, RangesAreNotServed) {
  Start();
  const std::string answer =
      Ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-1,0-1,0-1,0-1\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 5000"));
}

TEST_F(HttpServerTest, WhatIsNoRequestIsRefused) {
  limits_.request_timeout = std::chrono::milliseconds(100);
  Start();
  for (const std::string& request :
       {std::string("nonsense\r\n\r\n"), std::string("GET\r\n\r\n"),
        std::string("GET / HTTP/9.9\r\n\r\n"),
        std::string("BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        "GET / HTTP/1.1\r\nX: " + std::string(10'000, 'x') + "\r\n\r\n",
        std::string("\0\0\0\0\r\n\r\n", 8)}) {
    const std::string answer = Ask(request);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 Bad Request\r\n")) << request.substr(0, 20);
    EXPECT_THAT(answer, HasSubstr("application/problem+json"));
  }
  EXPECT_THAT(Ask("GET /" + std::string(9'000, 'x') + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
              StartsWith("HTTP/1.1 414"));
  // Nothing, or half a line: nothing is said.
  EXPECT_EQ(Ask(""), "");
  EXPECT_EQ(Ask("GET / HT"), "");
}

TEST_F(HttpServerTest, HeadersWithoutEndAreCutOff) {
  Start();
  RawClient client(server_->port());
  client.Send("GET / HTTP/1.1\r\n");
  // Until it is refused; without a bound this would go on for ever.
  for (int i = 0; i < 100'000; ++i) {
    if (!client.Send("X-Header-" + std::to_string(i) + ": " + std::string(1'000, 'x') + "\r\n")) {
      SUCCEED();
      return;
    }
  }
  FAIL() << "100 MB of headers were taken";
}

// Whether it listens to this machine or to all: a name that a stranger can point here is refused.
TEST_F(HttpServerTest, OtherNamesAreRefused) {
  for (const char* listen : {"127.0.0.1:0", "0.0.0.0:0"}) {
    Start(listen);
    EXPECT_THAT(Ask("GET /api/v1/status HTTP/1.1\r\nHost: evil.example:9532\r\n\r\n"),
                StartsWith("HTTP/1.1 421 Misdirected Request\r\n"));
    EXPECT_THAT(Ask("GET /healthz HTTP/1.1\r\nHost: localhost:1\r\n\r\n"),
                StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(Ask("GET /healthz HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400"));
    EXPECT_THAT(Ask("GET /healthz HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  }
}

TEST_F(HttpServerTest, AnExceptionIsAnAnswerAndTheServerGoesOn) {
  status_ = []() -> pipeline::ServeStatus { throw std::runtime_error("secret"); };
  Start();
  const std::string answer = Ask("GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(answer, AllOf(HasSubstr("application/problem+json"), Not(HasSubstr("secret"))));
  EXPECT_THAT(Ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"), StartsWith("HTTP/1.1 200"));
}

// Health is answered by workers of its own: whoever holds all the others, a prober sees that it
// lives.
TEST_F(HttpServerTest, HealthIsAnsweredWhileAllElseIsBusy) {
  std::promise<void> go_on;
  const std::shared_future<void> may_go_on = go_on.get_future().share();
  std::atomic<int> asked{0};
  metrics_ = [&] {
    ++asked;
    may_go_on.wait();
    return std::string("late\n");
  };
  Start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 40; ++i) {
    clients.push_back(std::make_unique<RawClient>(server_->port()));
    clients.back()->Send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  while (asked < limits_.ordinary.workers * 3 / 4) std::this_thread::yield();
  for (const char* path : {"/-/healthy", "/-/ready", "/healthz", "/readyz?verbose"}) {
    EXPECT_THAT(Ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                StartsWith("HTTP/1.1 200"));
  }
  go_on.set_value();
  for (const auto& client : clients) EXPECT_THAT(client->ReadAll(), EndsWith("late\n"));
}

TEST_F(HttpServerTest, SilentConnectionsTakeNothing) {
  limits_.request_timeout = std::chrono::minutes(10);
  Start();
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 72; ++i) {
    silent.push_back(std::make_unique<RawClient>(server_->port()));
    if (i % 2 == 0) silent.back()->Send("GET / HTT");
  }
  for (const char* path : {"/-/healthy", "/metrics", "/api/v1/status"}) {
    EXPECT_THAT(Ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                StartsWith("HTTP/1.1 200"));
  }
}

TEST_F(HttpServerTest, ManyClientsAtATime) {
  store_.Add(words::TicketToJson([] {
    Ticket ticket;
    ticket.ticket_id = "1";
    ticket.first_event_time = ticket.last_event_time = *ParseEventTime("2026-11-24T09:00:00Z");
    return ticket;
  }()));
  limits_.ordinary.waiting_max = 1'000;
  Start();
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&, i] {
      const char* paths[] = {"/", "/metrics", "/api/v1/tickets", "/tickets/1"};
      for (int k = 0; k < 10; ++k) {
        const std::string request =
            std::string("GET ") + paths[(i + k) % 4] + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
        if (Ask(request).starts_with("HTTP/1.1 200 OK\r\n")) ++good;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good, 160);
}

TEST_F(HttpServerTest, TooManyAreTurnedAway) {
  limits_.health = {.workers = 1, .waiting_max = 1};
  std::promise<void> asked;
  std::promise<void> go_on;
  std::atomic<bool> first_call{true};
  status_ = [&] {
    if (first_call.exchange(false)) {
      asked.set_value();
      go_on.get_future().wait();
    }
    return SampleStatus();
  };
  Start();
  RawClient first(server_->port());
  first.Send("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  asked.get_future().wait();
  RawClient second(server_->port());
  second.Send("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::string turned_away = Ask("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::ostringstream whole;
  whole << WireReply(TurnedAwayReply(), config::WebConfig{}, "");
  EXPECT_EQ(turned_away, whole.str());
  EXPECT_THAT(turned_away, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(turned_away, HasSubstr("Retry-After: 1\r\n"));
  EXPECT_EQ(server_->counts().turned_away, 1u);
  go_on.set_value();
  EXPECT_THAT(first.ReadAll(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(second.ReadAll(), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, StoppingAnswersWhatHasBegunAndWaitsForNobodyElse) {
  limits_.request_timeout = std::chrono::minutes(10);
  limits_.stop_timeout = std::chrono::minutes(10);
  std::promise<void> asked;
  std::promise<void> go_on;
  status_ = [&] {
    asked.set_value();
    go_on.get_future().wait();
    return SampleStatus();
  };
  Start();
  RawClient silent(server_->port());
  RawClient client(server_->port());
  client.Send("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  asked.get_future().wait();
  std::thread stop([this] { server_.reset(); });
  EXPECT_EQ(silent.ReadAll(), "");
  go_on.set_value();
  EXPECT_THAT(client.ReadAll(), EndsWith("ready\n"));
  stop.join();
}

}  // namespace http_server_test
}  // namespace signinwatch::http
