// A world for sinks in which the test is the other side: it answers each request, and says what
// time it is.
//
//   FakeParts world;
//   world.answer = [](const HttpCall& call) { return HttpResponse{201, R"({"id":"7"})", ""}; };
//   WebhookSink sink(config, world.parts());
//   ... world.calls[0].url ... world.clock.Advance(minutes(1));
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_FAKE_PARTS_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_FAKE_PARTS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/sinks/sink_parts.h"
#include "tests/daemon/clock/manual_clock.h"
#include "tests/daemon/sinks/memory_outbox.h"

namespace signinwatch::sinks {

// Outlives the sinks.
struct FakeParts {
  config::KafkaCluster cluster;
  MemoryOutbox outbox;
  clock::ManualClock clock{EventTime(Duration(1'764'158'400'000'000))};  // 2025-11-26T12:00:00Z
  std::vector<http_client::HttpCall> calls;
  std::vector<std::string> ca_files;  // of the transports that were made
  std::function<absl::StatusOr<http_client::HttpResponse>(const http_client::HttpCall&)> answer =
      [](const http_client::HttpCall&) {
        return http_client::HttpResponse{200, "{}", ""};
      };

  std::vector<http_client::MailCall> mails;
  std::function<absl::StatusOr<http_client::MailReply>(const http_client::MailCall&)> mail_answer =
      [](const http_client::MailCall&) {
        return http_client::MailReply{.code = 250, .of_message = true};
      };
  http_client::MailTransportMaker make_mail = [this](const std::string&) {
    return std::make_unique<Mail>(this);
  };

  SinkParts parts() {
    return {.source_cluster = cluster,
            .make_http =
                [this](const std::string& ca_file) {
                  ca_files.push_back(ca_file);
                  return std::make_unique<Transport>(this);
                },
            .clock = clock,
            .outbox = outbox,
            .make_mail = make_mail};
  }

 private:
  class Transport : public http_client::HttpTransport {
   public:
    explicit Transport(FakeParts* world) : world_(*world) {}
    [[nodiscard]] absl::StatusOr<http_client::HttpResponse> Send(
        const http_client::HttpCall& request) override {
      world_.calls.push_back(request);
      return world_.answer(request);
    }
    void Cancel() override {}

   private:
    FakeParts& world_;
  };
  class Mail : public http_client::MailTransport {
   public:
    explicit Mail(FakeParts* world) : world_(*world) {}
    [[nodiscard]] absl::StatusOr<http_client::MailReply> Send(
        const http_client::MailCall& mail) override {
      world_.mails.push_back(mail);
      return world_.mail_answer(mail);
    }
    void Cancel() override {}

   private:
    FakeParts& world_;
  };
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_FAKE_PARTS_H_
