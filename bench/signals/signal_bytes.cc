// How many bytes of the signal topic a record costs: messages on standard input, one a line, such
// as
//
//   signinwatch generate ... | build/release/signal_bytes
//
// Parsed, without the successes that detection learns nothing from, encoded, not compressed.
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "daemon/ingest/success_filter.h"
#include "daemon/signals/signal_encoder.h"
#include "parser/message_parser.h"

namespace signinwatch {
namespace {

void Measure() {
  MessageParser parser(ParserOptions{});
  ingest::SuccessFilter filter(500'000);
  signals::SignalEncoder encoder;
  ParsedMessage parsed;
  std::vector<signals::EncodedSignals> messages;
  uint64_t input_bytes = 0, records = 0, signals = 0, bytes = 0;
  int64_t offset = 0;
  for (std::string line; std::getline(std::cin, line);) {
    parser.Parse(line, kEndOfTime, &parsed);
    input_bytes += line.size();
    records += parsed.records;
    encoder.Encode(
        {.topic = "insights-logs-signinlogs", .partition = 0, .log = 0, .offset = offset++},
        kEndOfTime, parsed, [&](const Signal& signal) { return filter.Needs(signal, parsed); },
        &messages);
    for (const signals::EncodedSignals& message : messages) {
      signals += message.signals;
      bytes += message.tenant.size() + message.value.size();
    }
  }
  std::printf(
      R"({"input_bytes":%ju,"records":%ju,"signals":%ju,"bytes":%ju,"bytes_per_record":%.1f})"
      "\n",
      uintmax_t{input_bytes}, uintmax_t{records}, uintmax_t{signals}, uintmax_t{bytes},
      records == 0 ? 0.0 : static_cast<double>(bytes) / static_cast<double>(records));
}

}  // namespace
}  // namespace signinwatch

int main() {
  signinwatch::Measure();
  return 0;
}
