#include "daemon/rehearsal/sink_trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include "tests/daemon/clock/manual_clock.h"
#include "tests/daemon/http_client/web_server.h"

namespace signinwatch::rehearsal {
namespace sink_trial_test {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kKey = "0123456789abcdef0123456789abcdef";

// PagerDuty's events, at a loopback server.
class SinkTrialTest : public testing::Test {
 protected:
  SinkTrialTest() {
    ::setenv("SINK_TRIAL_KEY", kKey, 1);
    sink_.name = "pager";
    sink_.type = "pagerduty";
    sink_.settings.emplace(
        "routing_key", config::SecretRef{config::SecretRef::From::kEnvironment, "SINK_TRIAL_KEY"});
    sink_.settings.emplace("url", server_.Url(""));
    config_.serve.sinks = {sink_};
  }

  bool Try() {
    lines_.clear();
    return TrySink(config_, sink_, world_, [this](const std::string& l) { lines_.push_back(l); });
  }
  // The events that came, by their actions.
  std::vector<std::string> actions() {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> actions;
    for (const std::string& body : bodies_) {
      actions.push_back(body.find(R"("event_action":"resolve")") != body.npos ? "resolve"
                                                                              : "trigger");
    }
    return actions;
  }

  std::mutex mutex_;
  std::vector<std::string> bodies_;
  std::vector<int> statuses_;  // of the next answers, the last first; then 202
  http_client::WebServer server_{
      [this](const httplib::Request& request, httplib::Response& response) {
        const std::lock_guard lock(mutex_);
        bodies_.push_back(request.body);
        response.status = statuses_.empty() ? 202 : statuses_.back();
        if (response.status == 429) response.set_header("Retry-After", "7");
        if (!statuses_.empty()) statuses_.pop_back();
        response.set_content(R"({"status":"success"})", "application/json");
      }};
  clock::ManualClock clock_{EventTime(std::chrono::seconds(1'764'158'400))};
  config::Config config_;
  config::SinkConfig sink_;
  std::vector<std::chrono::milliseconds> waits_;
  TrialWorld world_{.make_http = http_client::NetworkTransports(),
                    .clock = clock_,
                    .ticket_id = "6f6f4c5e-0000-4000-8000-000000000009",
                    .wait = [this](std::chrono::milliseconds span) {
                      waits_.push_back(span);
                      clock_.Advance(span);
                    }};
  std::vector<std::string> lines_;
};

TEST_F(SinkTrialTest, AMarkedTicketGoesThroughItsLife) {
  EXPECT_TRUE(Try());
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("sink pager (pagerduty)"), StartsWith("opened: "),
                                  StartsWith("updated: "), StartsWith("resolved: ")));
  EXPECT_THAT(actions(), ElementsAre("trigger", "trigger", "trigger", "resolve"));
  EXPECT_THAT(bodies_[0], AllOf(HasSubstr("\"summary\":\"TEST: "), HasSubstr(world_.ticket_id)));
}

TEST_F(SinkTrialTest, AStepThatFailsIsSaidAndWhatWasOpenedIsResolved) {
  statuses_ = {500, 202};
  EXPECT_FALSE(Try());
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("sink pager"), StartsWith("opened: "),
                                  StartsWith("update: FAILED: HTTP 500 (server)"),
                                  StartsWith("resolved: ")));
}

TEST_F(SinkTrialTest, NothingIsResolvedThatWasRefused) {
  statuses_ = {400};
  EXPECT_FALSE(Try());
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("sink pager"), StartsWith("open: FAILED: HTTP 400")));
  EXPECT_THAT(actions(), ElementsAre("trigger"));
}

TEST_F(SinkTrialTest, WaitsForTheBudget) {
  sink_.settings.emplace("rate_per_minute", int64_t{2});
  EXPECT_TRUE(Try());
  EXPECT_THAT(waits_, testing::Not(testing::IsEmpty()));
}

TEST_F(SinkTrialTest, SecretsAreNotSaid) {
  statuses_ = {401, 401};
  EXPECT_FALSE(Try());
  for (const std::string& line : lines_) EXPECT_THAT(line, Not(HasSubstr(kKey)));
}

TEST_F(SinkTrialTest, FromTheCommandLineToTheExitCode) {
  std::FILE* out = std::tmpfile();
  EXPECT_EQ(RunSinkTrial(config_, {.sink = "pager"}, out, out), 0);
  EXPECT_EQ(RunSinkTrial(config_, {.sink = "other"}, out, out), 2);
  statuses_ = {400};
  EXPECT_EQ(RunSinkTrial(config_, {.sink = "pager"}, out, out), 1);
  std::string text(static_cast<size_t>(std::ftell(out)), '\0');
  std::rewind(out);
  ASSERT_EQ(std::fread(text.data(), 1, text.size(), out), text.size());
  std::fclose(out);
  EXPECT_THAT(text, AllOf(HasSubstr("resolved: "), HasSubstr("there is no sink 'other'"),
                          HasSubstr("FAILED"), Not(HasSubstr(kKey))));
}

}  // namespace sink_trial_test
}  // namespace signinwatch::rehearsal
