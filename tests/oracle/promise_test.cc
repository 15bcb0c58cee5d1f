// "Same answer as batch" (SPEC 4) as a property: for random sets of records, configurations and
// arrivals, the detectors' final tickets are the oracle's. And on the way to them every revision is
// one that a receiver may get (SPEC 7, receiver.h): also in wild streams, whose sessions of
// max_duration and late records are outside the promise.
//
// SIGNINWATCH_SEED_START and SIGNINWATCH_SEEDS choose the seeds. With SIGNINWATCH_STOP_AT_FIRST=1
// no test runs: the seeds are searched one by one for the first difference, and the program ends
// with "found after K streams" and exit code 1, or with "none in K streams" and 0.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/oracle/arrival.h"
#include "tests/oracle/detector_run.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/record_text.h"
#include "tests/oracle/stream.h"

namespace signinwatch::oracle {
namespace promise_test {

constexpr uint64_t kArrivalsPerStream = 2;
constexpr int kShards = 16;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}
uint64_t SeedStart() { return FromEnvironment("SIGNINWATCH_SEED_START", 1); }
uint64_t SeedCount() { return FromEnvironment("SIGNINWATCH_SEEDS", 2000); }

// The records that the arrival still has.
std::vector<PlainRecord> Arrived(const Arrival& arrival, const std::vector<PlainRecord>& records) {
  std::set<size_t> indices;
  for (const Step& step : arrival.steps) {
    if (step.what == Step::What::kRecord) indices.insert(step.record);
  }
  std::vector<PlainRecord> arrived;
  for (const size_t i : indices) arrived.push_back(records[i]);
  return arrived;
}

// Of a wild stream: what a receiver should not have got.
std::optional<std::string> Difference(const Arrival& arrival, const Stream& stream, bool wild) {
  const DetectorRun run = RunDetector(arrival, stream.records, stream.config);
  if (!run.broken.empty()) return run.broken;
  if (wild) return std::nullopt;
  return FirstDifference(OracleTickets(Arrived(arrival, stream.records), stream.config),
                         run.tickets);
}

// Takes steps away, in ever smaller pieces, as long as a difference is left. No record becomes late
// by that: watermarks only fall.
Arrival Shrink(Arrival arrival, const Stream& stream, bool wild) {
  for (size_t piece = arrival.steps.size() / 2; piece > 0;) {
    bool smaller = false;
    for (size_t at = 0; at < arrival.steps.size();) {
      Arrival candidate = arrival;
      const auto first = candidate.steps.begin() + static_cast<ptrdiff_t>(at);
      const size_t count = std::min(piece, candidate.steps.size() - at);
      candidate.steps.erase(first, first + static_cast<ptrdiff_t>(count));
      if (Difference(candidate, stream, wild)) {
        arrival = std::move(candidate);
        smaller = true;
      } else {
        at += count;
      }
    }
    if (!smaller || piece > arrival.steps.size()) piece /= 2;
  }
  return arrival;
}

void PrintConfig(const OracleConfig& c, std::ostream& out) {
  for (const OracleRule& rule : c.rules) {
    out << "  rule " << rule.name << (rule.by_tenant ? " by tenant" : " by user") << ", codes";
    for (const int64_t code : rule.codes) out << " " << code;
    out << ", window " << rule.window / kSecondUs << " s, quiet " << rule.quiet / kSecondUs
        << " s, threshold " << rule.threshold << ", min_users " << rule.min_users
        << ", max_duration " << rule.max_duration / kSecondUs << " s\n";
  }
  out << "  lateness " << c.allowed_lateness / kSecondUs << " s, skew "
      << c.max_clock_skew / kSecondUs << " s, lookback " << c.lookback / kSecondUs
      << " s, dedup_horizon " << c.dedup_horizon / kSecondUs << " s, familiar_days "
      << c.familiar_days << ", reopen_within " << c.reopen_within / kSecondUs
      << " s, persistent_after " << c.persistent_after / kSecondUs << " s, risk_before "
      << c.risk_before / kSecondUs << " s, revise_risks_for " << c.revise_risks_for / kSecondUs
      << " s\n";
}

void PrintArrival(const Arrival& arrival, const std::vector<PlainRecord>& records,
                  std::ostream& out) {
  out << "  " << arrival.partitions << " partitions, watermark moves with each "
      << (arrival.watermark_per_batch ? "batch" : "record") << ", clock "
      << (arrival.clock_step == 0 ? "of events" : std::to_string(arrival.clock_step) + " us a step")
      << ", lateness " << arrival.allowed_lateness / kSecondUs << " s, tickets_max "
      << arrival.tickets_max << "\n";
  for (const Step& step : arrival.steps) {
    switch (step.what) {
      case Step::What::kRecord:
        out << "  " << step.partition << " " << FormatTime(records[step.record].time_us) << " "
            << RecordText(records[step.record], 2) << "\n";
        break;
      case Step::What::kBatchEnds:
        out << "  batch ends\n";
        break;
      case Step::What::kIdle:
        out << "  partition " << step.partition << " is idle\n";
        break;
      case Step::What::kSave:
        out << "  save " << (step.whole ? "all" : "changes") << "\n";
        break;
      case Step::What::kRestart:
        out << "  restart from the last save\n";
        break;
    }
  }
}

std::string Story(const std::string& name, const Arrival& arrival, const Stream& stream,
                  bool wild) {
  const Arrival small = Shrink(arrival, stream, wild);
  std::ostringstream out;
  out << name << ": " << *Difference(small, stream, wild) << "\n";
  PrintConfig(stream.config, out);
  PrintArrival(small, stream.records, out);
  return out.str();
}

std::optional<std::string> CheckWildSeed(uint64_t seed) {
  const Stream stream = MakeWildStream(seed);
  for (uint64_t n = 0; n < kArrivalsPerStream; ++n) {
    const Arrival arrival =
        MakeWildArrival(stream.records, stream.config, seed * kArrivalsPerStream + n);
    if (!Difference(arrival, stream, true)) continue;
    return Story("seed " + std::to_string(seed) + ", wild arrival " + std::to_string(n), arrival,
                 stream, true);
  }
  return std::nullopt;
}

// nullopt: the promise holds for this seed.
std::optional<std::string> CheckSeed(uint64_t seed) {
  const Stream stream = MakeStream(seed);
  const std::vector<nlohmann::json> expected = OracleTickets(stream.records, stream.config);
  std::vector<std::string> words;
  for (uint64_t n = 0; n < kArrivalsPerStream; ++n) {
    const Arrival arrival =
        MakeArrival(stream.records, stream.config, seed * kArrivalsPerStream + n);
    const DetectorRun run = RunDetector(arrival, stream.records, stream.config);
    if (run.broken.empty() && !FirstDifference(expected, run.tickets)) {
      if (n == 0) words = run.words;
      if (run.words == words) continue;
      const auto differ = std::mismatch(words.begin(), words.end(), run.words.begin());
      return "seed " + std::to_string(seed) + ": other words after another arrival:\n" +
             *differ.first + *differ.second;
    }
    return Story("seed " + std::to_string(seed) + ", arrival " + std::to_string(n), arrival, stream,
                 false);
  }
  return CheckWildSeed(seed);
}

int SearchForFirst() {
  for (uint64_t i = 0; i < SeedCount(); ++i) {
    if (const auto difference = CheckSeed(SeedStart() + i)) {
      std::cout << *difference << "found after " << i + 1 << " streams\n";
      return 1;
    }
  }
  std::cout << "none in " << SeedCount() << " streams\n";
  return 0;
}

// One share of the seeds, so that ctest can run the shares side by side.
class PromiseTest : public testing::TestWithParam<int> {};

TEST_P(PromiseTest, FinalTicketsAreThoseOfTheOracle) {
  for (uint64_t i = static_cast<uint64_t>(GetParam()); i < SeedCount(); i += kShards) {
    const auto difference = CheckSeed(SeedStart() + i);
    // One is enough to look at: the next ones are mostly the same mistake.
    ASSERT_FALSE(difference.has_value()) << *difference;
  }
}

INSTANTIATE_TEST_SUITE_P(Shares, PromiseTest, testing::Range(0, kShards));

}  // namespace promise_test
}  // namespace signinwatch::oracle

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (std::getenv("SIGNINWATCH_STOP_AT_FIRST") != nullptr) {
    return signinwatch::oracle::promise_test::SearchForFirst();
  }
  return RUN_ALL_TESTS();
}
