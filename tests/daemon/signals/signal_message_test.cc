#include "daemon/signals/signal_message.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "daemon/signals/signal_encoder.h"
#include "tests/daemon/signals/signal_compare.h"
#include "tests/fuzz/message_grammar.h"

namespace signinwatch::signals {
namespace signal_message_test {

constexpr EventTime kBrokerTime{std::chrono::hours(24 * 365 * 60)};
constexpr char kTenant[] = "11111111-2222-4333-8444-555555555555";
const SignalOrigin kOrigin{
    .topic = "insights-logs-signinlogs", .partition = 3, .log = 0, .offset = 4'711};

bool All(const Signal& /*signal*/) { return true; }

std::vector<EncodedSignals> Encoded(const ParsedMessage& parsed,
                                    const SignalEncoder::Wants& wants = All) {
  SignalEncoder encoder;
  std::vector<EncodedSignals> messages;
  encoder.Encode(kOrigin, kBrokerTime, parsed, wants, &messages);
  return messages;
}

// A message of text fields that the parser does not fill yet, or seldom: every kind of detail.
ParsedMessage MessageOfAllKinds() {
  ParsedMessage m;
  const auto text = [&m](std::string_view value) {
    const TextRef ref{static_cast<uint32_t>(m.text.size()), static_cast<uint32_t>(value.size())};
    m.text += value;
    return ref;
  };
  Signal base;
  base.tenant_text = text(kTenant);
  base.tenant = MakeId<TenantId>(kTenant);
  base.user_text = text("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee");
  base.user = MakeId<UserId>("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee");
  base.event_time = EventTime(std::chrono::seconds(1'800'000'000));

  Signal failure = base;
  failure.code = -50'132;
  failure.guest = true;
  failure.id_text = text("not a guid");
  failure.id = MakeId<RecordId>("not a guid");
  failure.home_tenant = text("99999999-2222-4333-8444-555555555555");
  failure.detail = 0;
  m.failing_policies = {text("Require MFA"), text("Block legacy")};
  m.failures.push_back({.conditional_access = ConditionalAccessStatus::kNotApplied,
                        .risk = SignInRisk::kHigh,
                        .client = text("Browser"),
                        .token_type = text("primaryRefreshToken"),
                        .session = text("s-1"),
                        .policies_begin = 0,
                        .policies_end = 2});
  m.signals.push_back(failure);

  Signal success = base;
  success.event_time += std::chrono::microseconds(-1);
  success.interactive = success.modern_client = true;
  success.address = ParseIpAddress("203.0.113.7");
  success.mfa_method = text("Mobile app notification");
  m.signals.push_back(success);

  Signal audit = base;
  audit.category = Category::kAudit;
  audit.detail = 0;
  m.audits.push_back({.success = true,
                      .operation = text("Reset password (by admin)"),
                      .actor_user_principal_name = text("admin@contoso.example"),
                      .actor_user_id = {},
                      .actor_app_display_name = text("App"),
                      .actor_service_principal_name = {},
                      .actor_service_principal_id = {},
                      .actor_app_id = {},
                      .target_name = text("Somebody")});
  m.signals.push_back(audit);

  Signal risk = base;
  risk.category = Category::kUserRisk;
  risk.detail = 0;
  m.risks.push_back({.type = text("anomalousToken"),
                     .level = text("medium"),
                     .state = text("atRisk"),
                     .last_updated = base.event_time + std::chrono::hours(2)});
  m.signals.push_back(risk);
  m.records = m.signals.size();
  return m;
}

TEST(SignalMessage, KeepsEveryKindOfSignal) {
  const ParsedMessage parsed = MessageOfAllKinds();
  const std::vector<EncodedSignals> messages = Encoded(parsed);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].tenant, kTenant);
  EXPECT_EQ(messages[0].signals, 4u);
  EXPECT_EQ(messages[0].last, (SourcePosition{0, 4'711, 3}));
  SignalDecoder decoder;
  ASSERT_EQ(decoder.Decode(messages[0].value), Decoded::kSignals);
  const SignalsMessage& read = decoder.signals();
  EXPECT_EQ(read.origin.topic, kOrigin.topic);
  EXPECT_EQ(read.origin.partition, 3);
  EXPECT_EQ(read.origin.offset, 4'711);
  EXPECT_EQ(read.broker_time, kBrokerTime);
  EXPECT_EQ(read.indices, (std::vector<uint32_t>{0, 1, 2, 3}));
  ASSERT_EQ(read.parsed.signals.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(Describe(read.parsed.signals[i], read.parsed),
              Describe(SentForm(parsed.signals[i]), parsed));
  }
}

TEST(SignalMessage, AMessageWithoutABrokerTimeHasNone) {
  const ParsedMessage parsed = MessageOfAllKinds();
  SignalEncoder encoder;
  std::vector<EncodedSignals> messages;
  encoder.Encode(kOrigin, kEndOfTime, parsed, All, &messages);
  SignalDecoder decoder;
  ASSERT_EQ(decoder.Decode(messages.at(0).value), Decoded::kSignals);
  EXPECT_EQ(decoder.signals().broker_time, kEndOfTime);
}

// Positions rise in the order of sending, tenant by tenant, and do not depend on what is left out.
TEST(SignalMessage, IndicesAreThoseOfTheRecordsTenantByTenant) {
  MessageParser parser(ParserOptions{});
  std::string text = "{\"records\":[";
  const std::string tenants[] = {"b", "a", "b", "c", "a"};
  for (const std::string& tenant : tenants) {
    if (text.back() != '[') text += ',';
    text += R"({"category":"SignInLogs","time":"2026-11-24T09:00:00Z","tenantId":")" + tenant +
            R"(","resultType":"50132","properties":{"userId":"u"}})";
  }
  ParsedMessage parsed;
  parser.Parse(text + "]}", kBrokerTime, &parsed);
  ASSERT_EQ(parsed.signals.size(), 5u);
  int asked = 0;
  const std::vector<EncodedSignals> messages =
      Encoded(parsed, [&asked](const Signal&) { return asked++ != 0; });
  ASSERT_EQ(messages.size(), 3u);
  const std::vector<std::pair<std::string, std::vector<uint32_t>>> expected{
      {"b", {1}}, {"a", {2, 3}}, {"c", {4}}};
  for (size_t i = 0; i < 3; ++i) {
    SignalDecoder decoder;
    ASSERT_EQ(decoder.Decode(messages[i].value), Decoded::kSignals);
    EXPECT_EQ(messages[i].tenant, expected[i].first);
    EXPECT_EQ(decoder.signals().indices, expected[i].second);
    EXPECT_EQ(messages[i].last.index, expected[i].second.back());
  }
}

// No message grows beyond what Event Hubs takes, and none of its signals is lost.
TEST(SignalMessage, AreSeveralWhereATenantHasVeryMany) {
  ParsedMessage parsed = MessageOfAllKinds();
  const Signal failure = parsed.signals[0];
  std::vector<Signal> many;
  for (int i = 0; i < 20'000; ++i) {
    Signal signal = failure;
    const std::string id = "id of a record that is no guid " + std::to_string(i);
    signal.id_text = {static_cast<uint32_t>(parsed.text.size()), static_cast<uint32_t>(id.size())};
    parsed.text += id;
    signal.id = MakeId<RecordId>(id);
    many.push_back(signal);
  }
  parsed.signals = many;
  const std::vector<EncodedSignals> messages = Encoded(parsed);
  EXPECT_GT(messages.size(), 2u);
  uint32_t index = 0;
  for (const EncodedSignals& message : messages) {
    EXPECT_LT(message.value.size(), 2 * kSignalMessageBytes);
    SignalDecoder decoder;
    ASSERT_EQ(decoder.Decode(message.value), Decoded::kSignals);
    for (const uint32_t each : decoder.signals().indices) EXPECT_EQ(each, index++);
  }
  EXPECT_EQ(index, 20'000u);
}

TEST(SignalMessage, KeepsWatermarksAndSources) {
  const WatermarksMessage watermarks{
      .wall_time = kBrokerTime,
      .sources = {{.topic = "t",
                   .partition = 0,
                   .log = 7,
                   .next_offset = 100,
                   .last_sent = SourcePosition{7, 99, 12},
                   .watermark = EventTime(std::chrono::seconds(1'800'000'000)),
                   .at_end = true,
                   .idle = false},
                  {.topic = "t",
                   .partition = 1,
                   .next_offset = 0,
                   .last_sent = {},
                   .watermark = kBeginningOfTime,
                   .at_end = true,
                   .idle = true}}};
  SignalDecoder decoder;
  ASSERT_EQ(decoder.Decode(EncodeWatermarks(watermarks)), Decoded::kWatermarks);
  EXPECT_EQ(decoder.watermarks().wall_time, watermarks.wall_time);
  EXPECT_EQ(decoder.watermarks().sources, watermarks.sources);
  const SourcesMessage sources{.version = 1'800'000'000'000'000, .topics = {{"t", 2}, {"u", 32}}};
  ASSERT_EQ(decoder.Decode(EncodeSources(sources)), Decoded::kSources);
  EXPECT_EQ(decoder.sources(), sources);
}

// What the parser makes of whatever comes is read back as it was.
TEST(SignalMessage, KeepsWhatTheParserMakes) {
  ParserOptions options;
  options.default_tenant = kTenant;
  options.unwrap = true;
  MessageParser parser(options);
  SignalDecoder decoder;
  ParsedMessage parsed;
  size_t signals = 0;
  for (uint64_t seed = 1; seed <= 1'500; ++seed) {
    MessageGrammar grammar(seed);
    parser.Parse(grammar.MakeWhole(), kEndOfTime, &parsed);
    std::map<TenantId, std::vector<std::string>> expected, read;
    for (const Signal& signal : parsed.signals) {
      expected[signal.tenant].push_back(Describe(SentForm(signal), parsed));
    }
    for (const EncodedSignals& message : Encoded(parsed)) {
      ASSERT_EQ(decoder.Decode(message.value), Decoded::kSignals) << seed;
      const ParsedMessage& got = decoder.signals().parsed;
      for (const Signal& signal : got.signals) {
        read[signal.tenant].push_back(Describe(signal, got));
      }
      signals += got.signals.size();
    }
    ASSERT_EQ(read, expected) << "seed " << seed;
  }
  EXPECT_GT(signals, 1'000u);
}

// Whatever the bytes are, they are read or refused: no crash, nothing beyond what they hold.
TEST(SignalMessage, DamageIsRefusedOrReads) {
  std::vector<std::string> whole{
      Encoded(MessageOfAllKinds()).at(0).value,
      EncodeWatermarks({.wall_time = kBrokerTime,
                        .sources = {{.topic = "t", .next_offset = 5, .watermark = kBrokerTime}}}),
      EncodeSources({.version = 3, .topics = {{"t", 2}}})};
  std::mt19937_64 random(1);
  SignalDecoder decoder;
  size_t refused = 0;
  for (const std::string& message : whole) {
    for (size_t size = 0; size < message.size(); ++size) {
      EXPECT_EQ(decoder.Decode(std::string_view(message).substr(0, size)), Decoded::kMalformed);
    }
    EXPECT_EQ(decoder.Decode(message + '\0'), Decoded::kMalformed);
    for (int i = 0; i < 20'000; ++i) {
      std::string damaged = message;
      for (uint64_t changes = 1 + random() % 3; changes > 0; --changes) {
        damaged[random() % damaged.size()] = static_cast<char>(random());
      }
      const Decoded decoded = decoder.Decode(damaged);
      refused += decoded == Decoded::kMalformed ? 1 : 0;
      if (decoded != Decoded::kSignals) continue;
      for (const Signal& signal : decoder.signals().parsed.signals) {
        EXPECT_FALSE(Describe(signal, decoder.signals().parsed).empty());
      }
    }
  }
  EXPECT_GT(refused, 10'000u);
}

TEST(SignalMessage, OfALaterVersionIsToldFromDamage) {
  std::string later = EncodeSources({.version = 3, .topics = {{"t", 2}}});
  later[2] = kSignalFormatVersion + 1;
  SignalDecoder decoder;
  EXPECT_EQ(decoder.Decode(later), Decoded::kNewer);
  later[2] = 0;
  EXPECT_EQ(decoder.Decode(later), Decoded::kMalformed);
  EXPECT_EQ(decoder.Decode(R"({"records":[]})"), Decoded::kMalformed);
}

// A small message can't claim to hold very much.
TEST(SignalMessage, CountsBeyondWhatTheBytesCanHoldAreRefused) {
  std::string message = "SW";
  message += {kSignalFormatVersion, 1, 1, 't', 0, 0, 0, 0};
  message += std::string("\xff\xff\x03", 3);  // 65,535 signals
  message += std::string(200, '\x01');
  SignalDecoder decoder;
  EXPECT_EQ(decoder.Decode(message), Decoded::kMalformed);
  EXPECT_LT(decoder.signals().parsed.bytes(), 100'000u);
}

}  // namespace signal_message_test
}  // namespace signinwatch::signals
