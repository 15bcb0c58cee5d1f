#include "daemon/ingest/success_filter.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "daemon/words/ticket_json.h"
#include "detectors/detector.h"
#include "parser/message_parser.h"
#include "tests/oracle/detector_run.h"
#include "tests/oracle/record_text.h"
#include "tests/oracle/stream.h"

namespace signinwatch::ingest {
namespace success_filter_test {

using std::chrono::hours;
using std::chrono::minutes;

constexpr EventTime kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + hours(12)};

Signal Success(EventTime time) {
  Signal signal;
  signal.category = Category::kNonInteractiveSignIn;
  signal.event_time = time;
  signal.tenant = MakeId<TenantId>("tenant");
  signal.user = MakeId<UserId>("user");
  signal.address = ParseIpAddress("203.0.113.7");
  signal.country_key = 5;
  signal.modern_client = true;
  return signal;
}

class SuccessFilterTest : public testing::Test {
 protected:
  bool Needs(const Signal& signal) { return filter_.Needs(signal, message_); }
  SuccessFilter filter_{100};
  ParsedMessage message_;
};

TEST_F(SuccessFilterTest, NeedsTheFirstOfADayAndWhatIsEarlier) {
  EXPECT_TRUE(Needs(Success(kNoon)));
  EXPECT_FALSE(Needs(Success(kNoon)));
  EXPECT_FALSE(Needs(Success(kNoon + hours(1))));
  EXPECT_TRUE(Needs(Success(kNoon - hours(1))));
  EXPECT_FALSE(Needs(Success(kNoon - minutes(59))));
  EXPECT_TRUE(Needs(Success(kNoon + hours(12)))) << "the next day";
}

TEST_F(SuccessFilterTest, NeedsEachSourceAndUser) {
  EXPECT_TRUE(Needs(Success(kNoon)));
  Signal other = Success(kNoon);
  other.address = ParseIpAddress("203.0.113.99");
  EXPECT_FALSE(Needs(other)) << "the same network";
  other.address = ParseIpAddress("203.0.114.7");
  EXPECT_TRUE(Needs(other));
  other = Success(kNoon);
  other.country_key = 6;
  EXPECT_TRUE(Needs(other));
  other = Success(kNoon);
  other.device_key = 6;
  EXPECT_TRUE(Needs(other));
  other = Success(kNoon);
  other.user = MakeId<UserId>("another");
  EXPECT_TRUE(Needs(other));
  other.user = MakeNameId("another");
  EXPECT_TRUE(Needs(other)) << "known by name only: somebody else";
  other.tenant = MakeId<TenantId>("another");
  EXPECT_TRUE(Needs(other));
  other = Success(kNoon);
  message_.text = "Text messagePhone call";
  other.mfa_method = {0, 12};
  EXPECT_TRUE(Needs(other));
  other.mfa_method = {12, 10};
  EXPECT_TRUE(Needs(other));
  EXPECT_FALSE(Needs(other));
}

TEST_F(SuccessFilterTest, NeedsWhatMayBeAReturnAndAllThatIsNoSuccess) {
  Signal back = Success(kNoon);
  back.interactive = true;
  EXPECT_TRUE(Needs(back));
  EXPECT_TRUE(Needs(back));
  back.modern_client = false;
  EXPECT_FALSE(Needs(back)) << "a mail client with a stored password";
  Signal failure = Success(kNoon);
  failure.code = 50'132;
  EXPECT_TRUE(Needs(failure));
  EXPECT_TRUE(Needs(failure));
}

TEST_F(SuccessFilterTest, NeedsNothingThatMakesNothingFamiliar) {
  Signal bare = Success(kNoon);
  bare.address = {};
  bare.country_key = 0;
  EXPECT_FALSE(Needs(bare));
  Signal forged = Success(kNoon);
  forged.category = Category::kAdfsSignIn;
  EXPECT_FALSE(Needs(forged));
  Signal nobody = Success(kNoon);
  nobody.user = {};
  EXPECT_FALSE(Needs(nobody));
}

TEST_F(SuccessFilterTest, ForgetsRatherThanGrows) {
  for (int i = 0; i < 1'000; ++i) {
    Signal signal = Success(kNoon);
    signal.country_key = static_cast<uint64_t>(i + 1);
    EXPECT_TRUE(Needs(signal));
    EXPECT_LE(filter_.size(), 200u);
  }
  filter_.Clear();
  EXPECT_TRUE(Needs(Success(kNoon)));
}

// The last revision of each ticket, without what is of the order of sending.
std::map<std::string, std::string> TicketsOf(const oracle::Stream& stream, bool filtered) {
  Detector detector(oracle::ToDetectionConfig(stream.config));
  MessageParser parser(ParserOptions{});
  SuccessFilter filter(1'000);
  std::map<std::string, std::string> tickets;
  ParsedMessage parsed;
  const auto take = [&] {
    for (const Ticket& ticket : detector.TakeRevisions()) {
      tickets[words::TicketToJson(ticket)] = "";
    }
  };
  for (const auto& record : stream.records) {
    parser.Parse(oracle::RecordText(record, 0), kEndOfTime, &parsed);
    for (const Signal& signal : parsed.signals) {
      if (filtered && !filter.Needs(signal, parsed)) continue;
      (void)detector.Apply(signal, parsed, kNoon);
    }
  }
  detector.Finish(kNoon);
  take();
  return tickets;
}

// No ticket changes by what is not sent.
TEST(SuccessFilter, ChangesNoTicket) {
  size_t with_tickets = 0;
  for (uint64_t seed = 1; seed <= 120; ++seed) {
    const oracle::Stream stream = oracle::MakeStream(seed);
    const auto expected = TicketsOf(stream, false);
    ASSERT_EQ(TicketsOf(stream, true), expected) << "seed " << seed;
    with_tickets += expected.empty() ? 0 : 1;
  }
  EXPECT_GT(with_tickets, 40u);
}

}  // namespace success_filter_test
}  // namespace signinwatch::ingest
