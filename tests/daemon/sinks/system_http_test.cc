#include "daemon/sinks/system_http.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/daemon/sinks/fake_parts.h"

namespace signinwatch::sinks {
namespace system_http_test {

using std::chrono::seconds;
using Kind = Answer::Kind;

constexpr EventTime kNow{seconds(784111777)};

TEST(JudgeHttp, ByStatus) {
  const RequestMeaning plain{};
  const RequestMeaning ticket{.names_ticket = true};
  const RequestMeaning json{.wants_json = true};
  const RequestMeaning nothing{.wants_nothing = true};
  const struct {
    int status;
    std::string body;
    RequestMeaning meaning;
    Kind kind;
    bool sink_down;
    const char* reason;
  } cases[] = {
      {200, "", plain, Kind::kDone, false, ""},
      {201, " {}", json, Kind::kDone, false, ""},
      {200, "[]", json, Kind::kDone, false, ""},
      {200, "<html>", json, Kind::kUnknown, false, "server"},
      {200, "", json, Kind::kUnknown, false, "server"},
      {204, "", nothing, Kind::kDone, false, ""},
      {200, "{}", nothing, Kind::kDone, false, ""},
      {200, "<html>", nothing, Kind::kUnknown, false, "server"},
      {302, "", plain, Kind::kNotDone, true, "configuration"},
      {400, "", plain, Kind::kRefused, false, "client"},
      {401, "", ticket, Kind::kNotDone, true, "auth"},
      {403, "", ticket, Kind::kNotDone, true, "auth"},
      {404, "", plain, Kind::kNotDone, true, "configuration"},
      {404, "", ticket, Kind::kGone, false, "client"},
      {408, "", plain, Kind::kUnknown, false, "server"},
      {409, "", plain, Kind::kRefused, false, "client"},
      {413, "", plain, Kind::kRefused, false, "client"},
      {429, "", plain, Kind::kNotDone, true, "rate_limited"},
      {500, "{}", json, Kind::kUnknown, false, "server"},
      {503, "", plain, Kind::kUnknown, true, "server"},
      {504, "", plain, Kind::kUnknown, false, "server"},
  };
  for (const auto& c : cases) {
    const Answer answer =
        JudgeHttp(http_client::HttpResponse{c.status, c.body, ""}, c.meaning, kNow);
    EXPECT_EQ(answer.kind, c.kind) << c.status << c.body;
    EXPECT_EQ(answer.sink_down, c.sink_down) << c.status << c.body;
    EXPECT_EQ(answer.reason, c.reason) << c.status << c.body;
    EXPECT_EQ(answer.error.empty(), c.kind == Kind::kDone) << c.status << c.body;
  }
}

TEST(JudgeHttp, RetryAfterStopsTheSink) {
  const Answer later = JudgeHttp(http_client::HttpResponse{500, "", "7"}, {}, kNow);
  EXPECT_EQ(later.retry_after, seconds(7));
  EXPECT_TRUE(later.sink_down);
  EXPECT_EQ(JudgeHttp(http_client::HttpResponse{429, "", "Sun, 06 Nov 1994 08:50:37 GMT"}, {}, kNow)
                .retry_after,
            seconds(60));
  EXPECT_EQ(JudgeHttp(http_client::HttpResponse{400, "", "7"}, {}, kNow).retry_after, seconds(0));
}

TEST(JudgeHttp, ByWhatHappenedOnTheWay) {
  const struct {
    absl::Status status;
    Kind kind;
    bool sink_down;
  } cases[] = {
      {absl::UnavailableError("no connection"), Kind::kNotDone, true},
      {absl::UnauthenticatedError("certificate"), Kind::kNotDone, true},
      {absl::InvalidArgumentError("url"), Kind::kNotDone, true},
      {absl::NotFoundError("the secret's file"), Kind::kNotDone, true},
      {absl::AbortedError("reset"), Kind::kUnknown, false},
      {absl::DeadlineExceededError("late"), Kind::kUnknown, false},
      {absl::CancelledError("stopped"), Kind::kUnknown, false},
  };
  for (const auto& c : cases) {
    const Answer answer = JudgeHttp(c.status, {}, kNow);
    EXPECT_EQ(answer.kind, c.kind) << c.status;
    EXPECT_EQ(answer.sink_down, c.sink_down) << c.status;
    EXPECT_FALSE(answer.error.empty());
  }
}

TEST(SystemHttp, KeepsToItsBudget) {
  FakeParts world;
  world.answer = [](const http_client::HttpCall&) {
    return http_client::HttpResponse{201, R"({"id":1})", ""};
  };
  SystemHttp http(world.parts().make_http(""), 2, seconds(3), world.clock);
  http_client::HttpResponse response;
  EXPECT_TRUE(http.Send({.url = "https://h"}, {}, &response).done());
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(world.calls[0].timeout, seconds(3));
  EXPECT_TRUE(world.calls[0].once);
  EXPECT_TRUE(http.Ready(1).done());
  EXPECT_FALSE(http.Ready(2).done());
  EXPECT_TRUE(http.Send({.url = "https://h"}, {}, &response).done());
  const Answer wait = http.Send({.url = "https://h"}, {}, &response);
  EXPECT_EQ(wait.kind, Kind::kWait);
  EXPECT_TRUE(wait.sink_down) << "nothing else may be sent either";
  EXPECT_EQ(response.status, 0);
  EXPECT_EQ(world.calls.size(), 2u);
  world.clock.Advance(wait.retry_after);
  EXPECT_TRUE(http.Send({.url = "https://h"}, {}, &response).done());
}

// A revision of three requests, by a budget of one a minute: each is sent once, and it gets done.
TEST(SystemHttp, ARevisionThatCostsMoreThanAMinutesBudgetGoesOnWhereItWas) {
  FakeParts world;
  world.answer = [](const http_client::HttpCall& call) {
    return http_client::HttpResponse{201, call.body, ""};
  };
  SystemHttp http(world.parts().make_http(""), 1, seconds(3), world.clock);
  const auto revision = [&] {
    if (Answer ready = http.Ready(3); !ready.done()) return ready;
    for (const char* body : {"a", "b", "c"}) {
      http_client::HttpResponse response;
      if (Answer answer = http.Send({.url = "https://h", .body = body}, {}, &response);
          !answer.done()) {
        return answer;
      }
      EXPECT_EQ(response.body, body);
    }
    return Answer();
  };
  Answer answer = revision();
  for (int minute = 0; !answer.done() && minute < 5; ++minute) {
    EXPECT_EQ(answer.kind, Kind::kWait);
    world.clock.Advance(answer.retry_after);
    answer = revision();
  }
  EXPECT_TRUE(answer.done());
  EXPECT_EQ(world.calls.size(), 3u);
  // The next revision is sent anew, though it says the same.
  world.clock.Advance(seconds(61));
  EXPECT_FALSE(revision().done());
  EXPECT_EQ(world.calls.size(), 4u);
}

// A method of Slack, PagerDuty's REST API beside its events, one issue of Jira.
TEST(SystemHttp, APartHasAPauseOfItsOwn) {
  FakeParts world;
  std::string retry_after = "7";
  world.answer = [&](const http_client::HttpCall&) {
    return http_client::HttpResponse{429, "", retry_after};
  };
  SystemHttp http(world.parts().make_http(""), 0, seconds(3), world.clock);
  http_client::HttpResponse response;
  const auto send = [&](const std::string& part) {
    return http.Send({.url = "https://h"}, {.part = part}, &response);
  };
  Answer answer = send("a");
  EXPECT_TRUE(answer.sink_down);
  http.PausePart("a", &answer);
  EXPECT_FALSE(answer.sink_down) << "the rest goes on";
  EXPECT_EQ(answer.retry_after, seconds(7));
  answer = send("a");
  EXPECT_EQ(answer.kind, Kind::kWait);
  EXPECT_FALSE(answer.sink_down);
  EXPECT_EQ(answer.retry_after, seconds(7));
  EXPECT_EQ(response.status, 0);
  EXPECT_EQ(world.calls.size(), 1u);
  EXPECT_EQ(send("b").kind, Kind::kNotDone);
  EXPECT_EQ(send("").kind, Kind::kNotDone);

  world.clock.Advance(seconds(7));
  retry_after.clear();  // it does not say how long
  answer = send("a");
  http.PausePart("a", &answer);
  EXPECT_EQ(answer.retry_after, seconds(30));
  world.clock.Advance(seconds(29));
  EXPECT_EQ(send("a").kind, Kind::kWait);
  world.clock.Advance(seconds(1));
  EXPECT_EQ(send("a").kind, Kind::kNotDone);

  Answer refused{.kind = Kind::kRefused, .reason = "client"};
  http.PausePart("b", &refused);
  EXPECT_EQ(send("b").kind, Kind::kNotDone) << "it asked for none";
}

TEST(SystemHttp, PausesHaveABound) {
  FakeParts world;
  SystemHttp http(world.parts().make_http(""), 0, seconds(3), world.clock);
  for (int i = 0; i <= 1'000; ++i) {
    Answer answer{.kind = Kind::kNotDone,
                  .reason = "rate_limited",
                  .retry_after = seconds(1),
                  .sink_down = true};
    http.PausePart(std::to_string(i), &answer);
    EXPECT_EQ(answer.sink_down, i == 1'000) << "then all of it has the pause";
  }
}

}  // namespace system_http_test
}  // namespace signinwatch::sinks
