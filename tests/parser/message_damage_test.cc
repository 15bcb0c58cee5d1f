// Messages that are cut, mangled or mixed up: the accounts always add up, what was whole is kept,
// and what is JSON is what another parser says is JSON.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "parser/message_parser.h"
#include "tests/parser/entra_json.h"
#include "tests/sanitizer.h"

namespace signinwatch {
namespace message_damage_test {

// Each signal that has a detail has one of its own, and there are no others.
void CheckDetails(const ParsedMessage& parsed) {
  size_t audits = 0;
  size_t failures = 0;
  size_t risks = 0;
  size_t policies = 0;
  for (const Signal& signal : parsed.signals) {
    if (signal.is_success()) {
      ASSERT_EQ(signal.detail, kNoDetail);
    } else if (signal.is_audit()) {
      ASSERT_EQ(signal.detail, audits++);
    } else if (signal.is_risk_event()) {
      ASSERT_EQ(signal.detail, risks++);
    } else {
      ASSERT_EQ(signal.detail, failures++);
      ASSERT_LT(signal.detail, parsed.failures.size());
      const FailureDetail& failure = parsed.failures[signal.detail];
      ASSERT_EQ(failure.policies_begin, policies);
      ASSERT_GE(failure.policies_end, failure.policies_begin);
      policies = failure.policies_end;
    }
  }
  ASSERT_EQ(parsed.audits.size(), audits);
  ASSERT_EQ(parsed.failures.size(), failures);
  ASSERT_EQ(parsed.risks.size(), risks);
  ASSERT_EQ(parsed.failing_policies.size(), policies);
}

// What every outcome of a message fulfils.
void CheckAccounts(std::string_view message, const ParsedMessage& parsed) {
  uint64_t irrelevant = 0;
  for (const IrrelevantCount& count : parsed.irrelevant) {
    irrelevant += count.records;
    ASSERT_LE(count.category.offset + count.category.size, parsed.text.size());
  }
  ASSERT_EQ(parsed.records, parsed.signals.size() + parsed.rejected() + irrelevant);
  size_t behind_last = 0;
  for (const Reject& reject : parsed.rejects) {
    ASSERT_GE(reject.offset, behind_last);
    ASSERT_LE(reject.offset, message.size());
    ASSERT_LE(reject.size, message.size() - reject.offset);
    behind_last = reject.offset + reject.size;
  }
  for (const Signal& signal : parsed.signals) {
    ASSERT_LE(signal.tenant_text.offset + signal.tenant_text.size, parsed.text.size());
    ASSERT_LE(signal.user_text.offset + signal.user_text.size, parsed.text.size());
    ASSERT_TRUE(signal.tenant.present());
  }
  CheckDetails(parsed);
}

std::vector<std::string> SomeMessages() {
  const std::string sign_in = SignInParts().Json();
  const std::string audit = AuditParts().ReversedJson();
  const std::string as_text = Members(SignInParts().record)
                                  .Add("properties", Quoted(SignInParts().properties.Json()))
                                  .Json();
  return {
      Batch({sign_in, audit, as_text}),
      "[" + sign_in + ", 17, \"x\\u00e9\", " + audit + "]",
      "{\"value\":[" + GraphSignIn().Json() + "],\"n\":[{\"x\":[]},null]}",
      as_text,
      sign_in,
      R"({"a":[0,-1.5e+3,true,false,null,"\"\\\/\b\n",[],{},[[]],)"
      R"({"b":{"c":1}}],"records":[{},[1],2]})",
  };
}

TEST(MessageDamageTest, CutAtEveryByte) {
  for (const std::string& message : SomeMessages()) {
    const ParsedMessage whole = ParseMessage(message);
    const bool single = message[0] == '{' && whole.records == 1 && whole.signals.size() == 1 &&
                        message.find("\"value\"") == std::string::npos;
    for (size_t size = 0; size < message.size(); ++size) {
      const std::string cut(message.data(), size);
      const ParsedMessage parsed = ParseMessage(cut);
      CheckAccounts(cut, parsed);
      if (size == 0) continue;
      // One rejected record stands for the rest, which reaches to the end.
      ASSERT_FALSE(parsed.rejects.empty());
      const Reject& rest = parsed.rejects.back();
      EXPECT_EQ(rest.offset + rest.size, size);
      EXPECT_EQ(rest.reason == RejectReason::kNotJson, parsed.records == 1 && rest.offset == 0);
      if (single) {
        EXPECT_EQ(rest.reason, RejectReason::kNotJson);
      }
      EXPECT_LE(parsed.signals.size(), whole.signals.size());
    }
  }
}

// All that ends before the cut is kept.
TEST(MessageDamageTest, WholeRecordsBeforeACutAreKept) {
  const std::string record = SignInParts().Json();
  const std::string message = Batch({record, record, record});
  const size_t first = message.find('[') + 1;
  for (size_t size = first; size < message.size(); ++size) {
    const size_t whole = std::min<size_t>((size - first + 1) / (record.size() + 1), 3);
    EXPECT_EQ(ParseMessage(message.substr(0, size)).signals.size(), whole) << size;
  }
}

// simdjson's first stage takes a form feed for a comma and 0x1A for a colon, so a number that runs
// into one was once a whole element, and what followed a second record.
TEST(MessageDamageTest, NumbersEndBeforeNoOtherByte) {
  for (const char byte : {'\x0c', '\x1a', '\x01', 'x'}) {
    MessageParser parser{ParserOptions()};
    ParsedMessage parsed;
    parser.Parse(std::string("[1") + byte, EventTime(std::chrono::hours(500'000)), &parsed);
    ASSERT_EQ(parsed.rejects.size(), 1u) << int{byte};
    EXPECT_EQ(parsed.rejects[0].reason, RejectReason::kDamaged);
    EXPECT_EQ(parsed.rejects[0].offset, 1u);
    EXPECT_EQ(parsed.records, 1u);
    parser.Parse(std::string("[1 ") + byte, EventTime(std::chrono::hours(500'000)), &parsed);
    ASSERT_EQ(parsed.rejects.size(), 2u) << int{byte};  // the number, and the rest
    EXPECT_EQ(parsed.rejects[0].reason, RejectReason::kNotObject);
    EXPECT_EQ(parsed.rejects[1].offset, 3u);
  }
}

TEST(MessageDamageTest, EveryByteReplaced) {
  for (const std::string& message : SomeMessages()) {
    // Under sanitizers, beside which libFuzzer does the same for longer, of each third byte.
    for (size_t i = 0; i < message.size(); i += kSanitizedMemory ? 3 : 1) {
      for (const char c : {'"', '\\', '{', ']', ',', '\0', '\n', '\xff', 'e'}) {
        std::string mangled = message;
        mangled[i] = c;
        CheckAccounts(mangled, ParseMessage(mangled));
      }
    }
  }
}

// Control characters in strings are taken as they are; other parsers refuse them.
std::string WithoutControlCharactersInStrings(std::string text) {
  bool inside = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') inside = !inside;
    if (inside && static_cast<unsigned char>(text[i]) < 0x20) text[i] = 'x';
    if (inside && text[i] == '\\' && i + 1 < text.size() && text[i + 1] >= 0x20) ++i;
  }
  return text;
}

// An independent reader's word on what is JSON.
TEST(MessageDamageTest, AgreesWithAnotherParserOnWhatIsJson) {
  std::mt19937 random(7);
  const std::vector<std::string> messages = SomeMessages();
  constexpr char kBytes[] = "\"\\{}[],:0129.-+eEtrufalsn \n\t\x01\x7f/b";
  constexpr int kRounds = kSanitizedMemory ? 12'000 : 60'000;
  int accepted = 0;
  for (int round = 0; round < kRounds; ++round) {
    // Short pieces, so that many of the changes still give JSON.
    std::string text = messages[random() % messages.size()];
    const size_t start = random() % text.size();
    if (round % 7 == 0) {
      text = "{ \"a\" : [ -1.5e+3 , { \"b\" :\"c\" ,\n\t\"d\": [ \"e\" ] } , { } , [ ] ] }";
    } else if (round % 3 != 0) {
      text = R"({"a":[0,-1.5e+3,true,"\"\\\/\b\n\u00e9",[],{},[[null]],{"b":{"c":1}}]})";
    } else if (round % 2 == 0) {
      text = text.substr(start, random() % 200);
    }
    for (int changes = static_cast<int>(random() % 4); changes > 0 && !text.empty(); --changes) {
      const size_t at = random() % text.size();
      const char byte = kBytes[random() % (sizeof(kBytes) - 1)];
      switch (random() % 3) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(at, 1, byte);
          break;
        default:
          text.erase(at, 1);
      }
    }
    // Surrogates and numbers beyond double are matters of taste between parsers.
    if (text.find("\\ud") != std::string::npos || text.find("e+3") == std::string::npos) continue;
    const bool theirs = nlohmann::json::accept(WithoutControlCharactersInStrings(text));
    ASSERT_EQ(ClassifyJson(text) != JsonShape::kNotJson, theirs) << text;
    accepted += theirs ? 1 : 0;
    const ParsedMessage parsed = ParseMessage(text);
    CheckAccounts(text, parsed);
    const bool damaged =
        !parsed.rejects.empty() && (parsed.rejects.back().reason == RejectReason::kDamaged ||
                                    parsed.rejects.back().reason == RejectReason::kNotJson);
    ASSERT_EQ(damaged, !theirs && text.find_first_not_of(" \n\t") != std::string::npos) << text;
  }
  EXPECT_GT(accepted, kRounds / 12);
}

// Written with blanks, as people do, a message says the same.
TEST(MessageDamageTest, BlanksChangeNothing) {
  for (const std::string& message : SomeMessages()) {
    const auto json = nlohmann::ordered_json::parse(message);
    const ParsedMessage compact = ParseMessage(json.dump());
    for (const int indent : {0, 1, 4}) {
      const ParsedMessage parsed = ParseMessage(json.dump(indent, indent == 1 ? '\t' : ' '));
      EXPECT_EQ(parsed.text, compact.text);
      EXPECT_EQ(parsed.records, compact.records);
      EXPECT_EQ(parsed.rejects.size(), compact.rejects.size());
      ASSERT_EQ(parsed.signals.size(), compact.signals.size());
      for (size_t i = 0; i < parsed.signals.size(); ++i) {
        EXPECT_EQ(parsed.signals[i].event_time, compact.signals[i].event_time);
        EXPECT_EQ(parsed.signals[i].code, compact.signals[i].code);
        EXPECT_EQ(parsed.signals[i].interactive, compact.signals[i].interactive);
      }
    }
  }
}

// Bytes without any sense.
TEST(MessageDamageTest, RandomBytes) {
  std::mt19937 random(11);
  for (int round = 0; round < 20'000; ++round) {
    std::string message(random() % 200, '\0');
    for (char& c : message) c = static_cast<char>(random());
    if (round % 2 == 0) message.insert(0, "{\"records\":[{\"properties\":\"");
    CheckAccounts(message, ParseMessage(message));
  }
}

}  // namespace message_damage_test
}  // namespace signinwatch
