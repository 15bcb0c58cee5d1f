// The streams and arrivals of the property test are what they claim to be.
#include "tests/oracle/stream.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/oracle/arrival.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/record_reader.h"
#include "tests/oracle/record_text.h"
#include "tests/sanitizer.h"

namespace signinwatch::oracle {
namespace stream_test {

constexpr uint64_t kSeeds = 400;
// The edges that stream.cc names.
constexpr size_t kEdges = 104;

TEST(Stream, HitsEveryEdge) {
  std::map<std::string, int> labels;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    for (const auto& [label, count] : MakeStream(seed).labels) labels[label] += count;
  }
  EXPECT_EQ(labels.size(), kEdges);
  for (const auto& [label, count] : labels) EXPECT_GE(count, 20) << label;
}

TEST(Stream, IsSmallAndInsideThePromise) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Stream stream = MakeStream(seed);
    EXPECT_GE(stream.records.size(), 10U);
    EXPECT_LE(stream.records.size(), 300U);
    EXPECT_FALSE(HasLongSession(stream.records, stream.config)) << seed;
  }
}

TEST(Stream, IsTheSameForTheSameSeed) {
  EXPECT_EQ(RecordText(MakeStream(7).records[0], 0), RecordText(MakeStream(7).records[0], 0));
  EXPECT_NE(RecordText(MakeStream(7).records[0], 0), RecordText(MakeStream(8).records[0], 0));
}

// The answers are as varied as the questions: every cause, finding and resolution comes up.
TEST(Stream, TicketsAreOfAllSorts) {
  std::map<std::string, int> seen;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Stream stream = MakeStream(seed);
    for (const auto& ticket : OracleTickets(stream.records, stream.config)) {
      ++seen[ticket["cause"]];
      ++seen[ticket["scope"].get<std::string>() + " " + ticket["resolution"].get<std::string>()];
      for (const auto& finding : ticket["findings"]) ++seen[finding];
      const auto& context = ticket["context"];
      if (context["sync"]["last_24h"] > 0) ++seen["synchronised"];
      if (context["policy_changes_total"] > 0) ++seen["policy change"];
      if (context["conditional_access"]["failing_policies_total"] > 0) ++seen["failing policy"];
      if (ticket["scope"] == "user") {
        if (context["mfa"]["methods_total"] > 0) ++seen["mfa"];
        if (!context["home_tenant_id"].is_null()) ++seen["home tenant"];
        if (context["risk"]["events_total"] > 0) ++seen["risk event"];
      } else if (context["risky_users"] > 0) {
        ++seen["risky users"];
      }
      if (ticket["reopened"] > 0) ++seen["reopened"];
      if (ticket["reopened"] > 1) ++seen["reopened twice"];
      if (!ticket["parent_key"].is_null()) ++seen["parent"];
      if (ticket["user_id"].is_null() && ticket["scope"] == "user") ++seen["known by name"];
      for (const auto& change : ticket["changes"]) {
        if (change["during"] == true) ++seen["change during"];
      }
    }
  }
  for (const char* what : {"password_changed",
                           "password_reset",
                           "password_reset_by_admin",
                           "password_synced",
                           "sync_delay",
                           "sessions_revoked",
                           "password_expired",
                           "incorrect_password",
                           "home_tenant",
                           "unexplained",
                           "mixed",
                           "user quiet",
                           "user reauthenticated",
                           "tenant quiet",
                           "tenant reauthenticated",
                           "unfamiliar_source",
                           "persistent",
                           "session_elsewhere",
                           "risk_detected",
                           "security_info_changed",
                           "mfa",
                           "failing policy",
                           "policy change",
                           "synchronised",
                           "home tenant",
                           "risk event",
                           "risky users",
                           "reopened",
                           "reopened twice",
                           "parent",
                           "known by name",
                           "change during"}) {
    EXPECT_GE(seen[what], 10) << what;
  }
}

// The text of a record says what the plain record says, in every spelling: each record in a quarter
// of them, and the next in the next quarter.
TEST(RecordText, ReadsBackAsThePlainRecord) {
  constexpr uint64_t kTexts = kSanitizedMemory ? 10 : 50;
  uint64_t first = 0;
  for (uint64_t seed = 1; seed <= kTexts; ++seed) {
    for (const PlainRecord& r : MakeStream(seed).records) {
      first = (first + 1) % 4;
      for (uint64_t variant = first; variant < 32; variant += 4) {
        const PlainMessage message = ReadMessage("{\"records\":[" + RecordText(r, variant) + "]}",
                                                 r.time_us + kDayUs, ReaderOptions{});
        ASSERT_EQ(message.accepted.size(), 1U) << RecordText(r, variant);
        const PlainRecord& back = message.accepted[0].record;
        ASSERT_EQ(RecordText(back, 2), RecordText(r, 2));
        ASSERT_EQ(back.network.empty(), r.network.empty());
      }
    }
  }
}

TEST(Arrival, NoRecordIsLateOrMissing) {
  size_t repeated = 0;
  size_t restarts = 0;
  size_t idle = 0;
  size_t at_the_watermark = 0;
  std::set<size_t> partitions;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Stream stream = MakeStream(seed);
    const Arrival arrival = MakeArrival(stream.records, stream.config, seed);
    EXPECT_EQ(LateRecords(arrival, stream.records), 0U) << seed;
    partitions.insert(arrival.partitions);
    std::map<size_t, size_t> copies;
    for (const Step& step : arrival.steps) {
      if (step.what == Step::What::kRecord) ++copies[step.record];
      if (step.what == Step::What::kRestart) ++restarts;
      if (step.what == Step::What::kIdle) ++idle;
    }
    EXPECT_EQ(copies.size(), stream.records.size()) << seed;
    for (const auto& [record, count] : copies) repeated += count - 1;
    at_the_watermark += RecordsAtTheWatermark(arrival, stream.records);
  }
  EXPECT_EQ(partitions, (std::set<size_t>{1, 2, 3, 4}));
  EXPECT_GT(repeated, kSeeds);
  EXPECT_GT(restarts, kSeeds);
  EXPECT_GT(idle, kSeeds / 2);
  EXPECT_GT(at_the_watermark, kSeeds);
}

}  // namespace stream_test
}  // namespace signinwatch::oracle
