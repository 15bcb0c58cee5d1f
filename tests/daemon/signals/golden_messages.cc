// Writes the messages of tests/daemon/signals/golden.hex: one of each kind, as hexadecimal lines.
// They are of format version 1 and stay as they are; test_signals.py says how they are compared.
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "daemon/signals/signal_encoder.h"
#include "daemon/signals/signal_message.h"
#include "parser/message_parser.h"

namespace signinwatch::signals {
namespace {

constexpr EventTime kBrokerTime{std::chrono::sys_days{std::chrono::year{2026} / 11 / 25}};

constexpr char kBatch[] = R"json({"records":[
 {"category":"SignInLogs","time":"2026-11-24T09:00:01Z","tenantId":"11111111-2222-4333-8444-555555555555",
  "resultType":"50132","properties":{"id":"66666666-2222-4333-8444-555555555555",
  "createdDateTime":"2026-11-24T09:00:00.5Z","userId":"77777777-2222-4333-8444-555555555555",
  "userPrincipalName":"Grüße@contoso.example","appId":"88888888-2222-4333-8444-555555555555",
  "appDisplayName":"Outlook","ipAddress":"203.0.113.7","location":{"countryOrRegion":"DE"},
  "deviceDetail":{"deviceId":"99999999-2222-4333-8444-555555555555"},"clientAppUsed":"Browser"}},
 {"category":"NonInteractiveUserSignInLogs","time":"2026-11-24T09:00:02Z",
  "tenantId":"11111111-2222-4333-8444-555555555555","resultType":"0",
  "properties":{"createdDateTime":"2026-11-24T08:59:00Z",
  "userId":"77777777-2222-4333-8444-555555555555","ipAddress":"2001:db8::7",
  "location":{"countryOrRegion":"DE"},
  "deviceDetail":{"deviceId":"99999999-2222-4333-8444-555555555555"}}},
 {"category":"SignInLogs","time":"2026-11-24T09:00:03Z","tenantId":"contoso","resultType":"50126",
  "properties":{"id":"a-1","userPrincipalName":"Ann@contoso.example"}},
 {"category":"AuditLogs","time":"2026-11-24T09:00:04Z","tenantId":"11111111-2222-4333-8444-555555555555",
  "properties":{"activityDisplayName":"Reset password (by admin)","result":"success",
  "id":"Directory_1","initiatedBy":{"user":{"userPrincipalName":"admin@contoso.example"}},
  "targetResources":[{"type":"User","id":"77777777-2222-4333-8444-555555555555"}]}}]})json";

void Print(const std::string& bytes) {
  for (const char c : bytes) std::printf("%02x", static_cast<unsigned char>(c));
  std::printf("\n");
}

void PrintAll() {
  MessageParser parser(ParserOptions{});
  ParsedMessage parsed;
  parser.Parse(kBatch, kBrokerTime, &parsed);
  SignalEncoder encoder;
  std::vector<EncodedSignals> messages;
  encoder.Encode(
      {.topic = "insights-logs", .partition = 3, .log = 0, .offset = 4'711}, kBrokerTime, parsed,
      [](const Signal&) { return true; }, &messages);
  for (const EncodedSignals& message : messages) Print(message.value);
  Print(EncodeWatermarks({.wall_time = kBrokerTime,
                          .sources = {{.topic = "insights-logs",
                                       .partition = 3,
                                       .log = 0,
                                       .next_offset = 4'712,
                                       .last_sent = SourcePosition{0, 4'711, 3},
                                       .watermark = kBrokerTime - std::chrono::hours(15),
                                       .at_end = true,
                                       .idle = false},
                                      {.topic = "insights-logs",
                                       .partition = 4,
                                       .log = 1'795'000'000,
                                       .next_offset = 0,
                                       .last_sent = {},
                                       .watermark = kBeginningOfTime,
                                       .at_end = true,
                                       .idle = true}}}));
  Print(EncodeSources({.version = 1'795'564'800'000'000, .topics = {{"insights-logs", 5}}}));
}

}  // namespace
}  // namespace signinwatch::signals

int main() {
  signinwatch::signals::PrintAll();
  return 0;
}
