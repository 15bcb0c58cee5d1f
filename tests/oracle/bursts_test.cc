// SPEC 5, sentence by sentence. Times are seconds after noon; W = Q = 600 s and N = 3 unless said.
#include "tests/oracle/bursts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/oracle/oracle.h"
#include "tests/oracle/test_records.h"

namespace signinwatch::oracle {
namespace bursts_test {

struct Span {
  int64_t start;
  int64_t end;
  size_t count;
  friend bool operator==(const Span&, const Span&) = default;
};
void PrintTo(const Span& span, std::ostream* out) {
  *out << "{" << span.start << ", " << span.end << ", " << span.count << "}";
}

// Microseconds after noon.
std::vector<Span> SpansUs(const std::vector<int64_t>& times_us, const OracleRule& rule,
                          const std::vector<std::string>& users = {"u1"}) {
  std::vector<PlainRecord> records;
  for (size_t i = 0; i < times_us.size(); ++i) {
    records.push_back(Signin(kNoon + times_us[i], 50132, "", users[i % users.size()]));
  }
  Events events;
  for (const PlainRecord& r : records) events.push_back(&r);
  std::vector<Span> spans;
  for (const Burst& b : FindBursts(events, rule)) {
    spans.push_back({b.start_us - kNoon, b.end_us - kNoon, b.events.size()});
  }
  return spans;
}

std::vector<Span> Spans(std::vector<int64_t> seconds, const OracleRule& rule,
                        const std::vector<std::string>& users = {"u1"}) {
  for (int64_t& t : seconds) t *= kSecondUs;
  std::vector<Span> spans = SpansUs(seconds, rule, users);
  for (Span& s : spans) s = {s.start / kSecondUs, s.end / kSecondUs, s.count};
  return spans;
}

OracleRule Rule(size_t threshold) { return {.name = "r", .threshold = threshold}; }

TEST(Bursts, FewerThanThresholdIsNone) { EXPECT_EQ(Spans({0, 1}, Rule(3)).size(), 0U); }

TEST(Bursts, ThresholdEventsAreOne) {
  EXPECT_THAT(Spans({0, 1, 2}, Rule(3)), testing::ElementsAre(Span{0, 2, 3}));
}

TEST(Bursts, OrderOfArrivalIsNothing) {
  EXPECT_THAT(Spans({2, 0, 1}, Rule(3)), testing::ElementsAre(Span{0, 2, 3}));
}

TEST(Bursts, EventsAtOneTimeAllCount) {
  EXPECT_THAT(Spans({5, 5, 5}, Rule(3)), testing::ElementsAre(Span{5, 5, 3}));
}

// The span (t - W, t] is open below.
TEST(Bursts, EventExactlyWindowBeforeDoesNotCount) {
  EXPECT_EQ(Spans({0, 300, 600}, Rule(3)).size(), 0U);
  EXPECT_EQ(SpansUs({0, 300 * kSecondUs, 600 * kSecondUs - 1}, Rule(3)).size(), 1U);
}

// Less than Q apart is one session; exactly Q apart is two.
TEST(Bursts, ExactlyQuietApartAreTwoSessions) {
  EXPECT_THAT(Spans({0, 0, 0, 600, 600, 600}, Rule(3)),
              testing::ElementsAre(Span{0, 0, 3}, Span{600, 600, 3}));
  EXPECT_THAT(SpansUs({0, 0, 0, 600 * kSecondUs - 1}, Rule(3)),
              testing::ElementsAre(Span{0, 600 * kSecondUs - 1, 4}));
}

TEST(Bursts, BridgeJoinsTwo) {
  EXPECT_THAT(Spans({0, 0, 0, 900, 900, 900, 450}, Rule(3)), testing::ElementsAre(Span{0, 900, 7}));
}

// It starts at the earliest event of the first hot event's span and ends at the session's last.
TEST(Bursts, SessionEventsBeforeTheStartAreNotInIt) {
  EXPECT_THAT(Spans({0, 590, 700, 800, 1300}, Rule(3)), testing::ElementsAre(Span{590, 1300, 4}));
}

TEST(Bursts, EventsOfAnEarlierSessionDoNotMakeHot) {
  OracleRule rule = Rule(3);
  rule.window = 600 * kSecondUs;
  rule.quiet = 600 * kSecondUs;
  EXPECT_EQ(Spans({0, 0, 600}, rule).size(), 0U);
}

TEST(Bursts, QuietLongerThanWindow) {
  OracleRule rule = Rule(3);
  rule.quiet = 1200 * kSecondUs;
  EXPECT_THAT(Spans({0, 1, 2, 1201}, rule), testing::ElementsAre(Span{0, 1201, 4}));
}

TEST(Bursts, DistinctUsers) {
  OracleRule rule = Rule(3);
  rule.by_tenant = true;
  rule.min_users = 2;
  EXPECT_EQ(Spans({0, 1, 2}, rule, {"u1"}).size(), 0U);
  EXPECT_EQ(Spans({0, 1, 2}, rule, {"u1", "u2"}).size(), 1U);
}

// "Events with no user count as events, and as no user."
TEST(Bursts, EventsWithoutUser) {
  OracleRule rule = Rule(3);
  rule.by_tenant = true;
  rule.min_users = 2;
  EXPECT_EQ(Spans({0, 1, 2}, rule, {"u1", ""}).size(), 0U);
  EXPECT_THAT(Spans({0, 1, 2}, rule, {"u1", "", "u2"}), testing::ElementsAre(Span{0, 2, 3}));
}

// SPEC 5.4: max_duration or more after the session's first event.
TEST(Bursts, LongSessionsAreOutsideThePromise) {
  OracleConfig config = SmallConfig();
  config.rules[0].quiet = config.rules[0].max_duration = kHourUs;
  const auto two = [](int64_t gap) {
    return std::vector<PlainRecord>{Signin(kNoon, 50132), Signin(kNoon + gap / 2, 50132),
                                    Signin(kNoon + gap, 50132)};
  };
  EXPECT_TRUE(HasLongSession(two(kHourUs), config));
  EXPECT_FALSE(HasLongSession(two(kHourUs - 2), config));
}

}  // namespace bursts_test
}  // namespace signinwatch::oracle
