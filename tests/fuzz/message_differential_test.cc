// The parser and the plain second reader agree about random messages (message_grammar.h).
//
// The seeds are fixed, so a run is the same everywhere. Others can be asked for:
//   SIGNINWATCH_SEED_START=1000000 SIGNINWATCH_SEEDS=500000 message_differential_test
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "tests/fuzz/differential.h"
#include "tests/fuzz/message_grammar.h"
#include "tests/fuzz/shrink.h"

namespace signinwatch {
namespace message_differential_test {

constexpr uint64_t kShares = 4;  // test cases, for ctest to run beside each other
constexpr uint64_t kSeedsDefault = 12'000;
constexpr size_t kSmallMessage = 300;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

oracle::ReaderOptions OptionsOf(uint64_t seed) {
  oracle::ReaderOptions options;
  if (seed % 4 != 0) options.default_tenant = "1a2b3c4d-1111-2222-3333-44445555aaff";
  if (seed % 16 == 1) options.message_bytes_max = kSmallMessage;
  options.unwrap = seed % 4 >= 2;
  return options;
}

void ExpectAgreement(Differential* differential, const oracle::ReaderOptions& options,
                     std::string_view message, uint64_t seed) {
  const std::string difference = differential->Find(message);
  if (difference.empty()) return;
  if (Differential(options).Find(message).empty()) {
    ADD_FAILURE() << "seed " << seed << ", only after the messages before it\n"
                  << difference << AsLiteral(message);
    return;
  }
  const std::string shrunk = Shrink(std::string(message), [&options](std::string_view smaller) {
    return !Differential(options).Find(smaller).empty();
  });
  ADD_FAILURE() << "seed " << seed << ", message shrunk to\n"
                << AsLiteral(shrunk) << "\n"
                << Differential(options).Find(shrunk);
}

class RandomMessages : public testing::TestWithParam<uint64_t> {};

TEST_P(RandomMessages, AreReadAlike) {
  const uint64_t start = FromEnvironment("SIGNINWATCH_SEED_START", 1);
  const uint64_t count = FromEnvironment("SIGNINWATCH_SEEDS", kSeedsDefault);
  oracle::ReaderOptions options = OptionsOf(start + GetParam());
  Differential differential(options);
  for (uint64_t i = GetParam(); i < count; i += kShares) {
    const uint64_t seed = start + i;
    const oracle::ReaderOptions wanted = OptionsOf(seed);
    if (wanted.default_tenant != options.default_tenant ||
        wanted.message_bytes_max != options.message_bytes_max || wanted.unwrap != options.unwrap) {
      options = wanted;
      differential = Differential(options);
    }
    ExpectAgreement(&differential, options, MessageGrammar(seed).Make(), seed);
    if (testing::Test::HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomMessages, testing::Range(uint64_t{0}, kShares));

// Agreement about messages that are all rejected alike would show little.
TEST(MessageGrammar, ReachesEveryOutcome) {
  std::map<std::string, size_t> seen;
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    const oracle::PlainMessage message = oracle::ReadMessage(
        MessageGrammar(seed).Make(), kReferenceTime.time_since_epoch().count(), OptionsOf(seed));
    for (const oracle::PlainReject& reject : message.rejected) {
      ++seen[reject.reason];
      if (reject.records > 1) ++seen["several that are no objects"];
    }
    for (const oracle::PlainSignal& signal : message.accepted) {
      const oracle::PlainRecord& record = signal.record;
      ++seen[record.category];
      if (!signal.export_time_us) ++seen["from Graph"];
      if (record.user_id.size() > 1024) ++seen["long id"];
      if (record.tenant == "row") ++seen["row"];
      if (record.tenant == "wrapped") ++seen["wrapped"];
      if (record.user_id.empty() && !record.user_principal_name.empty()) ++seen["user by name"];
      if (!record.address.empty()) ++seen["address"];
      if (record.is_audit() && record.success) ++seen["success"];
      if (!record.actor.app_id.empty()) ++seen["actor"];
      if (!record.target_name.empty()) ++seen["target's name"];
      if (!record.risk_type.empty()) ++seen["risk event of a type"];
      ++seen[(record.tenant == "row" ? "row's policies: " : "policies: ") +
             std::to_string(record.failing_policies.size())];
      if (!record.conditional_access.empty()) ++seen["access: " + record.conditional_access];
      if (!record.sign_in_risk.empty()) ++seen["risk: " + record.sign_in_risk];
      if (!record.token_type.empty()) ++seen["token type"];
      if (!record.session_id.empty()) ++seen["session"];
      if (!record.mfa_method.empty()) {
        ++seen[record.mfa_method == "satisfied by claim" ? "claim" : "method"];
      }
    }
    if (!message.irrelevant.empty()) ++seen["irrelevant"];
    if (message.irrelevant.size() > oracle::kIrrelevantCategoriesMax) ++seen["other categories"];
    if (message.accepted.size() > 3) ++seen["several records"];
    if (message.invalid_utf8 > 0 && !message.accepted.empty()) ++seen["invalid UTF-8"];
  }
  for (const char* outcome : {"too_large",
                              "not_json",
                              "damaged",
                              "not_object",
                              "no_tenant",
                              "no_time",
                              "no_code",
                              "future",
                              "SignInLogs",
                              "NonInteractiveUserSignInLogs",
                              "ADFSSignInLogs",
                              "AuditLogs",
                              "UserRiskEvents",
                              "several that are no objects",
                              "long id",
                              "row",
                              "wrapped",
                              "from Graph",
                              "user by name",
                              "address",
                              "success",
                              "actor",
                              "irrelevant",
                              "other categories",
                              "several records",
                              "invalid UTF-8",
                              "target's name",
                              "risk event of a type",
                              "policies: 1",
                              "policies: 2",
                              "row's policies: 1",
                              "access: success",
                              "access: failure",
                              "access: not_applied",
                              "access: unknown",
                              "risk: low",
                              "risk: medium",
                              "risk: high",
                              "token type",
                              "session",
                              "claim",
                              "method"}) {
    EXPECT_GE(seen[outcome], 10u) << outcome;
  }
}

// Cut off at every byte, and with every byte made another.
TEST(DamagedMessages, AreReadAlikeWhereverTheDamageIs) {
  const oracle::ReaderOptions options = OptionsOf(1 + kShares);
  Differential differential(options);
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const std::string whole = MessageGrammar(seed).MakeWhole();
    for (size_t at = 0; at < whole.size() && whole.size() < 1500; ++at) {
      ExpectAgreement(&differential, options, whole.substr(0, at), seed);
      std::string broken = whole;
      broken[at] = "]}\",\\x0 \xFF\x1c"[at % 10];
      ExpectAgreement(&differential, options, broken, seed);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(LargeMessages, AreReadAlikeAtTheLimit) {
  oracle::ReaderOptions options;
  options.message_bytes_max = size_t{70} << 10;
  Differential differential(options);
  const std::string record = MessageGrammar(5).MakeWhole();
  std::string batch = "[1";
  while (batch.size() + record.size() + 2 < options.message_bytes_max) batch += "," + record;
  batch.resize(options.message_bytes_max - 1, ' ');
  batch += "]";
  ExpectAgreement(&differential, options, batch, 5);
  ExpectAgreement(&differential, options, batch + " ", 5);
}

// A batch of thousands of small records that are rejected, wrapped ones too: their dead letters are
// bounded, and both readers count alike.
TEST(CrowdedMessages, AreReadAlike) {
  static constexpr const char* kElements[] = {
      "1",
      "{}",
      R"({"category":"Audit"})",
      R"({"category":"SignInLogs","tenantId":"t"})",
      R"({"category":"SignInLogs","tenantId":"t","time":"2026-01-01T00:00:00Z"})",
      R"({"message":"[1,{},2,{\"category\":\"Audit\"}]"})",
      R"({"message":"{\"value\":[1,{},{\"category\":\"Audit\"}],\"records\":[2]}"})",
      R"({"message":"7"})"};
  size_t joined = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    oracle::ReaderOptions options;
    options.unwrap = seed % 2 == 0;
    uint64_t random = seed * 2 + 1;
    std::string batch = "[0";
    std::string wrapped;
    for (int i = 0; i < 1500; ++i) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      batch += std::string(",") + kElements[(random >> 33) % (2 + seed % 7)];
    }
    // One element with thousands in it, each with the bytes of all.
    if (seed % 3 == 0) {
      wrapped = R"(,{"message":"[0)";
      for (int i = 0; i < 300; ++i) wrapped += R"(,{},2,{\"category\":\"Audit\"})";
      wrapped += "]\"}";
    }
    const std::string message = batch + wrapped + (seed % 5 == 0 ? ",[" : ",5]");
    Differential differential(options);
    ASSERT_EQ(differential.Find(message), "") << seed;
    const oracle::PlainMessage read =
        oracle::ReadMessage(message, kReferenceTime.time_since_epoch().count(), options);
    size_t bytes = 0;
    for (const oracle::PlainReject& letter : read.rejected) {
      bytes += letter.size;
      if (letter.records > 1 && letter.reason == "no_tenant") ++joined;
    }
    EXPECT_LE(read.rejected.size(), 64 + message.size() / 64 + 8);
    EXPECT_LE(bytes, 13 * message.size() + (64 << 10));
  }
  EXPECT_GT(joined, 20u);
}

}  // namespace message_differential_test
}  // namespace signinwatch
